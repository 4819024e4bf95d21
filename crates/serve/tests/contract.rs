//! Every kind of answer is what the OpenAPI document says, and every route is in it.

use bytes::Bytes;
use hyper::{Request, Response};
use modeldex_compile::{Compiled, compile};
use modeldex_serve::{Asked, Evidence, FETCHED, Failed, Health, Holder, OPENAPI, Site, answer};
use modeldex_table::{Catalog, Model, Moment};
use serde_json::{Value, json};
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
    let mut cases = vec![
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
    ];
    cases.extend(
        FETCHED
            .iter()
            .filter(|fetched| modeldex_emit::target(fetched.target).is_some())
            .map(|fetched| (fetched.path, fetched.path, "GET", 200)),
    );
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
    for fetched in FETCHED {
        assert!(document["paths"][fetched.path].is_object(), "{}", fetched.path);
    }
}

#[test]
fn each_encoding_is_the_same_text() {
    let site = site();
    for path in ["/api.json", "/models", "/models?limit=40", "/models/kimi-coding/kimi-k2.5", "/providers/openrouter"] {
        let get = |encoding: &str| ask(site, &Health::default(), "GET", path, &[("accept-encoding", encoding)]);
        let plain = get("identity");
        let (gzip, zstd) = (get("gzip"), get("zstd"));
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body()[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body()[..], "{path}");
        assert_eq!(zstd::stream::decode_all(&zstd.body()[..]).unwrap(), plain.body()[..], "{path}");
        let tags: std::collections::BTreeSet<_> = [&plain, &gzip, &zstd]
            .map(|answer| answer.headers()["etag"].clone())
            .into_iter()
            .map(|tag| tag.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(tags.len(), 3, "{path}");
        // Made again, they are the same bytes.
        assert_eq!(get("gzip").body(), gzip.body());
    }
}
