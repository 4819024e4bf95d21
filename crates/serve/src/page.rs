//! Pages: response bodies, with and without compression, and their headers.

use crate::accept::Encoding;
use crate::encode::{CompressionLevel, gzip, sha256};
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;
use std::sync::OnceLock;

/// Content type of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    /// JSON.
    Json,
    /// HTML.
    Html,
}

/// Cache policy of a page: whether clients and proxies may cache the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CachePolicy {
    /// Clients may cache the page, and revalidate the page by its ETag. This policy is for pages with content of the catalog.
    Cacheable,
    /// Clients must not cache the page. This policy is for errors and for the health of the server.
    NoStore,
}

/// Response body with its content type and cache policy. The compressed body is created on first use.
pub(crate) struct Page {
    content_type: ContentType,
    cache_policy: CachePolicy,
    compression: CompressionLevel,
    varies_by_accept: bool,
    identity: EncodedBody,
    gzip: OnceLock<EncodedBody>,
}

/// Body in one encoding.
pub(crate) struct EncodedBody {
    pub(crate) bytes: Bytes,
    /// Strong ETag with its quotes: a hash of `bytes`, so that each encoding has its own ETag.
    pub(crate) etag: HeaderValue,
    encoding: Encoding,
}

/// Minimum size in bytes of a body that is compressed. For a smaller body, compression saves less than the additional header costs.
const MIN_GZIP_BYTES: usize = 1_024;

impl Page {
    pub(crate) fn new(text: String, content_type: ContentType, cache_policy: CachePolicy, compression: CompressionLevel) -> Self {
        let identity = EncodedBody::new(text.into_bytes(), Encoding::Identity);
        Self { content_type, cache_policy, compression, varies_by_accept: false, identity, gzip: OnceLock::new() }
    }

    /// Creates a JSON page that the server keeps and sends many times.
    pub(crate) fn cached_json(text: String) -> Self {
        Self::new(text, ContentType::Json, CachePolicy::Cacheable, CompressionLevel::Cached)
    }

    /// Returns the page with `Accept` in its header `Vary`. This is necessary because the request header `Accept` determines whether the server
    /// returns this page or another.
    pub(crate) fn varying_by_accept(self) -> Self {
        Self { varies_by_accept: true, ..self }
    }

    /// Returns the body in `encoding`. A small body is returned without compression.
    pub(crate) fn encoded(&self, encoding: Encoding) -> &EncodedBody {
        match encoding {
            Encoding::Gzip if self.is_compressible() => {
                self.gzip.get_or_init(|| EncodedBody::new(gzip(&self.identity.bytes, self.compression), Encoding::Gzip))
            }
            _ => &self.identity,
        }
    }

    /// Returns whether the body in `encoding` can be returned without compressing it first.
    pub(crate) fn is_rendered(&self, encoding: Encoding) -> bool {
        encoding == Encoding::Identity || !self.is_compressible() || self.gzip.get().is_some()
    }

    /// Returns whether clients may cache the page.
    pub(crate) fn is_cacheable(&self) -> bool {
        self.cache_policy == CachePolicy::Cacheable
    }

    pub(crate) fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Returns whether the body is large enough to be compressed.
    pub(crate) fn is_compressible(&self) -> bool {
        self.identity.bytes.len() >= MIN_GZIP_BYTES
    }

    /// Returns the headers that responses with status 200 and 304 have in common.
    pub(crate) fn headers(&self, body: &EncodedBody) -> HeaderMap {
        let mut headers = common_headers(self.cache_policy);
        headers.insert(header::ETAG, body.etag.clone());
        let vary = if self.varies_by_accept { "accept, accept-encoding" } else { "accept-encoding" };
        headers.insert(header::VARY, HeaderValue::from_static(vary));
        headers
    }

    /// Adds the headers that describe the body in a response with status 200.
    pub(crate) fn add_content_headers(&self, body: &EncodedBody, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type.as_str()));
        headers.insert(header::CONTENT_LENGTH, body.bytes.len().into());
        if body.encoding == Encoding::Gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.content_type == ContentType::Html {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
        }
    }
}

impl EncodedBody {
    fn new(mut bytes: Vec<u8>, encoding: Encoding) -> Self {
        // Bodies stay in memory as long as the catalog, so the spare capacity of the vector is freed.
        bytes.shrink_to_fit();
        let etag = format!("\"{}\"", &sha256(&bytes)[..32]);
        let etag = HeaderValue::try_from(etag).expect("hexadecimal digits are valid in a header");
        Self { bytes: bytes.into(), etag, encoding }
    }
}

impl ContentType {
    /// Returns the value of the header `Content-Type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Serializes a body as one line of JSON.
pub(crate) fn json_line(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("bodies have string keys") + "\n"
}

/// Returns the headers that all responses have, except those of the access policy of the server.
pub(crate) fn common_headers(cache_policy: CachePolicy) -> HeaderMap {
    let cache_control = match cache_policy {
        // Five minutes: cached prices are at most five minutes old, and clients that poll more often do not reach the server each time.
        CachePolicy::Cacheable => "public, max-age=300",
        CachePolicy::NoStore => "no-store",
    };
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}
