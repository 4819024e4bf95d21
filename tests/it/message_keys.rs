//! `message send` and keys: where they are found, where they go, and where they never come out.

#![cfg(feature = "cli")]

use crate::program::{KEY, Place, SEND, TOKEN, finish, send};
use crate::server::{COMPLETION, Server, Step, answer, json as json_answer, stream_head};
use serde_json::json;

#[test]
fn a_key_never_goes_to_another_address() {
    let other = Server::start(|_| json_answer("200 OK", COMPLETION));
    let target = other.url.clone();
    let server = Server::start(move |_| answer("308 Permanent Redirect", &format!("Location: {target}/v1/chat/completions\r\n"), ""));
    let place = Place::new("message", "redirect");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("wrong-base-url")));
    assert!(other.asked().is_empty(), "something was sent on");
    // On the same host it is only another path.
    let moved = Server::start(|asked| match asked.path.as_str() {
        "/old/chat/completions" => answer("307 Temporary Redirect", "Location: /new/chat/completions\r\n", ""),
        _ => json_answer("200 OK", COMPLETION),
    });
    place.acme("openai-completions", &format!("{}/old", moved.url));
    let run = send(&place, &[]);
    assert_eq!((run.code, moved.asked().len()), (0, 2), "{}", run.err);
    // In circles.
    let circle = Server::start(|asked| answer("307 Temporary Redirect", &format!("Location: {}\r\n", asked.path), ""));
    place.acme("openai-completions", &circle.url);
    let run = send(&place, &[]);
    assert!(run.code == 1 && run.said().contains("in circles") && circle.asked().len() < 10, "{}", run.said());
}

#[test]
fn a_key_is_found_trimmed_refused_and_never_a_variable_s_name() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = Place::new("message", "keys");
    place.acme("openai-completions", &server.url);
    let with = |key: &str, more: &[&str]| finish(place.program(&[SEND, more].concat()).env("ACME_API_KEY", key));
    let run = with(&format!("  {KEY}\n"), &[]);
    assert!(
        run.code == 0 && run.said().contains("white space or quotes around ACME_API_KEY, from the environment were taken away"),
        "{}",
        run.err
    );
    assert_eq!(server.asked()[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    for (key, words) in [
        ("", "set ACME_API_KEY"),
        (" \t", "set ACME_API_KEY"),
        ("ACME_API_KEY", "ACME_API_KEY is not set"),
        ("${OTHER_KEY}", "OTHER_KEY is not set"),
        ("OTHER_KEY", "OTHER_KEY is not set"),
        ("S3CR3T\u{1b}x", "control character"),
        ("S3CR3T\nx", "control character"),
        ("S3CR3T\u{fc}x", "not ASCII"),
    ] {
        let run = with(key, &[]);
        assert!(run.code == 1 && run.said().contains(words), "{key:?}: {}", run.said());
    }
    assert_eq!(server.asked().len(), 1, "something was sent all the same");
    let run = finish(place.program(&[SEND, &["--api-key", "${MINE}"]].concat()).env("MINE", KEY).env_remove("ACME_API_KEY"));
    assert_eq!(run.code, 0, "{}", run.err);
    let run = finish(place.program(SEND).env_remove("ACME_API_KEY").env("MODELDEX_CONFIG", "/nowhere/config.json"));
    assert!(run.code == 1 && run.said().contains("no key: set ACME_API_KEY"), "{}", run.said());
}

#[test]
fn a_server_that_repeats_the_key_does_not_make_us_repeat_it() {
    let server = Server::start(|asked| {
        let said = format!("Incorrect API key provided: {}", asked.header("authorization").unwrap_or(""));
        json_answer("401 Unauthorized", &json!({"error": {"message": said, "code": "invalid_api_key"}}).to_string())
    });
    let place = Place::new("message", "repeats");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("key-rejected")));
    assert!(run.out.contains("****"), "{}", run.out);
}

#[test]
fn proxies_of_the_environment_are_used_and_their_passwords_not_shown() {
    let proxy = Server::start(|_| answer("407 Proxy Authentication Required", "", ""));
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = Place::new("message", "proxy");
    place.acme("openai-completions", "https://api.acme.invalid/v1");
    let through = proxy.url.replace("http://", "http://user:S3CR3T@");
    let run = finish(place.program(SEND).env("HTTPS_PROXY", &through));
    assert!(run.code == 1 && proxy.asked().len() == 1, "{}", run.err);
    assert_eq!((proxy.asked()[0].method.as_str(), proxy.asked()[0].path.as_str()), ("CONNECT", "api.acme.invalid:443"));
    let run = finish(place.program(&[SEND, &["--json"]].concat()).env("ALL_PROXY", &through).env("NO_PROXY", "acme.invalid"));
    assert!(run.json()["error"]["kind"] == "dns" && proxy.asked().len() == 1, "{}", run.err);
    // One that cannot be used is not gone around, and what is on this machine is not asked through one.
    let run = finish(place.program(SEND).env("HTTPS_PROXY", "socks5://user:S3CR3T@127.0.0.1:1"));
    assert!(run.code == 1 && run.said().contains("invalid proxy in HTTPS_PROXY"), "{}", run.said());
    place.acme("openai-completions", &server.url);
    let run = finish(place.program(SEND).env("ALL_PROXY", &through).env("HTTP_PROXY", &through));
    assert!(run.code == 0 && proxy.asked().len() == 1 && server.asked().len() == 1, "{}", run.err);
}

/// However a server repeats the key, and wherever.
#[test]
fn no_form_of_the_key_comes_back() {
    let forms = |key: &str| {
        let padded = format!("{} {key}", "x".repeat(275));
        [padded, key.to_uppercase(), "c2stbGl2ZS1TM0NSM1QtMDEyMzQ1Njc4OWFiY2RlZg==".to_owned()]
    };
    for (at, said) in forms(KEY).into_iter().enumerate() {
        let body = json!({"error": {"message": said, "type": "refused", "code": said}}).to_string();
        let kind = format!("Content-Type: text/{KEY}\r\nLocation: /x/{KEY}\r\n");
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/chat/completions" if asked.body.contains("\"stream\":true") => json_answer("400 Bad Request", &body),
            "/chat/completions" => answer("307 Temporary Redirect", &kind, ""),
            _ => answer("404 Not Found", &kind, &body),
        });
        let place = Place::new("message", &format!("forms-{at}"));
        place.acme("openai-completions", &server.url);
        // Every run is searched; here it is only asked that they fail as they should.
        assert_eq!(send(&place, &["--json"]).code, 1);
        assert_eq!(send(&place, &["--no-stream"]).code, 1);
    }
    // In the answer itself, too.
    let piece = json!({"choices": [{"delta": {"content": format!("your key is {KEY}")}, "finish_reason": "stop"}], "service_tier": KEY});
    let server = Server::start(move |_| vec![stream_head(), Step::Send(format!("data: {piece}\n\ndata: [DONE]\n\n").into_bytes())]);
    let place = Place::new("message", "forms-answer");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["text"]), (0, &json!("your key is ****")), "{}", run.err);
}

#[test]
fn the_search_for_secrets_can_find_one() {
    for text in [&format!("key={KEY}"), TOKEN, &KEY.to_lowercase(), "c2stbGl2ZS1TM0NSM1Q", "UzNDUjNU", "eFMzQ1IzVHp6eg=="] {
        assert!(crate::program::has_secret(text), "{text}");
    }
    assert!(!crate::program::has_secret("sk-live"));
}

/// What one command hides, all hide: reports on catalogs and on repositories, changes of other tools' files, the configuration, and what
/// servers answer. Everything that a run writes is searched for the mark.
#[test]
fn every_command_hides_the_same_keys() {
    let sure = [
        "sk-proj-S3CR3T0123456789abcd",
        "github_pat_S3CR3T0123456789abcdefghijklmnop",
        "hf_S3CR3T0123456789abcdefghijklmn",
        "AIzaS3CR3T0123456789abcdefghijklmnop",
        "eyJS3CR3T0123456789.eyJhbGciOiJub25lIn0.abcdefgh",
        "0123456789abcdef0123456789abcdef.S3CR3T0123456789",
        "q7RtS3CR3Tq7RtS3CR3Tq7Rtq7Rtq7Rt",
    ];
    // In files; in an answer they are ids of requests as often.
    let possible = [
        "Zk39S3CR3TqmXc71PwVt",
        "password: S3CR3Thunter",
        "passphrase: S3CR3Thunter",
        "db_pwd: S3CR3Thunter",
        "private = 'S3CR3Thunter'",
        "Authorization: Basic S3CR3T",
        "API_KEY=S3CR3Thunter",
        "curl -u user:S3CR3Thunter",
        "https://user:S3CR3Thunter@api.acme.example/v1?key=S3CR3T",
    ];
    let place = Place::new("message", "same-keys");
    let files = place.dir.join("files");
    for text in sure.iter().chain(&possible) {
        std::fs::create_dir_all(&files).unwrap();
        place.provider("odd", &format!("name: [] # {text}\nnotes: \"{text}\"\n"));
        assert_eq!(place.run(&["check"]).code, 1, "{text}");
        std::fs::remove_file(place.dir.join("catalog/providers/odd.yaml")).unwrap();
        place.acme("openai-completions", "https://api.acme.example/v1");
        std::fs::write(files.join("a.yaml"), format!("model: kimi-coding/k2p5 # {text}\n")).unwrap();
        let run = finish(crate::program::bare(&place.dir).args(["audit", "files"]));
        assert!(run.out.contains("k2p5") || run.err.contains("k2p5"), "{text}: {}{}", run.out, run.err);
        let claw = files.join("openclaw.json");
        let quoted = serde_json::to_string(text).unwrap();
        std::fs::write(&claw, format!("{{models: {{providers: {{acme: {{models: [{{id: {quoted}}}]}}}}}}}} // {text}")).unwrap();
        let run = place.run(&["emit", "openclaw", "--provider", "acme", "--apply", &claw.to_string_lossy(), "--dry-run"]);
        assert!(run.code == 0 && run.out.contains("***"), "{text}: {}{}", run.out, run.err);
        std::fs::remove_dir_all(&files).unwrap();
    }
    for key in sure {
        let body = json!({"error": {"message": format!("another key is {key}")}}).to_string();
        let server = Server::start(move |_| json_answer("400 Bad Request", &body));
        place.acme("openai-completions", &server.url);
        let run = send(&place, &[]);
        assert!(run.code == 1 && run.said().contains("another key is ***"), "{}", run.said());
        let run = place.run(&["config", "set", &format!("env.{key}"), "x"]);
        assert!(run.code == 2, "{}", run.err);
        std::fs::write(place.config(), format!("{{\"{key}\": 1}}")).unwrap();
        let run = place.run(&["config", "list"]);
        assert!(run.err.contains("unknown key `****`"), "{}", run.err);
    }
}
