//! Finds what a repository says of AI models, their providers, base URLs, limits and keys that a catalog does not know, knows as gone, or
//! contradicts.
//!
//! The way through: `walk` lists files, `read` turns each into text or a [`Note`], `scan` finds the words that may matter, `outline` says
//! which of them stand together, and each module of `find` judges one kind of fact against [`Known`], the catalog made ready to be asked.
//! Nothing prints, and the order of what is found does not depend on the number of threads.
//!
//! A false finding costs more than a missed one: whoever is told something wrong once does not read on. So whatever is not surely a value
//! that names a model is let pass.

mod baseline;
mod find;
mod ignored;
mod known;
mod outline;
mod page;
mod read;
mod rules;
mod scan;
mod walk;

pub use baseline::{Baseline, BaselineError, Entry};
pub use known::Known;
pub use rules::{RULES, rule};

use modeldex_compile::diagnostic::{Diagnostic, Sources};
use modeldex_support::parallel::in_parallel;
use modeldex_support::secret::mask_around;
use std::path::PathBuf;

/// What to look through.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders. What is named here is looked at even where an ignore file or a rule of this crate leaves it out.
    pub paths: Vec<PathBuf>,
    /// Files that are never looked at, such as the baseline.
    pub except: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Audit {
    /// By path, then place.
    pub findings: Vec<Finding>,
    /// The files with findings, as they may be shown: what looks like a secret is masked.
    pub sources: Sources,
    /// What could not be looked at, by path.
    pub notes: Vec<Note>,
    /// How many files were looked through.
    pub files: usize,
    /// How many bytes they have.
    pub bytes: u64,
}

/// One finding, and the text that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, where, and what would be right.
    pub diagnostic: Diagnostic,
    /// What stands there; a baseline knows a finding by it, because lines move.
    pub text: String,
}

/// A path that was not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{path}` cannot be looked at: {reason}")]
pub struct Note {
    /// Its path as it is shown.
    pub path: String,
    /// Why, without a full stop.
    pub reason: String,
}

/// Looks through what `options` name. A file that cannot be read is noted, and the rest goes on.
///
/// # Errors
/// When a path that was named is not there.
pub fn audit(known: &Known<'_>, options: &Options) -> Result<Audit, Note> {
    let mut audit = Audit::default();
    let files = walk::files(options, &mut audit.notes)?;
    let mut looked = in_parallel(&files, |_, file| (&file.shown, look(known, file)));
    looked.sort_by_key(|(path, _)| *path);
    for (path, looked) in looked {
        match looked {
            Ok(Some(looked)) => audit.take(path, looked),
            Ok(None) => {}
            Err(reason) => audit.notes.push(Note { path: path.clone(), reason }),
        }
    }
    audit.notes.sort();
    Ok(audit)
}

/// What one file holds.
struct Looked {
    bytes: u64,
    /// The masked text, where there are findings.
    shown: String,
    findings: Vec<Finding>,
}

/// Looks through a file; nothing where it is not text that somebody wrote. An error states why it cannot be looked at.
fn look(known: &Known<'_>, file: &walk::File) -> Result<Option<Looked>, String> {
    let Some(text) = read::read(file)? else { return Ok(None) };
    let findings = look_through(known, &file.shown, &text);
    let labels = findings.iter().flat_map(|finding| finding.diagnostic.labels.iter().map(|label| label.span));
    let spans = findings.iter().map(|finding| finding.diagnostic.span).chain(labels);
    let kept: Vec<_> = spans.map(|span| span.start..span.end).collect();
    let shown = if findings.is_empty() { String::new() } else { mask_around(&text, &kept) };
    Ok(Some(Looked { bytes: text.len() as u64, shown, findings }))
}

/// The findings of one text, by place; their file is 0. The path tells what kind of text it is.
fn look_through(known: &Known<'_>, path: &str, text: &str) -> Vec<Finding> {
    let mut findings = find::find(known, path, text);
    if !findings.is_empty() {
        ignored::drop_ignored(text, &mut findings);
    }
    findings
}

impl Audit {
    fn take(&mut self, path: &str, looked: Looked) {
        self.bytes += looked.bytes;
        self.files += usize::from(looked.bytes > 0);
        if looked.findings.is_empty() {
            return;
        }
        let place = self.sources.add(path.to_owned(), looked.shown);
        for mut finding in looked.findings {
            finding.diagnostic.span.file = place;
            finding.diagnostic.labels.iter_mut().for_each(|label| label.span.file = place);
            self.findings.push(finding);
        }
    }

    /// The findings as diagnostics, in their order.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.findings.iter().map(|finding| finding.diagnostic.clone()).collect()
    }
}
