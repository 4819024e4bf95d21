//! What a provider says was used, in each protocol's own words, as [`Usage`].
//!
//! Protocols overlap their counts in different ways: what is cached is part of the input in one and beside it in the next. Each protocol's
//! module says which, and here a part is always in its total, so that nothing is charged twice.
//!
//! Fields that are not known are passed over, since providers add some every month. Numbers that no request has are errors, and so is an
//! object that has none of its protocol's totals: it is probably another protocol's, and would cost nothing.

mod anthropic;
mod bedrock;
mod count;
mod google;
mod ollama;
mod openai;
mod own;

pub use count::CountError;

use count::Object;
use modeldex_table::{Api, ImpossibleUsage, Meter, ServiceTier, Usage};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;

/// Reads a usage object from its JSON text: that of a protocol, or with `None` one in modeldex's own names, which are those of [`Meter`].
///
/// ```
/// use modeldex_client::usage::{self, Tier};
/// use modeldex_table::{Api, Meter};
///
/// let raw = r#"{"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5, "service_tier": "standard"}"#;
/// let read = usage::read(Some(Api::AnthropicMessages), raw).unwrap();
/// assert_eq!(read.usage.get(Meter::Input), 100); // tokens, those of the cache included
/// assert_eq!(read.tier, Tier::Ordinary);
///
/// let typo = usage::read(None, r#"{"input": 100, "cache_raed": 90}"#).unwrap_err();
/// assert_eq!(typo.to_string(), "unknown meter `cache_raed`; nearest: `cache_read`");
/// ```
///
/// # Errors
/// When it is no such object, a count is no count, or parts are more than their total.
pub fn read(api: Option<Api>, raw: &str) -> Result<Read, UsageError> {
    let mut json = serde_json::Deserializer::from_str(raw);
    let read = from_json(api, &mut json)?;
    json.end().map_err(UsageError::shape)?;
    Ok(read)
}

/// Like [`read`], from a value that has been parsed already.
///
/// # Errors
/// As [`read`].
pub fn from_value(api: Option<Api>, value: &Value) -> Result<Read, UsageError> {
    from_json(api, value)
}

/// What a usage object says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// What was used; its parts are never more than their total.
    pub usage: Usage,
    /// The class of service that answered.
    pub tier: Tier,
}

/// The class of service as something says it, or does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Nothing is said.
    #[default]
    Unsaid,
    /// The ordinary one.
    Ordinary,
    /// One with rates of its own.
    Special(ServiceTier),
}

/// Why a usage object cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// It is not the JSON that it should be.
    Shape(String),
    /// It has none of the totals of its protocol.
    Missing(&'static str),
    /// A field is no count.
    Count(&'static str, CountError),
    /// No meter has this name; the nearest one, if any is near.
    UnknownMeter(String, Option<&'static str>),
    /// A class of service that may have other rates, nobody knows which.
    UnknownTier(String),
    /// Parts are more than their total.
    Impossible(ImpossibleUsage),
    /// Parts that should add up to a field do not.
    Split {
        /// The field.
        field: &'static str,
        /// What it says.
        count: u64,
        /// What its parts add up to.
        parts: u64,
    },
}

fn from_json<'de, D: Deserializer<'de>>(api: Option<Api>, json: D) -> Result<Read, UsageError> {
    let read = match api {
        None => own::read(object(json)?),
        Some(Api::OpenaiCompletions | Api::AzureOpenai) => openai::completions(&object(json)?),
        Some(Api::OpenaiResponses) => openai::responses(&object(json)?),
        Some(Api::AnthropicMessages) => anthropic::read(&object(json)?),
        Some(Api::GoogleGenerativeAi | Api::GoogleVertex) => google::read(&object(json)?),
        Some(Api::BedrockConverse) => bedrock::read(&object(json)?),
        Some(Api::Ollama) => ollama::read(&object(json)?),
    }?;
    read.usage.charged().map_err(UsageError::Impossible)?;
    Ok(read)
}

fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(json: D) -> Result<T, UsageError> {
    let Object(found) = Object::deserialize(json).map_err(UsageError::shape)?;
    found.ok_or_else(|| UsageError::Shape("it is null, where a usage object is expected".to_owned()))
}

/// What is cached for five minutes or as long as usual, and for an hour, where `field` says the whole and a split of it may be there, too.
fn split(field: &'static str, count: Option<u64>, usual: Option<u64>, hour: Option<u64>) -> Result<(u64, u64), UsageError> {
    if usual.is_none() && hour.is_none() {
        return Ok((count.unwrap_or(0), 0));
    }
    let (usual, hour) = (usual.unwrap_or(0), hour.unwrap_or(0));
    match count {
        Some(count) if count != usual + hour => Err(UsageError::Split { field, count, parts: usual + hour }),
        _ => Ok((usual, hour)),
    }
}

impl Read {
    fn of(counts: &[(Meter, u64)], tier: Tier) -> Self {
        Self { usage: Usage::of(counts), tier }
    }
}

impl Tier {
    /// The class of service, and `usual` where nothing is said.
    #[must_use]
    pub fn or(self, usual: Option<ServiceTier>) -> Option<ServiceTier> {
        match self {
            Self::Unsaid => usual,
            Self::Ordinary => None,
            Self::Special(tier) => Some(tier),
        }
    }

    /// Reads a word of [`ServiceTier`], or `standard` or `default` for the ordinary one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "standard" | "default" => Some(Self::Ordinary),
            _ => ServiceTier::parse(text).map(Self::Special),
        }
    }
}

impl UsageError {
    /// A word that stays, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shape(_) => "invalid-usage",
            Self::Missing(_) => "missing-usage",
            Self::Count(..) => "invalid-count",
            Self::UnknownMeter(..) => "unknown-meter",
            Self::UnknownTier(_) => "unknown-tier",
            Self::Impossible(_) | Self::Split { .. } => "impossible-usage",
        }
    }

    fn shape(error: impl fmt::Display) -> Self {
        Self::Shape(error.to_string())
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(why) => write!(f, "the usage cannot be read: {why}"),
            Self::Missing(fields) => write!(f, "the usage has none of {fields}: it may be that of another protocol"),
            Self::Count(field, why) => write!(f, "`{field}` is no count: {why}"),
            Self::UnknownMeter(name, Some(near)) => write!(f, "unknown meter `{name}`; nearest: `{near}`"),
            Self::UnknownMeter(name, None) => {
                write!(f, "unknown meter `{name}`; there are")?;
                Meter::ALL.iter().try_for_each(|meter| write!(f, " `{meter}`"))
            }
            Self::UnknownTier(word) => write!(f, "unknown class of service `{word}`, whose rates nobody knows"),
            Self::Impossible(impossible) => impossible.fmt(f),
            Self::Split { field, count, parts } => write!(f, "the parts of `{field}` add up to {parts}, and it says {count}"),
        }
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests;
