//! Anthropic's messages.

use super::{Framing, Progress, Protocol, Request, Said, ids_under, join_v1, limit, text, turns, without_system};
use crate::secret::percent_encoded;
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const MESSAGES: Protocol = Protocol {
    url: |base_url, _| join_v1(base_url, "messages"),
    models_url: |base_url| join_v1(base_url, "models?limit=1000"),
    key_header: Some("x-api-key"),
    headers: &[("anthropic-version", "2023-06-01")],
    framing: Framing::Events,
    needs_max_tokens: true,
    body,
    whole,
    piece,
    ids: |list| ids_under(list, "data", "id"),
    next_page: |list| {
        let more = list.get("has_more").and_then(Value::as_bool) == Some(true);
        Some(format!("&after_id={}", percent_encoded(list.get("last_id").filter(|_| more)?.as_str()?)))
    },
};

fn body(request: &Request<'_>, _: Endpoint<'_>) -> Value {
    let (messages, system) = without_system(request);
    let mut body = json!({"model": request.model});
    let system = system.join("\n\n");
    if !system.is_empty() {
        body["system"] = system.into();
    }
    body["messages"] = turns(messages, false);
    limit(&mut body, "max_tokens", request);
    body
}

fn whole(answer: &Value, progress: &mut Progress) -> Result<(), Said> {
    Progress::fails(answer)?;
    if text(answer, "type") == "message" {
        progress.recognised = true;
        progress.done = true;
        for block in answer.get("content").and_then(Value::as_array).into_iter().flatten() {
            progress.text.push_str(text(block, "text"));
            progress.reasoning.push_str(text(block, "thinking"));
        }
        progress.finished(answer.get("stop_reason"));
        progress.used(answer.get("usage"));
    }
    Ok(())
}

fn piece(event: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
    let kind = match text(data, "type") {
        "" => event,
        kind => kind,
    };
    let delta = data.get("delta").unwrap_or(&Value::Null);
    match kind {
        "message_start" => {
            progress.recognised = true;
            progress.used(data.get("message").and_then(|message| message.get("usage")));
        }
        "content_block_delta" => {
            progress.recognised = true;
            progress.text.push_str(text(delta, "text"));
            progress.reasoning.push_str(text(delta, "thinking"));
        }
        "message_delta" => {
            progress.finished(delta.get("stop_reason"));
            progress.used(data.get("usage"));
        }
        "message_stop" => {
            progress.done = true;
            progress.ended = true;
        }
        _ => Progress::fails(data)?,
    }
    Ok(())
}
