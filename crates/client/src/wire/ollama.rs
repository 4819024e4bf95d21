//! Ollama's own chat API.

use super::{Carrier, Framing, Progress, Protocol, Request, Said, Ways, ids_under, join, text};
use serde_json::{Map, Value, json};

pub(crate) struct Ollama;

impl Protocol for Ollama {
    fn url(&self, base_url: &str, _: &Request<'_>) -> String {
        join(base_url, "api/chat")
    }

    fn models_url(&self, base_url: &str) -> String {
        join(base_url, "api/tags")
    }

    fn carrier(&self) -> Carrier {
        Carrier::bearer()
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn body(&self, request: &Request<'_>, _: &Ways) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), request.model.into());
        let messages = request.messages.iter().map(|message| json!({"role": message.role.word(), "content": message.text}));
        body.insert("messages".to_owned(), messages.collect());
        // Here a stream is what comes when nothing is said.
        body.insert("stream".to_owned(), request.stream.into());
        if let Some(most) = request.max_tokens {
            body.insert("options".to_owned(), json!({"num_predict": most}));
        }
        body.into()
    }

    fn whole(&self, answer: &Value, progress: &mut Progress) -> Result<(), Said> {
        self.piece("", answer, progress)
    }

    fn piece(&self, _: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(data)?;
        let Some(done) = data.get("done").and_then(Value::as_bool) else { return Ok(()) };
        progress.recognised = true;
        let message = data.get("message").unwrap_or(&Value::Null);
        progress.text.push_str(text(message, "content"));
        progress.reasoning.push_str(text(message, "thinking"));
        if done {
            progress.done = true;
            progress.ended = true;
            progress.finished(data.get("done_reason"));
            let counts = ["prompt_eval_count", "eval_count"].into_iter().filter_map(|key| Some((key.to_owned(), data.get(key)?.clone())));
            progress.usage = Some(Value::Object(counts.collect()));
        }
        Ok(())
    }

    fn ids(&self, list: &Value) -> Option<Vec<String>> {
        ids_under(list, "models", "name")
    }
}
