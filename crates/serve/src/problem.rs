//! Answers that say why there is no other: JSON with a code, what is wrong, and the next step.

use crate::answer::response;
use crate::page::{self, Keep, Kind, common};
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// Why there is no other answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Body<'a> {
    error: &'a Problem,
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// A word that stays the same, for programs.
    pub(crate) code: &'static str,
    /// What is wrong, for people.
    pub(crate) message: String,
    /// The next step.
    pub(crate) help: Option<String>,
    /// What was perhaps meant, the nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) nearest: Vec<String>,
}

/// The methods that read, which are all that there are.
pub(crate) const METHODS: &str = "GET, HEAD, OPTIONS";

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
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-connections", "there are too many connections");
        problem.help("try again in a second")
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let body = Bytes::from(page::line(&Body { error: self }));
        let mut headers = common(Keep::Nothing);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Kind::Json.as_str()));
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response(self.status, headers, body)
    }
}
