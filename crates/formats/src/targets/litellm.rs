//! LiteLLM's price map, `model_prices_and_context_window.json`: one object of rows by `route/id`, of all providers.
//!
//! Rates are US dollars per token, and per single image, request or search; the conditions of a rate are in the name of its field. The
//! route is the name under which LiteLLM knows the provider, where it does. There is one limit of what goes in.

use super::routes;
use crate::loss::{ConditionPart, Loss, Lost, Places};
use crate::number::PerToken;
use crate::selection::Selection;
use crate::steps;
use crate::target::{Document, Target};
use modeldex_table::{Billing, Capability, Currency, Fact, Meter, Modality, Model, ModelKind, Provider, ServiceTier, Today};
use serde_json::{Map, Value, json};

pub(super) struct LiteLlm;

/// What a row has a place for: one of the map, or of the proxy's configuration.
pub(super) const PLACES: Places = Places {
    facts: &[
        Fact::Kind,
        Fact::ContextWindow,
        Fact::MaxInputTokens,
        Fact::MaxOutputTokens,
        Fact::Input,
        Fact::Output,
        Fact::ReasoningEfforts,
        Fact::RetirementDate,
    ],
    capabilities: &[
        Capability::Reasoning,
        Capability::ToolCall,
        Capability::ParallelToolCalls,
        Capability::ToolChoice,
        Capability::StructuredOutput,
        Capability::PromptCaching,
        Capability::AssistantPrefill,
        Capability::WebSearch,
        Capability::ComputerUse,
    ],
    meters: Meter::ALL,
    conditions: &[ConditionPart::Above],
    tiers: &[ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority],
    aliases: false,
    provider: false,
};

/// The routes for which LiteLLM reads prices by length as a list of steps, and not from the names of fields.
const STEPS_ALONE: [&str; 3] = ["dashscope", "qwen_ai_platform", "qwencloud"];

/// What else happens to the facts of a row.
pub(super) const CHANGES: [Loss; 8] = [
    Loss::OneLimit,
    Loss::FreeAsZero,
    Loss::InexactDate,
    Loss::Currency,
    Loss::UnitRate,
    Loss::Filler(Fact::Prices),
    Loss::Words(Fact::Input),
    Loss::Words(Fact::Output),
];

/// The fields of capabilities, in the order in which they are written.
const CAPABILITIES: [(Capability, &str); 9] = [
    (Capability::Reasoning, "supports_reasoning"),
    (Capability::ToolCall, "supports_function_calling"),
    (Capability::ParallelToolCalls, "supports_parallel_function_calling"),
    (Capability::ToolChoice, "supports_tool_choice"),
    (Capability::StructuredOutput, "supports_response_schema"),
    (Capability::PromptCaching, "supports_prompt_caching"),
    (Capability::AssistantPrefill, "supports_assistant_prefill"),
    (Capability::WebSearch, "supports_web_search"),
    (Capability::ComputerUse, "supports_computer_use"),
];

/// The flags of what goes in.
const FLAGS: [(Modality, &str); 4] = [
    (Modality::Image, "supports_vision"),
    (Modality::Audio, "supports_audio_input"),
    (Modality::Video, "supports_video_input"),
    (Modality::Pdf, "supports_pdf_input"),
];

impl Target for LiteLlm {
    fn name(&self) -> &'static str {
        "litellm"
    }

    fn summary(&self) -> &'static str {
        "LiteLLM's price map"
    }

    fn file(&self) -> Option<&'static str> {
        Some("model_prices_and_context_window.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        [Loss::SameId].into_iter().chain(CHANGES).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut rows = Map::new();
        for (provider, models) in selection.providers() {
            let route = routes::litellm(provider);
            for &model in models {
                let key = format!("{}/{}", routes::prefix(route), model.id());
                if rows.contains_key(&key) {
                    lost.note(Loss::SameId, model);
                    continue;
                }
                rows.insert(key, row(route, provider, model, selection, lost));
            }
        }
        rows.sort_keys();
        vec![Document::compact("model_prices_and_context_window.json", &rows)]
    }
}

/// The facts of a model that a row has: also what the proxy's configuration says of a model that the map does not know.
pub(super) fn info(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Map<String, Value> {
    lost.note_missing(PLACES, model);
    let mut row = Map::new();
    row.insert("mode".to_owned(), mode(model.kind()).into());
    limits(model, &mut row, lost);
    prices(model, selection, &mut row, lost);
    for (capability, field) in CAPABILITIES {
        if let Some(can) = model.can(capability) {
            row.insert(field.to_owned(), can.into());
        }
    }
    modalities(model, &mut row, lost);
    let efforts: Vec<_> = model.reasoning_efforts().iter().map(modeldex_table::ReasoningEffort::as_str).collect();
    if !efforts.is_empty() {
        row.insert("reasoning_effort_levels".to_owned(), efforts.into());
    }
    match model.retirement_date() {
        Some(date) if date.day().is_some() => _ = row.insert("deprecation_date".to_owned(), date.to_string().into()),
        Some(_) => lost.note(Loss::InexactDate, model),
        None => {}
    }
    row
}

fn row(route: &str, provider: Provider<'_>, model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Value {
    let mut row = Map::new();
    row.insert("litellm_provider".to_owned(), route.into());
    row.extend(info(model, selection, lost));
    if STEPS_ALONE.contains(&route) {
        row.extend(steps_of(model, selection).map(|steps| ("tiered_pricing".to_owned(), steps)));
    }
    if let Some(doc) = provider.doc_url() {
        row.insert("source".to_owned(), doc.into());
    }
    row.into()
}

const fn mode(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Chat => "chat",
        ModelKind::Completion => "completion",
        ModelKind::Embedding => "embedding",
        ModelKind::Rerank => "rerank",
        ModelKind::Image => "image_generation",
        ModelKind::Video => "video_generation",
        ModelKind::Speech => "audio_speech",
        ModelKind::Transcription => "audio_transcription",
        ModelKind::Moderation => "moderation",
        ModelKind::Realtime => "realtime",
    }
}

/// There is one limit of what goes in: that of the input where it is known, and else the context window, which is never less.
fn limits(model: Model<'_>, row: &mut Map<String, Value>, lost: &mut Lost) {
    if let Some(limit) = model.max_input_tokens().or(model.context_window()) {
        row.insert("max_input_tokens".to_owned(), limit.into());
    }
    if model.context_window().is_some() || model.max_input_tokens().is_some() {
        lost.note(Loss::OneLimit, model);
    }
    if let Some(limit) = model.max_output_tokens() {
        row.insert("max_output_tokens".to_owned(), limit.into());
        // The older name of the same limit.
        row.insert("max_tokens".to_owned(), limit.into());
    }
}

fn modalities(model: Model<'_>, row: &mut Map<String, Value>, lost: &mut Lost) {
    let word = |word: &Modality| matches!(word, Modality::Text | Modality::Image | Modality::Audio | Modality::Video);
    if !model.input().is_empty() {
        let words: Vec<_> = model.input().iter().filter(word).map(Modality::as_str).collect();
        row.insert("supported_modalities".to_owned(), words.into());
        for (modality, field) in FLAGS {
            row.insert(field.to_owned(), model.input().contains(modality).into());
        }
        if model.input().contains(Modality::File) || model.input().contains(Modality::Embedding) {
            lost.note(Loss::Words(Fact::Input), model);
        }
    }
    if !model.output().is_empty() {
        let words: Vec<_> = model.output().iter().filter(word).map(Modality::as_str).collect();
        if words.len() < model.output().iter().count() {
            lost.note(Loss::Words(Fact::Output), model);
        }
        row.insert("supported_output_modalities".to_owned(), words.into());
    }
}

fn prices(model: Model<'_>, selection: &Selection<'_>, row: &mut Map<String, Value>, lost: &mut Lost) {
    if model.billing() == Billing::Free {
        lost.note(Loss::FreeAsZero, model);
        row.insert("input_cost_per_token".to_owned(), 0.into());
        row.insert("output_cost_per_token".to_owned(), 0.into());
    }
    let Some(usual) = selection.rates(model) else { return };
    if usual.currency() != Currency::Usd {
        return lost.note(Loss::Currency, model);
    }
    for tier in [None].into_iter().chain(steps::tiers(model).filter(|tier| PLACES.tiers.contains(tier)).map(Some)) {
        let ending = match tier {
            Some(ServiceTier::Batch) => "_batches",
            Some(ServiceTier::Flex) => "_flex",
            Some(ServiceTier::Priority) => "_priority",
            _ => "",
        };
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
fn note_units(model: Model<'_>, usual: &Today, lost: &mut Lost) {
    let is_unit = |meter: Meter| meter.per() == 1;
    let conditional = model.prices().iter().filter(|price| !price.condition().has_dates_only());
    if conditional.flat_map(|price| price.rates()).any(|(meter, _)| is_unit(meter)) {
        lost.note(Loss::UnitRate, model);
    }
    let is_zero = |meter| usual.get(meter).is_none_or(modeldex_table::Rate::is_zero);
    if is_zero(Meter::Input) && is_zero(Meter::Output) && usual.iter().any(|(_, rate)| !rate.is_zero()) {
        lost.note(Loss::Filler(Fact::Prices), model);
    }
}

/// Prices by length as a list of steps; nothing where they do not depend on it.
fn steps_of(model: Model<'_>, selection: &Selection<'_>) -> Option<Value> {
    /// More than any request has; the last step is open.
    const OPEN: u32 = 1_000_000_000;
    let starts: Vec<u32> = [0].into_iter().chain(steps::lengths(model, None)).collect();
    let ends = starts.iter().skip(1).copied().chain([OPEN]);
    let step = |(start, end): (&u32, u32)| {
        let mut step = Map::new();
        token_rates(&selection.rates_of(model, None, u64::from(*start) + 1)?, "", &mut step);
        step.insert("range".to_owned(), json!([start, end]));
        Some(Value::Object(step))
    };
    let is_in_dollars = selection.rates(model)?.currency() == Currency::Usd;
    (starts.len() > 1 && is_in_dollars).then(|| starts.iter().zip(ends).filter_map(step).collect())
}

/// The rates per token, each under its name with the conditions at its end.
fn token_rates(rates: &Today, ending: &str, row: &mut Map<String, Value>) {
    for (meter, rate) in rates.iter() {
        let field = match meter {
            Meter::Input => "input_cost_per_token",
            Meter::Output => "output_cost_per_token",
            Meter::Reasoning => "output_cost_per_reasoning_token",
            Meter::CacheRead => "cache_read_input_token_cost",
            Meter::CacheWrite => "cache_creation_input_token_cost",
            Meter::CacheWrite1h => "cache_creation_input_token_cost_above_1hr",
            Meter::InputAudio => "input_cost_per_audio_token",
            Meter::OutputAudio => "output_cost_per_audio_token",
            Meter::InputImage => "input_cost_per_image_token",
            Meter::OutputImage => "output_cost_per_image_token",
            Meter::Request | Meter::Image | Meter::WebSearch => continue,
        };
        row.insert(format!("{field}{ending}"), json!(PerToken(rate)));
    }
}

/// The rates per single unit, which are the same whatever the length and the class of service.
fn unit_rates(rates: &Today, row: &mut Map<String, Value>) {
    for (meter, field) in [(Meter::Request, "input_cost_per_request"), (Meter::Image, "output_cost_per_image")] {
        if let Some(rate) = rates.get(meter) {
            row.insert(field.to_owned(), json!(rate));
        }
    }
    if let Some(rate) = rates.get(Meter::WebSearch) {
        let sizes = ["low", "medium", "high"].map(|size| (format!("search_context_size_{size}"), json!(rate)));
        row.insert("search_context_cost_per_query".to_owned(), Map::from_iter(sizes).into());
    }
}
