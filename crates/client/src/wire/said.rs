//! What a server means by an answer that is no success.
//!
//! Servers say the same thing in many ways: a spent budget comes as 402, 403, 400 or 429, an unknown model as 404 or 400, and a wrong base
//! URL as a web page with any status. What each means is decided here, and nowhere else.

use crate::http::Head;
use crate::problem::{Kind, Problem};
use modeldex_table::Api;
use serde_json::Value;
use std::time::Duration;

/// An error as a server words it, whatever shape it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The words for people.
    pub(crate) message: String,
    /// The words for programs: types, codes and reasons, in lower case, separated by spaces.
    pub(crate) codes: String,
    /// How long it asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

/// What is known of an answer that is no success.
#[derive(Clone, Copy)]
pub(crate) struct Failed<'f> {
    /// Its head.
    pub(crate) head: &'f Head,
    /// The body, or the beginning of it.
    pub(crate) body: &'f str,
    /// The protocol that was spoken.
    pub(crate) api: Api,
    /// The model that was asked for, where one was.
    pub(crate) model: Option<&'f str>,
}

/// A server's words are shown up to here.
const LONGEST: usize = 300;

impl Failed<'_> {
    /// What it means.
    pub(crate) fn problem(&self) -> Problem {
        let json = serde_json::from_str::<Value>(self.body).ok();
        let said = json.as_ref().map(Said::of).unwrap_or_default();
        let kind = judge(self, json.as_ref(), &said);
        let Head { status, url, location, retry_after, .. } = self.head;
        let what = match (kind, location) {
            (Kind::WrongBaseUrl, Some(location)) => {
                format!("`{url}` sends to `{location}` ({status}); neither a key nor a message is sent on")
            }
            (Kind::WrongProtocol, _) => match json.as_ref().and_then(super::recognise) {
                Some(api) => format!("`{url}` answers like {api}, and was asked in {} ({status}){}", self.api, quoted(&said.message)),
                None => format!("`{url}` does not speak {} ({status}){}", self.api, quoted(&said.message)),
            },
            _ if is_page(self) => format!("`{url}` answered {status} with a web page, which no API does"),
            (Kind::WrongBaseUrl, _) => format!("`{url}` answered {status}: nothing is there{}", quoted(&said.message)),
            _ => format!("`{url}` answered {status}{}", quoted(&said.message)),
        };
        Problem { kind, what, status: Some(*status), retry_after: retry_after.or(said.retry_after) }
    }
}

impl Said {
    /// Reads an error in any of the shapes that servers use.
    pub(crate) fn of(json: &Value) -> Self {
        // Google wraps errors of a stream in a list.
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
        // Google's reasons stand in a list of details, and so does how long to wait.
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

    /// What an error means that came inside of an answer that began well.
    pub(crate) fn kind(&self) -> Kind {
        let status = self.codes.split(' ').find_map(|code| code.parse::<u16>().ok()).filter(|code| (400..600).contains(code));
        by_words(self, status, None).or_else(|| status.map(by_status)).unwrap_or(Kind::ServerError)
    }
}

/// The words that decide, in the order in which they do. What a server calls a thing wins over the number that it sends with it.
fn by_words(said: &Said, status: Option<u16>, model: Option<&str>) -> Option<Kind> {
    let message = said.message.to_lowercase();
    // "Try again later" is what many say of whatever went wrong; of these it says that they are busy.
    let may_be_busy = matches!(status, None | Some(429 | 503 | 529));
    let coded = |words: &[&str]| words.iter().any(|word| said.codes.contains(word));
    let worded = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let is_quota =
        coded(&["insufficient_quota", "exceeded_current_quota", "insufficient_balance", "insufficient_credits", "billing", "payment"])
            || worded(&[
                "credit balance",
                "insufficient balance",
                "insufficient credit",
                "insufficient quota",
                "check your plan and billing",
            ])
            || worded(&["exceeded your current quota", "account is suspended", "in arrears", "payment required"]);
    let is_overloaded = coded(&["overloaded", "engine_overloaded", "service_unavailable", "unavailable"])
        || worded(&["overloaded", "at capacity", "server is busy"])
        || may_be_busy && worded(&["try again later"]) && !coded(&["rate_limit"]);
    let is_limited = coded(&["rate_limit", "ratelimit", "resource_exhausted", "too_many_requests", "throttl"])
        || worded(&["rate limit", "too many requests"]);
    let is_too_long = coded(&["context_length_exceeded", "context_window"])
        || worded(&["maximum context length", "context window", "prompt is too long", "context length"]);
    // A LiteLLM proxy without a database looks for every key but its own in the database that it has not.
    let is_rejected =
        coded(&["invalid_api_key", "api_key_invalid", "authentication_error", "auth_error", "invalid_authentication", "unauthenticated"])
            || coded(&["no_db_connection"])
            || worded(&["api key not valid", "invalid api key", "incorrect api key", "invalid authentication"]);
    // What is said of a parameter, or of a path, is not said of the model, whatever words are in it.
    let is_parameter =
        coded(&["unsupported_parameter", "unsupported_value", "unknown_parameter", "missing_required_parameter"]) || worded(&["parameter"]);
    let named = model.is_some_and(|model| message.contains(&model.to_lowercase()));
    let missing = ["not found", "not exist", "unknown model", "invalid model", "not have access", "no access", "not available"];
    let is_unknown = coded(&["model_not_found", "invalid_model", "model_not_available"])
        || message.contains("model") && (worded(&missing) || coded(&["not_found"]))
        || named && (worded(&missing) || worded(&["not supported"]));
    let kinds = [
        (Kind::RateLimited, coded(&["retry_delay"])),
        (Kind::Quota, is_quota),
        (Kind::Overloaded, is_overloaded),
        (Kind::RateLimited, is_limited),
        (Kind::ContextOverflow, is_too_long),
        (Kind::KeyRejected, is_rejected),
        (Kind::Refused, is_parameter),
        (Kind::ModelUnknown, is_unknown),
    ];
    let kind = kinds.into_iter().find(|(_, is_so)| *is_so).map(|(kind, _)| kind);
    kind.filter(|kind| *kind != Kind::Refused || !matches!(status, Some(401 | 403 | 404 | 405 | 500..)))
}

fn by_status(status: u16) -> Kind {
    match status {
        300..=399 | 404 | 405 | 410 => Kind::WrongBaseUrl,
        401 | 403 => Kind::KeyRejected,
        402 => Kind::Quota,
        408 | 504 => Kind::Timeout,
        413 => Kind::ContextOverflow,
        429 => Kind::RateLimited,
        503 | 529 => Kind::Overloaded,
        500..=599 => Kind::ServerError,
        400..=499 => Kind::Refused,
        _ => Kind::BadAnswer,
    }
}

fn judge(failed: &Failed<'_>, json: Option<&Value>, said: &Said) -> Kind {
    let status = failed.head.status;
    if failed.head.location.is_some() {
        return Kind::WrongBaseUrl;
    }
    if is_page(failed) {
        // A gateway in front of a server says with a page that it keeps somebody out, that it is too much, or that nobody answers.
        return if matches!(status, 401 | 403 | 408 | 413 | 429 | 500..) { by_status(status) } else { Kind::WrongBaseUrl };
    }
    let spoken = json.and_then(super::recognise);
    let foreign = spoken.is_some_and(|api| !super::same_family(api, failed.api));
    let named = failed.model.is_some_and(|model| said.message.contains(model));
    match by_words(said, Some(status), failed.model) {
        // Where no model was asked for, none is unknown: a path may have the word in it.
        Some(Kind::ModelUnknown) if failed.model.is_none() => by_status(status),
        // A host that knows nothing of the path says "not found" in the shape of the protocol that it does speak; a gateway that speaks
        // them all mixes the shapes, but names the model.
        Some(kind) if kind != Kind::ModelUnknown || named || !foreign => kind,
        _ if foreign && matches!(status, 400 | 404 | 405 | 415 | 422) => Kind::WrongProtocol,
        _ => by_status(status),
    }
}

/// Whether the body is a page for people.
fn is_page(failed: &Failed<'_>) -> bool {
    let start = failed.body.trim_start().get(..9).unwrap_or("").to_ascii_lowercase();
    failed.head.content_type.starts_with("text/html") || start.starts_with("<!doctype") || start.starts_with("<html")
}

/// A server's own words as the end of a sentence: on one line, and not too many of them; nothing where it has none.
pub(crate) fn quoted(message: &str) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = message.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect::<String>();
    if message.is_empty() { String::new() } else { format!(": \"{message}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, content_type: &str) -> Head {
        let (content_type, url) = (content_type.to_owned(), "http://h/v1".to_owned());
        Head { status, content_type, url, retry_after: None, etag: None, length: None, location: None }
    }

    fn problem(head: &Head, body: &str, model: Option<&str>) -> Problem {
        Failed { head, body, api: Api::OpenaiCompletions, model }.problem()
    }

    fn kind(status: u16, content_type: &str, body: &str) -> Kind {
        problem(&head(status, content_type), body, Some("k2p5")).kind
    }

    #[test]
    fn what_servers_really_say() {
        let json = "application/json";
        for (status, body, expected) in [
            (
                401,
                r#"{"error":{"message":"Incorrect API key provided: sk-...","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                Kind::KeyRejected,
            ),
            (401, r#"{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}"#, Kind::KeyRejected),
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                Kind::KeyRejected,
            ),
            (
                404,
                r#"{"error":{"message":"The model `k2p5` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
                Kind::ModelUnknown,
            ),
            (
                404,
                r#"{"error":{"message":"Not found the model k2p5 or Permission denied","type":"resource_not_found_error"}}"#,
                Kind::ModelUnknown,
            ),
            (404, r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}"#, Kind::WrongProtocol),
            (404, r#"{"error":{"message":"Invalid URL (POST /v2/chat/completions)","type":"invalid_request_error"}}"#, Kind::WrongBaseUrl),
            (404, r#"{"detail":"Not Found"}"#, Kind::WrongBaseUrl),
            (404, "", Kind::WrongBaseUrl),
            (
                429,
                r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
                Kind::Overloaded,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit reached for requests. Please try again in 2s.","type":"rate_limit_reached_error"}}"#,
                Kind::RateLimited,
            ),
            (
                429,
                r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}"#,
                Kind::Quota,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"22s"}]}}"#,
                Kind::RateLimited,
            ),
            (
                429,
                r#"{"error":{"message":"Your account is suspended due to insufficient balance","type":"exceeded_current_quota_error"}}"#,
                Kind::Quota,
            ),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#, Kind::Quota),
            (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#, Kind::Quota),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Kind::Overloaded),
            (503, "", Kind::Overloaded),
            (500, r#"{"error":{"message":"internal"}}"#, Kind::ServerError),
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 128000 tokens.","code":"context_length_exceeded"}}"#,
                Kind::ContextOverflow,
            ),
            (400, r#"{"error":{"message":"temperature must be below 2"}}"#, Kind::Refused),
            (403, r#"{"error":"forbidden"}"#, Kind::KeyRejected),
        ] {
            assert_eq!(kind(status, json, body), expected, "{status} {body}");
        }
        assert_eq!(kind(404, "text/html", "<html>"), Kind::WrongBaseUrl);
        assert_eq!(kind(200, "text/html; charset=utf-8", "<!doctype html>"), Kind::WrongBaseUrl);
        assert_eq!(kind(502, "text/html", "<html>bad gateway"), Kind::ServerError);
        assert_eq!(kind(429, "text/html", "<html>too many"), Kind::RateLimited);
        assert_eq!(kind(403, "text/html", "<html>forbidden"), Kind::KeyRejected);
    }

    #[test]
    fn what_is_said_of_something_else_is_not_said_of_the_model() {
        let json = "application/json";
        let parameter = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model.","code":"unsupported_parameter"}}"#;
        assert_eq!(kind(400, json, parameter), Kind::Refused);
        let later = r#"{"error":{"message":"Something went wrong, please try again later"}}"#;
        assert_eq!(kind(500, json, later), Kind::ServerError);
        assert_eq!(kind(429, json, later), Kind::Overloaded);
        let path = r#"{"error":{"message":"The requested URL /v1/models was not found"}}"#;
        assert_eq!(problem(&head(404, json), path, None).kind, Kind::WrongBaseUrl);
    }

    #[test]
    fn an_overload_reads_as_temporary() {
        let body = r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#;
        let head = Head { retry_after: Some(Duration::from_secs(7)), ..head(429, "application/json") };
        let words = problem(&head, body, Some("kimi-k2.5")).to_string();
        assert!(words.contains("temporary and not your configuration") && words.contains("asks for 7 s"), "{words}");
    }
}
