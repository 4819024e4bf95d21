//! Google's Gemini API.

use super::{Carrier, Progress, Protocol, Request, Role, Said, Ways, ids_under, join, text};
use crate::secret::percent_encoded;
use serde_json::{Map, Value, json};

pub(crate) struct GenerativeAi;

impl Protocol for GenerativeAi {
    fn url(&self, base_url: &str, request: &Request<'_>) -> String {
        let verb = if request.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        join(base_url, &format!("models/{}:{verb}", percent_encoded(request.model)))
    }

    fn models_url(&self, base_url: &str) -> String {
        join(base_url, "models?pageSize=1000")
    }

    fn carrier(&self) -> Carrier {
        Carrier::Header { name: "x-goog-api-key".to_owned(), scheme: String::new() }
    }

    fn body(&self, request: &Request<'_>, _: &Ways) -> Value {
        let mut body = Map::new();
        let of = |role| request.messages.iter().filter(move |message| (message.role == Role::System) == role);
        let system = of(true).map(|message| json!({"text": message.text})).collect::<Vec<_>>();
        if !system.is_empty() {
            body.insert("systemInstruction".to_owned(), json!({"parts": system}));
        }
        let contents = of(false).map(|message| {
            let role = if message.role == Role::Assistant { "model" } else { "user" };
            json!({"role": role, "parts": [{"text": message.text}]})
        });
        body.insert("contents".to_owned(), contents.collect());
        if let Some(most) = request.max_tokens {
            body.insert("generationConfig".to_owned(), json!({"maxOutputTokens": most}));
        }
        body.into()
    }

    fn whole(&self, answer: &Value, progress: &mut Progress) -> Result<(), Said> {
        self.piece("", answer, progress)?;
        progress.done |= progress.recognised;
        Ok(())
    }

    fn piece(&self, _: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
        Progress::fails(data)?;
        if let Some(reason) = data.get("promptFeedback").and_then(|feedback| feedback.get("blockReason")).and_then(Value::as_str) {
            let message = format!("the request was blocked: {reason}");
            return Err(Said { message, codes: "400".to_owned(), retry_after: None });
        }
        progress.recognised |= data.get("candidates").is_some_and(Value::is_array) || data.get("usageMetadata").is_some();
        if let Some(candidate) = data.get("candidates").and_then(|candidates| candidates.get(0)) {
            let parts = candidate.get("content").and_then(|content| content.get("parts")).and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                let thinks = part.get("thought").and_then(Value::as_bool) == Some(true);
                if thinks { &mut progress.reasoning } else { &mut progress.text }.push_str(text(part, "text"));
            }
            progress.finished(candidate.get("finishReason"));
        }
        progress.used(data.get("usageMetadata"));
        Ok(())
    }

    fn next_page(&self, list: &Value) -> Option<String> {
        let token = list.get("nextPageToken")?.as_str().filter(|token| !token.is_empty())?;
        Some(format!("&pageToken={}", percent_encoded(token)))
    }

    fn ids(&self, list: &Value) -> Option<Vec<String>> {
        let ids = ids_under(list, "models", "name")?;
        Some(ids.into_iter().map(|name| name.strip_prefix("models/").map_or(name.clone(), str::to_owned)).collect())
    }
}
