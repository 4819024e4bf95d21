//! `audit`: reports model references, limits, base URLs and key variables in a repository that the catalog contradicts.

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::out::{self, Out};
use super::validation::ReportArgs;
use super::{files, units};
use modeldex_audit::{AUDIT_RULES, AuditOptions, AuditReport, Baseline, BaselineEntry, CatalogIndex, audit};
use modeldex_compile::render::render_with_rules;
use modeldex_table::Moment;
use std::fs;
use std::path::{Path, PathBuf};

/// Find model references, base URLs, limits and key variables that contradict the catalog
///
/// Searches code, documentation and configuration in any language for unknown, deprecated and retired models, for limits that differ from the
/// catalog, and for base URLs and key variables of another provider. Ambiguous text is not reported. `modeldex explain CODE` explains a
/// finding.
///
/// Directories are searched like git does: files in .gitignore are skipped, as are lock files, minified and bundled scripts, source maps,
/// changelogs, binary files and files larger than 16 MiB. Files named on the command line are always searched.
///
/// A comment `modeldex-ignore` suppresses the findings of its line, or of the next line if it is on a line by itself. `modeldex-ignore: CODE,
/// CODE` suppresses these codes only; `modeldex-ignore-file` in the first 20 lines suppresses the whole file.
///
/// The report goes to stderr in the human format, otherwise to stdout. Exits with 1 if there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and directories to search
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    /// Ignore the findings listed in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the current findings to this file instead of reporting them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Use the model statuses of this time instead of now
    #[arg(long, value_name = "RFC3339", value_parser = units::parse_moment)]
    at: Option<Moment>,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let loaded = source.load()?;
    let catalog = loaded.catalog();
    let known = CatalogIndex::new(&catalog, args.at.unwrap_or_else(units::now).date());
    let exclude = args.baseline.iter().chain(&args.write_baseline).cloned().collect();
    let mut found =
        audit(&known, &AuditOptions { paths: args.paths.clone(), exclude }).map_err(|missing| Failure::Usage(missing.to_string()))?;
    for note in &found.skipped {
        out::note(out::printable(&format!("note: `{}` {}", note.path, note.reason)));
    }
    if let Some(path) = &args.write_baseline {
        return write_baseline(path, &found);
    }
    if let Some(baseline) = baseline {
        let stale = baseline.remove_known(&mut found.findings, &found.sources, |path| is_below(path, &args.paths));
        for BaselineEntry { path, code, text, count } in stale {
            let times = if count == 1 { String::new() } else { format!(", {count} times") };
            out::note(out::printable(&format!(
                "note: stale baseline entry: {code} `{text}` in {path}{times} no longer occurs; `--write-baseline` updates the file"
            )));
        }
    }
    let diagnostics = found.diagnostics();
    let text = render_with_rules(&diagnostics, &found.sources, args.report.format, args.report.color(), AUDIT_RULES);
    args.report.finish(&text, &diagnostics, out)
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let shown = shown(path);
    // Checked before opening, because opening a pipe blocks until it has a writer.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Failure::Usage(format!("the baseline `{shown}` is not a regular file")));
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::Usage(format!("the baseline `{shown}` cannot be read: {error}")))?;
    Baseline::parse(&text).map_err(|error| {
        let place = format!("{shown}:{}:{}", error.line, error.column);
        Failure::Usage(format!("{place}: invalid baseline: {}", out::printable(&error.reason)))
    })
}

fn write_baseline(path: &Path, found: &AuditReport) -> Result<(), Failure> {
    // An existing file that is not a baseline is never overwritten.
    if path.exists() && fs::metadata(path).is_ok_and(|there| there.len() > 0) && read_baseline(path).is_err() {
        let shown = shown(path);
        return Err(Failure::Failed(format!("`{shown}` exists and is not a baseline; name another file, or remove it")));
    }
    let baseline = Baseline::from_findings(&found.findings, &found.sources);
    files::replace(path, &baseline.to_json())?;
    let findings = if baseline.len() == 1 { "finding" } else { "findings" };
    out::note(format_args!("wrote {} with {} {findings}", shown(path), baseline.len()));
    Ok(())
}

/// Whether a displayed path is one of `paths` or below one of them.
fn is_below(path: &str, paths: &[PathBuf]) -> bool {
    paths.iter().any(|above| {
        let above = shown(above);
        let above = above.trim_start_matches("./").trim_end_matches('/');
        matches!(above, "" | ".") && !path.starts_with('/')
            || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
