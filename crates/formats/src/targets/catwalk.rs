//! Catwalk's list of providers, which Crush fetches from `/v2/providers`: an array of providers with their models.
//!
//! Rates are US dollars per million tokens. `cost_per_1m_in_cached` is what Crush charges for tokens written to a cache, and
//! `cost_per_1m_out_cached` for those read from one. `default_max_tokens` is what is asked for where nobody says, which is the most that the
//! model gives, and the attachments are images. The key and the address may be a variable, as `$NAME`. Crush does not start when a default model is not one of the
//! provider's, so that each has one. This is the second version of the format; Crush from 0.99 on asks for a third one first.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Billing, Capability, Currency, Fact, Meter, Modality, Model, ModelKind, Rate, ReasoningEffort, Today};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct Catwalk;

const PLACES: Places = Places {
    facts: &[Fact::Name, Fact::ContextWindow, Fact::MaxOutputTokens, Fact::ReasoningEfforts],
    capabilities: &[Capability::Reasoning],
    meters: &[Meter::Input, Meter::Output, Meter::CacheRead, Meter::CacheWrite],
    provider: true,
    ..Places::NONE
};

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    kinds: &[ModelKind::Chat],
    address_variables: false,
    keyless: true,
    several_endpoints: false,
};

#[derive(Serialize)]
struct Provider<'a> {
    name: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    api_endpoint: &'a str,
    r#type: &'static str,
    default_large_model_id: &'a str,
    default_small_model_id: &'a str,
    models: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    default_headers: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(flatten)]
    costs: Costs,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_window: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_reason: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_levels: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_attachments: Option<bool>,
}

#[derive(Serialize, Default)]
struct Costs {
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_per_1m_in: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_per_1m_out: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_per_1m_in_cached: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_per_1m_out_cached: Option<Rate>,
}

impl Target for Catwalk {
    fn name(&self) -> &'static str {
        "catwalk"
    }

    fn summary(&self) -> &'static str {
        "Catwalk's providers, which Crush fetches"
    }

    fn file(&self) -> Option<&'static str> {
        Some("providers.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        let own = [
            Loss::FreeAsZero,
            Loss::Currency,
            Loss::CacheByNumbers,
            Loss::DefaultOutput,
            Loss::CoarseProtocol,
            Loss::FirstAsDefault,
            Loss::Filler(Fact::ReasoningEfforts),
        ];
        service::LOSSES.into_iter().chain(own).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let services = service::services(selection, ABILITIES, lost);
        let providers: Vec<_> = services.iter().map(|service| provider(service, selection, lost)).collect();
        vec![Document::compact("providers.json", &providers)]
    }
}

fn provider<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Provider<'a> {
    let known = service.provider.default_model().filter(|default| service.models.contains(default));
    let default = known.or_else(|| {
        let first = service.models.first().copied();
        first.inspect(|first| lost.note(Loss::FirstAsDefault, *first))
    });
    let default = default.map(Model::id).unwrap_or_default();
    Provider {
        name: service.provider.name(),
        id: service.provider.id(),
        api_key: service.key.map(|name| format!("${name}")),
        api_endpoint: service.endpoint.base_url(),
        r#type: match service.endpoint.api() {
            Api::AnthropicMessages => "anthropic",
            Api::GoogleGenerativeAi => "google",
            Api::OpenaiResponses => "openai",
            _ => "openai-compat",
        },
        default_large_model_id: default,
        default_small_model_id: default,
        models: service.models.iter().map(|model| entry(service, *model, selection, lost)).collect(),
        default_headers: service.endpoint.headers().collect(),
    }
}

fn entry<'a>(service: &Service<'a>, model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Entry<'a> {
    lost.note_missing(PLACES, model);
    if model.max_output_tokens().is_some() {
        lost.note(Loss::DefaultOutput, model);
    }
    if service.endpoint.api() == Api::OpenaiResponses {
        lost.note(Loss::CoarseProtocol, model);
    }
    // Files of Catwalk's own have these three for every model that thinks.
    let efforts: Vec<_> = model.reasoning_efforts().iter().collect();
    if efforts == [ReasoningEffort::Low, ReasoningEffort::Medium, ReasoningEffort::High] {
        lost.note(Loss::Filler(Fact::ReasoningEfforts), model);
    }
    Entry {
        id: model.id(),
        name: model.name(),
        costs: costs(model, selection, lost),
        context_window: model.context_window(),
        default_max_tokens: model.max_output_tokens(),
        can_reason: model.can(Capability::Reasoning),
        reasoning_levels: efforts.into_iter().map(ReasoningEffort::as_str).collect(),
        supports_attachments: (!model.input().is_empty()).then(|| model.input().contains(Modality::Image)),
    }
}

fn costs(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Costs {
    if model.billing() == Billing::Free {
        lost.note(Loss::FreeAsZero, model);
        let zero = Some(Rate::from_micros(0));
        return Costs { cost_per_1m_in: zero, cost_per_1m_out: zero, ..Costs::default() };
    }
    let Some(today) = selection.rates(model) else { return Costs::default() };
    if today.currency() != Currency::Usd {
        lost.note(Loss::Currency, model);
        return Costs::default();
    }
    if !tells_apart(&today) {
        lost.note(Loss::CacheByNumbers, model);
    }
    Costs {
        cost_per_1m_in: today.get(Meter::Input),
        cost_per_1m_out: today.get(Meter::Output),
        cost_per_1m_in_cached: today.get(Meter::CacheWrite),
        cost_per_1m_out_cached: today.get(Meter::CacheRead),
    }
}

/// Whether the numbers say which of the two rates is which, for readers that do not trust the names: files of Catwalk's own use both
/// names both ways.
fn tells_apart(today: &Today) -> bool {
    let Some(input) = today.get(Meter::Input) else {
        return today.get(Meter::CacheRead).is_none() && today.get(Meter::CacheWrite).is_none();
    };
    let output = today.get(Meter::Output);
    let is_read = |rate: Rate| !rate.is_zero() && rate < input && Some(rate) != output;
    let is_write = |rate: Rate| rate > input && rate.micros() <= 2 * input.micros() && Some(rate) != output;
    today.get(Meter::CacheRead).is_none_or(is_read) && today.get(Meter::CacheWrite).is_none_or(is_write)
}
