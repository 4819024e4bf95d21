//! The wire protocols: how a request is written and an answer read, one module for each.
//!
//! What differs from provider to provider within a protocol is data of the catalog, not code here.

mod anthropic_messages;
mod frames;
mod google_generative_ai;
mod ollama;
mod openai_completions;
mod openai_responses;
mod said;

pub(crate) use frames::{Frame, Frames};
pub(crate) use said::{Failed, Said, quoted};

use modeldex_table::{Api, Endpoint, WireFeature};
use serde_json::{Value, json};

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Whoever runs the model: what holds throughout.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'m> {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: &'m str,
}

/// What a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'m> {
    /// Its id on the wire.
    pub model: &'m str,
    /// The conversation so far.
    pub messages: &'m [Message<'m>],
    /// The most tokens of the answer; `None` for what the server does by itself.
    pub max_tokens: Option<u32>,
    /// Whether the answer is to come as it is made.
    pub stream: bool,
}

/// Why an answer ended that has the most tokens it may have, in the words of the protocols.
pub(crate) const CUT: [&str; 4] = ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"];

/// What has been read of an answer.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Text that has not been handed on yet.
    pub(crate) text: String,
    /// Whether any text has come.
    pub(crate) heard: bool,
    /// Thinking that has not been handed on yet.
    pub(crate) reasoning: String,
    /// What was used, in the protocol's own words.
    pub(crate) usage: Option<Value>,
    /// The class of service that answered, in the provider's own word.
    pub(crate) service_tier: Option<String>,
    /// Why the answer ended, in the provider's own word.
    pub(crate) finish: Option<String>,
    /// Whether the protocol said that the text ended.
    pub(crate) done: bool,
    /// Whether nothing more is to come, though the connection may stay.
    pub(crate) ended: bool,
    /// Whether anything was of this protocol.
    pub(crate) recognised: bool,
}

/// How pieces of a stream are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    Events,
    /// A JSON value on each line.
    Lines,
}

/// One wire protocol.
pub(crate) struct Protocol {
    /// The address that answers, by the base URL.
    pub(crate) url: fn(&str, &Request<'_>) -> String,
    /// The address that lists models, by the base URL.
    pub(crate) models_url: fn(&str) -> String,
    /// The header of a key that the catalog says nothing else of; `None` for a bearer's.
    pub(crate) key_header: Option<&'static str>,
    /// Headers that the protocol itself asks for.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// How a stream is cut.
    pub(crate) framing: Framing,
    /// Whether a request has to say how many tokens the answer may have.
    pub(crate) needs_max_tokens: bool,
    /// What is sent. The catalog says of the endpoint where hosts of one protocol differ; what it does not say is what most hosts take.
    pub(crate) body: fn(&Request<'_>, Endpoint<'_>) -> Value,
    /// Reads an answer that came whole.
    pub(crate) whole: fn(&Value, &mut Progress) -> Result<(), Said>,
    /// Reads a piece of a stream: the event's name, where it has one, and its data.
    pub(crate) piece: fn(&str, &Value, &mut Progress) -> Result<(), Said>,
    /// The ids in a list of models; `None` when it is no such list.
    pub(crate) ids: fn(&Value) -> Option<Vec<String>>,
    /// What is added to the address for the next page of a list; `None` when this was the last.
    pub(crate) next_page: fn(&Value) -> Option<String>,
}

/// The protocol itself; `None` for those that are not spoken here, because they sign requests with credentials of a cloud.
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

/// Whether requests of a protocol can be sent from here.
#[must_use]
pub fn is_spoken(api: Api) -> bool {
    protocol(api).is_some()
}

/// Whether a request of a protocol has to say how many tokens the answer may have.
#[must_use]
pub fn needs_max_tokens(api: Api) -> bool {
    protocol(api).is_some_and(|protocol| protocol.needs_max_tokens)
}

/// Whether two protocols come from one maker, whose errors look alike.
pub(crate) fn same_family(one: Api, other: Api) -> bool {
    let family = |api| match api {
        Api::OpenaiCompletions | Api::OpenaiResponses | Api::AzureOpenai => 0,
        Api::AnthropicMessages => 1,
        Api::GoogleGenerativeAi | Api::GoogleVertex => 2,
        Api::BedrockConverse => 3,
        Api::Ollama => 4,
    };
    family(one) == family(other)
}

/// The protocol whose answer or error this is, where its shape tells.
pub(crate) fn recognise(json: &Value) -> Option<Api> {
    let json = json.as_array().and_then(|list| list.first()).unwrap_or(json);
    let word = |key: &str| json.get(key).and_then(Value::as_str);
    let error = json.get("error").filter(|error| error.is_object());
    let is = |json: Option<&Value>, kind: fn(&Value) -> bool| json.is_some_and(kind);
    let of_error = |key: &str| error.and_then(|error| error.get(key));
    let shapes = [
        (Api::OpenaiResponses, word("object") == Some("response")),
        (Api::OpenaiCompletions, is(json.get("choices"), Value::is_array)),
        (Api::AnthropicMessages, word("type") == Some("message") || word("type") == Some("error") && error.is_some()),
        (Api::GoogleGenerativeAi, is(json.get("candidates"), Value::is_array) || json.get("usageMetadata").is_some()),
        (Api::Ollama, is(json.get("done"), Value::is_boolean) && json.get("model").is_some()),
        (Api::GoogleGenerativeAi, is(of_error("code"), Value::is_number) && is(of_error("status"), Value::is_string)),
        (Api::OpenaiCompletions, of_error("message").is_some() && of_error("type").is_some()),
    ];
    shapes.into_iter().find(|(_, is_so)| *is_so).map(|(api, _)| api)
}

impl Role {
    /// The word that most protocols have for it.
    fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

impl Progress {
    /// Takes over an error that came inside of an answer, when there is one.
    fn fails(json: &Value) -> Result<(), Said> {
        match json.get("error") {
            Some(Value::Null) | None => Ok(()),
            Some(_) => Err(Said::of(json)),
        }
    }

    /// Keeps what is said of usage; what comes later adds to it.
    fn used(&mut self, usage: Option<&Value>) {
        if let Some(usage @ Value::Object(_)) = usage {
            merge(self.usage.get_or_insert(Value::Null), usage);
        }
    }

    /// Keeps the class of service that answered.
    fn served(&mut self, tier: Option<&Value>) {
        self.service_tier = tier.and_then(Value::as_str).map(str::to_owned).or(self.service_tier.take());
    }

    fn finished(&mut self, reason: Option<&Value>) {
        // Some hosts send an empty one with every piece.
        if let Some(reason) = reason.and_then(Value::as_str).filter(|reason| !reason.is_empty()) {
            self.finish = Some(reason.to_owned());
            self.done = true;
        }
    }
}

/// Adds what is said later of usage to what was said before. Counts only grow while an answer comes, so that the larger one is the later
/// one; a null says nothing.
fn merge(held: &mut Value, new: &Value) {
    match (held, new) {
        (_, Value::Null) => {}
        (Value::Object(held), Value::Object(new)) => {
            new.iter().for_each(|(key, value)| merge(held.entry(key.clone()).or_insert(Value::Null), value));
        }
        (Value::Number(held), Value::Number(new)) if held.as_f64() >= new.as_f64() => {}
        (held, new) => *held = new.clone(),
    }
}

/// The turns of a conversation as most protocols have them; `developer` is whether that is the role of what holds throughout.
fn turns<'m>(messages: impl IntoIterator<Item = &'m Message<'m>>, developer: bool) -> Value {
    let turn = |message: &Message<'_>| {
        let role = if message.role == Role::System && developer { "developer" } else { message.role.word() };
        json!({"role": role, "content": message.text})
    };
    messages.into_iter().map(turn).collect()
}

/// Whether the role of what holds throughout is `developer`.
fn has_developer_role(endpoint: Endpoint<'_>) -> bool {
    endpoint.supports(WireFeature::DeveloperRole) == Some(true)
}

/// Adds to a body the most tokens of the answer, under `field`, and that it is to come as a stream.
fn limit(body: &mut Value, field: &str, request: &Request<'_>) {
    if let Some(most) = request.max_tokens {
        body[field] = most.into();
    }
    if request.stream {
        body["stream"] = true.into();
    }
}

/// The conversation without what holds throughout, and that by itself.
fn without_system<'m>(request: &Request<'m>) -> (Vec<&'m Message<'m>>, Vec<&'m str>) {
    let (system, others): (Vec<_>, Vec<_>) = request.messages.iter().partition(|message| message.role == Role::System);
    (others, system.into_iter().map(|message| message.text).collect())
}

/// What stands under `key`, as text; empty when it is none.
fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// `base` with `path` behind it and one slash between them.
fn join(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// `base` with `/v1` and `path` behind it, whether or not it ends in `/v1` itself: both are usual.
fn join_v1(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    format!("{}/v1/{path}", base.strip_suffix("/v1").unwrap_or(base))
}

/// The ids of `list` under `key`, each an object that has its id under `id`.
fn ids_under(list: &Value, key: &str, id: &str) -> Option<Vec<String>> {
    ids_of(list.get(key)?.as_array()?, id)
}

/// The ids of rows; `None` when there are rows and none has one.
fn ids_of(rows: &[Value], id: &str) -> Option<Vec<String>> {
    // Nobody's id is as long as a page.
    let ids = rows.iter().filter_map(|row| row.get(id)?.as_str().filter(|id| id.len() <= 512).map(str::to_owned)).collect::<Vec<_>>();
    (rows.is_empty() || !ids.is_empty()).then_some(ids)
}
