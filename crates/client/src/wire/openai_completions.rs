//! Wire protocol of the OpenAI Chat Completions API, which most hosts implement, and of its variant at Azure.

use super::{
    ErrorResponse, Framing, GenerateRequest, Protocol, ResponseState, has_developer_role, ids_at, ids_of_rows, join_url, messages_json,
    set_max_tokens_and_stream, string_at,
};
use modeldex_table::{Endpoint, MaxTokensField, WireFeature};
use serde_json::{Value, json};

pub(crate) const COMPLETIONS: Protocol = Protocol {
    generate_url: |base_url, _| join_url(base_url, "chat/completions"),
    models_url: |base_url| join_url(base_url, "models"),
    key_header: None,
    headers: &[],
    framing: Framing::Events,
    requires_max_tokens: false,
    request_body,
    read_whole,
    read_event,
    // The provider Together returns the array of models without the object around it.
    model_ids: |list| list.as_array().map_or_else(|| ids_at(list, "data", "id"), |rows| ids_of_rows(rows, "id")),
    next_page: |_| None,
};

/// Chat Completions API at Azure, which expects the key in the header `api-key`.
pub(crate) const AZURE: Protocol = Protocol { key_header: Some("api-key"), ..COMPLETIONS };

fn request_body(request: &GenerateRequest<'_>, endpoint: Endpoint<'_>) -> Value {
    let mut body = json!({"model": request.model, "messages": messages_json(request.messages, has_developer_role(endpoint))});
    let field = endpoint.max_tokens_field().unwrap_or(MaxTokensField::MaxTokens);
    set_max_tokens_and_stream(&mut body, field.as_str(), request);
    if request.stream && endpoint.supports(WireFeature::StreamUsage) != Some(false) {
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn read_whole(response: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(response)?;
    // A response without choices is not a response of this protocol.
    if let Some(choice) = response.get("choices").and_then(|choices| choices.get(0)) {
        state.is_recognized = true;
        state.is_text_finished = true;
        take_message(choice.get("message").unwrap_or(&Value::Null), state);
        state.set_finish_reason(choice.get("finish_reason"));
    }
    take_usage(response, state);
    Ok(())
}

fn read_event(_: &str, data: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(data)?;
    if let Some(choices) = data.get("choices").and_then(Value::as_array) {
        state.is_recognized = true;
        if let Some(choice) = choices.first() {
            take_message(choice.get("delta").unwrap_or(&Value::Null), state);
            state.set_finish_reason(choice.get("finish_reason"));
            // Moonshot sends the usage object in the choice of the last event.
            state.add_usage(choice.get("usage"));
        }
    }
    take_usage(data, state);
    Ok(())
}

/// Reads the text and reasoning of a whole message, or of a delta of a stream.
fn take_message(message: &Value, state: &mut ResponseState) {
    match message.get("content") {
        // Mistral sends an array of parts when the response has reasoning.
        Some(Value::Array(parts)) => parts.iter().for_each(|part| match string_at(part, "type") {
            "thinking" => {
                let inner = part.get("thinking").and_then(Value::as_array).into_iter().flatten();
                inner.for_each(|part| state.pending_reasoning.push_str(string_at(part, "text")));
            }
            _ => state.pending_text.push_str(string_at(part, "text")),
        }),
        _ => state.pending_text.push_str(string_at(message, "content")),
    }
    // The field names used by DeepSeek and OpenRouter.
    let reasoning = ["reasoning_content", "reasoning"].map(|key| string_at(message, key));
    state.pending_reasoning.push_str(reasoning.into_iter().find(|text| !text.is_empty()).unwrap_or(""));
    state.pending_text.push_str(string_at(message, "refusal"));
}

/// Reads the usage object and the service tier.
fn take_usage(response: &Value, state: &mut ResponseState) {
    state.add_usage(response.get("usage"));
    state.set_service_tier(response.get("service_tier"));
}
