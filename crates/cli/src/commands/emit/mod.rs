//! `emit`: the catalog in the format of another tool.

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
/// What the tool cannot express is left out; where it demands a value that nobody knows, what was written instead is told on stderr.
/// --list shows every format and what is lost in it.
///
/// `emit openclaw --apply` puts the models into the file that openclaw reads. Whatever else is in it stays, byte for byte, and so do your
/// keys, your headers, and models and providers of your own. What the file was is kept beside it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The format
    #[arg(value_name = "TARGET", required_unless_present = "list")]
    target: Option<String>,
    /// List the formats, and what is lost in each
    #[arg(long, conflicts_with_all = ["target", "provider", "model", "usable", "out", "apply"])]
    list: bool,
    /// Write an array of objects, with every loss by name
    #[arg(long, requires = "list")]
    json: bool,
    /// Write to FILE, or into this folder where the format is several files; without it, to stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Merge into an openclaw.json: into FILE, or without it into the one that openclaw reads
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "out")]
    apply: Option<Option<PathBuf>>,
    /// Show what --apply would change, and change nothing
    #[arg(long, requires = "apply")]
    dry_run: bool,
    #[command(flatten)]
    which: Which,
}

/// Which models are written.
#[derive(clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Which {
    /// The models of this provider, by id or alias; may be given several times
    #[arg(long, value_name = "ID")]
    provider: Vec<String>,
    /// This model, as `provider/model`; may be given several times, and adds to --provider
    #[arg(long, value_name = "REF")]
    model: Vec<String>,
    /// Only models that can be used here now: their variables are set, and they answer
    #[arg(long)]
    usable: bool,
    /// Write the prices of this moment instead of now
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
        apply::refuse(target, args.which.is_everything())?;
    }
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let selection = args.which.of(&catalog)?;
    let mut lost = LossReport::default();
    let documents = target.write(&selection, &mut lost);
    if let Some(file) = &args.apply {
        tell(target, &lost);
        return apply::run(file.as_deref(), args.dry_run, &only(target, &documents)?.text, &catalog, out);
    }
    match (&args.out, target.file_name) {
        (Some(path), Some(_)) => documents.iter().try_for_each(|document| write(path, &document.text))?,
        (Some(folder), None) => documents.iter().try_for_each(|document| write(&folder.join(&document.path), &document.text))?,
        (None, _) => out.write_all(only(target, &documents)?.text.as_bytes())?,
    }
    out.flush()?;
    tell(target, &lost);
    Ok(())
}

impl Which {
    /// Whether nothing says which.
    fn is_everything(&self) -> bool {
        self.provider.is_empty() && self.model.is_empty() && !self.usable
    }

    /// The models that are asked for.
    pub(crate) fn of<'a>(&self, catalog: &'a Catalog<'a>) -> Result<ModelSelection<'a>, Failure> {
        let providers = self.provider.iter().map(|id| catalog_source::provider(catalog, id).map(modeldex_table::Provider::index));
        let providers = providers.collect::<Result<BTreeSet<_>, _>>()?;
        let models = self.model.iter().map(|reference| Ok::<_, Failure>(catalog.resolve(reference)?.model.index()));
        let models = models.collect::<Result<BTreeSet<_>, _>>()?;
        let everything = providers.is_empty() && models.is_empty();
        let asked = |model: Model<'_>| everything || providers.contains(&model.provider().index()) || models.contains(&model.index());
        let usable: Option<BTreeSet<usize>> = self.usable.then(|| {
            let available = catalog.providers().filter(|provider| available_when(*provider, is_set).is_available());
            available.map(modeldex_table::Provider::index).collect()
        });
        let at = self.at.unwrap_or_else(units::now);
        let all = ModelSelection::filtered(catalog, at, |model| {
            asked(model) && usable.as_ref().is_none_or(|usable| usable.contains(&model.provider().index()))
        });
        Ok(if self.usable { all.without_retired() } else { all })
    }
}

/// The format that is called `name`, or an error that names the nearest.
pub(crate) fn known(name: &str) -> Result<&'static EmitTarget, Failure> {
    emit_target(name).ok_or_else(|| {
        let names = EMIT_TARGETS.iter().map(|target| target.name);
        let all = || format!("; these are known: {}", names.clone().collect::<Vec<_>>().join(", "));
        Failure::Usage(format!("unknown target `{}`{}", printable(name), words::nearest(name, names.clone(), all)))
    })
}

/// Tells on stderr what did not come along: a line for whatever is not as the catalog has it, and one for all that has no place.
pub(crate) fn tell(target: &EmitTarget, lost: &LossReport) {
    for (loss, count) in lost.counts().filter(|(loss, _)| loss.unsupported_part().is_none()) {
        out::note(format_args!("{}: {}", target.name, loss.describe(count)));
    }
    let places: Vec<String> = lost.counts().filter_map(|(loss, _)| loss.unsupported_part()).map(|part| part.to_string()).collect();
    if !places.is_empty() {
        out::note(format_args!("{}: no place for {}", target.name, places.join(", ")));
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let what = if files::replace(path, text)? { "written" } else { "up to date" };
    out::note(format_args!("{what}: {}", shown(path)));
    Ok(())
}

/// The document that goes to stdout.
fn only<'d>(target: &EmitTarget, documents: &'d [OutputFile]) -> Result<&'d OutputFile, Failure> {
    match documents {
        [document] => Ok(document),
        _ => Err(Failure::Usage(format!("`{}` is {} files; name a folder for them with `--out DIR`", target.name, documents.len()))),
    }
}
