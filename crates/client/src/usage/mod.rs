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

pub use count::{CountError, MOST};

use count::{Count, Object};
use modeldex_table::{Api, ImpossibleUsage, Meter, ServiceTier, Usage};
use serde::Deserialize;
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
/// When it is no such object, a count is no count, parts are more than their total, or what was used is not all there.
pub fn read(api: Option<Api>, raw: &str) -> Result<Read, UsageError> {
    let read = match api {
        None => own::read(object(raw)?),
        Some(Api::OpenaiCompletions | Api::AzureOpenai) => openai::completions(&object(raw)?),
        Some(Api::OpenaiResponses) => openai::responses(&object(raw)?),
        Some(Api::AnthropicMessages) => anthropic::read(&object(raw)?),
        Some(Api::GoogleGenerativeAi | Api::GoogleVertex) => google::read(&object(raw)?),
        Some(Api::BedrockConverse) => bedrock::read(&object(raw)?),
        Some(Api::Ollama) => ollama::read(&object(raw)?),
    }?;
    read.usage.charged().map_err(UsageError::Impossible)?;
    Ok(read)
}

/// Like [`read`], from a value that has been parsed already. It is written as text again, since counts are judged by their digits.
///
/// # Errors
/// As [`read`].
pub fn from_value(api: Option<Api>, value: &Value) -> Result<Read, UsageError> {
    read(api, &value.to_string())
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
    /// A place that may have other rates, nobody knows which.
    UnknownRegion(String),
    /// It sums up several requests, of which only some are in its counts.
    Several,
    /// Its total has more tokens than its counts, which are charged somehow.
    Incomplete {
        /// The total.
        field: &'static str,
        /// What is counted, in words.
        counted: &'static str,
        /// How many more there are.
        more: u64,
    },
    /// Its total is less than one of its counts.
    Total {
        /// The total.
        field: &'static str,
        /// What it says.
        total: u64,
        /// The count.
        part: &'static str,
        /// What that says.
        count: u64,
    },
    /// Parts are more than their total.
    Impossible(ImpossibleUsage),
    /// Parts are more than their total, since some cached tokens are audio or images too, and it is not said how many.
    Overlap(ImpossibleUsage),
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

/// A count of all tokens, beside the counts that it is of.
struct Total {
    /// The field.
    field: &'static str,
    /// What it should be the sum of, in words.
    counted: &'static str,
    /// What it says.
    count: Count,
}

impl Total {
    /// Nothing may be used that no count shows, so the total must not be more than what is counted. It may be less, since some leave
    /// thinking or the cache out, but not less than any of `parts`. Who does not know the total says 0 or null.
    fn covers<const N: usize>(&self, counted: u64, parts: [(&'static str, u64); N]) -> Result<(), UsageError> {
        let total = match self.count.said(self.field)? {
            None | Some(0) => return Ok(()),
            Some(total) => total,
        };
        if let Some(more) = total.checked_sub(counted).filter(|more| *more > 0) {
            return Err(UsageError::Incomplete { field: self.field, counted: self.counted, more });
        }
        match parts.into_iter().find(|(_, count)| *count > total) {
            Some((part, count)) => Err(UsageError::Total { field: self.field, total, part, count }),
            None => Ok(()),
        }
    }
}

/// What the ordinary class of service is called.
const ORDINARY: [&str; 2] = ["standard", "default"];

fn object<'de, T: Deserialize<'de>>(raw: &'de str) -> Result<T, UsageError> {
    let Object(found) = serde_json::from_str(raw).map_err(|error| UsageError::shape(&error))?;
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

    /// The same, for a protocol that could say which of the cached tokens are audio or images, and does not: where both do not fit beside
    /// each other, some tokens are both, and nobody knows how many.
    fn or_overlap(self) -> Result<Self, UsageError> {
        let has = |meter| self.usage.get(meter) > 0;
        if !(has(Meter::InputAudio) || has(Meter::InputImage)) || !has(Meter::CacheRead) {
            return Ok(self);
        }
        match self.usage.charged() {
            Err(impossible) if impossible.total == Meter::Input => Err(UsageError::Overlap(impossible)),
            _ => Ok(self),
        }
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
        if ORDINARY.contains(&text) { Some(Self::Ordinary) } else { ServiceTier::parse(text).map(Self::Special) }
    }

    /// Every word that [`Tier::parse`] reads.
    pub fn words() -> impl Iterator<Item = &'static str> + Clone {
        ORDINARY.into_iter().chain(ServiceTier::ALL.iter().map(|tier| tier.as_str()))
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
            Self::UnknownRegion(_) => "unknown-region",
            Self::Several => "several-requests",
            Self::Incomplete { .. } => "incomplete-usage",
            Self::Total { .. } | Self::Impossible(_) | Self::Overlap(_) | Self::Split { .. } => "impossible-usage",
        }
    }

    /// What the parser says, without the place: it would be one in the object, whose own place nobody is told.
    fn shape(error: &serde_json::Error) -> Self {
        let mut why = error.to_string();
        if error.line() > 0 {
            let place = format!(" at line {} column {}", error.line(), error.column());
            why.truncate(why.strip_suffix(place.as_str()).unwrap_or(&why).len());
        }
        Self::Shape(why)
    }
}

/// A word from elsewhere, which may be as long as it likes, cut where it has said enough.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        let end = (0..=text.len().min(200)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        write!(f, "{}{}", &text[..end], if end < text.len() { "…" } else { "" })
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(why) => write!(f, "the usage cannot be read: {}", Short(why)),
            Self::Missing(fields) => write!(f, "the usage has none of {fields}: it may be that of another protocol"),
            Self::Count(field, why) => write!(f, "`{field}` is no count: {why}"),
            Self::UnknownMeter(name, Some(near)) => write!(f, "unknown meter `{}`; nearest: `{near}`", Short(name)),
            Self::UnknownMeter(name, None) => {
                write!(f, "unknown meter `{}`; there are", Short(name))?;
                Meter::ALL.iter().try_for_each(|meter| write!(f, " `{meter}`"))
            }
            Self::UnknownTier(word) => write!(f, "unknown class of service `{}`, whose rates nobody knows", Short(word)),
            Self::UnknownRegion(word) => {
                write!(f, "what it costs in `{}` is not known, and unknown is not the ordinary price", Short(word))
            }
            Self::Several => f.write_str("this object sums up several requests; give each entry of `iterations` as a line of its own"),
            Self::Incomplete { field, counted, more } => {
                write!(f, "`{field}` has {more} tokens more than {counted}, which are charged somehow")
            }
            Self::Total { field, total, part, count } => write!(f, "`{field}` is {total}, less than the {count} of `{part}`"),
            Self::Impossible(impossible) => impossible.fmt(f),
            Self::Overlap(impossible) => {
                write!(f, "{impossible}: the object does not say how many of the cached tokens are audio or images")
            }
            Self::Split { field, count, parts } => write!(f, "the parts of `{field}` add up to {parts}, and it says {count}"),
        }
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests;
