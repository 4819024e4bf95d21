//! Writes the map, and what the proxy's configuration has of a model.

use super::{CAPABILITIES, FLAGS, LAST, LIMITS, MODES, SEARCH_SIZES, TIERS, TOKEN_RATES, UNIT_RATES, prefix, route};
use crate::fields::{meters, word};
use crate::loss::{Loss, Lost, Part};
use crate::number::PerToken;
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::steps;
use crate::target::Document;
use modeldex_table::{Billing, Currency, CurrentRates, Fact, Meter, Modality, Model, Rate, ServiceTier};
use std::collections::BTreeMap;

/// The routes for which LiteLLM reads prices by length as a list of steps, and not from the names of fields.
const STEPS_ALONE: [&str; 3] = ["dashscope", "qwen_ai_platform", "qwencloud"];

pub(super) fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let mut rows = BTreeMap::new();
    for (provider, models) in selection.providers() {
        let route = route(provider);
        for &model in models {
            let key = format!("{}/{}", prefix(route), model.id());
            if rows.contains_key(&key) {
                lost.note(Loss::SameId, model);
                continue;
            }
            let steps = Some(model).filter(|_| STEPS_ALONE.contains(&route)).and_then(|model| steps_of(model, selection));
            let row = Object::default().with("litellm_provider", route).with_all(info(model, selection, lost));
            rows.insert(key, row.with("tiered_pricing", steps).with("source", provider.doc_url()));
        }
    }
    vec![Document::compact("model_prices_and_context_window.json", &rows.into_iter().collect::<Object<'_>>())]
}

/// The facts of a model that a row has: also what the proxy's configuration has of a model that the map does not know.
pub(super) fn info<'a>(model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let (window, input) = (model.context_window(), model.max_input_tokens());
    if window.is_some() || input.is_some() {
        lost.note(Loss::OneLimit, model);
    }
    let mut row = Object::default().with_model(LIMITS, model, |part| match part {
        Part::Fact(Fact::Kind) => Some(word(MODES, model.kind()).into()),
        // That of the input where it is known, and else the context window, which is never less.
        Part::Fact(Fact::ContextWindow) => Some(input.or(window).into()),
        _ => None,
    });
    // The older name of the same limit.
    row.set("max_tokens", model.max_output_tokens());
    prices(model, selection, &mut row, lost);
    let row = modalities(model, row.with_model(CAPABILITIES, model, |_| None), lost);
    row.with_model(LAST, model, |part| {
        let is_inexact = part == Part::Fact(Fact::RetirementDate) && model.retirement_date().is_some_and(|date| date.day().is_none());
        is_inexact.then(|| {
            lost.note(Loss::InexactDate, model);
            Json::Absent
        })
    })
}

fn modalities<'a>(model: Model<'a>, mut row: Object<'a>, lost: &mut Lost) -> Object<'a> {
    let has_word = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video);
    let words = |all: modeldex_table::Set<Modality>| all.iter().filter(has_word).map(Modality::as_str).collect::<Json<'_>>();
    if !model.input().is_empty() {
        row.set("supported_modalities", words(model.input()));
        for (field, modality) in FLAGS {
            row.set(*field, model.input().contains(*modality));
        }
        if model.input().contains(Modality::File) || model.input().contains(Modality::Embedding) {
            lost.note(Loss::Words(Fact::Input), model);
        }
    }
    if !model.output().is_empty() {
        if !model.output().iter().all(|word| has_word(&word)) {
            lost.note(Loss::Words(Fact::Output), model);
        }
        row.set("supported_output_modalities", words(model.output()));
    }
    row
}

fn prices(model: Model<'_>, selection: &Selection<'_>, row: &mut Object<'_>, lost: &mut Lost) {
    if model.billing() == Billing::Free {
        lost.note(Loss::FreeAsZero, model);
        for (field, _) in meters(TOKEN_RATES).filter(|(_, meter)| matches!(meter, Meter::Input | Meter::Output)) {
            row.set(field, Rate::from_micros(0));
        }
    }
    let Some(usual) = selection.dollars(model, lost) else { return };
    let ending = |tier: ServiceTier| Some((Some(tier), TIERS.iter().find(|field| field.part == Part::Tier(tier))?.name));
    for (tier, ending) in [(None, "")].into_iter().chain(steps::tiers(model).filter_map(ending)) {
        if let Some(rates) = selection.rates_of(model, tier, 0) {
            token_rates(&rates, ending, row);
        }
        for above in steps::lengths(model, tier) {
            // The length is in the name of the field.
            let length = if above % 1_000 == 0 { format!("{}k", above / 1_000) } else { above.to_string() };
            if let Some(rates) = selection.rates_of(model, tier, u64::from(above) + 1) {
                token_rates(&rates, &format!("_above_{length}_tokens{ending}"), row);
            }
        }
    }
    unit_rates(&usual, row);
    note_units(model, &usual, lost);
}

/// The conditions of a rate are in the name of its field, but those of single units have one field each; and where only they cost
/// something, zeros for tokens are what LiteLLM's own rows are filled with.
fn note_units(model: Model<'_>, usual: &CurrentRates, lost: &mut Lost) {
    let is_unit = |meter: Meter| meter.per() == 1;
    let conditional = model.prices().iter().filter(|price| !price.condition().is_date_only());
    if conditional.flat_map(|price| price.rates()).any(|(meter, _)| is_unit(meter)) {
        lost.note(Loss::UnitRate, model);
    }
    let is_zero = |meter| usual.get(meter).is_none_or(modeldex_table::Rate::is_zero);
    if is_zero(Meter::Input) && is_zero(Meter::Output) && usual.iter().any(|(_, rate)| !rate.is_zero()) {
        lost.note(Loss::Filler(Fact::Prices), model);
    }
}

/// Prices by length as a list of steps; nothing where they do not depend on it.
fn steps_of(model: Model<'_>, selection: &Selection<'_>) -> Option<Json<'static>> {
    /// More than any request has; the last step is open.
    const OPEN: u32 = 1_000_000_000;
    let starts: Vec<u32> = [0].into_iter().chain(steps::lengths(model, None)).collect();
    let ends = starts.iter().skip(1).copied().chain([OPEN]);
    let step = |(start, end): (&u32, u32)| {
        let mut step = Object::default();
        token_rates(&selection.rates_of(model, None, u64::from(*start) + 1)?, "", &mut step);
        Some(step.with("range", [*start, end].into_iter().collect::<Json<'_>>()))
    };
    let is_in_dollars = selection.rates(model)?.currency() == Currency::Usd;
    (starts.len() > 1 && is_in_dollars).then(|| starts.iter().zip(ends).filter_map(step).collect())
}

/// The rates per token, each under its name with the conditions at its end.
fn token_rates(rates: &CurrentRates, ending: &str, row: &mut Object<'_>) {
    for (field, meter) in meters(TOKEN_RATES) {
        row.set(format!("{field}{ending}"), rates.get(meter).map(PerToken));
    }
}

/// The rates per single unit, which are the same whatever the length and the service tier.
fn unit_rates(rates: &CurrentRates, row: &mut Object<'_>) {
    for (field, meter) in meters(UNIT_RATES) {
        let rate = rates.get(meter);
        if field == SEARCH_SIZES {
            let size = |rate| ["low", "medium", "high"].map(|size| (format!("search_context_size_{size}"), rate));
            row.set(field, rate.map(|rate| size(rate).into_iter().collect::<Object<'_>>()));
        } else {
            row.set(field, rate);
        }
    }
}
