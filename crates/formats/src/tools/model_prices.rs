//! model-prices: a price history, `{prices: {provider: {model: {service: [entry]}}}, status, schedules, aliases, updated_at}`.
//!
//! Rates are US dollars per million tokens. An entry holds from its `start` (null: as long as anyone knows) until the next one, and one
//! without rates says that the service is no longer sold. Only what is in force when the file was written is stated, and what was
//! announced for later, with the moment it begins; the past is left out. `thinking` is a service whose answers cost more as a whole, which
//! no meter or tier here says. `fast` of OpenAI is what it sells as `priority`: all 24 rates are LiteLLM's `priority` rates. Peak hours
//! multiply the rates of the list where the schedule has a `peak_multiplier`, and off-peak hours where it has an `off_peak_multiplier`:
//! for DeepSeek the list has the off-peak rates. That peak hours are suspended on holidays cannot be said here. `bases` says under whose
//! results a model is filed, for makers and hosts alike, and is not taken over.

use crate::Exact;
use crate::fields::{Facts, Field, Words, meaning, rate};
use crate::rows::{self, Rows};
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key, Value};
use modeldex_table::{Fact, Hours, Meter, Moment, Rate, ServiceTier, Status, TimeOfDay, UtcOffset, Weekday};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    prices: Rows<'a>,
    updated_at: String,
    #[serde(borrow, default)]
    status: Rows<'a>,
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

const RATES: &[Field] = &[
    rate("input", Meter::Input),
    rate("output", Meter::Output),
    rate("cache_read", Meter::CacheRead),
    rate("cache_write", Meter::CacheWrite),
];

const STATUSES: &Words<Status> = &[("deprecated", Status::Deprecated), ("removed", Status::Retired)];

/// What holds from a moment on; without rates, nothing is sold any more.
struct Entry {
    start: Option<String>,
    rates: Option<Rates>,
}

/// The price lists of an entry: its own, and those above a length of the request.
struct Rates {
    steps: Vec<Step>,
    /// What writing for an hour costs, as a multiple of input.
    cache_write_1h: Option<Exact>,
    /// The dated version that is meant by the id.
    model: Option<String>,
}

struct Step {
    above: Option<Exact>,
    rates: Facts,
}

/// Hours at which the rates of a model are a multiple of those of the list.
struct Span {
    hours: Hours,
    until: Option<Moment>,
    factor: Exact,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let file: File<'_> = rows::file(bytes)?;
    let now = moment(&file.updated_at).ok_or_else(|| format!("`updated_at`: `{}` is not a moment", file.updated_at))?;
    let schedules = read_schedules(file.schedules.as_ref(), builder);
    for (source, raw) in &file.prices.0 {
        let Some(provider) = builder.provider_id(source) else { continue };
        let Some(models) = builder.row(|| source.clone(), raw, rows::read::<Rows<'_>>) else { continue };
        let statuses = file.status.get(source).map_or_else(|| Ok(BTreeMap::new()), rows::read::<BTreeMap<String, String>>);
        let statuses = statuses.unwrap_or_else(|reason| {
            builder.problem(source.as_str(), format_args!("`status`: {reason}"));
            BTreeMap::new()
        });
        for (id, raw) in &models.0 {
            let Some(services) = builder.row(|| format!("{provider}/{id}"), raw, read_services) else { continue };
            let Some(mut model) = builder.model(provider, id) else { continue };
            let is_removed = statuses.get(id).is_some_and(|status| status == "removed");
            let spans = if is_removed { Vec::new() } else { spans(&schedules, source, id, now) };
            for (service, entries) in &services {
                if let Some(tier) = service_tier(source, service) {
                    state_service(source, entries, tier, now, &spans, &models, &mut model);
                }
            }
        }
        for (id, status) in &statuses {
            let Some(mut model) = builder.model(provider, id) else { continue };
            match meaning(STATUSES, status) {
                Some(status) => model.text(Key::Fact(Fact::Status), Some(status.as_str())),
                None => model.unknown_word(Fact::Status, status),
            }
        }
        for (alias, target) in file.aliases.iter().flat_map(|aliases| &aliases.models) {
            let target = target.strip_prefix(source.as_str()).and_then(|rest| rest.strip_prefix('/'));
            // An id with rates of its own is a model, whatever else it is called.
            if let Some(target) = target.filter(|target| models.get(target).is_some() && models.get(alias).is_none())
                && let Some(mut model) = builder.model(provider, alias)
            {
                model.text(Key::AliasOf, Some(target));
            }
        }
    }
    Ok(())
}

/// The entries of a model, by service.
fn read_services(raw: &RawValue) -> Result<Vec<(String, Vec<Entry>)>, String> {
    let entry = |entry: Rows<'_>| {
        Ok::<_, String>(Entry { start: entry.value("start")?, rates: entry.value("rates")?.map(Rates::read).transpose()? })
    };
    let services = rows::read::<Rows<'_>>(raw)?.sorted().into_iter();
    let services = services.map(|(service, raw)| {
        let entries = rows::read::<Vec<Rows<'_>>>(raw)?.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok::<_, String>((service, entries))
    });
    services.collect()
}

impl Rates {
    fn read(rates: Rows<'_>) -> Result<Self, String> {
        let step = |step: &Rows<'_>| Ok::<_, String>(Step { above: step.value("above")?, rates: step.facts(RATES)? });
        let tiers: Vec<Rows<'_>> = rates.list("tiers")?;
        Ok(Self {
            steps: [&rates].into_iter().chain(&tiers).map(step).collect::<Result<_, _>>()?,
            cache_write_1h: rates.value("cache_write_1h_multiple")?,
            model: rates.value("model")?,
        })
    }
}

/// The service tier, and none for the ordinary one. Services without a word here are no tier at all.
#[allow(clippy::option_option, reason = "no tier and no such service are two things")]
fn service_tier(provider: &str, service: &str) -> Option<Option<ServiceTier>> {
    match (provider, service) {
        (_, "standard") => Some(None),
        ("openai", "fast") => Some(Some(ServiceTier::Priority)),
        _ => ServiceTier::parse(service).map(Some),
    }
}

fn state_service(
    source: &str,
    entries: &[Entry],
    tier: Option<ServiceTier>,
    now: Moment,
    spans: &[Span],
    models: &Rows<'_>,
    model: &mut Subject<'_>,
) {
    let mut starts = Vec::with_capacity(entries.len());
    for entry in entries {
        let start = entry.start.as_deref().map(moment);
        starts.push(start.flatten());
        if start == Some(None) || !starts.is_sorted() {
            return model.problem(&Key::Rate(Condition { tier, ..Condition::default() }, Meter::Input), "its history is not in order");
        }
    }
    let current = starts.iter().rposition(|start| start.is_none_or(|start| start <= now));
    for (index, (entry, start)) in entries.iter().zip(&starts).enumerate() {
        let begins = start.filter(|start| *start > now);
        let Some(rates) = entry.rates.as_ref().filter(|_| Some(index) == current || begins.is_some()) else { continue };
        // What holds now ends when an announced change takes over; the later entry's own start says so.
        let condition = Condition { tier, from: begins, ..Condition::default() };
        state_rates(source, rates, &condition, model);
        if tier.is_none() {
            for span in spans {
                let condition = Condition { hours: Some(span.hours), until: span.until, ..condition.clone() };
                state_multiple(rates, &condition, span.factor, model);
            }
            if begins.is_none()
                && let Some(target) = rates.model.as_deref().filter(|target| models.get(target).is_some())
            {
                model.text(Key::AliasOf, Some(target));
            }
        }
    }
}

fn state_rates(source: &str, rates: &Rates, condition: &Condition, model: &mut Subject<'_>) {
    for step in &rates.steps {
        let Some(condition) = step_condition(step, condition, model) else { continue };
        step.rates.state_when(&condition, 0, model);
        // Only Anthropic's multiple is known to be that of one hour: it gives LiteLLM's rate for all 20 models that both have. OpenAI's is
        // that of twelve hours, and is also where nothing is charged for writing.
        if source == "anthropic" && step.rates.rate(Meter::CacheWrite).is_some() {
            multiple(step.rates.rate(Meter::Input), rates.cache_write_1h, condition, Meter::CacheWrite1h, model);
        }
    }
}

fn state_multiple(rates: &Rates, condition: &Condition, factor: Exact, model: &mut Subject<'_>) {
    for step in &rates.steps {
        let Some(condition) = step_condition(step, condition, model) else { continue };
        for (meter, rate) in step.rates.rates() {
            multiple(Some(rate), Some(factor), condition.clone(), meter, model);
        }
    }
}

fn step_condition(step: &Step, condition: &Condition, model: &mut Subject<'_>) -> Option<Condition> {
    match step.above.map(Exact::count) {
        None => Some(condition.clone()),
        Some(Ok(above)) => Some(Condition { above: Some(above), ..condition.clone() }),
        Some(Err(error)) => {
            model.problem(&Key::Rate(condition.clone(), Meter::Input), format_args!("the length that a step begins at: {error}"));
            None
        }
    }
}

/// States a rate times a factor, where there are both and the product has no more digits than a rate.
fn multiple(rate: Option<Exact>, factor: Option<Exact>, condition: Condition, meter: Meter, model: &mut Subject<'_>) {
    let (Some(Ok(rate)), Some(Ok(factor))) = (rate.map(Exact::rate), factor.map(Exact::rate)) else { return };
    let product = u128::from(rate.micros()) * u128::from(factor.micros());
    let key = Key::Rate(condition, meter);
    match u64::try_from(product / 1_000_000) {
        Ok(micros) if product % 1_000_000 == 0 => model.set(key, Value::dollars(Rate::from_micros(micros))),
        _ => model.problem(&key, format_args!("{rate} times {factor} is no rate of six decimals")),
    }
}

fn read_schedules<'a>(schedules: Option<&Schedules<'a>>, builder: &mut Builder<'_>) -> Vec<Schedule<'a>> {
    let all = schedules.iter().flat_map(|schedules| &schedules.schedule).enumerate();
    all.filter_map(|(index, raw)| builder.row(|| format!("schedules[{index}]"), raw, rows::read)).collect()
}

/// The hours at which a model costs a multiple, of the schedules that hold now. One that cannot be read is none.
fn spans(schedules: &[Schedule<'_>], provider: &str, id: &str, now: Moment) -> Vec<Span> {
    let mut spans = Vec::new();
    for schedule in schedules.iter().filter(|schedule| schedule.provider == provider) {
        let until = schedule.valid_until.as_deref().map(moment);
        let has_begun = schedule.valid_from.as_deref().is_none_or(|from| moment(from).is_some_and(|from| from <= now));
        if !has_begun || until.is_some_and(|until| until.is_none_or(|until| until <= now)) {
            continue;
        }
        for (hours, factor) in
            [(&schedule.peak_hours_utc, &schedule.peak_multiplier), (&schedule.off_peak_hours_utc, &schedule.off_peak_multiplier)]
        {
            let Some(factor) = factor.as_ref().and_then(|factor| factor_of(factor, id)) else { continue };
            for [start, end] in hours {
                let (Ok(start), Ok(end)) = (TimeOfDay::parse(start), TimeOfDay::parse(end)) else { continue };
                let days = Weekday::ALL[..5].iter().copied().filter(|_| schedule.weekdays_only).collect();
                spans.push(Span { hours: Hours::new(start, end, days, UtcOffset::UTC), until: until.flatten(), factor });
            }
        }
    }
    spans
}

/// A multiplier is one number for all models, or one for each of some.
fn factor_of(raw: &RawValue, id: &str) -> Option<Exact> {
    rows::read::<Exact>(raw).ok().or_else(|| rows::read::<Rows<'_>>(raw).ok()?.value(id).ok()?)
}

/// Reads a moment that is written with seconds, `2026-08-16T16:00:00Z`.
fn moment(text: &str) -> Option<Moment> {
    match text.strip_suffix('Z').and_then(|text| text.rsplit_once(':')) {
        Some((minutes, seconds)) if minutes.contains(':') && seconds.len() == 2 => Moment::parse(&format!("{minutes}Z")).ok(),
        _ => Moment::parse(text).ok(),
    }
}
