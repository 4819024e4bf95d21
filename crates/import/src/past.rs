//! What one source said on one day, as a catalog of its own: so that two of its snapshots can be compared like any two catalogs.

use crate::evidence::{Claim, Evidence, FactEvidence, Line, ProviderEvidence};
use crate::imported::Imported;
use crate::routes::Routes;
use crate::sources::Sources;
use crate::statement::{Key, Value};
use crate::store::Store;
use modeldex_table::{Api, Date};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A provider that a source names no base URL of gets this one, which never resolves, so that its models can be compared all the same.
const NOWHERE: &str = "https://unknown.invalid";

/// The files of the catalog that one snapshot alone leads to, by their paths within its folder. Nothing is written. `None` where there is no such
/// snapshot.
#[must_use]
pub fn files(store: &Store, source: &str, date: Date) -> Option<Vec<(PathBuf, String)>> {
    let known = store.registry.sources.sources.get(source)?;
    let record = known.snapshots.iter().find(|record| record.date.0 == date)?;
    let mut alone = known.clone();
    alone.snapshots = vec![record.clone()];
    alone.derived_from.clear();
    let sources = Sources { sources: BTreeMap::from([(source.to_owned(), alone)]) };
    let mut evidence = Evidence::default();
    for (id, own) in &store.evidence.providers {
        let said = |line: &Line| on(line, source, date);
        let models: BTreeMap<String, Line> =
            own.models.iter().map(|(id, line)| (id.clone(), said(line))).filter(|(_, line)| !line.is_empty()).collect();
        if models.is_empty() {
            continue;
        }
        let mut provider = said(&own.own);
        complete(&mut provider, source, date);
        evidence.providers.insert(id.clone(), ProviderEvidence { own: provider, models });
    }
    Some(Imported::compute(&mut evidence, &sources, &store.registry.map, Routes::Unchecked).files())
}

/// What of a line one source said on one day.
fn on(line: &Line, source: &str, date: Date) -> Line {
    let held = |claim: &&Claim| claim.source.as_str() == source && claim.since <= date && claim.until.is_none_or(|until| date <= until);
    let facts = line.facts.iter().filter_map(|(key, fact)| {
        let claim = Claim { since: date, until: None, ..fact.claims.0.iter().find(held)?.clone() };
        Some((key.clone(), fact_of(claim)))
    });
    Line { facts: facts.collect() }
}

/// Fills in what a provider cannot be without.
fn complete(line: &mut Line, source: &str, date: Date) {
    let usable = line
        .facts
        .get(&Key::BaseUrl)
        .is_some_and(|fact| fact.claims.0.iter().any(|claim| claim.value.text().and_then(crate::base_url::base_url).is_some()));
    let stated = [
        (Key::BaseUrl, Value::Text(NOWHERE.to_owned()), usable),
        (Key::Api, Value::Text(Api::OpenaiCompletions.as_str().to_owned()), line.facts.contains_key(&Key::Api)),
        (Key::Env, Value::Texts(vec!["UNKNOWN_API_KEY".to_owned()]), line.facts.contains_key(&Key::Env)),
    ];
    for (key, value, _) in stated.into_iter().filter(|(.., known)| !known) {
        let claim = Claim { value, source: crate::evidence::SourceName::of(source), since: date, until: None };
        line.facts.insert(key, fact_of(claim));
    }
}

fn fact_of(claim: Claim) -> FactEvidence {
    FactEvidence { claims: crate::evidence::Claims(vec![claim]), ..FactEvidence::default() }
}
