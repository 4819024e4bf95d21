//! A page: one body, in each encoding that was asked for so far, with the headers that go with it.

use crate::accept::Encoding;
use crate::encode::{Effort, encode, sha256};
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;
use std::sync::OnceLock;

/// What the bytes of a page are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// JSON.
    Json,
    /// HTML.
    Html,
}

/// How long a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As long as a catalog: it may be asked again whether it still does.
    Fresh,
    /// Not at all: errors, and how the server is.
    Nothing,
}

/// A body and everything that is sent with it.
pub(crate) struct Page {
    kind: Kind,
    keep: Keep,
    effort: Effort,
    varies_by_accept: bool,
    identity: Form,
    gzip: OnceLock<Form>,
    zstd: OnceLock<Form>,
}

/// A page in one encoding.
pub(crate) struct Form {
    pub(crate) bytes: Bytes,
    /// With its quotes. It is made of these very bytes, so that it is a strong one, and another for each encoding.
    pub(crate) etag: HeaderValue,
    /// What goes with the body.
    pub(crate) headers: HeaderMap,
    /// What goes with the news that it has not changed.
    pub(crate) unchanged: HeaderMap,
}

/// Below this, an encoding saves less than its header costs.
const WORTH_ENCODING: usize = 1_024;

impl Page {
    pub(crate) fn new(text: impl Into<Bytes>, kind: Kind, keep: Keep, effort: Effort) -> Self {
        let identity = Form::new(text.into(), Encoding::Identity, kind, keep, false);
        Self { kind, keep, effort, varies_by_accept: false, identity, gzip: OnceLock::new(), zstd: OnceLock::new() }
    }

    /// JSON that is sent again and again.
    pub(crate) fn json(text: impl Into<Bytes>) -> Self {
        Self::new(text, Kind::Json, Keep::Fresh, Effort::Kept)
    }

    /// The same, where which page is sent depends on `Accept`, too.
    pub(crate) fn by_accept(self) -> Self {
        let identity = Form::new(self.identity.bytes, Encoding::Identity, self.kind, self.keep, true);
        Self { varies_by_accept: true, identity, ..self }
    }

    /// The page in an encoding; a small one comes as it is.
    pub(crate) fn form(&self, encoding: Encoding) -> &Form {
        let made = |place: &'_ OnceLock<Form>| {
            place.get_or_init(|| {
                let bytes = encode(&self.identity.bytes, encoding, self.effort);
                Form::new(bytes.into(), encoding, self.kind, self.keep, self.varies_by_accept)
            });
        };
        let place = match encoding {
            _ if self.identity.bytes.len() < WORTH_ENCODING => return &self.identity,
            Encoding::Identity => return &self.identity,
            Encoding::Gzip => &self.gzip,
            Encoding::Zstd => &self.zstd,
        };
        made(place);
        place.get().unwrap_or(&self.identity)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it has other encodings than its bytes as they are.
    pub(crate) fn is_encoded(&self) -> bool {
        self.identity.bytes.len() >= WORTH_ENCODING
    }
}

impl Form {
    fn new(bytes: Bytes, encoding: Encoding, kind: Kind, keep: Keep, by_accept: bool) -> Self {
        let etag = format!("\"{}\"", &sha256(&bytes)[..32]);
        let etag = HeaderValue::try_from(etag).unwrap_or_else(|error| unreachable!("hexadecimal can be a header: {error}"));
        let mut unchanged = common(keep);
        unchanged.insert(header::ETAG, etag.clone());
        unchanged.insert(header::VARY, HeaderValue::from_static(if by_accept { "accept, accept-encoding" } else { "accept-encoding" }));
        let mut headers = unchanged.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.as_str()));
        headers.insert(header::CONTENT_LENGTH, bytes.len().into());
        if encoding != Encoding::Identity {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str()));
        }
        if kind == Kind::Html {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
        }
        Self { bytes, etag, headers, unchanged }
    }
}

impl Kind {
    /// What `Content-Type` says.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// A body as JSON on a line.
pub(crate) fn line(body: &impl Serialize) -> String {
    let text = serde_json::to_string(body).unwrap_or_else(|error| unreachable!("bodies have texts as keys: {error}"));
    text + "\n"
}

/// The headers of every answer. Anyone may read it from any page: there is nothing in it that is not public.
pub(crate) fn common(keep: Keep) -> HeaderMap {
    let cached = match keep {
        // Five minutes: a change of prices is seen within that, and a client that asks more often asks nobody.
        Keep::Fresh => "public, max-age=300",
        Keep::Nothing => "no-store",
    };
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}
