//! One request, one answer, without sockets.

use crate::accept::{Encoding, prefers_html};
use crate::encode::Effort;
use crate::health::Health;
use crate::page::{self, Form, Keep, Kind, Page, common};
use crate::problem::{METHODS, Problem};
use crate::route::{self, Found};
use crate::site::Site;
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

/// A request without its body.
pub struct Asked {
    parts: Parts,
}

/// The longest path with its query: the longest reference many times over.
const LONGEST_URI: usize = 4_096;

/// Answers a request, however long that takes.
#[must_use]
pub fn answer(site: &Site, health: &Health, asked: &Asked) -> Response<Bytes> {
    asked.quickly(site, health).unwrap_or_else(|| asked.thoroughly(site))
}

impl Asked {
    /// A request, by its head.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// The method and the path, for the log. The query stays out of it: what someone looks for, or a key that does not belong there, is
    /// nobody's business.
    pub(crate) fn told(&self) -> (Method, hyper::Uri) {
        (self.parts.method.clone(), self.parts.uri.clone())
    }

    /// Whether the rest of the connection cannot be trusted: what looks like a body here may be the next request to somebody else.
    pub(crate) fn ends_connection(&self) -> bool {
        self.refused().is_some()
    }

    /// The answer, where it takes no longer than it takes to hand it to another thread.
    pub(crate) fn quickly(&self, site: &Site, health: &Health) -> Option<Response<Bytes>> {
        if let Some(problem) = self.refused() {
            return Some(problem.response());
        }
        let path = self.parts.uri.path();
        // The few pages that nearly every request is for.
        let is_filtered = path == "/models" && self.parts.uri.query().is_some();
        if let Some(page) = site.whole(path).filter(|_| !is_filtered) {
            return Some(self.with(page));
        }
        match path {
            "/" => Some(self.with(site.index(prefers_html(self.header(&header::ACCEPT))))),
            "/health" => {
                let text = page::line(&health.body(site));
                Some(self.with(&Page::new(text, Kind::Json, Keep::Nothing, Effort::Once)))
            }
            "*" => Some(preflight()),
            _ => route::quick(site, path).map(|page| self.with(page)),
        }
    }

    /// The answer that reads the whole catalog, or files.
    pub(crate) fn thoroughly(&self, site: &Site) -> Response<Bytes> {
        match route::find(site, self.parts.uri.path(), self.parts.uri.query()) {
            Ok(Found::Kept(page)) => self.with(page),
            Ok(Found::Made(page)) => self.with(&page),
            Err(problem) => problem.response(),
        }
    }

    /// What is wrong with the request itself, whatever it asks for.
    fn refused(&self) -> Option<Problem> {
        let Parts { method, uri, headers, version, .. } = &self.parts;
        let bad = |message: &str| Some(Problem::new(StatusCode::BAD_REQUEST, "bad-request", message));
        if headers.contains_key(header::TRANSFER_ENCODING) || headers.contains_key(header::CONTENT_LENGTH) {
            let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
            let only_zero = lengths.next().is_some_and(|length| length == "0") && lengths.next().is_none();
            if headers.contains_key(header::TRANSFER_ENCODING) || !only_zero {
                let message = "no request here has a body";
                return Some(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-refused", message));
            }
        }
        if *version == Version::HTTP_11 && headers.get_all(header::HOST).iter().count() != 1 {
            return bad("a request of HTTP/1.1 has one `Host`");
        }
        if uri.path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_URI) {
            return Some(Problem::of_connection(StatusCode::URI_TOO_LONG));
        }
        if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let message = format!("`{method}` is not answered here");
            return Some(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message).help("everything here is only read"));
        }
        None
    }

    /// A page, in the encoding that is liked most, or the news that it has not changed.
    fn with(&self, page: &Page) -> Response<Bytes> {
        if self.parts.method == Method::OPTIONS {
            return preflight();
        }
        let Some(encoding) = Encoding::wanted(self.header(&header::ACCEPT_ENCODING)) else {
            let problem = Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "`Accept-Encoding` refuses every encoding");
            return problem.help("gzip, zstd and identity can be had").response();
        };
        let form = page.form(encoding);
        if self.has_already(form) {
            return response(StatusCode::NOT_MODIFIED, form.unchanged.clone(), Bytes::new());
        }
        let body = if self.parts.method == Method::HEAD { Bytes::new() } else { form.bytes.clone() };
        response(StatusCode::OK, form.headers.clone(), body)
    }

    /// Whether the client says that it has these bytes. Compared is the content of the tags: a proxy may have made a strong one weak.
    fn has_already(&self, form: &Form) -> bool {
        let lists = self.parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
        let etag = form.etag.to_str().unwrap_or_default();
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    }

    fn header(&self, name: &header::HeaderName) -> Option<&[u8]> {
        self.parts.headers.get(name).map(HeaderValue::as_bytes)
    }
}

/// What a browser asks before it lets a page of elsewhere read an answer.
fn preflight() -> Response<Bytes> {
    let mut headers = common(Keep::Fresh);
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    // `*` stands for every header but `Authorization`, which nothing here has a use for.
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response(StatusCode::NO_CONTENT, headers, Bytes::new())
}

fn response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
