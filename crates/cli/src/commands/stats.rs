//! `stats`: how much a catalog has, and how much of it the evidence bears out.

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

/// Count what a catalog has, and how much of it has evidence
///
/// A provider is complete when it has a base URL, a way to authenticate (that nothing is asked for is one) and a model. A fact is each field
/// of a model that is known, stated or inherited, each of its capabilities, and each rate of each entry of its price list. A fact has evidence
/// when a source has stated its value, or it follows from what sources have stated: for this model or, where it is inherited from a base
/// model, for another provider's. Imported facts are those that the importer wrote and no person has changed. A conflict is a fact of which
/// the newest snapshots of sources state different values, or a person another than the sources: what `conflicts` lists.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Write an object
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
    // The program ends soon, and taking millions of small pieces back one by one would be a fifth of its time.
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
        counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    };
    let of = |part: usize, whole: usize| match (part * 1_000).checked_div(whole) {
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => String::new(),
    };
    let rows: Vec<(&str, usize, String)> = vec![
        ("providers", stats.providers, format!("{} complete", stats.providers_complete)),
        ("models", stats.models, format!("{} with prices", stats.priced_models)),
        ("  by status", 0, counts(&stats.models_by_status)),
        ("  by billing", 0, counts(&stats.models_by_billing)),
        ("base models", stats.base_models, format!("of {} labs", stats.labs)),
        ("aliases", stats.aliases, format!("and {} of providers", stats.provider_aliases)),
        ("facts", stats.facts, String::new()),
        ("  with evidence", stats.facts_with_evidence, of(stats.facts_with_evidence, stats.facts)),
        ("  imported", stats.imported_facts, of(stats.imported_facts, stats.facts)),
        ("  ... with evidence", stats.imported_facts_with_evidence, of(stats.imported_facts_with_evidence, stats.imported_facts)),
        ("  by rule", 0, counts(&stats.facts_by_rule)),
        ("conflicts", stats.conflicts, format!("{} undecided", stats.conflicts_undecided)),
        ("  by group", 0, counts(&stats.conflicts_by_group)),
        ("kept", stats.overrides, "set by hand that sources contradict".to_owned()),
    ];
    for (name, count, more) in rows {
        if count == 0 && name.starts_with("  by") {
            writeln!(out, "{}", sections::wrapped(&format!("{name:20}"), 20, out.width(), more.split(", ")))?;
        } else {
            writeln!(out, "{}", format!("{name:20}{count:>8}  {more}").trim_end())?;
        }
    }
    const SHOWN: usize = 10;
    let warning = out.style(Tone::Warning);
    for fact in stats.unsupported.iter().take(SHOWN) {
        let text = format!("{} {}: {}", fact.reference, fact.key, evidence::told(&fact.value));
        writeln!(out, "{warning}imported without evidence{warning:#}: {}", printable(&text))?;
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
