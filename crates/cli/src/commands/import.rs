//! `import` and `reconcile`: take facts over from other catalogs into the catalog folder, with the evidence beside it.

use super::catalog_source::{CatalogSource, USUAL_FOLDER, folder, shown};
use super::failure::Failure;
use super::out::{Out, Tone, printable};
use super::{files, words};
use crate::fetch::{self, Fetched};
use modeldex_import::readers::Reader;
use modeldex_import::reconcile::{Modes, Plan};
use modeldex_import::snapshot::{Problem, Snapshot};
use modeldex_import::store::Store;
use modeldex_table::Date;
use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Take over the facts of another catalog
///
/// Reads what SOURCE publishes, decides each fact anew from all the evidence, and merges what was decided into the files of the catalog
/// folder (that of --catalog, else `catalog` in the current folder). What a person wrote there stays, with its comments and its place, and
/// is named where the sources say otherwise. Importing the same again changes no byte.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The source, by its name in `sources.yaml`
    #[arg(value_name = "SOURCE", value_parser = words::source())]
    source: String,
    /// What it published: files, or an address; the source's own address where nothing is said
    #[arg(value_name = "FILE_OR_URL")]
    inputs: Vec<String>,
    /// The day it was published; else the day in a file's name, or today for an address
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    date: Option<Date>,
    /// Take it over although it lost more than a tenth of its models
    #[arg(long)]
    allow_shrink: bool,
    #[command(flatten)]
    writing: Writing,
}

/// Decide every fact anew from the evidence
///
/// For when the policy, the registry or the map of providers has changed: nothing is read but the catalog folder and its evidence.
#[derive(clap::Args)]
pub(crate) struct ReconcileArgs {
    /// Take the models of this provider, or of the lab `models/LAB`, as the importer's own, whoever wrote them
    #[arg(long, value_name = "PROVIDER")]
    adopt: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args)]
struct Writing {
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Say what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell every row that was not taken over, and every value of a person's that the sources disagree with
    #[arg(long, short)]
    verbose: bool,
}

/// Where the evidence is.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct EvidenceDir {
    /// The evidence folder; else `evidence` beside the catalog folder
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
}

impl EvidenceDir {
    /// The folder, for a catalog folder.
    pub(crate) fn of(&self, catalog: &Path) -> PathBuf {
        self.evidence.clone().unwrap_or_else(|| catalog.parent().unwrap_or(Path::new("")).join("evidence"))
    }

    /// Whether a folder was named, so that it must be there.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.evidence.is_some()
    }
}

/// The catalog folder that `import` and its kin work in: that of `--catalog`, else the usual one.
pub(crate) fn catalog_folder(source: &CatalogSource) -> Result<PathBuf, Failure> {
    if !source.overlay.is_empty() {
        return Err(Failure::Usage("evidence belongs to one catalog folder: use `--catalog`, not `--overlay`".to_owned()));
    }
    let dir = source.catalog.clone().unwrap_or_else(|| PathBuf::from(USUAL_FOLDER));
    folder(&dir)?;
    Ok(dir)
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.writing.evidence.of(&catalog);
    let mark = Mark::at(&evidence);
    let mut store = open(&catalog, &evidence)?;
    let reader = Reader::of(&args.source).ok_or_else(|| Failure::Usage(format!("nothing here can read `{}`", args.source)))?;
    let known = store.sources.sources.get(&args.source);
    let known = known.ok_or_else(|| Failure::Usage(format!("`{}` is not in {}", args.source, shown(&catalog.join("sources.yaml")))))?;
    let inputs = match (&args.inputs[..], &known.url) {
        ([], Some(url)) => vec![url.clone()],
        ([], None) => {
            return Err(Failure::Usage(format!("`{}` has no address in sources.yaml: name the file that it published", args.source)));
        }
        (inputs, _) => inputs.to_vec(),
    };
    let is_url = |input: &String| input.contains("://");
    let (mut texts, mut etag, mut date) = (Vec::new(), None, args.date);
    for input in &inputs {
        if is_url(input) {
            // Where an import was cut off, what it had is needed again.
            let last = known.snapshots.last().and_then(|record| record.etag.as_deref()).filter(|_| inputs.len() == 1 && !mark.is_set());
            match download(input, last)? {
                Fetched::Unchanged => {
                    writeln!(out, "{} has not changed since it was last imported", args.source)?;
                    return Ok(());
                }
                Fetched::New { bytes, etag: new } => {
                    texts.push(bytes);
                    etag = new.filter(|_| inputs.len() == 1);
                    date = date.or_else(today);
                }
            }
        } else {
            texts.push(read(Path::new(input))?);
            date = date.or_else(|| day_in(input));
        }
    }
    let date =
        date.ok_or_else(|| Failure::Usage("the file does not say in its name when it was published: add `--date YYYY-MM-DD`".to_owned()))?;
    if today().is_some_and(|today| date > today) {
        return Err(Failure::Usage(format!("{date} is still to come: a snapshot is of today or before")));
    }
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let begun = format!(
        "import {} --date {date}, {} bytes, sum {:016x}",
        args.source,
        texts.iter().map(|text| text.len()).sum::<usize>(),
        sum(&texts)
    );
    mark.allows(&begun)?;
    let snapshot = reader
        .read(&texts, &store.map)
        .map_err(|why| Failure::Failed(format!("this is not what {} publishes: {}", args.source, printable(&why))))?;
    if let Some(shrunk) = store.shrunk(&args.source, date, &snapshot).filter(|_| !args.allow_shrink) {
        return Err(Failure::Failed(format!(
            "{} had {} models on {} and has {} here; look at it first, then add `--allow-shrink`",
            args.source, shrunk.before, shrunk.since, shrunk.now
        )));
    }
    told(out, &args.source, date, &snapshot, args.writing.verbose)?;
    store.take_in(&args.source, date, etag, &snapshot);
    finish(&mut store, &[], &args.writing, &mark, &begun, out)
}

pub(crate) fn reconcile(args: &ReconcileArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.writing.evidence.of(&catalog);
    let mark = Mark::at(&evidence);
    mark.allows("reconcile")?;
    let mut store = open(&catalog, &evidence)?;
    for provider in &args.adopt {
        let lab = provider.strip_prefix("models/");
        if !lab.map_or(store.evidence.providers.contains_key(provider), |lab| store.evidence.labs.contains_key(lab)) {
            return Err(Failure::Failed(format!("there is no evidence of a provider `{}`", printable(provider))));
        }
    }
    finish(&mut store, &args.adopt, &args.writing, &mark, "reconcile", out)
}

fn open(catalog: &Path, evidence: &Path) -> Result<Store, Failure> {
    Store::open(catalog, evidence).map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))
}

/// Decides, writes what changes, and says what people should look at.
fn finish(store: &mut Store, adopt: &[String], writing: &Writing, mark: &Mark, source: &str, out: &mut Out) -> Result<(), Failure> {
    let (plan, texts) = store
        .reconcile(&Modes { adopt: adopt.iter().cloned().collect(), repeated: mark.is_set() })
        .map_err(|error| Failure::Failed(format!("{}; `modeldex check` says more", printable(&error.to_string()))))?;
    let mut changed = Vec::new();
    for (path, text) in &texts {
        if !files::holds(path, text)? {
            changed.push((path, text));
        }
    }
    if !writing.dry_run && !changed.is_empty() {
        // Evidence and files belong together. Whoever is cut off between them finds this mark, and repeats the import.
        mark.set(source)?;
        for (path, text) in &changed {
            files::replace(path, text)?;
        }
        mark.clear()?;
    }
    let of = |part: &str| {
        let in_folder = |path: &Path| {
            path.extension().is_some_and(|extension| extension == "yaml")
                && path.parent().and_then(Path::file_name).is_some_and(|folder| folder == part)
        };
        changed.iter().filter(|(path, _)| in_folder(path)).count()
    };
    let verb = if writing.dry_run { "would change" } else { "changed" };
    writeln!(out, "{verb} {} of providers, {} of labs, {} files in all", of("providers"), of("models"), changed.len())?;
    worth_a_look(out, &plan, writing.verbose)
}

/// Says what was taken over, and what was not.
fn told(out: &mut Out, source: &str, date: Date, snapshot: &Snapshot, verbose: bool) -> Result<(), Failure> {
    let facts: usize = snapshot.providers.values().flat_map(|provider| provider.models.values()).map(BTreeMap::len).sum();
    writeln!(out, "{source} of {date}: {} providers, {} models, {facts} facts", snapshot.providers.len(), snapshot.models())?;
    problems(out, &snapshot.problems, verbose)
}

fn problems(out: &mut Out, problems: &[Problem], verbose: bool) -> Result<(), Failure> {
    const SHOWN: usize = 5;
    if problems.is_empty() {
        return Ok(());
    }
    let style = out.style(Tone::Warning);
    writeln!(out, "{style}not taken over{style:#}: {} rows or values", problems.len())?;
    let shown = if verbose { problems.len() } else { SHOWN };
    for problem in problems.iter().take(shown) {
        writeln!(out, "  {}: {}", printable(&problem.place), printable(&problem.reason))?;
    }
    if problems.len() > shown {
        writeln!(out, "  and {} more; `--verbose` tells them all", problems.len() - shown)?;
    }
    Ok(())
}

/// Says where people and sources differ, and what could not be changed.
fn worth_a_look(out: &mut Out, plan: &Plan, verbose: bool) -> Result<(), Failure> {
    const SHOWN: usize = 10;
    let warning = out.style(Tone::Warning);
    if !plan.kept.is_empty() {
        writeln!(out, "{warning}kept{warning:#}: {} values of people's that the sources disagree with", plan.kept.len())?;
        let shown = if verbose { plan.kept.len() } else { SHOWN };
        for one in plan.kept.iter().take(shown) {
            let mine = one.kept.mine.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            writeln!(
                out,
                "  {} {}: {}, the sources say {}",
                one.reference,
                one.kept.key,
                printable(&mine),
                printable(&one.kept.theirs.to_string())
            )?;
        }
        if plan.kept.len() > shown {
            writeln!(out, "  and {} more; `--verbose` tells them all", plan.kept.len() - shown)?;
        }
    }
    for refusal in &plan.refused {
        writeln!(out, "{warning}left{warning:#}: {}: {}", shown(&refusal.path), printable(&refusal.reason))?;
    }
    if !plan.absent.is_empty() {
        writeln!(out, "{warning}absent{warning:#}: {} providers that sources list; evidence/absent.yaml says why", plan.absent.len())?;
    }
    Ok(())
}

/// A file that says that an import was begun and not finished.
struct Mark(PathBuf);

impl Mark {
    fn at(evidence: &Path) -> Self {
        Self(evidence.join(".unfinished"))
    }

    /// Refuses everything but what was cut off, with the same bytes of the same day: anything else could not tell what that had written
    /// from what people wrote.
    fn allows(&self, begun: &str) -> Result<(), Failure> {
        match fs::read_to_string(&self.0) {
            Ok(known) if known.trim() != begun => Err(Failure::Failed(format!(
                "`modeldex {}` was cut off: repeat it first with the same file, or restore the catalog and the evidence and remove `{}`",
                printable(known.trim()),
                shown(&self.0)
            ))),
            _ => Ok(()),
        }
    }

    /// Whether an import was begun and not finished.
    fn is_set(&self) -> bool {
        self.0.exists()
    }

    fn set(&self, source: &str) -> Result<(), Failure> {
        files::replace(&self.0, &format!("{source}\n")).map(|_| ())
    }

    fn clear(&self) -> Result<(), Failure> {
        files::remove(&self.0)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::Failed(format!("`{}` cannot be read: {why}", shown(path)));
    let found = fs::metadata(path).map_err(|error| failed(&error))?;
    if !found.is_file() {
        return Err(failed(&"it is no file"));
    }
    if found.len() > fetch::LARGEST {
        return Err(failed(&format_args!("it has more than {} MiB, which no catalog has", fetch::LARGEST >> 20)));
    }
    fs::read(path).map_err(|error| failed(&error))
}

fn download(url: &str, known: Option<&str>) -> Result<Fetched, Failure> {
    if !["http", "https"].iter().any(|scheme| url.split("://").next().is_some_and(|stated| stated.eq_ignore_ascii_case(scheme))) {
        return Err(Failure::Usage(format!("`{}` cannot be fetched: only http and https can be", fetch::shown(url))));
    }
    let visible = std::io::stderr().is_terminal();
    let name = fetch::shown(url);
    let fetched = fetch::fetch(url, known, fetch::LARGEST, |now, total| {
        if visible {
            let of = total.map_or_else(String::new, |total| format!(" of {}", total >> 10));
            let _ = write!(std::io::stderr(), "\r\x1b[K{name}: {}{of} KiB", now >> 10);
        }
    });
    if visible {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    fetched.map_err(Failure::Failed)
}

/// A sum of the bytes by which the same file is known again (FNV-1a; nobody is kept out by it).
fn sum(texts: &[&[u8]]) -> u64 {
    texts.concat().iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The day in a file's name, as in `api.2026-09-30.json`.
fn day_in(path: &str) -> Option<Date> {
    let name = Path::new(path).file_name()?.to_str()?;
    (0..name.len().checked_sub(9)?).filter_map(|at| name.get(at..at + 10)).find_map(|text| parse_day(text).ok())
}

fn parse_day(text: &str) -> Result<Date, String> {
    let date = Date::parse(text).map_err(|error| error.to_string())?;
    if date.day().is_some() { Ok(date) } else { Err("write the whole day".to_owned()) }
}

fn today() -> Option<Date> {
    Date::parse(super::units::now().to_string().get(..10)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_a_name() {
        assert_eq!(day_in("data/api.2026-09-30.json").unwrap().to_string(), "2026-09-30");
        assert_eq!(day_in("2026-09-30/api.json"), None);
        assert_eq!(day_in("a.2026.9.6.json"), None);
        assert_eq!(day_in("x"), None);
    }
}
