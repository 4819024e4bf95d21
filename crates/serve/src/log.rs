//! A line a request, written by a thread of its own. A request waits for no disk and no terminal: what does not fit into the queue is left
//! out, and how much that was is told.

use hyper::{Method, StatusCode, Uri};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How requests are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Not at all.
    None,
    /// A line for people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// A request that was answered.
pub(crate) struct Line {
    pub(crate) time: SystemTime,
    pub(crate) peer: SocketAddr,
    /// Nothing where no request could be read.
    pub(crate) asked: Option<(Method, Uri)>,
    pub(crate) status: StatusCode,
    pub(crate) bytes: u64,
    pub(crate) encoding: &'static str,
    /// Until the answer was there to be sent.
    pub(crate) took: Duration,
}

/// Where lines go.
pub(crate) struct Log {
    queue: Option<SyncSender<Line>>,
    dropped: &'static AtomicU64,
    writer: Option<JoinHandle<()>>,
}

/// As many lines as the fastest server answers in the time that the writer rests.
const QUEUE: usize = 16_384;
/// The writer rests this long, so that it is woken a hundred times a second and not once a request.
const REST: Duration = Duration::from_millis(10);

impl Log {
    pub(crate) fn new(format: LogFormat, into: Box<dyn Write + Send>) -> Self {
        static DROPPED: AtomicU64 = AtomicU64::new(0);
        if format == LogFormat::None {
            return Self { queue: None, dropped: &DROPPED, writer: None };
        }
        let (queue, lines) = sync_channel(QUEUE);
        let writer = thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines, format, into, &DROPPED));
        // Without a thread there is no log, and everything else is as it was.
        let queue = writer.is_ok().then_some(queue);
        Self { queue, dropped: &DROPPED, writer: writer.ok() }
    }

    /// Whether anyone listens.
    pub(crate) fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    pub(crate) fn tell(&self, line: Line) {
        let Some(queue) = &self.queue else { return };
        if let Err(TrySendError::Full(_)) = queue.try_send(line) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Log {
    /// What was told is written before the program ends.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write(lines: &Receiver<Line>, format: LogFormat, mut into: Box<dyn Write + Send>, dropped: &AtomicU64) {
    let mut text = String::with_capacity(64 * 1024);
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => line.write(format, &mut text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        thread::sleep(REST);
        while let Ok(line) = lines.try_recv() {
            line.write(format, &mut text);
            if text.len() > 48 * 1024 {
                break;
            }
        }
        let left_out = dropped.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            match format {
                LogFormat::Json => text.push_str(&format!("{}\n", json!({"dropped": left_out}))),
                _ => text.push_str(&format!("{left_out} lines of the log left out: it is not read as fast as it is written\n")),
            }
        }
        // Nobody is left to be told when stderr is closed.
        let _ = into.write_all(text.as_bytes()).and_then(|()| into.flush());
        text.clear();
    }
}

impl Line {
    fn write(&self, format: LogFormat, into: &mut String) {
        let time = rfc3339(self.time);
        let (method, path) = self.asked.as_ref().map_or(("-", "-"), |(method, uri)| (method.as_str(), uri.path()));
        let (status, micros) = (self.status.as_u16(), self.took.as_micros());
        let _ = match format {
            LogFormat::None => Ok(()),
            LogFormat::Json => writeln!(
                into,
                "{{\"time\":\"{time}\",\"peer\":\"{}\",\"method\":{},\"path\":{},\
                 \"status\":{status},\"bytes\":{},\"encoding\":\"{}\",\"micros\":{micros}}}",
                self.peer,
                json!(method),
                json!(path),
                self.bytes,
                self.encoding,
            ),
            // What a path may hold is printable ASCII, and whatever else stands for itself as bytes of UTF-8: nothing that steers a
            // terminal.
            LogFormat::Text => writeln!(
                into,
                "{time} {} {method} {} {status} {} {} {micros}us",
                self.peer,
                path.replace(|letter: char| letter.is_control(), "?"),
                self.bytes,
                self.encoding,
            ),
        };
    }
}

/// The time in UTC, to the millisecond.
fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let date = modeldex_table::Moment::from_unix(seconds).date();
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}
