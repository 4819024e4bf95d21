//! Response bodies with their headers, in each encoding.

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

/// Cache policy of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CachePolicy {
    /// Cacheable, and revalidated by ETag: pages of a catalog.
    Cacheable,
    /// Not cacheable: errors and the health of the server.
    NoStore,
}

/// Response body with its content type and cache policy. Encodings are created on first use.
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
    /// Strong ETag with its quotes: a hash of these bytes, so it differs between encodings.
    pub(crate) etag: HeaderValue,
    encoding: Encoding,
}

/// Body size in bytes below which compression saves less than its header costs.
const MIN_GZIP_BYTES: usize = 1_024;

impl Page {
    pub(crate) fn new(text: String, content_type: ContentType, cache_policy: CachePolicy, compression: CompressionLevel) -> Self {
        let identity = EncodedBody::new(text.into_bytes(), Encoding::Identity);
        Self { content_type, cache_policy, compression, varies_by_accept: false, identity, gzip: OnceLock::new() }
    }

    /// Creates a cached JSON page.
    pub(crate) fn cached_json(text: String) -> Self {
        Self::new(text, ContentType::Json, CachePolicy::Cacheable, CompressionLevel::Cached)
    }

    /// Marks the page as selected by the request header `Accept`, so that its `Vary` header lists `Accept`.
    pub(crate) fn varying_by_accept(self) -> Self {
        Self { varies_by_accept: true, ..self }
    }

    /// Returns the body in `encoding`, which is created on first use. Small bodies are never compressed.
    pub(crate) fn encoded(&self, encoding: Encoding) -> &EncodedBody {
        match encoding {
            Encoding::Gzip if self.is_compressible() => {
                self.gzip.get_or_init(|| EncodedBody::new(gzip(&self.identity.bytes, self.compression), Encoding::Gzip))
            }
            _ => &self.identity,
        }
    }

    /// Returns whether the body in `encoding` exists already.
    pub(crate) fn is_rendered(&self, encoding: Encoding) -> bool {
        encoding == Encoding::Identity || !self.is_compressible() || self.gzip.get().is_some()
    }

    pub(crate) fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Returns whether the body is large enough to be compressed.
    pub(crate) fn is_compressible(&self) -> bool {
        self.identity.bytes.len() >= MIN_GZIP_BYTES
    }

    /// Returns the headers of a 200 and of a 304.
    pub(crate) fn headers(&self, body: &EncodedBody) -> HeaderMap {
        let mut headers = common_headers(self.cache_policy);
        headers.insert(header::ETAG, body.etag.clone());
        let vary = if self.varies_by_accept { "accept, accept-encoding" } else { "accept-encoding" };
        headers.insert(header::VARY, HeaderValue::from_static(vary));
        headers
    }

    /// Adds the headers of a 200 that describe the body.
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
        // Bodies live as long as the catalog, and their vectors have spare capacity.
        bytes.shrink_to_fit();
        let etag = format!("\"{}\"", &sha256(&bytes)[..32]);
        let etag = HeaderValue::try_from(etag).expect("hexadecimal digits are valid in a header");
        Self { bytes: bytes.into(), etag, encoding }
    }
}

impl ContentType {
    /// Returns the value of `Content-Type`.
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

/// Returns the headers of every response. CORS allows every origin, because all responses are public.
pub(crate) fn common_headers(cache_policy: CachePolicy) -> HeaderMap {
    let cache_control = match cache_policy {
        // Five minutes: limits the age of a cached price, and saves the server the requests of clients that poll more often.
        CachePolicy::Cacheable => "public, max-age=300",
        CachePolicy::NoStore => "no-store",
    };
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}
