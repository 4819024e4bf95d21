//! Start, reload and shutdown of the server.

#![cfg(feature = "cli")]

use crate::program::TestFolder;
use crate::serve_program::{Response, Server, built_in, fails};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

fn acme(test: &str) -> TestFolder {
    let place = TestFolder::new("serve_life", test);
    place.acme("openai-completions", "https://api.acme.example/v1");
    place
}

const OVERLAY: &str = "\
# yaml-language-server: $schema=../../schema/provider.schema.json
extends: acme
models:
  - {id: added, context_window: 5000, billing: unpriced}
";

fn overlay(place: &TestFolder, text: &str) {
    let folder = place.dir.join("over/providers");
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(folder.join("acme.yaml"), text).expect("a file can be written");
}

#[test]
fn a_valid_edit_is_served_and_an_invalid_one_is_not() {
    let place = acme("overlay");
    overlay(&place, OVERLAY);
    let folder = place.dir.join("over");
    let mut server = Server::start(&place, &["--overlay", "over"]);
    let total = |answer: &Response| answer.json()["total"].as_u64();
    let first = server.get("/models");
    assert_eq!(total(&first), Some(2));
    // Another model.
    overlay(&place, &(OVERLAY.to_owned() + "  - {id: more, context_window: 6000, billing: unpriced}\n"));
    let second = server.get_until("/models", |answer| total(answer) == Some(3));
    assert_ne!(first.header("etag"), second.header("etag"));
    assert_eq!(server.get("/models/acme/more").json()["context_window"], 6000);
    assert!(server.until("catalog reloaded").contains("3 models"));
    // An invalid catalog is reported, and the previous one is served.
    overlay(&place, &OVERLAY.replace("context_window: 5000", "context_windo: 5000"));
    let health = server.get_until("/health", |answer| answer.json()["status"] == "degraded").json();
    let failed = &health["catalog"]["failed"];
    assert!(failed["at"].is_string());
    assert_eq!((&failed["errors"], &failed["codes"][0]), (&1.into(), &"unknown-key".into()), "{failed}");
    server.until("the previous catalog is still served");
    assert!(server.log.iter().any(|line| line.contains("context_windo")), "{:#?}", server.log);
    assert_eq!(server.get("/models").header("etag"), second.header("etag"));
    // Fixed; removed; restored.
    overlay(&place, OVERLAY);
    let mended = server.get_until("/models", |answer| total(answer) == Some(2));
    assert_eq!(mended.header("etag"), first.header("etag"), "the same catalog has the same tag");
    server.get_until("/health", |answer| answer.json()["status"] == "ok");
    fs::remove_dir_all(&folder).expect("a folder can be removed");
    server.get_until("/health", |answer| answer.json()["status"] == "degraded");
    assert_eq!(total(&server.get("/models")), Some(2));
    overlay(&place, OVERLAY);
    server.get_until("/health", |answer| answer.json()["status"] == "ok");
    // Like an update of a Kubernetes ConfigMap: a symbolic link is switched.
    fs::rename(&folder, place.dir.join("one")).expect("a folder can be renamed");
    overlay(&place, &(OVERLAY.to_owned() + "  - {id: linked, context_window: 7000, billing: unpriced}\n"));
    fs::rename(&folder, place.dir.join("two")).expect("a folder can be renamed");
    std::os::unix::fs::symlink("one", &folder).expect("a link can be made");
    server.get_until("/models", |answer| total(answer) == Some(2));
    std::os::unix::fs::symlink("two", place.dir.join("next")).expect("a link can be made");
    fs::rename(place.dir.join("next"), &folder).expect("a link can be renamed");
    server.get_until("/models", |answer| total(answer) == Some(3));
    // The catalog folder is watched too.
    place.provider(
        "other",
        "name: Other\nsources:\n  - {url: https://other.example}\n\
        endpoints:\n  - {base_url: https://other.example/v1, api: openai-completions}\n\
        auth:\n  - {kind: none}\nmodels:\n  - {id: x, billing: free}\n",
    );
    server.get_until("/models", |answer| total(answer) == Some(4));
}

#[test]
fn an_invalid_catalog_does_not_start() {
    let place = acme("broken");
    overlay(&place, "extends: nobody\n");
    let run = fails(&place, &["serve", "--listen", "127.0.0.1:0", "--overlay", "over"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("over/providers/acme.yaml") && !run.err.contains("listening"), "{}", run.err);
}

#[test]
fn a_signal_waits_for_running_responses() {
    let place = acme("signal");
    // The built-in catalog: its response is larger than the socket buffers.
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--grace", "30"];
    let mut server = Server::run(&mut built_in(&place, &arguments));
    let mut slow = server.connect();
    slow.write_all(b"GET /api.json HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is open");
    let mut bytes = vec![0; 1024];
    slow.read_exact(&mut bytes).expect("it answers");
    let idle = server.connect();
    server.signal("TERM");
    server.until("stopping");
    // New connections are refused, and the running response is completed.
    let refused = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(20));
        std::net::TcpStream::connect(&server.address).is_err()
    });
    assert!(refused);
    loop {
        let mut more = vec![0; 1 << 18];
        thread::sleep(Duration::from_millis(5));
        match slow.read(&mut more).expect("it is not cut off") {
            0 => break,
            read => bytes.extend_from_slice(&more[..read]),
        }
    }
    let answer = Response::read(&bytes);
    assert_eq!(answer.header("content-length").and_then(|length| length.parse().ok()), Some(answer.body.len()));
    assert!(answer.json().is_object());
    assert_eq!(server.wait(), Some(0), "{:#?}", server.log);
    drop(idle);
}

#[test]
fn the_grace_period_and_a_second_signal_end_the_server() {
    let place = acme("grace");
    let stuck = |more: &[&str]| {
        let server = Server::run(&mut built_in(&place, &[&["serve", "--listen", "127.0.0.1:0", "--log", "none"], more].concat()));
        let mut stream = server.connect();
        stream.write_all(b"GET /api.json HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is open");
        stream.read_exact(&mut [0; 16]).expect("it answers");
        (server, stream)
    };
    let (mut server, _stream) = stuck(&["--grace", "1"]);
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(server.log.iter().any(|line| line.contains("1 connection was closed")), "{:#?}", server.log);
    let (mut server, _stream) = stuck(&["--grace", "60"]);
    server.signal("INT");
    server.until("stopping");
    server.signal("INT");
    assert_eq!(server.wait(), Some(130));
}

#[test]
fn a_killed_server_restarts_with_the_same_etags() {
    let place = acme("killed");
    let mut server = Server::start(&place, &[]);
    let tags =
        |server: &Server| ["/api.json", "/models", "/models/acme/kimi-k2.5"].map(|path| server.get(path).header("etag").map(str::to_owned));
    let (address, before) = (server.address.clone(), tags(&server));
    // Connections of the killed server remain in all states.
    let open: Vec<_> = (0..4).map(|_| server.connect()).collect();
    server.signal("KILL");
    server.wait();
    let again = Server::run(&mut place.program(&["serve", "--listen", &address]));
    assert_eq!(again.address, address);
    assert_eq!(tags(&again), before);
    drop(open);
}

#[test]
fn an_unavailable_address_is_an_error() {
    let place = acme("address");
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = taken.local_addr().expect("it has an address").to_string();
    let run = fails(&place, &["serve", "--listen", &port]);
    assert_eq!(run.code, 1);
    assert!(run.messages().contains(&format!("{port} is already in use")), "{}", run.err);
    let run = fails(&place, &["serve", "--listen", "192.0.2.1:8787"]);
    assert_eq!((run.code, run.messages().as_str()), (1, "error: 192.0.2.1 is not an address of this machine\n"));
    for wrong in ["nonsense", "127.0.0.1", "127.0.0.1:99999", "example.com:80", ""] {
        assert_eq!(fails(&place, &["serve", "--listen", wrong]).code, 2, "{wrong}");
    }
    let run = fails(&place, &["--catalog", "no/such", "serve"]);
    assert_eq!(run.code, 2, "{}", run.err);
    let run = fails(&place, &["serve", "--evidence", "no/such"]);
    assert_eq!(run.code, 1, "{}", run.err);
}

#[test]
fn listening_on_a_public_address_prints_a_warning() {
    let place = acme("open");
    let mut server = Server::run(&mut place.program(&["serve", "--listen", "0.0.0.0:0"]));
    assert!(server.log.iter().any(|line| line.contains("reachable from the network without TLS")), "{:#?}", server.log);
    server.signal("INT");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn requests_are_logged_without_their_queries() {
    let place = acme("log");
    let mut server = Server::start(&place, &["--log", "json"]);
    server.ask("GET", "/models?search=hunter2", &[]);
    server.ask("GET", "/nothing\u{7f}", &[]);
    server.send(b"\x1b[31m\r\n\r\n");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let lines: Vec<serde_json::Value> = server.log.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines[0]["path"], "/models");
    assert_eq!((&lines[0]["status"], &lines[0]["method"], &lines[0]["encoding"]), (&200.into(), &"GET".into(), &"identity".into()));
    for key in ["time", "peer", "bytes", "micros"] {
        assert!(!lines[0][key].is_null(), "{key}: {}", lines[0]);
    }
    assert!(lines.iter().any(|line| line["status"] == 400 && line["path"] == "-"), "{lines:?}");
    assert!(!server.log.iter().any(|line| line.contains("hunter2") || line.contains('\u{1b}')), "{:#?}", server.log);
    let mut server = Server::start(&place, &[]);
    server.get("/health");
    assert!(server.until("GET /health 200").contains("identity"), "{:#?}", server.log);
    let mut server = Server::start(&place, &["--log", "none"]);
    server.get("/health");
    server.signal("TERM");
    server.wait();
    assert!(!server.log.iter().any(|line| line.contains("/health")), "{:#?}", server.log);
}
