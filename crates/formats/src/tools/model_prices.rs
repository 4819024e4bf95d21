//! model-prices: reads its price history, `{prices: {provider: {model: {service: [entry]}}}, status, schedules, aliases, updated_at}`.
//!
//! - Rates are US dollars per million tokens.
//! - An entry applies from its `start` until the start of the next entry. If `start` is null, the start is unknown. An entry without rates ends the
//!   service.
//! - The reader reads two kinds of prices: those that are current at the time of the file, and announced prices with their start. Past prices are
//!   ignored.
//! - The service `thinking` has higher output rates, which no meter or tier of this catalog can express.
//! - The service `fast` of OpenAI is the service tier `priority`: all 24 rates equal LiteLLM's rates for `priority`.
//! - In peak hours, the listed rates are multiplied by the `peak_multiplier` of a schedule; in off-peak hours, by its `off_peak_multiplier`.
//! - For DeepSeek, the listed rates are those of off-peak hours.
//! - On holidays, there are no peak hours. This catalog cannot express this exception.
//! - `bases` states the organisation of a model, which may be a lab or a host. Therefore `bases` is ignored.

use crate::ExactDecimal;
use crate::fields::{FieldMapping, RowFacts, WordTable, parse_word, rate};
use crate::rows::{self, RawObject};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition, Value};
use modeldex_table::{Fact, Hours, Meter, Moment, Rate, ServiceTier, Status, TimeOfDay, UtcOffset, Weekday};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    prices: RawObject<'a>,
    updated_at: String,
    #[serde(borrow, default)]
    status: RawObject<'a>,
    aliases: Option<Aliases>,
    #[serde(borrow)]
    schedules: Option<Schedules<'a>>,
}

#[derive(Deserialize)]
struct Aliases {
    #[serde(default)]
    models: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Schedules<'a> {
    #[serde(borrow, default)]
    schedule: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Schedule<'a> {
    provider: String,
    valid_from: Option<String>,
    valid_until: Option<String>,
    #[serde(default)]
    peak_hours_utc: Vec<[String; 2]>,
    #[serde(borrow)]
    peak_multiplier: Option<&'a RawValue>,
    #[serde(default)]
    off_peak_hours_utc: Vec<[String; 2]>,
    #[serde(borrow)]
    off_peak_multiplier: Option<&'a RawValue>,
    #[serde(default)]
    weekdays_only: bool,
}

const RATES: &[FieldMapping] = &[
    rate("input", Meter::Input),
    rate("output", Meter::Output),
    rate("cache_read", Meter::CacheRead),
    rate("cache_write", Meter::CacheWrite),
];

const STATUSES: &WordTable<Status> = &[("deprecated", Status::Deprecated), ("removed", Status::Retired)];

/// Rates from a moment on. An entry without rates is the end of the service.
struct Entry {
    start: Option<String>,
    rates: Option<Rates>,
}

/// Price lists of an entry: the base list, and the lists above a number of input tokens.
struct Rates {
    steps: Vec<Step>,
    /// Rate of one-hour cache writes, as a multiple of the input rate.
    cache_write_1h: Option<ExactDecimal>,
    /// The dated version that the id refers to.
    model: Option<String>,
}

struct Step {
    above: Option<ExactDecimal>,
    rates: RowFacts,
}

/// Hours at which a multiple of the listed rates applies.
struct RateMultiplier {
    hours: Hours,
    until: Option<Moment>,
    factor: ExactDecimal,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let file: File<'_> = rows::parse_file(bytes)?;
    let now = moment(&file.updated_at).ok_or_else(|| format!("`updated_at` is not a date and time: `{text}`", text = file.updated_at))?;
    let schedules = read_schedules(file.schedules.as_ref(), builder);
    for (source, raw) in &file.prices.0 {
        let Some(provider) = builder.provider_id(source) else { continue };
        let Some(models) = builder.parse_row(|| source.clone(), raw, rows::parse_value::<RawObject<'_>>) else { continue };
        let statuses = file.status.get(source).map_or_else(|| Ok(BTreeMap::new()), rows::parse_value::<BTreeMap<String, String>>);
        let statuses = statuses.unwrap_or_else(|reason| {
            builder.reject(source.as_str(), format_args!("`status`: {reason}"));
            BTreeMap::new()
        });
        for (id, raw) in &models.0 {
            let Some(services) = builder.parse_row(|| format!("{provider}/{id}"), raw, read_services) else { continue };
            let Some(mut model) = builder.model(provider, id) else { continue };
            let is_removed = statuses.get(id).is_some_and(|status| status == "removed");
            let multipliers = if is_removed { Vec::new() } else { multipliers(&schedules, source, id, now) };
            for (service, entries) in &services {
                if let Some(tier) = service_tier(source, service) {
                    set_service_rates(source, entries, tier, now, &multipliers, &models, &mut model);
                }
            }
        }
        for (id, status) in &statuses {
            let Some(mut model) = builder.model(provider, id) else { continue };
            match parse_word(STATUSES, status) {
                Some(status) => model.set_text(FactKey::Fact(Fact::Status), Some(status.as_str())),
                None => model.reject_word(Fact::Status, status),
            }
        }
        for (alias, target) in file.aliases.iter().flat_map(|aliases| &aliases.models) {
            let target = target.strip_prefix(source.as_str()).and_then(|rest| rest.strip_prefix('/'));
            // An id with its own rates is a model, even if it is listed as an alias.
            if let Some(target) = target.filter(|target| models.get(target).is_some() && models.get(alias).is_none())
                && let Some(mut model) = builder.model(provider, alias)
            {
                model.set_text(FactKey::AliasOf, Some(target));
            }
        }
    }
    Ok(())
}

/// Parses the entries of a model, by service.
fn read_services(raw: &RawValue) -> Result<Vec<(String, Vec<Entry>)>, String> {
    let entry = |entry: RawObject<'_>| {
        Ok::<_, String>(Entry { start: entry.value("start")?, rates: entry.value("rates")?.map(Rates::read).transpose()? })
    };
    let services = rows::parse_value::<RawObject<'_>>(raw)?.sorted().into_iter();
    let services = services.map(|(service, raw)| {
        let entries = rows::parse_value::<Vec<RawObject<'_>>>(raw)?.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok::<_, String>((service, entries))
    });
    services.collect()
}

impl Rates {
    fn read(rates: RawObject<'_>) -> Result<Self, String> {
        let step = |step: &RawObject<'_>| Ok::<_, String>(Step { above: step.value("above")?, rates: step.facts(RATES)? });
        let tiers: Vec<RawObject<'_>> = rates.list("tiers")?;
        Ok(Self {
            steps: [&rates].into_iter().chain(&tiers).map(step).collect::<Result<_, _>>()?,
            cache_write_1h: rates.value("cache_write_1h_multiple")?,
            model: rates.value("model")?,
        })
    }
}

/// Returns the service tier of a service. Returns `Some(None)` if the tier is the default tier, and `None` if the service is not a tier of this
/// catalog.
#[allow(clippy::option_option, reason = "the default tier differs from an unknown service")]
fn service_tier(provider: &str, service: &str) -> Option<Option<ServiceTier>> {
    match (provider, service) {
        (_, "standard") => Some(None),
        ("openai", "fast") => Some(Some(ServiceTier::Priority)),
        _ => ServiceTier::parse(service).map(Some),
    }
}

fn set_service_rates(
    source: &str,
    entries: &[Entry],
    tier: Option<ServiceTier>,
    now: Moment,
    multipliers: &[RateMultiplier],
    models: &RawObject<'_>,
    model: &mut SnapshotEntry<'_>,
) {
    let mut starts = Vec::with_capacity(entries.len());
    for entry in entries {
        let start = entry.start.as_deref().map(moment);
        starts.push(start.flatten());
        if start == Some(None) || !starts.is_sorted() {
            return model.reject(
                &FactKey::Rate(OwnedCondition { tier, ..OwnedCondition::default() }, Meter::Input),
                "the entries of the service are not sorted by `start`",
            );
        }
    }
    let current = starts.iter().rposition(|start| start.is_none_or(|start| start <= now));
    for (index, (entry, start)) in entries.iter().zip(&starts).enumerate() {
        let begins = start.filter(|start| *start > now);
        let Some(rates) = entry.rates.as_ref().filter(|_| Some(index) == current || begins.is_some()) else { continue };
        // Current rates end at the start of the announced entry. That start is the condition of the announced rates.
        let condition = OwnedCondition { tier, from: begins, ..OwnedCondition::default() };
        set_rates(source, rates, &condition, model);
        if tier.is_none() {
            for multiplier in multipliers {
                let condition = OwnedCondition { hours: Some(multiplier.hours), until: multiplier.until, ..condition.clone() };
                set_multiplied_rates(rates, &condition, multiplier.factor, model);
            }
            if begins.is_none()
                && let Some(target) = rates.model.as_deref().filter(|target| models.get(target).is_some())
            {
                model.set_text(FactKey::AliasOf, Some(target));
            }
        }
    }
}

fn set_rates(source: &str, rates: &Rates, condition: &OwnedCondition, model: &mut SnapshotEntry<'_>) {
    for step in &rates.steps {
        let Some(condition) = step_condition(step, condition, model) else { continue };
        step.rates.record_when(&condition, 0, model);
        // Only Anthropic's multiple is the one-hour rate: it equals LiteLLM's rate for all 20 models that both sources have. OpenAI's multiple
        // is the twelve-hour rate, and is present even where cache writes are free.
        if source == "anthropic" && step.rates.rate(Meter::CacheWrite).is_some() {
            set_multiplied_rate(step.rates.rate(Meter::Input), rates.cache_write_1h, condition, Meter::CacheWrite1h, model);
        }
    }
}

fn set_multiplied_rates(rates: &Rates, condition: &OwnedCondition, factor: ExactDecimal, model: &mut SnapshotEntry<'_>) {
    for step in &rates.steps {
        let Some(condition) = step_condition(step, condition, model) else { continue };
        for (meter, rate) in step.rates.rates() {
            set_multiplied_rate(Some(rate), Some(factor), condition.clone(), meter, model);
        }
    }
}

fn step_condition(step: &Step, condition: &OwnedCondition, model: &mut SnapshotEntry<'_>) -> Option<OwnedCondition> {
    match step.above.map(ExactDecimal::count) {
        None => Some(condition.clone()),
        Some(Ok(above)) => Some(OwnedCondition { above: Some(above), ..condition.clone() }),
        Some(Err(error)) => {
            model.reject(&FactKey::Rate(condition.clone(), Meter::Input), format_args!("invalid threshold of a price step: {error}"));
            None
        }
    }
}

/// Sets a rate times a factor, if both exist. Rejects a product with more than six decimals.
fn set_multiplied_rate(
    rate: Option<ExactDecimal>,
    factor: Option<ExactDecimal>,
    condition: OwnedCondition,
    meter: Meter,
    model: &mut SnapshotEntry<'_>,
) {
    let (Some(Ok(rate)), Some(Ok(factor))) = (rate.map(ExactDecimal::rate), factor.map(ExactDecimal::rate)) else { return };
    let product = u128::from(rate.micros()) * u128::from(factor.micros());
    let key = FactKey::Rate(condition, meter);
    match u64::try_from(product / 1_000_000) {
        Ok(micros) if product % 1_000_000 == 0 => model.set(key, Value::dollars(Rate::from_micros(micros))),
        _ => model.reject(&key, format_args!("the rate {rate} times the multiplier {factor} has more than six decimal places")),
    }
}

fn read_schedules<'a>(schedules: Option<&Schedules<'a>>, builder: &mut SnapshotBuilder<'_>) -> Vec<Schedule<'a>> {
    let all = schedules.iter().flat_map(|schedules| &schedules.schedule).enumerate();
    all.filter_map(|(index, raw)| builder.parse_row(|| format!("schedules[{index}]"), raw, rows::parse_value)).collect()
}

/// Returns the rate multipliers of a model in current schedules. Schedules that cannot be parsed are skipped.
fn multipliers(schedules: &[Schedule<'_>], provider: &str, id: &str, now: Moment) -> Vec<RateMultiplier> {
    let mut multipliers = Vec::new();
    for schedule in schedules.iter().filter(|schedule| schedule.provider == provider) {
        let until = schedule.valid_until.as_deref().map(moment);
        let has_begun = schedule.valid_from.as_deref().is_none_or(|from| moment(from).is_some_and(|from| from <= now));
        if !has_begun || until.is_some_and(|until| until.is_none_or(|until| until <= now)) {
            continue;
        }
        for (hours, factor) in
            [(&schedule.peak_hours_utc, &schedule.peak_multiplier), (&schedule.off_peak_hours_utc, &schedule.off_peak_multiplier)]
        {
            let Some(factor) = factor.as_ref().and_then(|factor| model_factor(factor, id)) else { continue };
            for [start, end] in hours {
                let (Ok(start), Ok(end)) = (TimeOfDay::parse(start), TimeOfDay::parse(end)) else { continue };
                let days = Weekday::ALL[..5].iter().copied().filter(|_| schedule.weekdays_only).collect();
                multipliers.push(RateMultiplier { hours: Hours::new(start, end, days, UtcOffset::UTC), until: until.flatten(), factor });
            }
        }
    }
    multipliers
}

/// Parses a multiplier: one number for all models, or an object with a number per model.
fn model_factor(raw: &RawValue, id: &str) -> Option<ExactDecimal> {
    rows::parse_value::<ExactDecimal>(raw).ok().or_else(|| rows::parse_value::<RawObject<'_>>(raw).ok()?.value(id).ok()?)
}

/// Parses a moment with or without seconds, such as `2026-08-16T16:00:00Z`.
fn moment(text: &str) -> Option<Moment> {
    match text.strip_suffix('Z').and_then(|text| text.rsplit_once(':')) {
        Some((minutes, seconds)) if minutes.contains(':') && seconds.len() == 2 => Moment::parse(&format!("{minutes}Z")).ok(),
        _ => Moment::parse(text).ok(),
    }
}
