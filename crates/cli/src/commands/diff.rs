//! `diff`: what differs between two catalogs, for people, for a pull request and for programs.

mod human;
mod json;
mod markdown;
mod revision;
mod sections;
mod snapshot;

use super::catalog_source::{CatalogSource, Loaded, folder, shown, usable, without_errors};
use super::failure::Failure;
use super::out::Out;
use crate::diff::compare;
use modeldex_compile::compile;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Compare two catalogs
///
/// OLD and NEW are each a catalog folder, a git revision that has one, a snapshot of a source that was imported, or `built-in`. A folder is
/// tried first. A revision is written REV, for the folder of --catalog or `catalog` in it, or REV:path/to/catalog, from the root of the
/// repository. A snapshot is written SOURCE@YYYY-MM-DD: what that source alone says, read from the evidence.
///
/// Providers and models are compared as they are sold; what a lab publishes counts where a model inherits it. `?` is unknown, which is never
/// zero. Catalogs that are the same print `no difference`. Exits with 0 whether or not they differ.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The catalog to compare with
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The catalog that is looked at
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Write Markdown, as for the description of a pull request
    #[arg(long)]
    markdown: bool,
    /// Write an object with everything that differs
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Show every row of sections that are long
    #[arg(long)]
    all: bool,
}

const EXAMPLES: &str = "\
Examples:
  modeldex diff built-in catalog
  modeldex diff main catalog --markdown
  modeldex diff v1.0:catalog v2.0:catalog --json
  modeldex diff models.dev@2026-05-21 models.dev@2026-09-30";

/// The word that names the catalog in this program. A folder that is called so is `./built-in`.
const BUILT_IN: &str = "built-in";

/// How many rows of a section are shown when not all are.
const ROWS: usize = 20;

/// The two catalogs as they were named, the old one first.
type Names = [String; 2];

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    if !source.overlay.is_empty() {
        return Err(Failure::Usage("`diff` compares whole catalogs, so `--overlay` means nothing to it".to_owned()));
    }
    let (old, old_name) = read(&args.old, source)?;
    let (new, new_name) = read(&args.new, source)?;
    let names = [old_name, new_name];
    // Unconfirmed routing claims come first: they need a decision.
    let known = old.held();
    let mut held = new.held();
    held.retain(|fact| !known.iter().any(|other| (&other.provider, other.fact, &other.value) == (&fact.provider, fact.fact, &fact.value)));
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

/// The catalog that an argument names, and how it is called from there on.
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
    let found = revision::compile(named, source.catalog.as_deref())?;
    // Nobody changes what is committed, so its warnings are not worth a remark.
    Ok((Loaded::Compiled(Box::new(without_errors(found.compiled)?)), found.name))
}
