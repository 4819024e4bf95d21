//! Writes LiteLLM's price map, and the fields of a model in the configuration of LiteLLM's proxy.

use super::{CAPABILITIES, FLAGS, LAST, LIMITS, MODES, SEARCH_SIZES, TIERS, TOKEN_RATES, UNIT_RATES, prefix, route};
use crate::fields::{rate_fields, word_for};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::number::PerToken;
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::steps;
use crate::target::OutputFile;
use modeldex_table::{Billing, Currency, CurrentRates, Fact, Meter, Modality, Model, Rate, ServiceTier};
use std::collections::BTreeMap;

/// Routes for which LiteLLM reads price steps from a list instead of field names.
const ROUTES_WITH_STEP_LIST: [&str; 3] = ["dashscope", "qwen_ai_platform", "qwencloud"];

pub(super) fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut rows = BTreeMap::new();
    for (provider, models) in selection.providers() {
        let route = route(provider);
        for &model in models {
            let key = format!("{}/{}", prefix(route), model.id());
            if rows.contains_key(&key) {
                losses.record(Loss::DuplicateId, model);
                continue;
            }
            let steps = Some(model).filter(|_| ROUTES_WITH_STEP_LIST.contains(&route)).and_then(|model| steps_of(model, selection));
            let row = JsonObject::default().with("litellm_provider", route).with_all(info(model, selection, losses));
            rows.insert(key, row.with("tiered_pricing", steps).with("source", provider.doc_url()));
        }
    }
    vec![OutputFile::json_compact("model_prices_and_context_window.json", &rows.into_iter().collect::<JsonObject<'_>>())]
}

/// Returns a row with the facts of a model. The proxy's configuration has the same fields for models that are not in the map.
pub(super) fn info<'a>(model: Model<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let (window, input) = (model.context_window(), model.max_input_tokens());
    if window.is_some() || input.is_some() {
        losses.record(Loss::SharedInputLimit, model);
    }
    let mut row = JsonObject::default().with_model(LIMITS, model, |part| match part {
        CatalogPart::Fact(Fact::Kind) => Some(word_for(MODES, model.kind()).into()),
        // The input limit if known, else the context window, which is never less than the input limit.
        CatalogPart::Fact(Fact::ContextWindow) => Some(input.or(window).into()),
        _ => None,
    });
    // Older name of the same limit.
    row.set("max_tokens", model.max_output_tokens());
    prices(model, selection, &mut row, losses);
    let row = modalities(model, row.with_model(CAPABILITIES, model, |_| None), losses);
    row.with_model(LAST, model, |part| {
        let is_inexact =
            part == CatalogPart::Fact(Fact::RetirementDate) && model.retirement_date().is_some_and(|date| date.day().is_none());
        is_inexact.then(|| {
            losses.record(Loss::ImpreciseDate, model);
            JsonValue::Absent
        })
    })
}

fn modalities<'a>(model: Model<'a>, mut row: JsonObject<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let has_word = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video);
    let words = |all: modeldex_table::Set<Modality>| all.iter().filter(has_word).map(Modality::as_str).collect::<JsonValue<'_>>();
    if !model.input().is_empty() {
        row.set("supported_modalities", words(model.input()));
        for (field, modality) in FLAGS {
            row.set(*field, model.input().contains(*modality));
        }
        if model.input().contains(Modality::File) || model.input().contains(Modality::Embedding) {
            losses.record(Loss::UnsupportedWords(Fact::Input), model);
        }
    }
    if !model.output().is_empty() {
        if !model.output().iter().all(|word| has_word(&word)) {
            losses.record(Loss::UnsupportedWords(Fact::Output), model);
        }
        row.set("supported_output_modalities", words(model.output()));
    }
    row
}

fn prices(model: Model<'_>, selection: &ModelSelection<'_>, row: &mut JsonObject<'_>, losses: &mut LossReport) {
    if model.billing() == Billing::Free {
        losses.record(Loss::FreeAsZero, model);
        for (field, _) in rate_fields(TOKEN_RATES).filter(|(_, meter)| matches!(meter, Meter::Input | Meter::Output)) {
            row.set(field, Rate::from_micros(0));
        }
    }
    let Some(usual) = selection.default_rates_usd(model, losses) else { return };
    let ending = |tier: ServiceTier| Some((Some(tier), TIERS.iter().find(|field| field.part == CatalogPart::Tier(tier))?.name));
    for (tier, ending) in [(None, "")].into_iter().chain(steps::priced_tiers(model).filter_map(ending)) {
        if let Some(rates) = selection.request_rates(model, tier, 0) {
            token_rates(&rates, ending, row);
        }
        for above in steps::token_thresholds(model, tier) {
            // The field name contains the threshold.
            let length = if above % 1_000 == 0 { format!("{}k", above / 1_000) } else { above.to_string() };
            if let Some(rates) = selection.request_rates(model, tier, u64::from(above) + 1) {
                token_rates(&rates, &format!("_above_{length}_tokens{ending}"), row);
            }
        }
    }
    unit_rates(&usual, row);
    record_unit_losses(model, &usual, losses);
}

/// Records losses of unit rates. Each unit rate has one field, without conditions. If only unit rates have a price, token rates of zero look
/// like the filler of LiteLLM's rows.
fn record_unit_losses(model: Model<'_>, usual: &CurrentRates, losses: &mut LossReport) {
    let is_unit = |meter: Meter| meter.per() == 1;
    let conditional = model.prices().iter().filter(|price| !price.condition().is_date_only());
    if conditional.flat_map(|price| price.rates()).any(|(meter, _)| is_unit(meter)) {
        losses.record(Loss::ConditionalUnitRate, model);
    }
    let is_zero = |meter| usual.get(meter).is_none_or(modeldex_table::Rate::is_zero);
    if is_zero(Meter::Input) && is_zero(Meter::Output) && usual.iter().any(|(_, rate)| !rate.is_zero()) {
        losses.record(Loss::LooksLikeFiller(Fact::Prices), model);
    }
}

/// Returns the price steps as a list. Returns `None` if the price list has no thresholds.
fn steps_of(model: Model<'_>, selection: &ModelSelection<'_>) -> Option<JsonValue<'static>> {
    /// End of the last step, above the size of any request.
    const UNBOUNDED: u32 = 1_000_000_000;
    let starts: Vec<u32> = [0].into_iter().chain(steps::token_thresholds(model, None)).collect();
    let ends = starts.iter().skip(1).copied().chain([UNBOUNDED]);
    let step = |(start, end): (&u32, u32)| {
        let mut step = JsonObject::default();
        token_rates(&selection.request_rates(model, None, u64::from(*start) + 1)?, "", &mut step);
        Some(step.with("range", [*start, end].into_iter().collect::<JsonValue<'_>>()))
    };
    let is_in_dollars = selection.default_rates(model)?.currency() == Currency::Usd;
    (starts.len() > 1 && is_in_dollars).then(|| starts.iter().zip(ends).filter_map(step).collect())
}

/// Adds the rates per token, with the suffix of their condition.
fn token_rates(rates: &CurrentRates, ending: &str, row: &mut JsonObject<'_>) {
    for (field, meter) in rate_fields(TOKEN_RATES) {
        row.set(format!("{field}{ending}"), rates.get(meter).map(PerToken));
    }
}

/// Adds the rates per single unit, which have no conditions.
fn unit_rates(rates: &CurrentRates, row: &mut JsonObject<'_>) {
    for (field, meter) in rate_fields(UNIT_RATES) {
        let rate = rates.get(meter);
        if field == SEARCH_SIZES {
            let size = |rate| ["low", "medium", "high"].map(|size| (format!("search_context_size_{size}"), rate));
            row.set(field, rate.map(|rate| size(rate).into_iter().collect::<JsonObject<'_>>()));
        } else {
            row.set(field, rate);
        }
    }
}
