//! Reads a configuration file, and sets and removes values in it.
//!
//! After an edit, the file is valid JSON with the new value, and all other values are unchanged. Neither errors nor warnings contain the value of a
//! variable.

use modeldex_cli::fuzzing::ConfigDocument;
use serde_json::{Map, Value};

const VALUE: &str = "fuzz \"value\" 0123456789";

pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(document) = ConfigDocument::parse(&text) else { return };
    let values = secrets(&text);
    let printed = match document.read() {
        Ok((warnings, debug)) => warnings.join("\n") + &debug,
        Err(error) => error,
    };
    for value in &values {
        assert!(!printed.contains(value.as_str()), "a value is printed: {printed}");
    }
    for key in ["env.FUZZ_KEY", "default_model", "providers.acme.endpoint", "telegram.chat_id"] {
        let path = ConfigDocument::path(key).expect("the key exists");
        let mut edited = ConfigDocument::parse(&text).expect("the text was parsed before");
        assert!(edited.set(key, VALUE));
        check(&text, edited.text(), &path, Some(VALUE));
        let set = edited.text().to_owned();
        assert!(edited.unset(key));
        check(&set, edited.text(), &path, None);
    }
}

/// Returns the values of variables that are long enough to be recognized in an output.
fn secrets(text: &str) -> Vec<String> {
    let parsed = serde_json::from_str::<Value>(text).unwrap_or_default();
    let values = parsed["env"]["vars"].as_object().into_iter().flat_map(Map::values).filter_map(Value::as_str);
    // A value that is elsewhere in the file too may be printed from there.
    let is_secret = |value: &&str| value.len() >= 12 && !value.starts_with('$') && text.matches(*value).count() == 1;
    values.filter(is_secret).map(str::to_owned).collect()
}

/// Checks that the text after an edit has the value at the path, and otherwise the values of the text before.
fn check(before: &str, after: &str, path: &[String], value: Option<&str>) {
    ConfigDocument::parse(after).map(drop).expect("the edited file is parsed");
    // The parser of the configuration accepts a few strings that serde_json does not.
    let (Ok(mut before), Ok(mut after)) = (serde_json::from_str::<Value>(before), serde_json::from_str::<Value>(after)) else { return };
    let found = path.iter().try_fold(&after, |value, key| value.get(key)).and_then(Value::as_str);
    assert_eq!(found, value, "{path:?}");
    for text in [&mut before, &mut after] {
        if let Some(object) = text.as_object_mut() {
            object.shift_remove(&path[0]);
        }
    }
    assert_eq!(before, after, "{path:?}");
}
