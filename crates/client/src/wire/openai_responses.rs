//! Wire protocol of the OpenAI Responses API.

use super::openai_completions::COMPLETIONS;
use super::{
    ErrorResponse, GenerateRequest, Protocol, ResponseState, has_developer_role, ids_at, join_url, messages_json,
    set_max_tokens_and_stream, string_at,
};
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const RESPONSES: Protocol = Protocol {
    generate_url: |base_url, _| join_url(base_url, "responses"),
    request_body,
    read_whole,
    read_event,
    model_ids: |list| ids_at(list, "data", "id"),
    ..COMPLETIONS
};

fn request_body(request: &GenerateRequest<'_>, endpoint: Endpoint<'_>) -> Value {
    let mut body = json!({"model": request.model, "input": messages_json(request.messages, has_developer_role(endpoint))});
    set_max_tokens_and_stream(&mut body, "max_output_tokens", request);
    body
}

fn read_whole(response: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(response)?;
    if let Some(output) = response.get("output").and_then(Value::as_array) {
        state.is_recognized = true;
        // A background response that is still being generated is not complete.
        state.is_text_finished = !matches!(string_at(response, "status"), "in_progress" | "queued");
        for item in output {
            let (parts_key, is_reasoning) = match string_at(item, "type") {
                "message" => ("content", false),
                "reasoning" => ("summary", true),
                _ => continue,
            };
            for part in item.get(parts_key).and_then(Value::as_array).into_iter().flatten() {
                let text = [string_at(part, "text"), string_at(part, "refusal")].concat();
                if is_reasoning { &mut state.pending_reasoning } else { &mut state.pending_text }.push_str(&text);
            }
        }
    }
    take_end(response, state);
    Ok(())
}

fn read_event(event: &str, data: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    let kind = match string_at(data, "type") {
        "" => event,
        kind => kind,
    };
    state.is_recognized |= kind.starts_with("response.");
    match kind {
        "response.output_text.delta" | "response.refusal.delta" => state.pending_text.push_str(string_at(data, "delta")),
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
            state.pending_reasoning.push_str(string_at(data, "delta"))
        }
        "response.completed" | "response.incomplete" => {
            let response = data.get("response").unwrap_or(&Value::Null);
            if state.has_text {
                take_end(response, state);
            } else {
                // Some hosts send the whole response in this event, without deltas before.
                read_whole(response, state)?;
            }
            state.is_text_finished = true;
            state.is_stream_finished = true;
        }
        "response.failed" | "error" => return Err(ErrorResponse::parse(data.get("response").unwrap_or(data))),
        // A gateway may send an error in the format of another protocol.
        _ => ResponseState::check_error(data)?,
    }
    Ok(())
}

/// Reads the usage object, the finish reason and the service tier.
fn take_end(response: &Value, state: &mut ResponseState) {
    state.add_usage(response.get("usage"));
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason")).filter(|reason| reason.is_string());
    if let Some(reason) = reason.or_else(|| response.get("status")).and_then(Value::as_str) {
        state.finish_reason = Some(reason.to_owned());
    }
    state.set_service_tier(response.get("service_tier"));
}
