//! models.dev: `api.json`, an object of providers with their models, which OpenCode and many others fetch. Rates are US dollars per million
//! tokens.
//!
//! Reading. What a model costs above a length of the request is in `cost.tiers`; the older `context_over_200k` is less exact and counts only
//! where there are no tiers. Costs and limits of zero are often filler: costs are handed on as they are, limits of zero are no statement.
//! `env` is one flat list in the order of preference, which does not show which variables belong together. An experimental mode is
//! known by what it sends on the wire, not by its name: the mode `fast` is the service tier `priority` at one provider and the speed `fast`
//! at another.
//!
//! Writing. `api` is the base URL as the AI SDK's packages want it: the one of Anthropic's protocol ends in `/v1`, Ollama is spoken to as
//! OpenAI is, and the packages of the clouds make the address themselves. A model at another endpoint than the first of its provider has it
//! in `provider`. OpenCode drops a model whose `limit` lacks one of its two numbers without a word, and takes 0 for unknown, as models.dev
//! itself writes it.

use crate::fields::{self, Facts, Field, Words, above, can, fact, field, meaning, provider, rate, tier};
use crate::loss::{Loss, Lost, Part};
use crate::object::{Json, Object};
use crate::rows::{self, Rows};
use crate::selection::Selection;
use crate::snapshot::{Builder, Subject, is_variable};
use crate::statement::{Condition, Key, Value};
use crate::target::{self, Document, Target};
use crate::{Exact, service, steps};
use modeldex_table::{
    Api, Billing, Capability, Currency, CurrentRates, Endpoint, Fact, Meter, Modality, Model, Provider, Rate, ServiceTier, Status,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub(super) const TARGET: Target = Target {
    name: "models.dev",
    summary: "api.json of models.dev, which OpenCode and others fetch",
    file: Some("api.json"),
    fields: &[MODEL, RATES, TIERS],
    changes: &[&[
        Loss::LimitAsZero,
        Loss::CoarseProtocol,
        Loss::AddressLeft,
        Loss::Status,
        Loss::FreeAsZero,
        Loss::Currency,
        Loss::Words(Fact::Input),
        Loss::Words(Fact::Output),
    ]],
    write,
};

const MODEL: &[Field] = &[
    fact("name", Fact::Name),
    field("canonical_model_id", Part::Base),
    fact("family", Fact::Family),
    can("attachment", Capability::Attachment),
    can("reasoning", Capability::Reasoning),
    fact("reasoning_options", Fact::ReasoningEfforts).by_hand(),
    can("tool_call", Capability::ToolCall),
    can("structured_output", Capability::StructuredOutput),
    can("temperature", Capability::Temperature),
    fact("knowledge", Fact::KnowledgeCutoff),
    fact("release_date", Fact::ReleaseDate),
    fact("last_updated", Fact::LastUpdated),
    fact("modalities.input", Fact::Input),
    fact("modalities.output", Fact::Output),
    fact("open_weights", Fact::OpenWeights),
    fact("limit.context", Fact::ContextWindow),
    fact("limit.input", Fact::MaxInputTokens),
    fact("limit.output", Fact::MaxOutputTokens),
    fact("status", Fact::Status).by_hand(),
    above("cost.tiers"),
    provider("name"),
];

const RATES: &[Field] = &[
    rate("cache_read", Meter::CacheRead),
    rate("cache_write", Meter::CacheWrite),
    rate("input", Meter::Input),
    rate("input_audio", Meter::InputAudio),
    rate("output", Meter::Output),
    rate("output_audio", Meter::OutputAudio),
    rate("reasoning", Meter::Reasoning),
];

/// The service tiers that a mode can have: batches go another way than a field of the request.
const TIERS: &[Field] = &[tier("flex", ServiceTier::Flex), tier("priority", ServiceTier::Priority), tier("fast", ServiceTier::Fast)];

/// There is no word for a retired model, which is at least deprecated.
const STATUSES: &Words<Status> =
    &[("beta", Status::Preview), ("alpha", Status::Preview), ("deprecated", Status::Deprecated), ("deprecated", Status::Retired)];

/// The packages of the AI SDK that speak one protocol only, and that protocol.
const PACKAGES: &Words<Api> = &[
    ("@ai-sdk/openai-compatible", Api::OpenaiCompletions),
    // OpenRouter speaks the protocol of OpenAI, and so do providers that are reached by its package.
    ("@openrouter/ai-sdk-provider", Api::OpenaiCompletions),
    ("@ai-sdk/openai-compatible", Api::Ollama),
    ("ollama-ai-provider", Api::Ollama),
    ("ollama-ai-provider-v2", Api::Ollama),
    ("@ai-sdk/openai", Api::OpenaiResponses),
    ("@ai-sdk/anthropic", Api::AnthropicMessages),
    ("@ai-sdk/google", Api::GoogleGenerativeAi),
    ("@ai-sdk/google-vertex", Api::GoogleVertex),
    (VERTEX_ANTHROPIC, Api::GoogleVertex),
    ("@ai-sdk/amazon-bedrock", Api::BedrockConverse),
    ("@ai-sdk/azure", Api::AzureOpenai),
];

/// The length of a request above which the older field for steps in the price list holds.
const OLDER_STEP: u32 = 200_000;

/// The package for the models of Anthropic at Vertex AI, which are spoken to in a protocol of their own.
const VERTEX_ANTHROPIC: &str = "@ai-sdk/google-vertex/anthropic";

#[derive(Deserialize)]
struct Service<'a> {
    name: Option<String>,
    doc: Option<String>,
    api: Option<String>,
    npm: Option<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    models: Rows<'a>,
}

/// A model, and its price lists by service tier.
struct Row {
    facts: Facts,
    efforts: Vec<Effort>,
    status: Option<String>,
    costs: Vec<(Option<ServiceTier>, Cost)>,
}

#[derive(Deserialize)]
struct Effort {
    r#type: String,
    values: Option<Vec<Option<String>>>,
}

/// A price list, with the lists of longer requests and the lengths above which they hold.
struct Cost {
    rates: Facts,
    steps: Vec<(Option<u32>, Facts)>,
}

#[derive(Deserialize)]
struct Length {
    r#type: String,
    size: Option<Exact>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    for (id, raw) in rows::file::<Rows<'_>>(bytes)? {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(service) = builder.row(|| id.clone(), raw, rows::read::<Service<'_>>) else { continue };
        read_provider(&service, &mut builder.provider(provider));
        for (id, raw) in service.models {
            let Some(row) = builder.row(|| format!("{provider}/{id}"), raw, Row::read) else { continue };
            if let Some(mut model) = builder.model(provider, &id) {
                row.state(&mut model);
            }
        }
    }
    Ok(())
}

fn read_provider(service: &Service<'_>, subject: &mut Subject<'_>) {
    subject.text(Key::Fact(Fact::Name), service.name.as_deref());
    subject.text(Key::DocUrl, service.doc.as_deref());
    subject.text(Key::BaseUrl, service.api.as_deref());
    subject.api(service.npm.as_deref().and_then(|npm| meaning(PACKAGES, npm)));
    let (names, others): (Vec<_>, Vec<_>) = service.env.iter().cloned().partition(|name| is_variable(name));
    for other in others {
        subject.problem(&Key::Env, format_args!("`{other}` is not the name of a variable"));
    }
    if !names.is_empty() {
        subject.set(Key::Env, Value::Texts(names));
    }
}

impl Row {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: Rows<'_> = rows::read(raw)?;
        let mut costs = Vec::new();
        if let Some(cost) = row.value("cost")? {
            costs.push((None, Cost::read(&cost)?));
        }
        for (_, mode) in row.value::<Rows<'_>>("experimental.modes")?.unwrap_or_default().sorted() {
            let mode: Rows<'_> = rows::read(mode)?;
            if let (Some(cost), Some(tier)) = (mode.value("cost")?, service_tier(&mode)?) {
                costs.push((Some(tier), Cost::read(&cost)?));
            }
        }
        Ok(Self { facts: row.facts(MODEL)?, efforts: row.list("reasoning_options")?, status: row.value("status")?, costs })
    }

    fn state(&self, model: &mut Subject<'_>) {
        self.facts.state(model);
        if let Some(status) = &self.status {
            match meaning(STATUSES, status) {
                Some(status) => model.text(Key::Fact(Fact::Status), Some(status.as_str())),
                None => model.unknown_word(Fact::Status, status),
            }
        }
        // A null among the efforts is a wire value of two models of one provider; nothing shows which effort it is.
        let efforts = self.efforts.iter().filter(|option| option.r#type == "effort");
        let words = efforts.flat_map(|option| option.values.iter().flatten().flatten()).map(String::as_str);
        model.words(Fact::ReasoningEfforts, words);
        for (tier, cost) in &self.costs {
            let always = Condition { tier: *tier, ..Condition::default() };
            cost.rates.state_when(&always, 0, model);
            for (above, rates) in &cost.steps {
                match above {
                    Some(above) => rates.state_when(&Condition { above: Some(*above), ..always.clone() }, 0, model),
                    None => {
                        model.problem(&Key::Rate(always.clone(), Meter::Input), "a step in the price list without the length it begins at");
                    }
                }
            }
        }
    }
}

/// The service tier that a mode asks for on the wire. Some ask for one that this catalog has no word for.
fn service_tier(mode: &Rows<'_>) -> Result<Option<ServiceTier>, String> {
    let (tier, speed) = (mode.value::<String>("provider.body.service_tier")?, mode.value::<String>("provider.body.speed")?);
    Ok(match (tier.as_deref(), speed.as_deref()) {
        (Some(tier), _) => ServiceTier::parse(tier),
        (None, Some("fast")) => Some(ServiceTier::Fast),
        _ => None,
    })
}

impl Cost {
    fn read(cost: &Rows<'_>) -> Result<Self, String> {
        let mut steps = Vec::new();
        if let Some(tiers) = cost.value::<Vec<Rows<'_>>>("tiers")? {
            for tier in tiers {
                let size = match tier.value::<Length>("tier")? {
                    Some(Length { r#type, size: Some(size) }) if r#type == "context" => size.count().ok(),
                    _ => None,
                };
                // Most write the last token of the lower step; 37 of 653 write the first of the upper one, as in 200001.
                let above = size.map(|size| if size % 1_000 == 1 { size - 1 } else { size });
                steps.push((above, tier.facts(RATES)?));
            }
        } else if let Some(step) = cost.value::<Rows<'_>>("context_over_200k")? {
            steps.push((Some(OLDER_STEP), step.facts(RATES)?));
        }
        Ok(Self { rates: cost.facts(RATES)?, steps })
    }
}

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    // A provider is written before the next one is made: one tree of all takes twice the memory and a quarter more time.
    let providers = selection.providers().map(|(provider, models)| (provider.id(), target::raw(&entry(provider, models, selection, lost))));
    vec![Document::compact("api.json", &providers.collect::<BTreeMap<_, _>>())]
}

fn entry<'a>(provider: Provider<'a>, models: &[Model<'a>], selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let first = provider.endpoints().next();
    let mut env: Vec<&str> = Vec::new();
    for name in provider.auth().flat_map(|auth| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env))) {
        if !env.contains(&name) {
            env.push(name);
        }
    }
    let models: Object<'a> = models.iter().map(|model| (model.id(), model_entry(*model, first, selection, lost))).collect();
    Object::default()
        .with("id", provider.id())
        .with("env", env.into_iter().collect::<Json<'_>>())
        .with("npm", first.and_then(|first| package(first, provider)))
        .with("api", first.and_then(address))
        .with("name", provider.name())
        .with("doc", provider.doc_url())
        .with("models", models.sorted())
}

fn model_entry<'a>(model: Model<'a>, usual: Option<Endpoint<'a>>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let served = model.endpoints().next();
    if served.is_some_and(|endpoint| endpoint.api() == Api::Ollama) {
        lost.note(Loss::CoarseProtocol, model);
    }
    if served.is_some_and(|endpoint| address(endpoint).is_none()) {
        lost.note(Loss::AddressLeft, model);
    }
    let elsewhere = served.filter(|endpoint| usual.is_some_and(|usual| usual.id() != endpoint.id()));
    let facts = Object::default().with("id", model.id()).with_model(MODEL, model, |part| {
        Some(match part {
            Part::Fact(fact @ (Fact::Input | Fact::Output)) => modalities(model, fact, lost),
            Part::Fact(Fact::ContextWindow) => limit(model, model.context_window(), lost),
            Part::Fact(Fact::MaxOutputTokens) => limit(model, model.max_output_tokens(), lost),
            Part::Fact(Fact::Status) => status(model, lost).into(),
            Part::Fact(Fact::ReasoningEfforts) if !model.reasoning_efforts().is_empty() => {
                let efforts = Object::default().with("type", "effort").with("values", fields::value(model, part));
                [efforts].into_iter().collect()
            }
            _ => return None,
        })
    });
    facts.with("cost", cost(model, selection, None, lost)).with("experimental", modes(model, selection, lost)).with(
        "provider",
        elsewhere.map(|endpoint| Object::default().with("npm", package(endpoint, model.provider())).with("api", address(endpoint))),
    )
}

fn limit(model: Model<'_>, limit: Option<u32>, lost: &mut Lost) -> Json<'static> {
    if limit.is_none() {
        lost.note(Loss::LimitAsZero, model);
    }
    limit.unwrap_or(0).into()
}

/// The package of the AI SDK that speaks the protocol of an endpoint.
fn package(endpoint: Endpoint<'_>, provider: Provider<'_>) -> Option<&'static str> {
    match endpoint.api() {
        Api::GoogleVertex if provider.id().ends_with("-anthropic") => Some(VERTEX_ANTHROPIC),
        api => fields::word(PACKAGES, api),
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

fn modalities(model: Model<'_>, fact: Fact, lost: &mut Lost) -> Json<'static> {
    let words = if fact == Fact::Input { model.input() } else { model.output() };
    let known = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video | Modality::Pdf);
    if !words.iter().all(|word| known(&word)) {
        lost.note(Loss::Words(fact), model);
    }
    words.iter().filter(known).map(Modality::as_str).collect()
}

fn status(model: Model<'_>, lost: &mut Lost) -> Option<&'static str> {
    if model.status() == Status::Retired {
        lost.note(Loss::Status, model);
    }
    fields::word(STATUSES, model.status())
}

/// What a model costs in a service tier. A list in another currency has no place.
fn cost(model: Model<'_>, selection: &Selection<'_>, tier: Option<ServiceTier>, lost: &mut Lost) -> Option<Object<'static>> {
    if tier.is_none() && model.billing() == Billing::Free {
        lost.note(Loss::FreeAsZero, model);
        return Some([("input", Rate::from_micros(0)), ("output", Rate::from_micros(0))].into_iter().collect());
    }
    let rates = selection.rates_of(model, tier, 0)?;
    if rates.currency() != Currency::Usd {
        lost.note(Loss::Currency, model);
        return None;
    }
    // Readers take a step for the whole price of a longer request, so the rates that stay as they are stand there, too.
    let step = |above: u32| Some((above, named(&selection.rates_of(model, tier, u64::from(above) + 1)?)));
    let steps: Vec<(u32, Object<'_>)> = steps::lengths(model, tier).into_iter().filter_map(step).collect();
    let older = steps.iter().find(|(above, _)| *above == OLDER_STEP).map(|(_, rates)| rates.clone());
    let length = |above: u32| Object::default().with("type", "context").with("size", above);
    let tiers: Json<'_> = steps.into_iter().map(|(above, rates)| rates.with("tier", length(above))).collect();
    Some(named(&rates).with("tiers", tiers.unless_empty()).with("context_over_200k", older))
}

/// What a model costs in the service tiers that a request asks for on the wire.
fn modes(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Option<Object<'static>> {
    let mut modes = Object::default();
    for tier in steps::tiers(model).filter(|tier| TIERS.iter().any(|field| field.part == Part::Tier(*tier))) {
        let body = Object::default();
        let body = if tier == ServiceTier::Fast { body.with("speed", "fast") } else { body.with("service_tier", tier.as_str()) };
        if let Some(cost) = cost(model, selection, Some(tier), lost) {
            modes.set(tier.as_str(), Object::default().with("cost", cost).with("provider", Object::default().with("body", body)));
        }
    }
    (!modes.is_empty()).then(|| Object::default().with("modes", modes.sorted()))
}

fn named(today: &CurrentRates) -> Object<'static> {
    Object::default().with_rates(RATES, today)
}
