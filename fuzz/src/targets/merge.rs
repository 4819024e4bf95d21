//! Merges generated models into an `openclaw.json`, and redacts it for display.
//!
//! The merged file is JSON5, a merge of it changes nothing, and everything outside of the merged providers is unchanged. A redacted file has the same
//! lines and columns.

use crate::fixture;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use modeldex_formats::merge::{merge_openclaw, provider_variables, redact_config};
use modeldex_formats::{LossReport, ModelSelection, emit_target};
use modeldex_support::secret::mask;
use serde_json::Value;
use std::sync::LazyLock;

pub(crate) fn run(input: &[u8]) {
    static FRAGMENT: LazyLock<String> = LazyLock::new(|| {
        let selection = ModelSelection::filtered(fixture::catalog(), fixture::now(), |model| model.provider().id() != "brook");
        let files = emit_target("openclaw").expect("the format exists").write(&selection, &mut LossReport::default());
        files[0].text.clone()
    });
    let variables = provider_variables(fixture::catalog());
    let text = String::from_utf8_lossy(input);
    let redacted = redact_config(&text, &|piece| mask(piece));
    assert_eq!(redacted.lines().count(), text.lines().count());
    let Ok(merged) = merge_openclaw(&text, &FRAGMENT, &variables) else { return };
    let after = parse(&merged.text).expect("the merged file is JSON5");
    let again = merge_openclaw(&merged.text, &FRAGMENT, &variables).expect("the merged file can be merged");
    assert_eq!(again.text, merged.text, "a second merge changes nothing");
    let generated: Value = serde_json::from_str(&FRAGMENT).expect("the fragment is JSON");
    let providers = generated["models"]["providers"].as_object().expect("the fragment has providers");
    let places = [&after, &after["models"], &after["models"]["providers"]];
    let includes_providers = places.iter().any(|place| place.get("$include").is_some());
    for id in providers.keys() {
        let entries = after["models"]["providers"].as_object();
        let is_there = entries.is_some_and(|entries| entries.keys().any(|key| key.trim().eq_ignore_ascii_case(id)));
        assert!(is_there || includes_providers && !merged.notes.is_empty(), "`{id}` is missing");
    }
    // Of duplicate keys, parsers use the first or the last.
    let Some(before) = parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).filter(Value::is_object) else { return };
    let outside = |value: &Value| {
        let mut value = value.clone();
        let Some(object) = value.as_object_mut() else { return value };
        match object.get_mut("models").and_then(Value::as_object_mut) {
            None => {}
            Some(models) => {
                models.shift_remove("mode");
                if let Some(entries) = models.get_mut("providers").and_then(Value::as_object_mut) {
                    entries.retain(|key, _| !providers.keys().any(|id| key.trim().eq_ignore_ascii_case(id)));
                }
                if models.get("providers").is_some_and(|entries| entries == &Value::Object(serde_json::Map::new())) {
                    models.shift_remove("providers");
                }
                if models.is_empty() {
                    object.shift_remove("models");
                }
            }
        }
        value
    };
    assert_eq!(outside(&before), outside(&after), "{}", merged.text);
    check_keys(&before, &after, providers);
}

/// Checks that a literal key of the user stays as it is.
fn check_keys(before: &Value, after: &Value, providers: &serde_json::Map<String, Value>) {
    for (id, entry) in before["models"]["providers"].as_object().into_iter().flatten() {
        let is_generated = providers.keys().any(|other| other == id);
        let key =
            entry["apiKey"].as_str().filter(|key| !key.is_empty() && !key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
        if let (true, Some(key)) = (is_generated, key) {
            assert_eq!(after["models"]["providers"][id]["apiKey"].as_str(), Some(key), "the key of `{id}` was replaced");
        }
    }
}

fn parse(text: &str) -> Option<Value> {
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    CstRootNode::parse(text.strip_prefix('\u{feff}').unwrap_or(text), &options).ok()?.to_serde_value()
}
