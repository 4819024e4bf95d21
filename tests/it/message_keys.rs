//! `message send` and keys: where they are read from, where they are sent, and that they are never printed.

#![cfg(feature = "cli")]

use crate::program::{KEY, SEND, TOKEN, TestFolder, finish, send};
use crate::server::{COMPLETION, RecordedRequest, Server, Step, answer, json as json_answer, stream_head};
use serde_json::json;

#[test]
fn a_key_is_never_sent_to_another_host() {
    let other = Server::start(|_| json_answer("200 OK", COMPLETION));
    let target = other.url.clone();
    let server = Server::start(move |_| answer("308 Permanent Redirect", &format!("Location: {target}/v1/chat/completions\r\n"), ""));
    let place = TestFolder::new("message", "redirect");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("wrong-base-url")));
    assert!(other.requests().is_empty(), "something was sent on");
    // A redirect to another path of the same host is followed.
    let moved = Server::start(|recorded| match recorded.path.as_str() {
        "/old/chat/completions" => answer("307 Temporary Redirect", "Location: /new/chat/completions\r\n", ""),
        _ => json_answer("200 OK", COMPLETION),
    });
    place.acme("openai-completions", &format!("{}/old", moved.url));
    let run = send(&place, &[]);
    assert_eq!((run.code, moved.requests().len()), (0, 2), "{}", run.err);
    // A redirect loop.
    let circle = Server::start(|recorded| answer("307 Temporary Redirect", &format!("Location: {}\r\n", recorded.path), ""));
    place.acme("openai-completions", &circle.url);
    let run = send(&place, &[]);
    assert!(run.code == 1 && run.messages().contains("redirects more than") && circle.requests().len() < 10, "{}", run.messages());
}

#[test]
fn a_key_is_trimmed_validated_and_never_a_variable_name() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "keys");
    place.acme("openai-completions", &server.url);
    let with = |key: &str, more: &[&str]| finish(place.program(&[SEND, more].concat()).env("ACME_API_KEY", key));
    let run = with(&format!("  {KEY}\n"), &[]);
    assert!(
        run.code == 0 && run.messages().contains("removed white space or quotes around ACME_API_KEY (from the environment)"),
        "{}",
        run.err
    );
    assert_eq!(server.requests()[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    for (key, words) in [
        ("", "set ACME_API_KEY"),
        (" \t", "set ACME_API_KEY"),
        ("ACME_API_KEY", "ACME_API_KEY is not set"),
        ("${OTHER_KEY}", "OTHER_KEY is not set"),
        ("OTHER_KEY", "OTHER_KEY is not set"),
        ("S3CR3T\u{1b}x", "control character"),
        ("S3CR3T\nx", "control character"),
        ("S3CR3T\u{fc}x", "non-ASCII character"),
    ] {
        let run = with(key, &[]);
        assert!(run.code == 1 && run.messages().contains(words), "{key:?}: {}", run.messages());
    }
    assert_eq!(server.requests().len(), 1, "something was sent all the same");
    let run = finish(place.program(&[SEND, &["--api-key", "${MINE}"]].concat()).env("MINE", KEY).env_remove("ACME_API_KEY"));
    assert_eq!(run.code, 0, "{}", run.err);
    let run = finish(place.program(SEND).env_remove("ACME_API_KEY").env("MODELDEX_CONFIG", "/nowhere/config.json"));
    assert!(run.code == 1 && run.messages().contains("no credential found: set ACME_API_KEY"), "{}", run.messages());
}

#[test]
fn a_key_in_a_server_response_is_masked() {
    let server = Server::start(|recorded| {
        let message = format!("Incorrect API key provided: {}", recorded.header("authorization").unwrap_or(""));
        json_answer("401 Unauthorized", &json!({"error": {"message": message, "code": "invalid_api_key"}}).to_string())
    });
    let place = TestFolder::new("message", "repeats");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("key-rejected")));
    assert!(run.out.contains("****"), "{}", run.out);
}

#[test]
fn proxies_of_the_environment_are_used_and_their_passwords_masked() {
    let proxy = Server::start(|_| answer("407 Proxy Authentication Required", "", ""));
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "proxy");
    place.acme("openai-completions", "https://api.acme.invalid/v1");
    let through = proxy.url.replace("http://", "http://user:S3CR3T@");
    let run = finish(place.program(SEND).env("HTTPS_PROXY", &through));
    assert!(run.code == 1 && proxy.requests().len() == 1, "{}", run.err);
    assert_eq!((proxy.requests()[0].method.as_str(), proxy.requests()[0].path.as_str()), ("CONNECT", "api.acme.invalid:443"));
    // The proxy receives its own password, but not the key and the message.
    assert!(!format!("{:?}", proxy.requests()).contains(KEY) && proxy.requests()[0].header("authorization").is_none());
    let run = finish(place.program(&[SEND, &["--json"]].concat()).env("ALL_PROXY", &through).env("NO_PROXY", "acme.invalid"));
    assert!(run.json()["error"]["kind"] == "dns" && proxy.requests().len() == 1, "{}", run.err);
    // An invalid proxy is an error, and local hosts are not requested through a proxy.
    let run = finish(place.program(SEND).env("HTTPS_PROXY", "socks5://user:S3CR3T@127.0.0.1:1"));
    assert!(run.code == 1 && run.messages().contains("the proxy in the environment variable HTTPS_PROXY is invalid"), "{}", run.messages());
    place.acme("openai-completions", &server.url);
    let run = finish(place.program(SEND).env("ALL_PROXY", &through).env("HTTP_PROXY", &through));
    assert!(run.code == 0 && proxy.requests().len() == 1 && server.requests().len() == 1, "{}", run.err);
}

/// Any encoding of the key, in any part of the response.
#[test]
fn a_key_is_masked_in_every_encoding() {
    let forms = |key: &str| {
        let padded = format!("{} {key}", "x".repeat(275));
        [padded, key.to_uppercase(), "c2stbGl2ZS1TM0NSM1QtMDEyMzQ1Njc4OWFiY2RlZg==".to_owned()]
    };
    for (at, message) in forms(KEY).into_iter().enumerate() {
        let body = json!({"error": {"message": message, "type": "refused", "code": message}}).to_string();
        let kind = format!("Content-Type: text/{KEY}\r\nLocation: /x/{KEY}\r\n");
        let server = Server::start(move |recorded| match recorded.path.as_str() {
            "/chat/completions" if recorded.body.contains("\"stream\":true") => json_answer("400 Bad Request", &body),
            "/chat/completions" => answer("307 Temporary Redirect", &kind, ""),
            _ => answer("404 Not Found", &kind, &body),
        });
        let place = TestFolder::new("message", &format!("forms-{at}"));
        place.acme("openai-completions", &server.url);
        // The helper searches every run for secrets; here only the failure is checked.
        assert_eq!(send(&place, &["--json"]).code, 1);
        assert_eq!(send(&place, &["--no-stream"]).code, 1);
    }
    // In the answer text, too.
    let piece = json!({"choices": [{"delta": {"content": format!("your key is {KEY}")}, "finish_reason": "stop"}], "service_tier": KEY});
    let server = Server::start(move |_| vec![stream_head(), Step::Send(format!("data: {piece}\n\ndata: [DONE]\n\n").into_bytes())]);
    let place = TestFolder::new("message", "forms-answer");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--json"]);
    assert_eq!((run.code, &run.json()["text"]), (0, &json!("your key is ****")), "{}", run.err);
}

/// A key that the catalog does not name, as a literal or in a variable of the user, also if it is so short that other texts may contain it. The first
/// server repeats the key in an error, the second in a list of models, the third in an event of a stream.
#[test]
fn the_log_masks_the_key_of_an_argument() {
    let place = TestFolder::new("message", "log-argument");
    let received = |recorded: &RecordedRequest| recorded.header("authorization").unwrap_or("").replace("Bearer ", "");
    let refused = Server::start(move |recorded| {
        let body = format!("bad key {}", received(recorded));
        answer("401 Unauthorized", "Content-Type: text/plain\r\n", &body)
    });
    let listed = Server::start(move |recorded| {
        json_answer("200 OK", &json!({"data": [{"id": "kimi-k2.5", "owned_by": format!("\n{}", received(recorded))}]}).to_string())
    });
    let streamed = Server::start(move |recorded| {
        let event = json!({"choices": [{"delta": {"content": "yes"}, "finish_reason": "stop"}], "id": received(recorded).to_uppercase()});
        vec![stream_head(), Step::Send(format!("data: {event}\n\ndata: [DONE]\n\n").into_bytes())]
    });
    for value in ["zq7Wx1", "zqwx-vut", "zq7Wx1-9876-vut-5432"] {
        for argument in [value, "${NOT_IN_CATALOG}"] {
            for (server, arguments) in [(&refused, SEND), (&listed, &["probe", "acme"]), (&streamed, SEND)] {
                place.acme("openai-completions", &server.url);
                let mut program = place.program(&[arguments, &["--api-key", argument]].concat());
                let run = finish(program.env("NOT_IN_CATALOG", value).env_remove("ACME_API_KEY"));
                let log: String = run.err.lines().filter(|line| line.starts_with('[')).collect();
                assert!(log.contains("received: ") && log.contains("****"), "{arguments:?} {argument}: {}", run.err);
                assert!(!log.to_lowercase().contains(&value.to_lowercase()), "{arguments:?} {argument}: {log}");
                let sent = server.requests().last().and_then(|request| request.header("authorization").map(str::to_owned));
                assert_eq!(sent, Some(format!("Bearer {value}")), "{arguments:?}");
            }
        }
    }
}

/// A key that arrives in pieces, in every part of the answer and at every place where it can be split.
#[test]
fn a_key_in_pieces_is_masked() {
    let place = TestFolder::new("message", "pieces");
    let chars: Vec<char> = KEY.chars().collect();
    for size in [1, 2, 5, 17] {
        for field in ["content", "reasoning_content"] {
            for escape in [false, true] {
                let text: Vec<char> = "so your key is ".chars().chain(chars.iter().copied()).chain(", yes".chars()).collect();
                let mut stream = String::new();
                for piece in text.chunks(size) {
                    let delta = json!({"choices": [{"delta": {field: piece.iter().collect::<String>()}}]}).to_string();
                    let delta = if escape { delta.replace('S', "\\u0053").replace('-', "\\u002d") } else { delta };
                    stream.push_str(&format!("data: {delta}\n\n"));
                }
                let end = json!({"choices": [{"delta": {"content": "."}, "finish_reason": "stop"}]});
                let stream = format!("{stream}data: {end}\n\ndata: [DONE]\n\n").into_bytes();
                // The network splits the bytes at other places than the events.
                let server = Server::start(move |_| {
                    [vec![stream_head()], stream.chunks(37).map(|bytes| Step::Send(bytes.to_vec())).collect()].concat()
                });
                place.acme("openai-completions", &server.url);
                for more in [&["--reasoning"][..], &["--json"]] {
                    // The helper searches the whole output for the mark of the key.
                    let run = send(&place, more);
                    assert_eq!(run.code, 0, "{}", run.err);
                    let shown = format!("{}{}", run.out, run.err);
                    let is_json = more == ["--json"];
                    let part = if field == "content" { "text" } else { "reasoning" };
                    let text = if is_json { run.json()[part].as_str().unwrap_or_default().to_owned() } else { run.out.clone() };
                    // Without `--json`, the reasoning is on stderr, between the lines of the log.
                    assert!(text.contains("so your key is ****, yes") || !is_json && part == "reasoning", "{field} {size}: {shown}");
                    // No line of the log has a piece of it either.
                    assert!(!shown.contains("S3C") && !shown.contains("R3T") && !shown.contains("live-"), "{field} {size}: {shown}");
                }
            }
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |part: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(part.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| if at <= part.len() { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) } else { '=' };
        (0..4).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// Encodings that servers and proxies use in errors, of the key alone and as a part of a header.
#[test]
fn an_encoded_key_in_an_error_is_masked() {
    let each = |encode: &dyn Fn(u8) -> String| KEY.bytes().map(encode).collect::<String>();
    let standard = |before: &str| base64(format!("{before}{KEY}").as_bytes());
    let url_safe = |before: &str| standard(before).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
    let mut forms = vec![
        each(&|byte| format!("{byte:02x}")),
        each(&|byte| format!("{byte:02X}")),
        each(&|byte| format!("%{byte:02x}")),
        each(&|byte| format!("&#{byte};")),
        each(&|byte| format!("&#x{byte:X};")),
        each(&|byte| format!("\\u{byte:04x}")),
        KEY.replace('-', "&#45;"),
        KEY.replace('l', "%6C"),
        KEY.replace('-', "-\n"),
    ];
    forms.extend(["", "Bearer ", "user:", "me:", "x"].into_iter().flat_map(|before| [standard(before), url_safe(before)]));
    let place = TestFolder::new("message", "encoded");
    for form in forms {
        for as_json in [true, false] {
            let body = if as_json {
                json!({"error": {"message": format!("got [{form}]"), "code": "refused"}}).to_string()
            } else {
                format!("<html><body>got [{form}]</body></html>")
            };
            let kind = if as_json { "application/json" } else { "text/html" };
            let server = Server::start(move |_| answer("400 Bad Request", &format!("Content-Type: {kind}\r\n"), &body));
            place.acme("openai-completions", &server.url);
            for more in [&[][..], &["--json"], &["--no-stream"]] {
                let run = send(&place, more);
                let shown = format!("{}{}", run.out, run.err);
                // Without the few characters at the ends of base64, which also encode the neighbors of the key.
                let core = &form[4..form.len() - 4];
                assert!(run.code == 1 && shown.contains("****") && !shown.contains(core), "{form}: {shown}");
            }
        }
    }
}

#[test]
fn the_search_for_secrets_finds_secrets() {
    for text in [&format!("key={KEY}"), TOKEN, &KEY.to_lowercase(), "c2stbGl2ZS1TM0NSM1Q", "UzNDUjNU", "eFMzQ1IzVHp6eg=="] {
        assert!(crate::program::has_secret(text), "{text}");
    }
    assert!(!crate::program::has_secret("sk-live"));
}

/// All commands mask the same keys: reports on catalogs and repositories, edits of files of other tools, the configuration, and server
/// responses. The helper searches all output for the marker.
#[test]
fn every_command_masks_the_same_keys() {
    let sure = [
        "sk-proj-S3CR3T0123456789abcd",
        "github_pat_S3CR3T0123456789abcdefghijklmnop",
        "hf_S3CR3T0123456789abcdefghijklmn",
        "AIzaS3CR3T0123456789abcdefghijklmnop",
        "eyJS3CR3T0123456789.eyJhbGciOiJub25lIn0.abcdefgh",
        "0123456789abcdef0123456789abcdef.S3CR3T0123456789",
        "q7RtS3CR3Tq7RtS3CR3Tq7Rtq7Rtq7Rt",
    ];
    // Masked in files; in responses these can be ids of requests.
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
    let place = TestFolder::new("message", "same-keys");
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
        assert!(run.code == 1 && run.messages().contains("another key is ***"), "{}", run.messages());
        let run = place.run(&["config", "set", &format!("env.{key}"), "x"]);
        assert!(run.code == 2, "{}", run.err);
        std::fs::write(place.config(), format!("{{\"{key}\": 1}}")).unwrap();
        let run = place.run(&["config", "list"]);
        assert!(run.err.contains("unknown key `****`"), "{}", run.err);
    }
}
