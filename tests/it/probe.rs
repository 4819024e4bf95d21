//! `probe` and its verdicts, each from a local server with that behavior.

#![cfg(feature = "cli")]

use crate::program::{KEY, Run, TestFolder, WRONG_KEY, checked, finish, spawn};
use crate::server::{COMPLETION, MODELS, Server, Step, answer, json as json_answer};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

/// A server with the chat completions protocol that lists two models, accepts one key and answers for kimi-k2.5.
fn good() -> Server {
    Server::start(|recorded| {
        if recorded.header("authorization") != Some(format!("Bearer {KEY}").as_str()) {
            return json_answer(
                "401 Unauthorized",
                r#"{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}"#,
            );
        }
        match recorded.path.as_str() {
            "/v1/models" => json_answer("200 OK", MODELS),
            "/v1/chat/completions" if recorded.body.contains("\"kimi-k2.5\"") => json_answer("200 OK", COMPLETION),
            "/v1/chat/completions" => json_answer(
                "404 Not Found",
                r#"{"error":{"message":"Not found the model or Permission denied","type":"resource_not_found_error"}}"#,
            ),
            _ => json_answer("404 Not Found", r#"{"error":{"message":"url.not_found","type":"invalid_request_error"}}"#),
        }
    })
}

fn probe(place: &TestFolder, more: &[&str]) -> Run {
    place.run(&[&["probe", "--json", "--retries", "0"], more].concat())
}

fn first(run: &Run) -> Value {
    run.json()["findings"][0].clone()
}

/// Probes `acme/kimi-k2.5` at `base_url`.
fn verdict(test: &str, api: &str, base_url: &str, more: &[&str]) -> (i32, String, Value) {
    let place = TestFolder::new("probe", test);
    place.acme(api, base_url);
    let run = probe(&place, &[&["acme/kimi-k2.5"], more].concat());
    let finding = first(&run);
    (run.code, finding["verdict"].as_str().expect("a word").to_owned(), finding)
}

#[test]
fn ok_states_what_was_checked() {
    let server = good();
    let base = format!("{}/v1", server.url);
    let (code, word, finding) = verdict("listed", "openai-completions", &base, &[]);
    assert_eq!((code, word.as_str(), &finding["by"]), (0, "ok", &json!("list")));
    assert_eq!(server.requests().len(), 1);
    let (code, word, finding) = verdict("answered", "openai-completions", &base, &["--live"]);
    assert_eq!((code, word.as_str(), &finding["by"]), (0, "ok", &json!("call")));
    let sent: Value = serde_json::from_str(&server.requests().last().expect("a request").body).expect("JSON");
    assert!(sent["max_tokens"].as_u64().is_some_and(|most| most <= 16), "the smallest call");
}

#[test]
fn a_live_request_decides_over_the_list() {
    // Listed, but does not answer.
    let listed = Server::start(|recorded| match recorded.path.as_str() {
        "/models" => json_answer("200 OK", MODELS),
        _ => json_answer("404 Not Found", r#"{"error":{"message":"The model `kimi-k2.5` does not exist","code":"model_not_found"}}"#),
    });
    assert_eq!(verdict("lies-yes", "openai-completions", &listed.url, &[]).1, "ok");
    let (code, word, _) = verdict("lies-yes-live", "openai-completions", &listed.url, &["--live"]);
    assert_eq!((code, word.as_str()), (1, "model-unknown"));
    // Not listed, but answers.
    let hidden = Server::start(|recorded| match recorded.path.as_str() {
        "/models" => json_answer("200 OK", r#"{"data":[{"id":"other"}]}"#),
        _ => json_answer("200 OK", COMPLETION),
    });
    assert_eq!(verdict("lies-no", "openai-completions", &hidden.url, &[]).1, "model-unknown");
    let (code, _, finding) = verdict("lies-no-live", "openai-completions", &hidden.url, &["--live"]);
    assert_eq!((code, &finding["hint"]), (0, &json!("the model responds, but is not in the server's list of models")));
    // No list.
    let silent = Server::start(|recorded| match recorded.path.as_str() {
        "/models" => json_answer("404 Not Found", r#"{"detail":"Not Found"}"#),
        _ => json_answer("200 OK", COMPLETION),
    });
    let (_, word, finding) = verdict("no-list", "openai-completions", &silent.url, &[]);
    assert!(word == "wrong-base-url" && finding["hint"].as_str().is_some_and(|hint| hint.contains("--live")), "{finding}");
    assert_eq!(verdict("no-list-live", "openai-completions", &silent.url, &["--live"]).0, 0);
}

#[test]
fn a_wrong_base_url_is_a_404_a_page_or_a_redirect() {
    let server = good();
    let (code, word, finding) = verdict("404", "openai-completions", &format!("{}/v2", server.url), &["--live"]);
    assert_eq!((code, word.as_str(), &finding["problem"]["status"]), (1, "wrong-base-url", &json!(404)));
    assert!(finding["problem"]["next_step"].as_str().is_some_and(|step| step.contains("base_url")), "{finding}");
    for (test, status) in [("html-404", "404 Not Found"), ("html-200", "200 OK")] {
        let page =
            Server::start(move |_| answer(status, "Content-Type: text/html; charset=utf-8\r\n", "<!DOCTYPE html><html>Welcome</html>"));
        assert_eq!(verdict(test, "openai-completions", &page.url, &["--live"]).1, "wrong-base-url", "{test}");
    }
    let target = server.url.clone();
    let moved = Server::start(move |_| answer("301 Moved Permanently", &format!("Location: {target}/v1/models\r\n"), ""));
    let before = server.requests().len();
    let (_, word, finding) = verdict("moved", "openai-completions", &moved.url, &[]);
    assert_eq!((word.as_str(), server.requests().len()), ("wrong-base-url", before), "{finding}");
    assert!(finding["problem"]["message"].as_str().is_some_and(|what| what.contains(&server.url)), "{finding}");
}

#[test]
fn a_rejected_key_is_only_tried_at_the_other_region_of_the_provider() {
    let refusing = Server::start(|_| json_answer("401 Unauthorized", r#"{"error":{"message":"Invalid Authentication"}}"#));
    let taking = good();
    let stranger = good();
    let place = TestFolder::new("probe", "regions");
    place.acme("openai-completions", &stranger.url);
    place.provider(
        "moon",
        &format!(
            "name: Moon\nendpoints:\n  - {{id: cn, base_url: \"{}/v1\", api: openai-completions, region: cn}}\n  - {{id: global, base_url: \"{}/v1\", api: openai-completions, region: global}}\n\
             auth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n  - id: kimi-k2.5\n",
            refusing.url, taking.url
        ),
    );
    place.share_key("acme, moon");
    for more in [&["moon/kimi-k2.5"][..], &["moon", "--live"][..]] {
        let run = probe(&place, more);
        let finding = first(&run);
        assert_eq!((run.code, &finding["verdict"]), (1, &json!("key-rejected")), "{finding}");
        assert_eq!(
            finding["hint"],
            format!(
                "the endpoint `{}/v1` in the region `global` accepts the key; to use it, run \
                 `modeldex config set providers.moon.region global`",
                taking.url
            )
        );
    }
    assert!(stranger.requests().is_empty(), "the key went to another provider");
    // A key that no region accepts.
    let run = finish(place.program(&["probe", "--json", "moon"]).env("ACME_API_KEY", WRONG_KEY));
    assert!(first(&run)["hint"].as_str().is_some_and(|hint| hint.starts_with("the key was also rejected by `")), "{}", run.out);
    // The accepting region, selected by `--region`.
    assert_eq!(probe(&place, &["moon", "--region", "global"]).code, 0);
    fs::write(place.config(), r#"{"providers":{"moon":{"region":"global"}}}"#).expect("a file can be written");
    assert_eq!(probe(&place, &["moon"]).code, 0);
    let run = probe(&place, &["moon", "--region", "eu"]);
    assert_eq!((run.code, &first(&run)["verdict"]), (1, &json!("unsupported")));
    assert!(run.out.contains("`cn` (in the region `cn`), `global` (in the region `global`)"), "{}", run.out);
}

#[test]
fn an_unknown_model_suggests_the_nearest_listed_ones() {
    let server = good();
    let place = TestFolder::new("probe", "unknown");
    place.provider(
        "acme",
        &format!(
            "name: Acme\nendpoints:\n  - {{base_url: \"{}/v1\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n  - id: k2p5\n  - id: kimi-k2.5\n",
            server.url
        ),
    );
    for more in [&["acme/k2p5"][..], &["acme/k2p5", "--live"][..]] {
        let run = probe(&place, more);
        let finding = first(&run);
        assert_eq!((run.code, &finding["verdict"]), (1, &json!("model-unknown")), "{finding}");
        assert!(finding["hint"].as_str().is_some_and(|hint| hint.contains("`kimi-k2.5`")), "{finding}");
    }
    // New models of the server as catalog entries, and models of the catalog that the server does not list.
    let run = place.run(&["probe", "acme"]);
    assert!(
        run.code == 0 && run.out.contains("models:\n  - id: kimi-k2.6\n") && run.out.contains("missing from the server's list: k2p5"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn temporary_failures_are_distinguished_from_permanent_ones() {
    let cases = [
        (
            "overloaded",
            "429 Too Many Requests",
            r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
            true,
        ),
        ("overloaded", "529 Overloaded", r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, true),
        ("overloaded", "503 Service Unavailable", "", true),
        ("rate-limited", "429 Too Many Requests", r#"{"error":{"message":"Rate limit reached","type":"rate_limit_reached_error"}}"#, true),
        ("quota", "429 Too Many Requests", r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#, false),
        ("quota", "402 Payment Required", r#"{"error":{"message":"Insufficient Balance"}}"#, false),
        ("server-error", "500 Internal Server Error", r#"{"error":{"message":"oops"}}"#, true),
        (
            "context-overflow",
            "400 Bad Request",
            r#"{"error":{"message":"maximum context length is 8 tokens","code":"context_length_exceeded"}}"#,
            false,
        ),
        ("cut-off", "200 OK", r#"{"id":"1","object":"chat.comp"#, true),
        ("refused", "400 Bad Request", r#"{"error":{"message":"nope","type":"invalid_request_error"}}"#, false),
    ];
    for (at, (word, status, body, temporary)) in cases.into_iter().enumerate() {
        let server = Server::start(move |_| json_answer(status, body));
        let (code, found, finding) = verdict(&format!("passes-{at}"), "openai-completions", &server.url, &["--live"]);
        assert_eq!((code, found.as_str(), &finding["problem"]["temporary"]), (1, word, &json!(temporary)), "{status} {body}");
        let step = finding["problem"]["next_step"].as_str().expect("every verdict has a next step");
        assert_eq!(step.contains("your configuration is not the cause"), word == "overloaded" || word == "rate-limited", "{step}");
    }
}

#[test]
fn another_protocol_is_recognized() {
    let anthropic = Server::start(|recorded| match recorded.method.as_str() {
        "GET" => json_answer("404 Not Found", r#"{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}"#),
        _ => json_answer(
            "200 OK",
            r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#,
        ),
    });
    let (code, word, finding) = verdict("protocol-error", "openai-completions", &anthropic.url, &[]);
    assert_eq!((code, word.as_str()), (1, "wrong-protocol"), "{finding}");
    let (_, word, finding) = verdict("protocol-answer", "openai-completions", &anthropic.url, &["--live"]);
    assert!(
        word == "wrong-protocol" && finding["problem"]["message"].as_str().is_some_and(|what| what.contains("anthropic-messages")),
        "{finding}"
    );
    let openai = Server::start(|_| json_answer("200 OK", COMPLETION));
    assert_eq!(verdict("protocol-other", "google-generative-ai", &openai.url, &["--live"]).1, "wrong-protocol");
    // A service that does not answer in HTTP.
    let ssh = Server::start(|_| vec![Step::Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())]);
    assert_eq!(verdict("no-http", "openai-completions", &ssh.url, &[]).1, "bad-answer");
}

#[test]
fn network_errors_are_distinguished() {
    let secure = Server::start_tls(|_| json_answer("200 OK", MODELS));
    let (code, word, finding) = verdict("untrusted", "openai-completions", &secure.url, &["--live"]);
    assert_eq!((code, word.as_str()), (1, "tls"), "{finding}");
    let plain = good();
    assert_eq!(verdict("no-tls", "openai-completions", &plain.url.replace("http:", "https:"), &[]).1, "tls");
    assert_eq!(verdict("dns", "openai-completions", "https://no-such-host.invalid/v1", &["--live"]).1, "dns");
    assert_eq!(verdict("closed", "openai-completions", "http://127.0.0.1:1/v1", &["--live"]).1, "unreachable");
    let hanging = Server::start(|_| vec![Step::Hang(Duration::from_secs(30))]);
    let started = Instant::now();
    assert_eq!(verdict("hangs", "openai-completions", &hanging.url, &["--timeout", "1"]).1, "timeout");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn without_a_key_the_base_url_is_checked() {
    let server = good();
    let place = TestFolder::new("probe", "no-key");
    place.acme("openai-completions", &format!("{}/v1", server.url));
    let run = finish(place.program(&["probe", "--json", "--all"]).env_remove("ACME_API_KEY"));
    assert_eq!((run.code, &first(&run)["verdict"]), (1, &json!("no-key")), "{}", run.err);
    assert_eq!(server.requests()[0].header("authorization"), None);
    place.acme("openai-completions", &format!("{}/v2", Server::start(|_| answer("404 Not Found", "", "")).url));
    let run = finish(place.program(&["probe", "--json", "--all"]).env_remove("ACME_API_KEY"));
    assert_eq!(first(&run)["verdict"], "wrong-base-url");
    let run = finish(place.program(&["probe"]).env_remove("ACME_API_KEY"));
    assert!(run.code == 1 && run.messages().contains("auth status"), "{}", run.err);
}

#[test]
fn an_api_key_option_is_sent_to_one_provider_only() {
    let (one, two) = (good(), good());
    let place = TestFolder::new("probe", "one-provider");
    place.acme("openai-completions", &format!("{}/v1", one.url));
    let acme = fs::read_to_string(place.dir.join("catalog/providers/acme.yaml")).expect("it was written");
    fs::write(place.dir.join("catalog/providers/zed.yaml"), acme.replace(&one.url, &two.url)).expect("a file can be written");
    place.share_key("acme, zed");
    for more in [&["--all"][..], &[][..], &["acme", "zed"][..], &["acme/kimi-k2.5", "zed/kimi-k2.5"][..]] {
        let run = place.run(&[&["probe", "--api-key", KEY], more].concat());
        assert!(run.code == 2 && run.messages().contains("of one provider"), "{more:?}: {}", run.messages());
    }
    assert!(one.requests().is_empty() && two.requests().is_empty());
    let run = finish(place.program(&["probe", "acme", "acme/kimi-k2.5", "--api-key", KEY]).env_remove("ACME_API_KEY"));
    assert!(run.code == 0 && two.requests().is_empty(), "{}", run.err);
}

#[test]
fn clouds_with_signed_requests_are_not_requested() {
    let place = TestFolder::new("probe", "clouds");
    place.provider(
        "cloud",
        "name: Cloud\nendpoints:\n  - {base_url: \"http://127.0.0.1:1\", api: bedrock-converse}\nauth:\n  - {kind: aws, variables: [{env: [AWS_ACCESS_KEY_ID], role: key-id}, {env: [AWS_SECRET_ACCESS_KEY], role: secret}]}\nmodels:\n  - id: m\n",
    );
    let run =
        finish(place.program(&["probe", "--json", "cloud"]).env("AWS_ACCESS_KEY_ID", "AKIAS3CR3T").env("AWS_SECRET_ACCESS_KEY", "S3CR3T"));
    assert_eq!((run.code, &first(&run)["verdict"]), (1, &json!("unsupported")), "{}", run.out);
}

#[test]
fn probes_run_in_parallel_and_are_reported_in_order() {
    let slow = Server::start(|_| [Step::Wait(Duration::from_millis(300))].into_iter().chain(json_answer("200 OK", MODELS)).collect());
    let place = TestFolder::new("probe", "many");
    let ids = (0..24).map(|at| format!("p{at:02}")).collect::<Vec<_>>();
    for id in &ids {
        place.provider(
            id,
            &format!("name: P\nendpoints:\n  - {{base_url: \"{}\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n  - id: kimi-k2.5\n", slow.url),
        );
    }
    let started = Instant::now();
    let run = probe(&place, &["--jobs", "8"]);
    assert_eq!(run.code, 0, "{}", run.err);
    // 7.2 s in sequence.
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    let output = run.json();
    let order =
        output["findings"].as_array().expect("a list").iter().map(|finding| finding["provider"].as_str().expect("an id").to_owned());
    assert_eq!(order.collect::<Vec<_>>(), ids);
    assert_eq!(output["totals"], json!({"ok": 24}));
}

#[test]
fn ctrl_c_reports_the_verdicts_so_far() {
    let quick = good();
    let hanging = Server::start(|_| vec![Step::Hang(Duration::from_secs(60))]);
    let place = TestFolder::new("probe", "interrupt");
    place.acme("openai-completions", &format!("{}/v1", quick.url));
    place.provider(
        "zed",
        &format!("name: Zed\nendpoints:\n  - {{base_url: \"{}\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n  - id: kimi-k2.5\n", hanging.url),
    );
    place.share_key("acme, zed");
    let child = spawn(&mut place.program(&["probe", "--json", "--jobs", "1"]));
    let until = Instant::now() + Duration::from_secs(20);
    while hanging.requests().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let run = checked(child.wait_with_output().expect("it ends"));
    assert_eq!(run.code, 130, "{}", run.err);
    assert_eq!(run.json()["totals"]["ok"], 1, "{}", run.out);
}

#[test]
fn a_key_without_permission_to_list_can_still_be_ok() {
    let server = Server::start(|recorded| match recorded.path.as_str() {
        "/models" => json_answer("403 Forbidden", r#"{"error":{"message":"Missing scopes: api.model.read"}}"#),
        _ => json_answer("200 OK", COMPLETION),
    });
    assert_eq!(verdict("scopes", "openai-completions", &server.url, &[]).1, "key-rejected");
    let (code, _, finding) = verdict("scopes-live", "openai-completions", &server.url, &["--live"]);
    assert_eq!((code, &finding["hint"]), (0, &json!("the server returned no list of models (error `key-rejected`)")));
}

#[test]
fn a_list_has_pages_and_an_empty_list_is_inconclusive() {
    let anthropic = Server::start(|recorded| {
        let page = if recorded.path.contains("after_id=a%2Fb") {
            r#"{"data":[{"id":"kimi-k2.5","type":"model"}],"has_more":false,"last_id":"kimi-k2.5"}"#
        } else {
            r#"{"data":[{"id":"a/b","type":"model"}],"has_more":true,"last_id":"a/b"}"#
        };
        json_answer("200 OK", page)
    });
    assert_eq!(verdict("pages-anthropic", "anthropic-messages", &anthropic.url, &[]).1, "ok");
    let google = Server::start(|recorded| {
        let page = if recorded.path.contains("pageToken=t") {
            r#"{"models":[{"name":"models/kimi-k2.5"}]}"#
        } else {
            r#"{"models":[{"name":"models/a"}],"nextPageToken":"t"}"#
        };
        json_answer("200 OK", page)
    });
    assert_eq!(verdict("pages-google", "google-generative-ai", &google.url, &[]).1, "ok");
    for (test, body) in [("empty", r#"{"data":[]}"#), ("no-ids", r#"{"data":[{"name":"x"}]}"#)] {
        let server = Server::start(move |_| json_answer("200 OK", body));
        assert_eq!(verdict(test, "openai-completions", &server.url, &[]).1, "bad-answer", "{test}");
    }
    let refused = Server::start(|_| json_answer("200 OK", r#"{"error":{"code":"invalid_api_key","message":"no"}}"#));
    assert_eq!(verdict("error-in-200", "openai-completions", &refused.url, &[]).1, "key-rejected");
}

#[test]
fn a_rejected_key_is_not_sent_for_every_model() {
    let server = Server::start(|_| json_answer("401 Unauthorized", r#"{"error":{"message":"Invalid Authentication"}}"#));
    let place = TestFolder::new("probe", "once");
    let models = (0..20).map(|at| format!("  - id: m{at:02}\n")).collect::<String>();
    let url = &server.url;
    place.provider(
        "acme",
        &format!("name: Acme\nendpoints:\n  - {{id: a, base_url: \"{url}/a\", api: openai-completions}}\n  - {{id: b, base_url: \"{url}/b\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n{models}"),
    );
    let references = (0..20).map(|at| format!("acme/m{at:02}")).collect::<Vec<_>>();
    let words = references.iter().map(String::as_str).chain(["--live"]).collect::<Vec<_>>();
    let run = probe(&place, &words);
    assert_eq!((run.code, run.json()["totals"]["key-rejected"].as_u64()), (1, Some(20)), "{}", run.err);
    // The list, and the list of the other endpoint.
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn concurrent_records_are_not_lost() {
    let server = good();
    let place = TestFolder::new("probe", "record-at-once");
    let ids = (0..12).map(|at| format!("m{at:02}")).collect::<Vec<_>>();
    let models = ids.iter().map(|id| format!("  - id: {id}\n")).collect::<String>();
    place.provider(
        "acme",
        &format!("name: Acme\nendpoints:\n  - {{base_url: \"{}/v1\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\nmodels:\n{models}", server.url),
    );
    let children = ids.iter().map(|id| spawn(&mut place.program(&["probe", &format!("acme/{id}"), "--record"]))).collect::<Vec<_>>();
    for child in children {
        checked(child.wait_with_output().expect("it ends"));
    }
    let text = fs::read_to_string(place.dir.join("evidence/probes/acme.jsonl")).expect("it was written");
    assert_eq!(text.lines().count(), 12, "{text}");
}

#[test]
fn only_verdicts_about_facts_are_recorded() {
    let server = good();
    let place = TestFolder::new("probe", "record");
    place.acme("openai-completions", &format!("{}/v1", server.url));
    let path = place.dir.join("evidence/probes/acme.jsonl");
    let run = probe(&place, &["acme/kimi-k2.5", "--live", "--record"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let text = fs::read_to_string(&path).expect("it was written");
    let line: Value = serde_json::from_str(text.trim()).expect("one line");
    assert_eq!(
        (&line["model"], &line["method"], &line["verdict"], &line["by"]),
        (&json!("kimi-k2.5"), &json!("probe"), &json!("ok"), &json!("call"))
    );
    assert_eq!(line["date"].as_str().map(str::len), Some(10));
    let shown = place.run(&["evidence", "acme/kimi-k2.5"]);
    assert!(shown.out.contains("probe") && shown.out.contains("by call"), "{}{}", shown.out, shown.err);
    // An overloaded server and a rejected key do not concern the catalog.
    let run = finish(place.program(&["probe", "acme/kimi-k2.5", "--record"]).env("ACME_API_KEY", WRONG_KEY));
    assert_eq!(run.code, 1);
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), text);
    fs::write(&path, "{\"half").expect("a file can be written");
    let run = probe(&place, &["acme/kimi-k2.5", "--record"]);
    assert!(run.code == 1 && run.messages().contains("acme.jsonl:1:"), "{}", run.messages());
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), "{\"half");
}
