//! Wire protocol of the Anthropic Messages API.

use super::{
    ErrorResponse, Framing, GenerateRequest, Protocol, ResponseState, ids_at, join_url_v1, messages_json, set_max_tokens_and_stream,
    split_system, string_at,
};
use crate::secret::percent_encode;
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const MESSAGES: Protocol = Protocol {
    generate_url: |base_url, _| join_url_v1(base_url, "messages"),
    models_url: |base_url| join_url_v1(base_url, "models?limit=1000"),
    key_header: Some("x-api-key"),
    headers: &[("anthropic-version", "2023-06-01")],
    framing: Framing::Events,
    requires_max_tokens: true,
    request_body,
    read_whole,
    read_event,
    model_ids: |list| ids_at(list, "data", "id"),
    next_page: |list| {
        let more = list.get("has_more").and_then(Value::as_bool) == Some(true);
        Some(format!("&after_id={}", percent_encode(list.get("last_id").filter(|_| more)?.as_str()?)))
    },
};

fn request_body(request: &GenerateRequest<'_>, _: Endpoint<'_>) -> Value {
    let (messages, system) = split_system(request);
    let mut body = json!({"model": request.model});
    let system = system.join("\n\n");
    if !system.is_empty() {
        body["system"] = system.into();
    }
    body["messages"] = messages_json(messages, false);
    set_max_tokens_and_stream(&mut body, "max_tokens", request);
    body
}

fn read_whole(response: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(response)?;
    if string_at(response, "type") == "message" {
        state.is_recognized = true;
        state.is_text_finished = true;
        for block in response.get("content").and_then(Value::as_array).into_iter().flatten() {
            state.pending_text.push_str(string_at(block, "text"));
            state.pending_reasoning.push_str(string_at(block, "thinking"));
        }
        state.set_finish_reason(response.get("stop_reason"));
        state.add_usage(response.get("usage"));
    }
    Ok(())
}

fn read_event(event: &str, data: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    let kind = match string_at(data, "type") {
        "" => event,
        kind => kind,
    };
    let delta = data.get("delta").unwrap_or(&Value::Null);
    match kind {
        "message_start" => {
            state.is_recognized = true;
            state.add_usage(data.get("message").and_then(|message| message.get("usage")));
        }
        "content_block_delta" => {
            state.is_recognized = true;
            state.pending_text.push_str(string_at(delta, "text"));
            state.pending_reasoning.push_str(string_at(delta, "thinking"));
        }
        "message_delta" => {
            state.set_finish_reason(delta.get("stop_reason"));
            state.add_usage(data.get("usage"));
        }
        "message_stop" => {
            state.is_text_finished = true;
            state.is_stream_finished = true;
        }
        _ => ResponseState::check_error(data)?,
    }
    Ok(())
}
