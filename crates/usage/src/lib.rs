//! Parses the usage objects in the responses of providers as [`Usage`].
//!
//! Wire protocols count differently: in one protocol, the count of input tokens includes cached tokens; in another, cached tokens are counted
//! separately. A usage shape, [`Shape`], describes the usage objects of a wire protocol: it states which meter each field counts, and which counts
//! are included in which other counts. The usage shapes are data files in `catalog/usage/`. In [`Usage`], totals always include their parts, so that
//! no token is charged twice.
//!
//! Unknown fields are ignored, because providers add fields every month. Implausible counts are errors. A usage object without the required fields of
//! its wire protocol is an error too: it probably has the format of another wire protocol, and without the error its cost would be 0.

mod count;
mod meters;
mod object;
mod reader;
mod shape;

pub use count::{CountError, MAX_COUNT};
pub use reader::InvalidShape;
pub use shape::{CountPart, CountRule, FieldPath, ListShape, OtherEntries, RegionField, Shape, TierField, TotalRule};

use modeldex_table::{Api, ImpossibleUsage, Meter, ServiceTier, Usage};
use reader::Reader;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// A map from names to usage shapes. The name of a shape is the name of its file in `catalog/usage/` without `.yaml`, such as `anthropic-messages`.
pub type NamedShapes = BTreeMap<String, Shape>;

/// The built-in usage shapes as JSON text, which [`parse_shapes`] parses. `modeldex generate` generates the text from `catalog/usage/`.
pub const BUILT_IN: &str = include_str!("shapes.json");

/// A parser for the usage objects in the responses of all wire protocols. The parser is compiled from usage shapes.
#[derive(Debug)]
pub struct Shapes {
    readers: Vec<Reader>,
    /// For each wire protocol, the indexes of its readers in the order in which they are tried.
    readers_by_api: [Vec<usize>; Api::ALL.len()],
}

/// Parses the JSON text of a usage object: the object in a response that states the usage, such as the number of input tokens. Uses the built-in
/// usage shapes.
///
/// `api` is the wire protocol that determines the format of the usage object. If `api` is `None`, the keys of the object are the names of meters,
/// such as `cache_read`.
///
/// ```
/// use modeldex_table::{Api, Meter};
/// use modeldex_usage::Tier;
///
/// let raw = r#"{"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5, "service_tier": "standard"}"#;
/// let read = modeldex_usage::read(Some(Api::AnthropicMessages), raw).unwrap();
/// assert_eq!(read.usage.get(Meter::Input), 100); // tokens, including cached ones
/// assert_eq!(read.tier, Tier::Standard);
///
/// let typo = modeldex_usage::read(None, r#"{"input": 100, "cache_raed": 90}"#).unwrap_err();
/// assert_eq!(typo.to_string(), "unknown meter `cache_raed`; nearest: `cache_read`");
/// ```
///
/// # Errors
/// Fails in these cases:
///
/// - The text is not a usage object in this format.
/// - A count is invalid.
/// - The parts of a total add up to more than the total.
/// - The total number of tokens that the object states is greater than the sum of its counts.
pub fn read(api: Option<Api>, raw: &str) -> Result<ParsedUsage, UsageError> {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::new(NamedShapes::new()).expect("built-in shapes are tested"));
    SHAPES.read(api, raw)
}

/// Parses a usage object according to the built-in usage shapes. Does the same as [`read`], but for a JSON value instead of a JSON text.
///
/// # Errors
/// Fails for the same reasons as [`read`].
pub fn read_value(api: Option<Api>, value: &Value) -> Result<ParsedUsage, UsageError> {
    read(api, &value.to_string())
}

/// Serializes usage shapes to a JSON text, which [`parse_shapes`] parses.
#[must_use]
pub fn shapes_to_json(shapes: &NamedShapes) -> String {
    // Cannot fail: all map keys are strings.
    serde_json::to_string_pretty(shapes).unwrap_or_default() + "\n"
}

/// Parses usage shapes from a JSON text that [`shapes_to_json`] wrote. Returns an empty map if the text is invalid.
#[must_use]
pub fn parse_shapes(text: &str) -> NamedShapes {
    serde_json::from_str(text).unwrap_or_default()
}

impl Shape {
    /// Checks the usage shape against the rules that its JSON Schema cannot express. For example, no field may be counted for two meters.
    ///
    /// # Errors
    /// Returns the first violation of a rule.
    pub fn verify(&self) -> Result<(), InvalidShape> {
        Reader::new(self).map(|_| ())
    }
}

impl Shapes {
    /// Compiles the built-in usage shapes and `shapes`. A shape in `shapes` replaces the built-in shape with the same name.
    ///
    /// # Errors
    /// Fails if a shape violates a rule that [`Shape::verify`] checks.
    pub fn new(shapes: NamedShapes) -> Result<Self, InvalidShape> {
        let mut all = parse_shapes(BUILT_IN);
        all.extend(shapes);
        let readers = all.values().map(Reader::new).collect::<Result<_, _>>()?;
        let mut readers_by_api = [const { Vec::new() }; Api::ALL.len()];
        for api in Api::ALL {
            let mut candidates: Vec<_> = all.iter().enumerate().filter(|(_, (_, shape))| shape.apis.contains(api)).collect();
            candidates.sort_by_key(|(_, (name, _))| *name != api.as_str());
            readers_by_api[usize::from(api.code())] = candidates.into_iter().map(|(index, _)| index).collect();
        }
        Ok(Self { readers, readers_by_api })
    }

    /// Parses the JSON text of a usage object according to these usage shapes.
    ///
    /// `api` is the wire protocol that determines the format of the usage object. If `api` is `None`, the keys of the object are the names of meters,
    /// such as `cache_read`.
    ///
    /// # Errors
    /// Fails for the same reasons as the function [`read`].
    pub fn read(&self, api: Option<Api>, raw: &str) -> Result<ParsedUsage, UsageError> {
        let read = match api {
            None => meters::read(raw),
            Some(api) => self.read_protocol(api, raw),
        }?;
        read.usage.charged().map_err(UsageError::Impossible)?;
        Ok(read)
    }

    /// Parses a usage object according to these usage shapes. Does the same as [`Shapes::read`], but for a JSON value instead of a JSON text. The
    /// value is serialized first, because counts are parsed digit by digit.
    ///
    /// # Errors
    /// Fails for the same reasons as the function [`read`].
    pub fn read_value(&self, api: Option<Api>, value: &Value) -> Result<ParsedUsage, UsageError> {
        self.read(api, &value.to_string())
    }

    /// Parses a usage object with the first usage shape whose required fields are present. If no shape matches, returns the error of the first shape.
    fn read_protocol(&self, api: Api, raw: &str) -> Result<ParsedUsage, UsageError> {
        let mut missing = None;
        for &index in &self.readers_by_api[usize::from(api.code())] {
            match self.readers[index].read(raw) {
                Err(UsageError::MissingCounts(fields)) => missing = missing.or(Some(fields)),
                read => return read,
            }
        }
        Err(missing.map_or_else(
            || UsageError::Invalid(format!("there is no usage shape for the wire protocol `{api}`")),
            UsageError::MissingCounts,
        ))
    }
}

/// The content of a usage object: the counts, and the service tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedUsage {
    /// The count of each meter. The parts of a total never add up to more than the total.
    pub usage: Usage,
    /// The service tier that processed the request, as the usage object states it.
    pub tier: Tier,
}

/// A service tier as a usage object or a command-line option states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// No service tier is stated.
    #[default]
    Unstated,
    /// The standard tier. In a price list, the rates of this tier are in the entries without a service tier.
    Standard,
    /// A service tier with its own rates, such as batch.
    NonStandard(ServiceTier),
}

/// The reason why a text is not a valid usage object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// The text is not a JSON object with fields of the expected types. Contains a description of the problem.
    Invalid(String),
    /// The usage object has none of the required fields of its format. Contains the names of these fields.
    MissingCounts(String),
    /// The value of a field is not a valid count. Contains the name of the field, and the reason.
    InvalidCount(String, CountError),
    /// A key of the usage object is not the name of a meter. Contains the key, and the name of a meter that is similar to the key, if there is one.
    UnknownMeter(String, Option<&'static str>),
    /// The service tier is unknown, so the rates are unknown too. Contains the service tier as the usage object states it.
    UnknownTier(String),
    /// The region is unknown, so the rates are unknown too. Contains the region as the usage object states it.
    UnknownRegion(String),
    /// The usage object covers several requests, but its counts include only some of them. Contains the name of the field that lists the requests.
    SeveralRequests(String),
    /// The total number of tokens is greater than the sum of the counts, so that the meter of some tokens is unknown.
    Incomplete {
        /// The name of the field with the total number of tokens.
        field: String,
        /// A description of the counts that were added up, such as `the input tokens and the output tokens`.
        counted: String,
        /// The number of tokens that no meter counts.
        excess: u64,
    },
    /// The total number of tokens is less than one of the counts that it includes.
    TotalTooSmall {
        /// The name of the field with the total number of tokens.
        field: String,
        /// The total number of tokens.
        total: u64,
        /// The name of the field with the count that is greater than the total.
        part: String,
        /// The count that is greater than the total.
        count: u64,
    },
    /// The parts of a total, such as cached tokens, add up to more than the total.
    Impossible(ImpossibleUsage),
    /// Cached, audio and image tokens add up to more than the input tokens. So some cached tokens are also audio or image tokens, but the usage
    /// object does not state how many.
    AmbiguousOverlap(ImpossibleUsage),
    /// The parts of a count do not add up to the count.
    PartsMismatch {
        /// The name of the field with the count.
        field: String,
        /// The count that the field states.
        count: u64,
        /// The sum of the parts of the count.
        parts: u64,
    },
}

/// The names of the standard service tier.
const STANDARD: [&str; 2] = ["standard", "default"];

impl ParsedUsage {
    /// Checks the usage of an object that does not state which cached tokens are audio or image tokens. If cached tokens, audio tokens and image
    /// tokens add up to more than the input tokens, an unknown number of tokens is counted twice.
    fn check_overlap(self) -> Result<Self, UsageError> {
        let has = |meter| self.usage.get(meter) > 0;
        if !(has(Meter::InputAudio) || has(Meter::InputImage)) || !has(Meter::CacheRead) {
            return Ok(self);
        }
        match self.usage.charged() {
            Err(impossible) if impossible.total == Meter::Input => Err(UsageError::AmbiguousOverlap(impossible)),
            _ => Ok(self),
        }
    }
}

impl Tier {
    /// Returns the stated service tier. If no service tier is stated, returns `default`. `None` means the standard tier, both as a result and as
    /// `default`.
    #[must_use]
    pub fn unwrap_or(self, default: Option<ServiceTier>) -> Option<ServiceTier> {
        match self {
            Self::Unstated => default,
            Self::Standard => None,
            Self::NonStandard(tier) => Some(tier),
        }
    }

    /// Parses the name of a service tier. Accepts the names of [`ServiceTier`]. Also accepts `standard` and `default`, which both mean the standard
    /// tier. Returns `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if STANDARD.contains(&text) { Some(Self::Standard) } else { ServiceTier::parse(text).map(Self::NonStandard) }
    }

    /// Iterates over the names of service tiers that [`Tier::parse`] accepts.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        STANDARD.into_iter().chain(ServiceTier::ALL.iter().map(|tier| tier.as_str()))
    }
}

impl UsageError {
    /// Returns the stable error code for programs, such as `invalid-count`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid-usage",
            Self::MissingCounts(_) => "missing-usage",
            Self::InvalidCount(..) => "invalid-count",
            Self::UnknownMeter(..) => "unknown-meter",
            Self::UnknownTier(_) => "unknown-tier",
            Self::UnknownRegion(_) => "unknown-region",
            Self::SeveralRequests(_) => "several-requests",
            Self::Incomplete { .. } => "incomplete-usage",
            Self::TotalTooSmall { .. } | Self::Impossible(_) | Self::AmbiguousOverlap(_) | Self::PartsMismatch { .. } => "impossible-usage",
        }
    }

    /// Converts an error of the JSON parser. Removes the line and the column from its message: they are counted from the start of the usage object,
    /// and the user does not see this position.
    fn invalid(error: &serde_json::Error) -> Self {
        let mut message = error.to_string();
        if error.line() > 0 {
            let position = format!(" at line {line} column {column}", line = error.line(), column = error.column());
            message.truncate(message.strip_suffix(position.as_str()).unwrap_or(&message).len());
        }
        Self::Invalid(message)
    }
}

/// Displays at most 200 bytes of a text from the input.
struct Truncated<'a>(&'a str);

impl fmt::Display for Truncated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        let end = (0..=text.len().min(200)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        write!(f, "{}{}", &text[..end], if end < text.len() { "…" } else { "" })
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "invalid usage object: {reason}", reason = Truncated(reason)),
            Self::MissingCounts(fields) => {
                write!(f, "the usage object has none of these fields: {fields}; the object may be in the format of another wire protocol")
            }
            Self::InvalidCount(field, reason) => write!(f, "invalid count in `{field}`: {reason}"),
            Self::UnknownMeter(name, Some(near)) => write!(f, "unknown meter `{name}`; nearest: `{near}`", name = Truncated(name)),
            Self::UnknownMeter(name, None) => {
                write!(f, "unknown meter `{name}`; known meters:", name = Truncated(name))?;
                Meter::ALL.iter().try_for_each(|meter| write!(f, " `{meter}`"))
            }
            Self::UnknownTier(tier) => write!(f, "the rates of the service tier `{tier}` are unknown", tier = Truncated(tier)),
            Self::UnknownRegion(region) => write!(f, "the rates of the region `{region}` are unknown", region = Truncated(region)),
            Self::SeveralRequests(list) => {
                write!(f, "the usage object covers several requests; pass each entry of its list `{list}` on a separate line")
            }
            Self::Incomplete { field, counted, excess } => {
                let tokens = if *excess == 1 { "1 token".to_owned() } else { format!("{excess} tokens") };
                write!(f, "`{field}` exceeds the sum of {counted} by {tokens}, whose rate is unknown")
            }
            Self::TotalTooSmall { field, total, part, count } => {
                write!(f, "the total `{field}` is {total} tokens, but its part `{part}` is {count} tokens")
            }
            Self::Impossible(impossible) => impossible.fmt(f),
            Self::AmbiguousOverlap(impossible) => {
                write!(f, "{impossible}; the usage object does not state how many cached tokens are audio or image tokens")
            }
            Self::PartsMismatch { field, count, parts } => {
                write!(f, "the parts of `{field}` add up to {parts}, but the field states a count of {count}")
            }
        }
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests;
