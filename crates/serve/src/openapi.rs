//! The OpenAPI document: the routes, the parameters, and the schemas of the bodies.
//!
//! It is made from the declarations that the server itself works with, by `modeldex generate`, and committed, so that a change of the API
//! can be read and a start makes nothing. `tests/contract.rs` holds every kind of answer to it, and finds keys that no answer has.

use crate::listing::{Models, Providers};
use crate::query;
use crate::routes::{Answer, ROUTES, Route};
use crate::{health, index, problem};
use modeldex_formats::json::{ModelDetails, ProviderDetails};
use modeldex_formats::schema::normalize;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// What no declaration has: descriptions, the answers that several routes have, and the schemas of what is defined elsewhere, the formats
/// of other tools and OpenAPI, by their outermost keys alone.
const BASE: &str = include_str!("openapi.base.json");

/// The answers of [`BASE`] by status, with whether every route has them.
const RESPONSES: [(&str, &str, bool); 7] = [
    ("304", "NotModified", false),
    ("400", "BadRequest", false),
    ("404", "NotFound", false),
    ("406", "NotAcceptable", true),
    ("500", "Internal", false),
    ("503", "Busy", false),
    ("default", "Refused", true),
];

/// The headers of every body that is not an error.
const CONTENT_HEADERS: [&str; 3] = ["ETag", "Vary", "Cache-Control"];

/// Makes the document. `E` is the body of `/models/{ref}/evidence`, which a [`Holder`](crate::Holder) has as text.
#[must_use]
pub fn document<E: JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.contract = Contract::Serialize;
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut document: Value = serde_json::from_str(BASE).expect("the base is JSON");
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for route in ROUTES {
        document["paths"][route.path] = json!({ "get": operation::<E>(route, &mut generator) });
    }
    let _ = generator.subschema_for::<problem::Body<'_>>();
    let mut schemas = generator.take_definitions(true);
    if let Value::Object(foreign) = document["components"]["schemas"].take() {
        schemas.extend(foreign);
    }
    document["components"]["schemas"] = schemas.into();
    normalize(&mut document["components"]["schemas"]);
    format!("{document:#}\n")
}

fn operation<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({"operationId": route.operation, "summary": format!("{}.", route.summary)});
    let parameters = parameters(route.answer, generator);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation["responses"] = responses::<E>(route, generator);
    if route.answer == Answer::Index {
        operation["responses"]["200"]["content"]["text/html"] = json!({"schema": {"type": "string"}});
    }
    operation
}

/// What a route answers with 200, for people and as a schema.
fn body<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> (&'static str, Value) {
    match route.answer {
        Answer::Index => ("The index", generator.subschema_for::<index::Body<'_>>().into()),
        Answer::Models => ("The list", generator.subschema_for::<Models<'_>>().into()),
        Answer::Model => ("The model", generator.subschema_for::<ModelDetails<'_>>().into()),
        Answer::Evidence => ("The evidence", generator.subschema_for::<E>().into()),
        Answer::Providers => ("The list", generator.subschema_for::<Providers<'_>>().into()),
        Answer::Provider => ("The provider", generator.subschema_for::<ProviderDetails<'_>>().into()),
        Answer::Health => ("The state of the server", generator.subschema_for::<health::Body<'_>>().into()),
        Answer::Document => ("The document", reference("schemas", "OpenApi")),
        Answer::Format { schema, .. } => (route.summary, reference("schemas", schema)),
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
        _ => Vec::new(),
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

/// The answers of a route by status.
fn responses<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let (documentation, schema) = body::<E>(route, generator);
    let headers: Map<_, _> = CONTENT_HEADERS.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    let mut responses = json!({"200": {
        "description": format!("{documentation}."),
        "headers": headers,
        "content": {"application/json": {"schema": schema}},
    }});
    for (status, name, is_everywhere) in RESPONSES {
        if is_everywhere || status.parse().is_ok_and(|status| route.statuses.contains(&status)) {
            responses[status] = reference("responses", name);
        }
    }
    responses
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
