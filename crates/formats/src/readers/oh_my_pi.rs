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

use super::pi_ai::rates;
use super::protocols::Majority;
use super::rows::{self, Rows};
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key, Value};
use modeldex_table::{Capability, Fact, Hours, Meter, ModelKind, Rate, ServiceTier, TimeOfDay, UtcOffset, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A context window that is none.
const PRICE_STEP: u32 = 272_000;

/// Outputs that are one default for all models of a provider.
const DEFAULT_OUTPUTS: [(&str, u32); 3] = [("commandcode", 65_536), ("cursor", 64_000), ("wafer-serverless", 65_536)];

#[derive(Deserialize)]
struct Provider<'a> {
    name: Option<String>,
    #[serde(default)]
    base_urls: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    models: Rows<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    id: String,
    name: Option<String>,
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    reasoning: Option<bool>,
    input: Option<Vec<String>>,
    cost: Option<Cost>,
    context_window: Option<Exact>,
    max_tokens: Option<Exact>,
    supports_tools: Option<bool>,
    supports_computer_use: Option<bool>,
    supports_assistant_prefill: Option<bool>,
    #[serde(default)]
    service_tier_cost: BTreeMap<String, Exact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
    long_context: Option<LongContext>,
    time_based: Option<TimeBased>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LongContext {
    input_threshold: Exact,
    #[serde(default)]
    input_threshold_inclusive: bool,
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
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
    for (id, row) in rows::of_file(bytes)? {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(service) = rows::read::<Provider<'_>>(builder, || id.clone(), row) else { continue };
        let default_output = DEFAULT_OUTPUTS.iter().find(|(provider, _)| *provider == id).map(|(_, output)| *output);
        let mut majority = Majority::default();
        for (key, row) in service.models {
            let Some(read) = rows::read::<Model>(builder, || format!("{id}/{key}"), row) else { continue };
            majority.count(read.api.as_deref(), read.base_url.as_deref());
            if let Some(mut subject) = builder.model(provider, &read.id) {
                model(&mut subject, &read, default_output);
            }
        }
        let mut subject = builder.provider(provider);
        subject.text(Key::Fact(Fact::Name), service.name.as_deref());
        let (api, base_url) = majority.of_most();
        rows::base_url(&mut subject, base_url.into_iter().chain(service.base_urls.iter().map(String::as_str)));
        rows::api(&mut subject, api);
        rows::env(&mut subject, service.env.iter().map(String::as_str));
    }
    Ok(())
}

fn model(subject: &mut Subject<'_>, model: &Model, default_output: Option<u32>) {
    subject.text(Key::Fact(Fact::Name), model.name.as_deref());
    let kind = model.kind.as_deref().and_then(|kind| match kind {
        "stt" => Some(ModelKind::Transcription),
        "tts" => Some(ModelKind::Speech),
        _ => ModelKind::parse(kind),
    });
    subject.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));
    subject.tokens(Fact::ContextWindow, model.context_window.filter(|window| window.count() != Ok(PRICE_STEP)));
    subject.tokens(
        Fact::MaxOutputTokens,
        model.max_tokens.filter(|output| default_output.is_none_or(|default| output.count() != Ok(default))),
    );
    subject.modalities(Fact::Input, model.input.iter().flatten().map(String::as_str));
    subject.can(Capability::Reasoning, model.reasoning);
    subject.can(Capability::ToolCall, model.supports_tools);
    subject.can(Capability::ComputerUse, model.supports_computer_use.filter(|can| *can));
    subject.can(Capability::AssistantPrefill, model.supports_assistant_prefill);
    let Some(cost) = &model.cost else { return };
    let base = [cost.input, cost.output, cost.cache_read, cost.cache_write];
    match &cost.time_based {
        Some(time) => by_the_hour(subject, time, base),
        None => rates(subject, &Condition::default(), base),
    }
    for (name, factor) in &model.service_tier_cost {
        let condition = |tier| Condition { tier: Some(tier), ..Condition::default() };
        match ServiceTier::parse(name) {
            Some(tier) => multiplied(subject, &condition(tier), base, *factor),
            None => subject.problem(&Key::Fact(Fact::Prices), format_args!("serviceTierCost: `{name}` is no tier")),
        }
    }
    if let Some(long) = &cost.long_context {
        match long.input_threshold.count() {
            Ok(threshold) => {
                let above = threshold.saturating_sub(long.input_threshold_inclusive.into());
                let condition = Condition { above: Some(above), ..Condition::default() };
                rates(subject, &condition, [long.input, long.output, long.cache_read, long.cache_write]);
            }
            Err(error) => subject.problem(&Key::Fact(Fact::Prices), format_args!("inputThreshold: {error}")),
        }
    }
}

/// States the given rates for the peak hours, and multiplied for all others.
fn by_the_hour(subject: &mut Subject<'_>, time: &TimeBased, base: [Option<Exact>; 4]) {
    if !time.effective_rates.is_empty() {
        return;
    }
    let Some(spans) = time.peak_windows.iter().map(span).collect::<Option<Vec<_>>>() else {
        return subject.problem(&Key::Fact(Fact::Prices), "peakWindows: not minutes and days of a week");
    };
    multiplied(subject, &Condition::default(), base, time.off_peak_multiplier);
    for hours in spans {
        rates(subject, &Condition { hours: Some(hours), ..Condition::default() }, base);
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
fn multiplied(subject: &mut Subject<'_>, condition: &Condition, base: [Option<Exact>; 4], factor: Exact) {
    let factor = match factor.rate() {
        Ok(factor) => factor,
        Err(error) => return subject.problem(&Key::Fact(Fact::Prices), format_args!("a factor of prices: {error}")),
    };
    for (meter, rate) in [Meter::Input, Meter::Output, Meter::CacheRead, Meter::CacheWrite].into_iter().zip(base) {
        let Some(rate) = rate.filter(|rate| !rate.is_zero()) else { continue };
        let Ok(rate) = rate.rate() else { continue };
        let micros = (u128::from(rate.micros()) * u128::from(factor.micros()) + 500_000) / 1_000_000;
        if let Ok(micros) = u64::try_from(micros) {
            subject.set(Key::Rate(condition.clone(), meter), Value::dollars(Rate::from_micros(micros)));
        }
    }
}
