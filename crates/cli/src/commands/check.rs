//! `check`: reports what is wrong with a catalog folder, and puts in order what only stands in the wrong place.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::files;
use super::judge::ReportArgs;
use super::out::{self, Out};
use modeldex_compile::fix;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{CatalogFile, Compiled};
use modeldex_table::Catalog;
use std::fs;
use std::iter;
use std::path::Path;

/// Check a catalog folder and report what is wrong
///
/// The folder is that of --catalog, else `catalog` in the current folder. With --overlay alone, the overlay is checked over the built-in
/// catalog. The report goes to stderr in the human format, else to stdout. Exits with 1 when there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    report: ReportArgs,
    /// First put keys and entries in order; comments are kept
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folders = folders(source)?;
    if args.fix {
        folders.folders().try_for_each(|dir| put_in_order(dir))?;
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

/// The folders to check: those that were named, else the usual one.
fn folders(source: &CatalogSource) -> Result<CatalogSource, Failure> {
    let usual = Path::new(USUAL_FOLDER);
    let mut folders = source.clone();
    if source.catalog.is_none() && source.overlay.is_empty() {
        if !usual.is_dir() {
            let others = "`--catalog DIR` checks another folder, `--overlay DIR` checks one over the built-in catalog";
            let begin = format!("`mkdir {USUAL_FOLDER}` and `modeldex new provider ID` begin one");
            return Err(Failure::Usage(format!("there is no folder `{USUAL_FOLDER}` here: {others}, and {begin}")));
        }
        folders.catalog = Some(usual.to_path_buf());
    } else if source.catalog.is_none() {
        source.refuse_broken()?;
    }
    folders.folders().try_for_each(|dir| folder(dir).map(|_| ()))?;
    Ok(folders)
}

/// What is checked, such as "`catalog` and `overlay`".
fn names(folders: &CatalogSource) -> String {
    let catalog = folders.catalog.as_ref().map_or_else(|| "the built-in catalog".to_owned(), |dir| format!("`{}`", shown(dir)));
    let overlays = folders.overlay.iter().map(|dir| format!(" and `{}`", shown(dir)));
    iter::once(catalog).chain(overlays).collect()
}

/// Puts the keys and entries of every file in order, and names the files that changed.
fn put_in_order(dir: &Path) -> Result<(), Failure> {
    let listed = modeldex_compile::catalog_files(dir);
    let listed = listed.map_err(|error| Failure::Usage(format!("the catalog folder `{}` cannot be read: {error}", shown(dir))))?;
    for CatalogFile { kind, path, .. } in listed.into_iter().filter(|file| !file.imported) {
        // What cannot be read or is no text is reported by the check that follows.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if let Some(fixed) = fix::fix_order(&text, kind)
            && files::replace(&path, &fixed)?
        {
            out::note(format_args!("fixed {}", shown(&path)));
        }
    }
    Ok(())
}

/// `24 providers, 312 models, 9 labs`
fn counts(catalog: &Catalog<'_>) -> String {
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    [count(catalog.providers().len(), "provider"), count(catalog.models().len(), "model"), count(catalog.labs().len(), "lab")].join(", ")
}
