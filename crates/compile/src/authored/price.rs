use super::{Decimal, UtcMoment};
use modeldex_table::{Currency, Meter, ServiceTier, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry of a price list: conditions, and the rates that hold under them.
///
/// The last entry that holds wins, rate by rate. An entry in another currency than those before it replaces them whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Price {
    /// More input tokens than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub above: Option<u32>,
    /// This class of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<ServiceTier>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcMoment>,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UtcMoment>,
    /// Between these hours of each day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// At an endpoint of this region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub region: Option<String>,
    /// The currency of the rates; that of the entry before, or USD, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-code" = "unknown-currency")))]
    pub currency: Option<Currency>,
    /// The rates: per million tokens, or per single request, image or search.
    #[serde(flatten)]
    pub rates: Rates,
}

/// Rates by what they count, in currency units per million tokens or per single unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rates(pub BTreeMap<Meter, Decimal>);

/// Hours of the day, in a zone that is a fixed distance from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// When they begin, as `HH:MM`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    pub start: String,
    /// When they end, as `HH:MM`; not after `start` means that they cross midnight.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    pub end: String,
    /// `UTC`, or a distance from it such as `+08:00`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "utc-offset", "x-code" = "invalid-date")))]
    pub time_zone: String,
    /// The days of the week; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
}
