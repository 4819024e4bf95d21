//! The JSON Schemas, generated from the authored types.
//!
//! They are what editors complete by, what `schema/*.json` holds and what the build judges by: one rule, written once. schemars writes
//! optional fields as "or null" and documented enums as `oneOf` constants; both make a validator answer with one vague line, so a pass over
//! the schema takes them apart.

use crate::authored::{Lab, Provider, View};
use crate::read::FileKind;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The longest text that a schema without its own limit allows, in characters.
const LONGEST_TEXT: u64 = 2_000;

/// Every schema by the name of its file, as pretty JSON with a newline at the end.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    FileKind::ALL.iter().map(|&kind| (kind.schema_file(), format!("{:#}\n", schema(kind)))).collect()
}

/// The schema of one kind of file.
#[must_use]
pub fn schema(kind: FileKind) -> Value {
    match kind {
        FileKind::Provider => of::<Provider>(),
        FileKind::Lab => of::<Lab>(),
        FileKind::View => of::<View>(),
    }
}

/// The schema of a type, whole and tidy as those of the catalog are: for files of a program that are no catalog files.
#[must_use]
pub fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
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
                object.insert("additionalProperties".into(), Value::Bool(false));
            }
            if object.get("description").and_then(Value::as_str).is_some_and(|text| text.contains('\n')) {
                let text = object["description"].as_str().unwrap_or_default().replace('\n', " ");
                object.insert("description".into(), Value::String(text));
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// An optional field may be left out; it may not be null.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default") == Some(&Value::Null)
        || object.get("default") == Some(&json!([]))
        || object.get("default") == Some(&json!(false))
    {
        object.remove("default");
    }
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
        Some("integer") if object.get("format") == Some(&json!("uint32")) => {
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
    fn optional_facts_are_plain_and_closed() {
        let schema = schema(FileKind::Provider);
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
