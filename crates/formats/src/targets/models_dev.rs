//! models.dev's `api.json`: an object of providers with their models, which OpenCode and many others fetch.
//!
//! Rates are US dollars per million tokens. `api` is the base URL as the AI SDK's packages want it: the one of Anthropic's protocol ends
//! in `/v1`, Ollama is spoken to as OpenAI is, and the packages of the clouds make the address themselves. A model at another endpoint than
//! the first of its provider says so in `provider`. A request in another class of service is a mode of `experimental`, which names what
//! goes on the wire. OpenCode drops a model whose `limit` lacks one of its two numbers without a word, and takes 0 for unknown, as
//! models.dev itself writes it.

use crate::loss::{ConditionPart, Loss, Lost, Places};
use crate::selection::Selection;
use crate::service;
use crate::steps;
use crate::target::{Document, Target};
use modeldex_table::{
    Api, Billing, Capability, Currency, Date, Endpoint, Fact, Meter, Modality, Model, Provider, Rate, ReasoningEffort, ServiceTier, Status,
    Today,
};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct ModelsDev;

const PLACES: Places = Places {
    facts: &[
        Fact::Name,
        Fact::Family,
        Fact::ContextWindow,
        Fact::MaxInputTokens,
        Fact::MaxOutputTokens,
        Fact::Input,
        Fact::Output,
        Fact::ReasoningEfforts,
        Fact::OpenWeights,
        Fact::ReleaseDate,
        Fact::LastUpdated,
        Fact::KnowledgeCutoff,
        Fact::Status,
    ],
    capabilities: &[
        Capability::Reasoning,
        Capability::ToolCall,
        Capability::StructuredOutput,
        Capability::Temperature,
        Capability::Attachment,
    ],
    meters: &[Meter::Input, Meter::Output, Meter::Reasoning, Meter::CacheRead, Meter::CacheWrite, Meter::InputAudio, Meter::OutputAudio],
    conditions: &[ConditionPart::Above],
    // Batches go another way than a field of the request.
    tiers: &[ServiceTier::Flex, ServiceTier::Priority, ServiceTier::Fast],
    aliases: false,
    provider: true,
};

#[derive(Serialize)]
struct ProviderEntry<'a> {
    id: &'a str,
    env: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    npm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<&'a str>,
    models: BTreeMap<&'a str, ModelEntry<'a>>,
}

#[derive(Serialize)]
struct ModelEntry<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_model_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_options: Option<[ReasoningOption; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_output: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
    modalities: Modalities,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_weights: Option<bool>,
    limit: Limit,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    experimental: Option<Experimental>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<Served>,
}

#[derive(Serialize)]
struct ReasoningOption {
    r#type: &'static str,
    values: Vec<&'static str>,
}

#[derive(Serialize)]
struct Modalities {
    input: Vec<&'static str>,
    output: Vec<&'static str>,
}

#[derive(Serialize)]
struct Limit {
    context: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<u32>,
    output: u32,
}

#[derive(Serialize, Default)]
struct Cost {
    #[serde(flatten)]
    rates: BTreeMap<&'static str, Rate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<Step>,
    /// The older way to say what one of the tiers says.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_over_200k: Option<BTreeMap<&'static str, Rate>>,
}

#[derive(Serialize)]
struct Step {
    #[serde(flatten)]
    rates: BTreeMap<&'static str, Rate>,
    tier: Length,
}

#[derive(Serialize)]
struct Length {
    r#type: &'static str,
    size: u32,
}

#[derive(Serialize)]
struct Experimental {
    modes: BTreeMap<&'static str, Mode>,
}

#[derive(Serialize)]
struct Mode {
    cost: Cost,
    provider: Wire,
}

#[derive(Serialize)]
struct Wire {
    body: Body,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    ServiceTier(&'static str),
    Speed(&'static str),
}

/// Where a model is, if it is not where its provider is.
#[derive(Serialize)]
struct Served {
    npm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
}

impl Target for ModelsDev {
    fn name(&self) -> &'static str {
        "models.dev"
    }

    fn summary(&self) -> &'static str {
        "api.json of models.dev, which OpenCode and others fetch"
    }

    fn file(&self) -> Option<&'static str> {
        Some("api.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        vec![
            Loss::LimitAsZero,
            Loss::CoarseProtocol,
            Loss::AddressLeft,
            Loss::Status,
            Loss::FreeAsZero,
            Loss::Currency,
            Loss::Words(Fact::Input),
            Loss::Words(Fact::Output),
        ]
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let providers: BTreeMap<_, _> =
            selection.providers().map(|(provider, models)| (provider.id(), entry(provider, models, selection, lost))).collect();
        vec![Document::compact("api.json", &providers)]
    }
}

fn entry<'a>(provider: Provider<'a>, models: &[Model<'a>], selection: &Selection<'a>, lost: &mut Lost) -> ProviderEntry<'a> {
    let first = provider.endpoints().next();
    let mut env: Vec<&str> = Vec::new();
    for name in provider.auth().flat_map(|auth| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env))) {
        if !env.contains(&name) {
            env.push(name);
        }
    }
    ProviderEntry {
        id: provider.id(),
        env,
        npm: first.map(|first| package(first, provider)),
        api: first.and_then(address),
        name: provider.name(),
        doc: provider.doc_url(),
        models: models.iter().map(|model| (model.id(), model_entry(*model, first, selection, lost))).collect(),
    }
}

fn model_entry<'a>(model: Model<'a>, usual: Option<Endpoint<'a>>, selection: &Selection<'a>, lost: &mut Lost) -> ModelEntry<'a> {
    lost.note_missing(PLACES, model);
    let served = model.endpoints().next();
    if served.is_some_and(|endpoint| endpoint.api() == Api::Ollama) {
        lost.note(Loss::CoarseProtocol, model);
    }
    if served.is_some_and(|endpoint| address(endpoint).is_none()) {
        lost.note(Loss::AddressLeft, model);
    }
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    let efforts: Vec<_> = model.reasoning_efforts().iter().map(ReasoningEffort::as_str).collect();
    let elsewhere = served.filter(|endpoint| usual.is_some_and(|usual| usual.id() != endpoint.id()));
    ModelEntry {
        id: model.id(),
        name: model.name(),
        canonical_model_id: model.base().map(|base| base.reference().to_string()),
        family: model.family(),
        attachment: model.can(Capability::Attachment),
        reasoning: model.can(Capability::Reasoning),
        reasoning_options: (!efforts.is_empty()).then_some([ReasoningOption { r#type: "effort", values: efforts }]),
        tool_call: model.can(Capability::ToolCall),
        structured_output: model.can(Capability::StructuredOutput),
        temperature: model.can(Capability::Temperature),
        knowledge: date(model.knowledge_cutoff()),
        release_date: date(model.release_date()),
        last_updated: date(model.last_updated()),
        modalities: Modalities {
            input: modalities(model, Fact::Input, model.input().iter(), lost),
            output: modalities(model, Fact::Output, model.output().iter(), lost),
        },
        open_weights: model.open_weights(),
        limit: limit(model, lost),
        status: status(model, lost),
        cost: cost(model, selection, None, lost),
        experimental: modes(model, selection, lost),
        provider: elsewhere.map(|endpoint| Served { npm: package(endpoint, model.provider()), api: address(endpoint) }),
    }
}

fn limit(model: Model<'_>, lost: &mut Lost) -> Limit {
    let (context, output) = (model.context_window(), model.max_output_tokens());
    if context.is_none() || output.is_none() {
        lost.note(Loss::LimitAsZero, model);
    }
    Limit { context: context.unwrap_or(0), input: model.max_input_tokens(), output: output.unwrap_or(0) }
}

/// The package of the AI SDK that speaks a protocol.
fn package(endpoint: Endpoint<'_>, provider: Provider<'_>) -> &'static str {
    match endpoint.api() {
        // The two families of models there are spoken to in protocols of their own.
        Api::GoogleVertex if provider.id().ends_with("-anthropic") => "@ai-sdk/google-vertex/anthropic",
        Api::OpenaiCompletions => "@ai-sdk/openai-compatible",
        Api::OpenaiResponses => "@ai-sdk/openai",
        Api::AnthropicMessages => "@ai-sdk/anthropic",
        Api::GoogleGenerativeAi => "@ai-sdk/google",
        Api::GoogleVertex => "@ai-sdk/google-vertex",
        Api::BedrockConverse => "@ai-sdk/amazon-bedrock",
        Api::AzureOpenai => "@ai-sdk/azure",
        Api::Ollama => "@ai-sdk/openai-compatible",
    }
}

/// The base URL as the package wants it; nothing where it makes the address itself.
fn address(endpoint: Endpoint<'_>) -> Option<String> {
    Some(match endpoint.api() {
        Api::GoogleVertex | Api::BedrockConverse | Api::AzureOpenai => return None,
        Api::AnthropicMessages | Api::Ollama => service::with_version(endpoint.base_url()),
        _ => endpoint.base_url().to_owned(),
    })
}

fn modalities(model: Model<'_>, fact: Fact, words: impl Iterator<Item = Modality>, lost: &mut Lost) -> Vec<&'static str> {
    let known = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video | Modality::Pdf);
    let (known, unknown): (Vec<_>, Vec<_>) = words.partition(known);
    if !unknown.is_empty() {
        lost.note(Loss::Words(fact), model);
    }
    known.into_iter().map(Modality::as_str).collect()
}

/// What is retired is at least deprecated; there is no other word for it.
fn status(model: Model<'_>, lost: &mut Lost) -> Option<&'static str> {
    match model.status() {
        Status::Active => None,
        Status::Preview => Some("beta"),
        Status::Deprecated => Some("deprecated"),
        Status::Retired => {
            lost.note(Loss::Status, model);
            Some("deprecated")
        }
    }
}

/// What a model costs in a class of service. A list in another currency has no place.
fn cost(model: Model<'_>, selection: &Selection<'_>, tier: Option<ServiceTier>, lost: &mut Lost) -> Option<Cost> {
    if tier.is_none() && model.billing() == Billing::Free {
        lost.note(Loss::FreeAsZero, model);
        let zero = |meter: Meter| (meter.as_str(), Rate::from_micros(0));
        return Some(Cost { rates: BTreeMap::from([zero(Meter::Input), zero(Meter::Output)]), ..Cost::default() });
    }
    let rates = selection.rates_of(model, tier, 0)?;
    if rates.currency() != Currency::Usd {
        lost.note(Loss::Currency, model);
        return None;
    }
    // Whoever reads a step takes it for the whole price of a longer request, so the rates that stay as they are stand there, too.
    let step = |above: u32| {
        let rates = named(&selection.rates_of(model, tier, u64::from(above) + 1)?);
        Some(Step { rates, tier: Length { r#type: "context", size: above } })
    };
    let tiers: Vec<Step> = steps::lengths(model, tier).into_iter().filter_map(step).collect();
    let context_over_200k = tiers.iter().find(|step| step.tier.size == 200_000).map(|step| step.rates.clone());
    Some(Cost { rates: named(&rates), tiers, context_over_200k })
}

/// What a model costs in the classes of service that a request asks for on the wire.
fn modes(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Option<Experimental> {
    let mut modes = BTreeMap::new();
    for tier in steps::tiers(model).filter(|tier| PLACES.tiers.contains(tier)) {
        let body = if tier == ServiceTier::Fast { Body::Speed("fast") } else { Body::ServiceTier(tier.as_str()) };
        if let Some(cost) = cost(model, selection, Some(tier), lost) {
            modes.insert(tier.as_str(), Mode { cost, provider: Wire { body } });
        }
    }
    (!modes.is_empty()).then_some(Experimental { modes })
}

fn named(today: &Today) -> BTreeMap<&'static str, Rate> {
    let place = |meter| PLACES.meters.contains(&meter);
    today.iter().filter(|(meter, _)| place(*meter)).map(|(meter, rate)| (meter.as_str(), rate)).collect()
}
