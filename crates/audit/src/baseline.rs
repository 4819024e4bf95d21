//! Baselines: files that list known findings, so that an audit reports only new findings.
//!
//! A baseline identifies findings by file, code and text, with the number of equal findings. It has no line numbers, so that edits elsewhere in a
//! file do not affect it.

use crate::AuditFinding;
use modeldex_compile::diagnostic::SourceFiles;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<(String, String, String), u64>,
}

/// Findings with the same path, code and text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// Display path of the file.
    pub path: String,
    /// Code of the rule.
    pub code: String,
    /// Text of the finding.
    pub text: String,
    /// Number of findings.
    pub count: u64,
}

/// Error of parsing a baseline, with its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// Reason, without a full stop.
    pub reason: String,
}

/// The JSON of a baseline file.
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
    /// Creates a baseline of findings.
    #[must_use]
    pub fn from_findings(findings: &[AuditFinding], sources: &SourceFiles) -> Self {
        let mut counts = BTreeMap::new();
        for finding in findings {
            *counts.entry(key(finding, sources)).or_default() += 1;
        }
        Self { counts }
    }

    /// Parses the JSON of [`Baseline::to_json`].
    ///
    /// # Errors
    /// Returns an error with its position if the text is not a baseline of this version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let document: BaselineFile = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            // The messages of serde about types mention the types of this program, so they are not shown.
            let reason = match error.classify() {
                serde_json::error::Category::Data => "unexpected structure; create a baseline with `--write-baseline`".to_owned(),
                _ => message.split(" at line ").next().unwrap_or(&message).to_owned(),
            };
            BaselineError { line: error.line().max(1), column: error.column().max(1), reason }
        })?;
        if document.version != VERSION {
            let reason = format!("unsupported version {}; expected version {VERSION}", document.version);
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

    /// Serializes to JSON, sorted and deterministic.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = BaselineFile { about: ABOUT.to_owned(), version: VERSION, findings: self.entries().collect() };
        // Strings and integers always serialize.
        serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
    }

    /// Returns the total number of findings.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Returns whether the baseline has no findings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Removes known findings from `findings`, and returns the stale entries of the baseline: entries that match no finding. `was_scanned` returns
    /// whether a path was scanned; an entry of a path that was not scanned is not stale.
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
