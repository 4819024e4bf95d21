//! `sources.yaml`: the catalogs from which facts are imported.

use super::Day;
use modeldex_table::FactGroup;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The registry of sources: the catalogs from which facts are imported, and what is known about their reliability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Sources, by name.
    pub sources: BTreeMap<String, Source>,
}

/// A source: another catalog from which facts are imported, and what is known about its reliability.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Display name.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: String,
    /// Licence of the data.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub licence: String,
    /// URL of the data, if all data is at one URL.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL)))]
    pub url: Option<String>,
    /// URL of the home page.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL)))]
    pub home: Option<String>,
    /// Groups of facts for which the claims of the source count; all groups by default.
    #[serde(default)]
    pub authoritative_for: Vec<FactGroup>,
    /// Providers that publish this source themselves, with facts about their own models. Each provider is stated by its id in the provider map.
    #[serde(default)]
    pub first_party: Vec<String>,
    /// Sources from which this source is partly copied. If such a source and this source state the same value, the value counts only once.
    #[serde(default)]
    pub derived_from: Vec<String>,
    /// Known faults of the source.
    #[serde(default)]
    pub faults: Vec<SourceFault>,
    /// Imported snapshots, oldest first. This list is not in `sources.yaml`, but in the file `snapshots.json` of the evidence folder.
    #[serde(skip)]
    pub snapshots: Vec<SnapshotRecord>,
}

/// A known fault of a source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceFault {
    /// Kind of fault.
    pub kind: SourceFaultKind,
    /// Affected providers, by their ids in the provider map; all providers by default.
    #[serde(default)]
    pub providers: Vec<String>,
    /// Where and how often the fault was observed.
    pub note: Option<String>,
}

/// A kind of fault of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SourceFaultKind {
    /// A rate of 0 may mean that the rate is unknown.
    ZeroIsUnknown,
    /// A token limit of 0 may mean that the limit is unknown.
    ZeroLimitIsUnknown,
    /// The source states the default number of output tokens of a request as the maximum output.
    DefaultOutputAsMaximum,
    /// Some rates are in cents, but were entered as if they were in dollars.
    CentsEnteredAsDollars,
    /// Some rates were converted from another currency.
    ConvertedCurrency,
    /// The rate for cached input is the rate of cache reads for some models, and the rate of cache writes for others.
    CachedMeansReadOrWrite,
    /// Some snapshots do not state the date of their data.
    NoDates,
    /// The base URLs were extracted from source code with search patterns.
    CodeDerivedEndpoints,
    /// Some model ids differ from the ids in requests.
    IdsOfItsOwn,
    /// The source knows only the input modalities text and image, so its claims do not count against sources that state more modalities.
    KnowsTextAndImages,
}

/// One imported snapshot of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// Date on which the snapshot was published or fetched.
    pub date: Day,
    /// Number of providers in the snapshot.
    pub providers: usize,
    /// Number of models in the snapshot.
    pub models: usize,
    /// `ETag` header of the response. The next import sends this value, so that an unchanged snapshot is not downloaded again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Source {
    /// Returns whether claims of this source count for facts of `group`.
    #[must_use]
    pub fn authoritative_for(&self, group: FactGroup) -> bool {
        self.authoritative_for.is_empty() || self.authoritative_for.contains(&group)
    }

    /// Returns whether the source has a known fault of this kind.
    #[must_use]
    pub fn has_fault(&self, kind: SourceFaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    /// Returns the date of the newest imported snapshot. Returns `None` if no snapshot was imported.
    #[must_use]
    pub fn newest_snapshot(&self) -> Option<modeldex_table::Date> {
        self.snapshots.last().map(|record| record.date.0)
    }
}

impl Sources {
    /// Returns the date of the newest snapshot of any source. Computations use this date as the current date, so that the same evidence always gives
    /// the same catalog. Returns `None` if no snapshot was imported.
    #[must_use]
    pub fn newest_snapshot(&self) -> Option<modeldex_table::Date> {
        self.sources.values().filter_map(Source::newest_snapshot).max()
    }
}

impl SourceFault {
    /// Returns whether the fault affects the provider with this id.
    #[must_use]
    pub fn applies_to(&self, provider: &str) -> bool {
        self.providers.is_empty() || self.providers.iter().any(|id| id == provider)
    }
}
