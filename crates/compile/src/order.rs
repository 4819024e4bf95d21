//! Checks the order of keys and entries: keys are in the order of the schema, and the entries of some lists are sorted by id.

use crate::codes;
use crate::finding::{Findings, Place};
use crate::read::TextFile;
use serde_json::Value;

/// The lists whose entries are sorted by id. In all other lists, the order has a meaning.
pub(crate) const LISTS_SORTED_BY_ID: &[&str] = &["models", "model_aliases"];

/// Reports the first misplaced key of each mapping, and the first misplaced entry of each sorted list.
pub(crate) fn check(file: &TextFile, value: &Value, schema: &Value, findings: &mut Findings) {
    walk(file, value, schema, &mut String::new(), findings);
}

/// Returns the position of a key in the order of the schema; `usize::MAX` for an unknown key, so that it comes last.
pub(crate) fn rank(schema: &Value, key: &str) -> usize {
    schema["properties"].as_object().and_then(|known| known.keys().position(|other| other == key)).unwrap_or(usize::MAX)
}

/// Returns the id of an entry, or an empty text if the entry has no id.
pub(crate) fn id(entry: &Value) -> &str {
    entry["id"].as_str().unwrap_or_default()
}

fn walk(file: &TextFile, value: &Value, schema: &Value, pointer: &mut String, findings: &mut Findings) {
    let len = pointer.len();
    match value {
        Value::Object(object) => {
            let Some(known) = schema["properties"].as_object() else { return };
            // Keys are nearly always in order, so the keys of the schema are iterated together with the keys of the value instead of being
            // searched.
            let mut rest = known.iter();
            let mut last: Option<&str> = None;
            let mut is_ordered = true;
            for (key, below) in object {
                let mut ahead = rest.clone();
                let key_schema = if let Some((_, key_schema)) = ahead.find(|(other, _)| *other == key) {
                    (rest, last) = (ahead, Some(key.as_str()));
                    key_schema
                } else {
                    let Some(key_schema) = known.get(key) else { continue };
                    if let (Some(last), true) = (last, is_ordered) {
                        crate::pointer::push(pointer, key);
                        findings
                            .add(
                                &codes::ORDER,
                                Place::key(file.index, pointer.clone()),
                                format!("the key `{key}` is out of order: it is after `{last}`"),
                            )
                            .label(format!("expected before `{next}`", next = first_after(object, schema, key)))
                            .help("`modeldex check --fix` sorts keys and entries; comments are kept");
                        pointer.truncate(len);
                    }
                    is_ordered = false;
                    key_schema
                };
                if below.is_object() || below.is_array() {
                    crate::pointer::push(pointer, key);
                    walk(file, below, key_schema, pointer, findings);
                    if LISTS_SORTED_BY_ID.contains(&key.as_str()) {
                        check_sorted(file, below, pointer, findings);
                    }
                    pointer.truncate(len);
                }
            }
        }
        Value::Array(list) => {
            let items = &schema["items"];
            for (index, below) in list.iter().enumerate().filter(|(_, below)| below.is_object()) {
                crate::pointer::push_index(pointer, index);
                walk(file, below, items, pointer, findings);
                pointer.truncate(len);
            }
        }
        _ => {}
    }
}

fn check_sorted(file: &TextFile, list: &Value, pointer: &str, findings: &mut Findings) {
    let Some(list) = list.as_array() else { return };
    if let Some(at) = list.windows(2).position(|pair| id(&pair[0]) > id(&pair[1])) {
        let place = Place::value(file.index, format!("{pointer}/{}/id", at + 1));
        let (previous, entry) = (id(&list[at]), id(&list[at + 1]));
        findings
            .add(&codes::ORDER, place, format!("the entry `{entry}` is out of order: it is after `{previous}`"))
            .label("the entries of this list must be sorted by id")
            .help("`modeldex check --fix` sorts keys and entries; comments are kept");
    }
}

/// Returns the first key of `object` that is after `key` in the schema.
fn first_after<'o>(object: &'o serde_json::Map<String, Value>, schema: &Value, key: &str) -> &'o str {
    let at = rank(schema, key);
    object.keys().find(|other| rank(schema, other) > at).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use crate::testing::check_acme;

    #[test]
    fn misplaced_keys_and_entries() {
        assert_eq!(check_acme("kind: lab\n"), ["order providers/acme.yaml:9:1"]);
        assert_eq!(check_acme("models:\n  - id: b\n  - id: a\n"), ["order providers/acme.yaml:11:9"]);
        assert!(check_acme("models:\n  - id: a\n  - id: b\n").is_empty());
    }
}
