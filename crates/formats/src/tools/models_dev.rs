//! models.dev: reads and writes `api.json`, an object of providers with their models, which OpenCode and other tools download.
//!
//! Rates are US dollars per million tokens.
//!
//! When reading:
//!
//! - Prices above a number of input tokens are in `cost.tiers`. The older field `context_over_200k` is less exact, and is read only if `cost.tiers`
//!   is missing.
//! - Costs and limits of zero are often placeholders. Costs of zero are read. Limits of zero count as unknown.
//! - `env` is a list of variables in order of preference. It does not state which variables belong together.
//! - An experimental mode is identified by its request fields, because the name of the mode is ambiguous.
//! - For example, the mode `fast` is the service tier `priority` at one provider, and the speed `fast` at another provider.
//!
//! When writing:
//!
//! - `api` is the base URL that the packages of the AI SDK require. For Anthropic's protocol, this URL ends in `/v1`. For Ollama, the package and the
//!   URL are those of OpenAI's protocol.
//! - The packages of cloud providers build the base URL themselves. But if the provider has a base URL, these packages send requests and the cloud
//!   provider's own credentials there. So if a provider has a base URL, its models whose own endpoints need such a package
//!   are omitted. Tried with OpenCode 1.18.33.
//! - If the endpoint of a model is not the first endpoint of its provider, the model's own field `provider` has this endpoint.
//! - OpenCode passes no key to the package if `env` has more than one variable. The packages of vendors then read the vendor's variable and send its
//!   value to the provider. So a provider with such a package has one variable in `env`, unless the vendor's variable is also a variable of the
//!   provider.
//! - OpenCode silently drops a model if one of the two numbers in `limit` is missing.
//! - An unknown limit is written as 0, as in models.dev. OpenCode reads 0 as unknown.

use crate::fields::{
    self, FieldMapping, RowFacts, WordTable, capability, fact, field, parse_word, price_steps, provider_entry, rate, tier,
};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::{self, RawObject};
use crate::selection::ModelSelection;
use crate::snapshot::{SnapshotBuilder, SnapshotEntry, is_variable};
use crate::statement::{FactKey, OwnedCondition, Value};
use crate::target::{self, EmitTarget, OutputFile};
use crate::{ExactDecimal, service, steps};
use modeldex_table::{
    Api, Billing, Capability, Currency, CurrentRates, Endpoint, Fact, Meter, Modality, Model, Provider, Rate, ServiceTier, Status,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "models.dev",
    summary: "api.json of models.dev, which OpenCode and other tools download",
    file_name: Some("api.json"),
    fields: &[MODEL, RATES, TIERS],
    changes: &[&[
        Loss::UnknownLimitAsZero,
        Loss::CoarserProtocol,
        Loss::BaseUrlOmitted,
        Loss::ForeignKeyVariable,
        Loss::SingleKeyVariable,
        Loss::VendorKeyVariable,
        Loss::CoarserStatus,
        Loss::FreeAsZero,
        Loss::OtherCurrency,
        Loss::UnsupportedWords(Fact::Input),
        Loss::UnsupportedWords(Fact::Output),
    ]],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("name", Fact::Name),
    field("canonical_model_id", CatalogPart::Base),
    fact("family", Fact::Family),
    capability("attachment", Capability::Attachment),
    capability("reasoning", Capability::Reasoning),
    fact("reasoning_options", Fact::ReasoningEfforts).handled_by_module(),
    capability("tool_call", Capability::ToolCall),
    capability("structured_output", Capability::StructuredOutput),
    capability("temperature", Capability::Temperature),
    fact("knowledge", Fact::KnowledgeCutoff),
    fact("release_date", Fact::ReleaseDate),
    fact("last_updated", Fact::LastUpdated),
    fact("modalities.input", Fact::Input),
    fact("modalities.output", Fact::Output),
    fact("open_weights", Fact::OpenWeights),
    fact("limit.context", Fact::ContextWindow),
    fact("limit.input", Fact::MaxInputTokens),
    fact("limit.output", Fact::MaxOutputTokens),
    fact("status", Fact::Status).handled_by_module(),
    price_steps("cost.tiers"),
    provider_entry("name"),
];

const RATES: &[FieldMapping] = &[
    rate("cache_read", Meter::CacheRead),
    rate("cache_write", Meter::CacheWrite),
    rate("input", Meter::Input),
    rate("input_audio", Meter::InputAudio),
    rate("output", Meter::Output),
    rate("output_audio", Meter::OutputAudio),
    rate("reasoning", Meter::Reasoning),
];

/// Service tiers that a mode can have. Batch requests use a separate API, not a request field.
const TIERS: &[FieldMapping] = &[tier("flex", ServiceTier::Flex), tier("priority", ServiceTier::Priority), tier("fast", ServiceTier::Fast)];

/// Statuses. A retired model has no word, and is written as deprecated.
const STATUSES: &WordTable<Status> =
    &[("beta", Status::Preview), ("alpha", Status::Preview), ("deprecated", Status::Deprecated), ("deprecated", Status::Retired)];

/// Packages of the AI SDK that implement one wire protocol.
const PACKAGES: &WordTable<Api> = &[
    ("@ai-sdk/openai-compatible", Api::OpenaiCompletions),
    // OpenRouter and other providers with this package use OpenAI's protocol.
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

/// Packages of vendors that send requests to a configured base URL, each with the variable that the package reads if it receives no key. Source:
/// the setting `apiKey` in the documentation of each package, such as <https://ai-sdk.dev/providers/ai-sdk-providers/openai>. The packages of cloud
/// providers are not in the table, because they build the base URL themselves.
const VENDOR_VARIABLES: &[(&str, &str)] =
    &[("@ai-sdk/openai", "OPENAI_API_KEY"), ("@ai-sdk/anthropic", "ANTHROPIC_API_KEY"), ("@ai-sdk/google", "GOOGLE_GENERATIVE_AI_API_KEY")];

/// Number of input tokens above which the prices of the older field `context_over_200k` apply.
const CONTEXT_OVER_200K_THRESHOLD: u32 = 200_000;

/// Package for Anthropic's models at Vertex AI, which have their own wire protocol.
const VERTEX_ANTHROPIC: &str = "@ai-sdk/google-vertex/anthropic";

#[derive(Deserialize)]
struct ProviderRow<'a> {
    name: Option<String>,
    doc: Option<String>,
    api: Option<String>,
    npm: Option<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    models: RawObject<'a>,
}

/// A model with its price lists by service tier.
struct ModelRow {
    facts: RowFacts,
    efforts: Vec<Effort>,
    status: Option<String>,
    costs: Vec<(Option<ServiceTier>, Cost)>,
}

#[derive(Deserialize)]
struct Effort {
    r#type: String,
    values: Option<Vec<Option<String>>>,
}

/// A price list, with the price lists above each number of input tokens.
struct Cost {
    rates: RowFacts,
    steps: Vec<(Option<u32>, RowFacts)>,
}

#[derive(Deserialize)]
struct TierCondition {
    r#type: String,
    size: Option<ExactDecimal>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    for (id, raw) in rows::parse_file::<RawObject<'_>>(bytes)? {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(service) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<ProviderRow<'_>>) else { continue };
        read_provider(&service, &mut builder.provider(provider));
        for (id, raw) in service.models {
            let Some(row) = builder.parse_row(|| format!("{provider}/{id}"), raw, ModelRow::read) else { continue };
            if let Some(mut model) = builder.model(provider, &id) {
                row.record(&mut model);
            }
        }
    }
    Ok(())
}

fn read_provider(service: &ProviderRow<'_>, subject: &mut SnapshotEntry<'_>) {
    subject.set_text(FactKey::Fact(Fact::Name), service.name.as_deref());
    subject.set_text(FactKey::DocUrl, service.doc.as_deref());
    subject.set_text(FactKey::BaseUrl, service.api.as_deref());
    subject.set_api(service.npm.as_deref().and_then(|npm| parse_word(PACKAGES, npm)));
    let (names, others): (Vec<_>, Vec<_>) = service.env.iter().cloned().partition(|name| is_variable(name));
    for other in others {
        subject.reject(&FactKey::Env, format_args!("invalid variable name `{other}`"));
    }
    if !names.is_empty() {
        subject.set(FactKey::Env, Value::Texts(names));
    }
}

impl ModelRow {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        let mut costs = Vec::new();
        if let Some(cost) = row.value("cost")? {
            costs.push((None, Cost::read(&cost)?));
        }
        for (_, mode) in row.value::<RawObject<'_>>("experimental.modes")?.unwrap_or_default().sorted() {
            let mode: RawObject<'_> = rows::parse_value(mode)?;
            if let (Some(cost), Some(tier)) = (mode.value("cost")?, service_tier(&mode)?) {
                costs.push((Some(tier), Cost::read(&cost)?));
            }
        }
        Ok(Self { facts: row.facts(MODEL)?, efforts: row.list("reasoning_options")?, status: row.value("status")?, costs })
    }

    fn record(&self, model: &mut SnapshotEntry<'_>) {
        self.facts.record(model);
        if let Some(status) = &self.status {
            match parse_word(STATUSES, status) {
                Some(status) => model.set_text(FactKey::Fact(Fact::Status), Some(status.as_str())),
                None => model.reject_word(Fact::Status, status),
            }
        }
        // Two models of one provider have the wire value null among their efforts. The effort that null selects is unknown.
        let efforts = self.efforts.iter().filter(|option| option.r#type == "effort");
        let words = efforts.flat_map(|option| option.values.iter().flatten().flatten()).map(String::as_str);
        model.set_words(Fact::ReasoningEfforts, words);
        for (tier, cost) in &self.costs {
            let always = OwnedCondition { tier: *tier, ..OwnedCondition::default() };
            cost.rates.record_when(&always, 0, model);
            for (above, rates) in &cost.steps {
                match above {
                    Some(above) => rates.record_when(&OwnedCondition { above: Some(*above), ..always.clone() }, 0, model),
                    None => {
                        model.reject(&FactKey::Rate(always.clone(), Meter::Input), "a price step has no threshold");
                    }
                }
            }
        }
    }
}

/// Returns the service tier that a mode requests on the wire. Returns `None` if this catalog does not have the tier.
fn service_tier(mode: &RawObject<'_>) -> Result<Option<ServiceTier>, String> {
    let (tier, speed) = (mode.value::<String>("provider.body.service_tier")?, mode.value::<String>("provider.body.speed")?);
    Ok(match (tier.as_deref(), speed.as_deref()) {
        (Some(tier), _) => ServiceTier::parse(tier),
        (None, Some("fast")) => Some(ServiceTier::Fast),
        _ => None,
    })
}

impl Cost {
    fn read(cost: &RawObject<'_>) -> Result<Self, String> {
        let mut steps = Vec::new();
        if let Some(tiers) = cost.value::<Vec<RawObject<'_>>>("tiers")? {
            for tier in tiers {
                let size = match tier.value::<TierCondition>("tier")? {
                    Some(TierCondition { r#type, size: Some(size) }) if r#type == "context" => size.count().ok(),
                    _ => None,
                };
                // Most thresholds are the last token of the lower step. 37 of 653 are the first token of the upper step, such as 200001.
                let above = size.map(|size| if size % 1_000 == 1 { size - 1 } else { size });
                steps.push((above, tier.facts(RATES)?));
            }
        } else if let Some(step) = cost.value::<RawObject<'_>>("context_over_200k")? {
            steps.push((Some(CONTEXT_OVER_200K_THRESHOLD), step.facts(RATES)?));
        }
        Ok(Self { rates: cost.facts(RATES)?, steps })
    }
}

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    // Each provider is serialized before the next one is built: one tree of all providers takes twice the memory and a quarter more time.
    let providers = selection.providers().filter_map(|(provider, models)| {
        let has_base_url = provider.endpoints().next().and_then(package_base_url).is_some();
        let is_safe = |model: &Model<'_>| match model.endpoints().next() {
            endpoint if has_base_url => endpoint.and_then(package_base_url).is_some(),
            // OpenCode uses cloud providers without an API key, and then the package of a vendor reads the variable of the vendor.
            endpoint => endpoint.and_then(|endpoint| vendor_variable(endpoint, provider)).is_none(),
        };
        let (models, unsafe_models): (Vec<_>, Vec<_>) = models.iter().partition(|model| is_safe(model));
        let name = || provider.id().to_owned();
        unsafe_models.into_iter().for_each(|model| losses.record_with_provider(Loss::ForeignKeyVariable, model, name()));
        let models = &models[..];
        if provider.auth().all(|auth| auth.env().next().is_none()) && reads_foreign_variable(provider, models, &[]) {
            models.iter().for_each(|model| losses.record_with_provider(Loss::ForeignKeyVariable, *model, name()));
            return None;
        }
        for model in models {
            let variable = model.endpoints().next().and_then(|endpoint| vendor_variable(endpoint, provider));
            if variable.is_some_and(|variable| !provider.auth().flat_map(modeldex_table::Auth::env).any(|own| own == variable)) {
                losses.record_with_provider(Loss::VendorKeyVariable, *model, name());
            }
        }
        Some((provider.id(), target::raw(&entry(provider, models, selection, losses))))
    });
    vec![OutputFile::json_compact("api.json", &providers.collect::<BTreeMap<_, _>>())]
}

fn entry<'a>(provider: Provider<'a>, models: &[Model<'a>], selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let first = provider.endpoints().next();
    let mut env: Vec<&str> = Vec::new();
    for name in provider.auth().flat_map(|auth| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env))) {
        if !env.contains(&name) {
            env.push(name);
        }
    }
    if let Some(key) = single_key_variable(provider, models, &env) {
        let others: Vec<String> = env.iter().filter(|name| **name != key).map(|name| format!("`{name}`")).collect();
        let name = format!("{id} (without {others})", id = provider.id(), others = others.join(", "));
        models.iter().for_each(|model| losses.record_with_provider(Loss::SingleKeyVariable, *model, name.clone()));
        env = vec![key];
    }
    let models: JsonObject<'a> = models.iter().map(|model| (model.id(), model_entry(*model, first, selection, losses))).collect();
    JsonObject::default()
        .with("id", provider.id())
        .with("env", env.into_iter().collect::<JsonValue<'_>>())
        .with("npm", first.and_then(|first| package(first, provider)))
        .with("api", first.and_then(package_base_url))
        .with("name", provider.name())
        .with("doc", provider.doc_url())
        .with("models", models.sorted())
}

fn model_entry<'a>(
    model: Model<'a>,
    default_endpoint: Option<Endpoint<'a>>,
    selection: &ModelSelection<'a>,
    losses: &mut LossReport,
) -> JsonObject<'a> {
    let served = model.endpoints().next();
    if served.is_some_and(|endpoint| endpoint.api() == Api::Ollama) {
        losses.record(Loss::CoarserProtocol, model);
    }
    if served.is_some_and(|endpoint| package_base_url(endpoint).is_none()) {
        losses.record(Loss::BaseUrlOmitted, model);
    }
    let other_endpoint = served.filter(|endpoint| default_endpoint.is_some_and(|default| default.id() != endpoint.id()));
    let facts = JsonObject::default().with("id", model.id()).with_model(MODEL, model, |part| {
        Some(match part {
            CatalogPart::Fact(fact @ (Fact::Input | Fact::Output)) => modalities(model, fact, losses),
            CatalogPart::Fact(Fact::ContextWindow) => limit(model, model.context_window(), losses),
            CatalogPart::Fact(Fact::MaxOutputTokens) => limit(model, model.max_output_tokens(), losses),
            CatalogPart::Fact(Fact::Status) => status(model, losses).into(),
            CatalogPart::Fact(Fact::ReasoningEfforts) if !model.reasoning_efforts().is_empty() => {
                let efforts = JsonObject::default().with("type", "effort").with("values", fields::value(model, part));
                [efforts].into_iter().collect()
            }
            _ => return None,
        })
    });
    facts.with("cost", cost(model, selection, None, losses)).with("experimental", modes(model, selection, losses)).with(
        "provider",
        other_endpoint
            .map(|endpoint| JsonObject::default().with("npm", package(endpoint, model.provider())).with("api", package_base_url(endpoint))),
    )
}

fn limit(model: Model<'_>, limit: Option<u32>, losses: &mut LossReport) -> JsonValue<'static> {
    if limit.is_none() {
        losses.record(Loss::UnknownLimitAsZero, model);
    }
    limit.unwrap_or(0).into()
}

/// Returns the variable to write if `env`, the variables of a provider, would make OpenCode send the key of another provider: the first variable
/// with a credential. Returns `None` if all variables can be written.
fn single_key_variable<'a>(provider: Provider<'a>, models: &[Model<'a>], env: &[&'a str]) -> Option<&'a str> {
    let is_unsafe = env.len() > 1 && reads_foreign_variable(provider, models, env);
    let credential = || provider.auth().flat_map(modeldex_table::Auth::env).next().or_else(|| env.first().copied());
    is_unsafe.then(credential).flatten()
}

/// Returns whether an AI SDK package of a provider or of its models would read the variable of a vendor that is not in `env` if it received no key.
fn reads_foreign_variable(provider: Provider<'_>, models: &[Model<'_>], env: &[&str]) -> bool {
    let mut served = provider.endpoints().next().into_iter().chain(models.iter().filter_map(|model| model.endpoints().next()));
    served.any(|endpoint| vendor_variable(endpoint, provider).is_some_and(|variable| !env.contains(&variable)))
}

/// Returns the variable of the vendor that the AI SDK package of an endpoint reads if it receives no key.
fn vendor_variable(endpoint: Endpoint<'_>, provider: Provider<'_>) -> Option<&'static str> {
    let package = package(endpoint, provider)?;
    VENDOR_VARIABLES.iter().find(|(vendor, _)| *vendor == package).map(|(_, variable)| *variable)
}

/// Returns the AI SDK package for the wire protocol of an endpoint.
fn package(endpoint: Endpoint<'_>, provider: Provider<'_>) -> Option<&'static str> {
    match endpoint.api() {
        Api::GoogleVertex if provider.id().ends_with("-anthropic") => Some(VERTEX_ANTHROPIC),
        api => fields::word_for(PACKAGES, api),
    }
}

/// Returns the base URL that the package requires. Returns `None` if the package derives the host.
fn package_base_url(endpoint: Endpoint<'_>) -> Option<String> {
    Some(match endpoint.api() {
        api if api.has_derived_host() => return None,
        Api::AnthropicMessages | Api::Ollama => service::base_url_with_version(endpoint.base_url()),
        _ => endpoint.base_url().to_owned(),
    })
}

fn modalities(model: Model<'_>, fact: Fact, losses: &mut LossReport) -> JsonValue<'static> {
    let words = if fact == Fact::Input { model.input() } else { model.output() };
    let known = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video | Modality::Pdf);
    if !words.iter().all(|word| known(&word)) {
        losses.record(Loss::UnsupportedWords(fact), model);
    }
    words.iter().filter(known).map(Modality::as_str).collect()
}

fn status(model: Model<'_>, losses: &mut LossReport) -> Option<&'static str> {
    if model.status() == Status::Retired {
        losses.record(Loss::CoarserStatus, model);
    }
    fields::word_for(STATUSES, model.status())
}

/// Returns the costs of a model in a service tier. Returns `None` if the currency of the price list is not US dollars.
fn cost(
    model: Model<'_>,
    selection: &ModelSelection<'_>,
    tier: Option<ServiceTier>,
    losses: &mut LossReport,
) -> Option<JsonObject<'static>> {
    if tier.is_none() && model.billing() == Billing::Free {
        losses.record(Loss::FreeAsZero, model);
        return Some([("input", Rate::from_micros(0)), ("output", Rate::from_micros(0))].into_iter().collect());
    }
    let rates = selection.request_rates(model, tier, 0)?;
    if rates.currency() != Currency::Usd {
        losses.record(Loss::OtherCurrency, model);
        return None;
    }
    // Consumers use a step as the complete price of a larger request, so steps include unchanged rates.
    let step = |above: u32| Some((above, named(&selection.request_rates(model, tier, u64::from(above) + 1)?)));
    let steps: Vec<(u32, JsonObject<'_>)> = steps::token_thresholds(model, tier).into_iter().filter_map(step).collect();
    let older = steps.iter().find(|(above, _)| *above == CONTEXT_OVER_200K_THRESHOLD).map(|(_, rates)| rates.clone());
    let length = |above: u32| JsonObject::default().with("type", "context").with("size", above);
    let tiers: JsonValue<'_> = steps.into_iter().map(|(above, rates)| rates.with("tier", length(above))).collect();
    Some(named(&rates).with("tiers", tiers.unless_empty()).with("context_over_200k", older))
}

/// Returns the costs of a model in the service tiers that are requested by a field on the wire.
fn modes(model: Model<'_>, selection: &ModelSelection<'_>, losses: &mut LossReport) -> Option<JsonObject<'static>> {
    let mut modes = JsonObject::default();
    for tier in steps::priced_tiers(model).filter(|tier| TIERS.iter().any(|field| field.part == CatalogPart::Tier(*tier))) {
        let body = JsonObject::default();
        let body = if tier == ServiceTier::Fast { body.with("speed", "fast") } else { body.with("service_tier", tier.as_str()) };
        if let Some(cost) = cost(model, selection, Some(tier), losses) {
            modes.set(tier.as_str(), JsonObject::default().with("cost", cost).with("provider", JsonObject::default().with("body", body)));
        }
    }
    (!modes.is_empty()).then(|| JsonObject::default().with("modes", modes.sorted()))
}

fn named(today: &CurrentRates) -> JsonObject<'static> {
    JsonObject::default().with_rates(RATES, today)
}
