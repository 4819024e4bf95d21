//! The routing of one provider, to which `confirm` adds claims of sources.

use modeldex_compile::authored::held::{HeldFact, RoutingFact};
use modeldex_compile::authored::routing::{ConfirmedRouting, url_origin, variables_in};
use modeldex_compile::authored::{Auth, Endpoint, Variable};
use modeldex_compile::is_valid_base_url;
use modeldex_import::entries;
use modeldex_import::store::Store;
use modeldex_table::{Api, AuthKind, VariableRole};
use std::collections::{BTreeMap, BTreeSet};

/// The reason why a base URL is not confirmed if another one is claimed.
const SEVERAL_URLS: &str = "sources claim several base URLs; choose one with `--only`";

/// The routing of one provider while its claims are confirmed. Only values of these claims are added to the routing.
pub(super) struct RoutingConfirmation<'c> {
    pub(super) after: ConfirmedRouting,
    /// The wire protocol for a new endpoint, as stated by the sources that claim `first_url`.
    api: Option<Api>,
    /// The base URL to confirm: the only selected claim or, if all selected claims have the same host, the base URL that the sources prefer.
    first_url: Option<&'c str>,
    /// Whether a source currently claims a base URL that was confirmed before.
    still_claimed: bool,
    /// Whether a source currently claims a wire protocol that was confirmed before.
    protocol_still_claimed: bool,
}

impl<'c> RoutingConfirmation<'c> {
    /// Starts to confirm `claims` about the provider `id`. If the base URLs in `claims` and `rivals` have several hosts, none is confirmed. `store` has
    /// all claims about the provider.
    pub(super) fn new(id: &str, before: &ConfirmedRouting, claims: &[&'c HeldFact], rivals: &[&'c HeldFact], store: &Store) -> Self {
        let of = |route: RoutingFact| move |fact: &&&HeldFact| fact.fact == route;
        let urls = |claims: &[&'c HeldFact]| claims.iter().filter(of(RoutingFact::BaseUrl)).map(|fact| fact.value.as_str()).collect();
        let (urls, rivals): (Vec<&str>, Vec<&str>) = (urls(claims), urls(rivals));
        let stated = store.claimed_provider(id, None);
        let is_preferred = |url: &&str| stated.endpoints.first().is_some_and(|endpoint| endpoint.base_url == **url);
        let origins: BTreeSet<_> = urls.iter().chain(&rivals).map(|url| url_origin(url).unwrap_or_else(|| (*url).to_owned())).collect();
        let first_url = match urls[..] {
            // Only a person can decide which of several hosts gets the key.
            _ if origins.len() > 1 => None,
            [only] => Some(only),
            _ => urls.iter().copied().find(is_preferred),
        };
        // The protocol determines the header of the key, so it is taken only from sources that claim this URL.
        let chosen = store.claimed_provider(id, first_url).endpoints.into_iter().next();
        let mut after = before.clone();
        if after.auth.is_empty() {
            let names: Vec<String> = claims.iter().filter(of(RoutingFact::Env)).map(|fact| fact.value.clone()).collect();
            let is_usable = |url: &&str| chosen.is_some() && is_valid_base_url(url);
            let url = first_url.filter(is_usable).or(before.endpoints.first().map(|endpoint| endpoint.base_url.as_str()));
            after.auth.extend(entries::infer_auth(&names, url.unwrap_or_default()).or_else(|| entries::infer_auth(&names, "")));
        }
        let all = store.routing_claims(id);
        let still_claimed = |route| all.iter().any(|fact| fact.fact == route && fact.is_confirmed_by(before));
        Self {
            after,
            api: chosen.map(|endpoint| endpoint.api),
            first_url,
            still_claimed: still_claimed(RoutingFact::BaseUrl),
            protocol_still_claimed: store.claimed_protocols(id).iter().any(|api| before.allows_protocol(api)),
        }
    }

    /// Confirms one claim. Returns a note for the user, which may be empty. The error is the reason why `routing.yaml` has to be edited by hand.
    pub(super) fn confirm(&mut self, fact: &HeldFact) -> Result<String, String> {
        match fact.fact {
            _ if fact.is_confirmed_by(&self.after) => Ok(String::new()),
            RoutingFact::BaseUrl => self.base_url(&fact.value),
            RoutingFact::Env => self.variable(&fact.value),
            RoutingFact::Api => self.protocol(&fact.value),
        }
    }

    fn base_url(&mut self, url: &str) -> Result<String, String> {
        let endpoint = match &self.after.endpoints[..] {
            [] if self.first_url != Some(url) => return Err(SEVERAL_URLS.to_owned()),
            [] => new_endpoint(url, self.api.ok_or("the wire protocol of the base URL is unknown")?),
            [_] if self.still_claimed => {
                return Err("the provider already has a confirmed base URL, which sources still claim".to_owned());
            }
            [_] if self.first_url != Some(url) => return Err(SEVERAL_URLS.to_owned()),
            [only] => Endpoint { base_url: url.to_owned(), ..only.clone() },
            _ => {
                return Err(
                    "the provider has several endpoints, and the claim does not state to which endpoint the base URL belongs".to_owned()
                );
            }
        };
        let mut after = ConfirmedRouting { endpoints: vec![endpoint], ..self.after.clone() };
        for name in variables_in(url) {
            let declares = |auth: &Auth| auth.variables.iter().any(|variable| variable.env.iter().any(|known| known == name));
            if after.auth.iter().any(declares) {
                continue;
            }
            // `Judge` has refused variables of unknown roles and API keys.
            let Some(role) = entries::variable_role(name) else { continue };
            let Some(auth) = after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey) else {
                return Err("the provider has no authentication method with an API key".to_owned());
            };
            auth.variables.push(Variable { env: vec![name.to_owned()], role, optional: false, default: None });
        }
        if !after.allows_url(url) {
            return Err("the value is not a plain base URL, or contains an API key".to_owned());
        }
        let replaced = std::mem::replace(&mut self.after, after).endpoints;
        Ok(match (replaced.first(), self.api) {
            (Some(replaced), _) => format!("this base URL replaces {old}", old = replaced.base_url),
            (None, Some(api)) => format!("its wire protocol is {api}"),
            (None, None) => String::new(),
        })
    }

    fn protocol(&mut self, api: &str) -> Result<String, String> {
        let Some(api) = Api::parse(api) else { return Err("the value is not a wire protocol".to_owned()) };
        match &mut self.after.endpoints[..] {
            [_] if self.protocol_still_claimed => {
                Err("the provider already has a confirmed wire protocol, which sources still claim".to_owned())
            }
            [only] => {
                let replaced = std::mem::replace(&mut only.api, api);
                // `compat` was confirmed for the previous protocol, and is unknown for the new protocol.
                only.compat = None;
                Ok(format!("this wire protocol replaces {replaced}"))
            }
            _ => Err("the provider has several endpoints, and the claim does not state which endpoint has this wire protocol".to_owned()),
        }
    }

    fn variable(&mut self, name: &str) -> Result<String, String> {
        let Some(role) = entries::variable_role(name) else {
            return Err("the name of the variable does not show whether its value is an API key, a region or something else".to_owned());
        };
        let Some(method) = self.after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey) else {
            return Err("the provider has no authentication method with an API key".to_owned());
        };
        match role {
            VariableRole::Secret => method.env.push(name.to_owned()),
            role => method.variables.push(Variable { env: vec![name.to_owned()], role, optional: true, default: None }),
        }
        Ok(String::new())
    }
}

/// An endpoint with a base URL and a protocol, and no other fields.
pub(super) fn new_endpoint(base_url: &str, api: Api) -> Endpoint {
    let base_url = base_url.to_owned();
    Endpoint { id: None, base_url, api, region: None, plan: None, headers: BTreeMap::new(), compat: None }
}
