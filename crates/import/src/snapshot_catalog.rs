//! Builds a catalog from a single snapshot of one source, so that two snapshots can be compared as catalogs.

use crate::evidence::{Claim, Evidence, EvidenceLine, FactEvidence, ProviderEvidence};
use crate::imported::ImportedCatalog;
use crate::routing_check::RoutingCheck;
use crate::sources::Sources;
use crate::statement::{FactKey, Value};
use crate::store::Store;
use modeldex_table::{Api, Date};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Base URL of providers for which the snapshot states none, so that their models can be compared. Its host name never resolves.
const PLACEHOLDER_BASE_URL: &str = "https://unknown.invalid";

/// Returns the catalog files that an import would write if the snapshot of `source` on the day `date` were the only snapshot. Each file has its path
/// in the catalog folder and its text. No file is written. Returns `None` if there is no such snapshot.
#[must_use]
pub fn files(store: &Store, source: &str, date: Date) -> Option<Vec<(PathBuf, String)>> {
    let registered = store.registry.sources.sources.get(source)?;
    let record = registered.snapshots.iter().find(|record| record.date.0 == date)?;
    let mut single = registered.clone();
    single.snapshots = vec![record.clone()];
    single.derived_from.clear();
    let sources = Sources { sources: BTreeMap::from([(source.to_owned(), single)]) };
    let mut evidence = Evidence::default();
    for (id, stored) in &store.evidence.providers {
        let claimed = |line: &EvidenceLine| claims_on(line, source, date);
        let models: BTreeMap<String, EvidenceLine> =
            stored.models.iter().map(|(id, line)| (id.clone(), claimed(line))).filter(|(_, line)| !line.is_empty()).collect();
        if models.is_empty() {
            continue;
        }
        let mut provider = claimed(&stored.provider);
        fill_routing(&mut provider, source, date);
        evidence.providers.insert(id.clone(), ProviderEvidence { provider, models });
    }
    Some(ImportedCatalog::compute(&mut evidence, &sources, &store.registry.map, RoutingCheck::Unchecked).files())
}

/// Returns an evidence line that contains only the claims of one source on one day.
fn claims_on(line: &EvidenceLine, source: &str, date: Date) -> EvidenceLine {
    let is_current =
        |claim: &&Claim| claim.source.as_str() == source && claim.since <= date && claim.until.is_none_or(|until| date <= until);
    let facts = line.facts.iter().filter_map(|(key, fact)| {
        let claim = Claim { since: date, until: None, ..fact.claims.0.iter().find(is_current)?.clone() };
        Some((key.clone(), fact_with_claim(claim)))
    });
    EvidenceLine { facts: facts.collect() }
}

/// Adds a claim of a placeholder for the base URL, the wire protocol and the environment variable, if the snapshot states none or an invalid one.
fn fill_routing(line: &mut EvidenceLine, source: &str, date: Date) {
    let has_base_url = line
        .facts
        .get(&FactKey::BaseUrl)
        .is_some_and(|fact| fact.claims.0.iter().any(|claim| claim.value.text().and_then(crate::base_url::base_url).is_some()));
    let placeholders = [
        (FactKey::BaseUrl, Value::Text(PLACEHOLDER_BASE_URL.to_owned()), has_base_url),
        (FactKey::Api, Value::Text(Api::OpenaiCompletions.as_str().to_owned()), line.facts.contains_key(&FactKey::Api)),
        (FactKey::Env, Value::Texts(vec!["UNKNOWN_API_KEY".to_owned()]), line.facts.contains_key(&FactKey::Env)),
    ];
    for (key, value, _) in placeholders.into_iter().filter(|(.., exists)| !exists) {
        let claim = Claim { value, source: crate::evidence::SourceName::new(source), since: date, until: None };
        line.facts.insert(key, fact_with_claim(claim));
    }
}

fn fact_with_claim(claim: Claim) -> FactEvidence {
    FactEvidence { claims: crate::evidence::Claims(vec![claim]), ..FactEvidence::default() }
}
