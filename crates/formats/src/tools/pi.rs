//! pi: writes `models.json` of the coding agent, and reads the catalog of pi's model library, pi-ai. Rates are US dollars per million tokens.
//!
//! The catalog is `{id: {name, base_urls, env, models: {key: {id, api, baseUrl, cost, ...}}}}`. When reading:
//!
//! - A model with two wire protocols is listed twice, under keys such as `chat:id@api`. The chat entry is read.
//! - In 24 rows, the context window is 272000. This number is the threshold of OpenAI's price step, not the context window, and is ignored.
//! - models.dev has 9 of these 24 models. In models.dev, none of the 9 has a context window of 272000.
//! - `maxTokens` is the output limit: in 1,102 of 1,189 rows, it equals the limit of models.dev of 2026-09-30.
//! - `input` states only whether a model accepts text and images.
//! - `thinkingLevelMap` maps pi's levels to words in requests. An unsupported level is mapped to null.
//! - If a level from minimal to high is missing in `thinkingLevelMap`, pi uses a default that is not in the data. In this case, no efforts are read.
//! - Rates in yuan appear to be converted.
//!
//! `models.json`, in the folder `~/.pi/agent/`, adds providers and models to those built into pi. When writing:
//!
//! - An entry of `tiers` has all rates for requests above its threshold.
//! - API keys and headers can reference variables, as `${NAME}` or `$NAME`; base URLs cannot.
//! - pi runs a value that begins with `!` as a command, so values of headers are escaped.
//! - If a variable is not set, pi hides only the provider that uses the variable.
//! - A built-in provider keeps its built-in models. If a base URL were written for the provider, requests to its built-in models would also use this
//!   base URL, with the protocol that pi has for these models.
//! - Therefore each written model has its own base URL, protocol and headers.

use super::pi_model::{self, ListedProvider, Majority, RATES};
use crate::fields::{FieldMapping, RowFacts, capability, fact, field, price_steps, provider_entry};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::{self, RawObject};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::FactKey;
use crate::target::{EmitTarget, OutputFile};
use crate::{ExactDecimal, steps};
use modeldex_table::{Api, Billing, Capability, Currency, Fact, Model, ModelKind, ReasoningEffort, WireFeature};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "pi",
    summary: "models.json of pi, the coding agent",
    file_name: Some("models.json"),
    fields: &[MODEL, RATES],
    // pi allows several endpoints per provider.
    changes: &[
        &[Loss::Retired, Loss::NotChat, Loss::UnsupportedAuth, Loss::NoEndpoint, Loss::UnsupportedProtocol, Loss::BaseUrlVariables],
        &pi_model::CHANGES,
    ],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("name", Fact::Name).written_by_module(),
    capability("reasoning", Capability::Reasoning),
    fact("thinkingLevelMap", Fact::ReasoningEfforts).handled_by_module(),
    fact("input", Fact::Input),
    fact("output", Fact::Output).only_read(),
    field("cost", CatalogPart::Fact(Fact::Prices)).handled_by_module(),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens),
    price_steps("tiers"),
    provider_entry("name"),
];

/// A context window in the catalogs of pi and oh-my-pi that is the threshold of a price step.
pub(super) const PRICE_STEP: u32 = 272_000;

struct PiModel {
    id: String,
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    facts: RowFacts,
    levels: Option<BTreeMap<String, Option<String>>>,
    rates: RowFacts,
    tiers: Vec<(ExactDecimal, RowFacts)>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    for (id, raw) in rows::parse_file::<RawObject<'_>>(bytes)?.sorted() {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(mut listed) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<ListedProvider<'_>>) else { continue };
        let models = std::mem::take(&mut listed.models).sorted().into_iter();
        let models: Vec<PiModel> =
            models.filter_map(|(key, raw)| builder.parse_row(|| format!("{id}/{key}"), raw, PiModel::read)).collect();
        let mut majority = Majority::default();
        let chat: BTreeSet<&str> = models.iter().filter(|row| row.is_chat()).map(|row| row.id.as_str()).collect();
        for row in &models {
            majority.count(row.api.as_deref(), row.base_url.as_deref());
            if (row.is_chat() || !chat.contains(row.id.as_str()))
                && let Some(mut model) = builder.model(provider, &row.id)
            {
                row.record(&mut model);
            }
        }
        listed.record(&majority, &mut builder.provider(provider));
    }
    Ok(())
}

impl PiModel {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        let cost: RawObject<'_> = row.value("cost")?.unwrap_or_default();
        let tier = |tier: RawObject<'_>| Ok::<_, String>((tier.required("inputTokensAbove")?, tier.facts(RATES)?));
        Ok(Self {
            id: row.required("id")?,
            kind: row.value("type")?,
            api: row.value("api")?,
            base_url: row.value("baseUrl")?,
            facts: row.facts(MODEL)?,
            levels: row.value("thinkingLevelMap")?,
            rates: cost.facts(RATES)?,
            tiers: cost.list("tiers")?.into_iter().map(tier).collect::<Result<_, String>>()?,
        })
    }

    fn is_chat(&self) -> bool {
        self.kind.as_deref() == Some("chat")
    }

    fn record(&self, model: &mut SnapshotEntry<'_>) {
        let is_step = |part, number: ExactDecimal| part == CatalogPart::Fact(Fact::ContextWindow) && number.count() == Ok(PRICE_STEP);
        self.facts.clone().without(is_step).record(model);
        let kind = self.kind.as_deref().and_then(ModelKind::parse);
        model.set_text(FactKey::Fact(Fact::Kind), kind.map(ModelKind::as_str));
        if let Some(levels) = &self.levels {
            state_efforts(levels, model);
        }
        self.rates.clone().without_zero_cache().record(model);
        for (bound, rates) in &self.tiers {
            pi_model::state_above(
                &rates.clone().without_zero_cache(),
                "inputTokensAbove",
                bound.count(),
                &FactKey::Fact(Fact::Prices),
                model,
            );
        }
    }
}

/// Sets the wire values of the levels, if the map has all levels from minimal to high.
fn state_efforts(levels: &BTreeMap<String, Option<String>>, model: &mut SnapshotEntry<'_>) {
    if !["minimal", "low", "medium", "high"].iter().all(|level| levels.contains_key(*level)) {
        return;
    }
    // `off` disables thinking by a field other than the effort; a word such as `default` is not an effort.
    let words: Vec<_> = levels.values().flatten().filter(|word| *word != "off").map(|word| word.to_ascii_lowercase()).collect();
    if words.iter().all(|word| ReasoningEffort::parse(word).is_some()) {
        model.set_words(Fact::ReasoningEfforts, words.iter().map(String::as_str));
    }
}

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut providers: BTreeMap<&str, (JsonObject<'_>, Vec<JsonValue<'_>>)> = BTreeMap::new();
    for service in service::tool_endpoints(selection, pi_model::TOOL_SUPPORT, losses) {
        for model in pi_model::writable(&service, losses) {
            let new = || (JsonObject::default().with("name", service.provider.name()).with("apiKey", pi_model::key(&service)), Vec::new());
            let (_, models) = providers.entry(service.provider.id()).or_insert_with(new);
            models.push(entry(model, &service, selection, losses).into());
        }
    }
    let providers: JsonObject<'_> =
        providers.into_iter().map(|(id, (entry, models))| (id, entry.with("models", JsonValue::List(models)))).collect();
    vec![OutputFile::json_pretty("models.json", &JsonObject::default().with("providers", providers))]
}

fn entry<'a>(model: Model<'a>, service: &ToolEndpoint<'a>, selection: &ModelSelection<'_>, losses: &mut LossReport) -> JsonObject<'a> {
    let endpoint = service.endpoint;
    let usage = endpoint.supports(WireFeature::StreamUsage).filter(|_| endpoint.api() == Api::OpenaiCompletions);
    let headers: JsonObject<'_> = endpoint.headers().map(|(name, value)| (name, literal(value))).collect();
    JsonObject::default()
        .with("id", model.id())
        .with("name", model.name())
        .with("api", endpoint.api().as_str())
        .with("baseUrl", service::base_url_without_version(endpoint))
        .with("headers", headers.sorted().unless_empty())
        .with_model(MODEL, model, |part| match part {
            CatalogPart::Fact(Fact::Input) => Some(pi_model::input(model, losses)),
            CatalogPart::Fact(Fact::ReasoningEfforts) => Some(levels(model, service)),
            CatalogPart::Fact(Fact::Prices) => {
                Some(pi_model::cost(model, selection, losses).with("tiers", tiers(model, selection).unless_empty()).into())
            }
            _ => None,
        })
        .with("compat", pi_model::compat(endpoint, usage))
}

/// Returns a model's map from pi's levels to reasoning efforts. A level that the model does not accept is mapped to null.
fn levels(model: Model<'_>, service: &ToolEndpoint<'_>) -> JsonValue<'static> {
    let is_sent = match service.endpoint.api() {
        Api::OpenaiCompletions => service.endpoint.supports(WireFeature::ReasoningEffort) == Some(true),
        Api::OpenaiResponses => true,
        _ => false,
    };
    let efforts = model.reasoning_efforts();
    if !is_sent || efforts.is_empty() || model.can(Capability::Reasoning) != Some(true) {
        return JsonValue::Absent;
    }
    let level = |effort: ReasoningEffort| if effort == ReasoningEffort::None { "off" } else { effort.as_str() };
    let word = |effort: ReasoningEffort| if efforts.contains(effort) { effort.as_str().into() } else { JsonValue::Null };
    ReasoningEffort::ALL.iter().map(|&effort| (level(effort), word(effort))).collect::<JsonObject<'_>>().sorted().into()
}

/// Returns the prices above each threshold of input tokens.
fn tiers(model: Model<'_>, selection: &ModelSelection<'_>) -> JsonValue<'static> {
    let tier = |above: u32| {
        let today = selection.request_rates(model, None, u64::from(above) + 1).filter(|today| today.currency() == Currency::Usd)?;
        Some(JsonObject::default().with("inputTokensAbove", above).with_all(pi_model::rates(Some(&today))))
    };
    let lengths = steps::token_thresholds(model, None).into_iter().filter(|_| model.billing() == Billing::Metered);
    lengths.filter_map(tier).collect()
}

/// Escapes a text so that pi neither expands variables in it nor runs it.
fn literal(text: &str) -> String {
    let text = text.replace('$', "$$");
    if text.starts_with('!') { format!("${text}") } else { text }
}
