//! OpenAI's chat completions, which most hosts imitate, and Azure's variant of it.

use super::{Carrier, Progress, Protocol, Request, Role, Said, Ways, ids_of, ids_under, join, text};
use serde_json::{Map, Value, json};

pub(crate) struct Completions {
    /// Azure takes the key in a header of its own.
    pub(crate) azure: bool,
}

impl Protocol for Completions {
    fn url(&self, base_url: &str, _: &Request<'_>) -> String {
        join(base_url, "chat/completions")
    }

    fn models_url(&self, base_url: &str) -> String {
        join(base_url, "models")
    }

    fn carrier(&self) -> Carrier {
        if self.azure { Carrier::Header { name: "api-key".to_owned(), scheme: String::new() } } else { Carrier::bearer() }
    }

    fn body(&self, request: &Request<'_>, ways: &Ways) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), request.model.into());
        let messages = request.messages.iter().map(|message| {
            let role = if message.role == Role::System && ways.developer_role { "developer" } else { message.role.word() };
            json!({"role": role, "content": message.text})
        });
        body.insert("messages".to_owned(), messages.collect());
        if let Some(most) = request.max_tokens {
            body.insert(ways.max_tokens_field.as_str().to_owned(), most.into());
        }
        if request.stream {
            body.insert("stream".to_owned(), true.into());
            if ways.stream_usage {
                body.insert("stream_options".to_owned(), json!({"include_usage": true}));
            }
        }
        body.into()
    }

    fn whole(&self, answer: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(answer)?;
        // Without any choice nothing was answered.
        if let Some(choice) = answer.get("choices").and_then(|choices| choices.get(0)) {
            progress.recognised = true;
            progress.done = true;
            take(choice.get("message").unwrap_or(&Value::Null), progress);
            progress.finished(choice.get("finish_reason"));
        }
        used(answer, progress);
        Ok(())
    }

    fn piece(&self, _: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(data)?;
        if let Some(choices) = data.get("choices").and_then(Value::as_array) {
            progress.recognised = true;
            if let Some(choice) = choices.first() {
                take(choice.get("delta").unwrap_or(&Value::Null), progress);
                progress.finished(choice.get("finish_reason"));
                // Moonshot puts it beside the last piece of text.
                progress.used(choice.get("usage"));
            }
        }
        used(data, progress);
        Ok(())
    }

    fn ids(&self, list: &Value) -> Option<Vec<String>> {
        // Together sends the list itself.
        if let Some(rows) = list.as_array() {
            return ids_of(rows, "id");
        }
        ids_under(list, "data", "id")
    }
}

fn take(message: &Value, progress: &mut Progress) {
    match message.get("content") {
        // Mistral sends a list of parts where it also shows what was thought.
        Some(Value::Array(parts)) => parts.iter().for_each(|part| match text(part, "type") {
            "thinking" => {
                let inner = part.get("thinking").and_then(Value::as_array).into_iter().flatten();
                inner.for_each(|part| progress.reasoning.push_str(text(part, "text")));
            }
            _ => progress.text.push_str(text(part, "text")),
        }),
        _ => progress.text.push_str(text(message, "content")),
    }
    // DeepSeek's word and OpenRouter's.
    let thinking = ["reasoning_content", "reasoning"].map(|key| text(message, key));
    progress.reasoning.push_str(thinking.into_iter().find(|text| !text.is_empty()).unwrap_or(""));
    progress.text.push_str(text(message, "refusal"));
}

fn used(answer: &Value, progress: &mut Progress) {
    progress.used(answer.get("usage"));
    if let Some(tier) = answer.get("service_tier").and_then(Value::as_str) {
        progress.service_tier = Some(tier.to_owned());
    }
}
