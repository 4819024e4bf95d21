//! Validates responses of every route and status against the OpenAPI document, and finds keys of the document that occur in no response.

use bytes::Bytes;
use hyper::{Request, Response};
use modeldex_compile::{Compiled, compile};
use modeldex_import::evidence_report::EvidenceReader;
use modeldex_serve::{CatalogOwner, Health, LoadFailure, ModelEvidence, OPENAPI_JSON, RequestHead, Site, respond};
use modeldex_table::{Catalog, Model, Moment};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Compiled catalog with made-up evidence.
struct CompiledCatalog(Compiled);

impl CatalogOwner for CompiledCatalog {
    fn catalog(&self) -> Catalog<'_> {
        self.0.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> ModelEvidence {
        let claim = json!({"value": 1, "source": "x", "since": "2026-01-01", "until": null, "under": null});
        let fact = json!({
            "fact": "context_window", "group": "limits", "value": 1, "rule": "only", "why": "x", "catalog": 1, "part": "own", "kept": null,
            "claims": [claim], "providers": [],
        });
        match model.id() {
            "unread" => ModelEvidence::Unreadable("the evidence cannot be read".to_owned()),
            "kimi-k2.5" => {
                ModelEvidence::Found(json!({"ref": "x", "kind": "model", "base": null, "facts": [fact], "probes": []}).to_string())
            }
            _ => ModelEvidence::Absent("the catalog has no evidence".to_owned()),
        }
    }
}

/// Small catalog with evidence, whose responses contain every key.
struct Fixture {
    compiled: Compiled,
    evidence: EvidenceReader,
}

impl CatalogOwner for Fixture {
    fn catalog(&self) -> Catalog<'_> {
        self.compiled.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> ModelEvidence {
        match model.id() {
            "tier" => ModelEvidence::Unreadable("the evidence cannot be read".to_owned()),
            _ => {
                let json = self.evidence.with_model(model, |report| serde_json::to_string(report).expect("a report serializes to JSON"));
                ModelEvidence::Found(json.expect("the evidence can be read"))
            }
        }
    }
}

fn fixture() -> Site {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    let compiled = compile(&dir.join("catalog"));
    assert!(compiled.diagnostics.is_empty(), "{:?}", compiled.diagnostics);
    let evidence = EvidenceReader::open(dir.join("catalog"), dir.join("evidence")).expect("the registry is read");
    Site::new(Arc::new(Fixture { compiled, evidence }), Moment::from_unix(1_780_000_000))
}

/// Site of the catalog in this repository, which has most combinations of keys.
fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(compiled)
}

fn compiled() -> Site {
    let compiled = compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"));
    assert!(!compiled.has_errors());
    Site::new(Arc::new(CompiledCatalog(compiled)), Moment::from_unix(1_780_000_000))
}

fn get_response(site: &Site, health: &Health, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("host", "x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    respond(site, health, &RequestHead::new(request.body(()).expect("the request is valid").into_parts().0))
}

/// Returns the schema of the response of a path with a given status.
fn schema(document: &Value, path: &str, status: &str) -> Value {
    let responses = &document["paths"][path]["get"]["responses"];
    let response = responses.get(status).unwrap_or(&responses["default"]);
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("the reference resolves"),
        None => response,
    };
    let schema = &response["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{path} {status}");
    json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], "allOf": [schema]})
}

#[test]
fn responses_match_the_document() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    let broken = Health {
        loaded_at: None,
        load_failure: Some(LoadFailure { at: site.prices_as_of(), codes: vec!["unknown-key", "syntax", "unknown-key"] }),
    };
    let ok = Health { loaded_at: Some(site.prices_as_of()), load_failure: None };
    let cases = [
        ("/", "/", "GET", 200),
        ("/models", "/models", "GET", 200),
        ("/models", "/models?limit=3&capability=tool_call", "GET", 200),
        ("/models", "/models?limit=3&offset=1000000", "GET", 200),
        ("/models", "/models?limit=x", "GET", 400),
        ("/models", "/models?nothing=x", "GET", 400),
        ("/models", "/models?capability=fly", "GET", 400),
        ("/models/{ref}", "/models/kimi-coding/kimi-k2.5", "GET", 200),
        ("/models/{ref}", "/models/kimi-coding/k2p5", "GET", 200),
        ("/models/{ref}", "/models/kimi-coding/nothing", "GET", 404),
        ("/models/{ref}", "/models/%ff", "GET", 400),
        ("/models/{ref}/evidence", "/models/kimi-coding/kimi-k2.5/evidence", "GET", 200),
        ("/models/{ref}/evidence", "/models/openai/gpt-5.5/evidence", "GET", 404),
        ("/providers", "/providers", "GET", 200),
        ("/providers/{id}", "/providers/kimi-coding", "GET", 200),
        ("/providers/{id}", "/providers/nobody", "GET", 404),
        ("/health", "/health", "GET", 200),
        ("/openapi.json", "/openapi.json", "GET", 200),
        ("/models", "/models", "POST", 405),
        ("/api.json", "/api.json", "GET", 200),
        ("/v2/providers", "/v2/providers", "GET", 200),
        ("/v1/models", "/v1/models", "GET", 200),
        ("/model_prices_and_context_window.json", "/model_prices_and_context_window.json", "GET", 200),
    ];
    for (route, path, method, status) in cases {
        for health in [&ok, &broken] {
            let answer = get_response(site, health, method, path, &[]);
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            let schema = schema(&document, route, &status.to_string());
            let validator = jsonschema::validator_for(&schema).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(&body).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{path}: {errors:#?}");
        }
    }
    assert_eq!(get_response(site, &ok, "GET", "/models", &[("accept-encoding", "*;q=0")]).status(), 406);
}

#[test]
fn models_and_providers_match_the_document() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    for (list, key, path, route) in
        [("/models", "ref", "/models/", "/models/{ref}"), ("/providers", "id", "/providers/", "/providers/{id}")]
    {
        let validator = jsonschema::validator_for(&schema(&document, route, "200")).unwrap();
        let rows: Value = serde_json::from_slice(get_response(site, &Health::default(), "GET", list, &[]).body()).unwrap();
        // Checks every 50th model, so that each large provider is sampled.
        for row in rows[list.trim_start_matches('/')].as_array().unwrap().iter().step_by(if list == "/models" { 50 } else { 1 }) {
            let path = format!(
                "{path}{}",
                row[key].as_str().unwrap().replace('%', "%25").replace('#', "%23").replace('?', "%3F").replace(' ', "%20")
            );
            let answer = get_response(site, &Health::default(), "GET", &path, &[]);
            assert_eq!(answer.status(), 200, "{path}");
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(&body).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{path}: {errors:#?}");
        }
    }
}

/// Returns the path of a route, with ids of the fixture in place of the parameters.
fn with_fixture_ids(route: &str) -> String {
    route.replace("{ref}", "acme/full").replace("{id}", "acme")
}

/// Returns a request to which a route responds with a status: method, path and one header.
fn request_for_status(route: &str, status: &str) -> (&'static str, String, [(&'static str, &'static str); 1]) {
    let (method, path, header) = match status {
        "304" => ("GET", with_fixture_ids(route), ("if-none-match", "*")),
        "400" if route == "/models" => ("GET", "/models?limit=x".to_owned(), ("x", "")),
        "400" => ("GET", route.replace("{ref}", "%ff").replace("{id}", "%ff"), ("x", "")),
        "404" => ("GET", route.replace("{ref}", "acme/nothing").replace("{id}", "nobody"), ("x", "")),
        "406" => ("GET", with_fixture_ids(route), ("accept-encoding", "*;q=0")),
        "500" => ("GET", route.replace("{ref}", "acme/tier"), ("x", "")),
        "default" => ("POST", with_fixture_ids(route), ("x", "")),
        _ => ("GET", with_fixture_ids(route), ("x", "")),
    };
    (method, path, [header])
}

#[test]
fn every_status_of_every_route_matches_the_document() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    for (route, item) in document["paths"].as_object().unwrap() {
        for (status, response) in item["get"]["responses"].as_object().unwrap() {
            // The connection limit of the server returns 503; it is not part of this test.
            if status == "503" {
                continue;
            }
            let (method, path, headers) = request_for_status(route, status);
            let answer = get_response(&site, &Health::default(), method, &path, &headers);
            let expected = if status == "default" { "405" } else { status };
            assert_eq!(answer.status().as_str(), expected, "{route} {path}");
            let response = response["$ref"].as_str().map_or(response, |reference| document.pointer(&reference[1..]).unwrap());
            for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
                assert!(answer.headers().contains_key(name), "{route} {status}: {name}");
            }
            if status != "304" {
                let body: Value = serde_json::from_slice(answer.body()).unwrap();
                let validator = jsonschema::validator_for(&schema(&document, route, status)).unwrap();
                let errors: Vec<String> = validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
                assert!(errors.is_empty(), "{route} {status}: {errors:#?}");
            }
        }
    }
}

/// Collects the properties of a schema that occur in a value, as JSON pointers into the document.
fn collect_used_properties(document: &Value, pointer: &str, value: &Value, seen: &mut BTreeSet<String>) {
    let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} does not resolve"));
    if let Some(reference) = schema["$ref"].as_str() {
        collect_used_properties(document, &reference[1..], value, seen);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let count = schema[keyword].as_array().map_or(0, Vec::len);
        (0..count).for_each(|at| collect_used_properties(document, &format!("{pointer}/{keyword}/{at}"), value, seen));
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema["items"].is_object()) {
        collect_used_properties(document, &format!("{pointer}/items"), item, seen);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        if schema["properties"][key].is_object() {
            let pointer = format!("{pointer}/properties/{key}");
            collect_used_properties(document, &pointer, value, seen);
            seen.insert(pointer);
        } else if schema["additionalProperties"].is_object() {
            collect_used_properties(document, &format!("{pointer}/additionalProperties"), value, seen);
        }
    }
}

/// Collects every property that is declared below a pointer, and asserts that the object with the property allows no others.
fn collect_declared_properties(node: &Value, pointer: &str, properties: &mut BTreeSet<String>) {
    if let Some(declared) = node["properties"].as_object().filter(|_| node["type"] == "object") {
        properties.extend(declared.keys().map(|key| format!("{pointer}/properties/{key}")));
        assert_eq!(node["additionalProperties"], false, "{pointer} allows additional properties");
    }
    let entries = node.as_object().into_iter().flatten().map(|(key, node)| (key.clone(), node));
    let items = node.as_array().into_iter().flatten().enumerate().map(|(at, node)| (at.to_string(), node));
    entries.chain(items).for_each(|(key, node)| collect_declared_properties(node, &format!("{pointer}/{key}"), properties));
}

#[test]
fn every_key_of_the_document_is_in_a_response() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    let broken = Health {
        loaded_at: Some(site.prices_as_of()),
        load_failure: Some(LoadFailure { at: site.prices_as_of(), codes: vec!["unknown-key", "syntax", "unknown-key"] }),
    };
    let paths = document["paths"].as_object().unwrap().keys().map(|route| (route.clone(), with_fixture_ids(route), "200"));
    let models: Value = serde_json::from_slice(get_response(&site, &broken, "GET", "/models", &[]).body()).unwrap();
    let references = models["models"].as_array().unwrap().iter().map(|row| format!("/models/{}", row["ref"].as_str().unwrap()));
    let errors = [("/models".to_owned(), "/models?sort=nam".to_owned(), "400")];
    let mut seen = BTreeSet::new();
    for (route, path, status) in paths.chain(references.map(|path| ("/models/{ref}".to_owned(), path, "200"))).chain(errors) {
        let body: Value = serde_json::from_slice(get_response(&site, &broken, "GET", &path, &[]).body()).unwrap();
        let schema = match status {
            "200" => format!("/paths/{}/get/responses/200/content/application~1json/schema", route.replace('/', "~1")),
            _ => "/components/responses/BadRequest/content/application~1json/schema".to_owned(),
        };
        collect_used_properties(&document, &schema, &body, &mut seen);
    }
    let mut all = BTreeSet::new();
    collect_declared_properties(&document["components"]["schemas"], "/components/schemas", &mut all);
    let unused: Vec<&String> = all.difference(&seen).collect();
    assert!(unused.is_empty(), "in no response: {unused:#?}");
}

#[test]
fn every_component_is_referenced() {
    let document: Value = serde_json::from_str(OPENAPI_JSON).unwrap();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            assert!(OPENAPI_JSON.contains(&format!("\"$ref\": \"#/components/{kind}/{name}\"")), "{kind} {name}");
        }
    }
}

#[test]
fn every_parameter_accepts_every_value_of_the_document() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    for parameter in document["paths"]["/models"]["get"]["parameters"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        let schema = &parameter["schema"];
        let one = if schema["type"] == "array" { &schema["items"] } else { schema };
        let one = one["$ref"].as_str().map_or(one, |reference| document.pointer(&reference[1..]).unwrap());
        let words: Vec<&str> = match (one["enum"].as_array(), one["type"].as_str().unwrap()) {
            (Some(words), _) => words.iter().map(|word| word.as_str().unwrap()).collect(),
            (None, "boolean") => vec!["true", "false"],
            (None, _) if name == "provider" => vec!["acme", "acme-old"],
            (None, _) => vec!["1"],
        };
        for word in words {
            let answer = get_response(&site, &Health::default(), "GET", &format!("/models?{name}={word}"), &[]);
            assert_eq!(answer.status(), 200, "{name}={word}");
        }
    }
}

/// Validators of responses by route and status, because building one takes longer than all else.
#[derive(Default)]
struct Validators(BTreeMap<(String, String), jsonschema::Validator>);

impl Validators {
    /// Asserts that the document has the status of a response of a route, and that the body matches the document.
    fn assert_documented(&mut self, document: &Value, route: &str, path: &str, answer: &Response<Bytes>) {
        let status = answer.status().as_str().to_owned();
        let responses = &document["paths"][route]["get"]["responses"];
        let is_other_error = responses.get("default").is_some() && answer.status().is_client_error();
        assert!(responses.get(&status).is_some() || is_other_error, "{path}: {status}");
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let validator = self
            .0
            .entry((route.to_owned(), status.clone()))
            .or_insert_with(|| jsonschema::validator_for(&schema(document, route, &status)).expect("the schema is valid"));
        let errors: Vec<String> = validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{path}: {errors:#?}");
    }
}

/// Returns the JSON values that a query value may stand for according to the type in a schema.
fn query_values(schema: &Value, text: &str) -> Value {
    let scalar = |kind: &Value, text: &str| match kind.as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), |value| json!(value)),
        _ => json!(text),
    };
    match schema["type"].as_str() {
        // An empty list is written as an empty value.
        Some("array") if text.is_empty() => json!([]),
        Some("array") => text.split(',').map(|item| scalar(&schema["items"]["type"], item)).collect(),
        _ => scalar(&schema["type"], text),
    }
}

#[test]
fn every_parameter_answers_odd_values_as_the_document_states() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    let long = "x".repeat(3_000);
    let odd = [
        "",
        " ",
        ",",
        ",,",
        "0",
        "1",
        "-1",
        "1.5",
        "+1",
        "00",
        "1e9",
        "NaN",
        "null",
        "true",
        "false",
        "200k",
        "0.6",
        "$0.60",
        "99999999999999999999999",
        "18446744073709551616",
        "acme",
        "acme,",
        "acme,acme-old",
        "nobody",
        "price",
        "chat",
        "text",
        "active",
        "tool_call",
        "a b",
        "\u{e9}",
        "\u{202e}",
        "\0",
        "\r\nX: y",
        "'",
        "\"",
        "<script>",
        "../..",
        "%",
        "%ff",
        "{}",
        "[]",
        "[1",
        &long,
    ];
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let mut validators = Validators::default();
    let mut get = |path: &str| {
        let answer = get_response(&site, &Health::default(), "GET", path, &[]);
        validators.assert_documented(&document, "/models", path, &answer);
        answer.status().as_u16()
    };
    for parameter in document["paths"]["/models"]["get"]["parameters"].as_array().unwrap() {
        let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
        let full =
            json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], "allOf": [schema]});
        let validator = jsonschema::validator_for(&full).unwrap();
        let mut accepted = Vec::new();
        for value in odd {
            let status = get(&format!("/models?{name}={}", encode(value)));
            assert!(matches!(status, 200 | 400 | 414), "{name}={value:?}: {status}");
            // Ids of providers and the sizes of numbers are not part of the schema.
            let is_in_schema = name != "provider" || value.trim_matches(',').is_empty();
            let is_valid = is_in_schema && validator.is_valid(&query_values(schema, value));
            let is_too_large = value.len() > 19 && parameter["schema"]["pattern"].is_string();
            if is_valid && !is_too_large && value.len() < 1_000 {
                assert_eq!(status, 200, "{name}={value:?} is valid according to the document");
            }
            if status == 200 && value.len() < 10 {
                accepted.push(value);
            }
        }
        assert!(!accepted.is_empty(), "{name}");
        // Without a value, broken encodings, and repeated.
        for query in
            [name.to_owned(), format!("{name}&"), format!("&{name}="), format!("{name}=%"), format!("{name}=%f"), format!("{name}=%ff")]
        {
            get(&format!("/models?{query}"));
        }
        let is_list = schema["type"] == "array";
        for value in accepted {
            let status = get(&format!("/models?{name}={value}&{name}={value}", value = encode(value)));
            assert_eq!(status, if is_list { 200 } else { 400 }, "{name}={value:?} twice");
        }
        assert_eq!(get(&format!("/models?{name}={}", "a".repeat(5_000))), 414, "{name}");
    }
    assert_eq!(get("/models?search=a&q=b"), 400, "two names of one parameter");
    assert_eq!(get("/models?provider=&capability=&status="), 200);
    // Parameters in paths.
    for value in odd.into_iter().filter(|value| !value.is_empty()) {
        for route in ["/models/{ref}", "/models/{ref}/evidence", "/providers/{id}"] {
            let path = route.replace("{ref}", &encode(value)).replace("{id}", &encode(value));
            let answer = get_response(&site, &Health::default(), "GET", &path, &[]);
            validators.assert_documented(&document, route, &path, &answer);
        }
    }
}

#[test]
fn the_health_has_no_text_of_files_and_is_never_cached() {
    let site = fixture();
    let broken = Health {
        loaded_at: None,
        load_failure: Some(LoadFailure { at: site.prices_as_of(), codes: vec!["syntax", "not-utf8", "syntax"] }),
    };
    let answer = get_response(&site, &broken, "GET", "/health", &[]);
    let failed = serde_json::from_slice::<Value>(answer.body()).unwrap()["catalog"]["failed"].take();
    let expected = json!({
        "at": site.prices_as_of().to_string(), "reason": "the catalog has 3 errors; the log of the server has the details", "errors": 3,
        "codes": ["not-utf8", "syntax"],
    });
    assert_eq!(failed, expected);
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    for condition in ["*", &etag, &format!("W/{etag}"), "\"x\", *"] {
        for method in ["GET", "HEAD"] {
            let answer = get_response(&site, &broken, method, "/health", &[("if-none-match", condition)]);
            assert_eq!((answer.status().as_u16(), answer.headers()["cache-control"].to_str().unwrap()), (200, "no-store"), "{condition}");
        }
    }
}

#[test]
fn every_route_is_in_the_document() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI_JSON).unwrap());
    let index: Value = serde_json::from_slice(get_response(site, &Health::default(), "GET", "/", &[]).body()).unwrap();
    for entry in index["paths"].as_array().unwrap() {
        let path = entry["path"].as_str().unwrap().split('?').next().unwrap();
        assert!(document["paths"][path].is_object(), "{path}");
        let example = entry["example"].as_str().unwrap_or(path);
        assert!(get_response(site, &Health::default(), "GET", example, &[]).status() != 400, "{example}");
    }
    let parameters: Vec<&str> = document["paths"]["/models"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    let unknown: Value = serde_json::from_slice(get_response(site, &Health::default(), "GET", "/models?x=y", &[]).body()).unwrap();
    assert_eq!(unknown["error"]["help"], format!("known parameters: {}", parameters.join(", ")));
}

#[test]
fn every_encoding_has_the_same_content() {
    let site = site();
    for path in ["/v1/models", "/providers", "/models?limit=40", "/models/kimi-coding/kimi-k2.5", "/providers/openrouter"] {
        let get = |encoding: &str| get_response(site, &Health::default(), "GET", path, &[("accept-encoding", encoding)]);
        let plain = get("identity");
        let gzip = get("gzip");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body()[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body()[..], "{path}");
        assert_ne!(plain.headers()["etag"], gzip.headers()["etag"], "{path}");
        // A second response has the same bytes.
        assert_eq!(get("gzip").body(), gzip.body());
    }
}
