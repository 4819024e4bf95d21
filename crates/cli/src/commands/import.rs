//! `import` and `reconcile`: add snapshots of other catalogs to the evidence, and compute the imported facts of the catalog folder from the evidence.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::out::{Out, Tone, printable};
use super::units::today;
use super::{files, validation, words};
use crate::fetch::{self, Fetched};
use modeldex_compile::authored::held::HeldFact;
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::registry;
use modeldex_formats::SourceReader;
use modeldex_formats::snapshot::Snapshot;
use modeldex_import::store::{ImportOutcome, Store};
use modeldex_support::file;
use modeldex_table::Date;
use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Import facts from another catalog
///
/// Reads a snapshot of SOURCE, adds it to the evidence, recomputes all facts, and writes the folder `imported` of the catalog folder (that of
/// --catalog, else `catalog` in the current folder). Variables, headers, authentication methods and the hosts of base URLs are taken only from
/// `routing.yaml`; claims of the source that `routing.yaml` does not confirm are printed and not used. If a provider has only one endpoint, the path
/// and wire protocol of this endpoint are imported without confirmation. Importing the same snapshot again changes nothing. If the new files would
/// have errors that the present files do not have, nothing is written.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Name of the source in `sources.yaml`
    #[arg(value_name = "SOURCE", value_parser = words::source())]
    source: String,
    /// Files or URLs of the snapshot [default: the URL in `sources.yaml`]
    #[arg(value_name = "FILE_OR_URL")]
    inputs: Vec<String>,
    /// Date of the snapshot [default: the date in the file name, or today for a URL]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    date: Option<Date>,
    /// Import the snapshot even if it has over 10 % fewer models than the previous snapshot
    #[arg(long)]
    allow_shrink: bool,
    #[command(flatten)]
    write: WriteArgs,
}

/// Recompute all facts from the evidence
///
/// Use this command after a change of the import policy, `sources.yaml`, `provider-map.yaml` or `routing.yaml`. Writes the folder `imported` of
/// the catalog folder.
#[derive(clap::Args)]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    write: WriteArgs,
}

#[derive(clap::Args)]
struct WriteArgs {
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print the changes without writing them
    #[arg(long)]
    dry_run: bool,
    /// List all rows and values that were not imported
    #[arg(long, short)]
    verbose: bool,
}

impl WriteArgs {
    /// Opens the catalog folder and the evidence folder. Unless this is a dry run, locks both folders against other writers.
    fn begin(&self, source: &CatalogSource) -> Result<(Store, Vec<fs::File>), Failure> {
        let catalog = catalog_folder(source)?;
        let evidence = self.evidence.of(&catalog);
        let locks = if self.dry_run { Vec::new() } else { lock(&catalog, &evidence)? };
        Ok((open(&catalog, &evidence)?, locks))
    }
}

/// The option that names the evidence folder.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct EvidenceDir {
    /// The evidence folder [default: `evidence` next to the catalog folder]
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
}

impl EvidenceDir {
    /// Returns the evidence folder of a catalog folder.
    pub(crate) fn of(&self, catalog: &Path) -> PathBuf {
        self.evidence.clone().unwrap_or_else(|| catalog.parent().unwrap_or(Path::new("")).join("evidence"))
    }

    /// Returns whether `--evidence` was given. If so, the folder must exist.
    pub(crate) fn is_given(&self) -> bool {
        self.evidence.is_some()
    }
}

/// Returns the catalog folder of a command that uses evidence: the folder of `--catalog`, else `catalog` in the current folder.
pub(crate) fn catalog_folder(source: &CatalogSource) -> Result<PathBuf, Failure> {
    if !source.overlay.is_empty() {
        return Err(Failure::Usage("overlays have no evidence; use `--catalog` instead of `--overlay`".to_owned()));
    }
    let dir = source.catalog.clone().unwrap_or_else(|| PathBuf::from(USUAL_FOLDER));
    folder(&dir)?;
    Ok(dir)
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let (mut store, _locks) = args.write.begin(source)?;
    let reader = SourceReader::for_source(&args.source)
        .ok_or_else(|| Failure::Usage(format!("modeldex cannot read the format of the source `{source}`", source = args.source)))?;
    let known = store.registry.sources.sources.get(&args.source);
    let known = known.ok_or_else(|| {
        let (source, file) = (&args.source, shown(&store.catalog().join("sources.yaml")));
        Failure::Usage(format!("the source `{source}` is not defined in {file}"))
    })?;
    let inputs = match (&args.inputs[..], &known.url) {
        ([], Some(url)) => vec![url.clone()],
        ([], None) => {
            let source = &args.source;
            return Err(Failure::Usage(format!(
                "the source `{source}` has no URL in sources.yaml; pass the file of the snapshot as an argument"
            )));
        }
        (inputs, _) => inputs.to_vec(),
    };
    let unfinished = store.unfinished_command();
    let is_url = |input: &String| input.contains("://");
    let (mut texts, mut etag, mut date) = (Vec::new(), None, args.date);
    for input in &inputs {
        if is_url(input) {
            // After an interrupted import the snapshot is needed again, even if it has not changed, so its ETag is not sent.
            let last = known.snapshots.last().and_then(|record| record.etag.as_deref());
            match download(input, last.filter(|_| inputs.len() == 1 && unfinished.is_none()))? {
                None => return Ok(writeln!(out, "{source} has not changed since the last import", source = args.source)?),
                Some((bytes, new)) => {
                    texts.push(bytes);
                    etag = new.filter(|_| inputs.len() == 1);
                    date = date.or_else(|| Some(today()));
                }
            }
        } else {
            texts.push(read(Path::new(input))?);
            date = date.or_else(|| day_in(input));
        }
    }
    let date = date.ok_or_else(|| Failure::Usage("the name of the snapshot file contains no date; add `--date YYYY-MM-DD`".to_owned()))?;
    if date > today() {
        return Err(Failure::Usage(format!("the snapshot date {date} is in the future; expected today or an earlier date")));
    }
    let name = format!("import {source} --date {date}", source = args.source);
    refuse_unfinished(unfinished.as_deref().filter(|unfinished| *unfinished != name))?;
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let snapshot = reader.read(&texts, &store.registry.map).map_err(|reason| {
        let (source, reason) = (&args.source, printable(&reason));
        Failure::Failed(format!("invalid snapshot of {source}: {reason}"))
    })?;
    if let Some(shrinkage) = store.shrinkage(&args.source, date, &snapshot).filter(|_| !args.allow_shrink) {
        return Err(Failure::Failed(format!(
            "{source} had {models_before} models on {previous_date}, but this snapshot has only {models_now}; if the lower number is correct, \
             add `--allow-shrink`",
            source = args.source,
            models_before = shrinkage.models_before,
            previous_date = shrinkage.previous_date,
            models_now = shrinkage.models_now
        )));
    }
    report_import(out, &args.source, date, &snapshot, args.write.verbose)?;
    store.import_snapshot(&args.source, date, etag, &snapshot);
    finish(&mut store, &args.write, &name, out)
}

pub(crate) fn reconcile(args: &ReconcileArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let (mut store, _locks) = args.write.begin(source)?;
    // If the interrupted command was `reconcile`, running it now completes it.
    refuse_unfinished(store.unfinished_command().as_deref().filter(|unfinished| *unfinished != RECONCILE))?;
    finish(&mut store, &args.write, RECONCILE, out)
}

/// Locks a catalog folder, and its evidence folder if it exists, against other writers.
pub(crate) fn lock(catalog: &Path, evidence: &Path) -> Result<Vec<fs::File>, Failure> {
    [catalog, evidence].into_iter().filter(|folder| folder.is_dir()).map(files::lock).collect()
}

/// Opens a catalog folder and its evidence folder.
pub(crate) fn open(catalog: &Path, evidence: &Path) -> Result<Store, Failure> {
    Store::open(catalog, evidence).map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))
}

/// The content of the mark file while a command writes facts that `reconcile` can recompute, because the evidence is complete.
pub(crate) const RECONCILE: &str = "reconcile";

/// Fails if an earlier command was interrupted while it wrote files. `unfinished` is the content of the mark file.
pub(crate) fn refuse_unfinished(unfinished: Option<&str>) -> Result<(), Failure> {
    unfinished.map_or(Ok(()), |unfinished| {
        let command = printable(unfinished);
        Err(Failure::Failed(match unfinished == RECONCILE {
            true => format!("`modeldex {command}` was interrupted while writing; run that command again first"),
            false => {
                format!("`modeldex {command}` was interrupted while writing; run that command again first, with the same snapshot file")
            }
        }))
    })
}

/// Recomputes all facts, writes changed files and reports them.
fn finish(store: &mut Store, args: &WriteArgs, name: &str, out: &mut Out) -> Result<(), Failure> {
    let outcome = decide(store)?;
    let changed = changed(&outcome)?;
    if !changed.is_empty() || !outcome.obsolete.is_empty() {
        validation::imported(store.catalog(), &changed, &outcome)?;
    }
    if !args.dry_run {
        write_all(store, &outcome, &changed, name)?;
    }
    let of = |part: &str| {
        let is_yaml = |path: &Path| path.extension().is_some_and(|extension| extension == "yaml");
        let in_folder = |path: &Path| is_yaml(path) && path.parent().is_some_and(|folder| folder.ends_with(part));
        changed.iter().map(|(path, _)| path).chain(&outcome.obsolete).filter(|path| in_folder(path)).count()
    };
    let count = changed.len() + outcome.obsolete.len();
    let (provider_files, lab_files) = (of("providers"), of("models"));
    match args.dry_run {
        true => writeln!(out, "would change {count} files (provider files: {provider_files}, lab files: {lab_files})")?,
        false => writeln!(out, "changed {count} files (provider files: {provider_files}, lab files: {lab_files})")?,
    }
    held(out, &outcome.imported.held.held)?;
    if !outcome.imported.absent.is_empty() {
        let warning = out.style(Tone::Warning);
        match outcome.imported.absent.len() {
            1 => writeln!(
                out,
                "{warning}absent{warning:#}: the sources list 1 provider that is not in the catalog; evidence/absent.yaml states why"
            )?,
            count => writeln!(
                out,
                "{warning}absent{warning:#}: the sources list {count} providers that are not in the catalog; evidence/absent.yaml states why"
            )?,
        }
    }
    Ok(())
}

/// Recomputes all facts.
pub(crate) fn decide(store: &mut Store) -> Result<ImportOutcome, Failure> {
    store.decide().map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))
}

/// Returns the files whose text differs from the text on disk.
pub(crate) fn changed(outcome: &ImportOutcome) -> Result<Vec<&(PathBuf, String)>, Failure> {
    let mut changed = Vec::new();
    for file in &outcome.files {
        if !files::holds(&file.0, &file.1)? {
            changed.push(file);
        }
    }
    Ok(changed)
}

/// Writes the changed files in order and removes obsolete files. Until this is done, the mark file contains the command, `name`.
pub(crate) fn write_all(store: &Store, outcome: &ImportOutcome, changed: &[&(PathBuf, String)], name: &str) -> Result<(), Failure> {
    if changed.is_empty() && outcome.obsolete.is_empty() && !store.unfinished_marker().exists() {
        return Ok(());
    }
    mark(store, name)?;
    for (path, text) in changed {
        files::replace_locked(path, text)?;
    }
    outcome.obsolete.iter().try_for_each(|path| files::remove(path))?;
    files::remove(&store.unfinished_marker())
}

/// Writes the mark file, which contains the running command. Other commands fail before they write, until the mark file is removed.
pub(crate) fn mark(store: &Store, name: &str) -> Result<(), Failure> {
    files::replace_locked(&store.unfinished_marker(), &format!("{name}\n")).map(|_| ())
}

/// Lists each unconfirmed routing claim.
fn held(out: &mut Out, held: &[HeldFact]) -> Result<(), Failure> {
    let Some(first) = held.first() else { return Ok(()) };
    let warning = out.style(Tone::Warning);
    match held.len() {
        1 => writeln!(out, "{warning}held{warning:#}: 1 unconfirmed routing claim; no request uses this claim")?,
        count => writeln!(out, "{warning}held{warning:#}: {count} unconfirmed routing claims; no request uses these claims")?,
    }
    for fact in held {
        writeln!(out, "  {}", printable(&claim(fact)))?;
    }
    let id = &first.provider;
    Ok(writeln!(
        out,
        "  `modeldex confirm {id}` confirms the claims about {id}; `--dry-run` only prints the claims, and `--reject` rejects them"
    )?)
}

/// Returns the held-back claims that neither `routing.yaml` nor the hand-written file of the provider confirms.
pub(crate) fn open_claims<'h>(held: &'h [HeldFact], routing: &Routing, catalog: &Path) -> Vec<&'h HeldFact> {
    let is_open = |fact: &&HeldFact| {
        let mut stated = registry::authored_routing(catalog, &fact.provider);
        if let Some(confirmed) = routing.providers.get(&fact.provider) {
            stated.endpoints.extend(confirmed.endpoints.iter().cloned());
            stated.auth.extend(confirmed.auth.iter().cloned());
        }
        !fact.is_confirmed_by(&stated)
    };
    held.iter().filter(is_open).collect()
}

/// Formats a held-back claim as one line, with its sources and the date of the first snapshot that states it.
pub(crate) fn claim(fact: &HeldFact) -> String {
    let HeldFact { provider, fact: fact_name, value, .. } = fact;
    format!("{provider} {fact_name} {value}, claimed by {sources} since {date}", sources = fact.sources.join(", "), date = fact.since.0)
}

/// Prints how many providers, models and facts a snapshot has, and which of its rows and values were not imported.
fn report_import(out: &mut Out, source: &str, date: Date, snapshot: &Snapshot, verbose: bool) -> Result<(), Failure> {
    let facts: usize = snapshot.providers.values().flat_map(|provider| provider.models.values()).map(BTreeMap::len).sum();
    let (providers, models) = (snapshot.providers.len(), snapshot.model_count());
    writeln!(out, "{source} of {date}: {providers} providers, {models} models, {facts} facts")?;
    const SHOWN: usize = 5;
    let problems = &snapshot.rejected;
    if problems.is_empty() {
        return Ok(());
    }
    let style = out.style(Tone::Warning);
    writeln!(out, "{style}not imported{style:#}: {count} rows or values", count = problems.len())?;
    let shown = if verbose { problems.len() } else { SHOWN };
    for problem in problems.iter().take(shown) {
        writeln!(out, "  {row}: {reason}", row = printable(&problem.place), reason = printable(&problem.reason))?;
    }
    if problems.len() > shown {
        writeln!(out, "  and {count} more rows or values; `--verbose` lists all", count = problems.len() - shown)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = file::read(path, fetch::MAX_FILE_BYTES).and_then(|bytes| bytes.ok_or_else(|| std::io::Error::other("no such file")));
    bytes.map_err(files::cannot(path, "read"))
}

fn download(url: &str, known: Option<&str>) -> Result<Option<Fetched>, Failure> {
    if !["http", "https"].iter().any(|scheme| url.split("://").next().is_some_and(|stated| stated.eq_ignore_ascii_case(scheme))) {
        return Err(Failure::Usage(format!("cannot download `{url}`: expected an http or https URL", url = fetch::shown(url))));
    }
    let visible = std::io::stderr().is_terminal();
    let shown_url = fetch::shown(url);
    let fetched = fetch::fetch(url, known, fetch::MAX_FILE_BYTES, |now, total| {
        if visible {
            let received = now >> 10;
            let _ = match total.map(|total| total >> 10) {
                Some(total) => write!(std::io::stderr(), "\r\x1b[K{shown_url}: {received} of {total} KiB"),
                None => write!(std::io::stderr(), "\r\x1b[K{shown_url}: {received} KiB"),
            };
        }
    });
    if visible {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    fetched.map_err(Failure::Failed)
}

/// Finds a date in a file name, as in `api.2026-09-30.json`.
fn day_in(path: &str) -> Option<Date> {
    let name = Path::new(path).file_name()?.to_str()?;
    (0..name.len().checked_sub(9)?).filter_map(|at| name.get(at..at + 10)).find_map(|text| parse_day(text).ok())
}

fn parse_day(text: &str) -> Result<Date, String> {
    let date = Date::parse(text).map_err(|error| error.to_string())?;
    if date.day().is_some() { Ok(date) } else { Err("expected a full date, YYYY-MM-DD".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_in_file_names() {
        assert_eq!(day_in("data/api.2026-09-30.json").unwrap().to_string(), "2026-09-30");
        assert_eq!(day_in("2026-09-30/api.json"), None);
        assert_eq!(day_in("a.2026.9.6.json"), None);
        assert_eq!(day_in("x"), None);
    }
}
