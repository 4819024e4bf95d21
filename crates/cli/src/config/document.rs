//! The text of the configuration file: validation, and edits that change only the bytes of the edited value.
//!
//! The text is validated against the JSON Schema by code of this module, not by a validator crate: the messages of validator crates quote the invalid
//! value, which may be an API key.

use super::VariableValue;
use super::settings::Settings;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
pub(crate) use jsonc_parser::cst::CstInputValue as JsonInput;
use jsonc_parser::cst::{CstObject, CstObjectProp, CstRootNode};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use modeldex_client::credential::Zeroizing;
use modeldex_client::secret::MASK;
use modeldex_support::secret::may_be_secret;
use modeldex_support::text::printable;
use modeldex_table::nearest::nearest;
use std::collections::HashSet;
use std::fmt;

/// The text of a configuration file: a JSON object. The text contains API keys, so `Debug` does not print it, and its memory is zeroed on drop.
///
/// Reads borrow from the text. An edit builds a syntax tree, which copies each string and does not zero the copies. Only `config set` and
/// `config unset` make edits, and the process exits right after.
pub(crate) struct Document {
    text: Zeroizing<String>,
}

/// The reason why the text is not a valid configuration, and its position.
#[derive(Debug)]
pub(crate) struct DocumentError {
    /// Line and column as `2:20`. Both start at 1; the column is a number of characters.
    pub(crate) place: String,
    /// The problem, without the invalid value.
    pub(crate) what: String,
}

/// A function that takes a warning. The warning is a function that returns a position and a message.
pub(crate) type Warn<'w> = dyn FnMut(&dyn Fn() -> (String, String)) + 'w;

/// Maximum number of keys of an object. If an object is written on one line, the time of an edit grows with the square of the number of keys.
const MAX_KEYS: usize = 1_000;

/// The accepted syntax: JSON without extensions such as comments.
const SYNTAX: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

impl Default for Document {
    fn default() -> Self {
        Self { text: Zeroizing::new("{}\n".to_owned()) }
    }
}

impl Document {
    /// Parses a text. Fails if the text is not a JSON object, or if an object in it has duplicate keys.
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        refuse_duplicate_keys(text, &tree(text)?)?;
        Ok(Self { text: Zeroizing::new(text.to_owned()) })
    }

    /// Validates the document against the JSON Schema. The error is about the first invalid value. For each unknown key, calls `warn` with a function
    /// that returns the position and a message: finding a position reads the text up to it, and a file can have thousands of unknown keys.
    pub(crate) fn validate(&self, schema: &serde_json::Value, warn: &mut Warn<'_>) -> Result<(), DocumentError> {
        validate(&self.text, &tree(&self.text)?, schema, warn)
    }

    /// Deserializes the settings. The document must be valid.
    pub(super) fn read(&self) -> Result<Settings, DocumentError> {
        serde_json::from_str(&self.text).map_err(|error| DocumentError {
            place: format!("{}:{}", error.line().max(1), error.column().max(1)),
            what: "the value has the wrong type, or is a string with an unescaped control character".to_owned(),
        })
    }

    /// Returns the path of the value that `text` names: the keys on the path, joined with dots. A key that contains dots may be written in quotes, and
    /// `env.` stands for `env.vars.`, as in the keys of `config`. `None` if there is no such value.
    pub(crate) fn find(&self, text: &str) -> Option<Vec<String>> {
        fn below(object: &CstObject, text: &str) -> Option<Vec<String>> {
            object.properties().iter().find_map(|entry| {
                let key = entry.decoded_name()?;
                let rest = text.strip_prefix(&format!("\"{key}\"")).or_else(|| text.strip_prefix(&key))?;
                if rest.is_empty() {
                    return Some(vec![key]);
                }
                let path = below(&entry.object_value()?, rest.strip_prefix('.')?)?;
                Some([vec![key], path].concat())
            })
        }
        let root = self.root().object_value()?;
        below(&root, text).or_else(|| below(&root, &format!("env.vars.{}", text.strip_prefix("env.")?)))
    }

    /// Returns the number of values below the object at a path; 0 if the value at the path is not an object.
    pub(crate) fn values_below(&self, path: &[&str]) -> usize {
        fn count(object: &CstObject) -> usize {
            object.properties().iter().map(|entry| entry.object_value().map_or(1, |below| count(&below))).sum()
        }
        entry(&self.root(), path).and_then(|entry| entry.object_value()).map_or(0, |object| count(&object))
    }

    /// Sets the value at a path. If a parent of the value is not an object, the parent is replaced by an object. All other text is preserved byte for
    /// byte, with one exception: a one-line object that gets a new key is reformatted with a line for each key.
    pub(crate) fn set(&mut self, path: &[&str], value: JsonInput) {
        let root = self.root();
        let Some((key, above)) = path.split_last() else { return };
        let object = above.iter().fold(root.object_value_or_set(), |object, key| object.object_value_or_set(key));
        match object.get(key) {
            Some(entry) => entry.set_value(value),
            None => drop(object.append(key, value)),
        }
        self.text = Zeroizing::new(root.to_string());
    }

    /// Removes the value at a path, and the objects that become empty without it. Returns whether there was a value.
    pub(crate) fn remove(&mut self, path: &[&str]) -> bool {
        let root = self.root();
        let Some(mut found) = entry(&root, path) else { return false };
        // Removes the outermost object that would become empty.
        for depth in (1..path.len()).rev() {
            match entry(&root, &path[..depth]) {
                Some(above) if above.object_value().is_some_and(|object| object.properties().len() == 1) => found = above,
                _ => break,
            }
        }
        found.remove();
        self.text = Zeroizing::new(root.to_string());
        true
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn root(&self) -> CstRootNode {
        CstRootNode::parse(&self.text, &SYNTAX).unwrap_or_else(|_| unreachable!("the text was parsed before"))
    }
}

/// Finds the key and value at a path; `None` if the path does not exist.
fn entry(root: &CstRootNode, path: &[&str]) -> Option<CstObjectProp> {
    let (first, below) = path.split_first()?;
    below.iter().try_fold(root.object_value()?.get(first)?, |entry, key| entry.object_value()?.get(key))
}

/// Parses a text as a JSON object.
fn tree(text: &str) -> Result<Value<'_>, DocumentError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &SYNTAX).map_err(|error| {
        // The second sentence of the message quotes the invalid text.
        let message = error.kind().to_string().to_lowercase();
        let reason = message.split('.').next().unwrap_or_default();
        DocumentError {
            place: format!("{line}:{column}", line = error.line_display(), column = error.column_display()),
            what: format!("invalid JSON: {reason}"),
        }
    })?;
    match parsed.value {
        Some(value @ Value::Object(_)) => Ok(value),
        other => error_at(text, other.map_or(0, |value| value.start()), "expected a JSON object `{…}`".to_owned()),
    }
}

/// Fails on duplicate keys, because JSON parsers differ in which of the two values they use.
fn refuse_duplicate_keys(text: &str, value: &Value<'_>) -> Result<(), DocumentError> {
    match value {
        Value::Object(object) => {
            if let Some(first) = object.properties.get(MAX_KEYS) {
                let what =
                    format!("the object has more keys than the limit of {MAX_KEYS}; remove the keys that are not settings of modeldex");
                return error_at(text, first.start(), what);
            }
            let mut keys = HashSet::new();
            object.properties.iter().try_for_each(|entry| {
                let key = entry.name.as_str();
                if !keys.insert(key) {
                    let what = format!("duplicate key `{key}`; remove one of the two entries", key = shown(key));
                    return error_at(text, entry.start(), what);
                }
                refuse_duplicate_keys(text, &entry.value)
            })
        }
        Value::Array(list) => list.elements.iter().try_for_each(|value| refuse_duplicate_keys(text, value)),
        _ => Ok(()),
    }
}

fn validate(text: &str, value: &Value<'_>, schema: &serde_json::Value, warn: &mut Warn<'_>) -> Result<(), DocumentError> {
    let error_at = |what: String| error_at(text, value.start(), what);
    match (schema["type"].as_str().unwrap_or_default(), value) {
        ("object", Value::Object(object)) => validate_entries(text, object, schema, warn),
        ("array", Value::Array(list)) => list.elements.iter().try_for_each(|value| validate(text, value, &schema["items"], warn)),
        ("string", Value::StringLit(string)) => {
            if schema["x-held"] == true {
                return VariableValue::parse(&string.value)
                    .map_or_else(|error| error_at(format!("invalid value of an environment variable: {error}")), |_| Ok(()));
            }
            let Some(words) = schema["enum"].as_array() else { return Ok(()) };
            let words: Vec<&str> = words.iter().filter_map(serde_json::Value::as_str).collect();
            if words.contains(&&*string.value) {
                Ok(())
            } else {
                let known_values = words.join("`, `");
                error_at(format!("invalid value; expected one of `{known_values}`"))
            }
        }
        ("string", Value::NumberLit(_)) => error_at("expected a JSON string, found a JSON number; put the number in quotes".to_owned()),
        (expected, Value::NullKeyword(_)) => {
            error_at(format!("expected a JSON {expected}, found null; to unset a key, remove it from the file"))
        }
        (expected, value) => error_at(format!("expected a JSON {expected}, found a JSON {found}", found = kind(value))),
    }
}

fn validate_entries(text: &str, object: &Object<'_>, schema: &serde_json::Value, warn: &mut Warn<'_>) -> Result<(), DocumentError> {
    object.properties.iter().try_for_each(|entry| {
        let key = entry.name.as_str();
        let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()));
        match known {
            Some(schema) => validate(text, &entry.value, schema, warn),
            None => {
                warn(&|| (place(text, entry.start()), unknown(key, schema)));
                Ok(())
            }
        }
    })
}

fn unknown(key: &str, schema: &serde_json::Value) -> String {
    let known = || schema["properties"].as_object().into_iter().flat_map(|known| known.keys()).map(String::as_str);
    let known_key = nearest(key, known());
    let key = shown(key);
    match known_key {
        Some(known_key) => format!("the unknown key `{key}` is ignored; did you mean `{known_key}`?"),
        // Other programs have variables directly under `env`.
        None if schema["properties"].get("vars").is_some() => {
            format!("the unknown key `{key}` is ignored; environment variables belong in the object `vars`")
        }
        None => format!("the unknown key `{key}` is ignored"),
    }
}

/// Formats a key of the file for output. A key that may be a secret, entered in the wrong place, is masked.
fn shown(key: &str) -> String {
    if may_be_secret(key) || key.contains('=') {
        return MASK.to_owned();
    }
    printable(key).into_owned()
}

fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::NullKeyword(_) => "null",
        Value::BooleanLit(_) => "boolean",
        Value::NumberLit(_) => "number",
        Value::StringLit(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn error_at<T>(text: &str, at: usize, what: String) -> Result<T, DocumentError> {
    Err(DocumentError { place: place(text, at), what })
}

fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    format!("{}:{}", before.matches('\n').count() + 1, line.chars().count() + 1)
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema;
    use serde_json::{Map, Value, json};

    fn input(value: &Value) -> JsonInput {
        match value {
            Value::String(text) => text.as_str().into(),
            Value::Array(list) => JsonInput::Array(list.iter().map(input).collect()),
            Value::Object(object) => JsonInput::Object(object.iter().map(|(key, value)| (key.clone(), input(value))).collect()),
            value => JsonInput::Number(value.to_string()),
        }
    }

    fn set(text: &str, path: &[&str], value: Value) -> String {
        let mut document = Document::parse(text).unwrap();
        document.set(path, input(&value));
        document.text().to_owned()
    }

    fn removed(text: &str, path: &[&str]) -> String {
        let mut document = Document::parse(text).unwrap();
        assert!(document.remove(path), "{text}");
        document.text().to_owned()
    }

    #[test]
    fn edits_preserve_all_other_bytes() {
        let odd = "{\n    \"zeta\" : {\"b\": 1.50, \"a\":[1E2 ,{\"x\": null}], \"big\": 123456789012345678901234567890},\n\n\
                   \x20   \"default_model\": \"a/b\",\n    \"n\": 18446744073709551616, \"alpha\": \"\\u00e9\"\n}";
        let mut document = Document::parse(odd).unwrap();
        document.set(&["telegram", "chat_id"], "1".into());
        document.set(&["default_model"], "c/d".into());
        let end = "\"alpha\": \"\\u00e9\",\n    \"telegram\": {\n        \"chat_id\": \"1\"\n    }\n}";
        assert_eq!(document.text(), odd.replace("\"a/b\"", "\"c/d\"").replace("\"alpha\": \"\\u00e9\"\n}", end));
        document.set(&["default_model"], "a/b".into());
        assert!(
            document.remove(&["telegram", "chat_id"]) && document.find("telegram").is_none() && !document.remove(&["telegram", "chat_id"])
        );
        assert_eq!(document.text(), odd);
    }

    #[test]
    fn keys_are_found_by_their_parts() {
        let text = r#"{"env": {"vars": {"A": "x", "a.b": "y", "a": {"c": "z"}}}, "x.y": {"z": 1}, "empty": {}}"#;
        let document = Document::parse(text).unwrap();
        for (key, path) in [
            ("env.vars.A", Some(&["env", "vars", "A"][..])),
            ("env.A", Some(&["env", "vars", "A"])),
            ("env.a.b", Some(&["env", "vars", "a.b"])),
            ("env.vars.a.b", Some(&["env", "vars", "a.b"])),
            ("env.\"a.b\"", Some(&["env", "vars", "a.b"])),
            ("env.a.c", Some(&["env", "vars", "a", "c"])),
            ("x.y.z", Some(&["x.y", "z"])),
            ("env", Some(&["env"])),
            ("env.v", None),
            ("env.A.b", None),
            ("envs", None),
            ("", None),
        ] {
            assert_eq!(
                document.find(key).as_deref(),
                path.map(|path| path.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()).as_deref()
            );
        }
        let counts = [&["env"][..], &["env", "vars"], &["env", "vars", "A"], &["empty"], &["none"]].map(|path| document.values_below(path));
        assert_eq!(counts, [3, 3, 0, 0, 0]);
    }

    #[test]
    fn new_values_are_formatted_like_their_neighbors() {
        let path = &["env", "vars", "A"][..];
        let whole = "{\n  \"env\": {\n    \"vars\": {\n      \"A\": \"x\"\n    }\n  }\n}\n";
        for (before, after) in [
            ("{}\n", whole),
            ("{ }", whole.trim_end()),
            ("{\n}\n", whole),
            ("{\"a\":1}", "{\n  \"a\":1,\n  \"env\": {\n    \"vars\": {\n      \"A\": \"x\"\n    }\n  }\n}"),
            ("{\"env\": {}}", "{\"env\": {\n    \"vars\": {\n      \"A\": \"x\"\n    }\n  }}"),
            ("{\n\t\"env\": {}\n}", "{\n\t\"env\": {\n\t\t\"vars\": {\n\t\t\t\"A\": \"x\"\n\t\t}\n\t}\n}"),
            ("{\r\n  \"a\": 1\r\n}", "{\r\n  \"a\": 1,\r\n  \"env\": {\r\n    \"vars\": {\r\n      \"A\": \"x\"\r\n    }\r\n  }\r\n}"),
            ("{\"env\": {\"vars\": {\"A\" : \"y\" }}}", "{\"env\": {\"vars\": {\"A\" : \"x\" }}}"),
            ("{\"env\": {\"vars\": 5}}", "{\"env\": {\"vars\": {\n      \"A\": \"x\"\n    }}}"),
        ] {
            assert_eq!(set(before, path, json!("x")), after, "{before}");
        }
        assert_eq!(set("{\n  \"a\": 1\n}", &["l"], json!(["x", "y"])), "{\n  \"a\": 1,\n  \"l\": [\"x\", \"y\"]\n}");
    }

    #[test]
    fn removing_a_value_removes_its_comma() {
        for (before, after) in [
            ("{\"a\": 1, \"b\": 2, \"c\": 3}", "{\"a\": 1, \"c\": 3}"),
            ("{\"b\": 2 , \"c\": 3}", "{ \"c\": 3}"),
            ("{\n  \"a\": 1,\n  \"b\": {\n    \"d\": 1\n  }\n}\n", "{\n  \"a\": 1\n}\n"),
            ("{\n  \"b\": 2\n}\n", "{}\n"),
        ] {
            assert_eq!(removed(before, &["b"]), after);
        }
        assert_eq!(removed("{\"p\": {\"q\": {\"r\": 1}}, \"s\": 1}", &["p", "q", "r"]), "{ \"s\": 1}");
        assert_eq!(removed("{\"p\": {\"q\": {\"r\": 1}, \"t\": 2}}", &["p", "q", "r"]), "{\"p\": { \"t\": 2}}");
    }

    #[test]
    fn random_edits_have_the_same_effect_as_on_parsed_json() {
        // A deterministic generator: the standard library has none.
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let keys = ["a", "b/c", "d~\"", "é{"];
        for round in 0..2000 {
            let mut value = json!({"a": {"a": 1.5, "x": ["}", {"b/c": null}]}, "k": {}, "b/c": {"é{": {"a": ","}}});
            let mut text = if round % 2 == 0 { value.to_string() } else { format!("{value:#}").replace("\": ", "\"\t:\r\n ") };
            for _ in 0..6 {
                let path: Vec<&str> = (0..=draw(3)).map(|_| keys[draw(keys.len())]).collect();
                let mut document = Document::parse(&text).unwrap();
                if draw(3) == 0 {
                    assert_eq!(document.remove(&path), take_out(&mut value, &path), "{text} {path:?}");
                } else {
                    let new = [json!("x\n"), json!(["y", "z"]), json!({}), json!(7)][draw(4)].clone();
                    document.set(&path, input(&new));
                    put(&mut value, &path, new);
                }
                text = document.text().to_owned();
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{path:?}");
            }
        }
    }

    fn put(mut place: &mut Value, path: &[&str], value: Value) {
        for key in path {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[*key];
        }
        *place = value;
    }

    fn take_out(value: &mut Value, path: &[&str]) -> bool {
        let (Some(object), Some((key, rest))) = (value.as_object_mut(), path.split_first()) else { return false };
        if rest.is_empty() {
            return object.shift_remove(*key).is_some();
        }
        let Some(below) = object.get_mut(*key) else { return false };
        let removed = take_out(below, rest);
        if removed && below.as_object().is_some_and(Map::is_empty) {
            object.shift_remove(*key);
        }
        removed
    }

    #[test]
    fn errors_have_a_position() {
        for (text, place, what) in [
            ("{\n  \"default_model\": 5\n}", "2:20", "put the number in quotes"),
            ("{\"overlays\": \"a\"}", "1:14", "expected a JSON array, found a JSON string"),
            ("{\"overlays\": [\"é\", {}]}", "1:20", "expected a JSON string"),
            ("{\"outdated_models\": \"never\"}", "1:21", "`warn`, `refuse`"),
            ("{\"env\": {\"vars\": {\"A\": \"\"}}}", "1:24", "the value is empty"),
            ("{\"telegram\": null}", "1:14", "remove it"),
            ("[]", "1:1", "a JSON object"),
            ("{\"a\": \"\u{7}\"}", "1:7", "control character"),
            ("{\"a\": 1,\n \"a\": 2}", "2:2", "duplicate key"),
            ("{\"a\": 1,}", "1:8", "invalid JSON"),
            ("{\"é\": 1,}", "1:8", "invalid JSON"),
            ("{\"a\": \"\\ud800\"}", "1:8", "invalid JSON: invalid unicode escape sequence"),
        ] {
            let result = Document::parse(text).and_then(|document| {
                document.validate(&schema(), &mut |_| {})?;
                document.read().map(|_| ())
            });
            let error = result.unwrap_err();
            assert_eq!(error.place, place, "{text}: {}", error.what);
            assert!(error.what.contains(what), "{text}: {}", error.what);
        }
    }

    #[test]
    fn unknown_keys_are_reported_with_the_nearest() {
        let text = "{\"defalt_model\": 1, \"env\": {\"KIMI_API_KEY\": \"x\"}, \"providers\": {\"p\": {\"regoin\": 1}}}";
        let mut warnings = Vec::new();
        let mut warn = |describe: &dyn Fn() -> (String, String)| {
            let (place, what) = describe();
            warnings.push(format!("{place} {what}"));
        };
        Document::parse(text).unwrap().validate(&schema(), &mut warn).unwrap();
        assert!(warnings[0].starts_with("1:2 ") && warnings[0].contains("`default_model`"), "{warnings:?}");
        assert!(warnings[1].contains("`KIMI_API_KEY`") && warnings[1].contains("`vars`"), "{warnings:?}");
        assert!(warnings[2].contains("`region`") && warnings.len() == 3, "{warnings:?}");
    }
}
