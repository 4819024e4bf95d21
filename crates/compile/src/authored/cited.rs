//! Facts with a citation: `context_window: {value: 200000, source: https://…, checked: 2026-11-29}`.
//!
//! Such a fact is read as its value. Citations are split off before a file is checked and decoded, so no other code handles them.

use super::PartialDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// The source of a fact, and why it is stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// URL that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://")))]
    pub source: Option<String>,
    /// Date on which the source was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
    /// Why it is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub reason: Option<String>,
}

/// The citations of a file: of its own facts, and of those of its models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Citations {
    #[serde(default)]
    models: Vec<BTreeMap<String, Citation>>,
    #[serde(flatten)]
    own: BTreeMap<String, Citation>,
}

impl Citations {
    /// The citation of a fact of the file itself.
    #[must_use]
    pub fn own(&self, key: &str) -> Option<&Citation> {
        self.own.get(key)
    }

    /// The citation of a fact of the model at a place in the file.
    #[must_use]
    pub fn of_model(&self, index: usize, key: &str) -> Option<&Citation> {
        self.models.get(index)?.get(key)
    }

    /// All of them, by the id of the model (`None` for the file itself) and the key of the fact. `ids` are those of the models, in order.
    pub(crate) fn into_all(self, ids: impl Iterator<Item = String>) -> HashMap<(Option<String>, String), Citation> {
        let models = ids.zip(self.models).map(|(id, citations)| (Some(id), citations));
        let all = models.chain([(None, self.own)]);
        all.flat_map(|(id, citations)| citations.into_iter().map(move |(key, citation)| ((id.clone(), key), citation))).collect()
    }
}

/// The key of the value in a fact with a citation.
const VALUE: &str = "value";

/// Whether a fact of a file itself may have a citation. Endpoints and authentication are cited by `sources` of the file.
fn of_file(key: &str) -> bool {
    ["name", "kind", "doc_url", "default_model"].contains(&key)
}

/// Whether a key of a model may have a citation.
fn of_model(key: &str) -> bool {
    !["id", "base", "omit", "reason", "sources"].contains(&key)
}

/// Splits a file into its values and its citations, which keep their places; `None` where it has no citations.
pub(crate) fn take_out(value: &Value) -> Option<(Value, Value)> {
    let entries = || value["models"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let is_cited =
        |entry: &Map<String, Value>, may: fn(&str) -> bool| entry.iter().any(|(key, value)| may(key) && value.get(VALUE).is_some());
    if !value.as_object().is_some_and(|file| is_cited(file, of_file)) && !entries().any(|entry| is_cited(entry, of_model)) {
        return None;
    }
    let mut left = value.clone();
    let mut citations = Map::new();
    let object = left.as_object_mut()?;
    if let Some(Value::Array(models)) = object.get_mut("models") {
        let taken = models
            .iter_mut()
            .map(|model| Value::Object(model.as_object_mut().map(|model| take_out_of(model, of_model)).unwrap_or_default()));
        citations.insert("models".to_owned(), taken.collect());
    }
    citations.extend(take_out_of(object, of_file));
    Some((left, Value::Object(citations)))
}

/// Splits the citations off the facts of one entry.
fn take_out_of(entry: &mut Map<String, Value>, may: fn(&str) -> bool) -> Map<String, Value> {
    let mut citations = Map::new();
    for (key, value) in entry.iter_mut().filter(|(key, _)| may(key)) {
        let Some(object) = value.as_object_mut().filter(|object| object.contains_key(VALUE)) else { continue };
        let Some(inner) = object.shift_remove(VALUE) else { continue };
        citations.insert(key.clone(), Value::Object(std::mem::take(object)));
        *value = inner;
    }
    citations
}

/// The pointer in a file for one into what is left of it without citations: `cited` tells whether there is a citation at a pointer.
pub(crate) fn pointer_in_file(pointer: &str, cited: impl Fn(&str) -> bool) -> Option<String> {
    let segments = if pointer.starts_with("/models/") { 3 } else { 1 };
    let end = pointer.match_indices('/').map(|(at, _)| at).nth(segments).unwrap_or(pointer.len());
    let (fact, rest) = pointer.split_at(end);
    let value = format!("{fact}/{VALUE}");
    (pointer.matches('/').count() >= segments && cited(&value)).then(|| value + rest)
}

/// The schema of a fact that may have a citation.
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

/// The schema of the citations of a file, each in the place of its fact.
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
    fn a_fact_with_a_citation_is_its_value() {
        let file = json!({"name": {"value": "Acme", "reason": "so it is called"}, "models": [
            {"id": "a", "prices": [{"input": 1}]},
            {"id": "b", "context_window": {"value": 1000, "source": "https://acme.example", "checked": "2026-11-29"}},
        ]});
        let (left, citations) = take_out(&file).unwrap();
        assert_eq!(left, json!({"name": "Acme", "models": [{"id": "a", "prices": [{"input": 1}]}, {"id": "b", "context_window": 1000}]}));
        let citations: Citations = serde_json::from_value(citations).unwrap();
        assert_eq!(citations.own("name").and_then(|cited| cited.reason.as_deref()), Some("so it is called"));
        assert!(citations.of_model(1, "context_window").is_some() && citations.of_model(0, "prices").is_none());
        assert_eq!(take_out(&left), None);
    }

    #[test]
    fn places_lead_to_the_value() {
        let cited = |pointer: &str| ["/name/value", "/models/1/prices/value"].contains(&pointer);
        let of = |pointer: &str| pointer_in_file(pointer, cited);
        assert_eq!(of("/name").as_deref(), Some("/name/value"));
        assert_eq!(of("/models/1/prices/0/input").as_deref(), Some("/models/1/prices/value/0/input"));
        for other in ["", "/models", "/models/1", "/models/1/id", "/kind"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
