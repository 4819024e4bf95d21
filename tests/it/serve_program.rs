//! The real server on a real socket, and a client that sends whatever bytes a test wants.

#![cfg(feature = "cli")]

use crate::program::{Place, bare, checked};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A server that runs until this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    said: Receiver<String>,
    /// What it has said so far.
    pub(crate) log: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Long enough for a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Serves the catalog of a place.
    pub(crate) fn start(place: &Place, more: &[&str]) -> Self {
        Self::run(place.program(&["serve", "--listen", "127.0.0.1:0"]).args(more))
    }

    /// Runs a command that serves.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let stderr = BufReader::new(child.stderr.take().expect("it was asked for"));
        let (tell, said) = channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        let mut server = Self { child, address: String::new(), said, log: Vec::new() };
        let line = server.until("listening on http://");
        server.address = line.split("http://").nth(1).expect("the line has an address").to_owned();
        server
    }

    /// Waits for a line of what it says.
    pub(crate) fn until(&mut self, part: &str) -> String {
        let start = Instant::now();
        while let Ok(line) = self.said.recv_timeout(PATIENCE.saturating_sub(start.elapsed())) {
            self.log.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
        panic!("it never said `{part}`: {:#?}", self.log);
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a stream has timeouts");
        stream
    }

    /// Sends bytes, and returns everything that comes back.
    pub(crate) fn send(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // One who is refused may not be able to send all of it.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        headers.iter().for_each(|header| request.push_str(&format!("{header}\r\n")));
        request.push_str("\r\n");
        Answer::read(&self.send(request.as_bytes()))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Asks again and again, until the answer is as wanted.
    pub(crate) fn get_until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "{path} stays {answer:?}\n{:#?}", self.log);
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, signal: &str) {
        let done = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(done.expect("`kill` runs").success());
    }

    /// Waits for its end, and returns its exit code, if it has one.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                self.log.extend(self.said.iter());
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.extend(self.said.iter());
        if !thread::panicking() {
            assert!(!self.log.iter().any(|line| line.contains("panicked at") || crate::program::has_secret(line)), "{:#?}", self.log);
        }
    }
}

impl Answer {
    /// Reads the one answer that these bytes are.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut all = Self::read_all(bytes);
        assert_eq!(all.len(), 1, "{}", String::from_utf8_lossy(bytes));
        all.remove(0)
    }

    /// Reads the answers that follow each other in these bytes.
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
            // An answer to HEAD has the length of what it leaves out.
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

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A run that ends by itself.
pub(crate) fn fails(place: &Place, arguments: &[&str]) -> crate::program::Run {
    checked(place.program(arguments).output().expect("the program runs"))
}

/// The program with the catalog that is built in.
pub(crate) fn built_in(place: &Place, arguments: &[&str]) -> Command {
    let mut command = bare(&place.dir);
    command.args(arguments);
    command
}
