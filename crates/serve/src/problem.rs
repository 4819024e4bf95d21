//! Answers that say why there is no other: JSON with a code, what is wrong, and the next step.

use crate::page::{self, Keep, Kind, common};
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
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

    /// What the parser of HTTP refused, or a limit of the connection, by its status.
    pub(crate) fn of_connection(status: StatusCode) -> Self {
        match status {
            StatusCode::REQUEST_TIMEOUT => Self::new(status, "request-timeout", "the request did not come to its end in time"),
            StatusCode::URI_TOO_LONG => Self::new(status, "uri-too-long", "the path and query are too long"),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                Self::new(status, "headers-too-large", "the request has too many headers, or too long ones")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::new(status, "too-many-connections", "there are too many connections").help("try again in a second")
            }
            _ => Self::new(StatusCode::BAD_REQUEST, "bad-request", "this is no HTTP request that can be read"),
        }
    }

    /// The body.
    fn body(&self) -> Body<'_> {
        Body { error: Error { code: self.code, message: &self.message, help: self.help.as_deref(), nearest: &self.nearest } }
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let body = Bytes::from(page::line(&self.body()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers(response.body().len());
        response
    }

    /// The answer as it goes over the wire where there is no request that it could answer in the usual way.
    pub(crate) fn on_the_wire(&self) -> Bytes {
        let body = page::line(&self.body());
        let mut headers = self.headers(body.len());
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let mut text = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in &headers {
            text.push_str(name.as_str());
            text.push_str(": ");
            text.push_str(value.to_str().unwrap_or_default());
            text.push_str("\r\n");
        }
        Bytes::from(text + "\r\n" + &body)
    }

    fn headers(&self, length: usize) -> HeaderMap {
        let mut headers = common(Keep::Nothing);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Kind::Json.as_str()));
        headers.insert(header::CONTENT_LENGTH, length.into());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        headers
    }
}
