//! Sends text to a chat through Telegram's Bot API, or a server of one's own that speaks it.

use crate::http::{Call, Carrier, Http};
use crate::problem::{Kind, Problem};
use crate::secret::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// The Bot API of Telegram itself.
pub const API_BASE: &str = "https://api.telegram.org";

/// A message may have so many UTF-16 code units.
pub const MOST: usize = 4096;

/// Where messages go, and who sends them.
#[derive(Clone, Debug)]
pub struct Chat {
    /// The base of the Bot API, without `/bot` and the token.
    pub api_base: String,
    /// The bot's token.
    pub token: Secret,
    /// The chat's id, or `@` and the name of a channel.
    pub chat_id: String,
}

/// A server that asks for more patience than this is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often the same part is sent again when there were too many.
const MOST_RETRIES: u32 = 3;

impl Chat {
    /// A chat, once it is certain that its base can be asked at all.
    ///
    /// # Errors
    /// When the base is no address that begins with `http://` or `https://`.
    pub fn new(api_base: String, token: Secret, chat_id: String) -> Result<Self, Problem> {
        let rest = api_base.strip_prefix("https://").or_else(|| api_base.strip_prefix("http://"));
        let is_host_and_path = |rest: &str| !rest.is_empty() && !rest.contains(['@', '?', '#', '{']) && !rest.contains(char::is_whitespace);
        if !rest.is_some_and(is_host_and_path) {
            let what =
                "the base of Telegram's Bot API is not a host and a path that begin with https:// (or http:// for a server of one's own)";
            return Err(Problem::new(Kind::WrongBaseUrl, what));
        }
        Ok(Self { api_base, token, chat_id })
    }

    /// Sends `text`, in as many messages as it takes. Returns how many those were.
    ///
    /// # Errors
    /// When a part cannot be sent; the problem says how many were.
    pub fn send(&self, http: &Http, text: &str) -> Result<usize, Problem> {
        let parts = parts(text);
        for (sent, part) in parts.iter().enumerate() {
            self.send_part(http, part).map_err(|mut problem| {
                problem.what = format!("{} ({sent} of {} messages were sent)", problem.what, parts.len());
                problem.scrubbed(Some(&self.token))
            })?;
        }
        Ok(parts.len())
    }

    fn send_part(&self, http: &Http, part: &str) -> Result<(), Problem> {
        let mut tries = 0;
        loop {
            let call = Call {
                url: format!("{}/bot{{key}}/sendMessage", self.api_base.trim_end_matches('/')),
                key: Some((Carrier::Path, self.token.clone())),
                body: Some(json!({"chat_id": self.chat_id, "text": part}).to_string().into_bytes()),
                ..Call::default()
            };
            let (head, mut body) = http.send(call)?;
            let body = self.token.scrub(&String::from_utf8_lossy(&body.all(1 << 20)?));
            let json = serde_json::from_str::<Value>(&body).unwrap_or(Value::Null);
            if head.status == 200 && json.get("ok") == Some(&Value::Bool(true)) {
                return Ok(());
            }
            let problem = refused(head.status, &json, &head.url);
            let wait = problem.retry_after.filter(|wait| *wait <= LONGEST_WAIT && tries < MOST_RETRIES);
            let Some(wait) = wait else { return Err(problem) };
            if http.cancel().sleep(wait) {
                return Err(Problem::new(Kind::Cancelled, "sending to Telegram was called off".to_owned()));
            }
            tries += 1;
        }
    }
}

/// Cuts text into messages: at the last empty line, else the last line's end, else the last space that leaves a message at least half full.
#[must_use]
pub fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_matches('\n').trim_end();
    while !rest.is_empty() {
        let mut units = 0;
        let fits = |(_, letter): &(usize, char)| {
            units += letter.len_utf16();
            units > MOST
        };
        let Some((end, _)) = rest.char_indices().find(fits) else {
            parts.push(rest);
            break;
        };
        let head = &rest[..end];
        let cut = ["\n\n", "\n", " "].iter().filter_map(|mark| head.rfind(mark)).find(|at| *at >= end / 2).unwrap_or(end);
        parts.extend(Some(rest[..cut].trim_end()).filter(|part| !part.is_empty()));
        // Only what was cut at goes: a line keeps what it is indented by.
        let next = &rest[cut..];
        let lines = next.trim_start_matches('\n');
        rest = if lines.len() == next.len() { next.strip_prefix(' ').unwrap_or(next) } else { lines };
    }
    parts
}

fn refused(status: u16, json: &Value, url: &str) -> Problem {
    let said = crate::wire::quoted(json.get("description").and_then(Value::as_str).unwrap_or(""));
    let retry = json.get("parameters").and_then(|parameters| parameters.get("retry_after")).and_then(Value::as_u64);
    let kind = match status {
        // The token is part of the address, so a wrong one is an address where nothing is.
        401 | 404 if json.get("ok").is_some() => Kind::KeyRejected,
        404 => Kind::WrongBaseUrl,
        429 => Kind::RateLimited,
        400..=499 => Kind::Refused,
        500..=599 => Kind::ServerError,
        _ => Kind::BadAnswer,
    };
    let what = format!("Telegram's Bot API at `{url}` answered {status}{said}");
    Problem { kind, what, status: Some(status), retry_after: retry.map(Duration::from_secs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_where_it_reads_best() {
        assert_eq!(parts(""), [""; 0]);
        assert_eq!(parts(" short \n"), [" short"]);
        let paragraphs = format!("{}\n\n{}", "a".repeat(3000), "b".repeat(3000));
        assert_eq!(parts(&paragraphs).iter().map(|part| part.len()).collect::<Vec<_>>(), [3000, 3000]);
        let words = "word ".repeat(2000);
        assert!(parts(&words).iter().all(|part| part.len() <= MOST && part.starts_with("word") && part.ends_with("word")));
        // One code unit too many in a text without any place to cut.
        assert_eq!(parts(&"x".repeat(MOST)).len(), 1);
        assert_eq!(parts(&"x".repeat(MOST + 1)).len(), 2);
        assert_eq!(parts(&"😀".repeat(MOST / 2 + 1)).len(), 2);
        let code = format!("{}\n    indented", "x".repeat(MOST - 2));
        assert_eq!(parts(&code)[1], "    indented");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(text in "[a-z 😀\n]{0,20000}") {
            let parts = parts(&text);
            prop_assert!(parts.iter().all(|part| !part.is_empty() && part.encode_utf16().count() <= MOST));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
        }
    }
}
