//! Reads `catalog/sources.yaml`, `catalog/provider-map.yaml` and the list of imported snapshots, `evidence/snapshots.json`.

use modeldex_compile::authored::provider_map;
use modeldex_compile::registry::{self, RegistryError};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::{fmt, io};

pub use modeldex_compile::authored::provider_map::Service;
pub use modeldex_compile::authored::sources::{Fault, FaultKind, SnapshotRecord, Source, Sources};

/// Why a registry cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// A file of the catalog has errors.
    Catalog(Box<RegistryError>),
    /// The list of snapshots cannot be read.
    Snapshots {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The list of snapshots within the evidence folder.
const SNAPSHOTS: &str = "snapshots.json";

/// Reads the sources of a catalog folder, with the snapshots of its evidence folder.
///
/// # Errors
/// When `sources.yaml` has errors or the list of snapshots cannot be read.
pub fn read(catalog: &Path, evidence: &Path) -> Result<Sources, ReadError> {
    let mut sources = registry::sources(catalog)?;
    let path = evidence.join(SNAPSHOTS);
    let failed = |reason: String| ReadError::Snapshots { path: path.clone(), reason };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(sources),
        Err(error) => return Err(failed(error.to_string())),
    };
    let snapshots: BTreeMap<String, Vec<SnapshotRecord>> = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    for (name, mut snapshots) in snapshots {
        // Snapshots of sources that left the registry are ignored.
        let Some(source) = sources.sources.get_mut(&name) else { continue };
        snapshots.sort_by_key(|record| record.date);
        source.snapshots = snapshots;
    }
    Ok(sources)
}

/// The text of the list of snapshots, and its path within the evidence folder.
///
/// # Errors
/// When the list cannot be serialized.
pub fn render_snapshots(sources: &Sources) -> serde_json::Result<(PathBuf, String)> {
    let known = sources.sources.iter().filter(|(_, source)| !source.snapshots.is_empty());
    let snapshots: BTreeMap<&String, &Vec<SnapshotRecord>> = known.map(|(name, source)| (name, &source.snapshots)).collect();
    Ok((PathBuf::from(SNAPSHOTS), serde_json::to_string_pretty(&snapshots)? + "\n"))
}

impl From<RegistryError> for ReadError {
    fn from(error: RegistryError) -> Self {
        Self::Catalog(Box::new(error))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog(error) => error.fmt(f),
            Self::Snapshots { path, reason } => write!(f, "{}: {reason}", modeldex_support::text::path(path)),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads sources from a text that lists their `snapshots` as well.
#[cfg(test)]
pub(crate) fn with_snapshots(text: &str) -> Sources {
    let mut value: serde_json::Value = serde_yaml::from_str(text).unwrap();
    let named = value["sources"].as_object_mut().unwrap();
    let snapshots: Vec<(String, serde_json::Value)> =
        named.iter_mut().filter_map(|(name, source)| Some((name.clone(), source.as_object_mut()?.remove("snapshots")?))).collect();
    let mut sources: Sources = serde_json::from_value(value).unwrap();
    for (name, list) in snapshots {
        sources.sources.get_mut(&name).unwrap().snapshots = serde_json::from_value(list).unwrap();
    }
    sources
}

/// The provider map: which id of a source is which provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderMap {
    services: BTreeMap<String, Service>,
    by_source: HashMap<(String, String), String>,
    skipped: BTreeMap<String, BTreeMap<String, String>>,
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

impl ProviderMap {
    /// Reads `provider-map.yaml` of a catalog folder.
    ///
    /// # Errors
    /// When the file cannot be read or has errors, such as an id of a source that stands for two services.
    pub fn read(catalog: &Path) -> Result<Self, RegistryError> {
        registry::provider_map(catalog).map(Self::from)
    }

    /// Reads the text of such a file by its types alone.
    ///
    /// # Errors
    /// The first fault, with its line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        provider_map::ProviderMap::parse(text).map(Self::from)
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
}

impl From<provider_map::ProviderMap> for ProviderMap {
    fn from(map: provider_map::ProviderMap) -> Self {
        let mut by_source = HashMap::new();
        for (provider, service) in &map.providers {
            for (source, ids) in &service.ids {
                by_source.extend(ids.iter().map(|id| ((source.clone(), id.clone()), provider.clone())));
            }
        }
        Self { services: map.providers, by_source, skipped: map.skip }
    }
}

/// Whether a text can be the id of a provider or lab, and so the name of its file.
pub(crate) fn is_provider_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.bytes().next().is_some_and(is_plain) && id.len() <= 64 && id.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::ProviderKind;

    #[test]
    fn ids_of_sources_stand_for_services() {
        let text = "providers:\n  a: {kind: lab, x: [one, two], y: [one]}\n  b: {x: [three]}\nskip:\n  x: {four: no models}\n";
        let map = ProviderMap::parse(text).unwrap();
        assert_eq!(map.of("x", "two"), Mapped::Provider("a"));
        assert_eq!(map.of("y", "one"), Mapped::Provider("a"));
        assert_eq!(map.of("x", "four"), Mapped::Skipped("no models"));
        assert_eq!(map.of("y", "four"), Mapped::Unknown);
        assert_eq!(map.services()["a"].kind, Some(ProviderKind::Lab));
    }
}
