//! What pi and openclaw say alike. openclaw is built on pi's layer of models, so protocols, addresses, costs and what a host does not take
//! are the same words in both, and so are their traps:
//!
//! - A base URL of Anthropic's protocol ends before `/v1`, and one of Google's behind its version.
//! - A host that is not known by its address is taken for OpenAI itself: it is sent the role `developer`, `store` and
//!   `max_completion_tokens`. So what it takes is always written, and what nobody knows of is not asked of it: every host takes
//!   `system` and `max_tokens`, and no host misses a field that is not sent.
//! - A key is a reference, `${NAME}`: a bare name would be sent as the key.
//! - A provider without a key is left out without a word, also where none is asked for.

use crate::loss::{Loss, Lost};
use crate::selection::Selection;
use crate::service::{Abilities, Service};
use modeldex_table::{
    Api, AuthKind, Billing, Capability, Currency, Endpoint, Fact, MaxTokensField, Meter, Modality, Model, ModelKind, Rate, Today,
    WireFeature,
};
use serde::Serialize;

/// What both can be configured for; these protocols have the catalog's names there. Both speak Bedrock's, too, but then they ask AWS's own
/// library who asks and in which region, and never send a key that is written.
pub(super) const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    kinds: &[ModelKind::Chat],
    address_variables: false,
    keyless: true,
    several_endpoints: true,
};

/// What else happens to the facts of a model in both.
pub(super) const CHANGES: [Loss; 8] = [
    Loss::NoContextWindow,
    Loss::NoMaxOutput,
    Loss::UnpricedAsZero,
    Loss::FreeAsZero,
    Loss::PlanAsZero,
    Loss::RateAsZero,
    Loss::Currency,
    Loss::Words(Fact::Input),
];

/// What a host takes of its protocol.
#[derive(Serialize, Clone, Copy, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Compat {
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_store: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_developer_role: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_reasoning_effort: Option<bool>,
    /// Not in each version of openclaw.
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_usage_in_streaming: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens_field: Option<&'static str>,
}

/// US dollars per million tokens. All four are demanded.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    input: Rate,
    output: Rate,
    cache_read: Rate,
    cache_write: Rate,
}

/// The most tokens of a model: of request and answer together, and of the answer.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) context_window: u32,
    pub(super) max_tokens: u32,
}

impl Compat {
    /// What the host behind an endpoint takes.
    pub(super) fn of(endpoint: Endpoint<'_>) -> Option<Self> {
        let known = |feature| Some(endpoint.supports(feature).unwrap_or(false));
        let supports_developer_role = known(WireFeature::DeveloperRole);
        match endpoint.api() {
            Api::OpenaiCompletions => Some(Self {
                supports_store: known(WireFeature::Store),
                supports_developer_role,
                supports_reasoning_effort: known(WireFeature::ReasoningEffort),
                supports_usage_in_streaming: None,
                max_tokens_field: Some(endpoint.max_tokens_field().unwrap_or(MaxTokensField::MaxTokens).as_str()),
            }),
            Api::OpenaiResponses => Some(Self { supports_developer_role, ..Self::default() }),
            _ => None,
        }
    }

    /// The same, and whether the host tells usage at the end of a stream.
    pub(super) fn with_usage_in_streaming(self, known: Option<bool>) -> Self {
        Self { supports_usage_in_streaming: known, ..self }
    }
}

impl Cost {
    /// What a model costs, with zeros where a number is demanded and there is none.
    pub(super) fn of(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Self {
        let loss = match (model.billing(), selection.rates(model)) {
            (Billing::Metered, Some(today)) if today.currency() == Currency::Usd => {
                if today.get(Meter::Input).is_none() || today.get(Meter::Output).is_none() {
                    lost.note(Loss::RateAsZero, model);
                }
                return Self::at(&today);
            }
            (Billing::Metered, Some(_)) => {
                lost.note(Loss::Currency, model);
                Loss::UnpricedAsZero
            }
            (Billing::Metered | Billing::Unpriced, _) => Loss::UnpricedAsZero,
            (Billing::Free, _) => Loss::FreeAsZero,
            (Billing::Plan, _) => Loss::PlanAsZero,
        };
        lost.note(loss, model);
        let zero = Rate::from_micros(0);
        Self { input: zero, output: zero, cache_read: zero, cache_write: zero }
    }

    /// The rates of a price list. What is kept, or read again, is charged as any other input where the list does not say otherwise.
    pub(super) fn at(today: &Today) -> Self {
        let input = today.get(Meter::Input);
        let rate = |rate: Option<Rate>| rate.unwrap_or(Rate::from_micros(0));
        Self {
            input: rate(input),
            output: rate(today.get(Meter::Output)),
            cache_read: rate(today.get(Meter::CacheRead).or(input)),
            cache_write: rate(today.get(Meter::CacheWrite).or(input)),
        }
    }
}

/// Those of the models at a service that can be written, with their limits. Without one of them the tools assume some number of their own.
pub(super) fn writable<'a>(service: &Service<'a>, lost: &mut Lost) -> Vec<(Model<'a>, Limits)> {
    // What begins with a digit is no reference to them: `${302AI_API_KEY}` would be sent as it stands.
    let is_reference = service.key.is_none_or(|name| !name.starts_with(|letter: char| letter.is_ascii_digit()));
    let limits = |model: Model<'a>| {
        if !is_reference {
            return Err(Loss::Credentials);
        }
        // Whoever uses these tools writes to them.
        if !model.input().is_empty() && !model.input().contains(Modality::Text) {
            return Err(Loss::Kind);
        }
        let context_window = model.context_window().ok_or(Loss::NoContextWindow)?;
        Ok(Limits { context_window, max_tokens: model.max_output_tokens().ok_or(Loss::NoMaxOutput)? })
    };
    let kept = |&model: &Model<'a>| limits(model).map_err(|loss| lost.note(loss, model)).ok().map(|limits| (model, limits));
    service.models.iter().filter_map(kept).collect()
}

/// The key, as a reference. A server on the machine itself that may ask for none gets a word that stands for none: openclaw's documentation
/// has this one, which openclaw knows, and a server that does ask for a key says so.
pub(super) fn key(service: &Service<'_>) -> String {
    let asks_nothing = service.provider.auth().any(|auth| auth.kind() == AuthKind::None);
    match service.key {
        Some(name) if !(asks_nothing && is_here(service.endpoint.base_url())) => format!("${{{name}}}"),
        _ => "ollama-local".to_owned(),
    }
}

/// What goes in, in the two words that there are; empty, and so left out, when nobody has said.
pub(super) fn input(model: Model<'_>, lost: &mut Lost) -> Vec<&'static str> {
    let (known, unknown): (Vec<_>, Vec<_>) = model.input().iter().partition(|word| matches!(word, Modality::Text | Modality::Image));
    if !unknown.is_empty() {
        lost.note(Loss::Words(Fact::Input), model);
    }
    known.into_iter().map(Modality::as_str).collect()
}

/// Whether a model thinks before it answers; left out when nobody has said.
pub(super) fn reasons(model: Model<'_>) -> Option<bool> {
    model.can(Capability::Reasoning)
}

/// Whether an address is this very machine.
fn is_here(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |name: &str| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    is_name("localhost") || is_name("127.0.0.1") || is_name("[::1]")
}
