//! `evidence`: who says what of each fact of a model, base model or provider, and why one value was chosen.

use super::catalog_source::{self, CatalogSource, USUAL_FOLDER, shown};
use super::failure::Failure;
use super::import::EvidenceDir;
use super::out::{Out, Tone, printable};
use super::sections;
use super::units::Money;
use super::words;
use modeldex_compile::authored::citation::Citation;
use modeldex_import::comparison::{self, Override, SourceClaim};
use modeldex_import::decision::Rule;
use modeldex_import::evidence_report::{EvidenceReader, EvidenceReport, FactReport};
use modeldex_import::statement::{FactKey, Value};
use modeldex_table::{Catalog, Model};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Show who says what of each fact, and why a value was chosen
///
/// Each fact comes with the value that was chosen and the rule that chose it, and below it the values group by group, each with the sources
/// that state it now and the day since when; what a source has given up since comes after them. A person's value that the sources disagree
/// with is marked. The facts of a base model follow from those of the providers that sell it, so there the providers stand beside each
/// value.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`, or a provider, or a base model, as `lab/model`; aliases are followed
    #[arg(value_name = "REF")]
    reference: String,
    /// Take REF as a base model, where a provider has a model of that reference too
    #[arg(long)]
    base: bool,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Write an object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load()?;
    let catalog = loaded.catalog();
    let reader = reader(&args.evidence, source)?;
    let reference = args.reference.as_str();
    let answer = |report: &EvidenceReport<'_>| answer(report, args, out);
    let done = if args.base {
        let unknown = || Failure::Unknown(format!("unknown base model `{}`{}", printable(reference), nearest_base(&catalog, reference)));
        reader.with_base_model(catalog.base_model(reference).ok_or_else(unknown)?, answer)
    } else if !reference.contains('/') {
        reader.with_provider(catalog_source::provider(&catalog, reference)?, answer)
    } else {
        match catalog.resolve(reference) {
            Ok(resolved) => reader.with_model(resolved.model, answer),
            Err(unknown) => reader.with_base_model(catalog.base_model(reference).ok_or(unknown)?, answer),
        }
    };
    done.map_err(unreadable)?
}

/// The evidence folder of a catalog that is read, after the catalog folder that it belongs to: that of `--evidence`, else the one beside the
/// folder of `--catalog`, else `evidence` in the current folder. The catalog folder is that of `--catalog`, else `catalog` beside the evidence.
pub(crate) fn folders(dir: &EvidenceDir, source: &CatalogSource) -> Result<(PathBuf, PathBuf), Failure> {
    let path = dir.of(source.catalog.as_deref().unwrap_or(Path::new(USUAL_FOLDER)));
    if path.is_dir() {
        let beside = || path.parent().unwrap_or(Path::new("")).join(USUAL_FOLDER);
        return Ok((source.catalog.clone().unwrap_or_else(beside), path));
    }
    Err(Failure::Failed(format!("there is no evidence folder `{}`: say where it is with `--evidence DIR`", printable(&shown(&path)))))
}

/// A reader of the evidence of a catalog.
fn reader(dir: &EvidenceDir, source: &CatalogSource) -> Result<EvidenceReader, Failure> {
    let (catalog, dir) = folders(dir, source)?;
    EvidenceReader::open(catalog, dir).map_err(unreadable)
}

/// Why evidence cannot be read, as a failure.
pub(crate) fn unreadable(error: impl Display) -> Failure {
    Failure::Failed(printable(&error.to_string()).into_owned())
}

/// A value as people read it.
pub(crate) fn told(value: &Value) -> String {
    let text = match value {
        Value::Rate(money) => Money(money.currency, money.rate).to_string(),
        other => other.to_string(),
    };
    printable(&text).into_owned()
}

fn answer(subject: &EvidenceReport<'_>, args: &Args, out: &mut Out) -> Result<(), Failure> {
    let rows = &subject.facts;
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(subject)?)?);
    }
    sections::title(out, &subject.reference, subject.name)?;
    for group in comparison::GROUP_ORDER {
        let of_group: Vec<&FactReport<'_>> = rows.iter().filter(|row| row.key.group() == *group).collect();
        sections::heading(out, &capitalized(comparison::group_name(*group)), of_group.len())?;
        of_group.iter().try_for_each(|row| write_row(row, subject, out))?;
    }
    let asked: Vec<[String; 3]> = subject
        .probes
        .iter()
        .map(|probe| [format!("{} (by {})", probe.verdict, probe.by), probe.base_url.clone(), format!("{}@{}", probe.method, probe.date)])
        .collect();
    sections::rows(out, "Asked", &asked)?;
    let rules: BTreeSet<Rule> = rows.iter().filter_map(|row| row.rule).collect();
    let why: Vec<[String; 2]> = rules.iter().map(|rule| [rule.as_str().to_owned(), rule.reason().to_owned()]).collect();
    Ok(sections::rows(out, "Why", &why)?)
}

fn write_row(row: &FactReport<'_>, subject: &EvidenceReport<'_>, out: &mut Out) -> io::Result<()> {
    let aside = sections::aside(out, &row.reason(subject));
    let value = match (row.rule, row.chosen, row.catalog_value) {
        (Some(_), Some(chosen), _) => told(chosen),
        (None, _, Some(held)) => told(&held.value),
        (Some(_), None, _) => "nothing".to_owned(),
        (None, _, None) => "?".to_owned(),
    };
    writeln!(out, "  {}  {value}  {aside}", row.key)?;
    let wide = row.claims_by_value.iter().map(|group| group.value).chain(row.provider_values.iter().map(|(value, _)| *value));
    let wide = wide.map(|value| told(value).chars().count()).max().unwrap_or(0).min(24);
    for group in row.claims_by_value.iter().filter(|group| !group.current.is_empty()) {
        listed(out, Tone::Plain, &told(group.value), wide, group.current.iter().map(said))?;
    }
    for (value, providers) in row.provider_values {
        listed(out, Tone::Plain, &told(value), wide, providers.iter().map(|provider| printable(provider).into_owned()))?;
    }
    for group in row.claims_by_value.iter().filter(|group| !group.past.is_empty()) {
        listed(out, Tone::Aside, &told(group.value), wide, group.past.iter().map(said))?;
    }
    if let Some(kept) = row.manual_override {
        let style = out.style(Tone::Warning);
        writeln!(out, "    {style}{}{style:#}", sentence(kept))?;
    }
    if let Some(Citation { source, checked, reason }) = row.citation {
        let checked = checked.map(|day| format!("checked {}", day.0));
        let parts: Vec<String> = [reason.clone(), source.clone(), checked].into_iter().flatten().collect();
        writeln!(out, "    set by hand: {}", printable(&parts.join(", ")))?;
    }
    Ok(())
}

/// What a person wrote and what the sources say, as a sentence.
pub(crate) fn sentence(kept: &Override) -> String {
    match &kept.catalog_value {
        Some(mine) => format!("a person wrote {}, the sources say {}", told(mine), told(&kept.imported_value)),
        None => format!("a person took it out, the sources say {}", told(&kept.imported_value)),
    }
}

/// Writes a value and a list behind it, in lines that fit the terminal.
fn listed(out: &mut Out, tone: Tone, value: &str, wide: usize, words: impl Iterator<Item = String>) -> io::Result<()> {
    let style = out.style(tone);
    let text = sections::wrapped(&format!("    {value:wide$}  "), wide + 6, out.width(), words);
    text.lines().try_for_each(|line| writeln!(out, "{style}{line}{style:#}"))
}

/// A source with the day since when it says so, and until when it did.
fn said(source_claim: &SourceClaim<'_>) -> String {
    let claim = source_claim.claim;
    let until = claim.until.map(|until| format!(" until {until}")).unwrap_or_default();
    let under = source_claim.alias.map(|id| format!(" as `{id}`")).unwrap_or_default();
    printable(&format!("{} {}{until}{under}", claim.source, claim.since)).into_owned()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn nearest_base(catalog: &Catalog<'_>, reference: &str) -> String {
    let references: Vec<String> = catalog.labs().flat_map(|lab| lab.models().map(|base| base.reference().to_string())).collect();
    words::nearest(reference, references.iter().map(String::as_str), String::new)
}

/// What `models show` says of the evidence of a model's facts.
pub(crate) struct Notes {
    notes: BTreeMap<FactKey, Note>,
}

/// What the evidence says of one fact.
struct Note {
    rule: Option<Rule>,
    /// Those that state the catalog's value.
    sources: Vec<String>,
    /// Those that state another, with what they state.
    others: Vec<(String, Value)>,
    kept: bool,
    /// How many providers have this value, and how many have one, where it follows from theirs.
    providers: Option<(usize, usize)>,
}

impl Notes {
    /// Reads the evidence of a model; nothing where there is no evidence folder and none was asked for.
    pub(crate) fn read(model: Model<'_>, dir: &EvidenceDir, source: &CatalogSource) -> Result<Option<Self>, Failure> {
        let reader = match reader(dir, source) {
            Ok(reader) => reader,
            Err(failure) if dir.is_asked_for() => return Err(failure),
            Err(_) => return Ok(None),
        };
        let notes = reader.with_model(model, |report| report.facts.iter().filter_map(Note::of).collect());
        Ok(Some(Self { notes: notes.map_err(unreadable)? }))
    }

    /// What is said beside a line of facts, at length and in short; nothing where there is no evidence of them.
    pub(crate) fn beside(&self, keys: &[FactKey]) -> Option<[String; 2]> {
        let notes: Vec<&Note> = keys.iter().filter_map(|key| self.notes.get(key)).filter(|note| note.says_something()).collect();
        match &notes[..] {
            [] => None,
            [note] if keys.len() == 1 => Some(note.told()),
            notes => {
                let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
                for note in notes {
                    *rules.entry(note.word()).or_default() += 1;
                }
                let counted: Vec<String> = rules.iter().map(|(word, count)| format!("{word} {count}")).collect();
                let disputed = notes.iter().filter(|note| !note.others.is_empty()).count();
                let short = counted.join(", ");
                let long = if disputed == 0 { short.clone() } else { format!("{short}; {disputed} disputed") };
                Some([long.clone(), if long.len() > 24 { short } else { long }])
            }
        }
    }

    /// Every fact with evidence, for `--json`.
    pub(crate) fn json(&self) -> Json {
        let note = |note: &Note| {
            let others: Vec<Json> = note.others.iter().map(|(source, value)| json!({"source": source, "value": value})).collect();
            let mut object = json!({"rule": note.rule.map(Rule::as_str), "sources": note.sources, "others": others});
            if let (Some((have, all)), Json::Object(object)) = (note.providers, &mut object) {
                object.insert("providers".to_owned(), json!({"with_this_value": have, "with_any": all}));
            }
            object
        };
        let notes = self.notes.iter().filter(|(_, note)| note.says_something());
        Json::Object(notes.map(|(key, of)| (key.to_string(), note(of))).collect::<Map<_, _>>())
    }
}

impl Note {
    /// What a row says of a fact that the catalog has.
    fn of(row: &FactReport<'_>) -> Option<(FactKey, Self)> {
        let held = row.catalog_value?;
        let stated = |agrees: bool| {
            let groups = row.claims_by_value.iter().filter(move |group| (*group.value == held.value) == agrees);
            groups.flat_map(|group| {
                group.current.iter().map(|source_claim| (source_claim.claim.source.as_str().to_owned(), group.value.clone()))
            })
        };
        let count = |is_counted: &dyn Fn(&Value) -> bool| {
            let sellers = row.provider_values.iter().filter(|(value, _)| is_counted(value));
            sellers.map(|(_, providers)| providers.len()).sum::<usize>()
        };
        let (have, all) = (count(&|value| *value == held.value), count(&|_| true));
        let note = Self {
            rule: row.rule,
            sources: stated(true).map(|(source, _)| source).collect(),
            others: stated(false).collect(),
            kept: row.manual_override.is_some(),
            providers: (all > 0).then_some((have, all)),
        };
        Some((row.key.clone(), note))
    }

    fn says_something(&self) -> bool {
        self.rule.is_some() || !self.sources.is_empty() || !self.others.is_empty() || self.providers.is_some()
    }

    fn word(&self) -> &'static str {
        match self.rule {
            _ if self.kept => "set by hand",
            Some(rule) => rule.as_str(),
            None => "inherited",
        }
    }

    fn told(&self) -> [String; 2] {
        if let Some((have, all)) = self.providers {
            let text = format!("{have} of {all} providers");
            return [format!("as {text}"), text];
        }
        let names = match &self.sources[..] {
            [] => String::new(),
            [one] => format!(": {one}"),
            [one, two] => format!(": {one} and {two}"),
            [one, two, three] => format!(": {one}, {two} and {three}"),
            [one, two, more @ ..] => format!(": {one}, {two} and {} more", more.len()),
        };
        let otherwise = match self.others.len() {
            0 => String::new(),
            1 => "; 1 says otherwise".to_owned(),
            count => format!("; {count} say otherwise"),
        };
        let all = self.sources.len() + self.others.len();
        let short = match (&self.sources[..], all) {
            (_, 0) => self.word().to_owned(),
            ([one], 1) => format!("{}: {one}", self.word()),
            (agreeing, all) => format!("{}, {} of {all}", self.word(), agreeing.len()),
        };
        [format!("{}{names}{otherwise}", self.word()), short]
    }
}
