//! Schemas of the catalog's own JSON, for the OpenAPI document of a server.
//!
//! They are made of the types that are serialized, so that a key is declared once. schemars writes documented enums as `oneOf` constants,
//! optional keys as "or null" and integers with a format that JSON does not know; [`tidy`] makes them what an OpenAPI document has.

use modeldex_compile::schema::without_null;
use modeldex_table::Vocabulary;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// An object whose keys are the words of a vocabulary, each with the same schema and its documentation. None of them has to be there.
pub(crate) fn keyed(vocabulary: &Vocabulary, schema: &Value) -> Map<String, Value> {
    vocabulary.words.iter().map(|(word, documentation)| ((*word).to_owned(), described(schema.clone(), documentation))).collect()
}

/// A reference to the schema of a vocabulary, which is the one that its type has.
#[must_use]
pub fn enumeration(vocabulary: &Vocabulary, generator: &mut SchemaGenerator) -> Value {
    let path = format!("#{}/{}", generator.settings().definitions_path, vocabulary.name);
    generator.definitions_mut().entry(vocabulary.name).or_insert_with(|| {
        let word = |(word, documentation): &(&str, &str)| json!({"type": "string", "const": word, "description": documentation});
        json!({"description": vocabulary.documentation, "oneOf": vocabulary.words.iter().map(word).collect::<Vec<_>>()})
    });
    json!({ "$ref": path })
}

/// The schema with a description.
pub(crate) fn described(mut schema: Value, documentation: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), documentation.into());
    }
    schema
}

/// Makes a schema what an OpenAPI document has: enums are one list, objects with known keys have no others, a key that may be missing is
/// never null, and descriptions are on one line but for lists of words.
pub fn tidy(schema: &mut Value) {
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
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// `oneOf` constants with descriptions become one `enum`, whose description explains each word.
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

/// Closes an object, and takes null from the keys that may be missing.
fn close(object: &mut Map<String, Value>) {
    object.entry("additionalProperties").or_insert(json!(false));
    let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    for (_, schema) in properties.iter_mut().filter(|(key, _)| !required.contains(&json!(key))) {
        schema.as_object_mut().into_iter().for_each(without_null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::Status;

    #[test]
    fn a_vocabulary_is_an_enum_that_explains_its_words() {
        let mut schema = SchemaGenerator::default().into_root_schema_for::<Status>().to_value();
        tidy(&mut schema);
        assert_eq!(schema["enum"], json!(["active", "preview", "deprecated", "retired"]));
        assert!(schema["description"].as_str().is_some_and(|text| text.contains("\n- `preview`: ")), "{schema}");
        let mut generator = SchemaGenerator::default();
        let reference = enumeration(Status::VOCABULARY, &mut generator);
        assert_eq!(reference, generator.subschema_for::<Status>().to_value());
        let mut same = generator.take_definitions(false).remove("Status").unwrap();
        tidy(&mut same);
        assert_eq!([&same["enum"], &same["description"]], [&schema["enum"], &schema["description"]]);
    }

    #[test]
    fn a_key_that_may_be_missing_is_not_null_and_a_required_one_may_be() {
        let key = json!({"type": ["integer", "null"], "format": "uint32"});
        let mut schema = json!({"type": "object", "properties": {"may": key, "must": key}, "required": ["must"]});
        tidy(&mut schema);
        let properties = json!({"may": {"type": "integer"}, "must": {"type": ["integer", "null"]}});
        assert_eq!(schema, json!({"type": "object", "properties": properties, "required": ["must"], "additionalProperties": false}));
    }
}
