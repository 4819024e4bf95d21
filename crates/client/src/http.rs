//! HTTP client with time and size limits. Requests can be cancelled at any moment.
//!
//! A background thread runs each request. Therefore the caller returns within `CANCEL_POLL_INTERVAL` after a cancellation, even while no data
//! arrives. A cancellation does not interrupt the system call in which the thread waits; the thread ends after this system call. Redirects are
//! followed only within the same scheme, host and port, so that neither the key nor the request reaches another server.

use crate::error::{ClientError, ErrorKind};
use crate::proxy;
use crate::secret::{Secret, redact_for_log, redact_text};
pub use crate::url::redact_url;
use crate::url::{is_followed, resolve_location, with_query};
use modeldex_support::text::printable;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};

/// Limits of a request and its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Longest time to establish a connection, including TLS.
    pub connect_timeout: Duration,
    /// Longest time without data: until the first byte of the response, and between two chunks of the response.
    pub idle_timeout: Duration,
    /// Longest time from the start of the request to the end of the response.
    pub total_timeout: Duration,
    /// Maximum size of the response body in bytes, after decompression.
    pub max_response_bytes: u64,
}

/// Token with which another thread or a signal handler cancels requests. All clones of a token are cancelled together.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

/// HTTP client with a connection pool, time and size limits, and cancellation.
#[derive(Clone, Debug)]
pub struct HttpClient {
    agent: ureq::Agent,
    limits: HttpLimits,
    cancel: CancelToken,
}

/// HTTP request. The method is POST if the request has a body, else GET.
#[derive(Debug, Default)]
pub struct HttpRequest {
    /// URL, without the key. With [`KeyPlacement::Path`], the URL contains the text `{key}`.
    pub url: String,
    /// Names and values of the headers, except the header with the key.
    pub headers: Vec<(String, String)>,
    /// Key, and the place in the request where the key is inserted; `None` for a request without a key.
    pub key: Option<(KeyPlacement, Secret)>,
    /// JSON body; `None` for a GET request.
    pub body: Option<Vec<u8>>,
    /// Whether the response should arrive in chunks without delay. If so, the request asks for a response without compression.
    pub stream: bool,
    /// Whether to follow a redirect from an http URL to an https URL of the same host. Such a redirect is followed only if both URLs have the default
    /// port. Use this only for requests that have neither a key nor a body.
    pub follow_https_upgrade: bool,
}

/// Place of the API key in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlacement {
    /// A header with the value `SCHEME KEY`, such as `Authorization: Bearer KEY`.
    Header {
        /// Header name.
        name: String,
        /// Text before the key, such as `Bearer`; empty if the value of the header is the key alone.
        scheme: String,
    },
    /// A query parameter. The field is the name of the parameter, and the key is its value.
    Query(String),
    /// The path of the URL: the key replaces the text `{key}`.
    Path,
}

/// Status and headers of a response. The body is a [`ResponseBody`].
#[derive(Debug)]
pub struct ResponseHead {
    /// HTTP status code.
    pub status: u16,
    /// Value of the header `Content-Type` in lower case; empty if the response has no such header.
    pub content_type: String,
    /// Time to wait before the next request, from the header `Retry-After`; `None` if the response has no such header.
    pub retry_after: Option<Duration>,
    /// Value of the header `ETag`; `None` if the response has no such header.
    pub etag: Option<String>,
    /// Size of the body in bytes, from the header `Content-Length`; `None` if the response has no such header.
    pub content_length: Option<u64>,
    /// Target of a redirect that was not followed, [redacted](redact_url); `None` if the response is not a redirect.
    pub location: Option<String>,
    /// URL of the response after redirects, [redacted](redact_url).
    pub url: String,
}

/// Body of a response, which is read in chunks as it arrives.
#[derive(Debug)]
pub struct ResponseBody {
    parts: Receiver<ResponsePart>,
    limits: HttpLimits,
    cancel: CancelToken,
    started: Instant,
    bytes_read: u64,
    url: String,
}

/// Part of a response that the background thread sends to the caller.
enum ResponsePart {
    Head(ResponseHead),
    Chunk(Vec<u8>),
    Failed(ClientError),
}

/// Interval at which a waiting caller checks whether the request was cancelled.
const CANCEL_POLL_INTERVAL: Duration = Duration::from_millis(40);

/// Maximum number of redirects per request. An API uses at most one; a step of a browser login uses about five.
const MAX_REDIRECTS: usize = 5;

impl Default for HttpLimits {
    /// Returns limits for models with long reasoning: 15 s to connect, 180 s without data, 30 min in total, and at most 64 MiB of response body.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(180),
            total_timeout: Duration::from_secs(1800),
            max_response_bytes: 64 << 20,
        }
    }
}

impl KeyPlacement {
    /// Returns the placement of the key in the header `Authorization: Bearer KEY`, which most wire protocols use.
    #[must_use]
    pub fn bearer() -> Self {
        Self::header("authorization", "Bearer")
    }

    /// Returns the placement of the key in the header `name`. The value of the header is `SCHEME KEY`, or `KEY` if `scheme` is empty.
    #[must_use]
    pub fn header(name: &str, scheme: &str) -> Self {
        Self::Header { name: name.to_owned(), scheme: scheme.to_owned() }
    }
}

impl CancelToken {
    /// Cancels every request that uses this token or a clone of this token.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether the token is cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps for `time`, or until the token is cancelled. Returns whether the token is cancelled.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.is_cancelled() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(CANCEL_POLL_INTERVAL));
        }
        true
    }
}

impl HttpClient {
    /// Creates a client with `limits`. The token `cancel` cancels its requests. Proxies are taken from the environment variables `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    #[must_use]
    pub fn new(limits: HttpLimits, cancel: CancelToken) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(limits.connect_timeout))
            .timeout_recv_response(Some(limits.idle_timeout))
            .timeout_per_read(Some(limits.idle_timeout))
            .timeout_global(Some(limits.total_timeout))
            // The proxy depends on the URL and is set for each request.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("modeldex/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, limits, cancel }
    }

    /// Returns the token that cancels the requests of this client.
    #[must_use]
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Sends `request`, and returns the response as soon as its head has arrived. The body can be read while it arrives.
    ///
    /// # Errors
    /// Fails if the server cannot be reached, a timeout expires, or the request is cancelled. A response with an error status, such as 404, is not an
    /// error of this function.
    pub fn send(&self, request: HttpRequest) -> Result<(ResponseHead, ResponseBody), ClientError> {
        let (sender, parts) = sync_channel(16);
        let (agent, url) = (self.agent.clone(), redact_url(&request.url));
        let secret = request.key.as_ref().map(|(_, secret)| secret.clone());
        let method = if request.body.is_some() { "POST" } else { "GET" };
        log::debug!("{method} {url}", url = redact_for_log(&url, secret.as_ref()));
        if let Some(body) = request.body.as_deref().filter(|_| log::log_enabled!(log::Level::Trace)) {
            log::trace!("sent: {text}", text = redact_for_log(&String::from_utf8_lossy(body), secret.as_ref()));
        }
        let logged_secret = secret.clone();
        let started = Instant::now();
        let thread = std::thread::Builder::new().name("modeldex-http".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(error) = fetch(&agent, request, &sender) {
                // The receiver is gone after a cancellation.
                let _ = sender.send(ResponsePart::Failed(error.redacted(secret.as_ref())));
            }
        });
        let thread_error = |error: io::Error| format!("cannot start the thread that sends the request: {error}");
        spawned.map_err(|error| ClientError::new(ErrorKind::Unreachable, thread_error(error)))?;
        let mut body = ResponseBody { parts, limits: self.limits, cancel: self.cancel.clone(), started, bytes_read: 0, url };
        match body.wait(None)? {
            Some(ResponsePart::Head(head)) => {
                let (ResponseHead { url, status, .. }, milliseconds) = (&head, started.elapsed().as_millis());
                log::debug!("{url} returned status {status} after {milliseconds} ms", url = redact_for_log(url, logged_secret.as_ref()));
                body.url.clone_from(&head.url);
                if head.content_length.is_some_and(|length| length > self.limits.max_response_bytes) {
                    return Err(body.too_large());
                }
                Ok((head, body))
            }
            Some(ResponsePart::Failed(error)) => Err(error),
            Some(ResponsePart::Chunk(_)) | None => {
                Err(ClientError::new(ErrorKind::Unreachable, format!("`{url}` returned no response", url = body.url)))
            }
        }
    }
}

impl ResponseBody {
    /// Waits for the next chunk of the body, and returns the chunk. Returns `None` if the body has ended.
    ///
    /// # Errors
    /// Fails if the connection breaks, a timeout expires, the size limit is exceeded, or the request is cancelled.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        self.next_chunk_before(None)
    }

    /// Waits for the next chunk of the body until `deadline`, and returns the chunk. Without a deadline, only the timeouts of the client limit the
    /// wait. Returns `None` if the body has ended.
    ///
    /// # Errors
    /// Fails with [`ErrorKind::Timeout`] if no chunk arrives before `deadline`. All errors of [`ResponseBody::next_chunk`] are possible too.
    pub fn next_chunk_before(&mut self, deadline: Option<Instant>) -> Result<Option<Vec<u8>>, ClientError> {
        match self.wait(deadline)? {
            Some(ResponsePart::Chunk(bytes)) => {
                self.bytes_read += bytes.len() as u64;
                if self.bytes_read > self.limits.max_response_bytes {
                    return Err(self.too_large());
                }
                Ok(Some(bytes))
            }
            Some(ResponsePart::Failed(error)) => Err(error),
            Some(ResponsePart::Head(_)) | None => Ok(None),
        }
    }

    /// Reads the rest of the body, but at most `max_bytes` bytes.
    ///
    /// # Errors
    /// Returns the errors of [`ResponseBody::next_chunk`].
    pub fn read_up_to(&mut self, max_bytes: usize) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while bytes.len() < max_bytes {
            match self.next_chunk()? {
                Some(chunk) => bytes.extend_from_slice(&chunk),
                None => break,
            }
        }
        bytes.truncate(max_bytes);
        Ok(bytes)
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    /// Fails if the body is larger than `max_bytes`. Also returns the errors of [`ResponseBody::next_chunk`].
    pub fn read_to_end(&mut self, max_bytes: usize) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next_chunk()? {
            if bytes.len() + chunk.len() > max_bytes {
                return Err(self.larger_than(max_bytes as u64));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Creates the body of a response that has arrived completely. `chunks` has the bytes of the body.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn of_chunks(chunks: Vec<Vec<u8>>) -> Self {
        let (sender, parts) = sync_channel(chunks.len());
        // The channel has a place for each chunk.
        chunks.into_iter().for_each(|chunk| drop(sender.try_send(ResponsePart::Chunk(chunk))));
        let (limits, cancel) = (HttpLimits::default(), CancelToken::default());
        Self { parts, limits, cancel, started: Instant::now(), bytes_read: 0, url: String::new() }
    }

    fn too_large(&self) -> ClientError {
        self.larger_than(self.limits.max_response_bytes)
    }

    fn larger_than(&self, max_bytes: u64) -> ClientError {
        let (url, limit) = (&self.url, max_bytes >> 20);
        ClientError::new(ErrorKind::BadAnswer, format!("the response of `{url}` is larger than the limit of {limit} MiB"))
    }

    /// Waits for the next part of the response. Returns `None` at the end of the response. Waits in short steps, so that a cancellation takes effect
    /// at once.
    fn wait(&mut self, deadline: Option<Instant>) -> Result<Option<ResponsePart>, ClientError> {
        let wait_started = Instant::now();
        let url = &self.url;
        loop {
            if self.cancel.is_cancelled() {
                return Err(ClientError::new(ErrorKind::Cancelled, format!("the request to `{url}` was cancelled")));
            }
            let (idle, total) = (wait_started.elapsed(), self.started.elapsed());
            // The background thread has the same timeouts, and its error names the phase that timed out. The longer timeouts here apply if that
            // thread hangs in spite of its timeouts.
            if idle > self.limits.idle_timeout + self.limits.connect_timeout || total > self.limits.total_timeout + CANCEL_POLL_INTERVAL {
                let seconds = if total > self.limits.total_timeout { total } else { idle }.as_secs();
                let message = format!("`{url}` did not send a complete response within {seconds} s");
                return Err(ClientError::new(ErrorKind::Timeout, message));
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(ClientError::new(ErrorKind::Timeout, format!("`{url}` sent no more data before the deadline")));
            }
            match self.parts.recv_timeout(CANCEL_POLL_INTERVAL) {
                Ok(part) => return Ok(Some(part)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

/// Sends a request, follows redirects, and sends the head and the chunks of the response to `parts`. Runs on the background thread.
fn fetch(agent: &ureq::Agent, request: HttpRequest, parts: &SyncSender<ResponsePart>) -> Result<(), ClientError> {
    let mut url = request.url.clone();
    let secret = request.key.as_ref().map(|(_, secret)| secret);
    for _ in 0..=MAX_REDIRECTS {
        let shown_url = redact_url(&redact_for_display(&url, secret));
        let invalid = |message: String| ClientError::new(ErrorKind::WrongBaseUrl, message);
        let url_with_key = match &request.key {
            Some((KeyPlacement::Query(name), secret)) => with_query(&url, name, secret.expose()),
            Some((KeyPlacement::Path, secret)) => url.replace("{key}", secret.expose()),
            _ => url.clone(),
        };
        let uri = url_with_key.parse::<Uri>().map_err(|_| invalid(format!("`{shown_url}` is not a URL")))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
            return Err(invalid(format!("`{shown_url}` is not an http:// or https:// URL")));
        }
        let proxy = proxy::for_uri(&uri)?;
        let headers = headers(&request)?;
        let response = match &request.body {
            Some(body) => {
                let mut post = agent.post(uri).config().proxy(proxy).build();
                if let Some(all) = post.headers_mut() {
                    all.extend(headers);
                }
                post.send(&body[..])
            }
            None => {
                let mut get = agent.get(uri).config().proxy(proxy).build();
                if let Some(all) = get.headers_mut() {
                    all.extend(headers);
                }
                get.call()
            }
        };
        let mut response = response.map_err(|error| request_error(&error, &shown_url))?;
        let status = response.status().as_u16();
        let location =
            response.headers().get("location").and_then(|to| to.to_str().ok()).filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308));
        // 301 to 303 turn a POST into a GET without its body.
        let keeps_method = request.body.is_none() || matches!(status, 307 | 308);
        let location = location.map(|to| resolve_location(&url, to));
        if let Some(location) = location.as_ref().filter(|to| keeps_method && is_followed(&url, to, request.follow_https_upgrade)) {
            url.clone_from(location);
            continue;
        }
        let head = ResponseHead {
            status,
            content_type: redact_for_display(header_text(response.headers(), "content-type"), secret).to_ascii_lowercase(),
            retry_after: retry_after(response.headers()),
            etag: response.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned),
            content_length: response.body().content_length(),
            location: location.map(|location| redact_url(&redact_for_display(&location, secret))),
            url: shown_url.clone(),
        };
        if parts.send(ResponsePart::Head(head)).is_err() {
            return Ok(());
        }
        let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 32 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) if parts.send(ResponsePart::Chunk(buffer[..count].to_vec())).is_err() => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(body_error(error, &shown_url)),
            }
        }
    }
    let url = redact_url(&redact_for_display(&url, secret));
    Err(ClientError::new(ErrorKind::WrongBaseUrl, format!("`{url}` redirects more than {MAX_REDIRECTS} times")))
}

/// Builds the headers of a request. A header with the key is marked as sensitive, so that no log prints the key.
fn headers(request: &HttpRequest) -> Result<HeaderMap, ClientError> {
    let mut all = HeaderMap::new();
    let invalid = |name: &str| ClientError::new(ErrorKind::Refused, format!("the request header `{name}` has an invalid name or value"));
    for (name, value) in &request.headers {
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(key), Ok(value)) = parsed else { return Err(invalid(name)) };
        all.insert(key, value);
    }
    if request.body.is_some() {
        all.insert("content-type", HeaderValue::from_static("application/json"));
    }
    if request.stream {
        // Compressed events arrive late, because the encoder buffers them.
        all.insert("accept-encoding", HeaderValue::from_static("identity"));
    }
    if let Some((KeyPlacement::Header { name, scheme }, secret)) = &request.key {
        let text = if scheme.is_empty() { secret.expose().to_owned() } else { format!("{scheme} {}", secret.expose()) };
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text));
        let (Ok(key), Ok(mut value)) = parsed else { return Err(invalid(name)) };
        value.set_sensitive(true);
        all.insert(key, value);
    }
    Ok(all)
}

/// Returns the value of a header. Returns an empty text if the header is missing or not ASCII.
fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// Parses the header `Retry-After`, which is a number of seconds or a date. The time until a date is measured from the response's header `Date`
/// if present, because this machine's clock may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = header_text(headers, "retry-after").trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // A value out of range is treated as the longest wait.
        return (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(header_text(headers, "date")).unwrap_or_else(|_| SystemTime::now());
    Some(until.duration_since(now).unwrap_or_default())
}

/// Returns `text` for logs and errors: the secret and everything that looks like a key are masked, and control characters are replaced by spaces.
fn redact_for_display(text: &str, secret: Option<&Secret>) -> String {
    printable(&redact_text(text, secret)).into_owned()
}

/// Converts an error of ureq from sending a request. The texts of those errors of ureq that may contain the URL are not used.
fn request_error(error: &ureq::Error, url: &str) -> ClientError {
    use ureq::Error;
    let (kind, message) = match error {
        Error::HostNotFound => return unknown_host(url),
        Error::Timeout(ureq::Timeout::Resolve) => {
            (ErrorKind::Dns, format!("`{url}` cannot be reached: the DNS lookup of the host name timed out"))
        }
        Error::Timeout(timeout) => (ErrorKind::Timeout, format!("`{url}` did not respond in time: the `{timeout}` timeout expired")),
        Error::Tls(cause) => (ErrorKind::Tls, format!("cannot connect to `{url}` over TLS: {cause}")),
        Error::Rustls(cause) => (ErrorKind::Tls, format!("cannot connect to `{url}` over TLS: {cause}")),
        Error::TlsRequired => (ErrorKind::Tls, format!("`{url}` cannot be reached: the connection requires TLS")),
        Error::Io(cause) => return io_error(cause, url, ErrorKind::Unreachable),
        Error::ConnectionFailed => {
            (ErrorKind::Unreachable, format!("`{url}` cannot be reached: no IP address of the host accepts a connection"))
        }
        Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => (
            ErrorKind::Unreachable,
            format!("`{url}` cannot be reached: cannot connect to the proxy; check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"),
        ),
        Error::LargeResponseHeader(_, limit) => {
            (ErrorKind::BadAnswer, format!("`{url}` sent a response whose headers are larger than the limit of {limit} bytes"))
        }
        Error::Protocol(_) | Error::Http(_) => (ErrorKind::BadAnswer, format!("`{url}` sent a response that is not valid HTTP")),
        _ => (ErrorKind::Unreachable, format!("`{url}` cannot be reached: the request failed")),
    };
    ClientError::new(kind, message)
}

/// Returns the error for a host name that does not resolve.
fn unknown_host(url: &str) -> ClientError {
    ClientError::new(ErrorKind::Dns, format!("`{url}` cannot be reached: the host name does not resolve"))
}

/// Converts an error from reading a body.
fn body_error(error: io::Error, url: &str) -> ClientError {
    match ureq::Error::from(error) {
        ureq::Error::Timeout(timeout) => {
            ClientError::new(ErrorKind::Timeout, format!("`{url}` stopped sending data: the `{timeout}` timeout expired"))
        }
        ureq::Error::Io(error) => io_error(&error, url, ErrorKind::CutOff),
        _ => ClientError::new(ErrorKind::CutOff, format!("the connection to `{url}` broke during the response")),
    }
}

/// Converts an I/O error. The result has the kind `kind`, unless the error is recognized as a TLS, DNS, timeout or format error.
fn io_error(error: &io::Error, url: &str, kind: ErrorKind) -> ClientError {
    // The stream wraps TLS errors in I/O errors.
    let mut cause: Option<&dyn std::error::Error> = error.get_ref().map(|inner| inner as &dyn std::error::Error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if text.contains("certificate") || text.contains("TLS") || text.contains("InvalidContentType") || text.contains("corrupt message") {
            return ClientError::new(ErrorKind::Tls, format!("cannot connect to `{url}` over TLS: {text}"));
        }
        cause = inner.source();
    }
    // The standard library has no `ErrorKind` for a failed lookup; 11001 is the error number on Windows.
    if error.to_string().contains("failed to lookup address") || error.raw_os_error() == Some(11001) {
        return unknown_host(url);
    }
    let kind = match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ErrorKind::Timeout,
        io::ErrorKind::InvalidData if kind == ErrorKind::Unreachable => ErrorKind::BadAnswer,
        _ => kind,
    };
    let message = match kind {
        ErrorKind::CutOff => format!("the connection to `{url}` broke during the response: {cause}", cause = error.kind()),
        _ => format!("`{url}` cannot be reached: {cause}", cause = error.kind()),
    };
    ClientError::new(kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_masked_before_the_url_is_cut() {
        let (key, _) = Secret::parse("sk-S3CR3T-0123456789").unwrap();
        for length in 160..200 {
            let url = format!("https://h/{}/sk-S3CR3T-0123456789/x", "y".repeat(length));
            assert!(!redact_url(&redact_for_display(&url, Some(&key))).contains("sk-"), "{length}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let (key, _) = Secret::parse("sk-S3CR3T-0123456789").unwrap();
        let request = HttpRequest { key: Some((KeyPlacement::Query("key".to_owned()), key.clone())), ..HttpRequest::default() };
        let chat = crate::telegram::Chat::new("https://h".to_owned(), key.clone(), "1".to_owned()).unwrap();
        let found = crate::credential::Key {
            secret: key,
            variable: Some("ACME_API_KEY"),
            origin: crate::credential::CredentialOrigin::Environment,
            reference: None,
            trimmed: false,
        };
        let text = format!("{request:?} {chat:?} {found:?} {:?}", HttpClient::new(HttpLimits::default(), CancelToken::default()));
        assert!(text.contains("ACME_API_KEY") && !text.contains("S3CR3T"), "{text}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
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
