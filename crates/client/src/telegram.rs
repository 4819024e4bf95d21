//! Sends texts to a Telegram chat through Telegram's Bot API, or through a self-hosted Bot API server.

use crate::error::{ClientError, ErrorKind};
use crate::http::{HttpClient, HttpRequest, KeyPlacement};
use crate::secret::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// Base URL of Telegram's own Bot API server.
pub const DEFAULT_API_BASE: &str = "https://api.telegram.org";

/// Maximum length of a Telegram message, in UTF-16 code units.
pub const MAX_MESSAGE_UTF16_UNITS: usize = 4096;

/// Telegram chat, and the bot that sends messages to the chat.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Base URL of the Bot API server, to which `/bot` and the token are appended.
    pub api_base: String,
    /// Token of the bot.
    pub token: Secret,
    /// Id of the chat, or `@` and the name of a channel.
    pub chat_id: String,
}

/// Longest time to wait before a retry. If the server asks for a longer wait, sending fails.
const MAX_RETRY_WAIT: Duration = Duration::from_secs(60);

/// Maximum number of retries of one message that the server rejects because of its rate limit.
const MAX_RETRIES: u32 = 3;

impl Chat {
    /// Creates a chat from the base URL of the Bot API server, the token of the bot and the id of the chat.
    ///
    /// # Errors
    /// Fails if `api_base` is not an http or https URL, or has a user, a query, a fragment or white space.
    pub fn new(api_base: String, token: Secret, chat_id: String) -> Result<Self, ClientError> {
        let rest = api_base.strip_prefix("https://").or_else(|| api_base.strip_prefix("http://"));
        let is_host_and_path = |rest: &str| !rest.is_empty() && !rest.contains(['@', '?', '#', '{']) && !rest.contains(char::is_whitespace);
        if !rest.is_some_and(is_host_and_path) {
            let message = "the base URL of Telegram's Bot API is invalid: expected an https:// or http:// URL with a host and an optional path, but no user, query or fragment";
            return Err(ClientError::new(ErrorKind::WrongBaseUrl, message));
        }
        Ok(Self { api_base, token, chat_id })
    }

    /// Sends `text` as one message. If `text` is too long for one message, [splits](split_message) the text and sends several messages. Returns the
    /// number of messages.
    ///
    /// # Errors
    /// Fails if one of the messages cannot be sent. The error states the number of messages that were already sent.
    pub fn send(&self, http: &HttpClient, text: &str) -> Result<usize, ClientError> {
        let parts = split_message(text);
        for (sent, part) in parts.iter().enumerate() {
            self.send_part(http, part).map_err(|mut error| {
                let (cause, total) = (&error.message, parts.len());
                error.message = format!("{cause} ({sent} of {total} messages were sent)");
                error.redacted(Some(&self.token))
            })?;
        }
        Ok(parts.len())
    }

    fn send_part(&self, http: &HttpClient, part: &str) -> Result<(), ClientError> {
        let mut retries = 0;
        loop {
            let call = HttpRequest {
                url: format!("{}/bot{{key}}/sendMessage", self.api_base.trim_end_matches('/')),
                key: Some((KeyPlacement::Path, self.token.clone())),
                body: Some(json!({"chat_id": self.chat_id, "text": part}).to_string().into_bytes()),
                ..HttpRequest::default()
            };
            let (head, mut body) = http.send(call)?;
            let body = self.token.redact(&String::from_utf8_lossy(&body.read_up_to(1 << 20)?));
            let json = serde_json::from_str::<Value>(&body).unwrap_or(Value::Null);
            if head.status == 200 && json.get("ok") == Some(&Value::Bool(true)) {
                return Ok(());
            }
            let error = response_error(head.status, &json, &head.url);
            let wait = error.retry_after.filter(|wait| *wait <= MAX_RETRY_WAIT && retries < MAX_RETRIES);
            let Some(wait) = wait else { return Err(error) };
            if http.cancel_token().sleep(wait) {
                return Err(ClientError::new(ErrorKind::Cancelled, "sending to Telegram was cancelled".to_owned()));
            }
            retries += 1;
        }
    }
}

/// Splits `text` into messages. Each message has at most [`MAX_MESSAGE_UTF16_UNITS`] UTF-16 code units.
///
/// The text is split at an empty line if possible, else at a line end, else at a space, else at the limit. An empty line, line end or space is not
/// used if the message before it would be less than half full. If the text is empty, the result is an empty list.
#[must_use]
pub fn split_message(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_matches('\n').trim_end();
    while !rest.is_empty() {
        let mut units = 0;
        let exceeds = |(_, letter): &(usize, char)| {
            units += letter.len_utf16();
            units > MAX_MESSAGE_UTF16_UNITS
        };
        let Some((end, _)) = rest.char_indices().find(exceeds) else {
            parts.push(rest);
            break;
        };
        let head = &rest[..end];
        let cut = ["\n\n", "\n", " "].iter().filter_map(|mark| head.rfind(mark)).find(|at| *at >= end / 2).unwrap_or(end);
        parts.extend(Some(rest[..cut].trim_end()).filter(|part| !part.is_empty()));
        // Only the separator is removed: a line keeps its indentation.
        let next = &rest[cut..];
        let lines = next.trim_start_matches('\n');
        rest = if lines.len() == next.len() { next.strip_prefix(' ').unwrap_or(next) } else { lines };
    }
    parts
}

/// Converts a response of the Bot API that reports a failure.
fn response_error(status: u16, json: &Value, url: &str) -> ClientError {
    let description = crate::wire::quote(json.get("description").and_then(Value::as_str).unwrap_or(""));
    let retry = json.get("parameters").and_then(|parameters| parameters.get("retry_after")).and_then(Value::as_u64);
    let kind = match status {
        // The token is part of the path, so the status for an unknown token may also be 404.
        401 | 404 if json.get("ok").is_some() => ErrorKind::KeyRejected,
        404 => ErrorKind::WrongBaseUrl,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::Refused,
        500..=599 => ErrorKind::ServerError,
        _ => ErrorKind::BadAnswer,
    };
    let message = format!("Telegram's Bot API at `{url}` returned status {status}{description}");
    ClientError { kind, message, status: Some(status), retry_after: retry.map(Duration::from_secs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_split_at_paragraphs_lines_or_words() {
        assert_eq!(split_message(""), [""; 0]);
        assert_eq!(split_message(" short \n"), [" short"]);
        let paragraphs = format!("{}\n\n{}", "a".repeat(3000), "b".repeat(3000));
        assert_eq!(split_message(&paragraphs).iter().map(|part| part.len()).collect::<Vec<_>>(), [3000, 3000]);
        let words = "word ".repeat(2000);
        assert!(
            split_message(&words)
                .iter()
                .all(|part| part.len() <= MAX_MESSAGE_UTF16_UNITS && part.starts_with("word") && part.ends_with("word"))
        );
        // Text without separators is split at the limit.
        assert_eq!(split_message(&"x".repeat(MAX_MESSAGE_UTF16_UNITS)).len(), 1);
        assert_eq!(split_message(&"x".repeat(MAX_MESSAGE_UTF16_UNITS + 1)).len(), 2);
        assert_eq!(split_message(&"😀".repeat(MAX_MESSAGE_UTF16_UNITS / 2 + 1)).len(), 2);
        let code = format!("{}\n    indented", "x".repeat(MAX_MESSAGE_UTF16_UNITS - 2));
        assert_eq!(split_message(&code)[1], "    indented");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn split_messages_are_complete_and_within_the_limit(text in "[a-z 😀\n]{0,20000}") {
            let parts = split_message(&text);
            prop_assert!(parts.iter().all(|part| !part.is_empty() && part.encode_utf16().count() <= MAX_MESSAGE_UTF16_UNITS));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
        }
    }
}
