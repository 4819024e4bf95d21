//! Baselines: files that list the known findings of a repository, so that later audits report only new findings.
//!
//! A baseline identifies findings by file, code and text, and states how many findings have the same file, code and text. It contains no line
//! numbers, so that an edit at another place of a file does not change the baseline.

use crate::AuditFinding;
use modeldex_compile::diagnostic::SourceFiles;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Known findings, which an audit does not report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<(String, String, String), u64>,
}

/// Entry of a baseline: the number of known findings that have the same path, the same code and the same text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// Path of the file, as the report shows it.
    pub path: String,
    /// Code of the audit rule.
    pub code: String,
    /// Text in the file to which the finding applies, with secrets masked.
    pub text: String,
    /// Number of findings with this path, code and text.
    pub count: u64,
}

/// Error in a file that is not a valid baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BaselineError {
    /// Line of the error; the first line is 1.
    pub line: usize,
    /// Column of the error; the first column is 1.
    pub column: usize,
    /// Error message, without a period.
    pub reason: String,
}

/// Content of a baseline file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    /// Contains `modeldex-ignore-file`, so that an audit of the baseline file has no findings.
    about: String,
    version: u64,
    findings: Vec<BaselineEntry>,
}

const ABOUT: &str = "modeldex-ignore-file: known findings of `modeldex audit`; regenerate with `modeldex audit --write-baseline`";
const VERSION: u64 = 1;

impl Baseline {
    /// Creates a baseline that lists `findings`. `sources` has the files of the findings.
    #[must_use]
    pub fn from_findings(findings: &[AuditFinding], sources: &SourceFiles) -> Self {
        let mut counts = BTreeMap::new();
        for finding in findings {
            *counts.entry(key(finding, sources)).or_default() += 1;
        }
        Self { counts }
    }

    /// Parses the JSON that [`Baseline::to_json`] returns.
    ///
    /// # Errors
    /// Fails if the text is not a baseline, or has another version of the format.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let document: BaselineFile = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            // Messages of serde about a wrong structure name types of this program, so they are replaced.
            let reason = match error.classify() {
                serde_json::error::Category::Data => {
                    "the file is not a baseline; create a baseline with `modeldex audit --write-baseline`".to_owned()
                }
                _ => message.split(" at line ").next().unwrap_or(&message).to_owned(),
            };
            BaselineError { line: error.line().max(1), column: error.column().max(1), reason }
        })?;
        if document.version != VERSION {
            let version = document.version;
            let reason = format!("the baseline has format version {version}, but only version {VERSION} is supported");
            let at = text.find("\"version\"").unwrap_or(0);
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Err(BaselineError { line, column, reason });
        }
        let mut counts = BTreeMap::new();
        for entry in document.findings {
            *counts.entry((entry.path, entry.code, entry.text)).or_default() += entry.count;
        }
        Ok(Self { counts })
    }

    /// Returns the baseline as JSON. Entries are sorted, so that equal baselines have equal JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = BaselineFile { about: ABOUT.to_owned(), version: VERSION, findings: self.entries().collect() };
        // Serializing strings and integers never fails.
        serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
    }

    /// Returns the total number of findings in the baseline.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Returns whether the baseline has no findings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Removes from `findings` the findings that the baseline lists. Returns the stale entries of the baseline. An entry is stale if the number of
    /// findings that match it is less than the `count` of the entry.
    ///
    /// The function `was_scanned` returns whether the file at a path was scanned. If a file was not scanned, its entries are not stale.
    #[must_use]
    pub fn remove_known(
        &self,
        findings: &mut Vec<AuditFinding>,
        sources: &SourceFiles,
        was_scanned: impl Fn(&str) -> bool,
    ) -> Vec<BaselineEntry> {
        let mut remaining = self.clone();
        findings.retain(|finding| match remaining.counts.get_mut(&key(finding, sources)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        remaining.entries().filter(|entry| entry.count > 0 && was_scanned(&entry.path)).collect()
    }

    fn entries(&self) -> impl Iterator<Item = BaselineEntry> {
        self.counts.iter().map(|((path, code, text), count)| BaselineEntry {
            path: path.clone(),
            code: code.clone(),
            text: text.clone(),
            count: *count,
        })
    }
}

fn key(finding: &AuditFinding, sources: &SourceFiles) -> (String, String, String) {
    let path = sources.get(finding.diagnostic.span.file).path.clone();
    (path, finding.diagnostic.code.to_owned(), finding.text.clone())
}
