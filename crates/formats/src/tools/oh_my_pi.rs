//! oh-my-pi: reads oh-my-pi's providers and models, `{id: {base_urls, env, models: {id: {api, baseUrl, cost, ...}}}}`.
//!
//! Rates are US dollars per million tokens. Part of the data is derived from models.dev.
//!
//! - An unknown limit is null (893 context windows, 1,090 output limits). A cache rate of 0 is a placeholder.
//! - `supportsComputerUse` is also false if the capability is unknown, so only true is read.
//! - In 103 rows, the context window is 272000. This number is an input limit or the threshold of OpenAI's price step, and is ignored.
//! - models.dev has 46 of these 103 models. In models.dev, none of the 46 has a context window of 272000.
//! - `maxTokens` equals the limit of models.dev of 2026-09-30 in 2,437 of 2,655 rows.
//! - Three providers have one default `maxTokens` for nearly all models. models.dev does not have these defaults, so they are ignored.
//! - These defaults are: commandcode 65536 (78 of 80 models), cursor 64000 (117 of 129), wafer-serverless 65536 (21 of 21).
//! - `input` states only whether a model accepts text and images.
//! - `thinking.efforts` are the levels that oh-my-pi offers to users. oh-my-pi maps these levels to budgets, words or other models, so they are
//!   ignored.
//! - `thinking.efforts` equals the efforts of models.dev in 493 of 1,322 rows, with or without `none`.
//! - `cost.longContext` applies above `inputThreshold` tokens; with `inputThresholdInclusive`, it also applies at the threshold.
//! - `serviceTierCost` is a multiplier of the rates.
//! - If a row has `cost.timeBased`, the rates of the row apply in the peak hours, which are stated in UTC. For all other hours, these rates are
//!   multiplied by a factor.
//! - models.dev lists the lower of these two rates.
//! - If the rates of `cost.timeBased` take effect later, no rate is read, because the date of the row's own rates is unknown.

use super::pi::PRICE_STEP;
use super::pi_model::{self, ListedProvider, Majority, RATES};
use crate::ExactDecimal;
use crate::fields::{FieldMapping, RowFacts, WordTable, capability, fact, parse_word};
use crate::loss::CatalogPart;
use crate::rows::{self, RawObject};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition, Value};
use modeldex_table::{Capability, Fact, Hours, ModelKind, Rate, ServiceTier, TimeOfDay, UtcOffset, Weekday};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Output limits that a provider has for nearly all its models by default.
const DEFAULT_OUTPUTS: [(&str, u32); 3] = [("commandcode", 65_536), ("cursor", 64_000), ("wafer-serverless", 65_536)];

const MODEL: &[FieldMapping] = &[
    fact("name", Fact::Name),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens),
    fact("input", Fact::Input),
    capability("reasoning", Capability::Reasoning),
    capability("supportsTools", Capability::ToolCall),
    capability("supportsAssistantPrefill", Capability::AssistantPrefill),
];

/// Kinds of models whose names differ from the catalog's.
const KINDS: &WordTable<ModelKind> = &[("stt", ModelKind::Transcription), ("tts", ModelKind::Speech)];

struct OhMyPiModel {
    id: String,
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    facts: RowFacts,
    can_use_computers: Option<bool>,
    rates: RowFacts,
    tiers: BTreeMap<String, ExactDecimal>,
    long: Option<LongContext>,
    time: Option<TimeBased>,
}

struct LongContext {
    threshold: ExactDecimal,
    is_inclusive: bool,
    rates: RowFacts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeBased {
    off_peak_multiplier: ExactDecimal,
    peak_windows: Vec<Window>,
    #[serde(default)]
    effective_rates: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Window {
    start_minute: u16,
    end_minute: u16,
    #[serde(default)]
    weekdays: Vec<u8>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    for (id, raw) in rows::parse_file::<RawObject<'_>>(bytes)?.sorted() {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(mut listed) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<ListedProvider<'_>>) else { continue };
        let default_output = DEFAULT_OUTPUTS.iter().find(|(provider, _)| *provider == id).map(|(_, output)| *output);
        let mut majority = Majority::default();
        for (key, raw) in std::mem::take(&mut listed.models).sorted() {
            let Some(row) = builder.parse_row(|| format!("{id}/{key}"), raw, OhMyPiModel::read) else { continue };
            majority.count(row.api.as_deref(), row.base_url.as_deref());
            if let Some(mut model) = builder.model(provider, &row.id) {
                row.record(&mut model, default_output);
            }
        }
        listed.record(&majority, &mut builder.provider(provider));
    }
    Ok(())
}

impl OhMyPiModel {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        let cost: RawObject<'_> = row.value("cost")?.unwrap_or_default();
        let long = |long: RawObject<'_>| {
            let is_inclusive = long.value("inputThresholdInclusive")?.unwrap_or(false);
            Ok::<_, String>(LongContext { threshold: long.required("inputThreshold")?, is_inclusive, rates: long.facts(RATES)? })
        };
        Ok(Self {
            id: row.required("id")?,
            kind: row.value("kind")?,
            api: row.value("api")?,
            base_url: row.value("baseUrl")?,
            facts: row.facts(MODEL)?,
            can_use_computers: row.value("supportsComputerUse")?,
            rates: cost.facts(RATES)?,
            tiers: row.value("serviceTierCost")?.unwrap_or_default(),
            long: cost.value("longContext")?.map(long).transpose()?,
            time: cost.value("timeBased")?,
        })
    }

    fn record(self, model: &mut SnapshotEntry<'_>, default_output: Option<u32>) {
        let fillers = [(Fact::ContextWindow, Some(PRICE_STEP)), (Fact::MaxOutputTokens, default_output)];
        let is_filler = |part, number: ExactDecimal| {
            fillers
                .iter()
                .any(|(fact, filler)| part == CatalogPart::Fact(*fact) && filler.is_some_and(|filler| number.count() == Ok(filler)))
        };
        self.facts.without(is_filler).record(model);
        let kind = self.kind.as_deref().and_then(|kind| parse_word(KINDS, kind).or_else(|| ModelKind::parse(kind)));
        model.set_text(FactKey::Fact(Fact::Kind), kind.map(ModelKind::as_str));
        model.set_flag(FactKey::Capability(Capability::ComputerUse), self.can_use_computers.filter(|can| *can));
        let rates = self.rates.without_zero_cache();
        match &self.time {
            Some(time) => by_the_hour(model, time, &rates),
            None => rates.record(model),
        }
        for (name, factor) in &self.tiers {
            match ServiceTier::parse(name) {
                Some(tier) => multiplied(model, &OwnedCondition { tier: Some(tier), ..OwnedCondition::default() }, &rates, *factor),
                None => model.reject(&FactKey::Fact(Fact::Prices), format_args!("`serviceTierCost` has the unknown service tier `{name}`")),
            }
        }
        if let Some(long) = self.long {
            let above = long.threshold.count().map(|threshold| threshold.saturating_sub(long.is_inclusive.into()));
            let rates = long.rates.without_zero_cache();
            pi_model::state_above(&rates, "inputThreshold", above, &FactKey::Fact(Fact::Prices), model);
        }
    }
}

/// Sets the rates for the peak hours, and multiplied rates for all other hours.
fn by_the_hour(subject: &mut SnapshotEntry<'_>, time: &TimeBased, base: &RowFacts) {
    if !time.effective_rates.is_empty() {
        return;
    }
    let Some(spans) = time.peak_windows.iter().map(span).collect::<Option<Vec<_>>>() else {
        return subject.reject(&FactKey::Fact(Fact::Prices), "`peakWindows`: expected minutes of a day and days of the week");
    };
    multiplied(subject, &OwnedCondition::default(), base, time.off_peak_multiplier);
    for hours in spans {
        base.record_when(&OwnedCondition { hours: Some(hours), ..OwnedCondition::default() }, 0, subject);
    }
}

fn span(window: &Window) -> Option<Hours> {
    let time = |minute: u16| (minute <= TimeOfDay::END.minutes()).then(|| TimeOfDay::from_minutes(minute));
    let days = window.weekdays.iter().map(|day| match day {
        1..=6 => Weekday::from_code(day - 1),
        0 | 7 => Some(Weekday::Sun),
        _ => None,
    });
    Some(Hours::new(time(window.start_minute)?, time(window.end_minute)?, days.collect::<Option<_>>()?, UtcOffset::UTC))
}

/// Sets rates times a factor. Rates of zero are skipped, because zero may mean unknown.
fn multiplied(subject: &mut SnapshotEntry<'_>, condition: &OwnedCondition, base: &RowFacts, factor: ExactDecimal) {
    let factor = match factor.rate() {
        Ok(factor) => factor,
        Err(error) => return subject.reject(&FactKey::Fact(Fact::Prices), format_args!("invalid multiplier: {error}")),
    };
    for (meter, rate) in base.rates().filter(|(_, rate)| !rate.is_zero()) {
        let Ok(rate) = rate.rate() else { continue };
        let micros = (u128::from(rate.micros()) * u128::from(factor.micros()) + 500_000) / 1_000_000;
        if let Ok(micros) = u64::try_from(micros) {
            subject.set(FactKey::Rate(condition.clone(), meter), Value::dollars(Rate::from_micros(micros)));
        }
    }
}
