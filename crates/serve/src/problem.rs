//! Answers that say why there is no other: JSON with a code, what is wrong, and the next step.

use crate::page::{self, Keep, Kind, common};
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// Why a request has no other answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A word that stays the same, for programs.
    pub(crate) code: &'static str,
    /// What is wrong, for people.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// What was perhaps meant, the nearest first.
    pub(crate) nearest: Vec<String>,
}

/// Why there is no other answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Body<'a> {
    error: Error<'a>,
}

/// What is wrong with a request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct Error<'a> {
    /// A word that stays the same, for programs.
    code: &'static str,
    /// What is wrong, for people.
    message: &'a str,
    /// The next step.
    help: Option<&'a str>,
    /// What was perhaps meant, the nearest first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    nearest: &'a [String],
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
        let error = Error { code: self.code, message: &self.message, help: self.help.as_deref(), nearest: &self.nearest };
        let body = Bytes::from(page::line(&Body { error }));
        let mut headers = common(Keep::Nothing);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Kind::Json.as_str()));
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}
