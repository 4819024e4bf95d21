//! Compiles a catalog before and after an edit: the edit fails if it would add errors to the catalog. Also defines the command-line options for reports.

use super::failure::Failure;
use super::out::{self, Out};
use super::transaction::Change;
use super::words;
use modeldex_compile::diagnostic::{Diagnostic, Severity, has_errors};
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, FileChange, compile, compile_with_changes};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

/// Removes the diagnostics of `after` that `before` has too, except those for which `keep` returns true. The comparison ignores positions, because an
/// added line moves the positions of all later diagnostics.
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

/// Options of the commands that report diagnostics.
#[derive(clap::Args)]
pub(crate) struct ReportArgs {
    /// Format of the report
    #[arg(long, default_value = "human", value_parser = words::format())]
    pub(crate) format: Format,
    /// Exit with code 1 if there are warnings
    #[arg(long)]
    deny_warnings: bool,
}

impl ReportArgs {
    /// Returns whether the report is colored.
    pub(crate) fn color(&self) -> bool {
        self.format == Format::Human && out::stderr_color()
    }

    /// Writes a rendered report: to stderr in the human format, to stdout in every other format. Fails if there are errors or, with
    /// `--deny-warnings`, warnings.
    pub(crate) fn finish(&self, report: &str, diagnostics: &[Diagnostic], out: &mut Out) -> Result<(), Failure> {
        match self.format {
            Format::Human => out::report(report),
            Format::Json | Format::Sarif | Format::Github => out.write_all(report.as_bytes())?,
        }
        if has_errors(diagnostics) {
            return Err(Failure::Reported);
        }
        if self.deny_warnings && diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Warning) {
            return Err(Failure::Failed("the report has warnings, which `--deny-warnings` treats as errors".to_owned()));
        }
        Ok(())
    }
}

/// Prints the diagnostics of a catalog.
pub(crate) fn report(compiled: &Compiled) {
    out::report(&render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color()));
}

/// Fails if the changes would add errors to the catalog.
pub(crate) fn changes(catalog: &Path, changes: &[Change<'_>]) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let changes: Vec<FileChange<'_>> = changes.iter().map(|change| FileChange { path: change.path, text: change.text }).collect();
    refuse_errors(compile_with_changes(None, catalog, &changes), || compile(catalog))
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
    Err(Failure::Failed("nothing was written: with the changes, the catalog would have the errors above".to_owned()))
}
