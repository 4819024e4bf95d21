//! `message send` without failures: all protocols, usage, cost and delivery.

#![cfg(feature = "cli")]

use crate::program::{KEY, SEND, TOKEN, TestFolder, finish, finish_with_input, send, spawn};
use crate::server::{COMPLETION, Server, Step, body, completion_events, json as json_answer, stream_head};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn an_answer_is_streamed_with_its_usage_and_exact_cost() {
    let server = Server::start(|_| vec![stream_head(), Step::Send(completion_events())]);
    let place = TestFolder::new("message", "streams");
    place.acme("openai-completions", &format!("{}/v1", server.url));
    let run = send(&place, &[]);
    assert_eq!((run.code, run.out.as_str()), (0, "Hello from the server\n"), "{}", run.err);
    // 9 x 2 + 4 x 12 dollars per million tokens.
    assert!(run.messages().contains("9 input tokens, 4 output tokens") && run.messages().contains("$0.000066"), "{}", run.messages());
    let recorded = &server.requests()[0];
    assert_eq!((recorded.method.as_str(), recorded.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(recorded.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(
        body(recorded),
        json!({"model": "kimi-k2.5", "messages": [{"role": "user", "content": "Hello"}], "stream": true, "stream_options": {"include_usage": true}})
    );
    // A server that streams even if not requested.
    let run = send(&place, &["--no-stream"]);
    assert_eq!((run.code, run.out.as_str()), (0, "Hello from the server\n"), "{}", run.err);
}

#[test]
fn text_is_printed_as_it_arrives() {
    let server = Server::start(|_| {
        let events = completion_events();
        let first = events.windows(2).position(|pair| pair == b"\n\n").expect("there is an event") + 2;
        vec![stream_head(), Step::Send(events[..first].to_vec()), Step::Hang(Duration::from_secs(20)), Step::Send(events[first..].to_vec())]
    });
    let place = TestFolder::new("message", "as-it-comes");
    place.acme("openai-completions", &format!("{}/v1", server.url));
    let mut child = spawn(&mut place.program(SEND));
    let started = Instant::now();
    let mut first = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().expect("the stream is piped"), &mut first).expect("the first piece comes");
    assert_eq!(&first, b"Hello ");
    assert!(started.elapsed() < Duration::from_secs(15), "the first piece waited for the second");
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
}

#[test]
fn json_has_the_answer_the_usage_and_the_cost() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "json");
    place.acme("openai-completions", &format!("{}/v1", server.url));
    let object = send(&place, &["--no-stream", "--json", "--system", "Be brief", "--max-output-tokens", "50"]).json();
    assert_eq!(object["text"], "Hello from the server");
    assert_eq!((&object["usage"]["input"], &object["usage"]["output"]), (&json!(9), &json!(4)));
    assert_eq!((&object["cost"]["currency"], &object["cost"]["amount"]), (&json!("USD"), &json!("0.000066")));
    let sent = body(&server.requests()[0]);
    assert_eq!((&sent["max_tokens"], &sent["messages"][0]["role"], sent.get("stream")), (&json!(50), &json!("system"), None));
}

#[test]
fn request_settings_of_an_endpoint_are_applied() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "quirks");
    place.provider(
        "acme",
        &format!(
            "name: Acme\nendpoints:\n  - base_url: \"{}/v1\"\n    api: openai-completions\n    headers: {{X-Poll: \"3600\"}}\n    compat: {{max_tokens_field: max_completion_tokens, developer_role: true, stream_usage: false}}\n\
             auth:\n  - {{kind: api-key, env: [ACME_API_KEY], query: key}}\nmodels:\n  - id: kimi-k2.5\n",
            server.url
        ),
    );
    let run = send(&place, &["--system", "Be brief", "--max-output-tokens", "50"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.messages().contains("unpriced") && !run.messages().contains("$0"), "{}", run.messages());
    let recorded = &server.requests()[0];
    assert_eq!(recorded.path, format!("/v1/chat/completions?key={KEY}"));
    assert_eq!((recorded.header("authorization"), recorded.header("x-poll")), (None, Some("3600")));
    let sent = body(recorded);
    assert_eq!((&sent["max_completion_tokens"], &sent["messages"][0]["role"]), (&json!(50), &json!("developer")));
    assert!(sent.get("stream_options").is_none() && sent.get("max_tokens").is_none());
}

/// The response of each protocol, whole and streamed, as in its documentation.
#[test]
fn every_protocol_is_written_and_read() {
    let responses = r#"{"id":"r","object":"response","status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"message","content":[{"type":"output_text","text":"Hello there"}]}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}"#;
    let anthropic = r#"{"id":"m","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hello there"}],"stop_reason":"end_turn","usage":{"input_tokens":6,"cache_read_input_tokens":4,"output_tokens":5}}"#;
    let google = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"Hello there"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":2,"totalTokenCount":15}}"#;
    let ollama = r#"{"model":"kimi-k2.5","message":{"role":"assistant","content":"Hello there"},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":5}"#;
    let events = |list: &[(&str, &str)]| list.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect::<String>();
    let responses_stream = events(&[
        ("response.created", r#"{"type":"response.created","response":{"status":"in_progress"}}"#),
        ("response.reasoning_summary_text.delta", r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#),
        ("response.output_text.delta", r#"{"type":"response.output_text.delta","delta":"Hello "}"#),
        ("response.output_text.delta", r#"{"type":"response.output_text.delta","delta":"there"}"#),
        ("response.completed", &format!(r#"{{"type":"response.completed","response":{responses}}}"#)),
    ]);
    let anthropic_stream = events(&[
        (
            "message_start",
            r#"{"type":"message_start","message":{"type":"message","usage":{"input_tokens":6,"cache_read_input_tokens":4,"output_tokens":1}}}"#,
        ),
        ("ping", r#"{"type":"ping"}"#),
        ("content_block_delta", r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#),
        ("content_block_delta", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello "}}"#),
        ("content_block_delta", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"there"}}"#),
        ("message_delta", r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#),
        ("message_stop", r#"{"type":"message_stop"}"#),
    ]);
    let google_stream = [
        r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4}}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"Hello "}]}}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"there"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":2}}"#,
    ]
    .map(|data| format!("data: {data}\r\n\r\n"))
    .concat();
    let ollama_stream = [
        r#"{"model":"kimi-k2.5","message":{"role":"assistant","content":"Hello "},"done":false}"#,
        r#"{"model":"kimi-k2.5","message":{"role":"assistant","content":"there"},"done":false}"#,
        r#"{"model":"kimi-k2.5","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":5}"#,
    ]
    .map(|line| format!("{line}\n"))
    .concat();
    let cases = [
        ("openai-responses", "/responses", "/responses", responses, responses_stream, ("authorization", format!("Bearer {KEY}")), true),
        ("anthropic-messages", "/v1/messages", "/v1/messages", anthropic, anthropic_stream, ("x-api-key", KEY.to_owned()), true),
        (
            "google-generative-ai",
            "/models/kimi-k2.5:generateContent",
            "/models/kimi-k2.5:streamGenerateContent?alt=sse",
            google,
            google_stream,
            ("x-goog-api-key", KEY.to_owned()),
            true,
        ),
        ("ollama", "/api/chat", "/api/chat", ollama, ollama_stream, ("authorization", format!("Bearer {KEY}")), false),
    ];
    for (api, whole_path, stream_path, whole, pieces, (header, key), caches) in cases {
        let whole = whole.to_owned();
        let server = Server::start(move |recorded| {
            let streams = recorded.body.contains("\"stream\":true") || recorded.path.contains("stream");
            if !streams {
                return json_answer("200 OK", &whole);
            }
            let kind = if recorded.path == "/api/chat" { "application/x-ndjson" } else { "text/event-stream" };
            // One byte at a time: chunk boundaries must not matter.
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
            [Step::Send(head.into_bytes())].into_iter().chain(pieces.bytes().map(|byte| Step::Send(vec![byte]))).collect()
        });
        let place = TestFolder::new("message", api);
        place.acme(api, &server.url);
        for more in [&["--json"][..], &["--json", "--no-stream"][..]] {
            let run = send(&place, &[more, &["--system", "Be brief", "--reasoning"]].concat());
            assert_eq!(run.code, 0, "{api}: {}", run.err);
            let object = run.json();
            assert_eq!(object["text"], "Hello there", "{api}");
            assert_eq!((&object["usage"]["input"], &object["usage"]["output"]), (&json!(10), &json!(5)), "{api} {more:?} {object}");
            if caches {
                assert_eq!((&object["usage"]["cache_read"], &object["reasoning"]), (&json!(4), &json!("hm")), "{api}");
                // 6 x 2 + 4 x 0.2 + 5 x 12.
                assert_eq!(object["cost"]["amount"], "0.0000728", "{api}");
            }
        }
        let paths = server.requests().iter().map(|recorded| recorded.path.clone()).collect::<Vec<_>>();
        assert_eq!(paths, [stream_path, whole_path], "{api}");
        assert_eq!(server.requests()[0].header(header), Some(key.as_str()), "{api}");
        if api == "anthropic-messages" {
            assert_eq!(server.requests()[0].header("anthropic-version"), Some("2023-06-01"));
            // The protocol requires a maximum, which the catalog has.
            assert_eq!(body(&server.requests()[0])["max_tokens"], 100);
        }
    }
}

#[test]
fn a_message_above_the_limits_is_not_sent() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "overflow");
    place.acme("openai-completions", &server.url);
    let long = "word ".repeat(1000);
    let arguments = ["message", "send", "--model", "acme/kimi-k2.5", "--message", "-"];
    let run = finish_with_input(&mut place.program(&arguments), long.as_bytes());
    assert!(run.code == 1 && run.messages().contains("at least 1000 tokens") && server.requests().is_empty(), "{}", run.messages());
    let run = send(&place, &["--max-output-tokens", "101"]);
    assert!(run.code == 1 && run.messages().contains("is 100 tokens") && server.requests().is_empty(), "{}", run.messages());
    let run = finish_with_input(&mut place.program(&[&arguments[..], &["--ignore-limits"]].concat()), long.as_bytes());
    assert!(run.code == 0 && server.requests().len() == 1, "{}", run.messages());
    let run = finish_with_input(&mut place.program(&arguments), b" \n");
    assert!(run.code == 2 && run.messages().contains("empty"), "{}", run.messages());
    let run = finish_with_input(&mut place.program(&arguments), b"\xff\xfe");
    assert!(run.code == 1 && run.messages().contains("UTF-8"), "{}", run.messages());
}

#[test]
fn a_long_answer_is_sent_to_telegram_in_parts() {
    let bot = Server::start(|recorded| {
        let chat = body(recorded);
        if chat["text"].as_str().is_some_and(|text| text.starts_with("second")) && recorded.path.starts_with("/tg/") {
            return json_answer("200 OK", r#"{"ok":true,"result":{}}"#);
        }
        json_answer("200 OK", r#"{"ok":true,"result":{}}"#)
    });
    let text = format!("{}\n\nsecond {}", "a".repeat(4000), "b".repeat(100));
    let reply = json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}).to_string();
    let server = Server::start(move |_| json_answer("200 OK", &reply));
    let place = TestFolder::new("message", "telegram");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--target", "telegram"]);
    assert!(run.code == 1 && run.messages().contains("TELEGRAM_BOT_TOKEN") && server.requests().is_empty(), "{}", run.messages());
    let base = format!("{}/tg", bot.url);
    let with = |token: &str| {
        let mut program = place.program(&[SEND, &["--target", "telegram"]].concat());
        finish(program.env("TELEGRAM_BOT_TOKEN", token).env("TELEGRAM_CHAT_ID", "42").env("TELEGRAM_API_BASE", &base))
    };
    let run = with(TOKEN);
    assert!(run.code == 0 && run.messages().contains("sent to Telegram in 2 messages"), "{}", run.err);
    let recorded = bot.requests();
    assert_eq!(recorded[0].path, format!("/tg/bot{TOKEN}/sendMessage"));
    assert_eq!((&body(&recorded[0])["chat_id"], recorded.len()), (&json!("42"), 2));
    assert!(body(&recorded[1])["text"].as_str().is_some_and(|text| text.starts_with("second")));
    // The answer is printed even if it cannot be delivered, and the token is not.
    let refusing = Server::start(|_| json_answer("401 Unauthorized", r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#));
    let mut program = place.program(&[SEND, &["--target", "telegram"]].concat());
    let run = finish(program.env("TELEGRAM_BOT_TOKEN", TOKEN).env("TELEGRAM_CHAT_ID", "42").env("TELEGRAM_API_BASE", &refusing.url));
    assert!(run.code == 1 && run.out.contains("second") && run.messages().contains("0 of 2 messages were sent"), "{}", run.messages());
    // JSON output is one document with the answer and the delivery error.
    let mut program = place.program(&[SEND, &["--target", "telegram", "--json"]].concat());
    let run = finish(program.env("TELEGRAM_BOT_TOKEN", TOKEN).env("TELEGRAM_CHAT_ID", "42").env("TELEGRAM_API_BASE", &refusing.url));
    assert_eq!((run.code, &run.json()["telegram"]["error"]["kind"]), (1, &json!("key-rejected")), "{}", run.out);
    // An invalid base URL is reported before any request is sent.
    let before = server.requests().len();
    let mut program = place.program(&[SEND, &["--target", "telegram"]].concat());
    let run = finish(program.env("TELEGRAM_BOT_TOKEN", TOKEN).env("TELEGRAM_CHAT_ID", "42").env("TELEGRAM_API_BASE", "ftp://127.0.0.1"));
    assert!(run.code == 1 && server.requests().len() == before && run.messages().contains("expected an https://"), "{}", run.messages());
}

#[test]
fn a_legacy_or_retired_reference_names_its_replacement() {
    let server = Server::start(|_| json_answer("200 OK", COMPLETION));
    let place = TestFolder::new("message", "outdated");
    place.provider(
        "acme",
        &format!(
            "name: Acme\nendpoints:\n  - {{base_url: \"{}\", api: openai-completions}}\nauth:\n  - {{kind: api-key, env: [ACME_API_KEY]}}\n\
             model_aliases:\n  - {{id: k2p5, target: kimi-k2.5, kind: legacy, reason: never existed}}\nmodels:\n  - id: kimi-k2\n    status: retired\n    successor: acme/kimi-k2.5\n  - id: kimi-k2.5\n",
            server.url
        ),
    );
    let ask = |reference: &str| place.run(&["message", "send", "--model", reference, "--message", "Hello"]);
    let run = ask("acme/k2p5");
    assert!(run.code == 0 && run.messages().contains("using its replacement `acme/kimi-k2.5`"), "{}", run.err);
    assert_eq!(body(&server.requests()[0])["model"], "kimi-k2.5");
    let run = ask("acme/kimi-k2");
    assert!(run.code == 0 && run.messages().contains("is retired; use `acme/kimi-k2.5`"), "{}", run.err);
    std::fs::write(place.config(), r#"{"outdated_models": "refuse"}"#).expect("a file can be written");
    for reference in ["acme/k2p5", "acme/kimi-k2"] {
        let run = ask(reference);
        assert!(run.code == 1 && run.messages().contains("acme/kimi-k2.5"), "{}", run.err);
    }
    assert_eq!(server.requests().len(), 2);
    let run = ask("acme/kimi-k9");
    assert!(run.code == 1 && run.messages().contains("nearest"), "{}", run.err);
}

#[test]
fn a_message_may_start_with_a_hyphen_and_an_empty_choice_is_an_error() {
    let server = Server::start(|recorded| match body(recorded)["messages"][0]["content"].as_str() {
        Some("- one") => json_answer("200 OK", COMPLETION),
        _ => json_answer("200 OK", r#"{"object":"chat.completion","choices":[]}"#),
    });
    let place = TestFolder::new("message", "hyphen");
    place.acme("openai-completions", &server.url);
    let run = place.run(&["message", "send", "--model", "acme/kimi-k2.5", "--message", "- one"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!((send(&place, &["--json"]).json()["error"]["kind"].as_str()), Some("bad-answer"));
}
