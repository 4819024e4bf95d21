//! Portkey: reads Portkey's models by provider, `{id: {general: {model: {type, ...}}, pricing: {model: {pricing_config, custom_pricing}}}}`.
//!
//! Rates are US *cents* per token. `currency`, if present, is USD; the rates of such a row are in cents too.
//!
//! Keys of rows:
//!
//! - `default`, `name` and `description` are not models.
//! - Keys that begin with `ft:` have the prices of fine-tuned models, and keys such as `16b` have the prices of size classes. These keys are not
//!   models.
//! - `m-lte-128k` has the prices of `m` for requests of up to 128k tokens, and `m-gt-128k` for requests of more than 128k tokens.
//! - If the model `m` also has a row `m`, this row takes precedence over `m-lte-128k`.
//! - The rows `-gt-128k` of Google are ignored: all models of Google have such a row, but models since Gemini 2.5 have another threshold.
//! - A model of Vertex AI can have the key `anthropic.m` and the `name` `m`. Then its id is `m`. In all other rows, `name` equals the key.
//!
//! Prices:
//!
//! - 318 of 703 cache write rates and 67 of 1,239 cache read rates are 0, which is a placeholder.
//! - If tokens cost 0 and another unit (images, seconds) has a price, the zeros are ignored.
//! - An image price is read if there is only one size.
//! - Some rows (of MiniMax) were entered in dollars by mistake. The reader does not correct these rows: it reads their numbers as cents, like all
//!   other numbers.
//! - In 7 rows, the price of `request_audio_token` is a price per minute: it is in `additional_units`, or is at least a tenth of a cent. Such a price
//!   is ignored.
//! - Rates of regions other than `default` are ignored.
//!
//! Compared with models.dev of 2026-09-30, for the same ids:
//!
//! - 635 of 754 input rates, 640 of 745 output rates and 310 of 389 cache read rates are equal. Rates of 0 are not counted.
//! - In 26 rows of realtime models and storage, the cache read rate is above the input rate. These rates never equal those of models.dev, and are
//!   ignored.
//! - In 5 rows, the cache write rate equals the cache read rate. These cache write rates never equal those of models.dev, and are ignored.
//! - `cache_write_1h` is twice the input rate in all 179 rows.
//! - `supported: tools` is correct in 487 of 496 rows. If `tools` is absent, the capability is unknown.
//! - If `supported` has `image`, this is correct, but other input modalities may be missing.
//! - `maxValue` of `max_tokens` and `max_completion_tokens` is the output limit in only 361 of 537 rows, and is ignored.
//! - The types `text`, `audio` and `responses` contain models for several tasks.

use crate::ExactDecimal;
use crate::fields::{FieldMapping, RowFacts, WordTable, parse_word, rate};
use crate::loss::CatalogPart;
use crate::rows::{self, RawObject};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition};
use modeldex_table::{Capability, Fact, Meter, ModelKind, Rate, ServiceTier};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Minimum audio rate that is a price per minute instead of per token.
const PER_MINUTE: Rate = Rate::from_micros(1_000_000_000);

#[derive(Deserialize)]
struct Provider<'a> {
    #[serde(borrow, default)]
    general: RawObject<'a>,
    #[serde(borrow, default)]
    pricing: RawObject<'a>,
}

#[derive(Deserialize)]
struct General {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    features: Option<Features>,
}

/// Type of a model: one word, or an object with features.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kind {
    Word(String),
    Object {
        primary: Option<String>,
        #[serde(default)]
        supported: Vec<String>,
    },
}

#[derive(Deserialize)]
struct Features {
    tools: Option<bool>,
}

#[derive(Deserialize)]
struct Pricing {
    pricing_config: Option<Config>,
    custom_pricing: Option<Custom>,
}

#[derive(Deserialize)]
struct Config {
    currency: Option<String>,
    pay_as_you_go: Option<Units>,
    batch_config: Option<Units>,
    fixed_cost: Option<FixedCost>,
}

/// Rates in cents per token.
const TOKEN_RATES: &[FieldMapping] = &[
    rate("request_token.price", Meter::Input),
    rate("response_token.price", Meter::Output),
    rate("cache_read_input_token.price", Meter::CacheRead),
    rate("cache_write_input_token.price", Meter::CacheWrite),
    rate("request_audio_token.price", Meter::InputAudio),
    rate("response_audio_token.price", Meter::OutputAudio),
    rate("reasoning_token.price", Meter::Reasoning),
    rate("request_image_token.price", Meter::InputImage),
    rate("response_image_token.price", Meter::OutputImage),
    rate("additional_units.cache_write_1h.price", Meter::CacheWrite1h),
];

/// Rates in cents per single unit.
const UNIT_RATES: &[FieldMapping] = &[rate("additional_units.web_search.price", Meter::WebSearch)];

/// Rates in cents per request.
const FIXED_RATES: &[FieldMapping] = &[rate("request.price", Meter::Request)];

/// Types that contain only one kind of models.
const KINDS: &WordTable<ModelKind> = &[
    ("chat", ModelKind::Chat),
    ("embedding", ModelKind::Embedding),
    ("rerank", ModelKind::Rerank),
    ("moderation", ModelKind::Moderation),
    ("video", ModelKind::Video),
    ("image", ModelKind::Image),
    ("image_generation", ModelKind::Image),
];

/// Rates of a pricing configuration.
struct Units {
    tokens: RowFacts,
    single: RowFacts,
    /// Image prices by quality and size.
    image: Vec<Price>,
    additional: BTreeMap<String, Price>,
}

/// Prices of single units.
struct FixedCost(RowFacts);

#[derive(Deserialize)]
struct Price {
    price: Option<ExactDecimal>,
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = RawObject::deserialize(deserializer)?;
        let read = || {
            let image: BTreeMap<String, BTreeMap<String, Price>> = row.value("image")?.unwrap_or_default();
            Ok::<_, String>(Self {
                tokens: row.facts(TOKEN_RATES)?,
                single: row.facts(UNIT_RATES)?,
                image: image.into_values().flat_map(BTreeMap::into_values).collect(),
                additional: row.value("additional_units")?.unwrap_or_default(),
            })
        };
        read().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for FixedCost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawObject::deserialize(deserializer)?.facts(FIXED_RATES).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
struct Custom {
    #[serde(default)]
    context_tier_map: BTreeMap<String, String>,
    #[serde(default)]
    regions: BTreeMap<String, Region>,
}

#[derive(Deserialize)]
struct Region {
    #[serde(default)]
    execution_modes: BTreeMap<String, Mode>,
}

#[derive(Deserialize)]
struct Mode {
    pricing_config: Option<Config>,
    #[serde(default)]
    context_tiers: BTreeMap<String, ContextTier>,
}

#[derive(Deserialize)]
struct ContextTier {
    pricing_config: Option<Config>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    for (id, raw) in rows::parse_file::<RawObject<'_>>(bytes)?.sorted() {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(file) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<Provider<'_>>) else { continue };
        builder.provider(provider);
        for (key, raw) in file.general.sorted().into_iter().filter(|(key, _)| is_model(key)) {
            let Some(general) = builder.parse_row(|| format!("{id}/{key}"), raw, rows::parse_value::<General>) else { continue };
            let own = general.name.as_deref().filter(|name| key.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')));
            if let Some(mut subject) = builder.model(provider, own.filter(|_| id == "vertex-ai").unwrap_or(&key)) {
                model(&mut subject, &general);
            }
        }
        let pricing = file.pricing.sorted();
        for (key, raw) in pricing.0.iter().filter(|(key, _)| is_model(key)) {
            let bounds = bounds(key);
            let left_out = match bounds {
                Some((model, None)) => pricing.get(model).is_some(),
                Some((_, Some(above))) => id == "google" && above < 200_000,
                None => false,
            };
            if !left_out {
                let (model, above) = bounds.unwrap_or((key, None));
                prices(builder, provider, (&id, key), (model, above), raw);
            }
        }
    }
    Ok(())
}

/// Returns whether a key is a model id.
fn is_model(key: &str) -> bool {
    let is_size = key.strip_suffix('b').is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()));
    !matches!(key, "default" | "name" | "description") && !key.starts_with("ft:") && !is_size
}

/// Splits a key with a token range into the model id and the range. The range is `None` for the range up to the threshold, and `Some` with the
/// threshold for the range above. Returns `None` if the key has no token range.
fn bounds(key: &str) -> Option<(&str, Option<u32>)> {
    let (rest, thousands) = key.strip_suffix('k')?.rsplit_once('-')?;
    let bound = thousands.parse::<u32>().ok()?.checked_mul(1_000)?;
    rest.strip_suffix("-lte").map(|model| (model, None)).or_else(|| rest.strip_suffix("-gt").map(|model| (model, Some(bound))))
}

fn model(subject: &mut SnapshotEntry<'_>, general: &General) {
    let (word, supported) = match &general.kind {
        Some(Kind::Word(word)) => (Some(word), &[][..]),
        Some(Kind::Object { primary, supported }) => (primary.as_ref(), supported.as_slice()),
        None => (None, &[][..]),
    };
    let kind = word.and_then(|word| parse_word(KINDS, word));
    subject.set_text(FactKey::Fact(Fact::Kind), kind.map(ModelKind::as_str));
    let tools = general.features.as_ref().and_then(|features| features.tools);
    subject.set_flag(
        FactKey::Capability(Capability::ToolCall),
        tools.or_else(|| supported.iter().any(|word| word == "tools").then_some(true)),
    );
}

fn prices(builder: &mut SnapshotBuilder<'_>, provider: &str, (id, key): (&str, &str), (model, above): (&str, Option<u32>), row: &RawValue) {
    let Some(pricing) = builder.parse_row(|| format!("{id}/{key} (pricing)"), row, rows::parse_value::<Pricing>) else { return };
    let Some(mut subject) = builder.model(provider, model) else { return };
    let always = OwnedCondition { above, ..OwnedCondition::default() };
    if let Some(config) = &pricing.pricing_config {
        configured(&mut subject, &always, config);
    }
    let Some(custom) = &pricing.custom_pricing else { return };
    let thresholds: BTreeMap<&str, &str> = custom.context_tier_map.iter().map(|(above, tier)| (tier.as_str(), above.as_str())).collect();
    for (name, mode) in custom.regions.get("default").iter().flat_map(|region| &region.execution_modes) {
        let tier = match (name.as_str(), ServiceTier::parse(name)) {
            ("standard", _) => None,
            (_, Some(tier)) => Some(tier),
            _ => {
                subject.reject(&FactKey::Fact(Fact::Prices), format_args!("`execution_modes` has the unknown service tier `{name}`"));
                continue;
            }
        };
        let condition = OwnedCondition { tier, ..always.clone() };
        if let Some(config) = mode.pricing_config.as_ref().filter(|_| tier.is_some()) {
            configured(&mut subject, &condition, config);
        }
        for (name, context) in &mode.context_tiers {
            let Some(config) = &context.pricing_config else { continue };
            match thresholds.get(name.as_str()).and_then(|above| above.parse::<u32>().ok()) {
                Some(0) if tier.is_none() => {}
                Some(0) => configured(&mut subject, &condition, config),
                Some(above) => configured(&mut subject, &OwnedCondition { above: Some(above), ..condition.clone() }, config),
                None => subject.reject(&FactKey::Fact(Fact::Prices), format_args!("`context_tiers` has the unknown tier `{name}`")),
            }
        }
    }
}

fn configured(subject: &mut SnapshotEntry<'_>, condition: &OwnedCondition, config: &Config) {
    if let Some(currency) = config.currency.as_deref().filter(|currency| *currency != "USD") {
        return subject.reject(&FactKey::Fact(Fact::Prices), format_args!("unsupported currency `{currency}`"));
    }
    if let Some(units) = &config.pay_as_you_go {
        rates(subject, condition, units);
    }
    if let Some(units) = &config.batch_config {
        rates(subject, &OwnedCondition { tier: Some(ServiceTier::Batch), ..condition.clone() }, units);
    }
    if let Some(FixedCost(cost)) = &config.fixed_cost {
        cost.clone().without(|_, cents| cents.is_zero()).record_when(condition, -2, subject);
    }
}

fn rates(subject: &mut SnapshotEntry<'_>, condition: &OwnedCondition, units: &Units) {
    let in_dollars = |cents: ExactDecimal| cents.shifted(4).rate();
    let tokens = |meter| units.tokens.rate(meter);
    let is_known = |meter| tokens(meter).is_some_and(|cents| !cents.is_zero());
    let others = || units.additional.values().chain(&units.image);
    let charges_others = is_known(Meter::InputAudio)
        || is_known(Meter::OutputAudio)
        || others().filter_map(|price| price.price).any(|cents| !cents.is_zero());
    let is_free = !is_known(Meter::Input) && !is_known(Meter::Output);
    let (input, read) = (tokens(Meter::Input).map(in_dollars), tokens(Meter::CacheRead).filter(|cents| !cents.is_zero()).map(in_dollars));
    let is_unreliable = |part, cents: ExactDecimal| {
        let CatalogPart::Meter(meter) = part else { return false };
        let rate = in_dollars(cents);
        match meter {
            Meter::Input | Meter::Output => is_free && charges_others,
            _ if cents.is_zero() => true,
            Meter::CacheRead => matches!((&input, &rate), (Some(Ok(input)), Ok(rate)) if !input.is_zero() && rate > input),
            Meter::CacheWrite => read == Some(rate),
            Meter::InputAudio | Meter::OutputAudio => !rate.is_ok_and(|rate| rate < PER_MINUTE),
            _ => false,
        }
    };
    units.tokens.clone().without(is_unreliable).record_when(condition, 4, subject);
    units.single.clone().without(is_unreliable).record_when(condition, -2, subject);
    if let [Price { price: Some(cents) }] = &units.image[..]
        && !cents.is_zero()
    {
        subject.set_rate_when(condition.clone(), Meter::Image, Some(cents.shifted(-2)));
    }
}
