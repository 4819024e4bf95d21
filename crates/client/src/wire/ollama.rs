//! Wire protocol of the Ollama chat API (`/api/chat`).

use super::openai_completions::COMPLETIONS;
use super::{ErrorResponse, Framing, GenerateRequest, Protocol, ResponseState, ids_at, join_url, messages_json, string_at};
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const OLLAMA: Protocol = Protocol {
    generate_url: |base_url, _| join_url(base_url, "api/chat"),
    models_url: |base_url| join_url(base_url, "api/tags"),
    framing: Framing::Lines,
    request_body,
    read_whole: |response, state| read_event("", response, state),
    read_event,
    model_ids: |list| ids_at(list, "models", "name"),
    ..COMPLETIONS
};

fn request_body(request: &GenerateRequest<'_>, _: Endpoint<'_>) -> Value {
    // This API streams by default, so `stream` is always sent.
    let mut body = json!({"model": request.model, "messages": messages_json(request.messages, false), "stream": request.stream});
    if let Some(max_tokens) = request.max_tokens {
        body["options"] = json!({"num_predict": max_tokens});
    }
    body
}

fn read_event(_: &str, data: &Value, state: &mut ResponseState) -> Result<(), ErrorResponse> {
    ResponseState::check_error(data)?;
    let Some(done) = data.get("done").and_then(Value::as_bool) else { return Ok(()) };
    state.is_recognized = true;
    let message = data.get("message").unwrap_or(&Value::Null);
    state.pending_text.push_str(string_at(message, "content"));
    state.pending_reasoning.push_str(string_at(message, "thinking"));
    if done {
        state.is_text_finished = true;
        state.is_stream_finished = true;
        state.set_finish_reason(data.get("done_reason"));
        let counts = ["prompt_eval_count", "eval_count"].into_iter().filter_map(|key| Some((key.to_owned(), data.get(key)?.clone())));
        state.usage = Some(Value::Object(counts.collect()));
    }
    Ok(())
}
