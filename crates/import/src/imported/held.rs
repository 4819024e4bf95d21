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
    let urls = policy.latest_claims(line, &FactKey::BaseUrl);
    let is_confirmed = |text: &str| match base_url(text) {
        Some(url) => confirmed.allows_url(&url),
        // A base URL that the importer considers invalid, such as a URL with a variable as host, can be confirmed by hand.
        None => confirmed.endpoints.iter().any(|endpoint| endpoint.base_url == text),
    };
    for claim in &urls {
        let text = claim.value.text().unwrap_or_default();
        if !is_confirmed(text) {
            // Invalid base URLs are held back too, so that a user sees them.
            hold(RoutingFact::BaseUrl, base_url(text).as_deref().unwrap_or(text), claim);
        }
    }
    for claim in policy.latest_claims(line, &FactKey::Env) {
        let Value::Texts(names) = &claim.value else { continue };
        names.iter().filter(|name| !confirmed.allows_variable(name)).for_each(|name| hold(RoutingFact::Env, name, claim));
    }
    for claim in policy.latest_claims(line, &FactKey::Api) {
        let api = claim.value.text().unwrap_or_default();
        // A protocol belongs to a base URL: if the source claims an unconfirmed URL, this URL is held back, and `confirm` asks for both.
        let is_of_confirmed_url =
            urls.iter().filter(|url| url.source == claim.source).all(|url| url.value.text().is_some_and(is_confirmed));
        if !confirmed.endpoints.is_empty() && is_of_confirmed_url && !confirmed.allows_protocol(api) {
            hold(RoutingFact::Api, api, claim);
        }
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
