//! `stats`: counts the providers, models and facts of the catalog, and the facts that have evidence.

use super::catalog_source::CatalogSource;
use super::evidence;
use super::failure::Failure;
use super::import::{self, EvidenceDir};
use super::out::{Out, Tone, printable};
use super::sections;
use modeldex_import::stats::Stats;
use std::collections::BTreeMap;
use std::io::Write;
use std::iter;

/// Count providers, models and facts, and how many facts have evidence
///
/// A provider is complete if it has a base URL, an authentication method (which may be `none`) and a model.
///
/// The facts of a model are: each field with a known value, each known capability, and each rate in the price list. Inherited facts are counted too.
///
/// A fact has evidence if a source claims the value, or if the value is derived from claims. A model can inherit a fact from its base model. For such
/// a fact, claims about other models with this base model are evidence too. A fact is imported if its value was computed from evidence and not set by
/// hand.
///
/// A conflict is a fact on which the newest snapshots of the sources disagree, or on which the sources contradict a hand-written value. `modeldex
/// conflicts` lists the conflicts.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load()?;
    let catalog = loaded.catalog();
    let (catalog_dir, dir) = evidence::folders(&args.evidence, source)?;
    let mut store = import::open(&catalog_dir, &dir)?;
    let imported = store.compute();
    let stats = Stats::new(&catalog, &store.evidence, &imported, &store.registry.sources);
    // Not dropped, because the program ends soon: freeing millions of small allocations would take a fifth of the run time.
    std::mem::forget((store, imported));
    if args.json {
        return Ok(writeln!(out, "{:#}", serde_json::to_value(&stats)?)?);
    }
    write(&stats, out)
}

fn write(stats: &Stats, out: &mut Out) -> Result<(), Failure> {
    let counts = |counts: &BTreeMap<&'static str, usize>| {
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        counts.into_iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    let percent = |part: usize, whole: usize| match (part * 1_000).checked_div(whole) {
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => String::new(),
    };
    let rows: Vec<(&str, usize, String)> = vec![
        ("providers", stats.providers, format!("{complete} complete", complete = stats.providers_complete)),
        ("models", stats.models, format!("{priced_models} models with prices", priced_models = stats.priced_models)),
        ("  by status", 0, counts(&stats.models_by_status)),
        ("  by billing", 0, counts(&stats.models_by_billing)),
        ("base models", stats.base_models, format!("from {labs} labs", labs = stats.labs)),
        ("model aliases", stats.aliases, String::new()),
        ("provider aliases", stats.provider_aliases, String::new()),
        ("facts", stats.facts, String::new()),
        ("  with evidence", stats.facts_with_evidence, percent(stats.facts_with_evidence, stats.facts)),
        ("  imported", stats.imported_facts, percent(stats.imported_facts, stats.facts)),
        ("    with evidence", stats.imported_facts_with_evidence, percent(stats.imported_facts_with_evidence, stats.imported_facts)),
        ("  by policy rule", 0, counts(&stats.facts_by_rule)),
        ("conflicts", stats.conflicts, format!("{undecided} undecided", undecided = stats.conflicts_undecided)),
        ("  by fact group", 0, counts(&stats.conflicts_by_group)),
        ("overrides", stats.overrides, "facts set by hand that sources contradict".to_owned()),
    ];
    for (name, count, details) in rows {
        if count == 0 && name.starts_with("  by") {
            writeln!(out, "{}", sections::wrapped(&format!("{name:20}"), 20, out.width(), details.split(", ")))?;
        } else {
            writeln!(out, "{}", format!("{name:20}{count:>8}  {details}").trim_end())?;
        }
    }
    const SHOWN: usize = 10;
    let warning = out.style(Tone::Warning);
    for fact in stats.unsupported.iter().take(SHOWN) {
        let fact = format!("{} {}: {}", fact.reference, fact.key, evidence::format_value(&fact.value));
        writeln!(out, "{warning}imported without evidence{warning:#}: {fact}", fact = printable(&fact))?;
    }
    let header = ["Source", "Newest", "Snapshots", "Providers", "Models", "Claims"].map(str::to_owned);
    let rows = stats.sources.iter().map(|(name, source)| {
        let date = source.date.map_or_else(|| "?".to_owned(), |date| date.to_string());
        let [snapshots, providers, models, claims] =
            [source.snapshots, source.providers, source.models, source.claims].map(|count| count.to_string());
        [name.clone(), date, snapshots, providers, models, claims]
    });
    if stats.sources.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 6]> = iter::once(header).chain(rows).collect();
    Ok(sections::rows(out, "Sources", &rows)?)
}
