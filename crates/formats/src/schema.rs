//! JSON Schemas for catalog data in JSON. The OpenAPI document of the server contains these schemas.
//!
//! The schemas are derived from the serialized types, so each key is declared once. schemars generates documented enums as `oneOf` constants,
//! optional keys as "or null", and integers with formats that JSON Schema does not define. [`normalize`] converts these three to the forms of an
//! OpenAPI document.

use modeldex_compile::schema::remove_null;
use modeldex_table::Vocabulary;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Returns an optional property for each word of a vocabulary: the property has the word's name and documentation, and `schema`.
pub(crate) fn vocabulary_properties(vocabulary: &Vocabulary, schema: &Value) -> Map<String, Value> {
    vocabulary.words.iter().map(|(word, documentation)| ((*word).to_owned(), with_description(schema.clone(), documentation))).collect()
}

/// Returns a `$ref` to the schema of a vocabulary, and adds this schema to the definitions of `generator`. The vocabulary's Rust type has the same
/// schema.
#[must_use]
pub fn vocabulary_reference(vocabulary: &Vocabulary, generator: &mut SchemaGenerator) -> Value {
    let path = format!("#{}/{}", generator.settings().definitions_path, vocabulary.name);
    generator.definitions_mut().entry(vocabulary.name).or_insert_with(|| {
        let word = |(word, documentation): &(&str, &str)| json!({"type": "string", "const": word, "description": documentation});
        json!({"description": vocabulary.documentation, "oneOf": vocabulary.words.iter().map(word).collect::<Vec<_>>()})
    });
    json!({ "$ref": path })
}

/// Returns the schema with a description.
pub(crate) fn with_description(mut schema: Value, documentation: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), documentation.into());
    }
    schema
}

/// Normalizes a schema for an OpenAPI document:
///
/// - An enum becomes one list of values.
/// - An object with known properties allows no other properties.
/// - An optional property is not nullable.
/// - A description is on one line, unless it lists the values of an enum.
/// - Formats of unsigned numbers are removed.
pub fn normalize(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(description) = object.get("description").and_then(Value::as_str) {
                let description = description.replace('\n', " ");
                object.insert("description".to_owned(), description.into());
            }
            merge_constants(object);
            if matches!(object.get("format").and_then(Value::as_str), Some("uint" | "uint32" | "uint64")) {
                object.remove("format");
            }
            if object.get("type") == Some(&json!("object")) && object.get("properties").is_some_and(Value::is_object) {
                close(object);
            }
            object.values_mut().for_each(normalize);
        }
        Value::Array(list) => list.iter_mut().for_each(normalize),
        _ => {}
    }
}

/// Merges `oneOf` constants with descriptions into one `enum`, whose description documents each word.
fn merge_constants(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let words: Option<Vec<&str>> = choices.iter().map(|choice| choice.get("const")?.as_str()).collect();
    let Some(words) = words else { return };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    let explained = choices.iter().zip(&words).map(|(choice, word)| format!("- `{word}`: {}", text(choice.get("description"))));
    let description = format!("{}\n\n{}", text(object.get("description")), explained.collect::<Vec<_>>().join("\n"));
    let merged = json!({"type": "string", "enum": words, "description": description});
    *object = merged.as_object().cloned().unwrap_or_default();
}

/// Disallows additional properties, and removes null from the types of optional properties.
fn close(object: &mut Map<String, Value>) {
    object.entry("additionalProperties").or_insert(json!(false));
    let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    for (_, schema) in properties.iter_mut().filter(|(key, _)| !required.contains(&json!(key))) {
        schema.as_object_mut().into_iter().for_each(remove_null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::Status;

    #[test]
    fn vocabularies_become_documented_enums() {
        let mut schema = SchemaGenerator::default().into_root_schema_for::<Status>().to_value();
        normalize(&mut schema);
        assert_eq!(schema["enum"], json!(["active", "preview", "deprecated", "retired"]));
        assert!(schema["description"].as_str().is_some_and(|text| text.contains("\n- `preview`: ")), "{schema}");
        let mut generator = SchemaGenerator::default();
        let reference = vocabulary_reference(Status::VOCABULARY, &mut generator);
        assert_eq!(reference, generator.subschema_for::<Status>().to_value());
        let mut same = generator.take_definitions(false).remove("Status").unwrap();
        normalize(&mut same);
        assert_eq!([&same["enum"], &same["description"]], [&schema["enum"], &schema["description"]]);
    }

    #[test]
    fn only_required_properties_are_nullable() {
        let key = json!({"type": ["integer", "null"], "format": "uint32"});
        let mut schema = json!({"type": "object", "properties": {"may": key, "must": key}, "required": ["must"]});
        normalize(&mut schema);
        let properties = json!({"may": {"type": "integer"}, "must": {"type": ["integer", "null"]}});
        assert_eq!(schema, json!({"type": "object", "properties": properties, "required": ["must"], "additionalProperties": false}));
    }
}
