//! Reads LiteLLM's price map.
//!
//! - The key of a row is the id of the model with a route as prefix. In some rows, the prefix is missing or contains a region.
//! - In some rows, the prefix is the size and quality of an image. Such a row states the price of one image of this size and quality.
//! - Fields are ignored if this catalog does not have their unit: seconds, characters, pixels and pages.
//! - Fields are ignored if this catalog does not have their condition: caching for twelve hours, and tiers such as `ultrafast`.

use super::{CAPABILITIES, FLAGS, LAST, LIMITS, MODES, SEARCH_SIZES, TIERS, TOKEN_RATES, UNIT_RATES};
use crate::ExactDecimal;
use crate::fields::{RowFacts, parse_word, rate_fields};
use crate::loss::CatalogPart;
use crate::rows::{self, RawObject};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition};
use modeldex_table::{Fact, Hours, Meter, Modality, ModelKind, Set, Weekday};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const IMAGE_VARIANT: &str = "prices of one size or quality of an image";
const FINE_TUNED: &str = "prices of fine-tuned models";
const ROUTE: &str = "commitments, routes or deployment types";
const SIZE_CLASS: &str = "prices of a size class of models";
const SERVICE: &str = "entries for services such as web search";
const SHORTHAND: &str = "aliases of other rows";

/// Off-peak hours.
#[derive(Deserialize)]
struct Window {
    hours_utc: OneOrMore,
    /// Days of the week; 1 is Monday.
    #[serde(default)]
    weekdays: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// The meaning of the key of a row.
#[derive(Debug, PartialEq)]
enum Id<'k> {
    Model(&'k str),
    /// Rates of a model in one region.
    Region(&'k str, &'k str),
    None(&'static str),
}

pub(crate) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let rows: RawObject<'_> = rows::parse_file(bytes)?;
    // Fireworks' ids are paths. Most of its models are listed a second time under the last part of the path; its API rejects this short id.
    let paths: HashSet<&str> =
        rows.0.iter().filter_map(|(key, _)| key.strip_prefix("fireworks_ai/accounts/")?.rsplit_once('/')).map(|(_, name)| name).collect();
    let mut providers = HashMap::new();
    let mut skipped: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    // The first row documents the fields.
    for (key, raw) in rows.0.iter().filter(|(key, _)| key != "sample_spec") {
        let parse = |raw| {
            let row: RawObject<'_> = rows::parse_value(raw)?;
            let source = row.get("litellm_provider").ok_or("missing `litellm_provider`")?;
            let source: String = rows::parse_value(source).map_err(|reason| format!("`litellm_provider`: {reason}"))?;
            Ok::<_, String>((row, source))
        };
        let Some((row, source)) = builder.parse_row(|| key.clone(), raw, parse) else { continue };
        let Some(provider) = *providers.entry(source.clone()).or_insert_with(|| builder.provider_id(&source)) else { continue };
        let mode = row.get("mode").and_then(|mode| rows::parse_value::<String>(mode).ok());
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
                    read_prices(&row, &OwnedCondition::default(), &mut model);
                }
            }
            Id::Region(region, id) => {
                if let Some(mut model) = builder.model(provider, id) {
                    read_prices(&row, &OwnedCondition { region: Some(region.to_owned()), ..OwnedCondition::default() }, &mut model);
                }
            }
            Id::None(reason) => *skipped.entry((provider, reason)).or_default() += 1,
        }
    }
    for ((provider, reason), count) in skipped {
        match count {
            1 => builder.reject(provider, format_args!("skipped 1 row that is not a model: {reason}")),
            _ => builder.reject(provider, format_args!("skipped {count} rows that are not models: {reason}")),
        }
    }
    Ok(())
}

fn identify<'k>(source: &str, key: &'k str) -> Id<'k> {
    // The route before the id is the name of the provider or of its family.
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

/// Returns whether a text has the form `us-east-1` or `us-gov-west-1`.
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

/// Parses a value of a row. A value of another type is rejected, and the result is `None`.
fn field<'a, T: Deserialize<'a>>(row: &RawObject<'a>, name: &str, key: &FactKey, model: &mut SnapshotEntry<'_>) -> Option<T> {
    row.value(name).unwrap_or_else(|reason| {
        model.reject(key, format_args!("`{name}`: {reason}"));
        None
    })
}

fn read_model(row: &RawObject<'_>, id: &str, mode: Option<&str>, model: &mut SnapshotEntry<'_>) {
    let kind = mode.and_then(|mode| parse_word(MODES, mode));
    model.set_text(FactKey::Fact(Fact::Kind), kind.map(ModelKind::as_str));

    // `max_input_tokens` is the input limit for OpenAI's models and the context window for most others. For 424 chat models, models.dev has a
    // window and no different input limit; the number here equals the window for 353 of them. For 66 models it has a window and a different
    // input limit; the number here equals the input limit for 56 and the window for 8. 65 of the 66 are named `gpt-`.
    let is_window =
        matches!(kind, Some(ModelKind::Chat | ModelKind::Completion | ModelKind::Embedding | ModelKind::Rerank)) && !id.contains("gpt-");
    let fact = if is_window { Fact::ContextWindow } else { Fact::MaxInputTokens };
    let count = field(row, "max_input_tokens", &FactKey::Fact(fact), model);
    model.set_tokens(fact, count);
    for table in [LIMITS, CAPABILITIES] {
        RowFacts::read_each(table, row, model).record(model);
    }
    read_modalities(row, kind, model);
    RowFacts::read_each(LAST, row, model).record(model);
}

/// Sets the input modalities: the list of modalities, extended by the flags. Compared with models.dev, the list alone is right for 51 of 122 models,
/// and the list with the flags is right for 85 of 122 models. Without a list, the flags of a chat model are read only if they deny images or include
/// PDFs (right for 142 of 160 models). Flags with images alone are right for only 59 of 107 models.
fn read_modalities(row: &RawObject<'_>, kind: Option<ModelKind>, model: &mut SnapshotEntry<'_>) {
    let key = FactKey::Fact(Fact::Input);
    let mut flags = BTreeMap::new();
    for (name, modality) in FLAGS {
        if let Some(flag) = field::<bool>(row, name, &key, model) {
            flags.insert(modality.as_str(), flag);
        }
    }
    let list: Option<Vec<String>> = field(row, "supported_modalities", &key, model);
    let flagged = flags.iter().filter(|(_, flag)| **flag).map(|(word, _)| *word);
    let flag = |modality: Modality| flags.get(modality.as_str());
    match &list {
        Some(list) => model.set_words(Fact::Input, list.iter().map(String::as_str).chain(flagged).collect::<BTreeSet<_>>()),
        None if kind == Some(ModelKind::Chat)
            && (flag(Modality::Image) == Some(&false) || flag(Modality::Image).is_some() && flag(Modality::Pdf).is_some()) =>
        {
            model.set_words(Fact::Input, [Modality::Text.as_str()].into_iter().chain(flagged));
        }
        None => {}
    }
    let list: Option<Vec<String>> = field(row, "supported_output_modalities", &FactKey::Fact(Fact::Output), model);
    // The modality `code` is text.
    model.set_words(Fact::Output, list.iter().flatten().map(|word| if word == "code" { "text" } else { word }));
}

fn read_prices(row: &RawObject<'_>, base: &OwnedCondition, model: &mut SnapshotEntry<'_>) {
    // If another unit has a price, token rates of zero are filler: a video priced per second is not free.
    let amount = |raw: &RawValue| rows::parse_value::<ExactDecimal>(raw).ok().filter(|amount| !amount.is_zero());
    let is_filler = row.get("input_cost_per_token").and_then(amount).is_none()
        && row.get("output_cost_per_token").and_then(amount).is_none()
        && row.0.iter().any(|(name, raw)| name.contains("cost") && amount(raw).is_some());
    for (name, raw) in &row.0 {
        let Some((meter, condition)) = token_rate(name, base) else { continue };
        let rate = match rows::parse_value::<Option<ExactDecimal>>(raw) {
            Ok(rate) => rate.map(|rate| rate.shifted(6)),
            Err(reason) => {
                model.reject(&FactKey::Rate(condition, meter), reason);
                continue;
            }
        };
        if !(is_filler && matches!(meter, Meter::Input | Meter::Output) && rate.is_some_and(ExactDecimal::is_zero)) {
            model.set_rate_when(condition, meter, rate);
        }
    }

    let key = |meter| FactKey::Rate(base.clone(), meter);
    let unit_rate = |meter, rate: Option<ExactDecimal>, model: &mut SnapshotEntry<'_>| {
        model.set_rate_when(base.clone(), meter, rate.filter(|rate| !rate.is_zero()));
    };
    // If images are priced by tokens, the rate per image is derived from it.
    let per_image = |meter| meter != Meter::Image || row.get("output_cost_per_image_token").is_none();
    for (name, meter) in rate_fields(UNIT_RATES).filter(|(name, meter)| *name != SEARCH_SIZES && per_image(*meter)) {
        let rate = field(row, name, &key(meter), model);
        unit_rate(meter, rate, model);
    }
    let sizes: Option<RawObject<'_>> = field(row, SEARCH_SIZES, &key(Meter::WebSearch), model);
    let medium = sizes.and_then(|sizes| field(&sizes, "search_context_size_medium", &key(Meter::WebSearch), model));
    unit_rate(Meter::WebSearch, medium, model);

    let key = key(Meter::Input);
    let steps: Option<Vec<RawObject<'_>>> = field(row, "tiered_pricing", &key, model);
    for step in steps.iter().flatten() {
        let parse =
            |step: &RawObject<'_>| Ok::<_, String>((step.required::<[ExactDecimal; 2]>("range")?[0].count(), step.facts(TOKEN_RATES)?));
        match parse(step) {
            Ok((Ok(above), rates)) => {
                rates.record_when(&OwnedCondition { above: Some(above).filter(|above| *above > 0), ..base.clone() }, 6, model)
            }
            Ok((Err(error), _)) => model.reject(&key, format_args!("invalid range of a price step: {error}")),
            Err(reason) => model.reject(&key, format_args!("`tiered_pricing`: {reason}")),
        }
    }
    if let Some(off_peak) = field::<RawObject<'_>>(row, "off_peak_pricing", &key, model)
        && let Err(reason) = read_off_peak(&off_peak, base, &key, model)
    {
        model.reject(&key, format_args!("`off_peak_pricing`: {reason}"));
    }
}

/// Returns the meter and condition of a field with a rate per token.
fn token_rate(name: &str, base: &OwnedCondition) -> Option<(Meter, OwnedCondition)> {
    rate_fields(TOKEN_RATES).find_map(|(field, meter)| {
        let mut rest = name.strip_prefix(field)?;
        let mut condition = base.clone();
        if let Some((length, after)) = rest.strip_prefix("_above_").and_then(|rest| rest.split_once("_tokens")) {
            let (number, unit) = length.strip_suffix('k').map_or((length, 1), |thousands| (thousands, 1_000));
            condition.above = Some(number.parse::<u32>().ok()?.checked_mul(unit)?);
            rest = after;
        }
        if !rest.is_empty() {
            let CatalogPart::Tier(tier) = TIERS.iter().find(|field| field.name == rest)?.part else { return None };
            condition.tier = Some(tier);
        }
        Some((meter, condition))
    })
}

fn read_off_peak(off_peak: &RawObject<'_>, base: &OwnedCondition, key: &FactKey, model: &mut SnapshotEntry<'_>) -> Result<(), String> {
    let (windows, rates) = (off_peak.required::<Vec<Window>>("windows")?, off_peak.facts(TOKEN_RATES)?);
    for window in &windows {
        let days: Option<Set<Weekday>> =
            window.weekdays.iter().map(|day| day.checked_sub(1).and_then(|day| Weekday::ALL.get(day)).copied()).collect();
        let hours = match &window.hours_utc {
            OneOrMore::One(hours) => std::slice::from_ref(hours),
            OneOrMore::More(hours) => hours,
        };
        for hours in hours {
            match (Hours::parse_key(hours), days) {
                (Some(span), Some(days)) => rates.record_when(&OwnedCondition { hours: Some(span.on(days)), ..base.clone() }, 6, model),
                _ => model.reject(key, format_args!("invalid off-peak hours `{hours}`")),
            }
        }
    }
    Ok(())
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
    fn the_name_of_a_field_is_when_its_rate_holds() {
        let read =
            |name| token_rate(name, &OwnedCondition::default()).map(|(meter, condition)| FactKey::Rate(condition, meter).to_string());
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
