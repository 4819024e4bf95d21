//! Reads the registry of a catalog folder without compiling the catalog: `sources.yaml`, `provider-map.yaml` and `routing.yaml`. Errors are
//! reported as the same diagnostics as in a check of the whole catalog.

use crate::authored::citation::{self, Citation, Citations};
use crate::authored::provider_map::ProviderMap;
use crate::authored::routing::{ConfirmedRouting, Routing};
use crate::authored::sources::Sources;
use crate::authored::{Auth, Endpoint};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::finding::Findings;
use crate::read::{self, CatalogFile, FileKind};
use crate::validate::{self, AuthoredFiles};
use crate::{lint, locate};
use modeldex_support::file;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// Error of reading a registry file, with diagnostics of the problems in the file.
#[derive(Debug)]
pub struct RegistryError {
    /// The errors, sorted by file and position. There is at least one error.
    pub diagnostics: Vec<Diagnostic>,
    /// The files to which the diagnostics refer, with secrets masked.
    pub source_files: diagnostic::SourceFiles,
}

/// Reads `sources.yaml` of the catalog folder `dir`. The result is empty if the file does not exist.
///
/// # Errors
/// Fails if the file cannot be read or has errors.
pub fn sources(dir: &Path) -> Result<Sources, RegistryError> {
    let authored = read_checked(dir, &[FileKind::Sources])?;
    Ok(authored.sources.map(|doc| doc.value).unwrap_or_default())
}

/// Reads `provider-map.yaml` of the catalog folder `dir`, and checks that `sources.yaml` has the sources that the map names. The result is empty if
/// `provider-map.yaml` does not exist.
///
/// # Errors
/// Fails if one of the two files cannot be read or has errors.
pub fn provider_map(dir: &Path) -> Result<ProviderMap, RegistryError> {
    let authored = read_checked(dir, &[FileKind::Sources, FileKind::ProviderMap])?;
    Ok(authored.provider_map.map(|doc| doc.value).unwrap_or_default())
}

/// Reads `routing.yaml` of the catalog folder `dir`: the confirmed base URLs, headers, variables and authentication methods. The result is empty if
/// the file does not exist.
///
/// # Errors
/// Fails if the file cannot be read or has errors.
pub fn routing(dir: &Path) -> Result<Routing, RegistryError> {
    let authored = read_checked(dir, &[FileKind::Routing])?;
    Ok(authored.routing.map(|doc| doc.value).unwrap_or_default())
}

/// Reads a registry file without schema validation. Returns the default value of `T` if the file does not exist. Returns `None` if the file is
/// invalid or cannot be read.
///
/// This function is for commands that only display the catalog: compiling the schemas takes five times as long as reading the files.
#[must_use]
pub fn read_unchecked<T: DeserializeOwned + Default>(dir: &Path, kind: FileKind) -> Option<T> {
    match file::read_text(&dir.join(kind.path("")), file::MAX_FILE_BYTES).ok()? {
        Some(text) => modeldex_yaml::parse(&text).ok().and_then(|value| T::deserialize(value).ok()),
        None => Some(T::default()),
    }
}

/// Reads the endpoints and authentication methods that the hand-written file of a provider states. The result is empty if the file states neither of
/// them, or cannot be read.
#[must_use]
pub fn authored_routing(dir: &Path, provider: &str) -> ConfirmedRouting {
    #[derive(Default, Deserialize)]
    struct RoutingKeys {
        #[serde(default)]
        endpoints: Vec<Endpoint>,
        #[serde(default)]
        auth: Vec<Auth>,
    }
    let text = readable_text(&dir.join(FileKind::Provider.path(provider)));
    let value = modeldex_yaml::parse(&text).unwrap_or_default();
    let value = citation::split(&value).map_or(value, |(values, _)| values);
    let RoutingKeys { endpoints, auth } = RoutingKeys::deserialize(value).unwrap_or_default();
    ConfirmedRouting { endpoints, auth, ..ConfirmedRouting::default() }
}

/// Reads the citations of facts in the hand-written file of a provider or lab. A citation is found in the result by two values: the id of the model
/// (`None` for a fact of the provider or lab itself), and the YAML key of the fact. The result is empty if the file cannot be read.
#[must_use]
pub fn citations(dir: &Path, kind: FileKind, id: &str) -> HashMap<(Option<String>, String), Citation> {
    let text = readable_text(&dir.join(kind.path(id)));
    let value = modeldex_yaml::parse(&text).unwrap_or_default();
    let Some((values, citations)) = citation::split(&value) else { return HashMap::new() };
    let ids = values["models"].as_array().into_iter().flatten().map(|model| model["id"].as_str().unwrap_or_default().to_owned());
    Citations::deserialize(citations).unwrap_or_default().into_all(ids)
}

/// Reads a file; the text is empty if the file cannot be read.
fn readable_text(path: &Path) -> String {
    file::read_text(path, file::MAX_FILE_BYTES).ok().flatten().unwrap_or_default()
}

/// Reads and checks registry files of these kinds; missing files are skipped.
fn read_checked(dir: &Path, kinds: &[FileKind]) -> Result<AuthoredFiles, RegistryError> {
    let mut source_files = diagnostic::SourceFiles::default();
    let mut findings = Findings::default();
    let catalog_file = |kind: FileKind| CatalogFile { kind, path: dir.join(kind.path("")), imported: kind == FileKind::Held };
    let paths: Vec<_> = kinds.iter().map(|&kind| catalog_file(kind)).filter(|file| file.path.exists()).collect();
    let files = read::read_files(&paths, &mut source_files, &mut findings);
    let (_, authored) = validate::validate_files(&files, &mut findings);
    lint::run_on_layer(&authored, &mut findings);
    let mut diagnostics = locate::locate(findings, &files, &source_files);
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    if diagnostics.is_empty() { Ok(authored) } else { Err(RegistryError { diagnostics, source_files }) }
}

impl fmt::Display for RegistryError {
    /// Writes the first error with its position, and the number of further errors, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.diagnostics.first() else {
            return f.write_str("`sources.yaml`, `provider-map.yaml` or `routing.yaml` has errors");
        };
        let (from, _) = self.source_files.positions(first.span);
        let (path, message) = (&self.source_files.get(first.span.file).path, &first.message);
        write!(f, "{path}:{line}:{column}: {message}", line = from.line, column = from.column)?;
        if let Some(help) = &first.help {
            write!(f, "; {help}")?;
        }
        match self.diagnostics.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error; run `modeldex check` to see all errors)"),
            more => write!(f, " (and {more} more errors; run `modeldex check` to see all errors)"),
        }
    }
}

impl std::error::Error for RegistryError {}
