//! Slow and silent clients, clients that never read, and invalid requests.

#![cfg(feature = "cli")]

use crate::program::TestFolder;
use crate::serve_program::{Response, Server, built_in};
use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

fn acme(test: &str) -> TestFolder {
    let place = TestFolder::new("serve_limits", test);
    place.acme("openai-completions", "https://api.acme.example/v1");
    place
}

#[test]
fn invalid_requests_are_rejected() {
    let place = acme("bad");
    let server = Server::start(&place, &[]);
    let long = |count: usize| "x".repeat(count);
    let get = |headers: &str| format!("GET /health HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    for (request, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), 400, ""),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\0".to_owned() + "\r\n\r\n", 400, ""),
        ("GET /health HTTP/9.9\r\nHost: x\r\n\r\n".to_owned(), 400, ""),
        ("GET /health HTTP/1.1\r\n\r\n".to_owned(), 400, "bad-request"),
        (get("Host: y\r\n"), 400, "bad-request"),
        (get("Bad Header: x\r\n"), 400, ""),
        (get("Bad : x\r\n"), 400, ""),
        (get("no colon\r\n"), 400, ""),
        (get("X: a\0b\r\n"), 400, ""),
        (get("Content-Length: 1, 2\r\n"), 400, ""),
        // Ambiguous message lengths, which allow request smuggling.
        (get("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, ""),
        (get("Content-Length: -1\r\n"), 400, ""),
        // An unambiguous one.
        (get("Content-Length: 0\r\nContent-Length: 0\r\n"), 200, ""),
        (get("Content-Length: 5\r\nContent-Length: 5\r\n"), 413, "body-refused"),
        (
            get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\nGET /api.json HTTP/1.1\r\nHost: x\r\n\r\n",
            413,
            "body-refused",
        ),
        (get("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n", 413, "body-refused"),
        (get("Content-Length: 5\r\n") + "hello", 413, "body-refused"),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", long(5_000)), 414, "uri-too-long"),
        (format!("GET /models?q={} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", long(3_000)), 200, ""),
        (get(&format!("X: {}\r\n", long(20_000))), 431, ""),
        (get(&(0..200).map(|at| format!("X-{at}: y\r\n")).collect::<String>()), 431, ""),
        (format!("GET /{}", long(200_000)), 431, ""),
    ] {
        let shown: String = request.chars().take(90).collect();
        // Requests answered like any other keep the connection open.
        let closing = request.replacen("Host: x\r\n", "Host: x\r\nConnection: close\r\n", usize::from(!request.contains("Connection")));
        let answer = server.send(closing.as_bytes());
        assert!(!answer.is_empty(), "{shown:?} has no answer");
        let answer = Response::read(&answer);
        assert_eq!(answer.status, status, "{shown:?}: {answer:?}");
        if status != 200 && code.is_empty() {
            assert_eq!((answer.body.len(), answer.header("connection")), (0, Some("close")), "{shown:?}");
        } else if status != 200 {
            assert_eq!((answer.code().as_str(), answer.header("connection")), (code, Some("close")), "{shown:?}");
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{shown:?}");
        }
    }
    // HTTP/2 with prior knowledge is closed.
    assert_eq!(server.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), b"");
    assert_eq!(server.ask("GET", "/health", &["Content-Length: 0"]).status, 200);
    assert_eq!(server.ask("POST", "/health", &["Content-Length: 5"]).status, 413);
    assert_eq!(server.get("/health").status, 200, "everyone else is served as before");
}

#[test]
fn slow_clients_are_disconnected() {
    let place = acme("slow");
    let server = Server::start(&place, &["--header-timeout", "1", "--idle-timeout", "2"]);
    // A byte of the headers now and then.
    let mut slow = server.connect();
    let mut reading = slow.try_clone().expect("a stream can be cloned");
    let start = Instant::now();
    let writer = thread::spawn(move || {
        for byte in b"GET /health HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter().cycle().take(600) {
            if slow.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    let mut answer = Vec::new();
    let _ = reading.read_to_end(&mut answer);
    assert_eq!(answer, b"", "it is hung up on");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    drop(reading);
    writer.join().expect("the writer ends");
    // No bytes, at the start and after a response.
    let mut silent = server.connect();
    assert_eq!(silent.read(&mut [0; 16]).expect("it is hung up on in order"), 0);
    let mut idle = server.connect();
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is open");
    let mut answer = Vec::new();
    let start = Instant::now();
    idle.read_to_end(&mut answer).expect("it is hung up on in order");
    assert_eq!(Response::read(&answer).status, 200);
    assert!(start.elapsed() > Duration::from_millis(1_500), "it may stay for its idle time: {:?}", start.elapsed());
    // A client that has closed its sending half gets a response.
    let mut half = server.connect();
    half.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it is open");
    half.shutdown(std::net::Shutdown::Write).expect("half of it can be closed");
    let mut answer = Vec::new();
    half.read_to_end(&mut answer).expect("it answers");
    assert_eq!(Response::read(&answer).status, 200);
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn a_client_that_never_reads_only_blocks_its_own_connection() {
    let place = acme("unread");
    // The built-in catalog: its responses are larger than the socket buffers.
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--max-connections", "1", "--log", "none"];
    let server = Server::run(&mut built_in(&place, &arguments));
    let mut stream = server.connect();
    stream.write_all(b"GET /api.json HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is open");
    stream.read_exact(&mut [0; 16]).expect("it answers");
    // The only connection is in use: others get Retry-After.
    let start = Instant::now();
    let other = server.get("/health");
    assert_eq!((other.status, other.header("retry-after"), other.code().as_str()), (503, Some("1"), "too-many-connections"));
    assert!(start.elapsed() < Duration::from_secs(10));
    drop(stream);
    server.get_until("/health", |answer| answer.status == 200);
}

/// Connections that wait for their client make room for new ones, so that no client keeps others out.
#[test]
fn idle_and_slow_connections_make_room() {
    let place = acme("room");
    let patient = ["--max-connections", "8", "--idle-timeout", "1000", "--header-timeout", "1000", "--answer-timeout", "1000"];
    let server = Server::start(&place, &patient);
    for sent in ["", "G", "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let open: Vec<_> = (0..30)
            .map(|_| {
                let mut stream = server.connect();
                let _ = stream.write_all(sent.as_bytes());
                stream
            })
            .collect();
        // More than the places, one after the other.
        for _ in 0..10 {
            server.get_until("/health", |answer| answer.status == 200);
        }
        drop(open);
    }
    // Clients that do not read.
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "none"];
    let server = Server::run(&mut built_in(&place, &[&arguments[..], &patient].concat()));
    let open: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /api.json HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is open");
            stream.read_exact(&mut [0; 16]).expect("it answers");
            stream
        })
        .collect();
    server.get_until("/health", |answer| answer.status == 200);
    drop(open);
}
