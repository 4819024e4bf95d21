//! `evidence`: prints what each source claims for each fact of a model, base model or provider, and the rule that chose the value.

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

/// Show what each source claims for each fact, and which rule chose the value
///
/// Prints each fact with the chosen value and the rule that chose the value. The lines below a fact list the values that sources claim now. Each
/// value is followed by its sources and the dates of their claims. The last lines list withdrawn claims. Hand-written values that contradict the
/// sources are marked.
///
/// The facts of a base model are derived from the values of the providers that offer the base model. So the lines below a fact of a base model list
/// the values of these providers instead of claims.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A model (`provider/model`), a provider, or a base model (`lab/model`), by id or alias
    #[arg(value_name = "REF")]
    reference: String,
    /// Look up REF as a base model, even if a provider has a model with the same reference
    #[arg(long)]
    base: bool,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print a JSON object
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
        let unknown = || {
            let suggestion = nearest_base(&catalog, reference);
            Failure::Unknown(format!("unknown base model `{reference}`{suggestion}", reference = printable(reference)))
        };
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

/// Returns the catalog folder and the evidence folder. Evidence: `--evidence`, else `evidence` next to the folder of `--catalog`, else `evidence`
/// in the current folder. Catalog: `--catalog`, else `catalog` next to the evidence.
pub(crate) fn folders(dir: &EvidenceDir, source: &CatalogSource) -> Result<(PathBuf, PathBuf), Failure> {
    let path = dir.of(source.catalog.as_deref().unwrap_or(Path::new(USUAL_FOLDER)));
    if path.is_dir() {
        let sibling = || path.parent().unwrap_or(Path::new("")).join(USUAL_FOLDER);
        return Ok((source.catalog.clone().unwrap_or_else(sibling), path));
    }
    Err(Failure::Failed(format!(
        "there is no evidence folder `{folder}`; name the folder with `--evidence DIR`",
        folder = printable(&shown(&path))
    )))
}

/// Opens the evidence of a catalog.
fn reader(dir: &EvidenceDir, source: &CatalogSource) -> Result<EvidenceReader, Failure> {
    let (catalog, dir) = folders(dir, source)?;
    EvidenceReader::open(catalog, dir).map_err(unreadable)
}

/// Converts an error that occurred while reading evidence.
pub(crate) fn unreadable(error: impl Display) -> Failure {
    Failure::Failed(printable(&error.to_string()).into_owned())
}

/// Formats a value for printing: a rate as an amount of money, any other value as in YAML.
pub(crate) fn format_value(value: &Value) -> String {
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
    let probes: Vec<[String; 3]> = subject
        .probes
        .iter()
        .map(|probe| {
            let verdict = format!("{verdict} (by {list_or_call})", verdict = probe.verdict, list_or_call = probe.by);
            [verdict, probe.base_url.clone(), format!("{}@{}", probe.method, probe.date)]
        })
        .collect();
    sections::rows(out, "Probed", &probes)?;
    let rules: BTreeSet<Rule> = rows.iter().filter_map(|row| row.rule).collect();
    let why: Vec<[String; 2]> = rules.iter().map(|rule| [rule.as_str().to_owned(), rule.reason().to_owned()]).collect();
    Ok(sections::rows(out, "Rules", &why)?)
}

fn write_row(row: &FactReport<'_>, subject: &EvidenceReport<'_>, out: &mut Out) -> io::Result<()> {
    let parenthesized = sections::parenthesized(out, &row.reason(subject));
    let value = match (row.rule, row.chosen, row.catalog_value) {
        (Some(_), Some(chosen), _) => format_value(chosen),
        (None, _, Some(catalog_value)) => format_value(&catalog_value.value),
        (Some(_), None, _) => "undecided".to_owned(),
        (None, _, None) => "?".to_owned(),
    };
    writeln!(out, "  {}  {value}  {parenthesized}", row.key)?;
    let wide = row.claims_by_value.iter().map(|group| group.value).chain(row.provider_values.iter().map(|(value, _)| *value));
    let wide = wide.map(|value| format_value(value).chars().count()).max().unwrap_or(0).min(24);
    for group in row.claims_by_value.iter().filter(|group| !group.current.is_empty()) {
        listed(out, Tone::Plain, &format_value(group.value), wide, group.current.iter().map(format_claim))?;
    }
    for (value, providers) in row.provider_values {
        listed(out, Tone::Plain, &format_value(value), wide, providers.iter().map(|provider| printable(provider).into_owned()))?;
    }
    for group in row.claims_by_value.iter().filter(|group| !group.past.is_empty()) {
        listed(out, Tone::Dim, &format_value(group.value), wide, group.past.iter().map(format_claim))?;
    }
    if let Some(manual_override) = row.manual_override {
        let style = out.style(Tone::Warning);
        writeln!(out, "    {style}{}{style:#}", describe_override(manual_override))?;
    }
    if let Some(Citation { source, checked, reason }) = row.citation {
        let checked = checked.map(|day| format!("checked {}", day.0));
        let parts: Vec<String> = [reason.clone(), source.clone(), checked].into_iter().flatten().collect();
        writeln!(out, "    set by hand: {citation}", citation = printable(&parts.join(", ")))?;
    }
    Ok(())
}

/// Describes an override: the hand-written value and the imported value.
pub(crate) fn describe_override(manual_override: &Override) -> String {
    let imported_value = format_value(&manual_override.imported_value);
    match &manual_override.catalog_value {
        Some(value) => format!("set by hand to {value}, but the sources state {imported_value}", value = format_value(value)),
        None => format!("removed by hand, but the sources state {imported_value}"),
    }
}

/// Writes a value followed by a list, wrapped to the terminal.
fn listed(out: &mut Out, tone: Tone, value: &str, wide: usize, words: impl Iterator<Item = String>) -> io::Result<()> {
    let style = out.style(tone);
    let text = sections::wrapped(&format!("    {value:wide$}  "), wide + 6, out.width(), words);
    text.lines().try_for_each(|line| writeln!(out, "{style}{line}{style:#}"))
}

/// Formats a claim: the source, the date of the first snapshot, the date of the last one if the claim was withdrawn, and the source's model id.
fn format_claim(source_claim: &SourceClaim<'_>) -> String {
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

/// The evidence of a model's facts, as `models show` prints it.
pub(crate) struct EvidenceSummary {
    notes: BTreeMap<FactKey, FactEvidence>,
}

/// The evidence of one fact.
struct FactEvidence {
    rule: Option<Rule>,
    /// Sources that state the catalog value.
    sources: Vec<String>,
    /// Sources that state a different value, each with its value.
    others: Vec<(String, Value)>,
    is_override: bool,
    /// For a fact derived from providers: the number of providers with the catalog value, and the number of providers with any value.
    providers: Option<(usize, usize)>,
}

impl EvidenceSummary {
    /// Reads the evidence of a model. Returns `None` if there is no evidence folder and `--evidence` was not given.
    pub(crate) fn read(model: Model<'_>, dir: &EvidenceDir, source: &CatalogSource) -> Result<Option<Self>, Failure> {
        let reader = match reader(dir, source) {
            Ok(reader) => reader,
            Err(failure) if dir.is_given() => return Err(failure),
            Err(_) => return Ok(None),
        };
        let notes = reader.with_model(model, |report| report.facts.iter().filter_map(FactEvidence::of).collect());
        Ok(Some(Self { notes: notes.map_err(unreadable)? }))
    }

    /// Formats the evidence of facts that are printed on one line: a long and a short text. `None` if there is no evidence.
    pub(crate) fn format(&self, keys: &[FactKey]) -> Option<[String; 2]> {
        let notes: Vec<&FactEvidence> = keys.iter().filter_map(|key| self.notes.get(key)).filter(|note| note.has_evidence()).collect();
        match &notes[..] {
            [] => None,
            [note] if keys.len() == 1 => Some(note.describe()),
            notes => {
                let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
                for note in notes {
                    *rules.entry(note.word()).or_default() += 1;
                }
                let counted: Vec<String> = rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
                let disputed = notes.iter().filter(|note| !note.others.is_empty()).count();
                let short = counted.join(", ");
                let long = if disputed == 0 { short.clone() } else { format!("{short}; {disputed} disputed") };
                Some([long.clone(), if long.len() > 24 { short } else { long }])
            }
        }
    }

    /// All facts with evidence, for `--json`.
    pub(crate) fn json(&self) -> Json {
        let note = |note: &FactEvidence| {
            let others: Vec<Json> = note.others.iter().map(|(source, value)| json!({"source": source, "value": value})).collect();
            let mut object = json!({"rule": note.rule.map(Rule::as_str), "sources": note.sources, "others": others});
            if let (Some((agreeing, all)), Json::Object(object)) = (note.providers, &mut object) {
                object.insert("providers".to_owned(), json!({"with_this_value": agreeing, "with_any": all}));
            }
            object
        };
        let notes = self.notes.iter().filter(|(_, note)| note.has_evidence());
        Json::Object(notes.map(|(key, of)| (key.to_string(), note(of))).collect::<Map<_, _>>())
    }
}

impl FactEvidence {
    /// The evidence of a fact; `None` if the catalog has no value for the fact.
    fn of(row: &FactReport<'_>) -> Option<(FactKey, Self)> {
        let catalog_value = row.catalog_value?;
        let stated = |agrees: bool| {
            let groups = row.claims_by_value.iter().filter(move |group| (*group.value == catalog_value.value) == agrees);
            groups.flat_map(|group| {
                group.current.iter().map(|source_claim| (source_claim.claim.source.as_str().to_owned(), group.value.clone()))
            })
        };
        let count = |is_counted: &dyn Fn(&Value) -> bool| {
            let values = row.provider_values.iter().filter(|(value, _)| is_counted(value));
            values.map(|(_, providers)| providers.len()).sum::<usize>()
        };
        let (agreeing, all) = (count(&|value| *value == catalog_value.value), count(&|_| true));
        let note = Self {
            rule: row.rule,
            sources: stated(true).map(|(source, _)| source).collect(),
            others: stated(false).collect(),
            is_override: row.manual_override.is_some(),
            providers: (all > 0).then_some((agreeing, all)),
        };
        Some((row.key.clone(), note))
    }

    fn has_evidence(&self) -> bool {
        self.rule.is_some() || !self.sources.is_empty() || !self.others.is_empty() || self.providers.is_some()
    }

    fn word(&self) -> &'static str {
        match self.rule {
            _ if self.is_override => "set by hand",
            Some(rule) => rule.as_str(),
            None => "inherited",
        }
    }

    fn describe(&self) -> [String; 2] {
        if let Some((agreeing, all)) = self.providers {
            return [format!("{agreeing} of {all} providers of the base model agree"), format!("{agreeing} of {all} providers")];
        }
        let rule = self.word();
        let sources = match &self.sources[..] {
            [] => rule.to_owned(),
            [one] => format!("{rule}: {one}"),
            [one, two] => format!("{rule}: {one} and {two}"),
            [one, two, three] => format!("{rule}: {one}, {two} and {three}"),
            [one, two, more @ ..] => format!("{rule}: {one}, {two} and {count} more", count = more.len()),
        };
        let long = match self.others.len() {
            0 => sources,
            1 => format!("{sources}; 1 source disagrees"),
            count => format!("{sources}; {count} sources disagree"),
        };
        let all = self.sources.len() + self.others.len();
        let short = match (&self.sources[..], all) {
            (_, 0) => rule.to_owned(),
            ([one], 1) => format!("{rule}: {one}"),
            (sources, all) => format!("{rule}, {agreeing} of {all}", agreeing = sources.len()),
        };
        [long, short]
    }
}
