//! Catwalk: reads and writes Catwalk's list of providers, which Crush downloads from `/v2/providers`.
//!
//! The list is an object, `{id: {name, api_key, api_endpoint, type, models: [...]}}`. Catwalk's server returns an array instead of this object. Rates
//! are US dollars per million tokens. `api_key` and `api_endpoint` can be references to variables, which are written `$NAME`.
//!
//! When writing:
//!
//! - Crush charges `cost_per_1m_in_cached` for cache writes, and `cost_per_1m_out_cached` for cache reads.
//! - `default_max_tokens` is the default number of output tokens. The maximum output of the model is written into this field.
//! - `supports_attachments` states whether the model accepts images.
//! - For the type `anthropic`, Crush uses Anthropic's SDK for Go, which sends the value of `ANTHROPIC_AUTH_TOKEN` besides the key of the provider
//!   (charmbracelet/fantasy, `providers/anthropic/anthropic.go`). No field of the format prevents this, so [`Loss::ExtraKeyVariable`] reports it.
//! - Crush does not start if a default model is not a model of the provider, so every provider gets a default model.
//! - The written format has version 2. Crush 0.99 and later request version 3 first.
//!
//! When reading:
//!
//! - `default_max_tokens` is a default and not the maximum output, so it is ignored.
//! - Two ids can belong to one provider, in two regions (`bedrock`, `bedrock-europe`). The facts of the provider are read from the entry with the
//!   shorter id.
//! - 843 of 957 lists in `reasoning_levels` are exactly low, medium and high. This list is a placeholder for every reasoning model, and is ignored.
//! - `reasoning_levels` of Neuralwatt and Vercel is ignored, because in 23 of 23 rows, the list differs from that of models.dev.
//! - Of all other lists in `reasoning_levels`, 49 of 64 equal the list of models.dev.
//!
//! In some files (Anthropic, Bedrock, OpenRouter, Vercel, AIHubMix, Alibaba), `cost_per_1m_in_cached` is the cache write rate, and
//! `cost_per_1m_out_cached` is the cache read rate. In other files (OpenCode, MiniMax, Gemini), the meanings are exchanged. Many files use only one
//! of the two fields, for cache reads. Thus only the values show which rate a field has. The table compares the values with models.dev of 2026-08-18
//! and 2026-09-30, for the same provider and id. The column `same` counts the rows in which models.dev confirms the meaning in the column `read as`.
//! The column `exchanged` counts the rows in which models.dev confirms the exchanged meaning.
//!
//! | field with a value below the input rate | field with a value above the input rate, up to twice | rows | read as | same | exchanged |
//! |---|---|---|---|---|---|
//! | one of the two | none | 660 | read | 392 | 0 |
//! | none | one of the two | 4 | write | 3 | 0 |
//! | one | the other | 166 | read, write | 132 | 0 |
//! | both, equal | | 26 | read | 7 | 0 |
//! | both, different | | 28 | ignored | | |
//!
//! In the rows that neither column counts, models.dev does not have the model, or states another price. Two different rates below the input rate are
//! ambiguous. In 4 rows of MiniMax, the first rate is the read rate. In 20 rows of OpenRouter and Vercel, the second rate is the read rate: these are
//! models of Gemini, whose write rate is below the input rate. Three kinds of values are not cache rates: a value equal to the input rate (52 rows),
//! a value equal to the output rate, and a value above twice the input rate. The last kind occurs in 16 rows of Gemini and Qiniu, in which the value
//! is the output rate.

use crate::ExactDecimal;
use crate::fields::{self, FieldMapping, RowFacts, WordTable, capability, fact, parse_word, provider_entry, rate, word_for};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::{self, RawObject};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::FactKey;
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Billing, Capability, CurrentRates, Fact, Meter, Model, Rate, ReasoningEffort};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "catwalk",
    summary: "Catwalk's list of providers, which Crush downloads",
    file_name: Some("providers.json"),
    fields: &[MODEL],
    changes: &[
        &service::ENDPOINT_LOSSES,
        &[
            Loss::FreeAsZero,
            Loss::OtherCurrency,
            Loss::AmbiguousCacheRates,
            Loss::MaxOutputAsDefault,
            Loss::CoarserProtocol,
            Loss::ExtraKeyVariable,
            Loss::FirstModelAsDefault,
            Loss::LooksLikeFiller(Fact::ReasoningEfforts),
        ],
    ],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("name", Fact::Name),
    rate("cost_per_1m_in", Meter::Input),
    rate("cost_per_1m_out", Meter::Output),
    // The values determine which field has the read rate and which the write rate.
    rate(CACHED[0], Meter::CacheWrite).handled_by_module(),
    rate(CACHED[1], Meter::CacheRead).handled_by_module(),
    fact("context_window", Fact::ContextWindow),
    fact("default_max_tokens", Fact::MaxOutputTokens).only_written(),
    capability("can_reason", Capability::Reasoning),
    fact("reasoning_levels", Fact::ReasoningEfforts),
    capability("supports_attachments", Capability::Attachment).only_read(),
    provider_entry("name"),
];

const CACHED: [&str; 2] = ["cost_per_1m_in_cached", "cost_per_1m_out_cached"];

/// Provider types.
const TYPES: &WordTable<Api> = &[
    ("openai-compat", Api::OpenaiCompletions),
    ("openai", Api::OpenaiCompletions),
    // Catwalk has one type for both OpenAI protocols.
    ("openai", Api::OpenaiResponses),
    ("anthropic", Api::AnthropicMessages),
    ("google", Api::GoogleGenerativeAi),
    ("google-vertex", Api::GoogleVertex),
    ("vertexai", Api::GoogleVertex),
    ("bedrock", Api::BedrockConverse),
    ("azure", Api::AzureOpenai),
];

/// Filler: the levels that Catwalk's files have for every reasoning model.
const FILLER_LEVELS: [ReasoningEffort; 3] = [ReasoningEffort::Low, ReasoningEffort::Medium, ReasoningEffort::High];

/// Providers whose lists of levels do not match the levels of their models.
const PROVIDERS_WITH_UNRELIABLE_LEVELS: [&str; 2] = ["neuralwatt", "vercel"];

const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    ..ToolSupport::DEFAULT
};

#[derive(Deserialize)]
struct CatwalkProvider<'a> {
    name: Option<String>,
    api_key: Option<String>,
    api_endpoint: Option<String>,
    r#type: Option<String>,
    #[serde(borrow)]
    models: Vec<&'a RawValue>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let rows: RawObject<'_> =
        if bytes.trim_ascii_start().starts_with(b"[") { rows::parse_list_by_id(bytes)? } else { rows::parse_file(bytes)? };
    let mut providers = rows.0;
    providers.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
    let mut known = BTreeSet::new();
    for (id, raw) in providers {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(listed) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<CatwalkProvider<'_>>) else { continue };
        if known.insert(provider) {
            let mut subject = builder.provider(provider);
            subject.set_text(FactKey::Fact(Fact::Name), listed.name.as_deref());
            subject.set_base_url(listed.api_endpoint.as_deref());
            subject.set_api(listed.r#type.as_deref().and_then(|name| parse_word(TYPES, name)));
            subject.set_env(listed.api_key.as_deref().and_then(|key| key.strip_prefix('$')));
        }
        for (index, raw) in listed.models.into_iter().enumerate() {
            let parse = |raw| {
                let row: RawObject<'_> = rows::parse_value(raw)?;
                let cache_rates = [row.value(CACHED[0])?, row.value(CACHED[1])?];
                Ok::<_, String>((row.required::<String>("id")?, row.facts(MODEL)?, cache_rates))
            };
            let Some((model, facts, rates)) = builder.parse_row(|| format!("{id}.models[{index}]"), raw, parse) else { continue };
            if let Some(mut subject) = builder.model(provider, &model) {
                read_model(facts, rates, PROVIDERS_WITH_UNRELIABLE_LEVELS.contains(&id.as_str()), &mut subject);
            }
        }
    }
    Ok(())
}

fn read_model(facts: RowFacts, rates: [Option<ExactDecimal>; 2], has_unreliable_levels: bool, subject: &mut SnapshotEntry<'_>) {
    let is_filler = |levels: &[String]| has_unreliable_levels || levels.iter().eq(FILLER_LEVELS.map(ReasoningEffort::as_str).iter());
    let (input, output) = (facts.rate(Meter::Input), facts.rate(Meter::Output));
    facts.without_texts(CatalogPart::Fact(Fact::ReasoningEfforts), is_filler).record(subject);
    let is_output = |rate: &ExactDecimal| output.is_some_and(|output| output.rate() == rate.rate());
    let [one, other] = rates.map(|rate| rate.filter(|rate| !is_output(rate)));
    let (read, written) = classify_cache_rates(input, one, other);
    subject.set_rate(Meter::CacheRead, read);
    subject.set_rate(Meter::CacheWrite, written);
}

/// Returns the cache read rate and the cache write rate among the values of the two fields. A rate is `None` if missing or ambiguous.
fn classify_cache_rates(
    input: Option<ExactDecimal>,
    one: Option<ExactDecimal>,
    other: Option<ExactDecimal>,
) -> (Option<ExactDecimal>, Option<ExactDecimal>) {
    let Some(input) = input.and_then(|input| input.rate().ok()) else { return (None, None) };
    let below = |rate: Rate| !rate.is_zero() && rate < input;
    let above = |rate: Rate| rate > input && rate.micros() <= 2 * input.micros();
    let is = |exact: Option<ExactDecimal>, test: &dyn Fn(Rate) -> bool| exact.filter(|exact| exact.rate().is_ok_and(test));
    let read = match (is(one, &below), is(other, &below)) {
        (Some(one), Some(other)) => (one.rate() == other.rate()).then_some(one),
        (one, other) => one.or(other),
    };
    let written = match (is(one, &above), is(other, &above)) {
        (Some(_), Some(_)) => None,
        (one, other) => one.or(other),
    };
    (read, written)
}

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let providers: JsonValue<'_> = services.iter().map(|service| entry(service, selection, losses)).collect();
    vec![OutputFile::json_compact("providers.json", &providers)]
}

fn entry<'a>(service: &ToolEndpoint<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let known = service.provider.default_model().filter(|default| service.models.contains(default));
    let default = known.or_else(|| {
        let first = service.models.first().copied();
        first.inspect(|first| losses.record(Loss::FirstModelAsDefault, *first))
    });
    let default = default.map(Model::id).unwrap_or_default();
    let is_anthropic = service.key.is_some_and(|key| key.starts_with("ANTHROPIC_"));
    if service.endpoint.api() == Api::AnthropicMessages && !is_anthropic {
        let provider = || service.provider.id().to_owned();
        service.models.iter().for_each(|model| losses.record_with_provider(Loss::ExtraKeyVariable, *model, provider()));
    }
    JsonObject::default()
        .with("name", service.provider.name())
        .with("id", service.provider.id())
        .with("api_key", service.key.map(|name| format!("${name}")))
        .with("api_endpoint", service.endpoint.base_url())
        .with("type", word_for(TYPES, service.endpoint.api()))
        .with("default_large_model_id", default)
        .with("default_small_model_id", default)
        .with("models", service.models.iter().map(|model| model_entry(service, *model, selection, losses)).collect::<JsonValue<'_>>())
        .with("default_headers", service::headers(service.endpoint))
}

fn model_entry<'a>(
    service: &ToolEndpoint<'a>,
    model: Model<'a>,
    selection: &ModelSelection<'a>,
    losses: &mut LossReport,
) -> JsonObject<'a> {
    if model.max_output_tokens().is_some() {
        losses.record(Loss::MaxOutputAsDefault, model);
    }
    if service.endpoint.api() == Api::OpenaiResponses {
        losses.record(Loss::CoarserProtocol, model);
    }
    if model.reasoning_efforts().iter().eq(FILLER_LEVELS) {
        losses.record(Loss::LooksLikeFiller(Fact::ReasoningEfforts), model);
    }
    let free = (model.billing() == Billing::Free).then(|| losses.record(Loss::FreeAsZero, model)).map(|()| Rate::from_micros(0));
    let today = selection.default_rates_usd(model, losses);
    if today.is_some_and(|today| !has_unambiguous_cache_rates(&today)) {
        losses.record(Loss::AmbiguousCacheRates, model);
    }
    JsonObject::default().with("id", model.id()).with_model(MODEL, model, |part| match part {
        CatalogPart::Meter(meter) => {
            let free = free.filter(|_| matches!(meter, Meter::Input | Meter::Output));
            Some(free.or(today.and_then(|today| today.get(meter))).into())
        }
        CatalogPart::Capability(Capability::Attachment) => Some(fields::takes_images(model).into()),
        _ => None,
    })
}

/// Returns whether the values of the two cache rates are unambiguous. Consumers cannot rely on the field names: Catwalk's files use each name for
/// both rates.
fn has_unambiguous_cache_rates(today: &CurrentRates) -> bool {
    let Some(input) = today.get(Meter::Input) else {
        return today.get(Meter::CacheRead).is_none() && today.get(Meter::CacheWrite).is_none();
    };
    let output = today.get(Meter::Output);
    let is_read = |rate: Rate| !rate.is_zero() && rate < input && Some(rate) != output;
    let is_write = |rate: Rate| rate > input && rate.micros() <= 2 * input.micros() && Some(rate) != output;
    today.get(Meter::CacheRead).is_none_or(is_read) && today.get(Meter::CacheWrite).is_none_or(is_write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_map::ProviderIdMap;

    #[test]
    fn two_regions_and_unreliable_levels() {
        let map = ProviderIdMap::parse("providers:\n  a: {catwalk: [acme, acme-europe]}\n  b: {catwalk: [vercel]}\n").unwrap();
        let mut builder = SnapshotBuilder::new("catwalk", &map);
        let text = br#"{
            "acme-europe": {"name": "Acme Europe", "models": [{"id": "eu.m"}]},
            "acme": {"name": "Acme", "models": [{"id": "m", "reasoning_levels": ["high", "max"]}]},
            "vercel": {"models": [{"id": "m", "reasoning_levels": ["none", "high"]}]}
        }"#;
        read(text, &mut builder).unwrap();
        let snapshot = builder.finish().unwrap();
        assert_eq!(snapshot.rejected, []);
        let acme = &snapshot.providers["a"];
        assert_eq!(acme.facts[&FactKey::Fact(Fact::Name)].text(), Some("Acme"));
        assert!(acme.models.keys().eq(["eu.m", "m"]));
        assert!(acme.models["m"].contains_key(&FactKey::Fact(Fact::ReasoningEfforts)));
        assert!(!snapshot.providers["b"].models["m"].contains_key(&FactKey::Fact(Fact::ReasoningEfforts)));
        assert!(read(b"{", &mut SnapshotBuilder::new("catwalk", &map)).is_err());
        let mut listed = SnapshotBuilder::new("catwalk", &map);
        read(br#"[{"id": "acme", "name": "Acme", "models": [{"id": "m"}]}]"#, &mut listed).unwrap();
        assert!(listed.finish().unwrap().providers["a"].models.contains_key("m"));
        assert!(read(br#"[{"name": "Acme"}]"#, &mut SnapshotBuilder::new("catwalk", &map)).is_err());
    }
}
