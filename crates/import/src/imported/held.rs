//! Held-back facts: routing claims about a provider that are not confirmed.

use crate::base_url::base_url;
use crate::evidence::{Claim, EvidenceLine};
use crate::policy::Policy;
use crate::statement::{FactKey, Value};
use modeldex_compile::authored::Day;
use modeldex_compile::authored::held::{HeldFact, RoutingFact};
use modeldex_compile::authored::routing::ConfirmedRouting;
use modeldex_table::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the current routing claims that `routing.yaml` neither confirms nor rejects. Claims that the policy would not choose are included, because
/// a host that only one source claims requires the most attention.
pub(crate) fn unconfirmed_claims(
    policy: &Policy<'_>,
    provider: &str,
    line: &EvidenceLine,
    confirmed: Option<&ConfirmedRouting>,
) -> Vec<HeldFact> {
    let none_confirmed = ConfirmedRouting::default();
    let confirmed = confirmed.unwrap_or(&none_confirmed);
    let mut held: BTreeMap<(RoutingFact, String), (BTreeSet<String>, Date)> = BTreeMap::new();
    let mut hold = |fact: RoutingFact, value: &str, claim: &Claim| {
        if confirmed.rejects(value) {
            return;
        }
        let (sources, since) = held.entry((fact, value.to_owned())).or_insert_with(|| (BTreeSet::new(), claim.since));
        sources.insert(claim.source.to_string());
        *since = (*since).min(claim.since);
    };
    for claim in policy.latest_claims(line, &FactKey::BaseUrl) {
        let text = claim.value.text().unwrap_or_default();
        match base_url(text) {
            Some(url) if confirmed.allows_url(&url) => {}
            Some(url) => hold(RoutingFact::BaseUrl, &url, claim),
            // A base URL that the importer considers invalid, such as a URL with a variable as host, can be confirmed by hand.
            None if confirmed.endpoints.iter().any(|endpoint| endpoint.base_url == text) => {}
            // Invalid base URLs are held back too, so that a user sees them.
            None => hold(RoutingFact::BaseUrl, text, claim),
        }
    }
    for claim in policy.latest_claims(line, &FactKey::Env) {
        let Value::Texts(names) = &claim.value else { continue };
        names.iter().filter(|name| !confirmed.allows_variable(name)).for_each(|name| hold(RoutingFact::Env, name, claim));
    }
    let fact = |((fact, value), (sources, since)): ((RoutingFact, String), (BTreeSet<String>, Date))| HeldFact {
        provider: provider.to_owned(),
        fact,
        value,
        sources: sources.into_iter().collect(),
        since: Day(since),
    };
    held.into_iter().map(fact).collect()
}
