//! Schemas of fields that their Rust type alone does not describe: mappings whose keys are the words of a vocabulary, and texts of one
//! pattern.

use modeldex_table::{Meter, WireFeature};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// `features` of [`super::Compat`]: each feature as a key of its own.
pub(crate) fn wire_features(_: &mut SchemaGenerator) -> Schema {
    let property = |(word, documentation): &(&str, &str)| ((*word).to_owned(), json!({"type": "boolean", "description": documentation}));
    let properties: Map<String, Value> = WireFeature::VOCABULARY.words.iter().map(property).collect();
    json_schema!({"type": "object", "properties": properties})
}

/// Headers by name. The rule `header` judges names and values, because a schema's complaint about them would say less.
pub(crate) fn headers(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "maxProperties": 32, "additionalProperties": {"type": "string", "minLength": 1}})
}

/// The name of a header, or a word in it.
pub(crate) fn http_token(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": HTTP_TOKEN, "maxLength": 100})
}

/// A list of names of environment variables.
pub(crate) fn environment_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array", "minItems": 1,
        "items": {"type": "string", "pattern": ENVIRONMENT_NAME, "x-code": "environment-name"},
    })
}

/// The names of a mapping whose keys are ids of providers, which are names of files.
pub(crate) fn provider_id() -> Value {
    json!({"pattern": PROVIDER_ID, "maxLength": 64})
}

/// What the id of a provider looks like.
pub(crate) const PROVIDER_ID: &str = "^[a-z0-9][a-z0-9._-]*$";

/// What a model's id looks like: printable ASCII without spaces and commas, which lists of ids are written with.
pub(crate) const MODEL_ID: &str = r"^[\x21-\x2B\x2D-\x7E]+$";

/// What the name of a header looks like: a token of HTTP.
pub(crate) const HTTP_TOKEN: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// What the name of an environment variable looks like.
pub(crate) const ENVIRONMENT_NAME: &str = "^[0-9]*[A-Z_][A-Z0-9_]*$";

/// The rates of a price, each as a key of its own.
pub(crate) fn rates() -> Map<String, Value> {
    let rate = |meter: &Meter| {
        let per = if meter.per() == 1 { "Per unit." } else { "Per million." };
        let text = format!("{} {per}", Meter::VOCABULARY.words[usize::from(meter.code())].1);
        let rate = json!({
            "type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000, "x-decimals": 6, "x-code": "invalid-rate",
            "description": text.trim(),
        });
        (meter.as_str().to_owned(), rate)
    };
    Meter::ALL.iter().map(rate).collect()
}
