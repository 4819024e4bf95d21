//! `audit`: searches a repository for model references, limits, base URLs and API-key variables that contradict the catalog.

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

/// Find model references, base URLs, limits and API-key variables that contradict the catalog
///
/// Searches code, documentation and configuration in any language. Reports these problems: unknown, deprecated and retired models; limits that differ
/// from the catalog; base URLs and API-key variables that belong to a different provider than the entry around them. Ambiguous text is not reported.
/// `modeldex explain CODE` explains the code of a finding.
///
/// In a directory, these files are skipped: files that .gitignore excludes, lock files, minified and bundled scripts, source maps, changelogs,
/// binary files, and files larger than 16 MiB. A file named on the command line is skipped only if it is larger than 256 MiB.
///
/// A comment `modeldex-ignore` suppresses the findings on its line. If the line contains only the comment, the comment suppresses the findings on the
/// next line. `modeldex-ignore: CODE, CODE` suppresses only findings with these codes. `modeldex-ignore-file` in the first 20 lines of a file
/// suppresses all findings in the file.
///
/// A report in the format `human` is printed to stderr. A report in any other format is printed to stdout. Exits with 1 if there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and directories to search
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    /// Do not report the findings listed in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the current findings to this file instead of reporting them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Use the status that each model has at this time [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = units::parse_moment)]
    at: Option<Moment>,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let loaded = source.load()?;
    // On a terminal, `load` has printed the note. In CI, a report without findings must not look like one about the folder.
    if !out::stderr_is_terminal() {
        source.note_unread_folder();
    }
    let catalog = loaded.catalog();
    let known = CatalogIndex::new(&catalog, args.at.unwrap_or_else(units::now).date());
    let exclude = args.baseline.iter().chain(&args.write_baseline).cloned().collect();
    let mut found =
        audit(&known, &AuditOptions { paths: args.paths.clone(), exclude }).map_err(|missing| Failure::Usage(missing.to_string()))?;
    for note in &found.skipped {
        out::note(out::printable(&format!("note: `{path}` {reason}", path = note.path, reason = note.reason)));
    }
    if let Some(path) = &args.write_baseline {
        return write_baseline(path, &found);
    }
    if let Some(baseline) = baseline {
        let stale = baseline.remove_known(&mut found.findings, &found.sources, |path| is_below(path, &args.paths));
        for BaselineEntry { path, code, text, count } in stale {
            let note = if count == 1 {
                format!(
                    "note: the baseline lists a finding {code} `{text}` in {path}, but this audit did not find it; to update the baseline, use \
                        `--write-baseline`"
                )
            } else {
                format!(
                    "note: the baseline lists {count} findings {code} `{text}` in {path}, but this audit did not find them; to update the baseline, \
                        use `--write-baseline`"
                )
            };
            out::note(out::printable(&note));
        }
    }
    let diagnostics = found.diagnostics();
    let text = render_with_rules(&diagnostics, &found.sources, args.report.format, args.report.color(), AUDIT_RULES);
    args.report.finish(&text, &diagnostics, out)
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let name = shown(path);
    // Checked before opening, because opening a pipe blocks until it has a writer.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Failure::Usage(format!("the baseline `{name}` is not a regular file")));
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::Usage(format!("the baseline `{name}` cannot be read: {error}")))?;
    Baseline::parse(&text).map_err(|error| {
        let (line, column, reason) = (error.line, error.column, out::printable(&error.reason));
        Failure::Usage(format!("{name}:{line}:{column}: invalid baseline: {reason}"))
    })
}

fn write_baseline(path: &Path, found: &AuditReport) -> Result<(), Failure> {
    // An existing file that is not a baseline is never overwritten.
    if path.exists() && fs::metadata(path).is_ok_and(|there| there.len() > 0) && read_baseline(path).is_err() {
        let name = shown(path);
        return Err(Failure::Failed(format!(
            "the file `{name}` is not a baseline and was not overwritten; name another file, or remove this file"
        )));
    }
    let baseline = Baseline::from_findings(&found.findings, &found.sources);
    files::replace(path, &baseline.to_json())?;
    let (path, count) = (shown(path), baseline.len());
    if count == 1 {
        out::note(format_args!("wrote the baseline {path} with 1 finding"));
    } else {
        out::note(format_args!("wrote the baseline {path} with {count} findings"));
    }
    Ok(())
}

/// Whether the displayed path `path` is one of `paths`, or is inside a folder in `paths`.
fn is_below(path: &str, paths: &[PathBuf]) -> bool {
    paths.iter().any(|above| {
        let above = shown(above);
        let above = above.trim_start_matches("./").trim_end_matches('/');
        matches!(above, "" | ".") && !path.starts_with('/')
            || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
