//! Google's Gemini API.

use super::{Framing, Progress, Protocol, Request, Role, Said, ids_under, join, text, without_system};
use crate::secret::percent_encoded;
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const GENERATIVE_AI: Protocol = Protocol {
    url: |base_url, request| {
        let verb = if request.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        join(base_url, &format!("models/{}:{verb}", percent_encoded(request.model)))
    },
    models_url: |base_url| join(base_url, "models?pageSize=1000"),
    key_header: Some("x-goog-api-key"),
    headers: &[],
    framing: Framing::Events,
    needs_max_tokens: false,
    body,
    whole: |answer, progress| {
        piece("", answer, progress)?;
        progress.done |= progress.recognised;
        Ok(())
    },
    piece,
    ids: |list| {
        let ids = ids_under(list, "models", "name")?;
        Some(ids.into_iter().map(|name| name.strip_prefix("models/").map_or(name.clone(), str::to_owned)).collect())
    },
    next_page: |list| {
        let token = list.get("nextPageToken")?.as_str().filter(|token| !token.is_empty())?;
        Some(format!("&pageToken={}", percent_encoded(token)))
    },
};

fn body(request: &Request<'_>, _: Endpoint<'_>) -> Value {
    let (messages, system) = without_system(request);
    let mut body = json!({});
    if !system.is_empty() {
        let parts: Value = system.iter().map(|text| json!({"text": text})).collect();
        body["systemInstruction"] = json!({"parts": parts});
    }
    let contents = messages.iter().map(|message| {
        let role = if message.role == Role::Assistant { "model" } else { "user" };
        json!({"role": role, "parts": [{"text": message.text}]})
    });
    body["contents"] = contents.collect();
    if let Some(most) = request.max_tokens {
        body["generationConfig"] = json!({"maxOutputTokens": most});
    }
    body
}

fn piece(_: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
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
