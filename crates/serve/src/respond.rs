//! Computation of the response to a request, independent of connections.

use crate::accept::{Encoding, prefers_html};
use crate::access::ALLOWED_METHODS;
use crate::encode::CompressionLevel;
use crate::health::Health;
use crate::page::{CachePolicy, ContentType, EncodedBody, Page, common_headers, json_line};
use crate::problem::Problem;
use crate::route::{self, FoundPage};
use crate::site::Site;
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Uri, Version};

/// Head of a request: method, URI and headers.
pub struct RequestHead {
    parts: Parts,
}

/// Maximum length of a URI's path and query together, in bytes. The longest reference of a model is many times shorter.
const MAX_URI_BYTES: usize = 4_096;

/// Returns the response to a request. The first call for a page renders the page, which may take long. Therefore do not call this function on a
/// thread of an async runtime.
#[must_use]
pub fn respond(site: &Site, health: &Health, request: &RequestHead) -> Response<Bytes> {
    match request.check() {
        Ok(()) => respond_to_checked(site, health, request),
        Err(problem) => problem.response(),
    }
}

/// Returns the response to a request that passed [`RequestHead::check`].
pub(crate) fn respond_to_checked(site: &Site, health: &Health, request: &RequestHead) -> Response<Bytes> {
    request.respond(site, health).unwrap_or_else(|problem| problem.response())
}

impl RequestHead {
    /// Creates a request head from the parts of an HTTP request.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.parts.method
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Returns the path of the URI, without decoding it.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Returns whether creating the response takes no longer than moving the request to another thread, which is true for a cached body and a small
    /// body. The request has passed [`RequestHead::check`].
    pub(crate) fn is_quick(&self, site: &Site) -> bool {
        let encoding = || Encoding::negotiate(self.header(&header::ACCEPT_ENCODING)).unwrap_or(Encoding::Identity);
        match self.path() {
            "*" => true,
            "/" | "/health" => site.has_version(),
            "/models" if self.parts.uri.query().is_some() => false,
            path => site.is_full_page_rendered(path, encoding()).unwrap_or_else(|| route::is_single_item(site, path)),
        }
    }

    fn respond(&self, site: &Site, health: &Health) -> Result<Response<Bytes>, Problem> {
        let path = self.path();
        match path {
            "*" => Ok(without_content()),
            "/" => self.page(site.index(prefers_html(self.header(&header::ACCEPT)))),
            "/health" => {
                self.page(&Page::new(json_line(&health.body(site)), ContentType::Json, CachePolicy::NoStore, CompressionLevel::Once))
            }
            _ => match route::find_page(site, path, self.parts.uri.query())? {
                FoundPage::Cached(page) => self.page(page),
                FoundPage::Rendered(page) => self.page(&page),
            },
        }
    }

    /// Checks the body, the header `Host`, the length of the URI and the method of the request, before its route is looked up.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let Parts { method, uri, headers, version, .. } = &self.parts;
        let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
        let has_length = lengths.next().is_some_and(|length| length != "0") || lengths.next().is_some();
        if has_length || headers.contains_key(header::TRANSFER_ENCODING) {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-refused",
                "the request has a body, but this server accepts no bodies",
            ));
        }
        let hosts = headers.get_all(header::HOST).iter().count();
        if hosts > 1 || hosts == 0 && *version == Version::HTTP_11 {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-request", "an HTTP/1.1 request must have exactly one `Host` header"));
        }
        if uri.path_and_query().is_some_and(|path| path.as_str().len() > MAX_URI_BYTES) {
            return Err(Problem::new(
                StatusCode::URI_TOO_LONG,
                "uri-too-long",
                format!("the path and query of the URL are longer than {MAX_URI_BYTES} bytes"),
            ));
        }
        if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let problem =
                Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", format!("the method `{method}` is not allowed"));
            return Err(problem.help(format!("the allowed methods are {ALLOWED_METHODS}")));
        }
        Ok(())
    }

    /// Returns the response with a page in the encoding that `Accept-Encoding` selects, or with status 304 if the client already has the page.
    fn page(&self, page: &Page) -> Result<Response<Bytes>, Problem> {
        if self.parts.method == Method::OPTIONS {
            return Ok(without_content());
        }
        let encoding = Encoding::negotiate(self.header(&header::ACCEPT_ENCODING)).ok_or_else(|| {
            let problem = Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "`Accept-Encoding` excludes every available encoding");
            problem.help("the available encodings are gzip and identity")
        })?;
        let body = page.encoded(encoding);
        let mut headers = page.headers(body);
        // The health of the server is never cached, so a client cannot have it already.
        if page.is_cacheable() && self.has_current(body) {
            return Ok(response(StatusCode::NOT_MODIFIED, headers, Bytes::new()));
        }
        page.add_content_headers(body, &mut headers);
        let bytes = if self.parts.method == Method::HEAD { Bytes::new() } else { body.bytes.clone() };
        Ok(response(StatusCode::OK, headers, bytes))
    }

    /// Returns whether the header `If-None-Match` contains the ETag of `body`. A weak ETag matches as well, because a proxy may have changed the
    /// server's strong ETag to a weak ETag.
    fn has_current(&self, body: &EncodedBody) -> bool {
        let lists = self.parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
        let etag = body.etag.to_str().unwrap_or_default();
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    }

    pub(crate) fn header(&self, name: &header::HeaderName) -> Option<&[u8]> {
        self.parts.headers.get(name).map(HeaderValue::as_bytes)
    }
}

/// Returns the response to an OPTIONS request, which browsers send as a CORS preflight.
fn without_content() -> Response<Bytes> {
    let mut headers = common_headers(CachePolicy::Cacheable);
    headers.insert(header::ALLOW, HeaderValue::from_static(ALLOWED_METHODS));
    response(StatusCode::NO_CONTENT, headers, Bytes::new())
}

pub(crate) fn response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
