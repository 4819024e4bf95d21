//! Error responses of the server: JSON with a stable code, a message and the next step.

use crate::access::ALLOWED_METHODS;
use crate::page::{CachePolicy, ContentType, common_headers, json_line};
use crate::respond::response;
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// Error response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemBody<'a> {
    error: &'a Problem,
}

/// Error of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// Stable code for programs, such as `unknown-model`.
    pub(crate) code: &'static str,
    /// Description of the error for users.
    pub(crate) message: String,
    /// Next step for users; null if the message is sufficient.
    pub(crate) help: Option<String>,
    /// Valid values that are similar to the unknown value of the request; the most similar value is first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) nearest: Vec<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), help: None, nearest: Vec::new() }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(crate) fn nearest(self, nearest: Vec<String>) -> Self {
        Self { nearest, ..self }
    }

    pub(crate) fn too_many_connections() -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-connections", "the server has too many open connections");
        problem.help("try again in one second")
    }

    /// Returns the HTTP response that reports the error.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let body = Bytes::from(json_line(&ProblemBody { error: self }));
        let mut headers = common_headers(CachePolicy::NoStore);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ContentType::Json.as_str()));
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(ALLOWED_METHODS));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response(self.status, headers, body)
    }
}
