//! `diff`: compares two catalogs, and prints the differences for a terminal, as Markdown or as JSON.

mod human;
mod json;
mod markdown;
mod revision;
mod routing;
mod sections;
mod snapshot;

use super::catalog_source::{CatalogSource, Loaded, folder, shown, usable, without_errors};
use super::failure::Failure;
use super::out::Out;
use crate::diff::compare;
use modeldex_compile::{codes, compile};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Compare two catalogs
///
/// OLD and NEW are each the path of a catalog folder, a git revision, a snapshot of a source, or `built-in`. If a folder and a
/// git revision have the same name, the folder is used.
///
/// A git revision, such as `main`, means the catalog folder in this revision. The path of this folder is the value of --catalog, or `catalog` without
/// --catalog. To name a different folder, add the path from the root of the repository, as in `main:path/to/catalog`.
///
/// `SOURCE@YYYY-MM-DD` means a snapshot of a source: a catalog that has only the facts of this source at this date.
///
/// The first part lists all changes of the routing: new unconfirmed claims of sources, the routing of added providers, and changed base URLs, wire
/// protocols, headers, environment variables and authentication methods.
///
/// The next part lists the changed providers and models. A changed fact of a base model is listed for each model that inherits the fact. `?` means
/// that a value is unknown. For equal catalogs, prints `no difference`. The exit code is 0 even if the catalogs differ.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The old catalog
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new catalog
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Print Markdown, for example for a pull request
    #[arg(long)]
    markdown: bool,
    /// Print a JSON object with all differences
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print all rows of each section, not only the first 20. The sections about the routing always have all rows
    #[arg(long)]
    all: bool,
}

const EXAMPLES: &str = "\
Examples:
  modeldex diff built-in ./catalog
  modeldex diff main catalog --markdown
  modeldex diff v1.0:catalog v2.0:catalog --json
  modeldex diff models.dev@2026-05-21 models.dev@2026-09-30";

/// The name of the catalog compiled into this program. A folder of this name is written `./built-in`.
const BUILT_IN: &str = "built-in";

/// Maximum number of rows of a section without `--all`.
const ROWS: usize = 20;

/// Names of the two catalogs as given on the command line, the old one first.
type Names = [String; 2];

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    if !source.overlay.is_empty() {
        return Err(Failure::Usage("`diff` compares whole catalogs and does not support `--overlay`".to_owned()));
    }
    let (old, old_name) = read(&args.old, source)?;
    let (new, new_name) = read(&args.new, source)?;
    let names = [old_name, new_name];
    // Unconfirmed routing claims come first: they need a decision.
    let known = old.held();
    let mut held = new.held();
    held.retain(|fact| !known.iter().any(|other| fact.has_same_value(other)));
    let (old, new) = (old.catalog(), new.catalog());
    let difference = compare(&old, &new);
    if args.json {
        return json::write(&names, &difference, &held, out);
    }
    if difference.is_empty() && held.is_empty() {
        return Ok(writeln!(out, "no difference")?);
    }
    if args.markdown {
        markdown::held(&held, out)?
    } else {
        super::sections::held(out, &held)?
    }
    if difference.is_empty() {
        return Ok(());
    }
    let sections = sections::all(&difference, if args.all { usize::MAX } else { ROWS });
    let written = if args.markdown { markdown::write(&names, &sections, out) } else { human::write(&names, &sections, out) };
    Ok(written?)
}

/// Loads the catalog that an argument names. Returns it with the name to print.
fn read(named: &Path, source: &CatalogSource) -> Result<(Loaded, String), Failure> {
    if named.as_os_str() == BUILT_IN {
        return Ok((Loaded::BuiltIn(**source.built_in), BUILT_IN.to_owned()));
    }
    if named.is_dir() {
        return Ok((usable(compile(folder(named)?), &format!("--catalog {}", shown(named)))?, shown(named)));
    }
    if let Some((of, date)) = named.to_str().and_then(snapshot::named) {
        let compiled = snapshot::compile(of, date, source)?;
        return Ok((Loaded::Compiled(Box::new(without_errors(compiled)?)), format!("{of}@{date}")));
    }
    let mut found = revision::compile(named, source.catalog.as_deref())?;
    // Imported files of an old revision may have routing that was not confirmed then. The rule protects requests, and a comparison sends none.
    found.compiled.diagnostics.retain(|diagnostic| diagnostic.code != codes::UNCONFIRMED_ROUTE.code);
    // Warnings about a committed catalog are not printed: the user cannot change it.
    Ok((Loaded::Compiled(Box::new(without_errors(found.compiled)?)), found.name))
}
