//! OpenAI's chat completions, which most hosts imitate, and Azure's variant of it.

use super::{Framing, Progress, Protocol, Request, Said, has_developer_role, ids_of, ids_under, join, limit, text, turns};
use modeldex_table::{Endpoint, MaxTokensField, WireFeature};
use serde_json::{Value, json};

pub(crate) const COMPLETIONS: Protocol = Protocol {
    url: |base_url, _| join(base_url, "chat/completions"),
    models_url: |base_url| join(base_url, "models"),
    key_header: None,
    headers: &[],
    framing: Framing::Events,
    needs_max_tokens: false,
    body,
    whole,
    piece,
    // Together sends the list itself.
    ids: |list| list.as_array().map_or_else(|| ids_under(list, "data", "id"), |rows| ids_of(rows, "id")),
    next_page: |_| None,
};

/// Azure takes the key in a header of its own.
pub(crate) const AZURE: Protocol = Protocol { key_header: Some("api-key"), ..COMPLETIONS };

fn body(request: &Request<'_>, endpoint: Endpoint<'_>) -> Value {
    let mut body = json!({"model": request.model, "messages": turns(request.messages, has_developer_role(endpoint))});
    let field = endpoint.max_tokens_field().unwrap_or(MaxTokensField::MaxTokens);
    limit(&mut body, field.as_str(), request);
    if request.stream && endpoint.supports(WireFeature::StreamUsage) != Some(false) {
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn whole(answer: &Value, progress: &mut Progress) -> Result<(), Said> {
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

fn piece(_: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
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
    progress.served(answer.get("service_tier"));
}
