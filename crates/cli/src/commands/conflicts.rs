//! `conflicts`: facts of which sources, or a person and the sources, say different things now.

use super::catalog_source::{self, CatalogSource};
use super::evidence::{self, told};
use super::failure::Failure;
use super::import::{self, EvidenceDir};
use super::json;
use super::out::{Out, Tone, printable};
use super::sections;
use super::table::{Column, Shorten, Step, Table};
use super::words;
use modeldex_compile::authored::held::HeldFact;
use modeldex_import::comparison;
use modeldex_import::conflicts::{self, Conflict, ConflictCounts};
use modeldex_import::decision::Rule;
use modeldex_import::evidence_report::EvidenceReader;
use modeldex_import::statement::FactKey;
use serde_json::{Map, Value as Json, json};
use std::io::Write;

/// List the facts of which different things are said, the worst first
///
/// A fact is listed when the newest snapshots of two sources state different values of it, or when a person wrote something else than the
/// sources say. How bad that is: the weight of the fact (prices 100; limits 30; capabilities, modalities, status and what belongs to a
/// provider 10; names and dates 3) times how far the values are apart (for numbers the largest over the smallest less one, at most 9, and 9
/// where one is zero; else 1, or 0.1 for dates of which one is only more exact). Where no value was chosen, 10 is added to that distance, so
/// that such facts stand above every decided one of their kind.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Of this provider only, by id or alias
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Of this fact only, such as `context_window` or `price.input`, or of a group, such as `prices`
    #[arg(long, value_name = "FACT")]
    fact: Option<String>,
    /// Tell so many; 0 tells all
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Write an object
    #[arg(long)]
    json: bool,
}

const COLUMNS: &[Column] = &[
    Column::shortened("Reference", Shorten::Middle),
    Column::text("Fact"),
    Column::text("Chosen"),
    Column::text("Rule"),
    Column::text("Others"),
];

/// What gives way on a narrow terminal.
const NARROWER: &[Step] = &[
    Step::Shrink("Others", 40),
    Step::Shrink("Chosen", 16),
    Step::Shrink("Fact", 24),
    Step::Shrink("Reference", 30),
    Step::Shrink("Others", 24),
    Step::Drop("Rule"),
    Step::Shrink("Fact", 14),
    Step::Shrink("Reference", 22),
    Step::Shrink("Chosen", 8),
    Step::Shrink("Others", 16),
    Step::Drop("Others"),
    Step::Drop("Chosen"),
    Step::Shrink("Reference", 1),
];

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let wanted = args.fact.as_deref().map(wanted).transpose()?;
    let loaded = source.load()?;
    let catalog = loaded.catalog();
    let (catalog_dir, dir) = evidence::folders(&args.evidence, source)?;
    let provider = args.provider.as_deref().map(|id| catalog_source::provider(&catalog, id)).transpose()?;
    // The program ends soon, and taking millions of small pieces back one by one would be a fifth of its time: what is read is never dropped.
    let mut found = match provider {
        None => {
            let store = Box::leak(Box::new(import::open(&catalog_dir, &dir)?));
            let imported = Box::leak(Box::new(store.compute()));
            conflicts::in_catalog(&catalog, &store.evidence, imported)
        }
        Some(provider) => {
            let reader = EvidenceReader::open(catalog_dir, dir).map_err(evidence::unreadable)?;
            let known = Box::leak(Box::new(reader.provider_files(provider.id()).map_err(evidence::unreadable)?));
            conflicts::sorted_by_severity(conflicts::in_provider(provider, &known.evidence, &known.imported))
        }
    };
    found.retain(|conflict| wanted.is_none_or(|wanted| is_of(&conflict.key, wanted)));
    let told = if args.limit == 0 { found.len() } else { args.limit.min(found.len()) };
    let mut held = if wanted.is_none_or(|wanted| matches!(wanted, "providers" | "base_url" | "env")) { loaded.held() } else { Vec::new() };
    held.retain(|fact| provider.is_none_or(|provider| provider.id() == fact.provider));
    if args.json {
        return write_json(&found, &held, told, out);
    }
    sections::held(out, &held)?;
    write(&found, told, out)
}

/// The word of `--fact`, where it means something.
fn wanted(word: &str) -> Result<&str, Failure> {
    let groups = comparison::GROUP_ORDER.iter().map(|group| comparison::group_name(*group));
    if word.parse::<FactKey>().is_ok() || groups.clone().any(|group| group == word) {
        return Ok(word);
    }
    let facts = modeldex_table::Fact::ALL.iter().map(|fact| fact.as_str());
    let known = groups.chain(facts).chain(modeldex_table::Capability::ALL.iter().map(|capability| capability.as_str()));
    let meant = words::nearest(word, known, String::new);
    Err(Failure::Usage(format!("`{}` is no fact and no group of facts{meant}", printable(word))))
}

/// Whether a fact is the wanted one, whatever the condition of a rate, or belongs to the wanted group.
fn is_of(key: &FactKey, wanted: &str) -> bool {
    let text = key.to_string();
    text == wanted || text.split(' ').next() == Some(wanted) || comparison::group_name(key.group()) == wanted
}

fn write(found: &[Conflict<'_>], shown: usize, out: &mut Out) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(writeln!(out, "nobody contradicts anybody")?);
    }
    let mut table = Table::new(COLUMNS);
    for conflict in &found[..shown] {
        table.cells(&[&reference(conflict), &conflict.key]);
        match (&conflict.chosen, conflict.is_undecided()) {
            (Some(chosen), _) => table.cell(told(chosen)),
            (None, true) => table.toned_cell(Tone::Warning, "nothing"),
            (None, false) => table.cell("?"),
        }
        table.cells(&[&conflict.rule.map_or("", Rule::as_str), &others(conflict)]);
    }
    table.write(out, NARROWER)?;
    let ConflictCounts { total, undecided, overrides, by_group } = ConflictCounts::new(found);
    let counts: Vec<String> = by_group.iter().map(|(word, count)| format!("{word} {count}")).collect();
    let which = if shown < total { format!("{shown} of {total}") } else { total.to_string() };
    Ok(writeln!(out, "\n{which}: {}; {undecided} undecided, {overrides} set by hand", counts.join(", "))?)
}

fn reference(conflict: &Conflict<'_>) -> String {
    conflict.model.map_or_else(|| conflict.provider.to_owned(), |model| format!("{}/{model}", conflict.provider))
}

/// What a person wrote and the values that were not chosen, each with its sources.
fn others(conflict: &Conflict<'_>) -> String {
    let person =
        conflict.manual_override.iter().map(|kept| kept.catalog_value.as_ref().map_or_else(|| "none".to_owned(), told) + " a person");
    let groups = conflict.claims_by_value.iter().filter(|group| Some(group.value) != conflict.chosen.as_ref()).map(|group| {
        let sources: Vec<&str> = group.current.iter().map(|source_claim| source_claim.claim.source.as_str()).collect();
        format!("{} {}", told(group.value), sources.join(", "))
    });
    person.chain(groups).collect::<Vec<_>>().join("; ")
}

fn write_json(found: &[Conflict<'_>], held: &[HeldFact], shown: usize, out: &mut Out) -> Result<(), Failure> {
    let ConflictCounts { total, by_group, .. } = ConflictCounts::new(found);
    let counts: Map<String, Json> = by_group.into_iter().map(|(word, count)| (word.to_owned(), count.into())).collect();
    let held = if held.is_empty() { String::new() } else { format!("\"held\": {}, ", json!(held)) };
    write!(out, "{{{held}\"total\": {total}, \"counts\": {}, \"conflicts\": ", Json::Object(counts))?;
    let row = |conflict: &Conflict<'_>| {
        let values: Vec<Json> = conflict
            .claims_by_value
            .iter()
            .map(|group| {
                let sources: Map<String, Json> = group
                    .current
                    .iter()
                    .map(|source_claim| (source_claim.claim.source.to_string(), source_claim.claim.since.to_string().into()))
                    .collect();
                json!({"value": group.value, "sources": sources})
            })
            .collect();
        json!({
            "ref": reference(conflict),
            "provider": conflict.provider,
            "model": conflict.model,
            "fact": conflict.key.to_string(),
            "group": comparison::group_name(conflict.key.group()),
            "severity": conflict.severity,
            "chosen": conflict.chosen,
            "rule": conflict.rule.map(Rule::as_str),
            "values": values,
            "kept": conflict.manual_override,
        })
    };
    json::array(out, found[..shown].iter().map(row))?;
    Ok(writeln!(out, "}}")?)
}
