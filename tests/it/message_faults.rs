//! `message send` with failing servers and interrupts.

#![cfg(feature = "cli")]

use crate::program::{SEND, TestFolder, checked, finish, send, spawn};
use crate::server::{COMPLETION, Server, Step, answer, body, completion_events, json as json_answer, stream_head};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

#[test]
fn only_an_overload_is_retried() {
    let overloaded =
        r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#;
    let server = Server::start(move |recorded| match body(recorded)["messages"][0]["content"].as_str() {
        Some("Hello") => answer("429 Too Many Requests", "Retry-After: 0\r\nContent-Type: application/json\r\n", overloaded),
        _ => json_answer("402 Payment Required", r#"{"error":{"message":"Insufficient Balance"}}"#),
    });
    let place = TestFolder::new("message", "overload");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &["--retries", "2"]);
    assert_eq!((run.code, server.requests().len()), (1, 3), "{}", run.err);
    assert!(run.messages().contains("your configuration is not the cause"), "{}", run.messages());
    let run = place.run(&["message", "send", "--model", "acme/kimi-k2.5", "--message", "Bye", "--json"]);
    assert_eq!((run.code, server.requests().len()), (1, 4));
    assert_eq!((&run.json()["error"]["kind"], &run.json()["error"]["temporary"]), (&json!("quota"), &json!(false)));
}

#[test]
fn a_long_retry_after_is_not_waited_for() {
    let server = Server::start(|_| answer("503 Service Unavailable", "Retry-After: 3600\r\n", ""));
    let place = TestFolder::new("message", "patience");
    place.acme("openai-completions", &server.url);
    let started = Instant::now();
    let run = send(&place, &[]);
    assert!(run.code == 1 && server.requests().len() == 1 && started.elapsed() < Duration::from_secs(20), "{}", run.err);
    assert!(run.messages().contains("retry after 3600 s"), "{}", run.messages());
}

#[test]
fn what_follows_the_end_of_a_stream_is_not_part_of_the_response() {
    let late = r#"data: {"choices":[{"delta":{"content":" and more"}}],"usage":{"prompt_tokens":90000}}"#;
    let text = [&completion_events()[..], late.as_bytes(), b"\n\n"].concat();
    // The server sends everything at once, or the rest later.
    for pause in [false, true] {
        let text = text.clone();
        let server = Server::start(move |_| {
            let (stream, rest) = text.split_at(completion_events().len());
            match pause {
                true => vec![stream_head(), Step::Send(stream.to_vec()), Step::Wait(Duration::from_millis(200)), Step::Send(rest.to_vec())],
                false => vec![stream_head(), Step::Send(text.clone())],
            }
        });
        let place = TestFolder::new("message", if pause { "late" } else { "at-once" });
        place.acme("openai-completions", &server.url);
        let run = send(&place, &["--json"]);
        assert_eq!(run.code, 0, "{}", run.err);
        let json = run.json();
        assert_eq!((&json["text"], &json["usage"]["input"]), (&json!("Hello from the server"), &json!(9)), "{json}");
    }
}

#[test]
fn a_response_that_breaks_off_is_an_error() {
    type Steps = fn() -> Vec<Step>;
    let cases: [(&str, Steps, &str, &str); 6] = [
        (
            "cut",
            || vec![stream_head(), Step::Send(b"data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n".to_vec())],
            "cut-off",
            "Half",
        ),
        (
            "cut-chunked",
            || {
                vec![Step::Send(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n40\r\ndata: {\"cho".to_vec(),
                )]
            },
            "cut-off",
            "",
        ),
        (
            "error-inside",
            || {
                let error = "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n";
                vec![
                    stream_head(),
                    Step::Send(b"data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n".to_vec()),
                    Step::Send(error.into()),
                ]
            },
            "overloaded",
            "Half",
        ),
        ("empty", || vec![stream_head()], "cut-off", ""),
        ("half-json", || answer("200 OK", "Content-Type: application/json\r\n", &COMPLETION[..60]), "cut-off", ""),
        ("garbage", || answer("200 OK", "Content-Type: application/octet-stream\r\n", "\u{1}\u{2}nonsense"), "bad-answer", ""),
    ];
    for (name, steps, kind, text) in cases {
        let server = Server::start(move |_| steps());
        let place = TestFolder::new("message", name);
        place.acme("openai-completions", &server.url);
        let run = send(&place, &["--json"]);
        assert_eq!((run.code, run.json()["error"]["kind"].as_str()), (1, Some(kind)), "{name}: {}", run.err);
        assert_eq!(server.requests().len(), 1, "{name} was sent again");
        // The received text was printed.
        let run = send(&place, &[]);
        assert_eq!(run.out.trim_end(), text, "{name}");
    }
}

#[test]
fn a_slow_response_ends_at_the_timeout() {
    let server = Server::start(|_| {
        let drip = (0..600).flat_map(|_| [Step::Send(b": still here\n".to_vec()), Step::Wait(Duration::from_millis(200))]);
        [stream_head()].into_iter().chain(drip).collect()
    });
    let place = TestFolder::new("message", "slow");
    place.acme("openai-completions", &server.url);
    let started = Instant::now();
    let run = send(&place, &["--timeout", "2", "--json"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("timeout")), "{}", run.err);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn ctrl_c_interrupts_at_once() {
    let server = Server::start(|_| {
        let half = "data: {\"choices\":[{\"delta\":{\"content\":\"Half\\n\"}}]}\n\n";
        vec![stream_head(), Step::Send(half.into()), Step::Hang(Duration::from_secs(60))]
    });
    let place = TestFolder::new("message", "interrupt");
    place.acme("openai-completions", &server.url);
    let mut child = spawn(&mut place.program(SEND));
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("the stream is piped"));
    reader.read_line(&mut line).expect("the first piece comes");
    assert_eq!(line, "Half\n");
    let started = Instant::now();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let run = checked(child.wait_with_output().expect("it ends"));
    assert_eq!(run.code, 130, "{}", run.err);
    assert!(started.elapsed() < Duration::from_secs(10) && run.messages().contains("cancelled"), "{}", run.messages());
}

#[test]
fn an_endless_response_is_aborted() {
    let server = Server::start(|_| {
        let piece = format!(": {}\n", "x".repeat(1 << 20)).into_bytes();
        [stream_head()].into_iter().chain((0..100).map(|_| Step::Send(piece.clone()))).collect()
    });
    let place = TestFolder::new("message", "endless");
    place.acme("openai-completions", &server.url);
    // A trace log would be as long as the response.
    let run = finish(place.program(&[SEND, &["--json"]].concat()).env("MODELDEX_LOG", "debug"));
    assert_eq!((run.code, &run.json()["error"]["kind"]), (1, &json!("bad-answer")), "{}", run.err);
    assert!(run.messages().contains("larger than the limit of 64 MiB"), "{}", run.messages());
}

/// A server that completes its response and keeps the connection open.
#[test]
fn a_complete_response_ends_without_a_closed_connection() {
    let anthropic = [
        r#"{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello from the server"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":null,"output_tokens":4}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let anthropic = anthropic.map(|data| format!("data: {data}\n\n")).concat().into_bytes();
    let without_end = String::from_utf8(completion_events()).expect("text").replace("data: [DONE]\n\n", "").into_bytes();
    for (api, events, most) in
        [("openai-completions", completion_events(), 4), ("anthropic-messages", anthropic, 4), ("openai-completions", without_end, 9)]
    {
        let server = Server::start(move |_| {
            let pings = (0..60).flat_map(|_| [Step::Wait(Duration::from_millis(500)), Step::Send(b": ping\n\n".to_vec())]);
            [stream_head(), Step::Send(events.clone())].into_iter().chain(pings).collect()
        });
        let place = TestFolder::new("message", &format!("whole-{most}-{api}"));
        place.acme(api, &server.url);
        let started = Instant::now();
        let run = send(&place, &[]);
        assert_eq!((run.code, run.out.as_str()), (0, "Hello from the server\n"), "{}", run.err);
        assert!(
            run.messages().contains("9 input tokens, 4 output tokens") && started.elapsed() < Duration::from_secs(most),
            "{:?} {}",
            started.elapsed(),
            run.messages()
        );
    }
}

#[test]
fn control_characters_of_a_server_are_not_printed() {
    let piece = json!({"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}], "service_tier": "\u{1b}]0;title\u{7}", "usage": {"prompt_tokens": 1, "completion_tokens": 1}});
    let server = Server::start(move |_| vec![stream_head(), Step::Send(format!("data: {piece}\n\ndata: [DONE]\n\n").into_bytes())]);
    let place = TestFolder::new("message", "steer");
    place.acme("openai-completions", &server.url);
    let run = send(&place, &[]);
    assert!(run.code == 0 && !run.err.contains(['\u{1b}', '\u{7}']), "{:?}", run.err);
    // An unknown service tier may have other rates.
    assert!(run.messages().contains("unpriced") && !run.messages().contains('$'), "{}", run.messages());
}

#[test]
fn retries_end_at_the_timeout() {
    let server = Server::start(|_| answer("429 Too Many Requests", "Retry-After: 5\r\n", ""));
    let place = TestFolder::new("message", "given");
    place.acme("openai-completions", &server.url);
    let started = Instant::now();
    assert_eq!(send(&place, &["--timeout", "2"]).code, 1);
    assert!(started.elapsed() < Duration::from_secs(4) && server.requests().len() == 1, "{:?}", started.elapsed());
    // Too many seconds to represent, and zero.
    for (wait, least, most) in [("1e30", 1, 1), ("0", 3, 3)] {
        let server = Server::start(move |_| answer("429 Too Many Requests", &format!("Retry-After: {wait}\r\n"), ""));
        place.acme("openai-completions", &server.url);
        assert_eq!(send(&place, &["--retries", "2"]).code, 1);
        assert!((least..=most).contains(&server.requests().len()), "{wait}: {}", server.requests().len());
    }
}

#[test]
fn a_closed_stdout_is_not_an_error() {
    let server = Server::start(|_| {
        let piece = format!("data: {}\n\n", json!({"choices": [{"delta": {"content": "line\n".repeat(2000)}}]})).into_bytes();
        let pieces = (0..200).flat_map(|_| [Step::Send(piece.clone()), Step::Wait(Duration::from_millis(5))]);
        [stream_head()].into_iter().chain(pieces).collect()
    });
    let place = TestFolder::new("message", "pipe");
    place.acme("openai-completions", &server.url);
    let mut child = spawn(place.program(SEND).env("MODELDEX_LOG", "off"));
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("the stream is piped"));
    reader.read_line(&mut line).expect("the first line comes");
    drop(reader);
    let run = checked(child.wait_with_output().expect("it ends"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}
