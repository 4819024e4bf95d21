//! `audit`: reports what a repository says of models that the catalog does not know, knows as gone, or contradicts.

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::judge::ReportArgs;
use super::out::{self, Out};
use super::{files, units};
use modeldex_audit::{AUDIT_RULES, AuditOptions, AuditReport, Baseline, BaselineEntry, CatalogIndex, audit};
use modeldex_compile::render::render_with_rules;
use modeldex_table::Moment;
use std::fs;
use std::path::{Path, PathBuf};

/// Find model references, base URLs, limits and key variables that the catalog contradicts
///
/// Looks through code, documentation and configuration of any language for references and ids of models that the catalog does not know or
/// knows as gone, for limits beside a model that are not its own, and for base URLs and key variables that are not those of the provider
/// beside them. What is not surely one of these is let pass. `modeldex explain CODE` tells what each finding means.
///
/// Folders are read as git sees them: what .gitignore names is left out, and so are lock files, minified and bundled scripts, maps of
/// sources, changelogs, binary files and files above 16 MiB. A file that is named itself is looked at all the same.
///
/// A comment with `modeldex-ignore` on the line, or alone on the line before, lets its findings pass; `modeldex-ignore: CODE, CODE` only
/// those; `modeldex-ignore-file` in the first 20 lines those of the file.
///
/// The report goes to stderr in the human format, else to stdout. Exits with 1 when there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders to look through
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    /// Let pass what this file knows
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found to this file, and report nothing
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Judge as of this moment instead of now
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
                "note: the baseline lets pass {code} `{text}` in {path}{times}, which is not there any more"
            )));
        }
    }
    let diagnostics = found.diagnostics();
    let text = render_with_rules(&diagnostics, &found.sources, args.report.format, args.report.color(), AUDIT_RULES);
    args.report.finish(&text, &diagnostics, out)
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let shown = shown(path);
    // Asked before it is opened: a pipe would wait for whoever writes into it.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Failure::Usage(format!("the baseline `{shown}` is no regular file")));
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::Usage(format!("the baseline `{shown}` cannot be read: {error}")))?;
    Baseline::parse(&text).map_err(|error| {
        let place = format!("{shown}:{}:{}", error.line, error.column);
        Failure::Usage(format!("{place}: this is no baseline: {}", out::printable(&error.reason)))
    })
}

fn write_baseline(path: &Path, found: &AuditReport) -> Result<(), Failure> {
    // What is there and is no baseline is somebody's work.
    if path.exists() && fs::metadata(path).is_ok_and(|there| there.len() > 0) && read_baseline(path).is_err() {
        let shown = shown(path);
        return Err(Failure::Failed(format!("`{shown}` is there and is no baseline, and is left alone; name another file, or remove it")));
    }
    let baseline = Baseline::from_findings(&found.findings, &found.sources);
    files::replace(path, &baseline.to_json())?;
    let findings = if baseline.len() == 1 { "finding" } else { "findings" };
    out::note(format_args!("wrote {} with {} {findings}", shown(path), baseline.len()));
    Ok(())
}

/// Whether a path as it is shown is one of `paths` or below one.
fn is_below(path: &str, paths: &[PathBuf]) -> bool {
    paths.iter().any(|above| {
        let above = shown(above);
        let above = above.trim_start_matches("./").trim_end_matches('/');
        matches!(above, "" | ".") && !path.starts_with('/')
            || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
