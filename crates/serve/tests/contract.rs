//! Every kind of answer is what the OpenAPI document says, and every route is in it.

use bytes::Bytes;
use hyper::{Request, Response};
use modeldex_compile::{Compiled, compile};
use modeldex_import::evidence_report::EvidenceReader;
use modeldex_serve::{Asked, Evidence, Failed, Health, Holder, OPENAPI, Site, answer};
use modeldex_table::{Catalog, Model, Moment};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};

struct Held(Compiled);

impl Holder for Held {
    fn catalog(&self) -> Catalog<'_> {
        self.0.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> Evidence {
        let claim = json!({"value": 1, "source": "x", "since": "2026-01-01", "until": null, "under": null});
        let fact = json!({
            "fact": "context_window", "group": "limits", "value": 1, "rule": "only", "why": "x", "catalog": 1, "part": "own", "kept": null,
            "claims": [claim], "providers": [],
        });
        match model.id() {
            "unread" => Evidence::Unreadable("it cannot be read".to_owned()),
            "kimi-k2.5" => Evidence::Found(json!({"ref": "x", "kind": "model", "base": null, "facts": [fact], "probes": []}).to_string()),
            _ => Evidence::Absent("there is none".to_owned()),
        }
    }
}

/// A small catalog in which every key of an answer occurs, with evidence.
struct Fixture {
    compiled: Compiled,
    evidence: EvidenceReader,
}

impl Holder for Fixture {
    fn catalog(&self) -> Catalog<'_> {
        self.compiled.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> Evidence {
        match model.id() {
            "tier" => Evidence::Unreadable("it cannot be read".to_owned()),
            _ => {
                let json = self.evidence.with_model(model, |report| serde_json::to_string(report).expect("a report is JSON"));
                Evidence::Found(json.expect("the evidence can be read"))
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

/// The catalog of this repository: whatever an answer may hold is somewhere in it.
fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(compiled)
}

fn compiled() -> Site {
    let compiled = compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"));
    assert!(!compiled.has_errors());
    Site::new(Arc::new(Held(compiled)), Moment::from_unix(1_780_000_000))
}

fn ask(site: &Site, health: &Health, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("host", "x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(site, health, &Asked::new(request.body(()).expect("it is a request").into_parts().0))
}

/// The schema of the answer of a path with a status.
fn schema(document: &Value, path: &str, status: &str) -> Value {
    let responses = &document["paths"][path]["get"]["responses"];
    let response = responses.get(status).unwrap_or(&responses["default"]);
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("it leads somewhere"),
        None => response,
    };
    let schema = &response["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{path} {status}");
    json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], "allOf": [schema]})
}

#[test]
fn answers_are_what_the_document_says() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI).unwrap());
    let broken = Health { loaded: None, failed: Some(Failed { at: site.at(), reason: "x".to_owned() }) };
    let ok = Health { loaded: Some(site.at()), failed: None };
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
            let answer = ask(site, health, method, path, &[]);
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            let schema = schema(&document, route, &status.to_string());
            let validator = jsonschema::validator_for(&schema).unwrap();
            let faults: Vec<String> =
                validator.iter_errors(&body).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(faults.is_empty(), "{path}: {faults:#?}");
        }
    }
    assert_eq!(ask(site, &ok, "GET", "/models", &[("accept-encoding", "*;q=0")]).status(), 406);
}

#[test]
fn every_model_and_provider_is_what_the_document_says() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI).unwrap());
    for (list, key, path, route) in
        [("/models", "ref", "/models/", "/models/{ref}"), ("/providers", "id", "/providers/", "/providers/{id}")]
    {
        let validator = jsonschema::validator_for(&schema(&document, route, "200")).unwrap();
        let rows: Value = serde_json::from_slice(ask(site, &Health::default(), "GET", list, &[]).body()).unwrap();
        // One in fifty, which is some of every provider that has many.
        for row in rows[list.trim_start_matches('/')].as_array().unwrap().iter().step_by(if list == "/models" { 50 } else { 1 }) {
            let path = format!(
                "{path}{}",
                row[key].as_str().unwrap().replace('%', "%25").replace('#', "%23").replace('?', "%3F").replace(' ', "%20")
            );
            let answer = ask(site, &Health::default(), "GET", &path, &[]);
            assert_eq!(answer.status(), 200, "{path}");
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            let faults: Vec<String> =
                validator.iter_errors(&body).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(faults.is_empty(), "{path}: {faults:#?}");
        }
    }
}

/// The path of a route with its gaps filled in the fixture.
fn filled(route: &str) -> String {
    route.replace("{ref}", "acme/full").replace("{id}", "acme")
}

/// A request that a route answers with a status, by its path and one header.
fn request(route: &str, status: &str) -> (&'static str, String, [(&'static str, &'static str); 1]) {
    let (method, path, header) = match status {
        "304" => ("GET", filled(route), ("if-none-match", "*")),
        "400" if route == "/models" => ("GET", "/models?limit=x".to_owned(), ("x", "")),
        "400" => ("GET", route.replace("{ref}", "%ff").replace("{id}", "%ff"), ("x", "")),
        "404" => ("GET", route.replace("{ref}", "acme/nothing").replace("{id}", "nobody"), ("x", "")),
        "406" => ("GET", filled(route), ("accept-encoding", "*;q=0")),
        "500" => ("GET", route.replace("{ref}", "acme/tier"), ("x", "")),
        "default" => ("POST", filled(route), ("x", "")),
        _ => ("GET", filled(route), ("x", "")),
    };
    (method, path, [header])
}

#[test]
fn every_route_answers_with_every_status_as_the_document_says() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI).unwrap());
    for (route, item) in document["paths"].as_object().unwrap() {
        for (status, response) in item["get"]["responses"].as_object().unwrap() {
            // Connections are counted by the server, which is not here.
            if status == "503" {
                continue;
            }
            let (method, path, headers) = request(route, status);
            let answer = ask(&site, &Health::default(), method, &path, &headers);
            let expected = if status == "default" { "405" } else { status };
            assert_eq!(answer.status().as_str(), expected, "{route} {path}");
            let response = response["$ref"].as_str().map_or(response, |reference| document.pointer(&reference[1..]).unwrap());
            for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
                assert!(answer.headers().contains_key(name), "{route} {status}: {name}");
            }
            if status != "304" {
                let body: Value = serde_json::from_slice(answer.body()).unwrap();
                let validator = jsonschema::validator_for(&schema(&document, route, status)).unwrap();
                let faults: Vec<String> = validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
                assert!(faults.is_empty(), "{route} {status}: {faults:#?}");
            }
        }
    }
}

/// Notes the properties of a schema that a value has, by their pointers in the document.
fn note(document: &Value, pointer: &str, value: &Value, seen: &mut BTreeSet<String>) {
    let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"));
    if let Some(reference) = schema["$ref"].as_str() {
        note(document, &reference[1..], value, seen);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let count = schema[keyword].as_array().map_or(0, Vec::len);
        (0..count).for_each(|at| note(document, &format!("{pointer}/{keyword}/{at}"), value, seen));
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema["items"].is_object()) {
        note(document, &format!("{pointer}/items"), item, seen);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        if schema["properties"][key].is_object() {
            let pointer = format!("{pointer}/properties/{key}");
            note(document, &pointer, value, seen);
            seen.insert(pointer);
        } else if schema["additionalProperties"].is_object() {
            note(document, &format!("{pointer}/additionalProperties"), value, seen);
        }
    }
}

/// Notes every property that is declared below a pointer, and that its object has no others.
fn declared(node: &Value, pointer: &str, properties: &mut BTreeSet<String>) {
    if let Some(own) = node["properties"].as_object().filter(|_| node["type"] == "object") {
        properties.extend(own.keys().map(|key| format!("{pointer}/properties/{key}")));
        assert_eq!(node["additionalProperties"], false, "{pointer} is open");
    }
    let entries = node.as_object().into_iter().flatten().map(|(key, node)| (key.clone(), node));
    let items = node.as_array().into_iter().flatten().enumerate().map(|(at, node)| (at.to_string(), node));
    entries.chain(items).for_each(|(key, node)| declared(node, &format!("{pointer}/{key}"), properties));
}

#[test]
fn every_key_of_the_document_is_in_an_answer() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI).unwrap());
    let broken = Health { loaded: Some(site.at()), failed: Some(Failed { at: site.at(), reason: "x".to_owned() }) };
    let paths = document["paths"].as_object().unwrap().keys().map(|route| (route.clone(), filled(route), "200"));
    let models: Value = serde_json::from_slice(ask(&site, &broken, "GET", "/models", &[]).body()).unwrap();
    let references = models["models"].as_array().unwrap().iter().map(|row| format!("/models/{}", row["ref"].as_str().unwrap()));
    let errors = [("/models".to_owned(), "/models?sort=nam".to_owned(), "400")];
    let mut seen = BTreeSet::new();
    for (route, path, status) in paths.chain(references.map(|path| ("/models/{ref}".to_owned(), path, "200"))).chain(errors) {
        let body: Value = serde_json::from_slice(ask(&site, &broken, "GET", &path, &[]).body()).unwrap();
        let schema = match status {
            "200" => format!("/paths/{}/get/responses/200/content/application~1json/schema", route.replace('/', "~1")),
            _ => "/components/responses/BadRequest/content/application~1json/schema".to_owned(),
        };
        note(&document, &schema, &body, &mut seen);
    }
    let mut all = BTreeSet::new();
    declared(&document["components"]["schemas"], "/components/schemas", &mut all);
    let dead: Vec<&String> = all.difference(&seen).collect();
    assert!(dead.is_empty(), "in no answer: {dead:#?}");
}

#[test]
fn every_component_is_referenced() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            assert!(OPENAPI.contains(&format!("\"$ref\": \"#/components/{kind}/{name}\"")), "{kind} {name}");
        }
    }
}

#[test]
fn every_parameter_is_read_with_every_word_of_the_document() {
    let (site, document) = (fixture(), serde_json::from_str::<Value>(OPENAPI).unwrap());
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
            let answer = ask(&site, &Health::default(), "GET", &format!("/models?{name}={word}"), &[]);
            assert_eq!(answer.status(), 200, "{name}={word}");
        }
    }
}

#[test]
fn every_route_is_in_the_document() {
    let (site, document) = (site(), serde_json::from_str::<Value>(OPENAPI).unwrap());
    let index: Value = serde_json::from_slice(ask(site, &Health::default(), "GET", "/", &[]).body()).unwrap();
    for entry in index["paths"].as_array().unwrap() {
        let path = entry["path"].as_str().unwrap().split('?').next().unwrap();
        assert!(document["paths"][path].is_object(), "{path}");
        let example = entry["example"].as_str().unwrap_or(path);
        assert!(ask(site, &Health::default(), "GET", example, &[]).status() != 400, "{example}");
    }
    let parameters: Vec<&str> = document["paths"]["/models"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    let unknown: Value = serde_json::from_slice(ask(site, &Health::default(), "GET", "/models?x=y", &[]).body()).unwrap();
    assert_eq!(unknown["error"]["help"], format!("these are known: {}", parameters.join(", ")));
}

#[test]
fn each_encoding_is_the_same_text() {
    let site = site();
    for path in ["/v1/models", "/providers", "/models?limit=40", "/models/kimi-coding/kimi-k2.5", "/providers/openrouter"] {
        let get = |encoding: &str| ask(site, &Health::default(), "GET", path, &[("accept-encoding", encoding)]);
        let plain = get("identity");
        let gzip = get("gzip");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body()[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body()[..], "{path}");
        assert_ne!(plain.headers()["etag"], gzip.headers()["etag"], "{path}");
        // Made again, they are the same bytes.
        assert_eq!(get("gzip").body(), gzip.body());
    }
}
