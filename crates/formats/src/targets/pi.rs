//! pi's `models.json`: providers and models beside those that pi knows itself, in `~/.pi/agent/`.
//!
//! Costs are US dollars per million tokens; a tier is the whole price of a request that is longer than it says. A key and a header may name
//! variables, as `${NAME}` or `$NAME`, and an address may not. A value that begins with `!` is a command that pi runs, so headers are
//! written so that none is one. A variable that is not set hides its provider and nothing else.
//!
//! A provider that pi knows itself keeps pi's own models, and they would be asked at a base URL of the provider's, in the protocol that pi
//! has for them. So each model has its own address, protocol and headers.

use super::pi_model::{self, ABILITIES, Compat, Cost, Limits};
use crate::loss::{ConditionPart, Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Service};
use crate::steps;
use crate::target::{Document, Target};
use modeldex_table::{Api, Billing, Capability, Currency, Fact, Meter, Model, ReasoningEffort, WireFeature};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct Pi;

const PLACES: Places = Places {
    facts: &[Fact::Name, Fact::ContextWindow, Fact::MaxOutputTokens, Fact::Input, Fact::ReasoningEfforts],
    capabilities: &[Capability::Reasoning],
    meters: &[Meter::Input, Meter::Output, Meter::CacheRead, Meter::CacheWrite],
    conditions: &[ConditionPart::Above],
    provider: true,
    ..Places::NONE
};

#[derive(Serialize)]
struct Config<'a> {
    providers: BTreeMap<&'a str, ProviderEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderEntry<'a> {
    name: &'a str,
    api_key: String,
    models: Vec<ModelEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelEntry<'a> {
    id: &'a str,
    name: &'a str,
    api: &'static str,
    base_url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    thinking_level_map: BTreeMap<&'static str, Option<&'static str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    input: Vec<&'static str>,
    cost: Prices,
    context_window: u32,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    compat: Option<Compat>,
}

#[derive(Serialize)]
struct Prices {
    #[serde(flatten)]
    base: Cost,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<Tier>,
}

#[derive(Serialize)]
struct Tier {
    #[serde(rename = "inputTokensAbove")]
    above: u32,
    #[serde(flatten)]
    cost: Cost,
}

impl Target for Pi {
    fn name(&self) -> &'static str {
        "pi"
    }

    fn summary(&self) -> &'static str {
        "models.json of pi, the coding agent"
    }

    fn file(&self) -> Option<&'static str> {
        Some("models.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        let of_services = service::LOSSES.into_iter().filter(|loss| *loss != Loss::OtherEndpoint);
        of_services.chain(pi_model::CHANGES).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut providers = BTreeMap::new();
        for service in service::services(selection, ABILITIES, lost) {
            for (model, limits) in pi_model::writable(&service, lost) {
                let new = || ProviderEntry { name: service.provider.name(), api_key: pi_model::key(&service), models: Vec::new() };
                let entry = providers.entry(service.provider.id()).or_insert_with(new);
                entry.models.push(row(model, limits, &service, selection, lost));
            }
        }
        vec![Document::pretty("models.json", &Config { providers })]
    }
}

fn row<'a>(model: Model<'a>, limits: Limits, service: &Service<'a>, selection: &Selection<'_>, lost: &mut Lost) -> ModelEntry<'a> {
    lost.note_missing(PLACES, model);
    let endpoint = service.endpoint;
    let usage = endpoint.supports(WireFeature::StreamUsage).filter(|_| endpoint.api() == Api::OpenaiCompletions);
    ModelEntry {
        id: model.id(),
        name: model.name(),
        api: endpoint.api().as_str(),
        base_url: service::address(endpoint),
        headers: endpoint.headers().map(|(name, value)| (name, literal(value))).collect(),
        reasoning: pi_model::reasons(model),
        thinking_level_map: levels(model, service),
        input: pi_model::input(model, lost),
        cost: Prices { base: Cost::of(model, selection, lost), tiers: tiers(model, selection) },
        context_window: limits.context_window,
        max_tokens: limits.max_tokens,
        compat: Compat::of(endpoint).map(|compat| compat.with_usage_in_streaming(usage)),
    }
}

/// How hard a model may be asked to think, where it is asked in these words; null takes away a level of pi's.
fn levels(model: Model<'_>, service: &Service<'_>) -> BTreeMap<&'static str, Option<&'static str>> {
    let is_asked = match service.endpoint.api() {
        Api::OpenaiCompletions => service.endpoint.supports(WireFeature::ReasoningEffort) == Some(true),
        Api::OpenaiResponses => true,
        _ => false,
    };
    let efforts = model.reasoning_efforts();
    if !is_asked || efforts.is_empty() || pi_model::reasons(model) != Some(true) {
        return BTreeMap::new();
    }
    let level = |effort: ReasoningEffort| if effort == ReasoningEffort::None { "off" } else { effort.as_str() };
    ReasoningEffort::ALL.iter().map(|&effort| (level(effort), efforts.contains(effort).then_some(effort.as_str()))).collect()
}

/// What longer requests cost.
fn tiers(model: Model<'_>, selection: &Selection<'_>) -> Vec<Tier> {
    if model.billing() != Billing::Metered {
        return Vec::new();
    }
    let tier = |above: u32| {
        let today = selection.rates_of(model, None, u64::from(above) + 1).filter(|today| today.currency() == Currency::Usd)?;
        Some(Tier { above, cost: Cost::at(&today) })
    };
    steps::lengths(model, None).into_iter().filter_map(tier).collect()
}

/// A text in which pi puts no variable, and which it does not run.
fn literal(text: &str) -> String {
    let text = text.replace('$', "$$");
    if text.starts_with('!') { format!("${text}") } else { text }
}
