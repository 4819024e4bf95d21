//! The JSON Schemas, generated from the authored types.
//!
//! They are what editors complete by, what `schema/*.json` holds and what the build judges by: one rule, written once. It has two forms.
//!
//! Files are judged by `judged`. schemars writes optional fields as "or null" and documented enums as `oneOf` constants; both make a validator
//! answer with one vague line, so a pass over the schema takes them apart. Keywords of our own (`x-code`, `x-whole`, `x-decimals`, `x-citable`) and the
//! formats of `authored::notation` name the code of a diagnostic and check what JSON Schema cannot express.
//!
//! Editors and other validators get [`published`], which is made from it: standard keywords alone, as ajv takes them in its strict mode. Both
//! accept the same files, except for what only a reader of the text can judge: days that no calendar has, rates with more than six decimals,
//! and integers written with a fraction of zero.
//!
//! What was rejected is in `docs/decisions/0005-schema-first.md`.

use crate::authored::cited::{self, Citation};
use crate::authored::held::HeldFacts;
use crate::authored::notation::notation;
use crate::authored::provider_map::ProviderMap;
use crate::authored::routing::Routing;
use crate::authored::sources::Sources;
use crate::authored::{Lab, Provider, View};
use crate::read::FileKind;
use modeldex_usage::Shape;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::cell::OnceCell;

/// The keyword of a fact that may be written with a citation.
pub(crate) const CITABLE: &str = "x-citable";

/// The longest text that a schema without its own limit allows, in characters.
const LONGEST_TEXT: u64 = 2_000;

/// Where the schemas are published; a schema's `$id` is this and the name of its file.
const PUBLISHED_AT: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/raw/main/schema/");

/// Every published schema by the name of its file, as pretty JSON with a newline at the end.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    FileKind::ALL.iter().map(|&kind| (kind.schema_file(), format!("{:#}\n", schema(kind)))).collect()
}

/// The published schema of one kind of file.
#[must_use]
pub fn schema(kind: FileKind) -> Value {
    published(&judged(kind), kind.schema_file())
}

/// The schema that files of a kind are judged by.
pub(crate) fn judged(kind: FileKind) -> Value {
    match kind {
        FileKind::Provider => of::<Provider>(),
        FileKind::Lab => of::<Lab>(),
        FileKind::View => of::<View>(),
        FileKind::Usage => of::<Shape>(),
        FileKind::Sources => of::<Sources>(),
        FileKind::ProviderMap => of::<ProviderMap>(),
        FileKind::Routing => of::<Routing>(),
        FileKind::Held => of::<HeldFacts>(),
    }
}

/// The schema that files of a type are judged by, whole and tidy as those of the catalog are: for files of a program that are no catalog files.
#[must_use]
pub fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// What is published of a schema that files are judged by: keywords of the standard alone, with the `$id` that belongs to the name of its file.
#[must_use]
pub fn published(judged: &Value, file: &str) -> Value {
    let Value::Object(standard) = standard(judged) else { return judged.clone() };
    let head = ["$schema", "title", "description"].map(|key| (key, standard.get(key).cloned()));
    let mut published = Map::new();
    for (key, value) in head {
        published.extend(value.map(|value| (key.to_owned(), value)));
        if key == "$schema" {
            published.insert("$id".into(), format!("{PUBLISHED_AT}{file}").into());
        }
    }
    for (key, value) in standard {
        published.entry(key).or_insert(value);
    }
    Value::Object(published)
}

/// A schema without keywords of our own.
fn standard(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut standard = Map::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("enumDescriptions", _) => {}
            ("enum", Value::Array(words)) if schema.contains_key("enumDescriptions") => {
                let texts = schema["enumDescriptions"].as_array().into_iter().flatten();
                let described = words.iter().zip(texts).map(|(word, text)| json!({"const": word, "description": text}));
                standard.insert("oneOf".into(), described.collect());
            }
            ("format", Value::String(name)) => {
                if let Some(notation) = notation(name) {
                    standard.insert("pattern".into(), notation.pattern.into());
                } else {
                    standard.insert(key.clone(), value.clone());
                }
            }
            ("properties", Value::Object(properties)) => {
                let citation = OnceCell::new();
                let fact_or_cited = |below: &Value| {
                    let fact = self::standard(below);
                    if below.get(CITABLE).is_none() {
                        return fact;
                    }
                    cited::or_cited(&fact, citation.get_or_init(|| self::standard(&of::<Citation>())))
                };
                let properties = properties.iter().map(|(name, below)| (name.clone(), fact_or_cited(below)));
                standard.insert(key.clone(), Value::Object(properties.collect()));
            }
            ("items" | "additionalProperties" | "propertyNames", below) => {
                standard.insert(key.clone(), self::standard(below));
            }
            _ if key.starts_with("x-") => {}
            _ => {
                standard.insert(key.clone(), value.clone());
            }
        }
    }
    by_type(standard)
}

/// A schema of several types as one for each, since a strict validator wants to see what type a keyword is about.
fn by_type(mut schema: Map<String, Value>) -> Value {
    let Some(Value::Array(types)) = schema.get("type") else { return Value::Object(schema) };
    let choices: Vec<Value> = types
        .iter()
        .map(|kind| {
            let about: &[&str] = match kind.as_str() {
                Some("string") => &["pattern", "minLength", "maxLength"],
                Some("integer" | "number") => &["minimum", "maximum", "exclusiveMaximum"],
                _ => &[],
            };
            let mut choice = Map::from_iter([("type".to_owned(), kind.clone())]);
            choice.extend(about.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone()))));
            Value::Object(choice)
        })
        .collect();
    schema.retain(|key, _| matches!(key.as_str(), "title" | "description" | "default"));
    schema.insert("anyOf".into(), choices.into());
    Value::Object(schema)
}

/// The schema at `schema_path`'s parent: the one whose keyword it names.
pub(crate) fn parent<'s>(schema: &'s Value, schema_path: &str) -> Option<&'s Value> {
    schema.pointer(&schema_path[..schema_path.rfind('/')?])
}

fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            drop_null(object);
            merge_constants(object);
            bound(object);
            if object.contains_key("properties") && object.get("type") == Some(&json!("object")) {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// An optional field may be left out; it may not be null.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(|default| [json!(null), json!([]), json!({}), json!(false)].contains(default)) {
        object.remove("default");
    }
    without_null(object);
}

/// Takes null out of what a schema allows.
pub fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// `oneOf` constants with descriptions become one `enum`, which editors complete and validators answer precisely.
fn merge_constants(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let words: Option<Vec<Value>> = choices.iter().map(|choice| choice.get("const").cloned()).collect();
    let texts: Vec<Value> = choices.iter().map(|choice| choice.get("description").cloned().unwrap_or_default()).collect();
    let Some(words) = words else { return };
    object.remove("oneOf");
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), Value::Array(words));
    object.insert("enumDescriptions".into(), Value::Array(texts));
}

/// What the rows can hold is bounded, so every text, list and number is.
fn bound(object: &mut Map<String, Value>) {
    let kind = object.get("type").and_then(Value::as_str).map(str::to_owned);
    match kind.as_deref() {
        Some("string") if !object.contains_key("enum") => {
            object.entry("maxLength").or_insert(json!(LONGEST_TEXT));
        }
        Some("array") => {
            object.entry("maxItems").or_insert(json!(u16::MAX));
        }
        Some("integer") if matches!(object.get("format").and_then(Value::as_str), Some("uint32" | "uint")) => {
            object.remove("format");
            object.entry("maximum").or_insert(json!(u32::MAX));
            object.insert("x-whole".into(), json!(true));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authored::field_schema::MODEL_ID;

    #[test]
    fn published_schemas_have_standard_keywords_alone() {
        let mut keywords: Vec<String> = Vec::new();
        for &kind in FileKind::ALL {
            collect(&schema(kind), &mut keywords);
        }
        keywords.sort();
        keywords.dedup();
        let ours: Vec<&String> =
            keywords.iter().filter(|key| key.starts_with("x-") || matches!(key.as_str(), "enumDescriptions" | "format")).collect();
        assert!(ours.is_empty(), "{ours:?}");
        let schema = schema(FileKind::Provider);
        assert_eq!(schema["$id"], format!("{PUBLISHED_AT}provider.schema.json"));
        let model = &schema["properties"]["models"]["items"]["properties"];
        // Each fact has two forms: the value alone, and with a citation.
        let [status, release_date] = ["status", "release_date"].map(|key| &model[key]["anyOf"][0]);
        assert_eq!(status["oneOf"][0]["const"], "active");
        assert!(status["oneOf"][0]["description"].is_string() && model["status"]["description"].is_string());
        assert_eq!(model["status"]["anyOf"][1]["properties"]["value"], *status);
        assert_eq!(release_date["anyOf"][0]["pattern"], notation("partial-date").unwrap().pattern);
        assert_eq!(release_date["anyOf"][1]["minimum"], 1_000);
        assert!(model["id"]["anyOf"].is_null() && schema["properties"]["defaults"]["properties"]["name"]["anyOf"].is_null());
    }

    /// The keywords of a schema and of all schemas in it; names of properties are none.
    fn collect(schema: &Value, keywords: &mut Vec<String>) {
        for (key, value) in schema.as_object().into_iter().flatten() {
            keywords.push(key.clone());
            match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => properties.values().for_each(|below| collect(below, keywords)),
                (_, Value::Array(list)) => list.iter().for_each(|below| collect(below, keywords)),
                (_, below) => collect(below, keywords),
            }
        }
    }

    #[test]
    fn optional_facts_are_plain_and_closed() {
        let schema = judged(FileKind::Provider);
        assert_eq!(schema["properties"]["models"]["items"]["properties"]["id"]["pattern"], MODEL_ID);
        let model = &schema["properties"]["models"]["items"];
        assert_eq!(model["properties"]["context_window"]["type"], "integer");
        assert_eq!(model["properties"]["context_window"]["minimum"], 1);
        assert_eq!(model["properties"]["reasoning"]["type"], "boolean");
        assert_eq!(model["additionalProperties"], false);
        assert_eq!(model["properties"]["status"]["enum"][0], "active");
        assert_eq!(model["properties"]["prices"]["items"]["properties"]["input"]["x-decimals"], 6);
        assert_eq!(model["properties"]["prices"]["items"]["additionalProperties"], false);
        assert!(!schema.to_string().contains("\"null\""), "an optional field may not be null");
        assert!(!schema.to_string().contains("$ref"), "schemas are whole");
    }
}
