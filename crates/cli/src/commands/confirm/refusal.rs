//! Claims that `confirm` refuses, because the route would send a key to a host for which no person has confirmed it.
//!
//! This is the only place where `confirm` judges a claim. A rule about routes in `modeldex_compile` belongs into [`Judge::refusal`].

use modeldex_compile::authored::held::{HeldFact, RoutingFact};
use modeldex_compile::authored::routing::{ConfirmedRouting, Routing, variables_in};
use modeldex_compile::is_valid_base_url;
use modeldex_import::entries;
use modeldex_table::{Catalog, Variable, VariableRole};
use std::collections::{BTreeMap, BTreeSet};

/// Judges claims by the environment variables of all providers.
pub(super) struct Judge {
    /// The providers that read each variable, or for which a source claims it, by the name of the variable in upper case.
    readers: BTreeMap<String, BTreeSet<String>>,
}

/// Why a claim is refused.
pub(super) enum Refusal {
    /// The variable belongs to other providers, so the claim is confirmed only if `--only` names it.
    Shared(String),
    /// The claim is never confirmed.
    Forbidden(String),
}

impl Judge {
    /// Collects the variables of the compiled catalog, of `routing.yaml`, and of the claims that are not confirmed.
    pub(super) fn new(catalog: &Catalog<'_>, routing: &Routing, held: &[&HeldFact]) -> Self {
        let mut judge = Self { readers: BTreeMap::new() };
        for provider in catalog.providers() {
            for auth in provider.auth() {
                auth.env().chain(auth.variables().flat_map(Variable::env)).for_each(|name| judge.add(name, provider.id()));
            }
        }
        for (id, confirmed) in &routing.providers {
            confirmed.variables().for_each(|name| judge.add(name, id));
        }
        // If sources claim one variable for two new providers, it is unknown to which of them it belongs.
        for fact in held.iter().filter(|fact| fact.fact == RoutingFact::Env) {
            judge.add(&fact.value, &fact.provider);
        }
        judge
    }

    fn add(&mut self, variable: &str, provider: &str) {
        self.readers.entry(variable.to_ascii_uppercase()).or_default().insert(provider.to_owned());
    }

    /// Returns why the claim is not confirmed; `None` if it may be confirmed. `before` is the confirmed routing of the provider.
    pub(super) fn refusal(&self, fact: &HeldFact, before: &ConfirmedRouting) -> Option<Refusal> {
        match fact.fact {
            RoutingFact::BaseUrl => self.refused_url(fact, before).map(Refusal::Forbidden),
            RoutingFact::Env => self.others(fact, &fact.value).map(Refusal::Shared),
            RoutingFact::Api => None,
        }
    }

    fn refused_url(&self, fact: &HeldFact, before: &ConfirmedRouting) -> Option<String> {
        let url = &fact.value;
        if !is_valid_base_url(url) {
            return Some("the value is not a valid base URL; `modeldex explain base-url` describes the rules".to_owned());
        }
        variables_in(url).find_map(|name| {
            if before.auth.iter().any(|auth| auth.env.iter().any(|key| key == name)) {
                return Some(format!("the base URL contains the variable {name}, which is the API key of the provider"));
            }
            let role = entries::variable_role(name);
            if role.is_none_or(|role| role == VariableRole::Secret) {
                return Some(format!("the base URL contains the variable {name}, which has an unknown role or is an API key"));
            }
            self.others(fact, name).map(|why| format!("the base URL contains the variable {name}: {why}"))
        })
    }

    /// Lists other providers that read a variable; `None` if there are none. After the confirmation, their API key would also be sent to the provider
    /// of the claim.
    fn others(&self, fact: &HeldFact, variable: &str) -> Option<String> {
        const MAX_NAMED: usize = 3;
        let readers = self.readers.get(&variable.to_ascii_uppercase())?;
        let others: Vec<&str> = readers.iter().map(String::as_str).filter(|id| *id != fact.provider).collect();
        match &others[..] {
            [] => None,
            [provider] => Some(format!("the provider {provider} also reads this variable")),
            others if others.len() > MAX_NAMED => {
                let (providers, count) = (others[..MAX_NAMED].join(", "), others.len() - MAX_NAMED);
                Some(format!("other providers also read this variable: {providers} and {count} more"))
            }
            others => Some(format!("other providers also read this variable: {providers}", providers = others.join(", "))),
        }
    }
}
