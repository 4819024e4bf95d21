//! The registry of a catalog folder: `sources.yaml`, `provider-map.yaml` and `routing.yaml`, for programs that need nothing else of the catalog. They get the
//! diagnostics that a check of the whole catalog reports.

use crate::authored::cited::{self, Citation, Citations};
use crate::authored::provider_map::ProviderMap;
use crate::authored::routing::{Confirmed, Routing};
use crate::authored::sources::Sources;
use crate::authored::{Auth, Endpoint};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::finding::Findings;
use crate::read::{self, CatalogFile, FileKind};
use crate::shape::{self, Shaped};
use crate::{lint, locate};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

/// Why a file of the registry cannot be used.
#[derive(Debug)]
pub struct RegistryError {
    /// The errors, by file and position; at least one.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, as they may be shown.
    pub sources: diagnostic::Sources,
}

/// The sources of the catalog folder `dir`; none where it has no `sources.yaml`.
///
/// # Errors
/// When the file cannot be read or has errors.
pub fn sources(dir: &Path) -> Result<Sources, RegistryError> {
    let shaped = judge(dir, &[FileKind::Sources])?;
    Ok(shaped.sources.map(|doc| doc.value).unwrap_or_default())
}

/// The provider map of the catalog folder `dir`, judged together with the sources that it names; an empty one where it has no
/// `provider-map.yaml`.
///
/// # Errors
/// When one of the two files cannot be read or has errors.
pub fn provider_map(dir: &Path) -> Result<ProviderMap, RegistryError> {
    let shaped = judge(dir, &[FileKind::Sources, FileKind::ProviderMap])?;
    Ok(shaped.provider_map.map(|doc| doc.value).unwrap_or_default())
}

/// The confirmed routing of the catalog folder `dir`; nothing is confirmed where it has no `routing.yaml`.
///
/// # Errors
/// When the file cannot be read or has errors.
pub fn routing(dir: &Path) -> Result<Routing, RegistryError> {
    let shaped = judge(dir, &[FileKind::Routing])?;
    Ok(shaped.routing.map(|doc| doc.value).unwrap_or_default())
}

/// A file of the registry by its types alone; nothing in it where there is none, and `None` where it cannot be read so. For what only shows the
/// catalog: compiling the schemas takes five times as long as reading the files.
#[must_use]
pub fn unjudged<T: DeserializeOwned + Default>(dir: &Path, kind: FileKind) -> Option<T> {
    match std::fs::read_to_string(dir.join(kind.path(""))) {
        Ok(text) => modeldex_yaml::parse(&text).ok().and_then(|value| T::deserialize(value).ok()),
        Err(error) => (error.kind() == ErrorKind::NotFound).then(T::default),
    }
}

/// The routing in the hand-written file of a provider of the catalog folder `dir`; empty where the file states none or cannot be read.
#[must_use]
pub fn stated_routing(dir: &Path, provider: &str) -> Confirmed {
    #[derive(Default, Deserialize)]
    struct Stated {
        #[serde(default)]
        endpoints: Vec<Endpoint>,
        #[serde(default)]
        auth: Vec<Auth>,
    }
    let text = std::fs::read_to_string(dir.join(FileKind::Provider.path(provider))).unwrap_or_default();
    let value = modeldex_yaml::parse(&text).unwrap_or_default();
    let value = cited::take_out(&value).map_or(value, |(value, _)| value);
    let Stated { endpoints, auth } = Stated::deserialize(value).unwrap_or_default();
    Confirmed { endpoints, auth, ..Confirmed::default() }
}

/// The citations in the hand-written file of a provider or lab: of itself (`None`) and of its models, by key. Empty where the file cannot be
/// read.
#[must_use]
pub fn citations(dir: &Path, kind: FileKind, id: &str) -> HashMap<(Option<String>, String), Citation> {
    let text = std::fs::read_to_string(dir.join(kind.path(id))).unwrap_or_default();
    let value = modeldex_yaml::parse(&text).unwrap_or_default();
    let Some((left, citations)) = cited::take_out(&value) else { return HashMap::new() };
    let ids = left["models"].as_array().into_iter().flatten().map(|model| model["id"].as_str().unwrap_or_default().to_owned());
    Citations::deserialize(citations).unwrap_or_default().into_all(ids)
}

/// These files of the registry, as far as they are there.
fn judge(dir: &Path, kinds: &[FileKind]) -> Result<Shaped, RegistryError> {
    let mut sources = diagnostic::Sources::default();
    let mut findings = Findings::default();
    let file = |kind: FileKind| CatalogFile { kind, path: dir.join(kind.path("")), imported: kind == FileKind::Held };
    let paths: Vec<_> = kinds.iter().map(|&kind| file(kind)).filter(|file| file.path.exists()).collect();
    let files = read::read_files(&paths, &mut sources, &mut findings);
    let (_, shaped) = shape::shape(&files, &mut findings);
    lint::run_on_layer(&shaped, &mut findings);
    let mut diagnostics = locate::locate(findings, &files, &sources);
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    if diagnostics.is_empty() { Ok(shaped) } else { Err(RegistryError { diagnostics, sources }) }
}

impl fmt::Display for RegistryError {
    /// The first error on one line; the others are counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.diagnostics.first() else { return f.write_str("the registry of sources cannot be used") };
        let (from, _) = self.sources.positions(first.span);
        write!(f, "{}:{}:{}: {}", self.sources.get(first.span.file).path, from.line, from.column, first.message)?;
        if let Some(help) = &first.help {
            write!(f, "; {help}")?;
        }
        match self.diagnostics.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error; `modeldex check` shows both)"),
            more => write!(f, " (and {more} more errors; `modeldex check` shows them all)"),
        }
    }
}

impl std::error::Error for RegistryError {}
