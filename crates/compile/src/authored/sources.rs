//! `sources.yaml`: the catalogs that facts are taken from.

use super::Day;
use modeldex_table::FactGroup;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The registry of sources: the catalogs that facts are taken from, and how the claims of each count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// The sources, by name.
    pub sources: BTreeMap<String, Source>,
}

/// Another catalog, and how its claims count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name on screen.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: String,
    /// The licence of its data.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub licence: String,
    /// The address of its data, where it has a single one.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://")))]
    pub url: Option<String>,
    /// Its home page.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://")))]
    pub home: Option<String>,
    /// The groups of facts whose claims count; all groups by default.
    #[serde(default)]
    pub authoritative_for: Vec<FactGroup>,
    /// The providers that publish it themselves, by their ids in the provider map.
    #[serde(default)]
    pub first_party: Vec<String>,
    /// The sources that it copies in part: where both claim the same value, that counts once.
    #[serde(default)]
    pub derived_from: Vec<String>,
    /// Its known faults.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The snapshots that were imported, oldest first. They are listed with the evidence, and not in `sources.yaml`.
    #[serde(skip)]
    pub snapshots: Vec<SnapshotRecord>,
}

/// A known fault of a source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The providers that it concerns, by their ids in the provider map; all providers by default.
    #[serde(default)]
    pub providers: Vec<String>,
    /// How often it was seen, and where.
    pub note: Option<String>,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A cost of zero may mean that the cost is unknown.
    ZeroIsUnknown,
    /// A limit of zero may mean that the limit is unknown.
    ZeroLimitIsUnknown,
    /// Its maximum output is the default of a request.
    DefaultOutputAsMaximum,
    /// Some rates in cents were entered as dollars.
    CentsEnteredAsDollars,
    /// Some rates were converted from another currency.
    ConvertedCurrency,
    /// A rate for cached input is for reading in some places and for writing in others.
    CachedMeansReadOrWrite,
    /// Some snapshots have no dates.
    NoDates,
    /// Base URLs were read out of code by pattern.
    CodeDerivedEndpoints,
    /// Some of its ids are not those on the wire.
    IdsOfItsOwn,
    /// Its input modalities are limited to text and image, and do not contradict sources that list more.
    KnowsTextAndImages,
}

/// One imported snapshot of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// The day on which it was published or fetched.
    pub date: Day,
    /// How many providers it lists.
    pub providers: usize,
    /// How many models it lists.
    pub models: usize,
    /// The server's `ETag` for it, so that the same snapshot is not fetched twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Source {
    /// Whether its claims about a group of facts count.
    #[must_use]
    pub fn authoritative_for(&self, group: FactGroup) -> bool {
        self.authoritative_for.is_empty() || self.authoritative_for.contains(&group)
    }

    /// Whether it is known to have a fault.
    #[must_use]
    pub fn has(&self, kind: FaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    /// The day of its newest snapshot.
    #[must_use]
    pub fn newest(&self) -> Option<modeldex_table::Date> {
        self.snapshots.last().map(|record| record.date.0)
    }
}

impl Sources {
    /// The day of the newest snapshot of any source: what counts as today, so that the same evidence always gives the same catalog.
    #[must_use]
    pub fn newest(&self) -> Option<modeldex_table::Date> {
        self.sources.values().filter_map(Source::newest).max()
    }
}

impl Fault {
    /// Whether it concerns a provider.
    #[must_use]
    pub fn concerns(&self, provider: &str) -> bool {
        self.providers.is_empty() || self.providers.iter().any(|id| id == provider)
    }
}
