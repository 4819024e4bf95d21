//! A small server that does what a test tells it to, byte by byte, and remembers what it was asked. What a real server does well is tested
//! against a real one; this is for what goes wrong.

#![cfg(feature = "cli")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request said.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What the server does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Says nothing more until whoever asks has gone, or the time is over.
    Hang(Duration),
}

/// A server on a port of its own, until the test's process ends.
#[derive(Clone)]
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Script = dyn Fn(&Asked) -> Vec<Step> + Send + Sync;

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    /// Starts a server that answers each request as `script` says, and closes the connection.
    pub(crate) fn start(script: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(script), None)
    }

    /// The same behind TLS, with a certificate that nobody else trusts.
    pub(crate) fn start_tls(script: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let made =
            rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate can be made");
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the versions fit")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .expect("the certificate is good");
        Self::listen(Arc::new(script), Some(Arc::new(config)))
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics while it holds this").clone()
    }

    fn listen(script: Arc<Script>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let url = format!("{}://127.0.0.1:{port}", if tls.is_some() { "https" } else { "http" });
        let server = Self { url, asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, asked, tls) = (script.clone(), asked.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    None => serve(&stream, &stream, &*script, &asked),
                    Some(config) => {
                        let Ok(connection) = rustls::ServerConnection::new(config) else { return };
                        let secure = Mutex::new(rustls::StreamOwned::new(connection, stream.try_clone().expect("a second handle")));
                        serve(&stream, Secure(&secure), &*script, &asked);
                    }
                });
            }
        });
        server
    }
}

/// One TLS stream as both a reader and a writer.
#[derive(Clone, Copy)]
struct Secure<'s>(&'s Mutex<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>);

impl Read for Secure<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").read(bytes)
    }
}

impl Write for Secure<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().expect("one thread").flush()
    }
}

fn serve<S: Read + Write + Copy>(raw: &TcpStream, stream: S, script: &Script, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    match reader.read_line(&mut line) {
        Ok(0) => return,
        Ok(_) => {}
        // What is no HTTP, such as the greeting of TLS, is answered as servers do.
        Err(_) => {
            let mut stream = stream;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            let _ = raw.shutdown(Shutdown::Write);
            return;
        }
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
    let mut headers = Vec::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0_usize);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let request = Asked { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let steps = script(&request);
    asked.lock().expect("no test panics while it holds this").push(request);
    let mut stream = stream;
    for step in steps {
        match step {
            Step::Send(bytes) => {
                // Whoever has read enough hangs up.
                if stream.write_all(&bytes).and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
            Step::Wait(time) => std::thread::sleep(time),
            Step::Hang(time) => {
                let _ = raw.set_read_timeout(Some(time));
                let mut raw = raw;
                let _ = raw.read(&mut [0; 64]);
            }
        }
    }
    let _ = stream.flush();
    let _ = raw.shutdown(Shutdown::Write);
}

/// The body of a request, which is JSON.
pub(crate) fn body(asked: &Asked) -> serde_json::Value {
    serde_json::from_str(&asked.body).expect("the body is JSON")
}

/// A whole answer.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    vec![Step::Send([head.as_bytes(), body.as_bytes()].concat())]
}

/// A whole answer in JSON.
pub(crate) fn json(status: &str, body: &str) -> Vec<Step> {
    answer(status, "Content-Type: application/json\r\n", body)
}

/// The head of a stream of events without a known end.
pub(crate) fn stream_head() -> Step {
    Step::Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".to_vec())
}

/// An answer of chat completions, with what was used.
pub(crate) const COMPLETION: &str = r#"{"id":"1","object":"chat.completion","model":"kimi-k2.5","choices":[{"index":0,"message":{"role":"assistant","content":"Hello from the server"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#;

/// The list that a server of chat completions gives.
pub(crate) const MODELS: &str = r#"{"object":"list","data":[{"id":"kimi-k2.5","object":"model"},{"id":"kimi-k2.6","object":"model"}]}"#;

/// The events of a stream of chat completions: two pieces, the end, and what was used.
pub(crate) fn completion_events() -> Vec<u8> {
    let events = [
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello "}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"from the server"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#,
        "[DONE]",
    ];
    events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes()
}
