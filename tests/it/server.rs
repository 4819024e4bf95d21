//! A scripted server that sends given bytes and records requests. Used for failures; regular behavior is tested against a real server.

#![cfg(feature = "cli")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Header names in lowercase.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An action of the server.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Waits until the client closes the connection, or the time is over.
    Hang(Duration),
}

/// A server on its own port, running until the test process ends.
#[derive(Clone)]
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    recorded: Arc<Mutex<Vec<RecordedRequest>>>,
}

type Script = dyn Fn(&RecordedRequest) -> Vec<Step> + Send + Sync;

impl RecordedRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    /// Starts a server that answers each request with the steps of `script`, and closes the connection.
    pub(crate) fn start(script: impl Fn(&RecordedRequest) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(script), None)
    }

    /// Like [`Server::start`] with TLS and a self-signed certificate.
    pub(crate) fn start_tls(script: impl Fn(&RecordedRequest) -> Vec<Step> + Send + Sync + 'static) -> Self {
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

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.recorded.lock().expect("no test panics while it holds this").clone()
    }

    fn listen(script: Arc<Script>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let url = format!("{}://127.0.0.1:{port}", if tls.is_some() { "https" } else { "http" });
        let server = Self { url, recorded: recorded.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, recorded, tls) = (script.clone(), recorded.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    None => serve(&stream, &stream, &*script, &recorded),
                    Some(config) => {
                        let Ok(connection) = rustls::ServerConnection::new(config) else { return };
                        let secure = Mutex::new(rustls::StreamOwned::new(connection, stream.try_clone().expect("a second handle")));
                        serve(&stream, Secure(&secure), &*script, &recorded);
                    }
                });
            }
        });
        server
    }
}

/// A TLS stream that can be read and written through a shared reference.
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

fn serve<S: Read + Write + Copy>(raw: &TcpStream, stream: S, script: &Script, recorded: &Mutex<Vec<RecordedRequest>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    match reader.read_line(&mut line) {
        Ok(0) => return,
        Ok(_) => {}
        // Anything but HTTP, such as a TLS handshake, is answered with 400.
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
    let request = RecordedRequest { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let steps = script(&request);
    recorded.lock().expect("no test panics while it holds this").push(request);
    let mut stream = stream;
    for step in steps {
        match step {
            Step::Send(bytes) => {
                // The client may close the connection early.
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

/// The JSON body of a request.
pub(crate) fn body(recorded: &RecordedRequest) -> serde_json::Value {
    serde_json::from_str(&recorded.body).expect("the body is JSON")
}

/// A whole response.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    vec![Step::Send([head.as_bytes(), body.as_bytes()].concat())]
}

/// A whole JSON response.
pub(crate) fn json(status: &str, body: &str) -> Vec<Step> {
    answer(status, "Content-Type: application/json\r\n", body)
}

/// The head of an event stream without a length.
pub(crate) fn stream_head() -> Step {
    Step::Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".to_vec())
}

/// A response of the chat completions protocol, with usage.
pub(crate) const COMPLETION: &str = r#"{"id":"1","object":"chat.completion","model":"kimi-k2.5","choices":[{"index":0,"message":{"role":"assistant","content":"Hello from the server"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#;

/// A list of models of the chat completions protocol.
pub(crate) const MODELS: &str = r#"{"object":"list","data":[{"id":"kimi-k2.5","object":"model"},{"id":"kimi-k2.6","object":"model"}]}"#;

/// The events of a chat completions stream: two pieces of text, the end, and usage.
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
