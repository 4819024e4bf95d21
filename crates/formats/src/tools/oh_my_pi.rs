//! oh-my-pi's providers and models: `{id: {base_urls, env, models: {id: {api, baseUrl, cost, ...}}}}`, in US dollars per million tokens.
//! It draws partly on models.dev.
//!
//! Traps. A limit that nobody knew is null (893 windows, 1,090 outputs), and a cache rate of 0 is filler. `supportsComputerUse` is false
//! wherever it is not known to be true: only true is stated. A context window of 272000 is an input limit or where OpenAI's price rises
//! (103 rows; of the 46 that models.dev has, none agrees): it is left out. `maxTokens` equals models.dev's limit of 2026-09-30 in 2,437 of
//! 2,655 rows, but three providers have one default nearly throughout, whatever the window, and models.dev has no row to compare:
//! commandcode 65536 (78 of 80), cursor 64000 (117 of 129), wafer-serverless 65536 (21 of 21); there it is left out. `input` knows text
//! and images only.
//!
//! `thinking.efforts` are the levels that the program offers, with its own mapping to budgets, words and other models behind them: they are
//! the efforts of models.dev in 493 of 1,322 rows (with or without `none`), and are left out.
//!
//! `cost.longContext` holds above `inputThreshold` tokens, or from it on where `inputThresholdInclusive`. `serviceTierCost` multiplies.
//! With `cost.timeBased` the rates are those of the peak hours, in UTC, and the multiplier gives the rates outside of them (models.dev
//! lists the lower ones); where rates take effect later, their date is not that of the row, and no rate is stated.

use super::pi::PRICE_STEP;
use super::pi_model::{self, Listed, Majority, RATES};
use crate::Exact;
use crate::fields::{Facts, Field, Words, can, fact, meaning};
use crate::loss::Part;
use crate::rows::{self, Rows};
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key, Value};
use modeldex_table::{Capability, Fact, Hours, ModelKind, Rate, ServiceTier, TimeOfDay, UtcOffset, Weekday};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Outputs that are one default for all models of a provider.
const DEFAULT_OUTPUTS: [(&str, u32); 3] = [("commandcode", 65_536), ("cursor", 64_000), ("wafer-serverless", 65_536)];

const MODEL: &[Field] = &[
    fact("name", Fact::Name),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens),
    fact("input", Fact::Input),
    can("reasoning", Capability::Reasoning),
    can("supportsTools", Capability::ToolCall),
    can("supportsAssistantPrefill", Capability::AssistantPrefill),
];

/// The kinds that have other names than the catalog's.
const KINDS: &Words<ModelKind> = &[("stt", ModelKind::Transcription), ("tts", ModelKind::Speech)];

struct Row {
    id: String,
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    facts: Facts,
    can_use_computers: Option<bool>,
    rates: Facts,
    tiers: BTreeMap<String, Exact>,
    long: Option<LongContext>,
    time: Option<TimeBased>,
}

struct LongContext {
    threshold: Exact,
    is_inclusive: bool,
    rates: Facts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeBased {
    off_peak_multiplier: Exact,
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

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    for (id, raw) in rows::file::<Rows<'_>>(bytes)?.sorted() {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(mut listed) = builder.row(|| id.clone(), raw, rows::read::<Listed<'_>>) else { continue };
        let default_output = DEFAULT_OUTPUTS.iter().find(|(provider, _)| *provider == id).map(|(_, output)| *output);
        let mut majority = Majority::default();
        for (key, raw) in std::mem::take(&mut listed.models).sorted() {
            let Some(row) = builder.row(|| format!("{id}/{key}"), raw, Row::read) else { continue };
            majority.count(row.api.as_deref(), row.base_url.as_deref());
            if let Some(mut model) = builder.model(provider, &row.id) {
                row.state(&mut model, default_output);
            }
        }
        listed.state(&majority, &mut builder.provider(provider));
    }
    Ok(())
}

impl Row {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: Rows<'_> = rows::read(raw)?;
        let cost: Rows<'_> = row.value("cost")?.unwrap_or_default();
        let long = |long: Rows<'_>| {
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

    fn state(self, model: &mut Subject<'_>, default_output: Option<u32>) {
        let fillers = [(Fact::ContextWindow, Some(PRICE_STEP)), (Fact::MaxOutputTokens, default_output)];
        let is_filler = |part, number: Exact| {
            fillers.iter().any(|(fact, filler)| part == Part::Fact(*fact) && filler.is_some_and(|filler| number.count() == Ok(filler)))
        };
        self.facts.without(is_filler).state(model);
        let kind = self.kind.as_deref().and_then(|kind| meaning(KINDS, kind).or_else(|| ModelKind::parse(kind)));
        model.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));
        model.flag(Key::Capability(Capability::ComputerUse), self.can_use_computers.filter(|can| *can));
        let rates = self.rates.without_zero_cache();
        match &self.time {
            Some(time) => by_the_hour(model, time, &rates),
            None => rates.state(model),
        }
        for (name, factor) in &self.tiers {
            match ServiceTier::parse(name) {
                Some(tier) => multiplied(model, &Condition { tier: Some(tier), ..Condition::default() }, &rates, *factor),
                None => model.problem(&Key::Fact(Fact::Prices), format_args!("serviceTierCost: `{name}` is no tier")),
            }
        }
        if let Some(long) = self.long {
            let above = long.threshold.count().map(|threshold| threshold.saturating_sub(long.is_inclusive.into()));
            let rates = long.rates.without_zero_cache();
            pi_model::state_above(&rates, "inputThreshold", above, &Key::Fact(Fact::Prices), model);
        }
    }
}

/// States the given rates for the peak hours, and multiplied for all others.
fn by_the_hour(subject: &mut Subject<'_>, time: &TimeBased, base: &Facts) {
    if !time.effective_rates.is_empty() {
        return;
    }
    let Some(spans) = time.peak_windows.iter().map(span).collect::<Option<Vec<_>>>() else {
        return subject.problem(&Key::Fact(Fact::Prices), "peakWindows: not minutes and days of a week");
    };
    multiplied(subject, &Condition::default(), base, time.off_peak_multiplier);
    for hours in spans {
        base.state_when(&Condition { hours: Some(hours), ..Condition::default() }, 0, subject);
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

/// States rates times a factor. Nothing comes of a rate of zero: it may be one that nobody knew.
fn multiplied(subject: &mut Subject<'_>, condition: &Condition, base: &Facts, factor: Exact) {
    let factor = match factor.rate() {
        Ok(factor) => factor,
        Err(error) => return subject.problem(&Key::Fact(Fact::Prices), format_args!("a factor of prices: {error}")),
    };
    for (meter, rate) in base.rates().filter(|(_, rate)| !rate.is_zero()) {
        let Ok(rate) = rate.rate() else { continue };
        let micros = (u128::from(rate.micros()) * u128::from(factor.micros()) + 500_000) / 1_000_000;
        if let Ok(micros) = u64::try_from(micros) {
            subject.set(Key::Rate(condition.clone(), meter), Value::dollars(Rate::from_micros(micros)));
        }
    }
}
