//! `check`: reports errors and warnings of a catalog folder, and sorts keys and entries with `--fix`.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::files;
use super::out::{self, Out};
use super::validation::ReportArgs;
use modeldex_compile::fix;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{CatalogFile, Compiled};
use modeldex_table::Catalog;
use std::fs;
use std::iter;
use std::path::Path;

/// Check a catalog folder for errors
///
/// Checks the folder of --catalog, by default `catalog` in the current folder. With --overlay alone, checks the overlay on top of the built-in
/// catalog. The report goes to stderr in the human format, otherwise to stdout. Exits with 1 if there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    report: ReportArgs,
    /// Sort keys and entries first; comments are preserved
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folders = folders(source)?;
    if args.fix {
        folders.folders().try_for_each(|dir| sort_entries(dir))?;
    }
    let report = folders.compile();
    let Compiled { diagnostics, source_files: sources, .. } = &report;
    let text = render(diagnostics, sources, args.report.format, args.report.color());
    let done = args.report.finish(&text, diagnostics, out);
    if args.report.format == Format::Human {
        let end = if diagnostics.is_empty() { format!(": {}, no problems", counts(&report.catalog())) } else { String::new() };
        out::note(format_args!("checked {}{end}", names(&folders)));
    }
    done
}

/// The folders to check: those of the options, else the default one.
fn folders(source: &CatalogSource) -> Result<CatalogSource, Failure> {
    let usual = Path::new(USUAL_FOLDER);
    let mut folders = source.clone();
    if source.catalog.is_none() && source.overlay.is_empty() {
        if !usual.is_dir() {
            let others = "name another with `--catalog DIR`, or an overlay of the built-in catalog with `--overlay DIR`";
            let create = format!("to create one, run `mkdir {USUAL_FOLDER}` and `modeldex new provider ID`");
            return Err(Failure::Usage(format!("there is no folder `{USUAL_FOLDER}` here; {others}; {create}")));
        }
        folders.catalog = Some(usual.to_path_buf());
    } else if source.catalog.is_none() {
        source.refuse_broken()?;
    }
    folders.folders().try_for_each(|dir| folder(dir).map(|_| ()))?;
    Ok(folders)
}

/// Formats the checked folders, such as "`catalog` and `overlay`".
fn names(folders: &CatalogSource) -> String {
    let catalog = folders.catalog.as_ref().map_or_else(|| "the built-in catalog".to_owned(), |dir| format!("`{}`", shown(dir)));
    let overlays = folders.overlay.iter().map(|dir| format!(" and `{}`", shown(dir)));
    iter::once(catalog).chain(overlays).collect()
}

/// Sorts the keys and entries of all files, and prints the files that changed.
fn sort_entries(dir: &Path) -> Result<(), Failure> {
    let listed = modeldex_compile::catalog_files(dir);
    let listed = listed.map_err(|error| Failure::Usage(format!("cannot read the catalog folder `{}`: {error}", shown(dir))))?;
    for CatalogFile { kind, path, .. } in listed.into_iter().filter(|file| !file.imported) {
        // Unreadable files are reported by the check that follows.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if let Some(fixed) = fix::fix_order(&text, kind)
            && files::replace(&path, &fixed)?
        {
            out::note(format_args!("fixed {}", shown(&path)));
        }
    }
    Ok(())
}

/// Formats the counts of a catalog: `24 providers, 312 models, 9 labs`.
fn counts(catalog: &Catalog<'_>) -> String {
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    [count(catalog.providers().len(), "provider"), count(catalog.models().len(), "model"), count(catalog.labs().len(), "lab")].join(", ")
}
