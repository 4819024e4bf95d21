//! Whether a change would leave a catalog with errors that it does not have now.

use super::failure::Failure;
use super::out::{self, Out};
use super::words;
use modeldex_compile::diagnostic::{Diagnostic, Severity, has_errors};
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, FileChange, compile, compile_imported, compile_with_changes};
use modeldex_import::store::ImportOutcome;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Removes from the new catalog the diagnostics that the old one has as well, but for those that `keep` names. They are compared without their
/// positions, which an added line moves.
pub(crate) fn retain_new(before: &Compiled, after: &mut Compiled, keep: impl Fn(&str, &Diagnostic) -> bool) {
    let mut known: HashMap<_, usize> = HashMap::new();
    for found in &before.diagnostics {
        *known.entry((before.source_files.get(found.span.file).path.clone(), found.code, found.message.clone())).or_default() += 1;
    }
    let sources = &after.source_files;
    after.diagnostics.retain(|found| {
        let path = &sources.get(found.span.file).path;
        let count = known.get_mut(&(path.clone(), found.code, found.message.clone()));
        let is_new = count.is_none_or(|count| std::mem::replace(count, count.saturating_sub(1)) == 0);
        is_new || keep(path, found)
    });
}

/// How a report is written, and what fails.
#[derive(clap::Args)]
pub(crate) struct ReportArgs {
    /// How to write the report
    #[arg(long, default_value = "human", value_parser = words::format())]
    pub(crate) format: Format,
    /// Exit with 1 on warnings too
    #[arg(long)]
    deny_warnings: bool,
}

impl ReportArgs {
    /// Whether the report has colours.
    pub(crate) fn color(&self) -> bool {
        self.format == Format::Human && out::stderr_color()
    }

    /// Writes a rendered report: to stderr in the human format, else to stdout. Fails where there are errors, or warnings that are denied.
    pub(crate) fn finish(&self, report: &str, diagnostics: &[Diagnostic], out: &mut Out) -> Result<(), Failure> {
        match self.format {
            Format::Human => out::report(report),
            Format::Json | Format::Sarif | Format::Github => out.write_all(report.as_bytes())?,
        }
        if has_errors(diagnostics) {
            return Err(Failure::Reported);
        }
        if self.deny_warnings && diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Warning) {
            return Err(Failure::Failed("warnings are denied".to_owned()));
        }
        Ok(())
    }
}

/// Prints the diagnostics of a catalog.
pub(crate) fn report(compiled: &Compiled) {
    out::report(&render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color()));
}

/// Fails where the imported facts would have an error. Hand-written facts of providers and models are not read.
pub(crate) fn imported(catalog: &Path, changed: &[&(PathBuf, String)], outcome: &ImportOutcome) -> Result<(), Failure> {
    refuse_errors(compile_imported(catalog, &file_changes(changed, outcome)), || compile_imported(catalog, &[]))
}

/// Fails where the catalog would have an error with these files and a new text of another.
pub(crate) fn with_file(
    catalog: &Path,
    path: &Path,
    text: &str,
    changed: &[&(PathBuf, String)],
    outcome: &ImportOutcome,
) -> Result<(), Failure> {
    let mut file_changes = file_changes(changed, outcome);
    file_changes.push(FileChange { path, text: Some(text) });
    refuse_errors(compile_with_changes(None, catalog, &file_changes), || compile(catalog))
}

fn file_changes<'f>(changed: &[&'f (PathBuf, String)], outcome: &'f ImportOutcome) -> Vec<FileChange<'f>> {
    let changed = changed.iter().map(|(path, text)| FileChange { path, text: Some(text) });
    changed.chain(outcome.obsolete.iter().map(|path| FileChange { path, text: None })).collect()
}

fn refuse_errors(mut after: Compiled, before: impl FnOnce() -> Compiled) -> Result<(), Failure> {
    after.diagnostics.retain(|found| found.severity == Severity::Error);
    if !after.diagnostics.is_empty() {
        retain_new(&before(), &mut after, |_, _| false);
    }
    if after.diagnostics.is_empty() {
        return Ok(());
    }
    report(&after);
    Err(Failure::Failed("nothing was written: the catalog would have errors".to_owned()))
}
