//! The JSON Schemas of catalog files, generated from the authored types. There are two forms of each schema.
//!
//! The compiler uses the validation schemas. schemars writes an optional field as "or null", and a documented enum as `oneOf` constants. A validator
//! reports only vague errors for such schemas, so `tidy` simplifies them. Custom keywords (`x-code`, `x-whole`, `x-decimals`, `x-citable`) and
//! the formats of `authored::notation` select the diagnostic code and check rules that JSON Schema cannot express.
//!
//! The [`published`] schemas are for editors and other validators, and are stored as `schema/*.json`. They contain only standard keywords, which ajv
//! accepts in strict mode. The two forms differ in only three kinds of values, which the validation schemas reject and the published schemas accept:
//! dates that do not exist, rates with more than six decimals, and integers written with a fraction of zero.
//!
//! `docs/decisions/0005-schema-first.md` lists rejected alternatives.

use crate::authored::citation::{self, Citation};
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

/// The schema keyword that marks facts that may have a citation.
pub(crate) const CITABLE: &str = "x-citable";

/// The default maximum length of a string, in characters.
const DEFAULT_MAX_LENGTH: u64 = 2_000;

/// The URL of the published schemas; the `$id` of a schema is this URL followed by its file name.
const PUBLISHED_URL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/raw/main/schema/");

/// Returns the file name and the text of the published schema of every kind of catalog file. The text is pretty-printed JSON with a final newline.
#[must_use]
pub fn all_published() -> Vec<(&'static str, String)> {
    FileKind::ALL.iter().map(|&kind| (kind.schema_file(), format!("{:#}\n", published(kind)))).collect()
}

/// Returns the JSON Schema of a kind of catalog file, for editors and other validators. The schema has only standard keywords.
#[must_use]
pub fn published(kind: FileKind) -> Value {
    to_published(&validation_schema(kind), kind.schema_file())
}

/// Returns the validation schema of a kind of catalog file.
pub(crate) fn validation_schema(kind: FileKind) -> Value {
    match kind {
        FileKind::Provider => for_type::<Provider>(),
        FileKind::Lab => for_type::<Lab>(),
        FileKind::View => for_type::<View>(),
        FileKind::Usage => for_type::<Shape>(),
        FileKind::Sources => for_type::<Sources>(),
        FileKind::ProviderMap => for_type::<ProviderMap>(),
        FileKind::Routing => for_type::<Routing>(),
        FileKind::Held => for_type::<HeldFacts>(),
    }
}

/// Returns the JSON Schema with which the compiler validates values of the type `T`. `T` may be the type of a catalog file, or any other type. All
/// subschemas are inlined. The schema has custom keywords; [`to_published`] removes them.
#[must_use]
pub fn for_type<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// Converts `validation`, a schema from [`for_type`], to a schema for editors and other validators. The result has only standard keywords, and its
/// `$id` is the URL of the published file `file`.
#[must_use]
pub fn to_published(validation: &Value, file: &str) -> Value {
    let Value::Object(standard) = standard(validation) else { return validation.clone() };
    let head = ["$schema", "title", "description"].map(|key| (key, standard.get(key).cloned()));
    let mut published = Map::new();
    for (key, value) in head {
        published.extend(value.map(|value| (key.to_owned(), value)));
        if key == "$schema" {
            published.insert("$id".into(), format!("{PUBLISHED_URL}{file}").into());
        }
    }
    for (key, value) in standard {
        published.entry(key).or_insert(value);
    }
    Value::Object(published)
}

/// Returns a schema without custom keywords.
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
                    citation::or_cited(&fact, citation.get_or_init(|| self::standard(&for_type::<Citation>())))
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

/// Splits a schema that allows several types into a schema per type, because strict validators require that a keyword applies to the stated type.
fn by_type(mut schema: Map<String, Value>) -> Value {
    let Some(Value::Array(types)) = schema.get("type") else { return Value::Object(schema) };
    let choices: Vec<Value> = types
        .iter()
        .map(|kind| {
            let keywords: &[&str] = match kind.as_str() {
                Some("string") => &["pattern", "minLength", "maxLength"],
                Some("integer" | "number") => &["minimum", "maximum", "exclusiveMaximum"],
                _ => &[],
            };
            let mut choice = Map::from_iter([("type".to_owned(), kind.clone())]);
            choice.extend(keywords.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone()))));
            Value::Object(choice)
        })
        .collect();
    schema.retain(|key, _| matches!(key.as_str(), "title" | "description" | "default"));
    schema.insert("anyOf".into(), choices.into());
    Value::Object(schema)
}

/// Returns the schema that contains the keyword at `schema_path`.
pub(crate) fn parent<'s>(schema: &'s Value, schema_path: &str) -> Option<&'s Value> {
    schema.pointer(&schema_path[..schema_path.rfind('/')?])
}

/// Simplifies the output of schemars: removes null, merges constants, adds bounds and closes mappings.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            drop_null(object);
            merge_constants(object);
            add_bounds(object);
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

/// Removes `null` from the schema of an optional field: such a field may be missing, but may not be null.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(|default| [json!(null), json!([]), json!({}), json!(false)].contains(default)) {
        object.remove("default");
    }
    remove_null(object);
}

/// Changes the schema `object` so that it does not allow null.
pub fn remove_null(object: &mut Map<String, Value>) {
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

/// Merges `oneOf` constants with descriptions into one `enum`, for which validators report precise errors.
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

/// Limits the size of strings, lists and integers to what a row of the compiled tables can store.
fn add_bounds(object: &mut Map<String, Value>) {
    let kind = object.get("type").and_then(Value::as_str).map(str::to_owned);
    match kind.as_deref() {
        Some("string") if !object.contains_key("enum") => {
            object.entry("maxLength").or_insert(json!(DEFAULT_MAX_LENGTH));
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
    fn published_schemas_have_only_standard_keywords() {
        let mut keywords: Vec<String> = Vec::new();
        for &kind in FileKind::ALL {
            collect(&published(kind), &mut keywords);
        }
        keywords.sort();
        keywords.dedup();
        let custom: Vec<&String> =
            keywords.iter().filter(|key| key.starts_with("x-") || matches!(key.as_str(), "enumDescriptions" | "format")).collect();
        assert!(custom.is_empty(), "{custom:?}");
        let schema = published(FileKind::Provider);
        assert_eq!(schema["$id"], format!("{PUBLISHED_URL}provider.schema.json"));
        let model = &schema["properties"]["models"]["items"]["properties"];
        // Each fact has two forms: a value, and a value with a citation.
        let [status, release_date] = ["status", "release_date"].map(|key| &model[key]["anyOf"][0]);
        assert_eq!(status["oneOf"][0]["const"], "active");
        assert!(status["oneOf"][0]["description"].is_string() && model["status"]["description"].is_string());
        assert_eq!(model["status"]["anyOf"][1]["properties"]["value"], *status);
        assert_eq!(release_date["anyOf"][0]["pattern"], notation("partial-date").unwrap().pattern);
        assert_eq!(release_date["anyOf"][1]["minimum"], 1_000);
        assert!(model["id"]["anyOf"].is_null() && schema["properties"]["defaults"]["properties"]["name"]["anyOf"].is_null());
    }

    /// Collects the keywords of a schema and all its subschemas, without property names.
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
    fn optional_facts_have_simple_schemas() {
        let schema = validation_schema(FileKind::Provider);
        assert_eq!(schema["properties"]["models"]["items"]["properties"]["id"]["pattern"], MODEL_ID);
        let model = &schema["properties"]["models"]["items"];
        assert_eq!(model["properties"]["context_window"]["type"], "integer");
        assert_eq!(model["properties"]["context_window"]["minimum"], 1);
        assert_eq!(model["properties"]["reasoning"]["type"], "boolean");
        assert_eq!(model["additionalProperties"], false);
        assert_eq!(model["properties"]["status"]["enum"][0], "active");
        assert_eq!(model["properties"]["prices"]["items"]["properties"]["input"]["x-decimals"], 6);
        assert_eq!(model["properties"]["prices"]["items"]["additionalProperties"], false);
        assert!(!schema.to_string().contains("\"null\""), "optional fields are not null");
        assert!(!schema.to_string().contains("$ref"), "subschemas are inlined");
    }
}
