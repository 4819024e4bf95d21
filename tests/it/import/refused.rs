//! Imports that are refused, and write nothing: downloads that are not from the source, snapshots after which the catalog would have an error, and too
//! many changes at once.

#![cfg(unix)]

use super::place::{REGISTRY, TestFolder, snapshot};
use crate::program::{finish, quiet};

#[test]
fn an_import_that_breaks_a_hand_written_file_is_refused() {
    let place = TestFolder::new("breaks-by-hand");
    let with_base = snapshot(&[("one", 1000, "1")]).replace(r#""tool_call""#, r#""canonical_model_id": "acme/one", "tool_call""#);
    place.import("2026-05-21", &with_base);
    let by_hand = "# yaml-language-server: $schema=../../schema/provider.schema.json\nname: Ours\nsources:\n  - {url: https://ours.example}\n\
        endpoints:\n  - {base_url: https://ours.example/v1, api: openai-completions}\nauth:\n  - {kind: none}\n\
        models:\n  - {id: x, base: acme/one, max_output_tokens: 900, billing: free}\n";
    place.write("catalog/providers/ours.yaml", by_hand);
    let check = place.run(&["check"]);
    assert_eq!(check.code, 0, "{}", check.err);
    let before = place.files();
    place.write("api.2026-06-01.json", &with_base.replace(r#""context": 1000"#, r#""context": 500"#));
    let run = place.run(&["import", "models.dev", "api.2026-06-01.json"]);
    let is_named = run.err.contains("output-above-context") && run.err.contains("catalog/providers/ours.yaml");
    assert!(run.code == 1 && is_named && run.err.contains("nothing was written"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
}

#[test]
fn a_first_import_and_an_empty_snapshot_are_reported() {
    let place = TestFolder::new("first");
    for (text, counts) in [("{}", "has 0 providers and 0 models"), (r#"{"acme": {"id": "acme", "models": {}}}"#, "and 0 models")] {
        place.write("api.2026-05-01.json", text);
        let run = place.run(&["import", "models.dev", "api.2026-05-01.json"]);
        assert!(run.code == 1 && run.err.contains(counts) && run.err.contains("models.dev"), "{}{}", run.out, run.err);
        assert!(!place.0.join("evidence").exists());
    }
    let run = place.import("2026-05-21", &snapshot(&[("one", 1000, "1")]));
    assert!(run.out.lines().next().is_some_and(|line| line.ends_with("; first import of models.dev")), "{}", run.out);
    let run = place.import("2026-05-22", &snapshot(&[("one", 1000, "1")]));
    assert!(!run.out.contains("first import"), "{}", run.out);
}

/// Answers one request on a free port. Returns the URL.
fn answer_once(answer: String) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/api.json", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
        let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
    });
    url
}

#[test]
fn a_first_response_304_and_a_redirect_to_another_host_are_errors() {
    let place = TestFolder::new("network");
    let url = answer_once("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned());
    let run = place.run(&["import", "models.dev", &url]);
    assert!(run.code == 1 && run.err.contains("304") && run.err.contains("nothing was imported"), "{}{}", run.out, run.err);
    let other = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned());
    for target in [other.as_str(), "https://elsewhere.example/api.json", "//elsewhere.example/x", "ftp://127.0.0.1/x"] {
        let url = answer_once(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        let run = place.run(&["import", "models.dev", &url]);
        let is_named = run.err.contains("redirects to") && run.err.contains(target.trim_start_matches('/'));
        assert!(run.code == 1 && is_named, "{target}: {}{}", run.out, run.err);
    }
    for (name, value) in [("HTTPS_PROXY", "socks5://127.0.0.1:1"), ("https_proxy", "not a proxy"), ("ALL_PROXY", "socks4a://h:1")] {
        let run = finish(quiet(&place.0).args(["import", "models.dev", "https://source.example/api.json"]).env(name, value));
        assert!(run.code == 1 && run.err.contains(name) && run.err.contains("proxy"), "{name}: {}{}", run.out, run.err);
    }
    assert_eq!(place.read("catalog/sources.yaml"), REGISTRY);
    assert!(!place.0.join("evidence").exists());
}

#[test]
fn a_download_with_a_clock_that_is_set_back_is_refused() {
    let place = TestFolder::new("clock");
    let body = snapshot(&[("one", 1000, "1")]);
    place.import("2026-05-21", &body);
    // The evidence of a later day, as if the clock had been set back since.
    for file in ["evidence/snapshots.json", "evidence/acme.jsonl"] {
        place.write(file, &place.read(file).replace("2026-05-21", "2999-01-01"));
    }
    let before = place.files();
    let url = answer_once(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()));
    let run = place.run(&["import", "models.dev", &url]);
    assert!(run.code == 1 && run.err.contains("2999-01-01") && run.err.contains("clock"), "{}{}", run.out, run.err);
    assert_eq!(place.files(), before);
}

#[test]
fn too_many_changes_at_once_are_refused_by_group() {
    let rows: Vec<String> = (0..40).map(|at| format!("m{at:02}")).collect();
    let rows: Vec<_> = rows.iter().map(|id| (id.as_str(), 1000, "1")).collect();
    let good = snapshot(&rows);
    let place = TestFolder::new("guards");
    place.import("2026-05-21", &good);
    let before = place.files();
    let half = |from: &str, to: &str| good.replacen(from, to, 20);
    for (group, poisoned) in [
        ("prices", good.replace(r#""input": 1,"#, r#""input": 900,"#)),
        ("prices", half(r#""input": 1,"#, r#""input": 900,"#)),
        ("prices", good.replace(r#", "cost": {"input": 1, "output": 4}"#, "")),
        ("limits", good.replace(r#""limit": {"context": 1000, "output": 100}, "#, "")),
        ("limits", good.replace(r#""context": 1000"#, r#""context": 1000000"#)),
        ("status", half(r#""tool_call": true"#, r#""status": "deprecated", "tool_call": true"#)),
        ("models", snapshot(&rows[..30])),
    ] {
        place.write("api.2026-06-01.json", &poisoned);
        let run = place.run(&["import", "models.dev", "api.2026-06-01.json"]);
        let expected = [format!("  {group}: "), format!("--allow {group}"), "acme/m".to_owned(), "2026-05-21".to_owned()];
        assert_eq!(run.code, 1, "{group}: {}{}", run.out, run.err);
        assert!(
            expected.iter().filter(|text| group != "models" || !text.contains("acme")).all(|text| run.err.contains(text)),
            "{}",
            run.err
        );
        assert_eq!(place.files(), before, "{group}");
        let allowed = place.run(&["import", "models.dev", "api.2026-06-01.json", "--allow", group, "--dry-run"]);
        assert_eq!(allowed.code, 0, "{group}: {}{}", allowed.out, allowed.err);
    }
    // The same snapshot again, and a snapshot with a usual number of changes.
    place.import("2026-05-21", &good);
    assert_eq!(place.files(), before);
    place.import("2026-06-02", &good.replacen(r#""input": 1,"#, r#""input": 900,"#, 3));
}
