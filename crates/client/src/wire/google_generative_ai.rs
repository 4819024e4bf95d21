//! Wire protocol of the Google Gemini API (`generateContent`).

use super::{ErrorResponse, Framing, GenerateRequest, Protocol, ResponseState, Role, ids_at, join_url, split_system, string_at};
use crate::secret::percent_encode;
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const GENERATIVE_AI: Protocol = Protocol {
    generate_url: |base_url, request| {
        let verb = if request.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        join_url(base_url, &format!("models/{}:{verb}", percent_encode(request.model)))
    },
    models_url: |base_url| join_url(base_url, "models?pageSize=1000"),
    key_header: Some("x-goog-api-key"),
    headers: &[],
    framing: Framing::Events,
    requires_max_tokens: false,
    request_body,
    read_whole: |response, state| {
        read_event("", response, state)?;
        state.is_text_finished |= state.is_recognized;
        Ok(())
    },
    read_event,
    model_ids: |list| {
        let ids = ids_at(list, "models", "name")?;
        Some(ids.into_iter().map(|name| name.strip_prefix("models/").map_or(name.clone(), str::to_owned)).collect())
    },
    next_page: |list| {
        let token = list.get("nextPageToken")?.as_str().filter(|token| !token.is_empty())?;
        Some(format!("&pageToken={}", percent_encode(token)))
    },
};

fn request_body(request: &GenerateRequest<'_>, _: Endpoint<'_>) -> Value {
    let (messages, system) = split_system(request);
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
    if let Some(max_tokens) = request.max_tokens {
        body["generationConfig"] = json!({"maxOutputTokens": max_tokens});
    }
    body
}

fn read_event(_: &str, data: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(data)?;
    if let Some(reason) = data.get("promptFeedback").and_then(|feedback| feedback.get("blockReason")).and_then(Value::as_str) {
        let message = format!("the provider blocked the request: {reason}");
        return Err(ErrorResponse { message, codes: "400".to_owned(), retry_after: None });
    }
    state.is_recognized |= data.get("candidates").is_some_and(Value::is_array) || data.get("usageMetadata").is_some();
    if let Some(candidate) = data.get("candidates").and_then(|candidates| candidates.get(0)) {
        let parts = candidate.get("content").and_then(|content| content.get("parts")).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let is_thought = part.get("thought").and_then(Value::as_bool) == Some(true);
            if is_thought { &mut state.pending_reasoning } else { &mut state.pending_text }.push_str(string_at(part, "text"));
        }
        state.set_finish_reason(candidate.get("finishReason"));
    }
    state.add_usage(data.get("usageMetadata"));
    Ok(())
}
