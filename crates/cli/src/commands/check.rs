//! `check`: reports errors and warnings of a catalog folder, and sorts keys and entries with `--fix`.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::files;
use super::out::{self, Out};
use super::transaction::Transaction;
use super::validation::ReportArgs;
use modeldex_compile::fix;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{CatalogFile, Compiled};
use modeldex_table::Catalog;
use std::iter;
use std::path::Path;

/// Check a catalog folder for errors
///
/// Checks the folder of --catalog. Without --catalog and --overlay, checks the folder `catalog` in the current folder. With only --overlay, checks
/// the overlay together with the built-in catalog. A report in the format `human` is printed to stderr. A report in any other format is printed to
/// stdout. Exits with 1 if there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    report: ReportArgs,
    /// Sort the keys and entries of all files before the check; comments are preserved
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folders = folders(source)?;
    if args.fix {
        folders.catalog.iter().try_for_each(|dir| sort_entries(dir, &Transaction::begin_without_evidence(dir)?))?;
        folders.overlay.iter().try_for_each(|dir| sort_entries(dir, &Transaction::begin_overlay(dir)?))?;
    }
    let report = folders.compile();
    let Compiled { diagnostics, source_files: sources, .. } = &report;
    let text = render(diagnostics, sources, args.report.format, args.report.color());
    let done = args.report.finish(&text, diagnostics, out);
    if args.report.format == Format::Human {
        let folders = names(&folders);
        if diagnostics.is_empty() {
            out::note(format_args!("checked {folders}: {counts}, no problems", counts = counts(&report.catalog())));
        } else {
            out::note(format_args!("checked {folders}"));
        }
    }
    done
}

/// Returns the folders to check: those of the options, or the default folder.
fn folders(source: &CatalogSource) -> Result<CatalogSource, Failure> {
    let usual = Path::new(USUAL_FOLDER);
    let mut folders = source.clone();
    if source.catalog.is_none() && source.overlay.is_empty() {
        if !usual.is_dir() {
            return Err(Failure::Usage(format!(
                "there is no folder `{USUAL_FOLDER}` in the current folder; select a catalog folder with `--catalog DIR`, or an overlay of the \
                 built-in catalog with `--overlay DIR`; to create a catalog, run `mkdir {USUAL_FOLDER}` and `modeldex new provider ID`"
            )));
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

/// Sorts the keys and entries of all files of a folder, which the transaction locks, and prints the files that changed.
fn sort_entries(dir: &Path, _transaction: &Transaction) -> Result<(), Failure> {
    let listed = modeldex_compile::catalog_files(dir);
    let listed =
        listed.map_err(|error| Failure::Usage(format!("cannot read the catalog folder `{folder}`: {error}", folder = shown(dir))))?;
    for CatalogFile { kind, path, .. } in listed.into_iter().filter(|file| !file.imported) {
        // Unreadable files are reported by the check that follows.
        let Ok(Some(text)) = files::read(&path) else { continue };
        if let Some(fixed) = fix::fix_order(&text, kind)
            && files::replace_below(dir, &path, &fixed)?
        {
            out::note(format_args!("fixed {path}", path = shown(&path)));
        }
    }
    Ok(())
}

/// Formats the counts of a catalog: `24 providers, 312 models, 9 labs`.
fn counts(catalog: &Catalog<'_>) -> String {
    let (providers, models, labs) = (catalog.providers().len(), catalog.models().len(), catalog.labs().len());
    let providers = if providers == 1 { "1 provider".to_owned() } else { format!("{providers} providers") };
    let models = if models == 1 { "1 model".to_owned() } else { format!("{models} models") };
    let labs = if labs == 1 { "1 lab".to_owned() } else { format!("{labs} labs") };
    format!("{providers}, {models}, {labs}")
}
