//! A line a request, written by a thread of its own. A request waits for no disk and no terminal: what does not fit into the queue is left
//! out, and a line states how much that was.

use hyper::{Method, StatusCode};
use modeldex_support::secret::mask_certain;
use modeldex_support::text::is_terminal_control;
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How requests are logged.
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
pub(crate) struct Line<'a> {
    pub(crate) peer: SocketAddr,
    /// The method and the path; nothing where no request could be read. The query stays out of it: what someone looks for, or a key that
    /// does not belong there, is nobody's business.
    pub(crate) request: Option<(&'a Method, &'a str)>,
    pub(crate) status: StatusCode,
    pub(crate) bytes: usize,
    pub(crate) encoding: &'a str,
    /// Until the answer was there to be sent.
    pub(crate) took: Duration,
}

/// Where lines go.
pub(crate) struct Log {
    format: LogFormat,
    queue: Option<SyncSender<String>>,
    dropped: Arc<AtomicU64>,
    writer: Option<JoinHandle<()>>,
}

/// As many lines as the fastest server answers in the time that the writer rests.
const QUEUE: usize = 16_384;
/// The writer rests this long, so that it is woken a hundred times a second and not once a request.
const REST: Duration = Duration::from_millis(10);

impl Log {
    pub(crate) fn new(format: LogFormat, into: Box<dyn Write + Send>) -> Self {
        let dropped = Arc::new(AtomicU64::new(0));
        let (queue, lines) = sync_channel(QUEUE);
        let write = {
            let dropped = Arc::clone(&dropped);
            move || write(&lines, format, into, &dropped)
        };
        // Without a thread there is no log, and everything else is as it was.
        let writer = (format != LogFormat::None).then(|| thread::Builder::new().name("log".to_owned()).spawn(write).ok()).flatten();
        Self { format, queue: writer.is_some().then_some(queue), dropped, writer }
    }

    /// Whether lines are written at all.
    pub(crate) fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    pub(crate) fn line(&self, line: &Line<'_>) {
        if let Some(queue) = &self.queue
            && queue.try_send(line.text(self.format)).is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Log {
    /// What was logged is written before the program ends.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write(lines: &Receiver<String>, format: LogFormat, mut into: Box<dyn Write + Send>, dropped: &AtomicU64) {
    while let Ok(mut text) = lines.recv() {
        thread::sleep(REST);
        text.extend(lines.try_iter().take(QUEUE));
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            count if format == LogFormat::Json => text.push_str(&format!("{}\n", json!({"dropped": count}))),
            count => text.push_str(&format!("{count} lines of the log left out: it is not read as fast as it is written\n")),
        }
        // Nothing reads this any longer when stderr is closed.
        let _ = into.write_all(text.as_bytes()).and_then(|()| into.flush());
    }
}

impl Line<'_> {
    fn text(&self, format: LogFormat) -> String {
        let Self { peer, request, status, bytes, encoding, took } = self;
        let (method, path) = request.map_or(("-", "-"), |(method, path)| (method.as_str(), path));
        // Somebody may have put a key where a name belongs.
        let path = mask_certain(path);
        let (time, status, micros) = (now(), status.as_u16(), took.as_micros());
        if format == LogFormat::Json {
            let (method, path) = (json!(method), json!(path));
            return format!(
                "{{\"time\":\"{time}\",\"peer\":\"{peer}\",\"method\":{method},\"path\":{path},\
                 \"status\":{status},\"bytes\":{bytes},\"encoding\":\"{encoding}\",\"micros\":{micros}}}\n"
            );
        }
        // What a path may hold is printable ASCII, and whatever else stands for itself as bytes of UTF-8: nothing that controls a terminal.
        let path = path.replace(is_terminal_control, "?");
        format!("{time} {peer} {method} {path} {status} {bytes} {encoding} {micros}us\n")
    }
}

/// The time in UTC, to the millisecond, as RFC 3339 has it.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let date = modeldex_table::Moment::from_unix(seconds).date();
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_no_key_and_steers_no_terminal() {
        let key = format!("sk-proj-{}", "a1B2".repeat(8));
        let path = format!("/models/{key}/\u{202e}\u{1b}[2J");
        let request = Some((&Method::GET, path.as_str()));
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let line = Line { peer, request, status: StatusCode::OK, bytes: 0, encoding: "identity", took: Duration::ZERO };
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = line.text(format);
            assert!(text.contains("/models/****") && !text.contains(&key) && !text.contains('\u{1b}'), "{text}");
        }
        assert!(!line.text(LogFormat::Text).contains('\u{202e}'));
    }
}
