//! A file of findings that are known and let pass, so that only new ones are told.
//!
//! It has no line numbers: a finding is known by its file, its code and its text, and by how often that occurs, so that an edit elsewhere
//! in the file changes nothing.

use crate::Finding;
use modeldex_compile::diagnostic::Sources;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The findings that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<(String, String, String), u64>,
}

/// Findings that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The path of the file as it is shown.
    pub path: String,
    /// The code.
    pub code: String,
    /// What stands there.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// A text that is no baseline, and where that shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub reason: String,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Keeps the file itself out of what is found.
    about: String,
    version: u64,
    findings: Vec<Entry>,
}

const ABOUT: &str = "modeldex-ignore-file: what `modeldex audit` found and lets pass; `modeldex audit --write-baseline` writes it anew";
const VERSION: u64 = 1;

impl Baseline {
    /// What was found, as a baseline.
    #[must_use]
    pub fn of(findings: &[Finding], sources: &Sources) -> Self {
        let mut counts = BTreeMap::new();
        for finding in findings {
            *counts.entry(key(finding, sources)).or_default() += 1;
        }
        Self { counts }
    }

    /// Reads what [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            // What serde says of the kinds of values speaks of this program's types.
            let reason = match error.classify() {
                serde_json::error::Category::Data => "it has another shape; `--write-baseline` writes one".to_owned(),
                _ => message.split(" at line ").next().unwrap_or(&message).to_owned(),
            };
            BaselineError { line: error.line().max(1), column: error.column().max(1), reason }
        })?;
        if document.version != VERSION {
            let reason = format!("version {} is not known; this is version {VERSION}", document.version);
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

    /// The file: sorted, and the same for the same findings.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document { about: ABOUT.to_owned(), version: VERSION, findings: self.entries().collect() };
        // Texts and numbers are always written.
        serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
    }

    /// How many findings it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Drops what it knows of `findings`, and returns what it knows that is there no more. `looked_at` tells whether a path is one that was
    /// looked at: what is elsewhere may still be there.
    #[must_use]
    pub fn drop_known(&self, findings: &mut Vec<Finding>, sources: &Sources, looked_at: impl Fn(&str) -> bool) -> Vec<Entry> {
        let mut left = self.clone();
        findings.retain(|finding| match left.counts.get_mut(&key(finding, sources)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        left.entries().filter(|entry| entry.count > 0 && looked_at(&entry.path)).collect()
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.counts.iter().map(|((path, code, text), count)| Entry {
            path: path.clone(),
            code: code.clone(),
            text: text.clone(),
            count: *count,
        })
    }
}

fn key(finding: &Finding, sources: &Sources) -> (String, String, String) {
    let path = sources.get(finding.diagnostic.span.file).path.clone();
    (path, finding.diagnostic.code.to_owned(), finding.text.clone())
}
