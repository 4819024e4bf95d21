//! `check`: reports what is wrong with a catalog folder, and puts in order what only stands in the wrong place.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::out::{self, Out};
use super::{files, words};
use crate::BuiltIn;
use modeldex_compile::diagnostic::{Diagnostic, Severity, Sources, Span, has_errors};
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, compile, compile_over, fix};
use modeldex_table::Catalog;
use std::fs;
use std::io::Write;
use std::iter;
use std::path::{Path, PathBuf};

/// Check a catalog folder and report what is wrong
///
/// The folder is that of --catalog, else `catalog` in the current folder. With --overlay alone, the overlay is checked over the built-in
/// catalog. The report goes to stderr in the human format, else to stdout. Exits with 1 when there are errors.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How to write the report
    #[arg(long, default_value = "human", value_parser = words::format())]
    format: Format,
    /// Exit with 1 on warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// First put keys and entries in order; comments are kept
    #[arg(long)]
    fix: bool,
}

/// What was found in every folder that was checked, as one.
#[derive(Default)]
struct Report {
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folders = Folders::of(source)?;
    if args.fix {
        folders.all().try_for_each(|dir| put_in_order(dir))?;
    }
    let (report, counts) = folders.check();
    let text = render(&report.diagnostics, &report.sources, args.format, args.format == Format::Human && out::stderr_color());
    match args.format {
        Format::Human if report.diagnostics.is_empty() => out::note(format_args!("checked {}: {counts}, no problems", folders.names())),
        Format::Human => {
            out::report(&text);
            out::note(format_args!("checked {}", folders.names()));
        }
        Format::Json | Format::Sarif | Format::Github => out.write_all(text.as_bytes())?,
    }
    if has_errors(&report.diagnostics) {
        return Err(Failure::Reported);
    }
    if args.deny_warnings && report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Warning) {
        return Err(Failure::Failed("warnings are denied".to_owned()));
    }
    Ok(())
}

/// The folders to check.
struct Folders {
    built_in: BuiltIn,
    /// `None` for the built-in catalog, which compiled and so is clean.
    catalog: Option<PathBuf>,
    overlays: Vec<PathBuf>,
}

impl Folders {
    fn of(source: &CatalogSource) -> Result<Self, Failure> {
        let usual = Path::new(USUAL_FOLDER);
        let catalog = match &source.catalog {
            Some(dir) => Some(dir.clone()),
            None if !source.overlay.is_empty() => {
                source.refuse_broken()?;
                None
            }
            None if usual.is_dir() => Some(usual.to_path_buf()),
            None => {
                let others = "`--catalog DIR` checks another folder, `--overlay DIR` checks one over the built-in catalog";
                let begin = format!("`mkdir {USUAL_FOLDER}` and `modeldex new provider ID` begin one");
                return Err(Failure::Usage(format!("there is no folder `{USUAL_FOLDER}` here: {others}, and {begin}")));
            }
        };
        let folders = Self { built_in: source.built_in, catalog, overlays: source.overlay.clone() };
        folders.all().try_for_each(|dir| folder(dir).map(|_| ()))?;
        Ok(folders)
    }

    /// What is checked, such as "`catalog` and `overlay`".
    fn names(&self) -> String {
        let catalog = self.catalog.as_ref().map_or_else(|| "the built-in catalog".to_owned(), |dir| format!("`{}`", shown(dir)));
        let overlays = self.overlays.iter().map(|dir| format!(" and `{}`", shown(dir)));
        iter::once(catalog).chain(overlays).collect()
    }

    fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.catalog.iter().chain(&self.overlays)
    }

    /// Compiles one folder over the other. One with errors is the last: what lies over it would only report them again.
    fn check(&self) -> (Report, String) {
        let mut report = Report::default();
        let mut compiled = self.catalog.as_ref().map(|dir| report.take(compile(dir)));
        for dir in &self.overlays {
            if has_errors(&report.diagnostics) {
                break;
            }
            let over = match &compiled {
                None => compile_over(self.built_in.catalog, dir),
                Some(below) => compile_over(&below.catalog(), dir),
            };
            compiled = Some(report.take(over));
        }
        let counts = compiled.map(|compiled| counts(&compiled.catalog())).unwrap_or_default();
        (report, counts)
    }
}

impl Report {
    /// Adds what was found in a folder, and gives the rest back.
    fn take(&mut self, mut compiled: Compiled) -> Compiled {
        let first = self.sources.files().len();
        for file in compiled.sources.files() {
            self.sources.add(file.path.clone(), file.text.clone());
        }
        let moved = |span: &mut Span| span.file += first;
        for mut diagnostic in compiled.diagnostics.drain(..) {
            moved(&mut diagnostic.span);
            diagnostic.labels.iter_mut().for_each(|label| moved(&mut label.span));
            self.diagnostics.push(diagnostic);
        }
        compiled
    }
}

/// Puts the keys and entries of every file in order, and names the files that changed.
fn put_in_order(dir: &Path) -> Result<(), Failure> {
    let listed = modeldex_compile::files(dir);
    let listed = listed.map_err(|error| Failure::Usage(format!("the catalog folder `{}` cannot be read: {error}", shown(dir))))?;
    for (kind, path) in listed {
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
