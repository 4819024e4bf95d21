//! Classification of error responses.
//!
//! Providers report equal errors in different ways: an exhausted budget with status 402, 403, 400 or 429, an unknown model with status 404 or 400,
//! and a wrong base URL by a web page with any status. This module contains all rules that detect the cause of an error.

use crate::error::{ClientError, ErrorKind};
use crate::http::ResponseHead;
use modeldex_table::Api;
use serde_json::Value;
use std::time::Duration;

/// Error object in a server's response, reduced to the fields that the error formats of all servers have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorResponse {
    /// Message of the server for users; may be empty.
    pub(crate) message: String,
    /// Error types, error codes and reasons, in lower case and separated by spaces.
    pub(crate) codes: String,
    /// Time that the error object asks clients to wait before the next request; `None` if the error object states no time.
    pub(crate) retry_after: Option<Duration>,
}

/// Response that is an error: its status is not a success, or its body is a web page.
#[derive(Clone, Copy)]
pub(crate) struct FailedResponse<'f> {
    pub(crate) head: &'f ResponseHead,
    /// The body, or the first part of a long body.
    pub(crate) body: &'f str,
    /// Wire protocol of the request.
    pub(crate) api: Api,
    /// Id of the model to which the request was sent; `None` for a request for the list of models.
    pub(crate) model: Option<&'f str>,
}

/// Maximum number of characters of a server's message that an error quotes.
const MAX_QUOTED_CHARS: usize = 300;

impl FailedResponse<'_> {
    /// Returns the error for the response.
    pub(crate) fn to_error(self) -> ClientError {
        let json = serde_json::from_str::<Value>(self.body).ok();
        let response = json.as_ref().map(ErrorResponse::parse).unwrap_or_default();
        let kind = classify(&self, json.as_ref(), &response);
        let ResponseHead { status, url, location, retry_after, .. } = self.head;
        let server_message = quote(&response.message);
        let message = match (kind, location) {
            (ErrorKind::WrongBaseUrl, Some(location)) => {
                format!("`{url}` redirects to `{location}` (status {status}), but modeldex does not send keys and messages to another host")
            }
            (ErrorKind::WrongProtocol, _) => match json.as_ref().and_then(super::detect_protocol) {
                Some(detected) => format!(
                    "`{url}` returned an error (status {status}) in the wire protocol `{detected}`, but the `api` of the endpoint is `{api}`\
                     {server_message}",
                    api = self.api
                ),
                None => {
                    format!(
                        "`{url}` returned status {status} and does not support the wire protocol `{api}`{server_message}",
                        api = self.api
                    )
                }
            },
            _ if is_web_page(&self) => format!("`{url}` returned status {status} and a web page instead of an API response"),
            (ErrorKind::WrongBaseUrl, _) => {
                format!("`{url}` returned status {status}, so the API is not at this URL{server_message}")
            }
            _ => format!("`{url}` returned status {status}{server_message}"),
        };
        ClientError { kind, message, status: Some(*status), retry_after: retry_after.or(response.retry_after) }
    }
}

impl ErrorResponse {
    /// Parses the error object of a response, in any format that servers use.
    pub(crate) fn parse(json: &Value) -> Self {
        // Google wraps errors of a stream in an array.
        let json = json.as_array().and_then(|list| list.first()).unwrap_or(json);
        fn text(value: Option<&Value>) -> Option<&str> {
            value.and_then(Value::as_str).filter(|text| !text.is_empty())
        }
        let error = json.get("error").unwrap_or(json);
        let messages = [Some(error), error.get("message"), json.get("message"), json.get("detail"), json.get("msg")];
        let message = messages.into_iter().find_map(text);
        let (mut codes, mut retry_after) = (Vec::new(), None);
        for value in [error.get("type"), error.get("code"), error.get("status"), json.get("type"), json.get("code")].into_iter().flatten() {
            match value {
                Value::String(word) => codes.push(word.to_lowercase()),
                Value::Number(number) => codes.push(number.to_string()),
                _ => {}
            }
        }
        // Google puts reasons and the retry delay in an array of details.
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            codes.extend(text(detail.get("reason")).map(str::to_lowercase));
            if let Some(delay) = text(detail.get("retryDelay")) {
                codes.push("retry_delay".to_owned());
                retry_after = delay.strip_suffix('s').and_then(|seconds| seconds.parse::<f64>().ok());
            }
        }
        let retry_after = retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { retry_after, message: message.unwrap_or("").to_owned(), codes: codes.join(" ") }
    }

    /// Returns the cause of an error in a response with a success status.
    pub(crate) fn kind(&self) -> ErrorKind {
        let status = self.codes.split(' ').find_map(|code| code.parse::<u16>().ok()).filter(|code| (400..600).contains(code));
        classify_by_words(self, status, None).or_else(|| status.map(classify_by_status)).unwrap_or(ErrorKind::ServerError)
    }
}

/// Returns the cause of an error according to its codes and message, which take precedence over the status. Returns `None` if no rule matches. The
/// first rule that matches applies.
fn classify_by_words(response: &ErrorResponse, status: Option<u16>, model: Option<&str>) -> Option<ErrorKind> {
    let message = response.message.to_lowercase();
    // Many servers write "try again later" in any error; only with these statuses does the phrase mean an overload.
    let may_be_overload = matches!(status, None | Some(429 | 503 | 529));
    let has_code = |words: &[&str]| words.iter().any(|word| response.codes.contains(word));
    let has_words = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let is_quota =
        has_code(&["insufficient_quota", "exceeded_current_quota", "insufficient_balance", "insufficient_credits", "billing", "payment"])
            || has_words(&[
                "credit balance",
                "insufficient balance",
                "insufficient credit",
                "insufficient quota",
                "check your plan and billing",
            ])
            || has_words(&["exceeded your current quota", "account is suspended", "in arrears", "payment required"]);
    let is_overloaded = has_code(&["overloaded", "engine_overloaded", "service_unavailable", "unavailable"])
        || has_words(&["overloaded", "at capacity", "server is busy"])
        || may_be_overload && has_words(&["try again later"]) && !has_code(&["rate_limit"]);
    let is_limited = has_code(&["rate_limit", "ratelimit", "resource_exhausted", "too_many_requests", "throttl"])
        || has_words(&["rate limit", "too many requests"]);
    let is_too_long = has_code(&["context_length_exceeded", "context_window"])
        || has_words(&["maximum context length", "context window", "prompt is too long", "context length"]);
    // A LiteLLM proxy looks up every key except its own in a database. Without a database, it fails with `no_db_connection`.
    let is_rejected = has_code(&[
        "invalid_api_key",
        "api_key_invalid",
        "authentication_error",
        "auth_error",
        "invalid_authentication",
        "unauthenticated",
    ]) || has_code(&["no_db_connection"])
        || has_words(&["api key not valid", "invalid api key", "incorrect api key", "invalid authentication"]);
    // An error about a parameter or a path is not about the model, even if its message contains "model" and "not found".
    let is_parameter = has_code(&["unsupported_parameter", "unsupported_value", "unknown_parameter", "missing_required_parameter"])
        || has_words(&["parameter"]);
    let names_model = model.is_some_and(|model| message.contains(&model.to_lowercase()));
    let missing = ["not found", "not exist", "unknown model", "invalid model", "not have access", "no access", "not available"];
    let is_unknown = has_code(&["model_not_found", "invalid_model", "model_not_available"])
        || message.contains("model") && (has_words(&missing) || has_code(&["not_found"]))
        || names_model && (has_words(&missing) || has_words(&["not supported"]));
    let kinds = [
        (ErrorKind::RateLimited, has_code(&["retry_delay"])),
        (ErrorKind::Quota, is_quota),
        (ErrorKind::Overloaded, is_overloaded),
        (ErrorKind::RateLimited, is_limited),
        (ErrorKind::ContextOverflow, is_too_long),
        (ErrorKind::KeyRejected, is_rejected),
        (ErrorKind::Refused, is_parameter),
        (ErrorKind::ModelUnknown, is_unknown),
    ];
    let kind = kinds.into_iter().find(|(_, is_match)| *is_match).map(|(kind, _)| kind);
    kind.filter(|kind| *kind != ErrorKind::Refused || !matches!(status, Some(401 | 403 | 404 | 405 | 500..)))
}

fn classify_by_status(status: u16) -> ErrorKind {
    match status {
        300..=399 | 404 | 405 | 410 => ErrorKind::WrongBaseUrl,
        401 | 403 => ErrorKind::KeyRejected,
        402 => ErrorKind::Quota,
        408 | 504 => ErrorKind::Timeout,
        413 => ErrorKind::ContextOverflow,
        429 => ErrorKind::RateLimited,
        503 | 529 => ErrorKind::Overloaded,
        500..=599 => ErrorKind::ServerError,
        400..=499 => ErrorKind::Refused,
        _ => ErrorKind::BadAnswer,
    }
}

fn classify(failed: &FailedResponse<'_>, json: Option<&Value>, response: &ErrorResponse) -> ErrorKind {
    let status = failed.head.status;
    if failed.head.location.is_some() {
        return ErrorKind::WrongBaseUrl;
    }
    if is_web_page(failed) {
        // Gateways report rejected clients, rate limits and unreachable servers as a web page with the correct status.
        return if matches!(status, 401 | 403 | 408 | 413 | 429 | 500..) { classify_by_status(status) } else { ErrorKind::WrongBaseUrl };
    }
    let detected = json.and_then(super::detect_protocol);
    let is_foreign = detected.is_some_and(|api| !super::is_same_family(api, failed.api));
    let names_model = failed.model.is_some_and(|model| response.message.contains(model));
    match classify_by_words(response, Some(status), failed.model) {
        // The request had no model, so the words refer to a path.
        Some(ErrorKind::ModelUnknown) if failed.model.is_none() => classify_by_status(status),
        // A host without this path reports "not found" in the format of its own protocol. A gateway for several protocols may use another
        // protocol's format too, but names the model.
        Some(kind) if kind != ErrorKind::ModelUnknown || names_model || !is_foreign => kind,
        _ if is_foreign && matches!(status, 400 | 404 | 405 | 415 | 422) => ErrorKind::WrongProtocol,
        _ => classify_by_status(status),
    }
}

/// Returns whether the body of the response is a web page.
fn is_web_page(failed: &FailedResponse<'_>) -> bool {
    let start = failed.body.trim_start().get(..9).unwrap_or("").to_ascii_lowercase();
    failed.head.content_type.starts_with("text/html") || start.starts_with("<!doctype") || start.starts_with("<html")
}

/// Returns a server's message as the end of an error message, such as `: "not found"`, in one line with at most [`MAX_QUOTED_CHARS`] characters of
/// the server's message; empty if the server's message is empty.
pub(crate) fn quote(message: &str) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = message.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTED_CHARS).collect::<String>();
    if message.is_empty() { String::new() } else { format!(": \"{message}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, content_type: &str) -> ResponseHead {
        let (content_type, url) = (content_type.to_owned(), "http://h/v1".to_owned());
        ResponseHead { status, content_type, url, retry_after: None, etag: None, content_length: None, location: None }
    }

    fn error(head: &ResponseHead, body: &str, model: Option<&str>) -> ClientError {
        FailedResponse { head, body, api: Api::OpenaiCompletions, model }.to_error()
    }

    fn kind(status: u16, content_type: &str, body: &str) -> ErrorKind {
        error(&head(status, content_type), body, Some("k2p5")).kind
    }

    #[test]
    fn real_error_responses_are_classified() {
        let json = "application/json";
        for (status, body, expected) in [
            (
                401,
                r#"{"error":{"message":"Incorrect API key provided: sk-...","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                ErrorKind::KeyRejected,
            ),
            (401, r#"{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}"#, ErrorKind::KeyRejected),
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                ErrorKind::KeyRejected,
            ),
            (
                404,
                r#"{"error":{"message":"The model `k2p5` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
                ErrorKind::ModelUnknown,
            ),
            (
                404,
                r#"{"error":{"message":"Not found the model k2p5 or Permission denied","type":"resource_not_found_error"}}"#,
                ErrorKind::ModelUnknown,
            ),
            (404, r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}"#, ErrorKind::WrongProtocol),
            (
                404,
                r#"{"error":{"message":"Invalid URL (POST /v2/chat/completions)","type":"invalid_request_error"}}"#,
                ErrorKind::WrongBaseUrl,
            ),
            (404, r#"{"detail":"Not Found"}"#, ErrorKind::WrongBaseUrl),
            (404, "", ErrorKind::WrongBaseUrl),
            (
                429,
                r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
                ErrorKind::Overloaded,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit reached for requests. Please try again in 2s.","type":"rate_limit_reached_error"}}"#,
                ErrorKind::RateLimited,
            ),
            (
                429,
                r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}"#,
                ErrorKind::Quota,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"22s"}]}}"#,
                ErrorKind::RateLimited,
            ),
            (
                429,
                r#"{"error":{"message":"Your account is suspended due to insufficient balance","type":"exceeded_current_quota_error"}}"#,
                ErrorKind::Quota,
            ),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#, ErrorKind::Quota),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#,
                ErrorKind::Quota,
            ),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, ErrorKind::Overloaded),
            (503, "", ErrorKind::Overloaded),
            (500, r#"{"error":{"message":"internal"}}"#, ErrorKind::ServerError),
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 128000 tokens.","code":"context_length_exceeded"}}"#,
                ErrorKind::ContextOverflow,
            ),
            (400, r#"{"error":{"message":"temperature must be below 2"}}"#, ErrorKind::Refused),
            (403, r#"{"error":"forbidden"}"#, ErrorKind::KeyRejected),
        ] {
            assert_eq!(kind(status, json, body), expected, "{status} {body}");
        }
        assert_eq!(kind(404, "text/html", "<html>"), ErrorKind::WrongBaseUrl);
        assert_eq!(kind(200, "text/html; charset=utf-8", "<!doctype html>"), ErrorKind::WrongBaseUrl);
        assert_eq!(kind(502, "text/html", "<html>bad gateway"), ErrorKind::ServerError);
        assert_eq!(kind(429, "text/html", "<html>too many"), ErrorKind::RateLimited);
        assert_eq!(kind(403, "text/html", "<html>forbidden"), ErrorKind::KeyRejected);
    }

    #[test]
    fn errors_about_parameters_and_paths_are_not_about_the_model() {
        let json = "application/json";
        let parameter = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model.","code":"unsupported_parameter"}}"#;
        assert_eq!(kind(400, json, parameter), ErrorKind::Refused);
        let later = r#"{"error":{"message":"Something went wrong, please try again later"}}"#;
        assert_eq!(kind(500, json, later), ErrorKind::ServerError);
        assert_eq!(kind(429, json, later), ErrorKind::Overloaded);
        let path = r#"{"error":{"message":"The requested URL /v1/models was not found"}}"#;
        assert_eq!(error(&head(404, json), path, None).kind, ErrorKind::WrongBaseUrl);
    }

    #[test]
    fn an_overload_is_reported_as_temporary() {
        let body = r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#;
        let head = ResponseHead { retry_after: Some(Duration::from_secs(7)), ..head(429, "application/json") };
        let text = error(&head, body, Some("kimi-k2.5")).to_string();
        assert!(text.contains("your configuration is not the cause") && text.contains("retry after 7 s"), "{text}");
    }
}
