//! Reads what a provider reports as used, in each protocol's own words, as [`Usage`].
//!
//! Protocols overlap their counts in different ways: cached tokens are part of the input in one and beside it in the next. A [`Shape`] states
//! that as data, and which field counts what; the shapes are the files of `catalog/usage/`. Here a part is always in its total, so that
//! nothing is charged twice.
//!
//! Fields that are not known are passed over, since providers add some every month. Numbers that no request has are errors, and so is an
//! object that has none of its protocol's totals: it is probably another protocol's, and would cost nothing.

mod count;
mod object;
mod own;
mod reader;
mod shape;

pub use count::{CountError, MOST};
pub use reader::ShapeFault;
pub use shape::{Count, List, Others, Part, Path, RegionField, Shape, TierField, Total};

use modeldex_table::{Api, ImpossibleUsage, Meter, ServiceTier, Usage};
use reader::Reader;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// Shapes by the names of their files.
pub type NamedShapes = BTreeMap<String, Shape>;

/// The shapes of `catalog/usage/`, as [`text`] writes them. `modeldex generate` writes the file.
pub const BUILT_IN: &str = include_str!("shapes.json");

/// Shapes made ready to read with.
#[derive(Debug)]
pub struct Shapes {
    readers: Vec<Reader>,
    /// For each protocol the readers to try, in this order.
    of_api: [Vec<usize>; Api::ALL.len()],
}

/// Reads a usage object from its JSON text by the built-in shapes: that of a protocol, or with `None` one in modeldex's own names, which are
/// those of [`Meter`].
///
/// ```
/// use modeldex_table::{Api, Meter};
/// use modeldex_usage::Tier;
///
/// let raw = r#"{"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5, "service_tier": "standard"}"#;
/// let read = modeldex_usage::read(Some(Api::AnthropicMessages), raw).unwrap();
/// assert_eq!(read.usage.get(Meter::Input), 100); // tokens, those of the cache included
/// assert_eq!(read.tier, Tier::Ordinary);
///
/// let typo = modeldex_usage::read(None, r#"{"input": 100, "cache_raed": 90}"#).unwrap_err();
/// assert_eq!(typo.to_string(), "unknown meter `cache_raed`; nearest: `cache_read`");
/// ```
///
/// # Errors
/// When it is no such object, a count is no count, parts are more than their total, or what was used is not all there.
pub fn read(api: Option<Api>, raw: &str) -> Result<Read, UsageError> {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::new(NamedShapes::new()).expect("a test makes the built-in shapes ready"));
    SHAPES.read(api, raw)
}

/// Like [`read`], from a value that has been parsed already.
///
/// # Errors
/// As [`read`].
pub fn from_value(api: Option<Api>, value: &Value) -> Result<Read, UsageError> {
    read(api, &value.to_string())
}

/// Shapes as JSON, as [`parse`] reads it.
#[must_use]
pub fn text(shapes: &NamedShapes) -> String {
    // Every key of every map is text, so nothing can fail.
    serde_json::to_string_pretty(shapes).unwrap_or_default() + "\n"
}

/// Reads what [`text`] wrote; nothing from another text.
#[must_use]
pub fn parse(text: &str) -> NamedShapes {
    serde_json::from_str(text).unwrap_or_default()
}

impl Shape {
    /// What is wrong with it, beyond what its schema states.
    ///
    /// # Errors
    /// The first fault.
    pub fn verify(&self) -> Result<(), ShapeFault> {
        Reader::new(self).map(|_| ())
    }
}

impl Shapes {
    /// These shapes over the built-in ones: one of the same name takes the place of the other.
    ///
    /// # Errors
    /// When [`Shape::verify`] fails for one of them.
    pub fn new(shapes: NamedShapes) -> Result<Self, ShapeFault> {
        let mut all = parse(BUILT_IN);
        all.extend(shapes);
        let readers = all.values().map(Reader::new).collect::<Result<_, _>>()?;
        let mut of_api = [const { Vec::new() }; Api::ALL.len()];
        for api in Api::ALL {
            let mut own: Vec<_> = all.iter().enumerate().filter(|(_, (_, shape))| shape.apis.contains(api)).collect();
            own.sort_by_key(|(_, (name, _))| *name != api.as_str());
            of_api[usize::from(api.code())] = own.into_iter().map(|(place, _)| place).collect();
        }
        Ok(Self { readers, of_api })
    }

    /// Reads a usage object from its JSON text: that of a protocol, or with `None` one in modeldex's own names.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(&self, api: Option<Api>, raw: &str) -> Result<Read, UsageError> {
        let read = match api {
            None => own::read(raw),
            Some(api) => self.read_as(api, raw),
        }?;
        read.usage.charged().map_err(UsageError::Impossible)?;
        Ok(read)
    }

    /// Like [`Shapes::read`], from a value that has been parsed already. It is written as text again, since counts are judged by their digits.
    ///
    /// # Errors
    /// As [`read`].
    pub fn from_value(&self, api: Option<Api>, value: &Value) -> Result<Read, UsageError> {
        self.read(api, &value.to_string())
    }

    /// By the first shape whose totals are there; the error is that of the first.
    fn read_as(&self, api: Api, raw: &str) -> Result<Read, UsageError> {
        let mut missing = None;
        for &place in &self.of_api[usize::from(api.code())] {
            match self.readers[place].read(raw) {
                Err(UsageError::Missing(fields)) => missing = missing.or(Some(fields)),
                read => return read,
            }
        }
        Err(missing.map_or_else(|| UsageError::Shape(format!("`{api}` has no shape in `usage/`")), UsageError::Missing))
    }
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
    Missing(String),
    /// A field is no count.
    Count(String, CountError),
    /// No meter has this name; the nearest one, if any is near.
    UnknownMeter(String, Option<&'static str>),
    /// A class of service that may have other rates, nobody knows which.
    UnknownTier(String),
    /// A place that may have other rates, nobody knows which.
    UnknownRegion(String),
    /// It sums up several requests, of which only some are in its counts; the field lists them.
    Several(String),
    /// Its total has more tokens than its counts, which are charged somehow.
    Incomplete {
        /// The total.
        field: String,
        /// What is counted, in words.
        counted: String,
        /// How many more there are.
        more: u64,
    },
    /// Its total is less than one of its counts.
    Total {
        /// The total.
        field: String,
        /// What it says.
        total: u64,
        /// The count.
        part: String,
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
        field: String,
        /// What it says.
        count: u64,
        /// What its parts add up to.
        parts: u64,
    },
}

/// What the ordinary class of service is called.
const ORDINARY: [&str; 2] = ["standard", "default"];

impl Read {
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
            Self::Several(_) => "several-requests",
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
            Self::Several(list) => write!(f, "this object sums up several requests; give each entry of `{list}` as a line of its own"),
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
