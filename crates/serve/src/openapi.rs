//! Generation of the OpenAPI document, which describes routes, parameters and responses.
//!
//! `modeldex generate` derives the document from the declarations that the server uses. The document is committed. Therefore a diff shows each change
//! of the API, and the server generates nothing at startup. `tests/contract.rs` validates each kind of response against the document, and detects
//! fields of the document that no response has.

use crate::listing::{Models, Providers};
use crate::query;
use crate::routes::{ROUTES, Route, RouteKind};
use crate::{health, index, problem};
use modeldex_formats::json::{ModelDetails, ProviderDetails};
use modeldex_formats::schema::normalize;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Base document with the parts that cannot be derived from declarations: descriptions, responses that several routes share, and schemas of formats
/// that other tools or OpenAPI define. These schemas have only the outermost keys of the formats.
const BASE: &str = include_str!("openapi.base.json");

/// Shared responses in [`BASE`]: status, name in the document, and whether every route has the response.
const RESPONSES: [(&str, &str, bool); 7] = [
    ("304", "NotModified", false),
    ("400", "BadRequest", false),
    ("404", "NotFound", false),
    ("406", "NotAcceptable", true),
    ("500", "Internal", false),
    ("503", "Busy", false),
    ("default", "Refused", true),
];

/// Headers of every success response.
const CONTENT_HEADERS: [&str; 3] = ["ETag", "Vary", "Cache-Control"];

/// Returns the OpenAPI document of the server as JSON. The type `E` describes the JSON of `/models/{ref}/evidence`, which a
/// [`CatalogOwner`](crate::CatalogOwner) returns as text.
#[must_use]
pub fn openapi_document<E: JsonSchema>() -> String {
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
    let _ = generator.subschema_for::<problem::ProblemBody<'_>>();
    let mut schemas = generator.take_definitions(true);
    if let Value::Object(base_schemas) = document["components"]["schemas"].take() {
        schemas.extend(base_schemas);
    }
    document["components"]["schemas"] = schemas.into();
    normalize(&mut document["components"]["schemas"]);
    format!("{document:#}\n")
}

fn operation<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({"operationId": route.operation, "summary": format!("{}.", route.summary)});
    let parameters = parameters(route.kind, generator);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation["responses"] = responses::<E>(route, generator);
    if route.kind == RouteKind::Index {
        operation["responses"]["200"]["content"]["text/html"] = json!({"schema": {"type": "string"}});
    }
    operation
}

/// Returns the description and the schema of the response with status 200 of a route.
fn body<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> (&'static str, Value) {
    match route.kind {
        RouteKind::Index => ("Index of the routes", generator.subschema_for::<index::IndexBody<'_>>().into()),
        RouteKind::Models => ("List of models", generator.subschema_for::<Models<'_>>().into()),
        RouteKind::Model => ("Model", generator.subschema_for::<ModelDetails<'_>>().into()),
        RouteKind::Evidence => ("Evidence", generator.subschema_for::<E>().into()),
        RouteKind::Providers => ("List of providers", generator.subschema_for::<Providers<'_>>().into()),
        RouteKind::Provider => ("Provider", generator.subschema_for::<ProviderDetails<'_>>().into()),
        RouteKind::Health => ("Health of the server", generator.subschema_for::<health::HealthBody<'_>>().into()),
        RouteKind::Document => ("OpenAPI document", reference("schemas", "OpenApi")),
        RouteKind::Format { schema, .. } => (route.summary, reference("schemas", schema)),
    }
}

fn parameters(answer: RouteKind, generator: &mut SchemaGenerator) -> Vec<Value> {
    let path =
        |name, description| json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"}});
    match answer {
        RouteKind::Models => query::parameters().map(|parameter| query_parameter(&parameter, generator)).collect(),
        RouteKind::Model | RouteKind::Evidence => {
            let mut parameter = path(
                "ref",
                "Reference of the model, such as `openai/gpt-5.5`; aliases are accepted as well. Slashes need not be percent-encoded.",
            );
            parameter["example"] = "kimi-coding/kimi-k2.5".into();
            vec![parameter]
        }
        RouteKind::Provider => vec![path("id", "Id or alias of the provider.")],
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

/// Returns the responses of a route, as a map from status to response.
fn responses<E: JsonSchema>(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let (documentation, schema) = body::<E>(route, generator);
    let headers: Map<_, _> = CONTENT_HEADERS.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    let mut responses = json!({"200": {
        "description": format!("{documentation}."),
        "headers": headers,
        "content": {"application/json": {"schema": schema}},
    }});
    for (status, name, is_common) in RESPONSES {
        if is_common || status.parse().is_ok_and(|status| route.statuses.contains(&status)) {
            responses[status] = reference("responses", name);
        }
    }
    responses
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
