//! Ollama's own chat API.

use super::openai_completions::COMPLETIONS;
use super::{Framing, Progress, Protocol, Request, Said, ids_under, join, text, turns};
use modeldex_table::Endpoint;
use serde_json::{Value, json};

pub(crate) const OLLAMA: Protocol = Protocol {
    url: |base_url, _| join(base_url, "api/chat"),
    models_url: |base_url| join(base_url, "api/tags"),
    framing: Framing::Lines,
    body,
    whole: |answer, progress| piece("", answer, progress),
    piece,
    ids: |list| ids_under(list, "models", "name"),
    ..COMPLETIONS
};

fn body(request: &Request<'_>, _: Endpoint<'_>) -> Value {
    // Here a stream is what comes when nothing is said.
    let mut body = json!({"model": request.model, "messages": turns(request.messages, false), "stream": request.stream});
    if let Some(most) = request.max_tokens {
        body["options"] = json!({"num_predict": most});
    }
    body
}

fn piece(_: &str, data: &Value, progress: &mut Progress) -> Result<(), Said> {
    Progress::fails(data)?;
    let Some(done) = data.get("done").and_then(Value::as_bool) else { return Ok(()) };
    progress.recognised = true;
    let message = data.get("message").unwrap_or(&Value::Null);
    progress.text.push_str(text(message, "content"));
    progress.reasoning.push_str(text(message, "thinking"));
    if done {
        progress.done = true;
        progress.ended = true;
        progress.finished(data.get("done_reason"));
        let counts = ["prompt_eval_count", "eval_count"].into_iter().filter_map(|key| Some((key.to_owned(), data.get(key)?.clone())));
        progress.usage = Some(Value::Object(counts.collect()));
    }
    Ok(())
}
