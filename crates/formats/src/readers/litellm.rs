//! LiteLLM: `model_prices_and_context_window.json`, one object of rows by model, of all providers.
//!
//! Rates are US dollars per token, and per single image, request or search. The conditions of a rate are in the name of its field
//! (`input_cost_per_token_above_200k_tokens_priority`); fields whose unit or condition this catalog has no word for (seconds, characters,
//! pixels, pages, caching for twelve hours, tiers such as `ultrafast`) are left out. A row's key is the id with a route in front, which
//! may be missing, may have a region in it, or may be the size and quality of an image that the row prices.

use super::json::{self, Rows};
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key};
use modeldex_table::{Capability, Fact, Hours, Meter, ModelKind, ServiceTier, Set, Weekday};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Fields of rates per token, without the conditions at their ends. The first that fits counts.
const TOKEN_RATES: [(&str, Meter); 10] = [
    ("input_cost_per_token", Meter::Input),
    ("output_cost_per_token", Meter::Output),
    ("output_cost_per_reasoning_token", Meter::Reasoning),
    ("cache_read_input_token_cost", Meter::CacheRead),
    ("cache_creation_input_token_cost_above_1hr", Meter::CacheWrite1h),
    ("cache_creation_input_token_cost", Meter::CacheWrite),
    ("input_cost_per_audio_token", Meter::InputAudio),
    ("output_cost_per_audio_token", Meter::OutputAudio),
    ("input_cost_per_image_token", Meter::InputImage),
    ("output_cost_per_image_token", Meter::OutputImage),
];

const CAPABILITIES: [(&str, Capability); 9] = [
    ("supports_reasoning", Capability::Reasoning),
    ("supports_function_calling", Capability::ToolCall),
    ("supports_parallel_function_calling", Capability::ParallelToolCalls),
    ("supports_tool_choice", Capability::ToolChoice),
    ("supports_response_schema", Capability::StructuredOutput),
    ("supports_prompt_caching", Capability::PromptCaching),
    ("supports_assistant_prefill", Capability::AssistantPrefill),
    ("supports_web_search", Capability::WebSearch),
    ("supports_computer_use", Capability::ComputerUse),
];

const MODALITIES: [(&str, &str); 4] =
    [("supports_vision", "image"), ("supports_audio_input", "audio"), ("supports_video_input", "video"), ("supports_pdf_input", "pdf")];

const IMAGE_VARIANT: &str = "price one size or quality of an image";
const FINE_TUNED: &str = "price what a fine-tuned model costs";
const ROUTE: &str = "are a commitment, a route or a class of deployment, not a model";
const SIZE_CLASS: &str = "price a class of models by their size";
const SERVICE: &str = "are a service, not a model";
const SHORTHAND: &str = "are a short name of another row's model";

#[derive(Deserialize)]
struct SearchCost {
    search_context_size_medium: Option<Exact>,
}

#[derive(Deserialize)]
struct Step {
    range: [Exact; 2],
    input_cost_per_token: Option<Exact>,
    output_cost_per_token: Option<Exact>,
    output_cost_per_reasoning_token: Option<Exact>,
    cache_read_input_token_cost: Option<Exact>,
    cache_creation_input_token_cost: Option<Exact>,
}

#[derive(Deserialize)]
struct OffPeak {
    input_cost_per_token: Option<Exact>,
    output_cost_per_token: Option<Exact>,
    cache_read_input_token_cost: Option<Exact>,
    windows: Vec<Window>,
}

#[derive(Deserialize)]
struct Window {
    hours_utc: OneOrMore,
    /// 1 is Monday.
    #[serde(default)]
    weekdays: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// What the key of a row stands for.
#[derive(Debug, PartialEq)]
enum Id<'k> {
    Model(&'k str),
    /// The rates of a model in one region.
    Region(&'k str, &'k str),
    None(&'static str),
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let rows: Rows = json::file(bytes)?;
    // Fireworks' ids are paths, and most of its models are listed a second time by the end of the path alone, which it does not know.
    let paths: HashSet<&str> =
        rows.0.iter().filter_map(|(key, _)| key.strip_prefix("fireworks_ai/accounts/")?.rsplit_once('/')).map(|(_, name)| name).collect();
    let mut providers = HashMap::new();
    let mut skipped: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (key, raw) in &rows.0 {
        // Its values are explanations of the fields.
        if key == "sample_spec" {
            continue;
        }
        let row = match json::row::<Rows>(raw) {
            Ok(row) => row,
            Err(reason) => {
                builder.problem(key.as_str(), reason);
                continue;
            }
        };
        let source = match row.get("litellm_provider").map(json::row::<String>) {
            Some(Ok(source)) => source,
            Some(Err(reason)) => {
                builder.problem(key.as_str(), format_args!("`litellm_provider`: {reason}"));
                continue;
            }
            None => {
                builder.problem(key.as_str(), "names no provider");
                continue;
            }
        };
        let Some(provider) = *providers.entry(source.clone()).or_insert_with(|| builder.provider_id(&source)) else { continue };
        let mode = row.get("mode").and_then(|mode| json::row::<String>(mode).ok());
        let id = match mode.as_deref() {
            Some("search" | "vector_store" | "guardrail") => Id::None(SERVICE),
            _ => match identify(&source, key) {
                Id::Model(id) if source == "fireworks_ai" && paths.contains(id) => Id::None(SHORTHAND),
                id => id,
            },
        };
        match id {
            Id::Model(id) => {
                if let Some(mut model) = builder.model(provider, id) {
                    read_model(&row, id, mode.as_deref(), &mut model);
                    read_prices(&row, &Condition::default(), &mut model);
                }
            }
            Id::Region(region, id) => {
                if let Some(mut model) = builder.model(provider, id) {
                    read_prices(&row, &Condition { region: Some(region.to_owned()), ..Condition::default() }, &mut model);
                }
            }
            Id::None(reason) => *skipped.entry((provider, reason)).or_default() += 1,
        }
    }
    for ((provider, reason), count) in skipped {
        builder.problem(provider, format_args!("{count} rows {reason}"));
    }
    Ok(())
}

fn identify<'k>(source: &str, key: &'k str) -> Id<'k> {
    // The route in front of the id has the name of the provider, or of the family that it is a part of.
    let family = match source {
        "bedrock_converse" => "bedrock",
        "azure_text" => "azure",
        "cohere_chat" => "cohere",
        "amazon_nova" => "amazon-nova",
        _ => source.split_once("_ai-").map_or(source, |(family, _)| &source[..family.len() + 3]),
    };
    let id = key.strip_prefix(family).and_then(|rest| rest.strip_prefix('/')).unwrap_or(key);
    if id.starts_with("ft:") {
        return Id::None(FINE_TUNED);
    }
    if family == "fireworks_ai" && id.starts_with("fireworks-ai-") {
        return Id::None(SIZE_CLASS);
    }
    let folders = id.rsplit_once('/').map_or("", |(folders, _)| folders);
    if folders.split('/').any(is_image_variant) {
        return Id::None(IMAGE_VARIANT);
    }
    match (family, id.split_once('/')) {
        ("bedrock", Some((region, id))) if is_aws_region(region) && !id.contains('/') => Id::Region(region, id),
        ("azure", Some((zone @ ("us" | "eu" | "apac" | "us-gov"), id))) if !id.contains('/') => Id::Region(zone, id),
        ("bedrock" | "azure", Some(_)) => Id::None(ROUTE),
        _ => Id::Model(id),
    }
}

fn is_image_variant(folder: &str) -> bool {
    let is_side = |side: &str| side == "max" || !side.is_empty() && side.bytes().all(|byte| byte.is_ascii_digit());
    matches!(folder, "low" | "medium" | "high" | "standard" | "hd")
        || folder.split_once("-x-").is_some_and(|(a, b)| is_side(a) && is_side(b))
}

/// Whether the text has the shape of `us-east-1` or `us-gov-west-1`.
fn is_aws_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [area, words @ .., number] => {
            area.len() == 2
                && matches!(words.len(), 1 | 2)
                && [area].into_iter().chain(words).all(is_word)
                && number.len() == 1
                && number.as_bytes()[0].is_ascii_digit()
        }
        _ => false,
    }
}

/// A value of a row. One that is not what its field holds is a problem, and then there is none.
fn field<T: DeserializeOwned>(row: &Rows, name: &str, key: &Key, model: &mut Subject<'_>) -> Option<T> {
    match json::row::<Option<T>>(row.get(name)?) {
        Ok(value) => value,
        Err(reason) => {
            model.problem(key, format_args!("`{name}`: {reason}"));
            None
        }
    }
}

fn read_model(row: &Rows, id: &str, mode: Option<&str>, model: &mut Subject<'_>) {
    let kind = match mode {
        Some("chat" | "responses") => Some(ModelKind::Chat),
        Some("completion") => Some(ModelKind::Completion),
        Some("embedding") => Some(ModelKind::Embedding),
        Some("rerank") => Some(ModelKind::Rerank),
        Some("image_generation" | "image_edit") => Some(ModelKind::Image),
        Some("video_generation") => Some(ModelKind::Video),
        Some("audio_speech") => Some(ModelKind::Speech),
        Some("audio_transcription") => Some(ModelKind::Transcription),
        Some("moderation") => Some(ModelKind::Moderation),
        Some("realtime") => Some(ModelKind::Realtime),
        // Reading of documents, judging and deciding have no word here.
        _ => None,
    };
    model.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));

    // `max_input_tokens` is the context window for most and the input limit for OpenAI's models. Of 424 chat models that models.dev also
    // gives a window for, and no other input limit, 353 have the same number here. Of 66 that it gives both for, 56 have the input limit
    // here and 8 the window; 65 of the 66 are named `gpt-`.
    let is_window =
        matches!(kind, Some(ModelKind::Chat | ModelKind::Completion | ModelKind::Embedding | ModelKind::Rerank)) && !id.contains("gpt-");
    let fact = if is_window { Fact::ContextWindow } else { Fact::MaxInputTokens };
    let count = field(row, "max_input_tokens", &Key::Fact(fact), model);
    model.tokens(fact, count);
    let count = field(row, "max_output_tokens", &Key::Fact(Fact::MaxOutputTokens), model);
    model.tokens(Fact::MaxOutputTokens, count);
    let count = field(row, "prompt_cache_min_tokens", &Key::Fact(Fact::MinCacheableTokens), model);
    model.tokens(Fact::MinCacheableTokens, count);

    for (name, capability) in CAPABILITIES {
        let can = field(row, name, &Key::Capability(capability), model);
        model.can(capability, can);
    }
    read_modalities(row, kind, model);
    let key = Key::Fact(Fact::ReasoningEfforts);
    let levels: Option<Vec<String>> = field(row, "reasoning_effort_levels", &key, model);
    model.efforts(levels.iter().flatten().map(String::as_str));

    // The day on which the model stops answering, whatever the field is called: it is the shutdown that the providers announced (Vertex
    // AI's `claude-3-opus`, 2025-08-01; Azure's `gpt-4-0613`, 2025-06-06), and OpenRouter's `expiration_date` of the same model.
    let date: Option<String> = field(row, "deprecation_date", &Key::Fact(Fact::RetirementDate), model);
    model.date(Fact::RetirementDate, date.as_deref());
}

/// What goes in: the list of modalities, with what the flags add. Compared with models.dev the list alone is right for 51 of 122 models,
/// with the flags for 85. Where there is no list, the flags of a chat model say it all only when they deny images or speak of PDFs (142
/// of 160 are right); with images alone 59 of 107 are.
fn read_modalities(row: &Rows, kind: Option<ModelKind>, model: &mut Subject<'_>) {
    let key = Key::Fact(Fact::Input);
    let mut flags = BTreeMap::new();
    for (name, word) in MODALITIES {
        if let Some(flag) = field::<bool>(row, name, &key, model) {
            flags.insert(word, flag);
        }
    }
    let list: Option<Vec<String>> = field(row, "supported_modalities", &key, model);
    let flagged = flags.iter().filter(|(_, flag)| **flag).map(|(word, _)| *word);
    match &list {
        Some(list) => model.modalities(Fact::Input, list.iter().map(String::as_str).chain(flagged).collect::<BTreeSet<_>>()),
        None if kind == Some(ModelKind::Chat)
            && (flags.get("image") == Some(&false) || flags.contains_key("image") && flags.contains_key("pdf")) =>
        {
            model.modalities(Fact::Input, ["text"].into_iter().chain(flagged));
        }
        None => {}
    }
    let list: Option<Vec<String>> = field(row, "supported_output_modalities", &Key::Fact(Fact::Output), model);
    // Code is text.
    model.modalities(Fact::Output, list.iter().flatten().map(|word| if word == "code" { "text" } else { word }));
}

fn read_prices(row: &Rows, base: &Condition, model: &mut Subject<'_>) {
    // Where something else costs and tokens are zero, the zeros only fill the fields: a film that is paid by the second is not free.
    let amount = |raw: &RawValue| json::row::<Exact>(raw).ok().filter(|amount| !amount.is_zero());
    let is_filler = row.get("input_cost_per_token").and_then(amount).is_none()
        && row.get("output_cost_per_token").and_then(amount).is_none()
        && row.0.iter().any(|(name, raw)| name.contains("cost") && amount(raw).is_some());
    for (name, raw) in &row.0 {
        let Some((meter, condition)) = token_rate(name, base) else { continue };
        let rate = match json::row::<Option<Exact>>(raw) {
            Ok(rate) => rate.map(|rate| rate.shifted(6)),
            Err(reason) => {
                model.problem(&Key::Rate(condition, meter), reason);
                continue;
            }
        };
        if !(is_filler && matches!(meter, Meter::Input | Meter::Output) && rate.is_some_and(Exact::is_zero)) {
            model.rate_when(condition, meter, rate);
        }
    }

    let charged = |rate: &Exact| !rate.is_zero();
    let key = |meter| Key::Rate(base.clone(), meter);
    if row.get("output_cost_per_image_token").is_none() {
        let rate = field(row, "output_cost_per_image", &key(Meter::Image), model).filter(charged);
        model.rate_when(base.clone(), Meter::Image, rate);
    }
    let rate = field(row, "input_cost_per_request", &key(Meter::Request), model).filter(charged);
    model.rate_when(base.clone(), Meter::Request, rate);
    let search: Option<SearchCost> = field(row, "search_context_cost_per_query", &key(Meter::WebSearch), model);
    model.rate_when(base.clone(), Meter::WebSearch, search.and_then(|search| search.search_context_size_medium).filter(charged));

    let steps: Option<Vec<Step>> = field(row, "tiered_pricing", &key(Meter::Input), model);
    for step in steps.iter().flatten() {
        read_step(step, base, model);
    }
    let off_peak: Option<OffPeak> = field(row, "off_peak_pricing", &key(Meter::Input), model);
    if let Some(off_peak) = off_peak {
        read_off_peak(&off_peak, base, model);
    }
}

/// What a field of a rate per token counts, and when it holds.
fn token_rate(name: &str, base: &Condition) -> Option<(Meter, Condition)> {
    TOKEN_RATES.iter().find_map(|(field, meter)| {
        let mut rest = name.strip_prefix(field)?;
        let mut condition = base.clone();
        if let Some((length, after)) = rest.strip_prefix("_above_").and_then(|rest| rest.split_once("_tokens")) {
            let (number, unit) = length.strip_suffix('k').map_or((length, 1), |thousands| (thousands, 1_000));
            condition.above = Some(number.parse::<u32>().ok()?.checked_mul(unit)?);
            rest = after;
        }
        condition.tier = match rest {
            "" => None,
            "_batches" => Some(ServiceTier::Batch),
            "_flex" => Some(ServiceTier::Flex),
            "_priority" => Some(ServiceTier::Priority),
            _ => return None,
        };
        Some((*meter, condition))
    })
}

fn read_step(step: &Step, base: &Condition, model: &mut Subject<'_>) {
    let above = match step.range[0].count() {
        Ok(0) => None,
        Ok(above) => Some(above),
        Err(error) => return model.problem(&Key::Rate(base.clone(), Meter::Input), format_args!("the range of a step: {error}")),
    };
    for (meter, rate) in [
        (Meter::Input, step.input_cost_per_token),
        (Meter::Output, step.output_cost_per_token),
        (Meter::Reasoning, step.output_cost_per_reasoning_token),
        (Meter::CacheRead, step.cache_read_input_token_cost),
        (Meter::CacheWrite, step.cache_creation_input_token_cost),
    ] {
        model.rate_when(Condition { above, ..base.clone() }, meter, rate.map(|rate| rate.shifted(6)));
    }
}

fn read_off_peak(off_peak: &OffPeak, base: &Condition, model: &mut Subject<'_>) {
    for window in &off_peak.windows {
        let days: Option<Set<Weekday>> =
            window.weekdays.iter().map(|day| day.checked_sub(1).and_then(|day| Weekday::ALL.get(day)).copied()).collect();
        let hours = match &window.hours_utc {
            OneOrMore::One(hours) => std::slice::from_ref(hours),
            OneOrMore::More(hours) => hours,
        };
        for hours in hours {
            let (Some(span), Some(days)) = (Hours::parse_terms(hours), days) else {
                model.problem(&Key::Rate(base.clone(), Meter::Input), format_args!("`{hours}` are no hours of days"));
                continue;
            };
            let condition = Condition { hours: Some(span.on(days)), ..base.clone() };
            for (meter, rate) in [
                (Meter::Input, off_peak.input_cost_per_token),
                (Meter::Output, off_peak.output_cost_per_token),
                (Meter::CacheRead, off_peak.cache_read_input_token_cost),
            ] {
                model.rate_when(condition.clone(), meter, rate.map(|rate| rate.shifted(6)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ids_behind_a_route() {
        for (source, key, id) in [
            ("gemini", "gemini/gemini-2.5-pro", Id::Model("gemini-2.5-pro")),
            ("openai", "gpt-4o", Id::Model("gpt-4o")),
            ("vertex_ai-llama_models", "vertex_ai/meta/llama-4", Id::Model("meta/llama-4")),
            ("fireworks_ai", "fireworks_ai/accounts/fireworks/models/glm-5p2", Id::Model("accounts/fireworks/models/glm-5p2")),
            ("bedrock_converse", "us.deepseek.r1-v1:0", Id::Model("us.deepseek.r1-v1:0")),
            ("bedrock", "bedrock/us-gov-west-1/amazon.nova-lite-v1:0", Id::Region("us-gov-west-1", "amazon.nova-lite-v1:0")),
            ("bedrock", "bedrock/us-east-1/1-month-commitment/cohere.command", Id::None(ROUTE)),
            ("bedrock", "bedrock/invoke/anthropic.claude", Id::None(ROUTE)),
            ("bedrock", "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0", Id::None(IMAGE_VARIANT)),
            ("azure", "azure/eu/gpt-4o", Id::Region("eu", "gpt-4o")),
            ("azure", "azure/global-standard/gpt-4o", Id::None(ROUTE)),
            ("openai", "hd/1024-x-1792/dall-e-3", Id::None(IMAGE_VARIANT)),
            ("openai", "ft:gpt-4o", Id::None(FINE_TUNED)),
            ("fireworks_ai", "fireworks-ai-moe-up-to-56b", Id::None(SIZE_CLASS)),
        ] {
            assert_eq!(identify(source, key), id, "{key}");
        }
    }

    #[test]
    fn the_name_of_a_field_says_when_its_rate_holds() {
        let read = |name| token_rate(name, &Condition::default()).map(|(meter, condition)| Key::Rate(condition, meter).to_string());
        for (name, key) in [
            ("input_cost_per_token", Some("price.input")),
            ("output_cost_per_token_above_272k_tokens_priority", Some("price.output tier=priority above=272000")),
            ("cache_creation_input_token_cost_above_1hr", Some("price.cache_write_1h")),
            ("cache_creation_input_token_cost_above_1hr_above_200k_tokens", Some("price.cache_write_1h above=200000")),
            ("cache_creation_input_token_cost_above_12hr", None),
            ("cache_creation_input_token_cost_above_200k_tokens_batches", Some("price.cache_write tier=batch above=200000")),
            ("input_cost_per_token_above_262144_tokens", Some("price.input above=262144")),
            ("input_cost_per_token_ultrafast", None),
            ("input_cost_per_token_cache_hit", None),
            ("input_cost_per_second", None),
        ] {
            assert_eq!(read(name).as_deref(), key, "{name}");
        }
    }
}
