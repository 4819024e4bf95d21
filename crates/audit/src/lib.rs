//! Audit of a repository. The audit finds model references, base URLs, token limits and API key variables that contradict the catalog. It also finds
//! references of retired or deprecated models.
//!
//! The module `walk` lists the files, `read` reads each file as text, `parts` divides large texts, `scan` splits a text into words, `outline` detects
//! the maps, lists and sections of a text, and each module of `find` compares one kind of fact with the [`CatalogIndex`]. The crate prints nothing.
//! The order of findings does not depend on the number of threads.
//!
//! Wrong findings are worse than missed findings, because users stop reading a report with wrong findings. Therefore the audit reports only values
//! whose meaning is certain.

mod baseline;
mod catalog_index;
mod find;
mod ignored;
mod outline;
mod parts;
mod read;
mod rules;
mod scan;
mod scanned_text;
mod walk;

pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use catalog_index::CatalogIndex;
pub use rules::{AUDIT_RULES, audit_rule};

use modeldex_compile::diagnostic::{Diagnostic, SourceFiles, limited};
use modeldex_support::parallel::in_parallel;
use modeldex_support::secret::{mask_around, mask_certain};
use std::path::PathBuf;

/// Options of an audit.
#[derive(Clone, Debug, Default)]
pub struct AuditOptions {
    /// Files and folders to scan. A file in this list is scanned unless `exclude` contains it too. In a folder, some files are not scanned: for
    /// example, generated files, and files that `.gitignore` excludes.
    pub paths: Vec<PathBuf>,
    /// Files that are never scanned, such as the baseline file.
    pub exclude: Vec<PathBuf>,
}

/// Result of an audit.
#[derive(Debug, Default)]
pub struct AuditReport {
    /// Findings, sorted by path and position.
    pub findings: Vec<AuditFinding>,
    /// Texts of the files that have findings, with secrets masked.
    pub sources: SourceFiles,
    /// Paths that were not scanned, with reasons, sorted by path.
    pub skipped: Vec<SkippedPath>,
    /// Number of scanned files that are not empty.
    pub files: usize,
    /// Total size of the scanned files, in bytes.
    pub bytes: u64,
    /// Numbers of notices, warnings and errors that are not in `findings`, because a file or the whole audit has too many findings.
    uncollected: [usize; 3],
}

/// Finding of an audit, with the text to which it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFinding {
    /// Code, severity, message, position and help of the finding.
    pub diagnostic: Diagnostic,
    /// Text at the position of the finding, with secrets masked. Baselines identify findings by this text, because line numbers change.
    pub text: String,
}

/// Path that was not scanned, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("cannot scan `{path}`: {reason}")]
pub struct SkippedPath {
    /// The path, as the report shows it.
    pub path: String,
    /// Reason, without a period.
    pub reason: String,
}

/// Scans the files and folders in `options` for values that contradict the catalog of `index`. Files that cannot be read are listed in
/// [`AuditReport::skipped`].
///
/// # Errors
/// Fails if a path in `options` does not exist, or is neither a file nor a folder.
pub fn audit(index: &CatalogIndex<'_>, options: &AuditOptions) -> Result<AuditReport, SkippedPath> {
    let mut audit = AuditReport::default();
    let files = walk::files(options, &mut audit.skipped)?;
    let mut reports = in_parallel(&files, |_, file| (&file.display_path, scan_file(index, file)));
    reports.sort_by_key(|(path, _)| *path);
    for (path, report) in reports {
        match report {
            Ok(Some(report)) => {
                audit.skipped.extend(report.skipped.iter().map(|reason| SkippedPath { path: path.clone(), reason: reason.clone() }));
                audit.add(path, report);
            }
            Ok(None) => {}
            Err(reason) => audit.skipped.push(SkippedPath { path: path.clone(), reason }),
        }
    }
    // A file name may contain a key.
    audit.skipped.iter_mut().for_each(|skipped| skipped.path = mask_certain(&skipped.path));
    audit.skipped.sort();
    Ok(audit)
}

/// Findings of one file.
struct FileReport {
    bytes: u64,
    /// Text with secrets masked; empty without findings.
    shown: String,
    findings: Vec<AuditFinding>,
    uncollected: [usize; 3],
    /// The parts of the file that were not scanned.
    skipped: Vec<String>,
}

/// Maximum number of findings of all files together. More findings are counted.
const MAX_FINDINGS: usize = 100_000;

/// Scans a file. Returns `None` for binary and generated files. The error is the reason why the file was not scanned.
fn scan_file(index: &CatalogIndex<'_>, file: &walk::ScannedFile) -> Result<Option<FileReport>, String> {
    let Some(text) = read::read(file)? else { return Ok(None) };
    let find::Found { findings, uncollected, skipped } = scan_text(index, &file.display_path, &text);
    let labels = findings.iter().flat_map(|finding| finding.diagnostic.labels.iter().map(|label| label.span));
    let spans = findings.iter().map(|finding| finding.diagnostic.span).chain(labels);
    let unmasked: Vec<_> = spans.map(|span| span.start..span.end).collect();
    let shown = if findings.is_empty() { String::new() } else { mask_around(&text, &unmasked) };
    Ok(Some(FileReport { bytes: text.len() as u64, shown, findings, uncollected, skipped }))
}

/// Returns the findings in one text, sorted by position. The spans have the file index 0. The ending of `path` determines the syntax of the text.
///
/// The parts of a large text are scanned one after the other.
fn scan_text(index: &CatalogIndex<'_>, path: &str, text: &str) -> find::Found {
    let mut found = find::Found::default();
    for part in parts::parts(text) {
        let range = match part {
            Ok(range) => range,
            Err(parts::LongLine(line)) => {
                found
                    .skipped
                    .push(format!("line {line} is longer than {limit} MiB and was not scanned", limit = parts::MAX_LINE_BYTES >> 20));
                continue;
            }
        };
        let find::Found { findings, uncollected, skipped } = find::find(index, path, &text[range.clone()]);
        for mut finding in findings {
            if found.findings.len() >= find::MAX_FINDINGS {
                found.uncollected[finding.diagnostic.severity as usize] += 1;
                continue;
            }
            let labels = finding.diagnostic.labels.iter_mut().map(|label| &mut label.span);
            for span in labels.chain([&mut finding.diagnostic.span]) {
                (span.start, span.end) = (span.start + range.start, span.end + range.start);
            }
            found.findings.push(finding);
        }
        found.uncollected.iter_mut().zip(uncollected).for_each(|(count, more)| *count += more);
        found.skipped.extend(skipped);
    }
    found.skipped.dedup();
    if !found.findings.is_empty() {
        ignored::remove_ignored(text, &mut found.findings);
    }
    found
}

impl AuditReport {
    fn add(&mut self, path: &str, report: FileReport) {
        self.bytes += report.bytes;
        self.files += usize::from(report.bytes > 0);
        self.uncollected.iter_mut().zip(report.uncollected).for_each(|(count, more)| *count += more);
        if report.findings.is_empty() {
            return;
        }
        let place = self.sources.add(mask_certain(path), report.shown);
        for mut finding in report.findings {
            if self.findings.len() >= MAX_FINDINGS {
                self.uncollected[finding.diagnostic.severity as usize] += 1;
                continue;
            }
            finding.diagnostic.span.file = place;
            finding.diagnostic.labels.iter_mut().for_each(|label| label.span.file = place);
            self.findings.push(finding);
        }
    }

    /// Returns the diagnostics of the findings, in the order of the findings. The result has at most
    /// [`MAX_LISTED`](modeldex_compile::diagnostic::MAX_LISTED) diagnostics of each severity. If diagnostics are left out, one more diagnostic at the
    /// end states their number.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        limited(self.findings.iter().map(|finding| finding.diagnostic.clone()).collect(), self.uncollected)
    }
}
