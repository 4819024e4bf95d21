//! Audits a repository: finds model references, base URLs, limits and API key variables that the catalog does not know, that are discontinued, or
//! that contradict the catalog.
//!
//! Stages: `walk` lists files; `read` loads each file as text or a [`SkippedPath`]; `scan` splits texts into words; `outline` finds the maps, lists
//! and sections of texts; and each module of `find` checks one kind of fact against the [`CatalogIndex`]. The crate prints nothing, and the order
//! of findings does not depend on the number of threads.
//!
//! False positives cost more than missed findings, because users stop reading a report with wrong findings. Therefore only unambiguous values are
//! reported.

mod baseline;
mod catalog_index;
mod find;
mod ignored;
mod outline;
mod read;
mod rules;
mod scan;
mod scanned_text;
mod walk;

pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use catalog_index::CatalogIndex;
pub use rules::{AUDIT_RULES, audit_rule};

use modeldex_compile::diagnostic::{Diagnostic, SourceFiles};
use modeldex_support::parallel::in_parallel;
use modeldex_support::secret::mask_around;
use std::path::PathBuf;

/// Options of an audit.
#[derive(Clone, Debug, Default)]
pub struct AuditOptions {
    /// Files and folders to scan. Paths given here are scanned even if ignore files or the rules of this crate exclude them.
    pub paths: Vec<PathBuf>,
    /// Files that are never scanned, such as the baseline.
    pub exclude: Vec<PathBuf>,
}

/// Result of an audit.
#[derive(Debug, Default)]
pub struct AuditReport {
    /// Findings, sorted by path and position.
    pub findings: Vec<AuditFinding>,
    /// Files that have findings, with secrets masked.
    pub sources: SourceFiles,
    /// Paths that could not be scanned, sorted.
    pub skipped: Vec<SkippedPath>,
    /// Number of scanned files.
    pub files: usize,
    /// Total size of the scanned files, in bytes.
    pub bytes: u64,
}

/// A finding and the text to which it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFinding {
    /// Code, message, position and help.
    pub diagnostic: Diagnostic,
    /// Text at the position, with secrets masked. Baselines identify findings by this text, because line numbers change.
    pub text: String,
}

/// A path that could not be scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("cannot scan `{path}`: {reason}")]
pub struct SkippedPath {
    /// Display path.
    pub path: String,
    /// Reason, without a full stop.
    pub reason: String,
}

/// Scans the files and folders in `options`. Files that cannot be read are added to [`AuditReport::skipped`].
///
/// # Errors
/// Fails if a path in `options` does not exist.
pub fn audit(index: &CatalogIndex<'_>, options: &AuditOptions) -> Result<AuditReport, SkippedPath> {
    let mut audit = AuditReport::default();
    let files = walk::files(options, &mut audit.skipped)?;
    let mut reports = in_parallel(&files, |_, file| (&file.display_path, scan_file(index, file)));
    reports.sort_by_key(|(path, _)| *path);
    for (path, report) in reports {
        match report {
            Ok(Some(report)) => audit.add(path, report),
            Ok(None) => {}
            Err(reason) => audit.skipped.push(SkippedPath { path: path.clone(), reason }),
        }
    }
    audit.skipped.sort();
    Ok(audit)
}

/// Findings of one file.
struct FileReport {
    bytes: u64,
    /// Text with secrets masked; empty without findings.
    shown: String,
    findings: Vec<AuditFinding>,
}

/// Scans a file. Returns `None` for binary and generated files, and an error with the reason if the file cannot be read.
fn scan_file(index: &CatalogIndex<'_>, file: &walk::ScannedFile) -> Result<Option<FileReport>, String> {
    let Some(text) = read::read(file)? else { return Ok(None) };
    let findings = scan_text(index, &file.display_path, &text);
    let labels = findings.iter().flat_map(|finding| finding.diagnostic.labels.iter().map(|label| label.span));
    let spans = findings.iter().map(|finding| finding.diagnostic.span).chain(labels);
    let unmasked: Vec<_> = spans.map(|span| span.start..span.end).collect();
    let shown = if findings.is_empty() { String::new() } else { mask_around(&text, &unmasked) };
    Ok(Some(FileReport { bytes: text.len() as u64, shown, findings }))
}

/// Returns the findings of one text, sorted by position, with file index 0. The path determines the syntax of the text.
fn scan_text(index: &CatalogIndex<'_>, path: &str, text: &str) -> Vec<AuditFinding> {
    let mut findings = find::find(index, path, text);
    if !findings.is_empty() {
        ignored::remove_ignored(text, &mut findings);
    }
    findings
}

impl AuditReport {
    fn add(&mut self, path: &str, report: FileReport) {
        self.bytes += report.bytes;
        self.files += usize::from(report.bytes > 0);
        if report.findings.is_empty() {
            return;
        }
        let place = self.sources.add(path.to_owned(), report.shown);
        for mut finding in report.findings {
            finding.diagnostic.span.file = place;
            finding.diagnostic.labels.iter_mut().for_each(|label| label.span.file = place);
            self.findings.push(finding);
        }
    }

    /// Returns the findings as diagnostics, in order.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.findings.iter().map(|finding| finding.diagnostic.clone()).collect()
    }
}
