//! The registry of a catalog folder: `sources.yaml` and `provider-map.yaml`, for programs that need nothing else of the catalog. They get the
//! diagnostics that a check of the whole catalog reports.

use crate::authored::provider_map::ProviderMap;
use crate::authored::sources::Sources;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::finding::Findings;
use crate::read::{self, FileKind};
use crate::shape::{self, Shaped};
use crate::{lint, locate};
use std::fmt;
use std::path::Path;

/// Why a file of the registry cannot be used.
#[derive(Debug)]
pub struct RegistryError {
    /// The errors, by file and position; at least one.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, as they may be shown.
    pub sources: diagnostic::Sources,
}

/// The sources of the catalog folder `dir`.
///
/// # Errors
/// When `sources.yaml` cannot be read or has errors.
pub fn sources(dir: &Path) -> Result<Sources, RegistryError> {
    let shaped = judge(dir, &[FileKind::Sources])?;
    Ok(shaped.sources.map(|doc| doc.value).unwrap_or_default())
}

/// The provider map of the catalog folder `dir`, judged together with the sources that it names.
///
/// # Errors
/// When one of the two files cannot be read or has errors.
pub fn provider_map(dir: &Path) -> Result<ProviderMap, RegistryError> {
    let shaped = judge(dir, &[FileKind::Sources, FileKind::ProviderMap])?;
    Ok(shaped.provider_map.map(|doc| doc.value).unwrap_or_default())
}

/// These files of the registry; all of them are there when nothing is wrong.
fn judge(dir: &Path, kinds: &[FileKind]) -> Result<Shaped, RegistryError> {
    let mut sources = diagnostic::Sources::default();
    let mut findings = Findings::default();
    let paths: Vec<_> = kinds.iter().map(|&kind| (kind, dir.join(kind.path("")))).collect();
    let files = read::read_files(&paths, &mut sources, &mut findings);
    let shaped = shape::shape(&files, &mut findings);
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
