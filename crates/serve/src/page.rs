//! A page: one body, as it is and, once that was asked for, as gzip, with the headers that go with it.

use crate::accept::Encoding;
use crate::encode::{Effort, gzip, sha256};
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
}

/// A page in one encoding.
pub(crate) struct Form {
    pub(crate) bytes: Bytes,
    /// With its quotes. It is made of these very bytes, so that it is a strong one, and another for each encoding.
    pub(crate) etag: HeaderValue,
    encoding: Encoding,
}

/// Below this, an encoding saves less than its header costs.
const WORTH_ENCODING: usize = 1_024;

impl Page {
    pub(crate) fn new(text: String, kind: Kind, keep: Keep, effort: Effort) -> Self {
        let identity = Form::new(text.into_bytes(), Encoding::Identity);
        Self { kind, keep, effort, varies_by_accept: false, identity, gzip: OnceLock::new() }
    }

    /// JSON that is sent again and again.
    pub(crate) fn json(text: String) -> Self {
        Self::new(text, Kind::Json, Keep::Fresh, Effort::Kept)
    }

    /// The same, where which page is sent depends on `Accept`, too.
    pub(crate) fn by_accept(self) -> Self {
        Self { varies_by_accept: true, ..self }
    }

    /// The page in an encoding, which is made the first time; a small one comes as it is.
    pub(crate) fn form(&self, encoding: Encoding) -> &Form {
        match encoding {
            Encoding::Gzip if self.is_encoded() => {
                self.gzip.get_or_init(|| Form::new(gzip(&self.identity.bytes, self.effort), Encoding::Gzip))
            }
            _ => &self.identity,
        }
    }

    /// Whether the page was made in an encoding.
    pub(crate) fn has(&self, encoding: Encoding) -> bool {
        encoding == Encoding::Identity || !self.is_encoded() || self.gzip.get().is_some()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it has another encoding than its bytes as they are.
    pub(crate) fn is_encoded(&self) -> bool {
        self.identity.bytes.len() >= WORTH_ENCODING
    }

    /// What goes with a form, also with the news that it has not changed.
    pub(crate) fn headers(&self, form: &Form) -> HeaderMap {
        let mut headers = common(self.keep);
        headers.insert(header::ETAG, form.etag.clone());
        let vary = if self.varies_by_accept { "accept, accept-encoding" } else { "accept-encoding" };
        headers.insert(header::VARY, HeaderValue::from_static(vary));
        headers
    }

    /// What goes with the body of a form besides.
    pub(crate) fn describe(&self, form: &Form, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind.as_str()));
        headers.insert(header::CONTENT_LENGTH, form.bytes.len().into());
        if form.encoding == Encoding::Gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.kind == Kind::Html {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
        }
    }
}

impl Form {
    fn new(mut bytes: Vec<u8>, encoding: Encoding) -> Self {
        // They stay as long as the catalog, and were made by growing.
        bytes.shrink_to_fit();
        let etag = format!("\"{}\"", &sha256(&bytes)[..32]);
        let etag = HeaderValue::try_from(etag).expect("hexadecimal can be a header");
        Self { bytes: bytes.into(), etag, encoding }
    }
}

impl Kind {
    /// Its `Content-Type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// A body as JSON on a line.
pub(crate) fn line(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("bodies have texts as keys") + "\n"
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
