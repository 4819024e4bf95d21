//! `conflicts`: facts on which sources disagree with each other or with a hand-written value.

use super::catalog_source::{self, CatalogSource};
use super::evidence::{self, format_value};
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

/// List facts on which sources disagree, largest disagreement first
///
/// A fact is listed if the newest snapshots of two sources state different values, or if a hand-written value differs from the sources. The
/// severity is the weight of the fact (prices 100; limits 30; capabilities, modalities, status and provider facts 10; names and dates 3)
/// times the distance of the values: for numbers, largest / smallest - 1, at most 9, and 9 if one is zero; for dates that differ only in
/// precision, 0.1; otherwise 1. Facts without a chosen value get 10 added to the distance, which lists them before the decided facts of their
/// weight.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this provider, by id or alias
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Only this fact, such as `context_window` or `price.input`, or this group of facts, such as `prices`
    #[arg(long, value_name = "FACT")]
    fact: Option<String>,
    /// Print at most N conflicts; 0 prints all
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print an object
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

/// Columns that shrink or go on a narrow terminal, in this order.
const NARROWING_STEPS: &[Step] = &[
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
    // Leaked because the program ends soon: dropping millions of small allocations would take a fifth of the run time.
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
    let shown = if args.limit == 0 { found.len() } else { args.limit.min(found.len()) };
    let mut held = if wanted.is_none_or(|wanted| matches!(wanted, "providers" | "base_url" | "env")) { loaded.held() } else { Vec::new() };
    held.retain(|fact| provider.is_none_or(|provider| provider.id() == fact.provider));
    if args.json {
        return write_json(&found, &held, shown, out);
    }
    sections::held(out, &held)?;
    write(&found, shown, out)
}

/// Validates the argument of `--fact`.
fn wanted(word: &str) -> Result<&str, Failure> {
    let groups = comparison::GROUP_ORDER.iter().map(|group| comparison::group_name(*group));
    if word.parse::<FactKey>().is_ok() || groups.clone().any(|group| group == word) {
        return Ok(word);
    }
    let facts = modeldex_table::Fact::ALL.iter().map(|fact| fact.as_str());
    let known = groups.chain(facts).chain(modeldex_table::Capability::ALL.iter().map(|capability| capability.as_str()));
    let suggestion = words::nearest(word, known, String::new);
    Err(Failure::Usage(format!("unknown fact or group of facts `{}`{suggestion}", printable(word))))
}

/// Whether a key is the wanted fact, under any price condition, or belongs to the wanted group.
fn is_of(key: &FactKey, wanted: &str) -> bool {
    let text = key.to_string();
    text == wanted || text.split(' ').next() == Some(wanted) || comparison::group_name(key.group()) == wanted
}

fn write(found: &[Conflict<'_>], shown: usize, out: &mut Out) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(writeln!(out, "no conflicts")?);
    }
    let mut table = Table::new(COLUMNS);
    for conflict in &found[..shown] {
        table.cells(&[&reference(conflict), &conflict.key]);
        match (&conflict.chosen, conflict.is_undecided()) {
            (Some(chosen), _) => table.cell(format_value(chosen)),
            (None, true) => table.toned_cell(Tone::Warning, "undecided"),
            (None, false) => table.cell("?"),
        }
        table.cells(&[&conflict.rule.map_or("", Rule::as_str), &others(conflict)]);
    }
    table.write(out, NARROWING_STEPS)?;
    let ConflictCounts { total, undecided, overrides, by_group } = ConflictCounts::new(found);
    let counts: Vec<String> = by_group.iter().map(|(word, count)| format!("{word} {count}")).collect();
    let count = if shown < total { format!("{shown} of {total}") } else { total.to_string() };
    Ok(writeln!(out, "\n{count}: {}; {undecided} undecided, {overrides} set by hand", counts.join(", "))?)
}

fn reference(conflict: &Conflict<'_>) -> String {
    conflict.model.map_or_else(|| conflict.provider.to_owned(), |model| format!("{}/{model}", conflict.provider))
}

/// The hand-written value and the values that were not chosen, each with its sources.
fn others(conflict: &Conflict<'_>) -> String {
    let by_hand = conflict
        .manual_override
        .iter()
        .map(|manual| manual.catalog_value.as_ref().map_or_else(|| "none".to_owned(), format_value) + " set by hand");
    let claims_by_value = conflict.claims_by_value.iter().filter(|group| Some(group.value) != conflict.chosen.as_ref()).map(|group| {
        let sources: Vec<&str> = group.current.iter().map(|source_claim| source_claim.claim.source.as_str()).collect();
        format!("{} {}", format_value(group.value), sources.join(", "))
    });
    by_hand.chain(claims_by_value).collect::<Vec<_>>().join("; ")
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
