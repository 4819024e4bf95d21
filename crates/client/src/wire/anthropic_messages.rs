//! Anthropic's messages.

use super::{Carrier, Progress, Protocol, Request, Role, Said, Ways, ids_under, join_v1, text};
use crate::secret::percent_encoded;
use serde_json::{Map, Value, json};

pub(crate) struct Messages;

impl Protocol for Messages {
    fn url(&self, base_url: &str, _: &Request<'_>) -> String {
        join_v1(base_url, "messages")
    }

    fn models_url(&self, base_url: &str) -> String {
        join_v1(base_url, "models?limit=1000")
    }

    fn carrier(&self) -> Carrier {
        Carrier::Header { name: "x-api-key".to_owned(), scheme: String::new() }
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn needs_max_tokens(&self) -> bool {
        true
    }

    fn body(&self, request: &Request<'_>, _: &Ways) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), request.model.into());
        let of = |role| request.messages.iter().filter(move |message| (message.role == Role::System) == role);
        let system = of(true).map(|message| message.text).collect::<Vec<_>>().join("\n\n");
        if !system.is_empty() {
            body.insert("system".to_owned(), system.into());
        }
        let messages = of(false).map(|message| json!({"role": message.role.word(), "content": message.text}));
        body.insert("messages".to_owned(), messages.collect());
        if let Some(most) = request.max_tokens {
            body.insert("max_tokens".to_owned(), most.into());
        }
        if request.stream {
            body.insert("stream".to_owned(), true.into());
        }
        body.into()
    }

    fn whole(&self, answer: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(answer)?;
        if text(answer, "type") == "message" {
            progress.recognised = true;
            progress.done = true;
            for block in answer.get("content").and_then(Value::as_array).into_iter().flatten() {
                progress.text.push_str(text(block, "text"));
                progress.reasoning.push_str(text(block, "thinking"));
            }
            progress.finished(answer.get("stop_reason"));
            progress.used(answer.get("usage"));
        }
        Ok(())
    }

    fn piece(&self, event: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
        let kind = match text(data, "type") {
            "" => event,
            kind => kind,
        };
        let delta = data.get("delta").unwrap_or(&Value::Null);
        match kind {
            "message_start" => {
                progress.recognised = true;
                progress.used(data.get("message").and_then(|message| message.get("usage")));
            }
            "content_block_delta" => {
                progress.recognised = true;
                progress.text.push_str(text(delta, "text"));
                progress.reasoning.push_str(text(delta, "thinking"));
            }
            "message_delta" => {
                progress.finished(delta.get("stop_reason"));
                progress.used(data.get("usage"));
            }
            "message_stop" => {
                progress.done = true;
                progress.ended = true;
            }
            _ => Progress::fails(data)?,
        }
        Ok(())
    }

    fn ids(&self, list: &Value) -> Option<Vec<String>> {
        ids_under(list, "data", "id")
    }

    fn next_page(&self, list: &Value) -> Option<String> {
        let more = list.get("has_more").and_then(Value::as_bool) == Some(true);
        Some(format!("&after_id={}", percent_encoded(list.get("last_id").filter(|_| more)?.as_str()?)))
    }
}
