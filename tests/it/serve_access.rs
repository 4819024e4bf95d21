//! Who can read what the server serves: web pages, DNS rebinding, links to private files, and the health of the server.

#![cfg(feature = "cli")]

use crate::program::{TestFolder, finish};
use crate::serve_program::{Response, Server, fails};
use std::fs;

const OVERLAY: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
extends: acme
models:
  - {id: private-model, context_window: 5000, billing: unpriced}
";

fn acme(test: &str) -> TestFolder {
    let place = TestFolder::new("serve_access", test);
    place.acme("openai-completions", "https://api.acme.example/v1");
    fs::create_dir_all(place.dir.join("over/providers")).expect("a folder can be made");
    fs::write(place.dir.join("over/providers/acme.yaml"), OVERLAY).expect("a file can be written");
    place
}

/// Sends a request with these lines after the request line.
fn ask(server: &Server, line: &str, headers: &[&str]) -> Response {
    Response::read(&server.send(format!("{line}\r\n{}\r\nConnection: close\r\n\r\n", headers.join("\r\n")).as_bytes()))
}

fn text(answer: &Response) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[test]
fn pages_read_only_public_catalogs() {
    let place = acme("cors");
    let (app, evil) = ("https://app.example", "https://evil.example");
    let with_overlay = ["--overlay", "over"];
    for (more, allowed_app, allowed_evil, policy) in [
        (vec![], Some("*"), Some("*"), "cross-origin"),
        (vec!["--cors", app], Some(app), None, "same-origin"),
        (with_overlay.to_vec(), None, None, "same-origin"),
        ([&with_overlay[..], &["--cors", app]].concat(), Some(app), None, "same-origin"),
        ([&with_overlay[..], &["--cors", "*"]].concat(), Some("*"), Some("*"), "cross-origin"),
    ] {
        let server = Server::start(&place, &more);
        for path in ["/", "/models", "/models/acme/kimi-k2.5", "/api.json", "/health", "/nothing", "/models?limit=x"] {
            for (origin, allowed) in [(app, allowed_app), (evil, allowed_evil)] {
                let answer = server.ask("GET", path, &[&format!("Origin: {origin}")]);
                assert_eq!(answer.header("access-control-allow-origin"), allowed, "{more:?} {path} {origin}");
                assert_eq!(answer.header("cross-origin-resource-policy"), Some(policy), "{more:?} {path}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{more:?} {path}");
                let depends = more.contains(&app);
                assert_eq!(answer.header("vary").unwrap_or_default().contains("origin"), depends, "{more:?} {path}");
                let preflight = ["Access-Control-Request-Method: GET", "Access-Control-Request-Private-Network: true"];
                let answer = server.ask("OPTIONS", path, &[&[format!("Origin: {origin}").as_str()], &preflight[..]].concat());
                if answer.status == 204 {
                    assert_eq!(answer.header("access-control-allow-origin"), allowed, "{more:?} {path} {origin}");
                    assert_eq!(answer.header("access-control-allow-private-network"), allowed.map(|_| "true"), "{more:?} {path} {origin}");
                    assert_eq!(answer.header("access-control-allow-methods").is_some(), allowed.is_some(), "{more:?} {path} {origin}");
                }
            }
        }
    }
    // An overlay of the configuration is private too.
    fs::write(place.config(), format!("{{\"overlays\": [{:?}]}}", place.dir.join("over").to_string_lossy()))
        .expect("a file can be written");
    let server = Server::start(&place, &[]);
    let answer = server.ask("GET", "/models", &["Origin: https://app.example"]);
    assert!(text(&answer).contains("private-model") && answer.header("access-control-allow-origin").is_none(), "{answer:?}");
    for value in ["app.example", "https://app.example/", "null", ""] {
        let run = finish(&mut place.program(&["serve", "--listen", "127.0.0.1:0", "--cors", value]));
        assert!(run.code == 2 && run.err.contains("--cors"), "{value}: {}", run.err);
    }
}

/// A page whose host name resolves to this machine sends its own host name.
#[test]
fn dns_rebinding_reads_nothing() {
    let place = acme("rebinding");
    for more in [&[][..], &["--overlay", "over"], &["--overlay", "over", "--cors", "*"]] {
        let server = Server::run(place.program(&["serve", "--listen", "127.0.0.1:0"]).args(more));
        let port = server.address.rsplit(':').next().expect("there is a port").to_owned();
        let local = format!("localhost:{port}");
        for path in ["/", "/models", "/models/acme/kimi-k2.5", "/health", "/api.json", "/v1/models"] {
            let evil = format!("evil.example:{port}");
            let requests = [
                (format!("GET {path} HTTP/1.1"), vec![format!("Host: {evil}")]),
                (format!("GET {path} HTTP/1.1"), vec!["Host: evil.example".to_owned()]),
                (format!("GET {path} HTTP/1.1"), vec!["Host: localhost:1".to_owned()]),
                (format!("GET {path} HTTP/1.1"), vec![format!("Host: {local}.evil.example")]),
                (format!("GET {path} HTTP/1.1"), vec![format!("Host: {local}"), format!("Host: {evil}")]),
                (format!("GET {path} HTTP/1.1"), vec![format!("Host: {evil}"), format!("Host: {local}")]),
                (format!("GET {path} HTTP/1.1"), vec!["X: y".to_owned()]),
                (format!("GET {path} HTTP/1.1"), vec!["Host:".to_owned()]),
                (format!("GET http://{evil}{path} HTTP/1.1"), vec![format!("Host: {local}")]),
                (format!("GET http://{local}{path} HTTP/1.1"), vec![format!("Host: {evil}")]),
                (format!("GET http://{local}@{evil}{path} HTTP/1.1"), vec![format!("Host: {local}")]),
                (format!("GET {path} HTTP/1.0"), vec![format!("Host: {evil}")]),
                (format!("HEAD {path} HTTP/1.1"), vec![format!("Host: {evil}")]),
                (format!("OPTIONS {path} HTTP/1.1"), vec![format!("Host: {evil}")]),
            ];
            for (line, headers) in requests {
                let headers: Vec<&str> = headers.iter().map(String::as_str).chain(["Origin: https://evil.example"]).collect();
                let answer = ask(&server, &line, &headers);
                assert!(matches!(answer.status, 400 | 421), "{line} {headers:?}: {}", answer.status);
                assert!(!text(&answer).contains("model") || text(&answer).contains("modeldex serve --allow-host"), "{}", text(&answer));
                // An invalid host is refused before anything is known about the page.
                assert!(answer.status == 400 || answer.header("access-control-allow-origin").is_none(), "{line} {headers:?}");
            }
            for host in [
                &local,
                &format!("LOCALHOST:{port}"),
                &format!("localhost.:{port}"),
                &format!("127.0.0.1:{port}"),
                &format!("[::1]:{port}"),
            ] {
                for line in [format!("GET {path} HTTP/1.1"), format!("GET http://{host}{path} HTTP/1.1")] {
                    assert_eq!(ask(&server, &line, &[&format!("Host: {host}")]).status, 200, "{line} {host}");
                }
            }
        }
        let refused = ask(&server, "GET /models HTTP/1.1", &["Host: evil.example"]);
        assert_eq!((refused.status, refused.code().as_str()), (421, "unknown-host"));
    }
    let server =
        Server::run(place.program(&["serve", "--listen", "127.0.0.1:0", "--allow-host", "models.example.com"]).args(["--overlay", "over"]));
    assert_eq!(ask(&server, "GET /models HTTP/1.1", &["Host: Models.Example.com"]).status, 200);
    assert_eq!(ask(&server, "GET /models HTTP/1.1", &["Host: evil.example"]).status, 421);
    let run = finish(&mut place.program(&["serve", "--listen", "127.0.0.1:0", "--allow-host", "https://a.example"]));
    assert!(run.code == 2 && run.err.contains("expected a host name"), "{}", run.err);
}

/// Neither `/health` nor another response has text of a broken file, and files that are links to other folders are not read.
#[test]
fn the_health_shows_no_text_of_files() {
    let place = acme("health");
    let (mut server, file) = (Server::start(&place, &["--overlay", "over"]), place.dir.join("over/providers/acme.yaml"));
    for broken in ["Sesame-Open: [\n", "Sesame: 1\n", "name: Sesame: Open\n", "extends: Sesame\n"] {
        fs::write(&file, broken).expect("a file can be written");
        let health = server.get_until("/health", |answer| answer.json()["status"] == "degraded");
        let shown = text(&health);
        assert!(!shown.contains("Sesame") && !shown.contains("acme") && !shown.contains("yaml"), "{shown}");
        let failed = health.json()["catalog"]["failed"].take();
        assert!(failed["errors"].as_u64() > Some(0) && failed["codes"][0].is_string(), "{failed}");
        server.until("the previous catalog is still served");
        fs::write(&file, OVERLAY).expect("a file can be written");
        server.get_until("/health", |answer| answer.json()["status"] == "ok");
    }
    // A link to a private file elsewhere, valid or not.
    let private = place.dir.join("private.yaml");
    for content in ["Sesame: [\n".to_owned(), OVERLAY.replace("private-model", "sesame")] {
        fs::write(&private, content).expect("a file can be written");
        fs::remove_file(&file).expect("a file can be removed");
        std::os::unix::fs::symlink("../../private.yaml", &file).expect("a link can be made");
        let health = server.get_until("/health", |answer| answer.json()["status"] == "degraded");
        assert_eq!(health.json()["catalog"]["failed"]["codes"], serde_json::json!(["unreadable"]));
        assert!(!text(&server.get("/models")).contains("sesame"));
        let line = server.until("is a link to a file outside of the catalog folder");
        assert!(
            line.contains("over/providers/acme.yaml") && !server.log.iter().any(|line| line.contains("Sesame: [")),
            "{:#?}",
            server.log
        );
        let run = fails(&place, &["serve", "--listen", "127.0.0.1:0", "--overlay", "over"]);
        assert!(run.code == 1 && run.err.contains("is a link to a file outside of the catalog folder"), "{}", run.err);
        fs::remove_file(&file).expect("a file can be removed");
        fs::write(&file, OVERLAY).expect("a file can be written");
        server.get_until("/health", |answer| answer.json()["status"] == "ok");
    }
    // A link inside of the folder, a linked folder, and links to the folder itself.
    fs::rename(&file, place.dir.join("over/acme.yaml")).expect("a file can be moved");
    std::os::unix::fs::symlink("../acme.yaml", &file).expect("a link can be made");
    fs::rename(place.dir.join("over"), place.dir.join("real")).expect("a folder can be moved");
    std::os::unix::fs::symlink("real", place.dir.join("over")).expect("a link can be made");
    for link in ["over/self", "over/providers/self", "catalog/self", "catalog/providers/self"] {
        std::os::unix::fs::symlink(".", place.dir.join(link)).expect("a link can be made");
    }
    let server = Server::start(&place, &["--overlay", "over"]);
    assert!(text(&server.get("/models")).contains("private-model"));
}
