//! `import` and `reconcile`: add snapshots of other catalogs to the evidence, and compute the imported facts of the catalog folder from the evidence.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::out::{Out, Tone, printable};
use super::transaction::{Change, Transaction, refuse_interrupted};
use super::units::today;
use super::{files, validation, words};
use crate::fetch::{self, Fetched};
use modeldex_compile::authored::held::{HeldFact, HeldFacts};
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::{FileKind, registry};
use modeldex_formats::SourceReader;
use modeldex_formats::snapshot::{RejectedInput, Snapshot};
use modeldex_import::evidence::Evidence;
use modeldex_import::guard::{ChangeKind, GuardCount, GuardGroup, SnapshotComparison};
use modeldex_import::sources;
use modeldex_import::store::{ImportOutcome, Store};
use modeldex_support::file;
use modeldex_table::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Import facts from another catalog
///
/// Reads a snapshot of SOURCE, adds the snapshot to the evidence, recomputes all facts, and writes the folder `imported` of the catalog folder. The
/// catalog folder is the folder of --catalog. Without --catalog, it is the folder `catalog` in the current folder.
///
/// Base URLs, wire protocols, variables, headers and authentication methods are taken only from `routing.yaml`. Claims that `routing.yaml` does not
/// confirm are printed, but not used. Importing the same snapshot again changes nothing. If the import would cause new errors in the catalog, nothing
/// is written.
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
    /// Import the snapshot even if unusually many facts of GROUP have changed since the previous snapshot (repeatable)
    #[arg(long, value_name = "GROUP", value_parser = words::guard_group())]
    allow: Vec<GuardGroup>,
    /// The same as `--allow models`
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
    fn begin(&self, catalog: &Path) -> Result<(Store, Option<Transaction>), Failure> {
        let evidence = self.evidence.of(catalog);
        if self.evidence.is_given() && !evidence.is_dir() {
            let folder = shown(&evidence);
            return Err(Failure::Failed(format!(
                "there is no evidence folder `{folder}`; for the first import, create the folder; otherwise correct `--evidence`"
            )));
        }
        let transaction = begin(catalog, &evidence, self.dry_run)?;
        Ok((open_complete(catalog, &evidence)?, transaction))
    }
}

/// Locks the folders that a command writes to. A dry run locks nothing, but fails if an earlier command was interrupted while it wrote to the
/// folders.
pub(crate) fn begin(catalog: &Path, evidence: &Path, dry_run: bool) -> Result<Option<Transaction>, Failure> {
    match dry_run {
        true => refuse_interrupted(catalog).map(|()| None),
        false => Transaction::begin(catalog, evidence).map(Some),
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
    let catalog = catalog_folder(source)?;
    // The snapshot is read before the folders are locked, because a download can take minutes.
    let input = Input::read(args, &catalog)?;
    let (mut store, transaction) = args.write.begin(&catalog)?;
    let Some(Input { texts, etag, date }) = input else {
        return Ok(writeln!(out, "{source} has not changed since the last import", source = args.source)?);
    };
    let reader = SourceReader::for_source(&args.source)
        .ok_or_else(|| Failure::Usage(format!("modeldex cannot read the format of the source `{source}`", source = args.source)))?;
    let slices: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let snapshot = reader.read(&slices, &store.registry.map).map_err(|reason| {
        let (source, reason) = (&args.source, printable(&reason));
        Failure::Failed(format!("invalid snapshot of {source}: {reason}"))
    })?;
    drop(texts);
    refuse_empty(&args.source, &snapshot)?;
    let comparison = store.compare(&args.source, date, &snapshot);
    refuse_excessive(args, comparison.as_ref())?;
    let is_first = store.registry.sources.sources.get(&args.source).is_some_and(|source| source.snapshots.is_empty());
    report_import(out, args, date, &snapshot, is_first)?;
    if let Some(SnapshotComparison { previous_date, counts }) = comparison.filter(|_| args.write.verbose) {
        writeln!(out, "compared with the snapshot of {previous_date}:")?;
        for count in counts.iter().filter(|count| count.provider.is_none()) {
            writeln!(out, "  {group}: {count}", group = count.group.as_str())?;
        }
    }
    store.import_snapshot(&args.source, date, etag, snapshot);
    finish(&mut store, &args.write, transaction, &format!("import {source} --date {date}", source = args.source), out)
}

/// The files of a snapshot.
struct Input {
    texts: Vec<Vec<u8>>,
    etag: Option<String>,
    date: Date,
}

impl Input {
    /// Reads or downloads the files of the snapshot. Returns `None` if the source has not changed since the last import.
    fn read(args: &Args, catalog: &Path) -> Result<Option<Self>, Failure> {
        let sources = sources::read(catalog, &args.write.evidence.of(catalog));
        let sources = sources.map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))?;
        let known = sources.sources.get(&args.source);
        let known = known.ok_or_else(|| {
            let (source, file) = (&args.source, shown(&catalog.join("sources.yaml")));
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
        let is_url = |input: &String| input.contains("://");
        let (mut texts, mut etag, mut date) = (Vec::new(), None, args.date);
        for input in &inputs {
            if is_url(input) {
                let last = known.snapshots.last().and_then(|record| record.etag.as_deref());
                match download(input, last.filter(|_| inputs.len() == 1))? {
                    None => return Ok(None),
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
        let no_date = || Failure::Usage("the name of the snapshot file contains no date; add `--date YYYY-MM-DD`".to_owned());
        let date = date.ok_or_else(no_date)?;
        // A downloaded snapshot is the newest one. With an older date it would not replace the facts of an earlier download.
        let newest = known.snapshots.last().map(|record| record.date.0).filter(|_| args.date.is_none() && inputs.iter().any(is_url));
        if let Some(newest) = newest.filter(|newest| *newest > date) {
            return Err(Failure::Failed(format!(
                "nothing was imported: the newest snapshot of {source} has the date {newest}, but the date of this machine is {date}; correct the \
                 clock, or state the date of the snapshot with `--date`",
                source = args.source
            )));
        }
        if date > today() {
            return Err(Failure::Usage(format!("the snapshot date {date} is in the future; expected today or an earlier date")));
        }
        Ok(Some(Self { texts, etag, date }))
    }
}

/// Fails if a snapshot has no provider or no model.
fn refuse_empty(source: &str, snapshot: &Snapshot) -> Result<(), Failure> {
    let (providers, models) = (snapshot.providers.len(), snapshot.model_count());
    if models > 0 {
        return Ok(());
    }
    let mut message = format!("the snapshot of {source} has {providers} providers and {models} models; is this the right file?");
    if let Some(RejectedInput { place, reason, .. }) = snapshot.rejected.first() {
        message.push_str(&format!(
            " {count} rows or values are invalid; the first one is {place}: {reason}",
            count = snapshot.rejected.len(),
            place = printable(place),
            reason = printable(reason)
        ));
    }
    Err(Failure::Failed(message))
}

/// Fails if a snapshot differs from the previous snapshot of the source much more than real snapshots differ, in a group that `--allow` does not
/// name.
fn refuse_excessive(args: &Args, comparison: Option<&SnapshotComparison>) -> Result<(), Failure> {
    let Some(comparison) = comparison else { return Ok(()) };
    let is_allowed = |group: GuardGroup| args.allow.contains(&group) || group == GuardGroup::Models && args.allow_shrink;
    let excessive: Vec<&GuardCount> = comparison.excessive().into_iter().filter(|count| !is_allowed(count.group)).collect();
    if excessive.is_empty() {
        return Ok(());
    }
    let (source, previous_date) = (&args.source, comparison.previous_date);
    let mut message = format!("nothing was imported: too much of {source} has changed since the snapshot of {previous_date}");
    const SHOWN: usize = 10;
    for count in excessive.iter().take(SHOWN) {
        let (group, max) = (count.group.as_str(), count.max_percent());
        message.push_str(&match count.kind {
            ChangeKind::Fewer => {
                let (before, now) = (count.before, count.before - count.affected);
                format!("\n  {group}: {source} had {before} models on {previous_date}, but this snapshot has only {now}")
            }
            _ => format!("\n  {group}: {count}, over the limit of {max} %: {}", printable(&count.examples.join("; "))),
        });
    }
    if excessive.len() > SHOWN {
        message.push_str(&format!("\n  and {count} more", count = excessive.len() - SHOWN));
    }
    let groups: BTreeSet<&str> = excessive.iter().map(|count| count.group.as_str()).collect();
    let options: Vec<String> = groups.iter().map(|group| format!("--allow {group}")).collect();
    message.push_str(&format!("\nif the changes are correct, add `{options}`", options = options.join(" ")));
    if groups.contains(GuardGroup::Models.as_str()) {
        message.push_str("; `--allow-shrink` is the same as `--allow models`");
    }
    Err(Failure::Failed(message))
}

pub(crate) fn reconcile(args: &ReconcileArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let (mut store, transaction) = args.write.begin(&catalog_folder(source)?)?;
    finish(&mut store, &args.write, transaction, RECONCILE, out)
}

/// Opens a catalog folder and its evidence folder.
pub(crate) fn open(catalog: &Path, evidence: &Path) -> Result<Store, Failure> {
    Store::open(catalog, evidence).map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))
}

/// Like [`open`], for commands that compute the imported catalog: fails if evidence is missing, because the facts without evidence would be removed
/// from the catalog.
pub(crate) fn open_complete(catalog: &Path, evidence: &Path) -> Result<Store, Failure> {
    let store = open(catalog, evidence)?;
    store.check_complete().map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))?;
    Ok(store)
}

/// The name of `reconcile` in the journal of interrupted commands.
const RECONCILE: &str = "reconcile";

/// Recomputes all facts, writes changed files and reports them. `transaction` is `None` in a dry run.
fn finish(store: &mut Store, args: &WriteArgs, transaction: Option<Transaction>, command: &str, out: &mut Out) -> Result<(), Failure> {
    let outcome = decide(store)?;
    // The texts of the files have all of it, and the compilation of the new catalog needs memory too.
    store.evidence = Evidence::default();
    let changes = changes(&outcome)?;
    // Read before the new list replaces it. Without a readable list, all claims are new.
    let known: HeldFacts = registry::read_unchecked(store.catalog(), FileKind::Held).unwrap_or_default();
    validation::changes(store.catalog(), &changes)?;
    if let Some(transaction) = &transaction {
        transaction.commit(command, &changes)?;
    }
    let of = |part: &str| {
        let is_yaml = |path: &Path| path.extension().is_some_and(|extension| extension == "yaml");
        let in_folder = |path: &Path| is_yaml(path) && path.parent().is_some_and(|folder| folder.ends_with(part));
        changes.iter().filter(|change| change.text.is_some() && in_folder(change.path)).count()
    };
    let changed = changes.iter().filter(|change| change.text.is_some()).count();
    let (count, provider_files, lab_files) = (changed, of("providers"), of("models"));
    match args.dry_run {
        true => writeln!(out, "would change {count} files (provider files: {provider_files}, lab files: {lab_files})")?,
        false => writeln!(out, "changed {count} files (provider files: {provider_files}, lab files: {lab_files})")?,
    }
    let removed = changes.iter().filter(|change| change.text.is_none()).count();
    match (removed, args.dry_run) {
        (0, _) => {}
        (1, true) => writeln!(out, "would remove 1 file")?,
        (1, false) => writeln!(out, "removed 1 file")?,
        (count, true) => writeln!(out, "would remove {count} files")?,
        (count, false) => writeln!(out, "removed {count} files")?,
    }
    let open = open_claims(&outcome.held.held, &store.registry.routing, store.catalog());
    held(out, &open, &known.held)?;
    if !outcome.absent.is_empty() {
        let warning = out.style(Tone::Warning);
        match outcome.absent.len() {
            1 => writeln!(
                out,
                "{warning}absent{warning:#}: 1 provider of the sources is not in the catalog; evidence/absent.yaml states why"
            )?,
            count => writeln!(
                out,
                "{warning}absent{warning:#}: {count} providers of the sources are not in the catalog; evidence/absent.yaml states why"
            )?,
        }
    }
    Ok(())
}

/// Recomputes all facts.
pub(crate) fn decide(store: &mut Store) -> Result<ImportOutcome, Failure> {
    store.decide().map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))
}

/// Returns the files whose text differs from the text on disk, and the obsolete files.
pub(crate) fn changes(outcome: &ImportOutcome) -> Result<Vec<Change<'_>>, Failure> {
    let mut changes = Vec::new();
    for (path, text) in &outcome.files {
        if !files::holds(path, text)? {
            changes.push(Change { path, text: Some(text) });
        }
    }
    changes.extend(outcome.obsolete.iter().map(|path| Change { path, text: None }));
    Ok(changes)
}

/// Lists each unconfirmed routing claim that is not among the `known` claims, and counts the others.
fn held(out: &mut Out, held: &[&HeldFact], known: &[HeldFact]) -> Result<(), Failure> {
    if held.is_empty() {
        return Ok(());
    }
    let warning = out.style(Tone::Warning);
    match held.len() {
        1 => writeln!(out, "{warning}held{warning:#}: 1 unconfirmed routing claim; no request uses this claim")?,
        count => writeln!(out, "{warning}held{warning:#}: {count} unconfirmed routing claims; no request uses these claims")?,
    }
    let (earlier, new): (Vec<&HeldFact>, Vec<&HeldFact>) =
        held.iter().copied().partition(|fact| known.iter().any(|other| fact.has_same_value(other)));
    for fact in &new {
        writeln!(out, "  {}", printable(&claim(fact)))?;
    }
    if let Some(first) = new.first() {
        let id = &first.provider;
        writeln!(
            out,
            "  `modeldex confirm {id}` confirms the claims about {id}; `--dry-run` only prints the claims, and `--reject` rejects them"
        )?;
    }
    const LISTED_BY: &str = "`modeldex conflicts --fact providers` lists all claims";
    match (earlier.len(), new.is_empty()) {
        (0, _) => {}
        (_, true) => writeln!(out, "  none of these claims is new; {LISTED_BY}")?,
        (1, false) => writeln!(out, "  and 1 earlier claim; {LISTED_BY}")?,
        (count, false) => writeln!(out, "  and {count} claims of earlier snapshots; {LISTED_BY}")?,
    }
    Ok(())
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
fn report_import(out: &mut Out, args: &Args, date: Date, snapshot: &Snapshot, is_first: bool) -> Result<(), Failure> {
    let (source, verbose) = (&args.source, args.write.verbose);
    let facts: usize = snapshot.providers.values().flat_map(|provider| provider.models.values()).map(BTreeMap::len).sum();
    let (providers, models) = (snapshot.providers.len(), snapshot.model_count());
    let first = if is_first { format!("; first import of {source}") } else { String::new() };
    writeln!(out, "{source} of {date}: {providers} providers, {models} models, {facts} facts{first}")?;
    const SHOWN: usize = 5;
    let problems = &snapshot.rejected;
    if problems.is_empty() {
        return Ok(());
    }
    let style = out.style(Tone::Warning);
    writeln!(out, "{style}not imported{style:#}: {count} rows or values", count = problems.len())?;
    // Values of the routing are never left out: an invalid one, such as a base URL with credentials, may be an attack.
    let (routing, others): (Vec<&RejectedInput>, Vec<&RejectedInput>) = problems.iter().partition(|problem| problem.is_routing());
    let shown = if verbose { others.len() } else { SHOWN.min(others.len()) };
    for problem in routing.iter().chain(&others[..shown]) {
        writeln!(out, "  {row}: {reason}", row = printable(&problem.place), reason = printable(&problem.reason))?;
    }
    if others.len() > shown {
        writeln!(out, "  and {count} more rows or values; `--verbose` lists all", count = others.len() - shown)?;
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
