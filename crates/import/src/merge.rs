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
    /// What of the result is the importer's own: what it has to compare with next time.
    pub written: Map<String, Value>,
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

/// Keys that no source states, in the entries of lists that sources do state. What a person wrote there is no change of the rest.
const BESIDE: &[(&str, &[&str])] = &[("endpoints", &["headers", "compat"]), ("auth", &["header", "scheme", "query"])];

/// Merges one mapping. `written` is what the importer last wrote, `mine` what is there, `theirs` what it would write.
///
/// What is there and was not written by the importer is a person's, even where the sources say the same. Only when an import is `repeated`
/// that was cut off, it is taken for what that import wrote.
#[must_use]
pub fn merge(written: Option<&Map<String, Value>>, mine: &Map<String, Value>, theirs: &Map<String, Value>, repeated: bool) -> Merged {
    let empty = Map::new();
    let written = written.unwrap_or(&empty);
    let keys: BTreeSet<&String> = written.keys().chain(theirs.keys()).collect();
    let mut merged = Merged { result: mine.clone(), ..Merged::default() };
    for key in keys {
        let (was, is, will) = (written.get(key), mine.get(key), theirs.get(key));
        // What stands beside what sources state is set apart, and put back where the rest is renewed.
        let apart = is.zip(will).and_then(|(is, will)| Apart::new(key, is, will));
        let whole = is;
        let is = apart.as_ref().map_or(is, |apart| Some(&apart.rest));
        if let Some((_, id)) = BY_ENTRY.iter().find(|(list, _)| list == key) {
            merged.list(key, MergedList::new([was, is, will], id, repeated), is);
            continue;
        }
        let own = match (is == will, is == was, will) {
            (true, ..) => will.filter(|_| was.is_some() || repeated),
            (_, true, Some(will)) => {
                merged.put(key, apart.as_ref().map_or_else(|| will.clone(), |apart| apart.put_back(will)));
                Some(will)
            }
            (_, true, None) => {
                merged.take(key);
                None
            }
            (_, false, will) => {
                merged.kept.extend(will.map(|will| Kept { key: key.clone(), mine: whole.cloned(), theirs: will.clone() }));
                was
            }
        };
        merged.written.extend(own.map(|own| (key.clone(), own.clone())));
    }
    merged
}

/// A list whose entries have more in them than sources state.
struct Apart {
    /// The list without it.
    rest: Value,
    /// What was taken out of each entry.
    beside: Vec<Map<String, Value>>,
}

impl Apart {
    /// `None` where there is nothing of the kind, or where the sources have another number of entries, so that none answers to another.
    fn new(key: &str, is: &Value, will: &Value) -> Option<Self> {
        let (_, keys) = BESIDE.iter().find(|(list, _)| *list == key)?;
        let (entries, others) = (is.as_array()?, will.as_array()?);
        let is_beside = |key: &String| keys.contains(&key.as_str());
        if entries.len() != others.len() || !entries.iter().any(|entry| entry.as_object().is_some_and(|entry| entry.keys().any(is_beside)))
        {
            return None;
        }
        let mut apart = Self { rest: Value::Null, beside: Vec::new() };
        let mut rest = Vec::new();
        for entry in entries {
            let (beside, left) = entry.as_object()?.clone().into_iter().partition(|(key, _)| is_beside(key));
            apart.beside.push(beside);
            rest.push(Value::Object(left));
        }
        apart.rest = Value::Array(rest);
        Some(apart)
    }

    fn put_back(&self, will: &Value) -> Value {
        let mut list = will.clone();
        for (entry, beside) in list.as_array_mut().into_iter().flatten().zip(&self.beside) {
            if let Some(entry) = entry.as_object_mut() {
                entry.extend(beside.clone());
            }
        }
        list
    }
}

impl Merged {
    fn put(&mut self, key: &str, value: Value) {
        self.result.insert(key.to_owned(), value.clone());
        self.set.push((key.to_owned(), value));
    }

    fn take(&mut self, key: &str) {
        self.result.remove(key);
        self.removed.push(key.to_owned());
    }

    fn list(&mut self, key: &str, list: MergedList, is: Option<&Value>) {
        match (list.result.is_empty(), is) {
            (true, None) => {}
            (true, Some(_)) => self.take(key),
            (false, _) => {
                let result = Value::Array(list.result);
                if Some(&result) != is {
                    self.put(key, result);
                }
            }
        }
        if !list.own.is_empty() {
            self.written.insert(key.to_owned(), Value::Array(list.own));
        }
    }

    /// The changes to the text of the file.
    pub fn changes(&self, entry: &Entry) -> impl Iterator<Item = Change> {
        let set = self.set.iter().map(|(key, value)| Change::Set { entry: entry.clone(), key: key.clone(), value: value.clone() });
        set.chain(self.removed.iter().map(|key| Change::Remove { entry: entry.clone(), key: key.clone() }))
    }
}

/// A list that is merged by its entries: a person's stay as they are and where they are, the importer's own are renewed.
struct MergedList {
    result: Vec<Value>,
    /// The importer's own, those that a person removed among them.
    own: Vec<Value>,
}

impl MergedList {
    fn new([was, is, will]: [Option<&Value>; 3], id: &str, repeated: bool) -> Self {
        fn entries(list: Option<&Value>) -> &[Value] {
            list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
        }
        let same = |one: &Value, other: &Value| if id.is_empty() { one == other } else { one.get(id) == other.get(id) };
        let find = |list: &[Value], entry: &Value| list.iter().find(|other| same(other, entry)).cloned();
        let (was, is, will) = (entries(was), entries(is), entries(will));
        let mut result = Vec::new();
        for entry in is {
            match (find(was, entry), find(will, entry)) {
                (Some(was), Some(will)) if was == *entry => result.push(will),
                (Some(was), None) if was == *entry => {}
                _ => result.push(entry.clone()),
            }
        }
        // New ones, but not those that a person removed. A list in the order of its ids stays so.
        let key = |entry: &Value| entry.get(id).and_then(Value::as_str).unwrap_or_default().to_owned();
        let sorted = result.is_sorted_by_key(key);
        result.extend(will.iter().filter(|entry| find(is, entry).is_none() && find(was, entry).is_none()).cloned());
        // Where every entry is the importer's own, the order of imports is no order either.
        let all_own = is.iter().all(|entry| find(was, entry).is_some());
        if sorted && id == "id" || all_own && id == "url" {
            result.sort_by_key(key);
        }
        let is_own = |entry: &&Value| match (find(was, entry), find(is, entry)) {
            (Some(_), _) | (None, None) => true,
            (None, Some(is)) => repeated && is == **entry,
        };
        Self { result, own: will.iter().filter(is_own).cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn merged(written: Value, mine: Value, theirs: Value) -> (Value, Value, Vec<String>) {
        let merged = merge(Some(&map(written)), &map(mine), &map(theirs), false);
        (merged.result.into(), merged.written.into(), merged.kept.into_iter().map(|kept| kept.key).collect())
    }

    #[test]
    fn who_wrote_a_value_decides() {
        // The importer's own follows the sources.
        assert_eq!(merged(json!({"a": 1}), json!({"a": 1}), json!({"a": 2})), (json!({"a": 2}), json!({"a": 2}), vec![]));
        assert_eq!(merged(json!({"a": 1}), json!({"a": 1}), json!({})), (json!({}), json!({}), vec![]));
        assert_eq!(merged(json!({}), json!({}), json!({"a": 2})), (json!({"a": 2}), json!({"a": 2}), vec![]));
        // A person's stays: changed, removed, or there before, and also where the sources come to say the same.
        assert_eq!(merged(json!({"a": 1}), json!({"a": 5}), json!({"a": 2})), (json!({"a": 5}), json!({"a": 1}), vec!["a".to_owned()]));
        assert_eq!(merged(json!({"a": 1}), json!({}), json!({"a": 2})), (json!({}), json!({"a": 1}), vec!["a".to_owned()]));
        assert_eq!(merged(json!({}), json!({"a": 5}), json!({"a": 2})), (json!({"a": 5}), json!({}), vec!["a".to_owned()]));
        assert_eq!(merged(json!({}), json!({"a": 2}), json!({"a": 2})), (json!({"a": 2}), json!({}), vec![]));
        assert_eq!(merged(json!({"a": 1}), json!({"a": 5}), json!({})), (json!({"a": 5}), json!({"a": 1}), vec![]));
        // Only where an import that was cut off is repeated, what is there is what it wrote.
        let again = merge(Some(&Map::new()), &map(json!({"a": 2})), &map(json!({"a": 2})), true);
        assert_eq!(again.written, map(json!({"a": 2})));
    }

    #[test]
    fn what_no_source_states_stays_beside_what_is_renewed() {
        let list = |url: &str, more: &[(&str, Value)]| {
            let mut entry = map(json!({"base_url": url}));
            entry.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
            json!({"endpoints": [entry]})
        };
        let compat = [("compat", json!({"store": false})), ("headers", json!({"X-A": "1"}))];
        // Nothing to tell, and nothing that would be noted otherwise than before.
        assert_eq!(merged(list("a", &[]), list("a", &compat), list("a", &[])), (list("a", &compat), list("a", &[]), vec![]));
        // The importer's own follows the sources.
        assert_eq!(merged(list("a", &[]), list("a", &compat), list("b", &[])), (list("b", &compat), list("b", &[]), vec![]));
        // A person's does not.
        let (result, written, kept) = merged(list("a", &[]), list("own", &compat), list("b", &[]));
        assert_eq!((result, written, kept), (list("own", &compat), list("a", &[]), vec!["endpoints".to_owned()]));
        // A model's endpoints are words.
        let words = json!({"endpoints": ["a"]});
        assert_eq!(merged(words.clone(), words.clone(), words.clone()), (words.clone(), words, vec![]));
    }

    #[test]
    fn lists_are_merged_by_their_entries() {
        let alias = |id: &str, target: &str| json!({"id": id, "target": target});
        let list = |entries: &[Value]| json!({"model_aliases": entries});
        let (ours, theirs) = (alias("b", "person"), alias("c", "importer"));
        let (result, written, _) = merged(
            list(&[alias("a", "old"), alias("gone", "x"), alias("taken", "x")]),
            list(&[alias("a", "old"), ours.clone(), alias("gone", "x")]),
            list(&[alias("a", "new"), alias("b", "source"), alias("taken", "x"), theirs.clone()]),
        );
        assert_eq!(result, list(&[alias("a", "new"), ours, theirs.clone()]));
        assert_eq!(written, list(&[alias("a", "new"), alias("taken", "x"), theirs]));
        assert_eq!(merged(list(&[alias("a", "x")]), list(&[alias("a", "x")]), json!({})).0, json!({}));
    }
}
