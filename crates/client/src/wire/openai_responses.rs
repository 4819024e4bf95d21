//! OpenAI's responses.

use super::{Carrier, Progress, Protocol, Request, Role, Said, Ways, ids_under, join, text};
use serde_json::{Map, Value, json};

pub(crate) struct Responses;

impl Protocol for Responses {
    fn url(&self, base_url: &str, _: &Request<'_>) -> String {
        join(base_url, "responses")
    }

    fn models_url(&self, base_url: &str) -> String {
        join(base_url, "models")
    }

    fn carrier(&self) -> Carrier {
        Carrier::bearer()
    }

    fn body(&self, request: &Request<'_>, ways: &Ways) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), request.model.into());
        let input = request.messages.iter().map(|message| {
            let role = if message.role == Role::System && ways.developer_role { "developer" } else { message.role.word() };
            json!({"role": role, "content": message.text})
        });
        body.insert("input".to_owned(), input.collect());
        if let Some(most) = request.max_tokens {
            body.insert("max_output_tokens".to_owned(), most.into());
        }
        if request.stream {
            body.insert("stream".to_owned(), true.into());
        }
        body.into()
    }

    fn whole(&self, answer: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(answer)?;
        if let Some(output) = answer.get("output").and_then(Value::as_array) {
            progress.recognised = true;
            // One that is still being made, in the background, is no answer yet.
            progress.done = !matches!(text(answer, "status"), "in_progress" | "queued");
            for item in output {
                let (words, thinking) = match text(item, "type") {
                    "message" => ("content", false),
                    "reasoning" => ("summary", true),
                    _ => continue,
                };
                for part in item.get(words).and_then(Value::as_array).into_iter().flatten() {
                    let said = [text(part, "text"), text(part, "refusal")].concat();
                    if thinking { &mut progress.reasoning } else { &mut progress.text }.push_str(&said);
                }
            }
        }
        ended(answer, progress);
        Ok(())
    }

    fn piece(&self, event: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
        let kind = match text(data, "type") {
            "" => event,
            kind => kind,
        };
        progress.recognised |= kind.starts_with("response.");
        match kind {
            "response.output_text.delta" | "response.refusal.delta" => progress.text.push_str(text(data, "delta")),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => progress.reasoning.push_str(text(data, "delta")),
            "response.completed" | "response.incomplete" => {
                let response = data.get("response").unwrap_or(&Value::Null);
                if progress.heard {
                    ended(response, progress);
                } else {
                    // Some send no pieces, and all of it here.
                    self.whole(response, progress)?;
                }
                progress.done = true;
                progress.ended = true;
            }
            "response.failed" | "error" => return Err(Said::of(data.get("response").unwrap_or(data))),
            // A stream of another protocol may fail in its own shape.
            _ => Progress::fails(data)?,
        }
        Ok(())
    }

    fn ids(&self, list: &Value) -> Option<Vec<String>> {
        ids_under(list, "data", "id")
    }
}

fn ended(response: &Value, progress: &mut Progress) {
    progress.used(response.get("usage"));
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason")).filter(|reason| reason.is_string());
    if let Some(word) = reason.or_else(|| response.get("status")).and_then(Value::as_str) {
        progress.finish = Some(word.to_owned());
    }
    if let Some(tier) = response.get("service_tier").and_then(Value::as_str) {
        progress.service_tier = Some(tier.to_owned());
    }
}
