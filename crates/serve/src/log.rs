//! Access log: one line per request, written by a background thread.
//!
//! Requests never wait for a disk or a terminal. If the queue of lines is full, further lines are dropped, and a later line of the log states the
//! number of dropped lines.

use hyper::{Method, StatusCode};
use modeldex_support::secret::mask_certain;
use modeldex_support::text::is_hidden;
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Format of the access log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// No log.
    None,
    /// One line of text per request.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Entry of the access log: a request and its response.
pub(crate) struct AccessLogEntry<'a> {
    pub(crate) peer: SocketAddr,
    /// Method and path of the request; `None` for a malformed request. The query is omitted, because it may contain search terms or an API key.
    pub(crate) request: Option<(&'a Method, &'a str)>,
    pub(crate) status: StatusCode,
    pub(crate) bytes: usize,
    pub(crate) encoding: &'a str,
    /// Time from the request head to the complete response, before it is sent.
    pub(crate) duration: Duration,
}

/// Handle of the access log. Dropping the handle waits until all queued lines are written.
pub(crate) struct AccessLog {
    format: LogFormat,
    queue: Option<SyncSender<String>>,
    dropped: Arc<AtomicU64>,
    writer: Option<JoinHandle<()>>,
}

/// Capacity of the queue, in lines: more than the fastest server can respond to within [`FLUSH_INTERVAL`].
const QUEUE_LINES: usize = 16_384;
/// Pause between two writes to the log, so that the background thread wakes up 100 times a second instead of once per request.
const FLUSH_INTERVAL: Duration = Duration::from_millis(10);

impl AccessLog {
    pub(crate) fn new(format: LogFormat, output: Box<dyn Write + Send>) -> Self {
        let dropped = Arc::new(AtomicU64::new(0));
        let (queue, lines) = sync_channel(QUEUE_LINES);
        let run = {
            let dropped = Arc::clone(&dropped);
            move || write_lines(&lines, format, output, &dropped)
        };
        // If the thread cannot be started, the server runs without a log.
        let writer = (format != LogFormat::None).then(|| thread::Builder::new().name("log".to_owned()).spawn(run).ok()).flatten();
        Self { format, queue: writer.is_some().then_some(queue), dropped, writer }
    }

    /// Returns whether the log is enabled.
    pub(crate) fn is_enabled(&self) -> bool {
        self.queue.is_some()
    }

    /// Queues an entry, or drops it if the queue is full.
    pub(crate) fn write(&self, entry: &AccessLogEntry<'_>) {
        if let Some(queue) = &self.queue
            && queue.try_send(entry.format(self.format)).is_err()
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for AccessLog {
    /// Waits until all queued lines are written.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Writes queued lines until the queue is closed.
fn write_lines(lines: &Receiver<String>, format: LogFormat, mut output: Box<dyn Write + Send>, dropped: &AtomicU64) {
    while let Ok(mut text) = lines.recv() {
        thread::sleep(FLUSH_INTERVAL);
        text.extend(lines.try_iter().take(QUEUE_LINES));
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            count if format == LogFormat::Json => text.push_str(&format!("{}\n", json!({"dropped": count}))),
            count => text.push_str(&format!("dropped {count} log lines, because they could not be written fast enough\n")),
        }
        // Errors are ignored: writing fails when stderr is closed.
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    }
}

impl AccessLogEntry<'_> {
    fn format(&self, format: LogFormat) -> String {
        let Self { peer, request, status, bytes, encoding, duration } = self;
        let (method, path) = request.map_or(("-", "-"), |(method, path)| (method.as_str(), path));
        // A client may have sent an API key in the path by mistake.
        let path = mask_certain(path);
        let (time, status, micros) = (timestamp(), status.as_u16(), duration.as_micros());
        if format == LogFormat::Json {
            let (method, path) = (json!(method), json!(path));
            return format!(
                "{{\"time\":\"{time}\",\"peer\":\"{peer}\",\"method\":{method},\"path\":{path},\
                 \"status\":{status},\"bytes\":{bytes},\"encoding\":\"{encoding}\",\"micros\":{micros}}}\n"
            );
        }
        // hyper accepts UTF-8 in paths, which may contain characters that control a terminal, or have no width.
        let path = path.replace(is_hidden, "?");
        format!("{time} {peer} {method} {path} {status} {bytes} {encoding} {micros}us\n")
    }
}

/// Returns the current time in UTC in the format of RFC 3339, with milliseconds.
fn timestamp() -> String {
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
    fn keys_and_terminal_controls_are_removed_from_paths() {
        let key = format!("sk-proj-{}", "a1B2".repeat(8));
        let path = format!("/models/{key}/\u{202e}\u{200f}\u{1b}[2J");
        let request = Some((&Method::GET, path.as_str()));
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let entry = AccessLogEntry { peer, request, status: StatusCode::OK, bytes: 0, encoding: "identity", duration: Duration::ZERO };
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = entry.format(format);
            assert!(text.contains("/models/****") && !text.contains(&key) && !text.contains('\u{1b}'), "{text}");
        }
        assert!(!entry.format(LogFormat::Text).contains(['\u{202e}', '\u{200f}']));
    }
}
