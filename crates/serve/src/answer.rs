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
    asked.answer(site, health).unwrap_or_else(|problem| problem.response())
}

impl Asked {
    /// A request, by its head.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The path, without its encoding.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Whether the rest of the connection cannot be trusted: what looks like a body here may be the next request to somebody else.
    pub(crate) fn ends_connection(&self) -> bool {
        self.check().is_err()
    }

    /// Whether the answer takes no longer than it takes to hand it to another thread: a refusal, a body that was made before, or a small one.
    pub(crate) fn is_quick(&self, site: &Site) -> bool {
        let encoding = || Encoding::wanted(self.header(&header::ACCEPT_ENCODING)).unwrap_or(Encoding::Identity);
        self.check().is_err()
            || match self.path() {
                "*" => true,
                "/" | "/health" => site.has_version(),
                "/models" if self.parts.uri.query().is_some() => false,
                path => site.has_whole(path, encoding()).unwrap_or_else(|| route::is_small(site, path)),
            }
    }

    fn answer(&self, site: &Site, health: &Health) -> Result<Response<Bytes>, Problem> {
        self.check()?;
        let path = self.path();
        match path {
            "*" => Ok(preflight()),
            "/" => self.page(site.index(prefers_html(self.header(&header::ACCEPT)))),
            "/health" => self.page(&Page::new(page::line(&health.body(site)), Kind::Json, Keep::Nothing, Effort::Once)),
            _ => match route::find(site, path, self.parts.uri.query())? {
                Found::Kept(page) => self.page(page),
                Found::Made(page) => self.page(&page),
            },
        }
    }

    /// Whether there is nothing wrong with the request itself, whatever it asks for.
    fn check(&self) -> Result<(), Problem> {
        let Parts { method, uri, headers, version, .. } = &self.parts;
        let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
        let has_length = lengths.next().is_some_and(|length| length != "0") || lengths.next().is_some();
        if has_length || headers.contains_key(header::TRANSFER_ENCODING) {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-refused", "no request here has a body"));
        }
        if *version == Version::HTTP_11 && headers.get_all(header::HOST).iter().count() != 1 {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-request", "a request of HTTP/1.1 has one `Host`"));
        }
        if uri.path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_URI) {
            return Err(Problem::new(StatusCode::URI_TOO_LONG, "uri-too-long", "the path and query are too long"));
        }
        if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", format!("`{method}` is not answered here"));
            return Err(problem.help("everything here is only read"));
        }
        Ok(())
    }

    /// A page, in the encoding that is liked most, or the news that it has not changed.
    fn page(&self, page: &Page) -> Result<Response<Bytes>, Problem> {
        if self.parts.method == Method::OPTIONS {
            return Ok(preflight());
        }
        let encoding = Encoding::wanted(self.header(&header::ACCEPT_ENCODING)).ok_or_else(|| {
            let problem = Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "`Accept-Encoding` refuses every encoding");
            problem.help("gzip and identity can be had")
        })?;
        let form = page.form(encoding);
        let mut headers = page.headers(form);
        if self.has_already(form) {
            return Ok(response(StatusCode::NOT_MODIFIED, headers, Bytes::new()));
        }
        page.describe(form, &mut headers);
        let body = if self.parts.method == Method::HEAD { Bytes::new() } else { form.bytes.clone() };
        Ok(response(StatusCode::OK, headers, body))
    }

    /// Whether the client has these bytes, by its `If-None-Match`. Compared is the content of the tags: a proxy may have made a strong one
    /// weak.
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

pub(crate) fn response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
