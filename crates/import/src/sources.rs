//! Reads the sources in `catalog/sources.yaml`, and the list of imported snapshots in `evidence/snapshots.json`.

use modeldex_compile::registry::{self, RegistryError};
use modeldex_support::file;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use modeldex_compile::authored::sources::{SnapshotRecord, Source, SourceFault, SourceFaultKind, Sources};

/// Failure to read the registry of a catalog: its sources with their imported snapshots, its provider map, or its confirmed routing.
#[derive(Debug)]
pub enum RegistryReadError {
    /// A file of the catalog folder cannot be read or has errors.
    Catalog(Box<RegistryError>),
    /// The list of imported snapshots cannot be read or has errors.
    Snapshots {
        /// Path of the file.
        path: PathBuf,
        /// Description of the error.
        reason: String,
    },
}

/// Name of the file in the evidence folder that lists the imported snapshots.
const SNAPSHOTS_FILE: &str = "snapshots.json";

/// Reads the sources from a catalog folder, and the list of their imported snapshots from the evidence folder.
///
/// # Errors
/// Fails if `sources.yaml` or the list of snapshots cannot be read or has errors.
pub fn read(catalog: &Path, evidence: &Path) -> Result<Sources, RegistryReadError> {
    add_snapshots(registry::sources(catalog)?, evidence)
}

/// Adds the imported snapshots that an evidence folder lists to the sources.
pub(crate) fn add_snapshots(mut sources: Sources, evidence: &Path) -> Result<Sources, RegistryReadError> {
    let path = evidence.join(SNAPSHOTS_FILE);
    let failed = |reason: String| RegistryReadError::Snapshots { path: path.clone(), reason };
    let text = file::read_text(&path, file::MAX_FILE_BYTES).map_err(|error| failed(error.to_string()))?;
    let Some(text) = text else { return Ok(sources) };
    let snapshots: BTreeMap<String, Vec<SnapshotRecord>> = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    for (name, mut snapshots) in snapshots {
        // Snapshots of sources that were removed from the registry are ignored.
        let Some(source) = sources.sources.get_mut(&name) else { continue };
        snapshots.sort_by_key(|record| record.date);
        source.snapshots = snapshots;
    }
    Ok(sources)
}

/// Renders the list of imported snapshots. Returns the path of the file in the evidence folder, and its text.
///
/// # Errors
/// Fails if the list cannot be serialized.
pub fn render_snapshots(sources: &Sources) -> serde_json::Result<(PathBuf, String)> {
    let imported = sources.sources.iter().filter(|(_, source)| !source.snapshots.is_empty());
    let snapshots: BTreeMap<&String, &Vec<SnapshotRecord>> = imported.map(|(name, source)| (name, &source.snapshots)).collect();
    Ok((PathBuf::from(SNAPSHOTS_FILE), serde_json::to_string_pretty(&snapshots)? + "\n"))
}

impl From<RegistryError> for RegistryReadError {
    fn from(error: RegistryError) -> Self {
        Self::Catalog(Box::new(error))
    }
}

impl fmt::Display for RegistryReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog(error) => error.fmt(f),
            Self::Snapshots { path, reason } => write!(f, "{path}: {reason}", path = modeldex_support::text::with_forward_slashes(path)),
        }
    }
}

impl std::error::Error for RegistryReadError {}

/// Parses sources from a text in which each source also has its `snapshots`.
#[cfg(test)]
pub(crate) fn with_snapshots(text: &str) -> Sources {
    let mut value = modeldex_yaml::parse(text).unwrap();
    let entries = value["sources"].as_object_mut().unwrap();
    let snapshots: Vec<(String, serde_json::Value)> =
        entries.iter_mut().filter_map(|(name, source)| Some((name.clone(), source.as_object_mut()?.remove("snapshots")?))).collect();
    let mut sources: Sources = serde_json::from_value(value).unwrap();
    for (name, list) in snapshots {
        sources.sources.get_mut(&name).unwrap().snapshots = serde_json::from_value(list).unwrap();
    }
    sources
}
