//! Sends one call and hands out its answer piece by piece: bounded in time and size, and ended at once when it is called off.
//!
//! A thread does the waiting, so that whoever listens never waits for longer than a moment before it looks whether it was called off. A
//! redirect is followed on the same scheme, host and port only: neither the key nor what is asked goes to another address.

use crate::problem::{Kind, Problem};
use crate::proxy;
use crate::secret::{Secret, percent_encoded, scrub};
use modeldex_support::text::without_controls;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};

/// How long and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands, its encryption included.
    pub connect: Duration,
    /// Until the first byte of an answer, and between any two pieces of it.
    pub silence: Duration,
    /// Until the answer is whole.
    pub whole: Duration,
    /// Bytes of the answer, unpacked.
    pub bytes: u64,
}

/// Calls things off, from another thread or from a signal's handler.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

/// Sends calls. Connections are kept for the next one.
#[derive(Clone, Debug)]
pub struct Http {
    agent: ureq::Agent,
    limits: Limits,
    cancel: Cancel,
}

/// One call.
#[derive(Debug, Default)]
pub struct Call {
    /// The address, without the key.
    pub url: String,
    /// Headers, without the key.
    pub headers: Vec<(String, String)>,
    /// Where the key goes.
    pub key: Option<(Carrier, Secret)>,
    /// What is sent; nothing makes it a GET.
    pub body: Option<Vec<u8>>,
    /// Whether the answer comes in pieces that matter as they come.
    pub stream: bool,
    /// Whether a redirect to another scheme, host or port is followed as well: only for what carries no key and asks nothing.
    pub elsewhere: bool,
}

/// What carries a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A header, with what stands before the key in it.
    Header {
        /// The header.
        name: String,
        /// What stands before the key, as `Bearer`; empty for nothing.
        scheme: String,
    },
    /// A parameter of the address.
    Query(String),
    /// The address itself, where it says `{key}`.
    Path,
}

/// The head of an answer.
#[derive(Debug)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The type of the body, in lower case; empty where the server says nothing.
    pub content_type: String,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What the server calls this state of the body.
    pub etag: Option<String>,
    /// How many bytes the body has as it is sent, where the server states that.
    pub length: Option<u64>,
    /// Where it sends to, when that is elsewhere; without what may be a secret.
    pub location: Option<String>,
    /// The address that answered, without what may be a secret.
    pub url: String,
}

/// A body that is still arriving.
#[derive(Debug)]
pub struct Body {
    pieces: Receiver<Piece>,
    limits: Limits,
    cancel: Cancel,
    started: Instant,
    read: u64,
    url: String,
}

enum Piece {
    Head(Head),
    Bytes(Vec<u8>),
    Failed(Problem),
}

/// How often whoever waits looks whether it was called off.
const GLANCE: Duration = Duration::from_millis(40);

/// Of an address no more is shown than this.
const LONGEST_URL: usize = 200;

/// As many as any browser follows for one step of a login; an API has one at most.
const MOST_REDIRECTS: usize = 5;

impl Default for Limits {
    /// What a model that thinks for long may take.
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), silence: Duration::from_secs(180), whole: Duration::from_secs(1800), bytes: 64 << 20 }
    }
}

impl Carrier {
    /// What most protocols use: `Authorization: Bearer`.
    #[must_use]
    pub fn bearer() -> Self {
        Self::header("authorization", "Bearer")
    }

    /// A header, with what stands before the key in it.
    #[must_use]
    pub fn header(name: &str, scheme: &str) -> Self {
        Self::Header { name: name.to_owned(), scheme: scheme.to_owned() }
    }
}

impl Cancel {
    /// Calls everything off that was given this.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits, but no longer than until it is called off; whether it was.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.is_cancelled() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(GLANCE));
        }
        true
    }
}

impl Http {
    /// Calls with these limits, through the proxies that the environment names.
    #[must_use]
    pub fn new(limits: Limits, cancel: Cancel) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(limits.connect))
            .timeout_recv_response(Some(limits.silence))
            .timeout_per_read(Some(limits.silence))
            .timeout_global(Some(limits.whole))
            // Which proxy is asked depends on the address, and is decided for each.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("modeldex/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, limits, cancel }
    }

    /// What calls this off.
    #[must_use]
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Sends `call` and returns as soon as the head of its answer is there, with its body to come.
    ///
    /// # Errors
    /// When nobody could be reached, in time or at all, or when it was called off. An answer of any status is no error here.
    pub fn send(&self, call: Call) -> Result<(Head, Body), Problem> {
        let (sender, pieces) = sync_channel(16);
        let (agent, url) = (self.agent.clone(), shown(&call.url));
        let secret = call.key.as_ref().map(|(_, secret)| secret.clone());
        log::debug!("{} {}", if call.body.is_some() { "POST" } else { "GET" }, scrubbed(&url, secret.as_ref()));
        if let Some(body) = call.body.as_deref().filter(|_| log::log_enabled!(log::Level::Trace)) {
            log::trace!("sent: {}", scrubbed(&String::from_utf8_lossy(body), secret.as_ref()));
        }
        let started = Instant::now();
        let thread = std::thread::Builder::new().name("modeldex-http".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(problem) = fetch(&agent, call, &sender) {
                // Nobody listens any more once it was called off.
                let _ = sender.send(Piece::Failed(problem.scrubbed(secret.as_ref())));
            }
        });
        spawned.map_err(|error| Problem::new(Kind::Unreachable, format!("no thread could be started: {error}")))?;
        let mut body = Body { pieces, limits: self.limits, cancel: self.cancel.clone(), started, read: 0, url };
        match body.wait(None)? {
            Some(Piece::Head(head)) => {
                log::debug!("{} answered {} after {} ms", head.url, head.status, started.elapsed().as_millis());
                body.url.clone_from(&head.url);
                if head.length.is_some_and(|length| length > self.limits.bytes) {
                    return Err(body.too_large());
                }
                Ok((head, body))
            }
            Some(Piece::Failed(problem)) => Err(problem),
            Some(Piece::Bytes(_)) | None => Err(Problem::new(Kind::Unreachable, format!("`{}` gave no answer", body.url))),
        }
    }
}

impl Body {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks, nothing comes in time, more comes than may, or it was called off.
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        self.piece_until(None)
    }

    /// The next piece, when it comes before `deadline`.
    ///
    /// # Errors
    /// As [`Body::piece`].
    pub fn piece_until(&mut self, deadline: Option<Instant>) -> Result<Option<Vec<u8>>, Problem> {
        match self.wait(deadline)? {
            Some(Piece::Bytes(bytes)) => {
                self.read += bytes.len() as u64;
                if self.read > self.limits.bytes {
                    return Err(self.too_large());
                }
                Ok(Some(bytes))
            }
            Some(Piece::Failed(problem)) => Err(problem),
            Some(Piece::Head(_)) | None => Ok(None),
        }
    }

    /// All of it, or the first `most` bytes.
    ///
    /// # Errors
    /// As [`Body::piece`].
    pub fn all(&mut self, most: usize) -> Result<Vec<u8>, Problem> {
        let mut all = Vec::new();
        while all.len() < most {
            match self.piece()? {
                Some(piece) => all.extend_from_slice(&piece),
                None => break,
            }
        }
        all.truncate(most);
        Ok(all)
    }

    fn too_large(&self) -> Problem {
        let (url, most) = (&self.url, self.limits.bytes >> 20);
        Problem::new(Kind::BadAnswer, format!("`{url}` answers with more than {most} MiB, and no more is read"))
    }

    /// Waits in short steps, so that calling off takes effect at once.
    fn wait(&mut self, deadline: Option<Instant>) -> Result<Option<Piece>, Problem> {
        let silent_since = Instant::now();
        loop {
            if self.cancel.is_cancelled() {
                return Err(Problem::new(Kind::Cancelled, format!("the request to `{}` was called off", self.url)));
            }
            let (quiet, whole) = (silent_since.elapsed(), self.started.elapsed());
            // The thread has the same limits and knows better what it waits for; this is for a thread that hangs all the same.
            if quiet > self.limits.silence + self.limits.connect || whole > self.limits.whole + GLANCE {
                let seconds = if whole > self.limits.whole { whole } else { quiet }.as_secs();
                return Err(Problem::new(Kind::Timeout, format!("`{}` did not answer in full within {seconds} s", self.url)));
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(Problem::new(Kind::Timeout, format!("nothing more came from `{}`", self.url)));
            }
            match self.pieces.recv_timeout(GLANCE) {
                Ok(piece) => return Ok(Some(piece)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

/// An address without what may be a secret: user, password and query. It is cut where it is longer than anybody reads.
#[must_use]
pub fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let (scheme, rest) = url.find("://").map_or(("", url), |at| url.split_at(at + "://".len()));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or(host);
    let whole = format!("{scheme}{host}{path}");
    let mut shown = whole.chars().filter(|letter| !letter.is_control()).take(LONGEST_URL).collect::<String>();
    if whole.len() > LONGEST_URL {
        shown.push_str("...");
    }
    shown
}

/// What the thread does.
fn fetch(agent: &ureq::Agent, call: Call, pieces: &SyncSender<Piece>) -> Result<(), Problem> {
    let mut url = call.url.clone();
    let secret = call.key.as_ref().map(|(_, secret)| secret);
    for _ in 0..=MOST_REDIRECTS {
        let shown_url = scrubbed(&shown(&url), secret);
        let refused = |what: String| Problem::new(Kind::WrongBaseUrl, format!("`{shown_url}` {what}"));
        let whole = match &call.key {
            Some((Carrier::Query(name), secret)) => with_query(&url, name, secret.expose()),
            Some((Carrier::Path, secret)) => url.replace("{key}", secret.expose()),
            _ => url.clone(),
        };
        let uri = whole.parse::<Uri>().map_err(|_| refused("is no address".to_owned()))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
            return Err(refused("is no address that begins with http:// or https://".to_owned()));
        }
        let proxy = proxy::of(&uri)?;
        let headers = headers(&call)?;
        let answer = match &call.body {
            Some(body) => {
                let mut request = agent.post(uri).config().proxy(proxy).build();
                if let Some(all) = request.headers_mut() {
                    all.extend(headers);
                }
                request.send(&body[..])
            }
            None => {
                let mut request = agent.get(uri).config().proxy(proxy).build();
                if let Some(all) = request.headers_mut() {
                    all.extend(headers);
                }
                request.call()
            }
        };
        let mut answer = answer.map_err(|error| unreached(&error, &shown_url))?;
        let status = answer.status().as_u16();
        let sent_to =
            answer.headers().get("location").and_then(|to| to.to_str().ok()).filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308));
        // A 301 to 303 turns a POST into a GET, which asks nothing.
        let keeps_the_method = call.body.is_none() || matches!(status, 307 | 308);
        let target = sent_to.map(|to| absolute(&url, to));
        if let Some(target) =
            target.as_ref().filter(|to| keeps_the_method && origin(to).is_some() && (call.elsewhere || origin(to) == origin(&url)))
        {
            url.clone_from(target);
            continue;
        }
        let head = Head {
            status,
            content_type: scrubbed(text_of(answer.headers(), "content-type"), secret).to_ascii_lowercase(),
            retry_after: retry_after(answer.headers()),
            etag: answer.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned),
            length: answer.body().content_length(),
            location: target.map(|target| scrubbed(&shown(&target), secret)),
            url: shown_url.clone(),
        };
        if pieces.send(Piece::Head(head)).is_err() {
            return Ok(());
        }
        let mut reader = answer.body_mut().with_config().limit(u64::MAX).reader();
        let mut piece = vec![0; 32 * 1024];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) if pieces.send(Piece::Bytes(piece[..count].to_vec())).is_err() => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(error, &shown_url)),
            }
        }
    }
    Err(Problem::new(
        Kind::WrongBaseUrl,
        format!("`{}` sends round in circles: more than {MOST_REDIRECTS} redirects", scrubbed(&shown(&url), secret)),
    ))
}

/// The headers as they are sent, the key among them and marked so that nobody prints it.
fn headers(call: &Call) -> Result<HeaderMap, Problem> {
    let mut all = HeaderMap::new();
    let unusable = |name: &str| Problem::new(Kind::Refused, format!("the header `{name}` cannot be sent: its name or value is not legal"));
    for (name, value) in &call.headers {
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(key), Ok(value)) = parsed else { return Err(unusable(name)) };
        all.insert(key, value);
    }
    if call.body.is_some() {
        all.insert("content-type", HeaderValue::from_static("application/json"));
    }
    if call.stream {
        // Packed pieces come late: they wait until there is enough to pack.
        all.insert("accept-encoding", HeaderValue::from_static("identity"));
    }
    if let Some((Carrier::Header { name, scheme }, secret)) = &call.key {
        let text = if scheme.is_empty() { secret.expose().to_owned() } else { format!("{scheme} {}", secret.expose()) };
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text));
        let (Ok(key), Ok(mut value)) = parsed else { return Err(unusable(name)) };
        value.set_sensitive(true);
        all.insert(key, value);
    }
    Ok(all)
}

fn with_query(url: &str, name: &str, value: &str) -> String {
    format!("{url}{}{name}={}", if url.contains('?') { '&' } else { '?' }, percent_encoded(value))
}

/// Where a redirect leads: a whole address, one of the same host, or one beside the last.
fn absolute(from: &str, to: &str) -> String {
    let is_scheme = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    };
    if to.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return to.to_owned();
    }
    let (scheme, rest) = from.split_once("://").unwrap_or(("http", from));
    if let Some(host) = to.strip_prefix("//") {
        return format!("{scheme}://{host}");
    }
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if to.starts_with('/') {
        return format!("{scheme}://{}{to}", &rest[..host_end]);
    }
    let path_end = rest.split(['?', '#']).next().unwrap_or(rest).rfind('/').map_or(rest.len(), |at| at + 1);
    format!("{scheme}://{}{to}", &rest[..path_end.max(host_end)])
}

/// Scheme, host and port.
fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri = url.parse::<Uri>().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// Seconds, or a date, which counts from the server's own clock where it tells that, since this machine's may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, "retry-after").trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // More than can be counted is longer than anybody waits.
        return (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(text_of(headers, "date")).unwrap_or_else(|_| SystemTime::now());
    Some(until.duration_since(now).unwrap_or_default())
}

/// Text without the secret, without what looks like a key and without what could steer a terminal, for logs and errors.
fn scrubbed(text: &str, secret: Option<&Secret>) -> String {
    without_controls(&scrub(text, secret))
}

/// Why nobody could be reached. Words of the library that may hold an address are not repeated.
fn unreached(error: &ureq::Error, url: &str) -> Problem {
    use ureq::Error;
    let (kind, what) = match error {
        Error::HostNotFound => (Kind::Dns, "its host is not known".to_owned()),
        Error::Timeout(ureq::Timeout::Resolve) => (Kind::Dns, "its host's name could not be looked up in time".to_owned()),
        Error::Timeout(timeout) => (Kind::Timeout, format!("no answer in time ({timeout})")),
        Error::Tls(why) => (Kind::Tls, (*why).to_owned()),
        Error::Rustls(why) => (Kind::Tls, why.to_string()),
        Error::TlsRequired => (Kind::Tls, "a secure connection is needed".to_owned()),
        Error::Io(why) => return broken_io(why, url, Kind::Unreachable),
        Error::ConnectionFailed => (Kind::Unreachable, "nobody answers at any of its addresses".to_owned()),
        Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => {
            (Kind::Unreachable, "the proxy named in the environment cannot be used".to_owned())
        }
        Error::LargeResponseHeader(_, most) => (Kind::BadAnswer, format!("the head of the answer is larger than {most} bytes")),
        Error::Protocol(_) | Error::Http(_) => (Kind::BadAnswer, "it does not answer in HTTP".to_owned()),
        _ => (Kind::Unreachable, "the request failed".to_owned()),
    };
    Problem::new(kind, format!("`{url}` cannot be reached: {what}"))
}

/// Why a body broke off.
fn broken(error: io::Error, url: &str) -> Problem {
    match ureq::Error::from(error) {
        ureq::Error::Timeout(timeout) => Problem::new(Kind::Timeout, format!("`{url}` stopped answering ({timeout})")),
        ureq::Error::Io(error) => broken_io(&error, url, Kind::CutOff),
        _ => Problem::new(Kind::CutOff, format!("the answer of `{url}` broke off")),
    }
}

fn broken_io(error: &io::Error, url: &str, kind: Kind) -> Problem {
    // TLS reports its errors through those of the stream below.
    let mut cause: Option<&dyn std::error::Error> = error.get_ref().map(|inner| inner as &dyn std::error::Error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if words.contains("certificate")
            || words.contains("TLS")
            || words.contains("InvalidContentType")
            || words.contains("corrupt message")
        {
            return Problem::new(Kind::Tls, format!("`{url}` has no secure connection to offer: {words}"));
        }
        cause = inner.source();
    }
    // The standard library has no kind for this; 11001 is Windows' number for it.
    if error.to_string().contains("failed to lookup address") || error.raw_os_error() == Some(11001) {
        return Problem::new(Kind::Dns, format!("`{url}` cannot be reached: its host is not known"));
    }
    let kind = match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Kind::Timeout,
        io::ErrorKind::InvalidData if kind == Kind::Unreachable => Kind::BadAnswer,
        _ => kind,
    };
    let what = match kind {
        Kind::CutOff => format!("the answer of `{url}` broke off: {}", error.kind()),
        _ => format!("`{url}` cannot be reached: {}", error.kind()),
    };
    Problem::new(kind, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_say() {
        for (from, to, expected) in [
            ("https://h/v1/models", "https://g/x", "https://g/x"),
            ("https://h/v1/models", "//g/x", "https://g/x"),
            ("https://h:8/v1/models?a=b", "/v2/models", "https://h:8/v2/models"),
            ("https://h/v1/models?a=/b", "there", "https://h/v1/there"),
            ("https://h", "/x", "https://h/x"),
        ] {
            assert_eq!(absolute(from, to), expected);
        }
        assert_ne!(origin("https://h/a"), origin("http://h/a"));
        assert_ne!(origin("https://h/a"), origin("https://h:444/a"));
        assert_eq!(origin("https://H/a"), origin("https://h:443/b"));
    }

    #[test]
    fn a_key_in_the_address_is_encoded_and_never_shown() {
        assert_eq!(with_query("https://h/v1/models", "key", "a b&c"), "https://h/v1/models?key=a%20b%26c");
        assert_eq!(with_query("https://h/v1?alt=sse", "key", "k"), "https://h/v1?alt=sse&key=k");
        assert_eq!(shown("https://user:word@h:1/v1?key=secret#x"), "https://h:1/v1");
    }

    #[test]
    fn how_long_a_server_asks_to_be_left_alone() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", HeaderValue::from_static("7"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        headers.insert("retry-after", HeaderValue::from_static("-1"));
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", HeaderValue::from_static("Wed, 21 Oct 2015 07:28:30 GMT"));
        headers.insert("date", HeaderValue::from_static("Wed, 21 Oct 2015 07:28:00 GMT"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(30)));
    }
}
