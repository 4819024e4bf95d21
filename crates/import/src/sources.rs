//! The registry of sources and the map of providers: what people wrote about other catalogs, in `catalog/sources.yaml` and
//! `catalog/provider-map.yaml`.

use modeldex_table::{Date, ProviderKind};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

/// Every source that facts are taken from, by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// The sources.
    pub sources: BTreeMap<String, Source>,
}

/// Another catalog, and how what it says counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name on screen.
    pub name: String,
    /// The licence of its data.
    pub licence: String,
    /// The address of its data, where it has a single one.
    #[serde(default)]
    pub url: Option<String>,
    /// Its home page.
    #[serde(default)]
    pub home: Option<String>,
    /// The groups of facts that it may speak for; all of them where nothing is said.
    #[serde(default)]
    pub speaks_for: Vec<Group>,
    /// The providers that publish it themselves.
    #[serde(default)]
    pub first_party: Vec<String>,
    /// The sources that it copies in part: where both say the same, that is one voice.
    #[serde(default)]
    pub derived_from: Vec<String>,
    /// What is known to be wrong with it.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What was imported, oldest first. Written by the importer.
    #[serde(default)]
    pub snapshots: Vec<SnapshotRecord>,
}

/// A group of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Base URLs, protocols, variables and documentation of providers.
    Providers,
    /// Names and families.
    Names,
    /// Context windows and the most that goes in and comes out.
    Limits,
    /// What goes in and comes out.
    Modalities,
    /// What a model can do.
    Capabilities,
    /// When it was released, updated and what it knows.
    Dates,
    /// Rates.
    Prices,
    /// Where a model stands in its life, and what comes after it.
    Status,
    /// Other ids.
    Aliases,
}

/// A known fault of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// The providers of which it is known; all of them where nothing is said.
    #[serde(default)]
    pub providers: Vec<String>,
    /// How often it was seen, and where.
    #[serde(default)]
    pub note: Option<String>,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A cost of zero may mean that nobody knew it.
    ZeroIsUnknown,
    /// A limit of zero may mean that nobody knew it.
    ZeroLimitIsUnknown,
    /// What is called the most output is what is asked for where nobody says.
    DefaultOutputAsMaximum,
    /// Some rates in cents were entered as dollars.
    CentsEnteredAsDollars,
    /// Some rates were converted from another currency.
    ConvertedCurrency,
    /// A rate for cached input is that of reading in some places and of writing in others.
    CachedMeansReadOrWrite,
    /// Some snapshots have no dates.
    NoDates,
    /// Base URLs were read out of code by pattern.
    CodeDerivedEndpoints,
    /// Some of its ids are not those on the wire.
    IdsOfItsOwn,
    /// Of what goes in it knows text and images only: where others say more, that is no contradiction.
    KnowsTextAndImages,
}

/// One state of a source that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// The day it was published or fetched.
    #[serde(deserialize_with = "day")]
    pub date: Date,
    /// How many providers it lists.
    pub providers: usize,
    /// How many models it lists.
    pub models: usize,
    /// What the server called this state, so that the same one is not fetched twice.
    #[serde(default)]
    pub etag: Option<String>,
}

/// Which service is meant by which id in which source.
#[derive(Clone, Debug, Default)]
pub struct ProviderMap {
    services: BTreeMap<String, Service>,
    by_source: HashMap<(String, String), String>,
    skipped: BTreeMap<String, BTreeMap<String, String>>,
}

/// A service: what it is, and its ids elsewhere.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Service {
    /// What kind of service it is.
    #[serde(default)]
    pub kind: Option<ProviderKind>,
    /// Its ids, by source.
    #[serde(flatten)]
    pub ids: BTreeMap<String, Vec<String>>,
}

/// What a source's id of a provider stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped<'m> {
    /// A provider of this catalog.
    Provider(&'m str),
    /// Nothing that belongs into the catalog, and why.
    Skipped(&'m str),
    /// Nobody has looked at it.
    Unknown,
}

/// Why a registry cannot be used.
#[derive(Debug)]
pub struct RegistryError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong; with the line and column where there is one.
    pub reason: String,
}

impl Sources {
    /// Reads `sources.yaml` of a catalog folder.
    ///
    /// # Errors
    /// When the file cannot be read, or is not what it should be.
    pub fn read(catalog: &Path) -> Result<Self, RegistryError> {
        let path = catalog.join("sources.yaml");
        let read: Self = read(&path)?;
        for (name, source) in &read.sources {
            for parent in &source.derived_from {
                if !read.sources.contains_key(parent) {
                    return Err(RegistryError {
                        path,
                        reason: format!("`{name}` is derived from `{parent}`, and there is no such source"),
                    });
                }
            }
            if !source.snapshots.is_sorted_by(|one, other| one.date < other.date) {
                return Err(RegistryError { path, reason: format!("the snapshots of `{name}` are not in the order of their dates") });
            }
        }
        Ok(read)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// When it is not what it should be; with the line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }

    /// The day of the newest snapshot of any source: what counts as today, so that the same evidence always gives the same catalog.
    #[must_use]
    pub fn newest(&self) -> Option<Date> {
        self.sources.values().filter_map(Source::newest).max()
    }
}

impl Fault {
    /// Whether it is known of a provider.
    #[must_use]
    pub fn concerns(&self, provider: &str) -> bool {
        self.providers.is_empty() || self.providers.iter().any(|id| id == provider)
    }
}

impl Source {
    /// Whether it may speak for a group of facts.
    #[must_use]
    pub fn speaks_for(&self, group: Group) -> bool {
        self.speaks_for.is_empty() || self.speaks_for.contains(&group)
    }

    /// Whether it is known to have a fault.
    #[must_use]
    pub fn has(&self, kind: FaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    /// The day of its newest snapshot.
    #[must_use]
    pub fn newest(&self) -> Option<Date> {
        self.snapshots.last().map(|record| record.date)
    }
}

impl ProviderMap {
    /// Reads `provider-map.yaml` of a catalog folder.
    ///
    /// # Errors
    /// When the file cannot be read, is not what it should be, or an id of a source stands for two services.
    pub fn read(catalog: &Path) -> Result<Self, RegistryError> {
        let path = catalog.join("provider-map.yaml");
        let file: MapFile = read(&path)?;
        Self::from_file(file).map_err(|reason| RegistryError { path, reason })
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// As [`ProviderMap::read`].
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::from_file(serde_yaml::from_str(text).map_err(|error| error.to_string())?)
    }

    /// What a source's id of a provider stands for.
    #[must_use]
    pub fn of(&self, source: &str, id: &str) -> Mapped<'_> {
        // Two lookups by borrowed pairs would need a type of their own; ids of providers are few.
        if let Some(provider) = self.by_source.get(&(source.to_owned(), id.to_owned())) {
            return Mapped::Provider(provider);
        }
        self.skipped.get(source).and_then(|ids| ids.get(id)).map_or(Mapped::Unknown, |why| Mapped::Skipped(why))
    }

    /// The services, by id.
    #[must_use]
    pub fn services(&self) -> &BTreeMap<String, Service> {
        &self.services
    }

    fn from_file(file: MapFile) -> Result<Self, String> {
        let mut by_source = HashMap::new();
        for (provider, service) in &file.providers {
            if !is_provider_id(provider) {
                return Err(format!(
                    "`{}` is no id of a provider: lower-case letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
                    provider.escape_debug()
                ));
            }
            for (source, ids) in &service.ids {
                for id in ids {
                    if let Some(other) = by_source.insert((source.clone(), id.clone()), provider.clone()) {
                        return Err(format!("`{id}` of {source} stands for `{other}` and for `{provider}`: one of the two is wrong"));
                    }
                    if file.skip.get(source).is_some_and(|ids| ids.contains_key(id)) {
                        return Err(format!("`{id}` of {source} stands for `{provider}` and is skipped: one of the two is wrong"));
                    }
                }
            }
        }
        Ok(Self { services: file.providers, by_source, skipped: file.skip })
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.to_string_lossy().replace('\\', "/"), self.reason)
    }
}

impl std::error::Error for RegistryError {}

/// Whether a text can be the id of a provider or lab, and so the name of its file.
pub(crate) fn is_provider_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.bytes().next().is_some_and(is_plain) && id.len() <= 64 && id.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    providers: BTreeMap<String, Service>,
    #[serde(default)]
    skip: BTreeMap<String, BTreeMap<String, String>>,
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, RegistryError> {
    let text = std::fs::read_to_string(path).map_err(|error| RegistryError { path: path.into(), reason: error.to_string() })?;
    serde_yaml::from_str(&text).map_err(|error| RegistryError { path: path.into(), reason: error.to_string() })
}

fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    let date = Date::parse(&text).ok().filter(|date| date.day().is_some());
    date.ok_or_else(|| serde::de::Error::custom(format_args!("`{text}` is not a day: write it as YYYY-MM-DD")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_is_one_service() {
        let text = "providers:\n  a: {kind: lab, x: [one, two], y: [one]}\n  b: {x: [three]}\nskip:\n  x: {four: no models}\n";
        let map = ProviderMap::parse(text).unwrap();
        assert_eq!(map.of("x", "two"), Mapped::Provider("a"));
        assert_eq!(map.of("y", "one"), Mapped::Provider("a"));
        assert_eq!(map.of("x", "four"), Mapped::Skipped("no models"));
        assert_eq!(map.of("y", "four"), Mapped::Unknown);
        assert_eq!(map.services()["a"].kind, Some(ProviderKind::Lab));
        let twice = ProviderMap::parse("providers:\n  a: {x: [one]}\n  b: {x: [one]}\n").unwrap_err();
        assert!(twice.contains("`a`") && twice.contains("`b`"), "{twice}");
        assert!(ProviderMap::parse("providers:\n  a: {x: [one]}\nskip:\n  x: {one: why}\n").is_err());
    }
}
