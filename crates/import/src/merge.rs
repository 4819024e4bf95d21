//! The three-way merge: what the importer wrote last time, what is in the file now, what the sources say today.
//!
//! A value that differs from what was last written is a person's, and stays. So is one that is gone, or that was there before.

use modeldex_compile::write::{Change, Entry};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What becomes of one mapping.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// The mapping as it will be.
    pub result: Map<String, Value>,
    /// The keys to set, with their values.
    pub set: Vec<(String, Value)>,
    /// The keys to remove.
    pub removed: Vec<String>,
    /// What a person wrote where the sources say otherwise.
    pub kept: Vec<Kept>,
}

/// A value that stays although the sources say otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The key.
    pub key: String,
    /// What a person wrote; nothing where a person removed it.
    pub mine: Option<Value>,
    /// What the sources say.
    pub theirs: Value,
}

/// Lists whose entries are merged one by one, and the key that tells them apart; none where the entries are words.
const BY_ENTRY: &[(&str, &str)] = &[("model_aliases", "id"), ("aliases", "id"), ("sources", "url"), ("omit", "")];

/// Merges one mapping. `written` is what the importer last wrote, `mine` what is there, `theirs` what it would write.
#[must_use]
pub fn merge(written: Option<&Map<String, Value>>, mine: &Map<String, Value>, theirs: &Map<String, Value>) -> Merged {
    let empty = Map::new();
    let written = written.unwrap_or(&empty);
    let keys: BTreeSet<&String> = written.keys().chain(theirs.keys()).collect();
    let mut merged = Merged { result: mine.clone(), ..Merged::default() };
    for key in keys {
        let (was, is, will) = (written.get(key), mine.get(key), theirs.get(key));
        if is == will {
            continue;
        }
        if let Some((_, id)) = BY_ENTRY.iter().find(|(list, _)| list == key) {
            let list = merge_list(was, is, will, id);
            match Value::Array(list) {
                list if Some(&list) == is || (is.is_none() && list == Value::Array(Vec::new())) => {}
                list if list == Value::Array(Vec::new()) => {
                    merged.result.remove(key);
                    merged.removed.push(key.clone());
                }
                list => {
                    merged.result.insert(key.clone(), list.clone());
                    merged.set.push((key.clone(), list));
                }
            }
            continue;
        }
        match (is == was, will) {
            (true, Some(will)) => {
                merged.result.insert(key.clone(), will.clone());
                merged.set.push((key.clone(), will.clone()));
            }
            (true, None) => {
                merged.result.remove(key);
                merged.removed.push(key.clone());
            }
            (false, Some(will)) => merged.kept.push(Kept { key: key.clone(), mine: is.cloned(), theirs: will.clone() }),
            (false, None) => {}
        }
    }
    merged
}

impl Merged {
    /// The changes to the text of the file.
    pub fn changes(&self, entry: &Entry) -> impl Iterator<Item = Change> {
        let set = self.set.iter().map(|(key, value)| Change::Set { entry: entry.clone(), key: key.clone(), value: value.clone() });
        set.chain(self.removed.iter().map(|key| Change::Remove { entry: entry.clone(), key: key.clone() }))
    }
}

/// Merges a list by its entries: a person's stay as they are and where they are, the importer's own are renewed.
fn merge_list(was: Option<&Value>, is: Option<&Value>, will: Option<&Value>, id: &str) -> Vec<Value> {
    fn entries(list: Option<&Value>) -> &[Value] {
        list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
    let same = |one: &Value, other: &Value| if id.is_empty() { one == other } else { one.get(id) == other.get(id) };
    let find = |list: &[Value], entry: &Value| list.iter().find(|other| same(other, entry)).cloned();
    let (was, is, will) = (entries(was), entries(is), entries(will));
    let mut list = Vec::new();
    for entry in is {
        match (find(was, entry), find(will, entry)) {
            (Some(was), Some(will)) if was == *entry => list.push(will),
            (Some(was), None) if was == *entry => {}
            _ => list.push(entry.clone()),
        }
    }
    // New ones, but not those that a person removed. A list in the order of its ids stays so.
    let key = |entry: &Value| entry.get(id).and_then(Value::as_str).unwrap_or_default().to_owned();
    let sorted = list.is_sorted_by_key(key);
    list.extend(will.iter().filter(|entry| find(is, entry).is_none() && find(was, entry).is_none()).cloned());
    if sorted && id == "id" {
        list.sort_by_key(key);
    }
    list
}
