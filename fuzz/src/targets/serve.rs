//! Sends a request to the server, without a connection. The first line of an input has the method and the URI, the next lines have headers.
//!
//! The status is never that of a server error, a JSON body is JSON, and a body has the length that its header states.

use crate::fixture;
use hyper::Request;
use modeldex_serve::{CatalogOwner, Health, ModelEvidence, RequestHead, Site, respond};
use modeldex_table::{Catalog, Model};
use serde_json::Value;
use std::sync::{Arc, LazyLock};

struct Owner;

impl CatalogOwner for Owner {
    fn catalog(&self) -> Catalog<'_> {
        *fixture::catalog()
    }

    fn evidence(&self, model: Model<'_>) -> ModelEvidence {
        ModelEvidence::Absent(format!("there is no evidence of `{}`", model.id()))
    }
}

pub(crate) fn run(input: &[u8]) {
    static SITE: LazyLock<Site> = LazyLock::new(|| Site::new(Arc::new(Owner), fixture::now()));
    let mut lines = input.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let (method, uri) = first.split_at(first.iter().position(|byte| *byte == b' ').unwrap_or(0));
    let mut request = Request::builder().method(method).uri(uri.strip_prefix(b" ").unwrap_or(uri)).header("host", "127.0.0.1:8080");
    for line in lines.take(32) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    // hyper answers what is not a request.
    let Ok(request) = request.body(()) else { return };
    let (parts, ()) = request.into_parts();
    let is_head = parts.method == "HEAD";
    let response = respond(&SITE, &Health::default(), &RequestHead::new(parts));
    let status = response.status().as_u16();
    assert!((200..500).contains(&status), "{response:?}");
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("headers are text").to_owned());
    if let Some(length) = header("content-length").filter(|_| !is_head && status != 304) {
        assert_eq!(length, response.body().len().to_string());
    }
    let is_json = header("content-type").is_some_and(|kind| kind.contains("json"));
    if is_json && header("content-encoding").is_none() && !response.body().is_empty() {
        serde_json::from_slice::<Value>(response.body()).expect("the body is JSON");
    }
}
