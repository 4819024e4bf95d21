//! Validation of a file before the merge, with positions of errors.

use super::{MergeError, is_id, syntax};
use jsonc_parser::ast::{Array, Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::Map;
use std::collections::HashSet;

/// Maximum number of keys of an object on one line. The time to write such an object on several lines, for another key, grows with the square of the
/// number of its keys.
const MAX_KEYS_ON_A_LINE: usize = 500;

/// Checks that `providers` can be merged into `text`.
pub(super) fn check(text: &str, providers: &Map<String, serde_json::Value>) -> Result<(), MergeError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &syntax()).map_err(|error| MergeError::of(&error))?;
    let checker = Checker { text };
    let Some(value) = &parsed.value else { return Ok(()) };
    let root = checker.object(value)?;
    let Some(models) = checker.child_object(root, "models")? else { return Ok(()) };
    checker.unique(models, |key| key == "mode")?;
    let Some(entries) = checker.child_object(models, "providers")? else { return Ok(()) };
    for (id, provider) in providers {
        let Some(entry) = checker.unique(entries, |key| is_id(key, id))? else { continue };
        let entry = checker.object(&entry.value)?;
        checker.all_unique(entry)?;
        checker.child_object(entry, "headers")?;
        let Some(list) = checker.unique(entry, |key| key == "models")? else { continue };
        let Value::Array(list) = &list.value else { return Err(checker.error_at(list.value.start(), "expected an array `[…]`")) };
        let ids = provider["models"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str());
        checker.rows(list, &ids.collect())?;
    }
    Ok(())
}

/// Checks the text of a file.
struct Checker<'t> {
    text: &'t str,
}

impl Checker<'_> {
    /// Returns the object under a key.
    fn child_object<'o, 'a>(&self, object: &'o Object<'a>, key: &str) -> Result<Option<&'o Object<'a>>, MergeError> {
        self.unique(object, |other| other == key)?.map(|found| self.object(&found.value)).transpose()
    }

    /// Returns the only entry whose key matches. Returns `None` if no key matches. A duplicate key is an error: JSON5 uses the last entry, and other
    /// parsers use the first entry, so it is unclear which entry to edit.
    fn unique<'o, 'a>(&self, object: &'o Object<'a>, matches: impl Fn(&str) -> bool) -> Result<Option<&'o ObjectProp<'a>>, MergeError> {
        let mut found = object.properties.iter().filter(|entry| matches(entry.name.as_str()));
        let first = found.next();
        match found.next() {
            Some(again) => Err(self.duplicate_key(again)),
            None => Ok(first),
        }
    }

    fn all_unique(&self, object: &Object<'_>) -> Result<(), MergeError> {
        self.few_keys(object)?;
        let mut keys = HashSet::new();
        let again = object.properties.iter().find(|entry| !keys.insert(entry.name.as_str()));
        again.map_or(Ok(()), |again| Err(self.duplicate_key(again)))
    }

    /// Fails if an object on one line has too many keys to be reformatted.
    fn few_keys(&self, object: &Object<'_>) -> Result<(), MergeError> {
        match object.properties.get(MAX_KEYS_ON_A_LINE) {
            Some(entry) if !self.text[object.start()..object.end()].contains('\n') => {
                let message = format!(
                    "this line has an object with more keys than the limit of {MAX_KEYS_ON_A_LINE}; write each key on its own line"
                );
                Err(self.error_at(entry.start(), &message))
            }
            _ => Ok(()),
        }
    }

    /// Checks the rows that the merge changes.
    fn rows(&self, list: &Array<'_>, ids: &HashSet<&str>) -> Result<(), MergeError> {
        for row in &list.elements {
            let Value::Object(row) = row else { continue };
            if row.get_string("id").is_some_and(|id| ids.contains(&*id.value)) {
                self.all_unique(row)?;
                let children = row.properties.iter().filter_map(|entry| entry.value.as_object());
                children.into_iter().try_for_each(|object| self.all_unique(object))?;
            }
        }
        Ok(())
    }

    fn object<'o, 'a>(&self, value: &'o Value<'a>) -> Result<&'o Object<'a>, MergeError> {
        let object = value.as_object().ok_or_else(|| self.error_at(value.start(), "expected an object `{…}`"))?;
        self.few_keys(object).map(|()| object)
    }

    fn duplicate_key(&self, entry: &ObjectProp<'_>) -> MergeError {
        self.error_at(entry.start(), "duplicate key; remove one of the two entries")
    }

    fn error_at(&self, offset: usize, message: &str) -> MergeError {
        MergeError::at(self.text, offset, message.to_owned())
    }
}
