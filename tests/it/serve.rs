//! All routes of the server, and HTTP: encodings, ETags, methods, CORS.

#![cfg(feature = "cli")]

use crate::program::TestFolder;
use crate::serve_program::{Response, Server};
use std::io::Write;

/// Creates a catalog with a base model, two providers, unusual ids and aliases.
fn place(test: &str) -> TestFolder {
    let place = TestFolder::new("serve", test);
    place.acme("openai-completions", "https://api.acme.example/v1");
    place.provider(
        "odd",
        "name: Odd <&>\nsources:\n  - {url: https://odd.example}\n\
         aliases:\n  - {id: strange, kind: legacy}\nendpoints:\n  - {base_url: https://odd.example/v1, api: openai-completions}\n\
         auth:\n  - {kind: none}\nmodel_aliases:\n  - {id: uno, target: lab/one:free, kind: display}\n\
         models:\n  - {id: \"lab/one:free\", billing: free, context_window: 200000, tool_call: true}\n  \
         - {id: \"evidence\", billing: unpriced}\n  - {id: two, billing: metered, context_window: 1000, prices: [{input: 5, output: 6}]}\n",
    );
    place
}

#[test]
fn every_route_answers() {
    let place = place("routes");
    let server = Server::start(&place, &[]);
    let json = |path: &str| {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{path}");
        answer.json()
    };
    assert_eq!(json("/api.json")["acme"]["models"]["kimi-k2.5"]["limit"]["context"], 1000);
    assert_eq!(json("/api.json?v=1"), json("/api.json"), "what is fetched has no parameters, and minds none");
    assert_eq!(json("/v1/models")["object"], "list");
    assert!(json("/model_prices_and_context_window.json").is_object());
    assert_eq!(json("/models")["total"], 4);
    assert_eq!(json("/models")["models"][0]["ref"], "acme/kimi-k2.5");
    assert_eq!(json("/providers")["providers"][1]["id"], "odd");
    assert_eq!(json("/providers/odd")["model_ids"][1], "lab/one:free");
    assert_eq!(json("/providers/strange")["id"], "odd");
    assert_eq!(json("/health")["status"], "ok");
    assert_eq!(json("/health")["catalog"]["models"], 4);
    assert_eq!(json("/openapi.json")["openapi"], "3.1.0");
    assert_eq!(json("/")["name"], "modeldex");
    for path in ["/models/odd/lab/one:free", "/models/odd%2Flab%2fone%3Afree", "/models/odd/uno", "/models/strange/lab/one:free"] {
        assert_eq!(json(path)["ref"], "odd/lab/one:free", "{path}");
    }
    assert_eq!(json("/models/odd/evidence")["ref"], "odd/evidence", "a model may be called so");
    // The same JSON as the command, without facts about this machine.
    let mut shown = place.run(&["models", "show", "acme/kimi-k2.5", "--json"]).json();
    let mut served = json("/models/acme/kimi-k2.5");
    for key in ["auth", "origins", "asked", "rivals", "price_as_of", "auth_methods"] {
        shown.as_object_mut().expect("it is an object").remove(key);
        served.as_object_mut().expect("it is an object").remove(key);
    }
    assert_eq!(served, shown);
    let page = server.ask("GET", "/", &["Accept: text/html"]);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("vary"), Some("accept, accept-encoding"));
    assert!(String::from_utf8_lossy(&page.body).contains("<a href=\"/models/acme/kimi-k2.5\">"));
}

#[test]
fn unknown_routes_and_ids_suggest_the_nearest() {
    let place = place("unknown");
    let server = Server::start(&place, &[]);
    for (path, code, near) in [
        ("/models/acme/kimi-k2.6", "unknown-model", Some("acme/kimi-k2.5")),
        ("/models/acme/kimi-k2.6/evidence", "unknown-model", Some("acme/kimi-k2.5")),
        ("/models/kimi", "unknown-model", None),
        ("/models/", "unknown-model", None),
        ("/providers/acmee", "unknown-provider", Some("acme")),
        ("/models/acme/kimi-k2.5/evidence", "no-evidence", None),
        ("/api.jso", "not-found", Some("/api.json")),
        ("/api.json/", "not-found", Some("/api.json")),
        ("//api.json", "not-found", None),
        ("/../api.json", "not-found", None),
        ("/models/../../../etc/passwd", "unknown-model", None),
        ("/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "unknown-model", None),
        ("/%2e%2e/%2e%2e/etc/passwd", "not-found", None),
        ("/.git/config", "not-found", None),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.code().as_str()), (404, code), "{path}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        if near.is_some() {
            assert_eq!(answer.json()["error"]["nearest"][0].as_str(), near, "{path}");
        }
    }
    for path in ["/models/%ff", "/providers/%c3%28", "/models?search=%ff"] {
        assert_eq!((server.get(path).status, server.get(path).code().as_str()), (400, "bad-encoding"), "{path}");
    }
}

#[test]
fn lists_are_filtered_like_models_list() {
    let place = place("filters");
    let server = Server::start(&place, &[]);
    for (query, flags) in [
        ("provider=odd", &["--provider", "odd"][..]),
        ("provider=strange,acme", &["--provider", "strange", "--provider", "acme"]),
        ("capability=tool_call", &["--capability", "tool_call"]),
        ("min_context=100k", &["--min-context", "100k"]),
        ("max_price=3", &["--max-price", "3"]),
        ("max_price=%240.5", &["--max-price", "$0.5"]),
        ("max_output_price=7", &["--max-output-price", "7"]),
        ("status=active&kind=chat", &["--status", "active", "--kind", "chat"]),
        ("search=kimi+acme", &["--search", "kimi acme"]),
        ("q=ONE%3Afree", &["--search", "one:free"]),
        ("sort=price&reverse", &["--sort", "price", "--reverse"]),
        ("sort=context", &["--sort", "context"]),
        ("input=image", &["--input", "image"]),
    ] {
        let listed = place.run(&[&["models", "list", "--all", "--json"], flags].concat()).json();
        let references = |list: &serde_json::Value| -> Vec<String> {
            list.as_array().into_iter().flatten().map(|row| row["ref"].as_str().unwrap_or_default().to_owned()).collect()
        };
        let answer = server.get(&format!("/models?{query}"));
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        assert_eq!(references(&answer.json()["models"]), references(&listed), "{query}");
    }
    // The pages together are the same list.
    let (mut path, mut seen) = ("/models?sort=name&limit=3".to_owned(), Vec::new());
    for _ in 0..4 {
        let page = server.get(&path).json();
        assert_eq!(page["total"], 4);
        seen.extend(page["models"].as_array().into_iter().flatten().map(|row| row["name"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = next.to_owned();
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!(server.get("/models?offset=99").json()["models"], serde_json::json!([]));
    for (query, code, near) in [
        ("capability=tool_cal", "unknown-word", "tool_call"),
        ("capabilty=tool_call", "unknown-parameter", "capability"),
        ("provider=acmee", "unknown-word", "acme"),
        ("status=actve", "unknown-word", "active"),
        ("sort=pric", "unknown-word", "price"),
        ("min_context=lots", "bad-value", ""),
        ("limit=0", "bad-value", ""),
        ("limit=-1", "bad-value", ""),
        ("offset=x", "bad-value", ""),
        ("max_price=cheap", "bad-value", ""),
    ] {
        let answer = server.get(&format!("/models?{query}"));
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
        assert_eq!(answer.json()["error"]["nearest"][0].as_str().unwrap_or_default(), near, "{query}");
    }
}

#[test]
fn each_encoding_has_its_etag_and_unchanged_is_304() {
    let place = place("encodings");
    let server = Server::start(&place, &[]);
    let request = |method: &str, encoding: &str, more: &[&str]| {
        let accept = format!("Accept-Encoding: {encoding}");
        server.ask(method, "/openapi.json", &[&[accept.as_str()], more].concat())
    };
    let mut tags = Vec::new();
    for (accept, encoding) in [("identity", None), ("gzip, deflate, br, zstd", Some("gzip")), ("zstd", None)] {
        let answer = request("GET", accept, &[]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, encoding), "{accept}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-expose-headers"), Some("etag"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        assert!(answer.header("date").is_some());
        let tag = answer.header("etag").expect("it has a tag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "it is strong: {tag}");
        let head = request("HEAD", accept, &[]);
        assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, answer.header("content-length")));
        assert_eq!(head.header("etag"), Some(tag.as_str()));
        for list in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag} , \"y\""), "*".to_owned()] {
            let answer = request("GET", accept, &[&format!("If-None-Match: {list}")]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{list}");
            assert_eq!(answer.header("etag"), Some(tag.as_str()));
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            assert_eq!(answer.header("content-type"), None);
        }
        assert_eq!(request("GET", accept, &["If-None-Match: \"x\""]).status, 200);
        tags.push(tag);
    }
    assert_ne!(tags[0], tags[1]);
    // An ETag of another encoding does not match.
    assert_eq!(request("GET", "gzip", &[&format!("If-None-Match: {}", tags[0])]).status, 200);
    assert_eq!(request("GET", "gzip;q=0", &[]).header("content-encoding"), None);
    assert_eq!(request("GET", "*;q=0", &[]).status, 406);
    assert_eq!(server.ask("GET", "/health", &["Accept-Encoding: gzip"]).header("content-encoding"), None, "it is too small for that");
    assert_eq!(server.ask("GET", "/health", &[]).header("cache-control"), Some("no-store"));
}

#[test]
fn only_get_head_and_options_are_answered() {
    let place = place("methods");
    let server = Server::start(&place, &[]);
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"] {
        let answer = server.ask(method, "/models", &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
        assert_eq!(answer.code(), "method-not-allowed");
    }
    for path in ["/api.json", "/models/acme/kimi-k2.5", "*"] {
        let answer = server.ask("OPTIONS", path, &["Origin: https://x.example", "Access-Control-Request-Method: GET"]);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")), "{path}");
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(answer.body, b"");
    }
    let answer = server.ask("HEAD", "/models/no/such", &[]);
    assert_eq!((answer.status, answer.body.len()), (404, 0));
}

#[test]
fn requests_are_answered_in_order_on_one_connection() {
    let place = place("keep_alive");
    let server = Server::start(&place, &[]);
    // Pipelined: responses are in the order of the requests.
    let paths = ["/health", "/models/acme/kimi-k2.5", "/models?search=odd", "/nothing", "/v1/models", "/providers/odd"];
    let request: String = paths.iter().map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    let end = "GET /providers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = Response::read_all(&server.send(format!("{request}{end}").as_bytes()));
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 404, 200, 200, 200]);
    assert_eq!(answers[1].json()["ref"], "acme/kimi-k2.5");
    assert_eq!(answers[5].json()["id"], "odd");
    // In sequence, each in pieces.
    let mut stream = server.connect();
    for _ in 0..3 {
        for piece in ["GET /health HT", "TP/1.1\r\nHo", "st: x\r\n\r\n"] {
            stream.write_all(piece.as_bytes()).expect("it is still open");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let mut answer = vec![0; 4096];
        let read = std::io::Read::read(&mut stream, &mut answer).expect("it answers");
        assert_eq!(Response::read(&answer[..read]).status, 200);
    }
    // HTTP/1.0 is answered, and the connection closed.
    let old = Response::read(&server.send(b"GET /health HTTP/1.0\r\n\r\n"));
    assert_eq!(old.status, 200);
}

#[test]
fn evidence_equals_the_output_of_the_command() {
    let place = place("evidence");
    let line = r#"{"provider":"acme","facts":{"listed":[[true,"x@2026-01-01"]]}}
{"model":"kimi-k2.5","facts":{"context_window":[[1000,"x@2026-01-01","y@2026-02-01"],[2000,"z@2026-01-01"]]}}
"#;
    std::fs::create_dir_all(place.dir.join("evidence")).expect("a folder can be made");
    std::fs::write(place.dir.join("evidence/acme.jsonl"), line).expect("a file can be written");
    let server = Server::start(&place, &[]);
    let printed = place.run(&["evidence", "acme/kimi-k2.5", "--json"]).json();
    let answer = server.get("/models/acme/kimi-k2.5/evidence");
    assert_eq!((answer.status, answer.json()), (200, printed));
    assert!(answer.header("etag").is_some());
    assert_eq!(server.get("/models/acme%2Fkimi-k2.5/evidence").json(), answer.json());
    // Evidence is watched too: errors are reported without local paths.
    std::fs::write(place.dir.join("evidence/acme.jsonl"), "{broken").expect("a file can be written");
    let answer = server.get_until("/models/acme/kimi-k2.5/evidence", |answer| answer.status != 200);
    assert_eq!((answer.status, answer.code().as_str()), (500, "unreadable-evidence"));
    assert!(!String::from_utf8_lossy(&answer.body).contains("jsonl"));
}
