//! Claims that `confirm` refuses, because the route would send an API key to a host that no person has confirmed for this key.
//!
//! This is the only place where `confirm` judges a claim. It applies the rules that `modeldex_compile` applies to catalog files.

use super::confirmation::new_endpoint;
use modeldex_compile::authored::held::{AbsentProvider, HeldFact, RoutingFact};
use modeldex_compile::authored::routing::{ConfirmedRouting, Routing, variables_in};
use modeldex_compile::{RouteFault, RoutePart, codes, judge_route, named_after};
use modeldex_import::entries;
use modeldex_table::{Api, AuthKind, Catalog, Provider, Variable, VariableRole};
use std::collections::{BTreeMap, BTreeSet};

/// Judges claims by the routes of all providers.
pub(super) struct Judge<'c> {
    catalog: &'c Catalog<'c>,
    routing: &'c Routing,
    /// The claims that are not confirmed.
    held: &'c [&'c HeldFact],
    /// The providers that sources list but the catalog does not contain.
    absent: &'c [AbsentProvider],
    /// For each variable, by its name in upper case: the providers that read the variable, and the providers for which sources claim it.
    readers: BTreeMap<String, BTreeSet<String>>,
}

/// Why a claim is refused.
pub(super) enum Refusal {
    /// Another provider reads the variable, sources claim the variable for another provider too, or the variable is named after another provider. The
    /// claim is confirmed only if `--only` names the variable.
    Shared(String),
    /// The claim is never confirmed.
    Forbidden(String),
}

impl<'c> Judge<'c> {
    /// Collects the variables of the compiled catalog, of `routing.yaml`, and of the claims that are not confirmed.
    pub(super) fn new(catalog: &'c Catalog<'c>, routing: &'c Routing, held: &'c [&'c HeldFact], absent: &'c [AbsentProvider]) -> Self {
        let mut judge = Self { catalog, routing, held, absent, readers: BTreeMap::new() };
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
        for absent in absent {
            absent.env.iter().for_each(|name| judge.add(name, &absent.id));
        }
        judge
    }

    fn add(&mut self, variable: &str, provider: &str) {
        self.readers.entry(variable.to_ascii_uppercase()).or_default().insert(provider.to_owned());
    }

    /// Returns why the claim is not confirmed; `None` if it may be confirmed. `before` is the confirmed routing of the provider.
    pub(super) fn refusal(&self, fact: &HeldFact, before: &ConfirmedRouting) -> Option<Refusal> {
        let fault = self.faults(fact, before).into_iter().next();
        if let Some(RouteFault { message, help, .. }) = fault {
            return Some(Refusal::Forbidden(format!("{message}; {help}")));
        }
        match fact.fact {
            RoutingFact::BaseUrl => variables_in(&fact.value).find_map(|name| {
                let role = entries::variable_role(name);
                if role.is_none_or(|role| role == VariableRole::Secret) {
                    let why = format!("the base URL contains the variable {name}, which is an API key or has an unknown role");
                    return Some(Refusal::Forbidden(why));
                }
                self.others(fact, name).map(|why| Refusal::Forbidden(format!("the base URL contains the variable {name}: {why}")))
            }),
            RoutingFact::Env if self.is_listed(fact) => None,
            RoutingFact::Env => self.others(fact, &fact.value).map(Refusal::Shared),
            RoutingFact::Api => None,
        }
    }

    /// Returns whether `shared_variables` states that the provider reads the variable.
    fn is_listed(&self, fact: &HeldFact) -> bool {
        self.routing.shared_variables.get(&fact.value).is_some_and(|providers| providers.contains(&fact.provider))
    }

    /// Returns why `--all-new` does not confirm a claim: the name of the claimed variable, such as `ANTHROPIC_AUTH_TOKEN`, begins with the name of
    /// another provider. It does not matter whether the other provider reads the variable. If the names of several providers match, the longest name
    /// counts, so that `OPENAI_PROXY_KEY` may be a variable of `openai-proxy`.
    pub(super) fn named_after_other(&self, fact: &HeldFact) -> Option<Refusal> {
        if fact.fact != RoutingFact::Env || self.is_listed(fact) {
            return None;
        }
        let matched = |name: &str| named_after(&fact.value, name).unwrap_or_default();
        let claiming = self.catalog.providers().find(|provider| provider.id() == fact.provider);
        let ids = self.catalog.providers().map(|provider| (provider.id(), provider.id()));
        let aliases = self.catalog.provider_aliases().filter_map(|alias| Some((alias.id(), alias.provider()?.id())));
        // A provider of `routing.yaml` may have no facts in the catalog yet.
        let confirmed = self.routing.providers.keys().map(|id| (id.as_str(), id.as_str()));
        let absent = self.absent.iter().flat_map(|absent| absent.names().map(|name| (name, absent.id.as_str())));
        let others: Vec<(&str, &str)> =
            ids.chain(aliases).chain(confirmed).chain(absent).filter(|(_, provider)| *provider != fact.provider).collect();
        // A source states the name of the provider. So a name that begins like another provider, such as `OpenAI Admin`, does not count.
        let is_own = |name: &&str| !others.iter().any(|(other, _)| named_after(&format!("{name} KEY"), other).is_some());
        let own_names = claiming.into_iter().flat_map(Provider::aliases).map(|alias| alias.id()).chain([fact.provider.as_str()]);
        let own = own_names.chain(claiming.map(Provider::name).filter(is_own)).map(matched).max();
        let (length, provider) = others.iter().map(|(name, provider)| (matched(name), *provider)).max_by_key(|(length, _)| *length)?;
        let is_of_other = length > own.unwrap_or_default();
        is_of_other.then(|| Refusal::Shared(format!("the variable is named after the provider {provider}")))
    }

    /// Returns the violations of the rules about routes that the route would have with this claim. A variable in a claimed base URL that `auth` does
    /// not declare is not a violation, because the confirmation of the URL declares the variable.
    fn faults(&self, fact: &HeldFact, before: &ConfirmedRouting) -> Vec<RouteFault> {
        let mut route = before.clone();
        let endpoint = |url: &str| new_endpoint(url, Api::OpenaiCompletions);
        match fact.fact {
            RoutingFact::BaseUrl => route.endpoints = vec![endpoint(&fact.value)],
            RoutingFact::Env => {
                route.auth = vec![entries::auth_method(AuthKind::ApiKey, vec![fact.value.clone()], Vec::new())];
                if route.endpoints.is_empty() {
                    // The keys of a new provider will be sent to one of the claimed base URLs.
                    let urls = self.held.iter().filter(|other| other.provider == fact.provider && other.fact == RoutingFact::BaseUrl);
                    route.endpoints = urls.map(|url| endpoint(&url.value)).collect();
                }
            }
            RoutingFact::Api => return Vec::new(),
        }
        let mut faults = judge_route(&fact.provider, &route, self.catalog, &self.routing.shared_variables);
        faults.retain(|fault| match fact.fact {
            RoutingFact::Env => matches!(fault.part, RoutePart::Variable { .. }),
            _ => fault.code != codes::BASE_URL_VARIABLE.code,
        });
        faults
    }

    /// Lists the other providers that read the claimed variable; `None` if no other provider reads it. After the confirmation, the API keys of these
    /// providers would also be sent to the provider of the claim.
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
