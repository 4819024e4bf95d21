//! Unconfirmed routing claims of a provider.

use crate::base_url::base_url;
use crate::evidence::{Claim, Line};
use crate::policy::Policy;
use crate::statement::{Key, Value};
use modeldex_compile::authored::Day;
use modeldex_compile::authored::held::{HeldFact, Route};
use modeldex_compile::authored::routing::Confirmed;
use modeldex_table::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Every current claim that `routing.yaml` neither confirms nor rejects, whether or not other sources outvote it: a host that a single source claims is the one
/// to look at.
pub(crate) fn of(policy: &Policy<'_>, provider: &str, line: &Line, confirmed: Option<&Confirmed>) -> Vec<HeldFact> {
    let nothing = Confirmed::default();
    let confirmed = confirmed.unwrap_or(&nothing);
    let mut held: BTreeMap<(Route, String), (BTreeSet<String>, Date)> = BTreeMap::new();
    let mut hold = |fact: Route, value: &str, claim: &Claim| {
        if confirmed.rejects(value) {
            return;
        }
        let (sources, since) = held.entry((fact, value.to_owned())).or_insert_with(|| (BTreeSet::new(), claim.since));
        sources.insert(claim.source.to_string());
        *since = (*since).min(claim.since);
    };
    for claim in policy.latest(line, &Key::BaseUrl) {
        let text = claim.value.text().unwrap_or_default();
        match base_url(text) {
            Some(url) if confirmed.allows_url(&url) => {}
            Some(url) => hold(Route::BaseUrl, &url, claim),
            // One that only a person can confirm, such as a host that is a variable.
            None if confirmed.endpoints.iter().any(|endpoint| endpoint.base_url == text) => {}
            // Invalid base URLs are listed too.
            None => hold(Route::BaseUrl, text, claim),
        }
    }
    for claim in policy.latest(line, &Key::Env) {
        let Value::Texts(names) = &claim.value else { continue };
        names.iter().filter(|name| !confirmed.allows_variable(name)).for_each(|name| hold(Route::Env, name, claim));
    }
    let fact = |((fact, value), (sources, since)): ((Route, String), (BTreeSet<String>, Date))| HeldFact {
        provider: provider.to_owned(),
        fact,
        value,
        sources: sources.into_iter().collect(),
        since: Day(since),
    };
    held.into_iter().map(fact).collect()
}
