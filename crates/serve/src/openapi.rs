//! The OpenAPI document: the routes, the parameters, and the schemas of the bodies.
//!
//! It is made from the declarations that the server itself works with, by `modeldex generate`, and committed, so that a change of the API
//! can be read and a start makes nothing. `tests/contract.rs` holds every kind of answer to it, and finds keys that no answer has.

use crate::fetched::{FETCHED, Fetched};
use crate::listing::{Models, Providers};
use crate::query;
use crate::routes::{Answer, ROUTES, Route};
use crate::{health, index, problem};
use modeldex_formats::json::{WholeModel, WholeProvider};
use modeldex_formats::schema::tidy;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// An answer that several routes have.
struct Shared {
    name: &'static str,
    /// `None` stands for every status that is not listed.
    status: Option<u16>,
    documentation: &'static str,
    headers: &'static [&'static str],
}

/// Every header that the document names.
const HEADERS: &[(&str, &str)] = &[
    ("ETag", "A strong tag of these bytes; another one for each encoding."),
    ("Vary", "The request headers that the answer depends on."),
    ("Cache-Control", "For how long the answer may be used again."),
    ("Retry-After", "The number of seconds after which to try again."),
];

/// The headers of every body that is not an error.
const CONTENT_HEADERS: &[&str] = &["ETag", "Vary", "Cache-Control"];

const NOT_MODIFIED: u16 = 304;

const SHARED: &[Shared] = &[
    Shared {
        name: "NotModified",
        status: Some(NOT_MODIFIED),
        documentation: "The client has these bytes already.",
        headers: CONTENT_HEADERS,
    },
    Shared {
        name: "BadRequest",
        status: Some(400),
        documentation: "An unknown parameter or word, or a value that cannot be read. `nearest` has what was perhaps meant.",
        headers: &[],
    },
    Shared {
        name: "NotFound",
        status: Some(404),
        documentation: "An unknown id, or a model without evidence. `nearest` has what was perhaps meant.",
        headers: &[],
    },
    Shared { name: "NotAcceptable", status: Some(406), documentation: "`Accept-Encoding` refuses every encoding.", headers: &[] },
    Shared { name: "Internal", status: Some(500), documentation: "The evidence cannot be read.", headers: &[] },
    Shared {
        name: "Busy",
        status: Some(503),
        documentation: "Too many connections. `Retry-After` has the time to try again.",
        headers: &["Retry-After"],
    },
    Shared {
        name: "Refused",
        status: None,
        documentation: "405 for another method, 408 for a request that does not end in time, 413 for one with a body, 414 and 431 for one \
                        that is too long, 503 where there are too many connections.",
        headers: &[],
    },
];

/// The statuses that every route has beside its own.
const EVERYWHERE: [Option<u16>; 2] = [Some(406), None];

/// Makes the document. `E` is the body of `/models/{ref}/evidence`, which a [`Holder`](crate::Holder) has as text.
#[must_use]
pub fn document<E: JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.contract = Contract::Serialize;
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        paths.insert(route.path.to_owned(), json!({ "get": operation::<E>(route, &mut generator) }));
    }
    paths.extend(FETCHED.iter().map(|fetched| (fetched.path.to_owned(), json!({ "get": foreign_operation(fetched) }))));
    let problem: Value = generator.subschema_for::<problem::Body<'_>>().into();
    let mut schemas = generator.take_definitions(true);
    schemas.extend(foreign());
    let shared = SHARED.iter().map(|shared| (shared.name.to_owned(), shared.response(&problem)));
    let headers = HEADERS.iter().map(|(name, text)| ((*name).to_owned(), json!({"description": text, "schema": {"type": "string"}})));
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "modeldex",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A catalog of AI providers and models. Everything is read with GET or HEAD; OPTIONS answers the preflight \
                            requests of browsers. Every answer but errors has a strong ETag, one for each encoding (gzip, zstd or none).",
            "license": {"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": shared.collect::<Map<_, _>>(),
            "headers": headers.collect::<Map<_, _>>(),
        },
    });
    tidy(&mut document["components"]["schemas"]);
    format!("{document:#}\n")
}

fn operation<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({"operationId": route.operation, "summary": route.summary});
    let parameters = parameters(route.answer, generator);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let (documentation, body) = body::<E>(route.answer, generator);
    operation["responses"] = responses(route.statuses, documentation, &body);
    if route.answer == Answer::Index {
        operation["responses"]["200"]["content"]["text/html"] = json!({"schema": {"type": "string"}});
    }
    operation
}

/// What a route answers with 200.
fn body<E: JsonSchema>(answer: Answer, generator: &mut SchemaGenerator) -> (&'static str, Value) {
    match answer {
        Answer::Index => ("The index.", generator.subschema_for::<index::Body<'_>>().into()),
        Answer::Models => ("The list.", generator.subschema_for::<Models<'_>>().into()),
        Answer::Model => ("The model.", generator.subschema_for::<WholeModel<'_>>().into()),
        Answer::Evidence => ("The evidence.", generator.subschema_for::<E>().into()),
        Answer::Providers => ("The list.", generator.subschema_for::<Providers<'_>>().into()),
        Answer::Provider => ("The provider.", generator.subschema_for::<WholeProvider<'_>>().into()),
        Answer::Health => ("The state of the server.", generator.subschema_for::<health::Body<'_>>().into()),
        Answer::Document => ("The document.", reference("schemas", OPENAPI_SCHEMA)),
    }
}

fn parameters(answer: Answer, generator: &mut SchemaGenerator) -> Vec<Value> {
    let path =
        |name, description| json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"}});
    match answer {
        Answer::Models => query::parameters().map(|parameter| query_parameter(&parameter, generator)).collect(),
        Answer::Model | Answer::Evidence => {
            let mut parameter = path("ref", "`provider/model`; the slashes in it may be encoded or not. Aliases are followed.");
            parameter["example"] = "kimi-coding/kimi-k2.5".into();
            vec![parameter]
        }
        Answer::Provider => vec![path("id", "The id of the provider or an alias.")],
        Answer::Index | Answer::Providers | Answer::Health | Answer::Document => Vec::new(),
    }
}

fn query_parameter(parameter: &query::Parameter, generator: &mut SchemaGenerator) -> Value {
    let schema: Value = parameter.schema(generator).into();
    let is_list = schema["type"] == "array";
    let description = format!("{}.", parameter.documentation());
    let mut described = json!({"name": parameter.name(), "in": "query", "description": description, "schema": schema});
    if is_list {
        described["style"] = "form".into();
        described["explode"] = true.into();
    }
    described
}

/// The format of another tool.
fn foreign_operation(fetched: &Fetched) -> Value {
    let summary = format!("{}.", fetched.what);
    let responses = responses(&[NOT_MODIFIED], &summary, &reference("schemas", fetched.schema));
    json!({"operationId": fetched.operation, "summary": summary, "responses": responses})
}

/// The answers of a route by status.
fn responses(statuses: &[u16], documentation: &str, body: &Value) -> Value {
    let success = json!({
        "description": documentation,
        "headers": headers(CONTENT_HEADERS),
        "content": {"application/json": {"schema": body}},
    });
    let mut responses = Map::from_iter([("200".to_owned(), success)]);
    let is_answered =
        |shared: &&Shared| EVERYWHERE.contains(&shared.status) || shared.status.is_some_and(|status| statuses.contains(&status));
    for shared in SHARED.iter().filter(is_answered) {
        let status = shared.status.map_or_else(|| "default".to_owned(), |status| status.to_string());
        responses.insert(status, reference("responses", shared.name));
    }
    Value::Object(responses)
}

impl Shared {
    fn response(&self, problem: &Value) -> Value {
        let mut response = json!({ "description": self.documentation });
        if !self.headers.is_empty() {
            response["headers"] = headers(self.headers);
        }
        if self.status != Some(NOT_MODIFIED) {
            response["content"] = json!({"application/json": {"schema": problem}});
        }
        response
    }
}

fn headers(names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect::<Map<_, _>>().into()
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// The name of the schema of this document.
const OPENAPI_SCHEMA: &str = "OpenApi";

/// The schemas of what is defined elsewhere, the formats of other tools and OpenAPI: their outermost keys alone.
fn foreign() -> Map<String, Value> {
    let object = |required: &[&str]| json!({"type": "object", "required": required});
    let models_dev = json!({
        "type": "object",
        "description": "models.dev's `api.json`: providers by id, with their models by id.",
        "additionalProperties": object(&["id", "name", "env", "models"]),
    });
    let catwalk = json!({"type": "array", "description": "Catwalk's providers.", "items": object(&["id", "name", "models"])});
    let openai_models = json!({
        "type": "object",
        "description": "OpenAI's list of models.",
        "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": object(&["id", "object", "owned_by"])}},
        "required": ["object", "data"],
    });
    let litellm = json!({
        "type": "object",
        "description": "LiteLLM's map of models to their prices and limits.",
        "additionalProperties": {"type": "object"},
    });
    let named = [
        ("ModelsDev", models_dev),
        ("Catwalk", catwalk),
        ("OpenAiModels", openai_models),
        ("LiteLlm", litellm),
        (OPENAPI_SCHEMA, object(&["openapi", "info", "paths"])),
    ];
    named.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}
