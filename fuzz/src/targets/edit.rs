//! Edits hand-written files: sets and removes values, and sorts entries.
//!
//! After an edit, the file is YAML with the new value, and all other values are unchanged. Sorting twice is sorting once.

use super::split_text;
use modeldex_compile::FileKind;
use modeldex_compile::fix::fix_order;
use modeldex_compile::write::{PathSegment, edit, edit_keeping_empty, parse};
use serde_json::{Value, json};

/// The kinds of files that are edited. The first byte of an input selects the kind.
pub(crate) const KINDS: [FileKind; 4] = [FileKind::Provider, FileKind::Lab, FileKind::Routing, FileKind::View];

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let kind = KINDS[selector % KINDS.len()];
    if let Some(sorted) = fix_order(&text, kind) {
        parse(&sorted).expect("the sorted file is YAML");
        assert!(fix_order(&sorted, kind).is_none_or(|again| again == sorted), "sorted twice: {sorted:?}");
    }
    let models = [PathSegment::Key("models"), PathSegment::Entry("m-1")];
    let fact = [models[0], models[1], PathSegment::Key("context_window")];
    let provider = [PathSegment::Key("providers"), PathSegment::Key("acme"), PathSegment::Key("rejected")];
    let edits: [(&[PathSegment<'_>], Value); 3] =
        [(&[PathSegment::Key("name")], json!("A: \"b\" # c")), (&fact, json!(128_000)), (&provider, json!(["https://a.example", "B"]))];
    for (path, value) in edits {
        if let Ok(edited) = edit(&text, kind, path, Some(&value)) {
            check(&text, &edited, path, Some(&value));
            // The value can be removed again, or the reason is stated.
            if let Ok(removed) = edit_keeping_empty(&edited, kind, path, None) {
                check(&edited, &removed, path, None);
            }
        }
        if let Ok(removed) = edit(&text, kind, path, None) {
            check(&text, &removed, path, None);
        }
    }
}

/// Checks that the edited text has the value at the path, and otherwise the values of the text before.
fn check(before: &str, after: &str, path: &[PathSegment<'_>], value: Option<&Value>) {
    let Some(PathSegment::Key(top)) = path.first() else { return };
    let object = |text: &str| match parse(text) {
        Ok(Value::Object(object)) => object,
        _ => serde_json::Map::new(),
    };
    let (mut before, mut after) = (object(before), object(after));
    let found = at(&Value::Object(after.clone()), path).cloned();
    assert_eq!(found.as_ref(), value, "{path:?}");
    before.shift_remove(*top);
    after.shift_remove(*top);
    assert_eq!(before, after, "{path:?}");
}

fn at<'v>(value: &'v Value, path: &[PathSegment<'_>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        PathSegment::Key(key) => value.get(key),
        PathSegment::Entry(id) => value.as_array()?.iter().find(|entry| entry["id"] == **id),
    })
}
