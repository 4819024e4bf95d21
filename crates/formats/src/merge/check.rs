//! What has to hold of a text before anything is put into it, found with its place.

use super::{Fault, is_id, syntax};
use jsonc_parser::ast::{Array, Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::Map;

/// Fails where something stands in the way of `providers`.
pub(super) fn check(text: &str, providers: &Map<String, serde_json::Value>) -> Result<(), Fault> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &syntax()).map_err(|error| Fault::of(&error))?;
    let checked = Checked { text };
    let Some(value) = &parsed.value else { return Ok(()) };
    let root = checked.mapping(value)?;
    let Some(models) = checked.below(root, "models")? else { return Ok(()) };
    checked.once(models, |key| key == "mode")?;
    let Some(entries) = checked.below(models, "providers")? else { return Ok(()) };
    for (id, wanted) in providers {
        let Some(entry) = checked.once(entries, |key| is_id(key, id))? else { continue };
        let entry = checked.mapping(&entry.value)?;
        checked.each_once(entry)?;
        checked.below(entry, "headers")?;
        let Some(list) = checked.once(entry, |key| key == "models")? else { continue };
        let Value::Array(list) = &list.value else { return Err(checked.fault(list.value.start(), "a list `[…]` is wanted here")) };
        let ids = wanted["models"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str());
        checked.rows(list, &ids.collect())?;
    }
    Ok(())
}

/// A text that is looked through.
struct Checked<'t> {
    text: &'t str,
}

impl Checked<'_> {
    /// The mapping under a key.
    fn below<'o, 'a>(&self, object: &'o Object<'a>, key: &str) -> Result<Option<&'o Object<'a>>, Fault> {
        self.once(object, |other| other == key)?.map(|found| self.mapping(&found.value)).transpose()
    }

    /// The one entry whose key is asked for. Of two, JSON5 takes the last and other readers the first, so nobody can edit the right one.
    fn once<'o, 'a>(&self, object: &'o Object<'a>, is_asked: impl Fn(&str) -> bool) -> Result<Option<&'o ObjectProp<'a>>, Fault> {
        let mut found = object.properties.iter().filter(|entry| is_asked(entry.name.as_str()));
        let first = found.next();
        match found.next() {
            Some(again) => Err(self.twice(again)),
            None => Ok(first),
        }
    }

    fn each_once(&self, object: &Object<'_>) -> Result<(), Fault> {
        object.properties.iter().try_for_each(|entry| self.once(object, |key| key == entry.name.as_str()).map(|_| ()))
    }

    /// Looks through the rows that are to be changed.
    fn rows(&self, list: &Array<'_>, ids: &std::collections::HashSet<&str>) -> Result<(), Fault> {
        for row in &list.elements {
            let Value::Object(row) = row else { continue };
            if row.get_string("id").is_some_and(|id| ids.contains(&*id.value)) {
                self.each_once(row)?;
                let below = row.properties.iter().filter_map(|entry| entry.value.as_object());
                below.into_iter().try_for_each(|object| self.each_once(object))?;
            }
        }
        Ok(())
    }

    fn mapping<'o, 'a>(&self, value: &'o Value<'a>) -> Result<&'o Object<'a>, Fault> {
        value.as_object().ok_or_else(|| self.fault(value.start(), "a mapping `{…}` is wanted here"))
    }

    fn twice(&self, entry: &ObjectProp<'_>) -> Fault {
        self.fault(entry.start(), "this key stands twice in its mapping; remove one of them")
    }

    fn fault(&self, offset: usize, what: &str) -> Fault {
        Fault::at(self.text, offset, what.to_owned())
    }
}
