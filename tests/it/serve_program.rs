//! A running server, and a client that sends arbitrary bytes.

#![cfg(feature = "cli")]

use crate::program::{TestFolder, bare, checked};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A running server, stopped on drop.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    lines: Receiver<String>,
    /// Its stderr so far.
    pub(crate) log: Vec<String>,
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Timeout of all waits, with room for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Server {
    /// Serves the catalog of a test folder.
    pub(crate) fn start(place: &TestFolder, more: &[&str]) -> Self {
        // The requests that tests write themselves have the host `x`.
        Self::run(place.program(&["serve", "--listen", "127.0.0.1:0", "--allow-host", "x"]).args(more))
    }

    /// Runs a serving command.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let stderr = BufReader::new(child.stderr.take().expect("the stream is piped"));
        let (tell, lines) = channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        let mut server = Self { child, address: String::new(), lines, log: Vec::new() };
        let line = server.until("listening on http://");
        server.address = line.split("http://").nth(1).expect("the line has an address").to_owned();
        server
    }

    /// Waits for a line on stderr that contains `part`.
    pub(crate) fn until(&mut self, part: &str) -> String {
        let start = Instant::now();
        while let Ok(line) = self.lines.recv_timeout(TIMEOUT.saturating_sub(start.elapsed())) {
            self.log.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
        panic!("no line contains `{part}`: {:#?}", self.log);
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a stream has timeouts");
        stream
    }

    /// Sends bytes, and returns all bytes received.
    pub(crate) fn send(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A refused client may fail to send all bytes.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Response {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        headers.iter().for_each(|header| request.push_str(&format!("{header}\r\n")));
        request.push_str("\r\n");
        Response::read(&self.send(request.as_bytes()))
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.ask("GET", path, &[])
    }

    /// Repeats a request until the response matches.
    pub(crate) fn get_until(&self, path: &str, wanted: impl Fn(&Response) -> bool) -> Response {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed() < TIMEOUT, "{path} stays {answer:?}\n{:#?}", self.log);
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a signal, given by name.
    pub(crate) fn signal(&self, signal: &str) {
        let done = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(done.expect("`kill` runs").success());
    }

    /// Waits for the server to exit; returns its exit code, if any.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                self.log.extend(self.lines.iter());
                return status.code();
            }
            assert!(start.elapsed() < TIMEOUT, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.extend(self.lines.iter());
        if !thread::panicking() {
            assert!(!self.log.iter().any(|line| line.contains("panicked at") || crate::program::has_secret(line)), "{:#?}", self.log);
        }
    }
}

impl Response {
    /// Parses one response.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut all = Self::read_all(bytes);
        assert_eq!(all.len(), 1, "{}", String::from_utf8_lossy(bytes));
        all.remove(0)
    }

    /// Parses a sequence of responses.
    pub(crate) fn read_all(mut bytes: &[u8]) -> Vec<Self> {
        let mut answers = Vec::new();
        while !bytes.is_empty() {
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("the head has an end");
            let head = std::str::from_utf8(&bytes[..end]).expect("the head is text");
            let mut lines = head.split("\r\n");
            let status =
                lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("there is a status");
            let headers: Vec<(String, String)> =
                lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
            bytes = &bytes[end + 4..];
            let mut answer = Self { status, headers, body: Vec::new() };
            let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            // A response to HEAD has the length of the omitted body.
            let length = if bytes.is_empty() { 0 } else { length };
            let (body, rest) = bytes.split_at(length);
            answer.body = body.to_vec();
            bytes = rest;
            answers.push(answer);
        }
        answers
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "`{name}` is there twice");
        value
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The error code of a problem response.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Runs a serving command that fails to start.
pub(crate) fn fails(place: &TestFolder, arguments: &[&str]) -> crate::program::Run {
    checked(place.program(arguments).output().expect("the program runs"))
}

/// The program with the built-in catalog.
pub(crate) fn built_in(place: &TestFolder, arguments: &[&str]) -> Command {
    let mut command = bare(&place.dir);
    command.args(arguments).args(["--allow-host", "x"]);
    command
}
