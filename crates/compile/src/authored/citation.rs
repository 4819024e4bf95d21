//! Facts with a citation: `context_window: {value: 200000, source: https://…, checked: 2026-11-29}`.
//!
//! Citations are separated from the values before a file is checked and decoded. All other modules therefore see a file without citations.

use super::PartialDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// The source of a hand-written fact, and the reason for its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// URL of a page that states the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL)))]
    pub source: Option<String>,
    /// Date on which the page was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
    /// Reason for this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub reason: Option<String>,
}

/// All citations in the file of a provider or lab: for facts of the provider or lab, and for facts of its models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Citations {
    #[serde(default)]
    models: Vec<BTreeMap<String, Citation>>,
    #[serde(flatten)]
    of_file: BTreeMap<String, Citation>,
}

impl Citations {
    /// Returns the citation of the fact `key` of the provider or lab. Returns `None` if this fact has no citation.
    #[must_use]
    pub fn of_file(&self, key: &str) -> Option<&Citation> {
        self.of_file.get(key)
    }

    /// Returns the citation of the fact `key` of the model at the position `index` in the file. Returns `None` if this fact has no citation.
    #[must_use]
    pub fn of_model(&self, index: usize, key: &str) -> Option<&Citation> {
        self.models.get(index)?.get(key)
    }

    /// Returns all citations. Each key of the result consists of a model id (`None` for a fact of the provider or lab) and the YAML key of the fact.
    /// `ids` are the ids of all models of the file, in the order of the file.
    pub(crate) fn into_all(self, ids: impl Iterator<Item = String>) -> HashMap<(Option<String>, String), Citation> {
        let models = ids.zip(self.models).map(|(id, citations)| (Some(id), citations));
        let all = models.chain([(None, self.of_file)]);
        all.flat_map(|(id, citations)| citations.into_iter().map(move |(key, citation)| ((id.clone(), key), citation))).collect()
    }
}

/// The key of the value in a fact with a citation.
const VALUE: &str = "value";

/// Returns whether the fact `key` of a provider or lab may have a citation. Endpoints and authentication methods have no citations: the key `sources`
/// of the file states the pages that they come from.
fn is_citable_in_file(key: &str) -> bool {
    ["name", "kind", "doc_url", "default_model"].contains(&key)
}

/// Returns whether the value of the key `key` of a model may have a citation.
fn is_citable_in_model(key: &str) -> bool {
    !["id", "base", "omit", "reason", "sources"].contains(&key)
}

/// Splits a file into two parts: its values and its citations. Both parts have the structure of the file. Returns `None` if the file has no
/// citations.
pub(crate) fn split(value: &Value) -> Option<(Value, Value)> {
    let entries = || value["models"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let is_cited = |entry: &Map<String, Value>, is_citable: fn(&str) -> bool| {
        entry.iter().any(|(key, value)| is_citable(key) && value.get(VALUE).is_some())
    };
    if !value.as_object().is_some_and(|file| is_cited(file, is_citable_in_file))
        && !entries().any(|entry| is_cited(entry, is_citable_in_model))
    {
        return None;
    }
    let mut values = value.clone();
    let mut citations = Map::new();
    let object = values.as_object_mut()?;
    if let Some(Value::Array(models)) = object.get_mut("models") {
        let of_models = models
            .iter_mut()
            .map(|model| Value::Object(model.as_object_mut().map(|model| split_entry(model, is_citable_in_model)).unwrap_or_default()));
        citations.insert("models".to_owned(), of_models.collect());
    }
    citations.extend(split_entry(object, is_citable_in_file));
    Some((values, Value::Object(citations)))
}

/// Removes the citations from the facts of one entry, and returns them by key.
fn split_entry(entry: &mut Map<String, Value>, is_citable: fn(&str) -> bool) -> Map<String, Value> {
    let mut citations = Map::new();
    for (key, value) in entry.iter_mut().filter(|(key, _)| is_citable(key)) {
        let Some(object) = value.as_object_mut().filter(|object| object.contains_key(VALUE)) else { continue };
        let Some(inner) = object.shift_remove(VALUE) else { continue };
        citations.insert(key.clone(), Value::Object(std::mem::take(object)));
        *value = inner;
    }
    citations
}

/// Translates a pointer: from a value in the file without citations to the same value in the original file. Returns `None` if the fact has no
/// citation. `cited` returns whether the original file has a value at the given pointer.
pub(crate) fn pointer_in_file(pointer: &str, cited: impl Fn(&str) -> bool) -> Option<String> {
    let segments = if pointer.starts_with("/models/") { 3 } else { 1 };
    let end = pointer.match_indices('/').map(|(at, _)| at).nth(segments).unwrap_or(pointer.len());
    let (fact, rest) = pointer.split_at(end);
    let value = format!("{fact}/{VALUE}");
    (pointer.matches('/').count() >= segments && cited(&value)).then(|| value + rest)
}

/// Returns the schema of a fact that may have a citation.
#[cfg(feature = "schemars")]
pub(crate) fn or_cited(fact: &Value, citation: &Value) -> Value {
    let mut bare = fact.clone();
    let description = bare.as_object_mut().and_then(|bare| bare.shift_remove("description"));
    let mut properties = Map::from_iter([(VALUE.to_owned(), bare.clone())]);
    properties.extend(citation["properties"].as_object().cloned().unwrap_or_default());
    let cited = serde_json::json!({"type": "object", "properties": properties, "required": [VALUE], "additionalProperties": false});
    let mut either = Map::new();
    either.extend(description.map(|text| ("description".to_owned(), text)));
    either.insert("anyOf".to_owned(), serde_json::json!([bare, cited]));
    Value::Object(either)
}

/// Returns the schema of an object that has the structure of a file, but a citation in place of each fact.
#[cfg(feature = "schemars")]
pub(crate) fn schema_of_citations(citation: &Value) -> Value {
    let of_facts = |more: Value| serde_json::json!({"type": "object", "properties": more, "additionalProperties": citation});
    let models = serde_json::json!({"models": {"type": "array", "items": of_facts(serde_json::json!({}))}});
    of_facts(models)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn citations_are_split_off() {
        let file = json!({"name": {"value": "Acme", "reason": "official name"}, "models": [
            {"id": "a", "prices": [{"input": 1}]},
            {"id": "b", "context_window": {"value": 1000, "source": "https://acme.example", "checked": "2026-11-29"}},
        ]});
        let (values, citations) = split(&file).unwrap();
        assert_eq!(values, json!({"name": "Acme", "models": [{"id": "a", "prices": [{"input": 1}]}, {"id": "b", "context_window": 1000}]}));
        let citations: Citations = serde_json::from_value(citations).unwrap();
        assert_eq!(citations.of_file("name").and_then(|cited| cited.reason.as_deref()), Some("official name"));
        assert!(citations.of_model(1, "context_window").is_some() && citations.of_model(0, "prices").is_none());
        assert_eq!(split(&values), None);
    }

    #[test]
    fn pointers_to_cited_facts_are_translated() {
        let cited = |pointer: &str| ["/name/value", "/models/1/prices/value"].contains(&pointer);
        let of = |pointer: &str| pointer_in_file(pointer, cited);
        assert_eq!(of("/name").as_deref(), Some("/name/value"));
        assert_eq!(of("/models/1/prices/0/input").as_deref(), Some("/models/1/prices/value/0/input"));
        for other in ["", "/models", "/models/1", "/models/1/id", "/kind"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
