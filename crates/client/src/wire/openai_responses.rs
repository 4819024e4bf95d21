//! OpenAI's responses.

use super::openai_completions::COMPLETIONS;
use super::{Progress, Protocol, Request, Said, has_developer_role, ids_under, join, limit, text, turns};
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const RESPONSES: Protocol = Protocol {
    url: |base_url, _| join(base_url, "responses"),
    body,
    whole,
    piece,
    ids: |list| ids_under(list, "data", "id"),
    ..COMPLETIONS
};

fn body(request: &Request<'_>, endpoint: Endpoint<'_>) -> Value {
    let mut body = json!({"model": request.model, "input": turns(request.messages, has_developer_role(endpoint))});
    limit(&mut body, "max_output_tokens", request);
    body
}

fn whole(answer: &Value, progress: &mut Progress) -> Result<(), Said> {
    Progress::fails(answer)?;
    if let Some(output) = answer.get("output").and_then(Value::as_array) {
        progress.recognised = true;
        // One that is still being made, in the background, is no answer yet.
        progress.done = !matches!(text(answer, "status"), "in_progress" | "queued");
        for item in output {
            let (words, thinking) = match text(item, "type") {
                "message" => ("content", false),
                "reasoning" => ("summary", true),
                _ => continue,
            };
            for part in item.get(words).and_then(Value::as_array).into_iter().flatten() {
                let said = [text(part, "text"), text(part, "refusal")].concat();
                if thinking { &mut progress.reasoning } else { &mut progress.text }.push_str(&said);
            }
        }
    }
    ended(answer, progress);
    Ok(())
}

fn piece(event: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
    let kind = match text(data, "type") {
        "" => event,
        kind => kind,
    };
    progress.recognised |= kind.starts_with("response.");
    match kind {
        "response.output_text.delta" | "response.refusal.delta" => progress.text.push_str(text(data, "delta")),
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => progress.reasoning.push_str(text(data, "delta")),
        "response.completed" | "response.incomplete" => {
            let response = data.get("response").unwrap_or(&Value::Null);
            if progress.heard {
                ended(response, progress);
            } else {
                // Some send no pieces, and all of it here.
                whole(response, progress)?;
            }
            progress.done = true;
            progress.ended = true;
        }
        "response.failed" | "error" => return Err(Said::of(data.get("response").unwrap_or(data))),
        // A stream of another protocol may fail in its own shape.
        _ => Progress::fails(data)?,
    }
    Ok(())
}

fn ended(response: &Value, progress: &mut Progress) {
    progress.used(response.get("usage"));
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason")).filter(|reason| reason.is_string());
    if let Some(word) = reason.or_else(|| response.get("status")).and_then(Value::as_str) {
        progress.finish = Some(word.to_owned());
    }
    progress.served(response.get("service_tier"));
}
