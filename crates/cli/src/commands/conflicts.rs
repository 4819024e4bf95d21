//! `conflicts`: lists the facts on which sources disagree with each other or with a hand-written value.

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
/// A fact is listed if the newest snapshots of two sources state different values, or if a hand-written value differs from the values of the
/// sources.
///
/// The facts are sorted by severity. The severity is the weight multiplied by the distance. The weight is 100 for prices, 30 for limits, 10 for
/// capabilities, modalities, status and facts of providers, and 3 for names and dates. The distance of numbers is `largest / smallest - 1`, but at
/// most 9. If one number is zero, the distance is 9. The distance of dates that differ only in precision is 0.1. All other distances are 1.
///
/// If a fact has no chosen value, 10 is added to the distance. Among facts of equal weight, the facts without a chosen value are therefore listed
/// first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only conflicts of this provider, by id or alias
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Only conflicts of this fact, such as `context_window` or `price.input`, or of this group of facts, such as `prices`
    #[arg(long, value_name = "FACT")]
    fact: Option<String>,
    /// Print at most N conflicts; 0 prints all
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print a JSON object
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

/// How columns are shortened or dropped on a narrow terminal, in this order.
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
    // The memory is leaked, because the program ends soon: dropping millions of small allocations would take a fifth of the run time.
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
    Err(Failure::Usage(format!("unknown fact or group of facts `{fact}`{suggestion}", fact = printable(word))))
}

/// Whether `key` is the fact `wanted`, with any price condition, or a fact of the group `wanted`.
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
    let groups = by_group.iter().map(|(group, count)| format!("{group} {count}")).collect::<Vec<_>>().join(", ");
    let conflicts = match total {
        _ if shown < total => format!("listed {shown} of {total} conflicts"),
        1 => "1 conflict".to_owned(),
        _ => format!("{total} conflicts"),
    };
    Ok(writeln!(out, "\n{conflicts}: {groups}; {undecided} undecided, {overrides} set by hand")?)
}

fn reference(conflict: &Conflict<'_>) -> String {
    conflict.model.map_or_else(|| conflict.provider.to_owned(), |model| format!("{}/{model}", conflict.provider))
}

/// The hand-written value and the values that were not chosen, each with its sources.
fn others(conflict: &Conflict<'_>) -> String {
    let by_hand = conflict.manual_override.iter().map(|manual| match &manual.catalog_value {
        Some(value) => format!("{value} set by hand", value = format_value(value)),
        None => "removed by hand".to_owned(),
    });
    let claims_by_value = conflict.claims_by_value.iter().filter(|group| Some(group.value) != conflict.chosen.as_ref()).map(|group| {
        let sources: Vec<&str> = group.current.iter().map(|source_claim| source_claim.claim.source.as_str()).collect();
        format!("{value} {sources}", value = format_value(group.value), sources = sources.join(", "))
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
