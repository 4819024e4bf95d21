//! Wire protocols. Each protocol has a module that builds requests and reads responses.
//!
//! If providers with the same protocol differ in a detail, the catalog states the difference, so that the code does not depend on particular
//! providers.

mod anthropic_messages;
mod error_response;
mod frames;
mod google_generative_ai;
mod ollama;
mod openai_completions;
mod openai_responses;

pub(crate) use error_response::{ErrorResponse, FailedResponse, quote};
pub(crate) use frames::{Frame, FrameReader, MAX_FRAME_BYTES};

use modeldex_table::{Api, Endpoint, WireFeature};
use serde_json::{Value, json};

/// Author of a message in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The application, which gives instructions for the whole conversation.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// Message of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'m> {
    /// Author of the message.
    pub role: Role,
    /// Text of the message.
    pub text: &'m str,
}

/// Request that asks a model for a response to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerateRequest<'m> {
    /// Id of the model in the request to the provider.
    pub model: &'m str,
    /// Messages of the conversation, oldest first.
    pub messages: &'m [Message<'m>],
    /// Maximum number of output tokens; `None` for the server's default.
    pub max_tokens: Option<u32>,
    /// Whether the server should stream the response instead of sending it as a whole.
    pub stream: bool,
}

/// Finish reasons, in any wire protocol, of a response that reached the output token limit.
pub(crate) const TRUNCATED_FINISH_REASONS: [&str; 4] = ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"];

/// Parts of a response that were read so far.
#[derive(Debug, Default)]
pub(crate) struct ResponseState {
    /// Text that was read but not emitted yet.
    pub(crate) pending_text: String,
    /// Whether any text has been emitted.
    pub(crate) has_text: bool,
    /// Reasoning text that was read but not emitted yet.
    pub(crate) pending_reasoning: String,
    /// Usage object, as the provider sent it.
    pub(crate) usage: Option<Value>,
    /// Service tier, as the provider spells it.
    pub(crate) service_tier: Option<String>,
    /// Finish reason, as the provider spells it.
    pub(crate) finish_reason: Option<String>,
    /// Whether the server has marked the end of the text.
    pub(crate) is_text_finished: bool,
    /// Whether the server has marked the end of the stream. The server may keep the connection open.
    pub(crate) is_stream_finished: bool,
    /// Whether any part of the body follows the endpoint's wire protocol.
    pub(crate) is_recognized: bool,
}

/// Format in which a wire protocol sends the events of a streamed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    Events,
    /// One JSON value per line.
    Lines,
}

/// Functions and constants with which the client uses a wire protocol.
pub(crate) struct Protocol {
    /// Returns the URL to which a request for a response is sent. The first argument is the base URL.
    pub(crate) generate_url: fn(&str, &GenerateRequest<'_>) -> String,
    /// Returns the URL of the list of models. The argument is the base URL.
    pub(crate) models_url: fn(&str) -> String,
    /// Header that contains the key, unless the catalog states another header; `None` for `Authorization: Bearer`.
    pub(crate) key_header: Option<&'static str>,
    /// Headers that the protocol requires.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// Format of streamed responses.
    pub(crate) framing: Framing,
    /// Whether a request must set an output token limit.
    pub(crate) requires_max_tokens: bool,
    /// Builds the body of a request, with the details that the catalog states about the endpoint. If the catalog does not state a detail, the body
    /// has the form that most hosts accept.
    pub(crate) request_body: fn(&GenerateRequest<'_>, Endpoint<'_>) -> Value,
    /// Reads a whole response.
    pub(crate) read_whole: fn(&Value, &mut ResponseState) -> Result<(), ErrorResponse>,
    /// Reads one event of a stream from its name, which may be empty, and its data.
    pub(crate) read_event: fn(&str, &Value, &mut ResponseState) -> Result<(), ErrorResponse>,
    /// Returns the ids in a list of models; `None` if the JSON is not a list of models.
    pub(crate) model_ids: fn(&Value) -> Option<Vec<String>>,
    /// Returns the query suffix for the next page of a list of models; `None` on the last page.
    pub(crate) next_page: fn(&Value) -> Option<String>,
}

/// Returns the wire protocol `api`. Returns `None` if the client does not support the protocol, because requests in this protocol are signed with
/// cloud credentials.
pub(crate) fn protocol(api: Api) -> Option<&'static Protocol> {
    match api {
        Api::OpenaiCompletions => Some(&openai_completions::COMPLETIONS),
        Api::AzureOpenai => Some(&openai_completions::AZURE),
        Api::OpenaiResponses => Some(&openai_responses::RESPONSES),
        Api::AnthropicMessages => Some(&anthropic_messages::MESSAGES),
        Api::GoogleGenerativeAi => Some(&google_generative_ai::GENERATIVE_AI),
        Api::Ollama => Some(&ollama::OLLAMA),
        Api::BedrockConverse | Api::GoogleVertex => None,
    }
}

/// Returns whether this client supports the wire protocol `api`.
#[must_use]
pub fn is_supported(api: Api) -> bool {
    protocol(api).is_some()
}

/// Returns whether every request in the wire protocol `api` must set an output token limit.
#[must_use]
pub fn requires_max_tokens(api: Api) -> bool {
    protocol(api).is_some_and(|protocol| protocol.requires_max_tokens)
}

/// Returns whether two wire protocols have the same format of errors, because they are from the same vendor.
pub(crate) fn is_same_family(one: Api, other: Api) -> bool {
    let family = |api| match api {
        Api::OpenaiCompletions | Api::OpenaiResponses | Api::AzureOpenai => 0,
        Api::AnthropicMessages => 1,
        Api::GoogleGenerativeAi | Api::GoogleVertex => 2,
        Api::BedrockConverse => 3,
        Api::Ollama => 4,
    };
    family(one) == family(other)
}

/// Detects the wire protocol of a response or an error object by its fields. Returns `None` if the fields belong to no particular protocol.
pub(crate) fn detect_protocol(json: &Value) -> Option<Api> {
    let json = json.as_array().and_then(|list| list.first()).unwrap_or(json);
    let word = |key: &str| json.get(key).and_then(Value::as_str);
    let error = json.get("error").filter(|error| error.is_object());
    let is = |json: Option<&Value>, kind: fn(&Value) -> bool| json.is_some_and(kind);
    let error_field = |key: &str| error.and_then(|error| error.get(key));
    let shapes = [
        (Api::OpenaiResponses, word("object") == Some("response")),
        (Api::OpenaiCompletions, is(json.get("choices"), Value::is_array)),
        (Api::AnthropicMessages, word("type") == Some("message") || word("type") == Some("error") && error.is_some()),
        (Api::GoogleGenerativeAi, is(json.get("candidates"), Value::is_array) || json.get("usageMetadata").is_some()),
        (Api::Ollama, is(json.get("done"), Value::is_boolean) && json.get("model").is_some()),
        (Api::GoogleGenerativeAi, is(error_field("code"), Value::is_number) && is(error_field("status"), Value::is_string)),
        (Api::OpenaiCompletions, error_field("message").is_some() && error_field("type").is_some()),
    ];
    shapes.into_iter().find(|(_, is_match)| *is_match).map(|(api, _)| api)
}

impl Role {
    /// Returns the name of the role in requests: `system`, `user` or `assistant`.
    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

impl ResponseState {
    /// Returns the error object that `json` contains, as an error.
    fn check_error(json: &Value) -> Result<(), ErrorResponse> {
        match json.get("error") {
            Some(Value::Null) | None => Ok(()),
            Some(_) => Err(ErrorResponse::parse(json)),
        }
    }

    /// Merges a usage object into that of earlier events of the stream.
    fn add_usage(&mut self, usage: Option<&Value>) {
        if let Some(usage @ Value::Object(_)) = usage {
            merge_usage(self.usage.get_or_insert(Value::Null), usage);
        }
    }

    /// Sets the service tier, if `tier` is a string.
    fn set_service_tier(&mut self, tier: Option<&Value>) {
        self.service_tier = tier.and_then(Value::as_str).map(str::to_owned).or(self.service_tier.take());
    }

    /// Sets the finish reason. The text is then complete.
    fn set_finish_reason(&mut self, reason: Option<&Value>) {
        // Some hosts send an empty reason with every event.
        if let Some(reason) = reason.and_then(Value::as_str).filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason.to_owned());
            self.is_text_finished = true;
        }
    }
}

/// Merges a later usage object into an earlier one. Of two counts, the larger is kept, because counts only grow during a response. The value null
/// is ignored.
fn merge_usage(merged: &mut Value, new: &Value) {
    match (merged, new) {
        (_, Value::Null) => {}
        (Value::Object(merged), Value::Object(new)) => {
            new.iter().for_each(|(key, value)| merge_usage(merged.entry(key.clone()).or_insert(Value::Null), value));
        }
        (Value::Number(merged), Value::Number(new)) if merged.as_f64() >= new.as_f64() => {}
        (merged, new) => *merged = new.clone(),
    }
}

/// Returns messages as an array of objects with `role` and `content`. With `use_developer_role`, system messages have the role `developer`.
fn messages_json<'m>(messages: impl IntoIterator<Item = &'m Message<'m>>, use_developer_role: bool) -> Value {
    let to_json = |message: &Message<'_>| {
        let role = if message.role == Role::System && use_developer_role { "developer" } else { message.role.as_str() };
        json!({"role": role, "content": message.text})
    };
    messages.into_iter().map(to_json).collect()
}

/// Returns whether the endpoint expects system messages to have the role `developer`.
fn has_developer_role(endpoint: Endpoint<'_>) -> bool {
    endpoint.supports(WireFeature::DeveloperRole) == Some(true)
}

/// Adds the output token limit, in the field `field`, and `stream` to a request body, if the request sets them.
fn set_max_tokens_and_stream(body: &mut Value, field: &str, request: &GenerateRequest<'_>) {
    if let Some(max_tokens) = request.max_tokens {
        body[field] = max_tokens.into();
    }
    if request.stream {
        body["stream"] = true.into();
    }
}

/// Returns the messages of the user and the model, and the texts of the system messages.
fn split_system<'m>(request: &GenerateRequest<'m>) -> (Vec<&'m Message<'m>>, Vec<&'m str>) {
    let (system, others): (Vec<_>, Vec<_>) = request.messages.iter().partition(|message| message.role == Role::System);
    (others, system.into_iter().map(|message| message.text).collect())
}

/// Returns the string at `key`. Returns an empty string if the value is missing or not a string.
fn string_at<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Returns an upper bound of the number of values in a JSON text, by counting its brackets and commas; 0 if the text is not an array or an object.
pub(crate) fn value_count(text: &str) -> usize {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return 0;
    }
    let (mut count, mut in_string, mut is_escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' | b',' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// Joins `base` and `path` by one slash.
fn join_url(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// Joins `base`, `/v1` and `path`. The base may already end in `/v1`, because providers document both forms.
fn join_url_v1(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    format!("{}/v1/{path}", base.strip_suffix("/v1").unwrap_or(base))
}

/// Returns the field named by `id` of each object in the array at `key`. Returns `None` if the array is missing, or if the array has objects but no
/// object has the field.
fn ids_at(list: &Value, key: &str, id: &str) -> Option<Vec<String>> {
    ids_of_rows(list.get(key)?.as_array()?, id)
}

/// Returns the field named by `id` of each object in `rows`. Returns `None` if there are objects, but no object has the field.
fn ids_of_rows(rows: &[Value], id: &str) -> Option<Vec<String>> {
    // No id of a model is longer than 512 bytes, but error pages are.
    let ids = rows.iter().filter_map(|row| row.get(id)?.as_str().filter(|id| id.len() <= 512).map(str::to_owned)).collect::<Vec<_>>();
    (rows.is_empty() || !ids.is_empty()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        assert_eq!(value_count(r#" {"a": [1, 2, {"b,[{": "x\\\",[,"}]}"#), 5);
        assert_eq!(value_count("data: [1,2,3]"), 0);
        assert_eq!(value_count(""), 0);
    }
}
