//! `emit`: writes the catalog in the format of another tool.

mod apply;
mod list;
mod patch;

use super::catalog_source::{self, CatalogSource, is_set, shown};
use super::failure::Failure;
use super::files;
use super::out::{self, Out, printable};
use super::{units, words};
use modeldex_formats::{EMIT_TARGETS, EmitTarget, LossReport, ModelSelection, OutputFile, emit_target};
use modeldex_table::availability::available_when;
use modeldex_table::{Catalog, Model, Moment};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write the catalog in the format of another tool
///
/// If the format cannot express a fact, the output omits the fact. If the format requires a value that the catalog does not have, the output contains
/// a substitute. Omitted facts and substitutes are reported on stderr. --list prints all formats, each with the facts that it cannot express.
///
/// `emit openclaw --apply` merges the models into openclaw's configuration. All other text of the file is preserved byte for byte, including
/// your keys, headers, models and providers. A backup of the old file is kept.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Name of the format
    #[arg(value_name = "TARGET", required_unless_present = "list")]
    target: Option<String>,
    /// List the formats, each with the facts that it cannot express
    #[arg(long, conflicts_with_all = ["target", "provider", "model", "usable", "out", "apply"])]
    list: bool,
    /// With --list, print a JSON array with one object per format
    #[arg(long, requires = "list")]
    json: bool,
    /// Write to FILE, which is a folder if the format consists of several files [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Merge the models into FILE, a configuration of openclaw [default: the file that openclaw reads]
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "out")]
    apply: Option<Option<PathBuf>>,
    /// Print the changes of --apply without writing them
    #[arg(long, requires = "apply")]
    dry_run: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

/// Options that select the models to write.
#[derive(clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Only models of this provider, by id or alias (repeatable)
    #[arg(long, value_name = "ID")]
    provider: Vec<String>,
    /// Write the model with this reference, which has the form `provider/model` (repeatable). If --provider is given too, the models of both options
    /// are written
    #[arg(long, value_name = "REF")]
    model: Vec<String>,
    /// Only models of providers with credentials; retired models are omitted
    #[arg(long)]
    usable: bool,
    /// Use the prices that apply at this time [default: now]. The formats csv and sql ignore this option, because they contain the prices of all
    /// times
    #[arg(long, value_name = "RFC3339", value_parser = units::parse_moment)]
    at: Option<Moment>,
}

/// A JSON object for each format, as `emit --list --json` prints them.
pub(super) fn targets() -> Vec<serde_json::Value> {
    list::rows()
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let Some(name) = &args.target else { return list::run(args.json, out) };
    let target = known(name)?;
    if args.apply.is_some() {
        apply::refuse(target, args.selection.is_everything())?;
    }
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let selection = args.selection.of(&catalog)?;
    let mut lost = LossReport::default();
    let documents = target.write(&selection, &mut lost);
    if let Some(file) = &args.apply {
        print_losses(target, &lost);
        return apply::run(file.as_deref(), args.dry_run, &only(target, &documents)?.text, &catalog, out);
    }
    match (&args.out, target.file_name) {
        (Some(path), Some(_)) => {
            documents.iter().try_for_each(|document| files::replace(path, &document.text).map(|changed| note(path, changed)))?
        }
        (Some(folder), None) => documents.iter().try_for_each(|document| {
            let path = folder.join(&document.path);
            files::replace_below(folder, &path, &document.text).map(|changed| note(&path, changed))
        })?,
        (None, _) => out.write_all(only(target, &documents)?.text.as_bytes())?,
    }
    out.flush()?;
    print_losses(target, &lost);
    Ok(())
}

impl SelectionArgs {
    /// Whether no option restricts the selection.
    fn is_everything(&self) -> bool {
        self.provider.is_empty() && self.model.is_empty() && !self.usable
    }

    /// Returns the selected models.
    pub(crate) fn of<'a>(&self, catalog: &'a Catalog<'a>) -> Result<ModelSelection<'a>, Failure> {
        let providers = self.provider.iter().map(|id| catalog_source::provider(catalog, id).map(modeldex_table::Provider::index));
        let providers = providers.collect::<Result<BTreeSet<_>, _>>()?;
        let models = self.model.iter().map(|reference| Ok::<_, Failure>(catalog.resolve(reference)?.model.index()));
        let models = models.collect::<Result<BTreeSet<_>, _>>()?;
        let everything = providers.is_empty() && models.is_empty();
        let is_selected = |model: Model<'_>| everything || providers.contains(&model.provider().index()) || models.contains(&model.index());
        let usable: Option<BTreeSet<usize>> = self.usable.then(|| {
            let available = catalog.providers().filter(|provider| available_when(*provider, is_set).is_available());
            available.map(modeldex_table::Provider::index).collect()
        });
        let at = self.at.unwrap_or_else(units::now);
        let all = ModelSelection::filtered(catalog, at, |model| {
            is_selected(model) && usable.as_ref().is_none_or(|usable| usable.contains(&model.provider().index()))
        });
        Ok(if self.usable { all.without_retired() } else { all })
    }
}

/// Finds a format by name; the error suggests the nearest name.
pub(crate) fn known(name: &str) -> Result<&'static EmitTarget, Failure> {
    emit_target(name).ok_or_else(|| {
        let names = EMIT_TARGETS.iter().map(|target| target.name);
        let all = || format!("; known formats: {names}", names = names.clone().collect::<Vec<_>>().join(", "));
        let suggestion = words::nearest(name, names.clone(), all);
        Failure::Usage(format!("unknown format `{format}`{suggestion}", format = printable(name)))
    })
}

/// Prints the losses of this run to stderr: one line for each kind of changed value, and one line for all facts without a field in the format.
pub(crate) fn print_losses(target: &EmitTarget, lost: &LossReport) {
    for (_, text) in lost.descriptions().filter(|(loss, _)| loss.unsupported_part().is_none()) {
        out::note(format_args!("{format}: {text}", format = target.name));
    }
    let places: Vec<String> = lost.counts().filter_map(|(loss, _)| loss.unsupported_part()).map(|part| part.to_string()).collect();
    if !places.is_empty() {
        out::note(format_args!("{format}: the format has no field for {facts}", format = target.name, facts = places.join(", ")));
    }
}

/// Prints whether the file at `path` was changed.
fn note(path: &Path, is_changed: bool) {
    if is_changed {
        out::note(format_args!("written: {path}", path = shown(path)));
    } else {
        out::note(format_args!("up to date: {path}", path = shown(path)));
    }
}

/// The document to write to stdout; fails for a format of several files.
fn only<'d>(target: &EmitTarget, documents: &'d [OutputFile]) -> Result<&'d OutputFile, Failure> {
    match documents {
        [document] => Ok(document),
        _ => {
            let (format, count) = (target.name, documents.len());
            Err(Failure::Usage(format!("the format `{format}` consists of {count} files; name an output folder with `--out DIR`")))
        }
    }
}
