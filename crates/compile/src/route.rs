//! The rules about the route of a key: the base URLs to which a provider's keys are sent, and the environment variables from which they are read.
//!
//! The lint rules `base-url`, `base-url-credential`, `base-url-variable` and `shared-variable` report violations in catalog files. [`judge_route`]
//! applies the same rules to a route that is not written yet, such as one that `modeldex confirm` is about to write.

use crate::authored::routing::{ConfirmedRouting, SharedVariables, variables_in};
use crate::authored::{Auth, Endpoint, Provider};
use crate::codes::{self, Rule};
use crate::finding::Place;
use crate::lint::RoutedFolder;
use crate::lint::rules::base_url;
use crate::{decode, resolve};
use modeldex_table::{Catalog, VariableRole};
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod below;
mod names;
mod targets;

pub(crate) use below::{Addition, RoutesBelow, TakenName};
pub(crate) use names::is_credential_name;
pub use names::named_after;
use names::{ADDRESS_WORDS, derived_variable, is_address_name, is_of_service, owner_name};
pub(crate) use targets::{
    CONFLICTING_DEFAULTS_HELP, DEFAULT_HELP, Target, conflicting_defaults, conflicting_defaults_message, is_address_default, targets,
};
use targets::{alternatives, destinations, known_destinations};

/// The help for a provider that reads a variable of another provider.
pub(crate) const SHARED_HELP: &str = "state a variable that belongs only to this provider; if one company runs both providers and accepts the same key, \
                                      list the variable with the ids of both providers under `shared_variables` in `routing.yaml`";

/// The settings of a user for the rule `overlay-route`.
#[derive(Clone, Copy, Debug)]
pub struct UserRoutes<'u> {
    /// Hosts that may receive the keys of known providers. A host is written as in the base URL. If the base URL has a port,
    /// the host has this port too.
    pub trusted_hosts: &'u [String],
    /// Function that takes the name of a variable, and returns the names of the variables that its value refers to. For example, the value
    /// `${OPENAI_API_KEY}` refers to `OPENAI_API_KEY`.
    pub references: fn(&str) -> Vec<String>,
}

impl Default for UserRoutes<'_> {
    /// Returns settings with no trusted hosts and no references.
    fn default() -> Self {
        Self { trusted_hosts: &[], references: |_| Vec::new() }
    }
}

/// A violation of one of the rules that state to which hosts the API key of a provider may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteFault {
    /// The code of the violated rule, such as `shared-variable`.
    pub code: &'static str,
    /// The part of the route that violates the rule.
    pub part: RoutePart,
    /// What is wrong, in one sentence without a full stop. The message contains no value of a variable.
    pub message: String,
    /// What to change.
    pub help: String,
}

/// A part of a route. The route of a provider consists of its endpoints and authentication methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutePart {
    /// The base URL of the endpoint with this index.
    BaseUrl(usize),
    /// The environment variable with this name, which the authentication method with the index `auth` lists.
    Variable {
        /// Index of the authentication method.
        auth: usize,
        /// Name of the variable.
        name: String,
    },
}

/// Judges a planned route of the provider `provider` before it is written. If `catalog` already has a route of this provider, that route is ignored.
///
/// `route` states the endpoints and authentication methods. `catalog` has the other providers. Their keys must not be sent to the hosts of
/// `provider`, except as `shared` allows. Returns all violations; the result is empty if the route may be written.
#[must_use]
pub fn judge_route(provider: &str, route: &ConfirmedRouting, catalog: &Catalog<'_>, shared: &SharedVariables) -> Vec<RouteFault> {
    let others: Vec<(&str, Vec<Endpoint>, Vec<Auth>)> = catalog
        .providers()
        .filter(|other| other.id() != provider)
        .map(|other| (other.id(), other.endpoints().map(decode::endpoint).collect(), other.auth().map(decode::auth).collect()))
        .collect();
    let owners = VariableOwners::new(others.iter().map(|(id, endpoints, auth)| (*id, &**endpoints, &**auth)));
    let known = KnownRoutes::new(owners, shared);
    let mut faults = Vec::new();
    for (index, endpoint) in route.endpoints.iter().enumerate() {
        let mut add = |rule: &'static Rule, message, help| {
            faults.push(RouteFault { code: rule.code, part: RoutePart::BaseUrl(index), message, help });
        };
        if let Err(error) = base_url::validate(&endpoint.base_url) {
            add(&codes::BASE_URL, error.message, error.help.to_owned());
        }
        for name in variables_in(&endpoint.base_url).collect::<BTreeSet<_>>() {
            if let Some((message, help)) = known.owners.credential_in_url(name, &route.auth) {
                add(&codes::BASE_URL_CREDENTIAL, message, help);
            } else if !declared_variables(&route.auth).any(|declared| declared == name) {
                let message = format!("the base URL contains the variable `${{{name}}}`, which `auth` does not declare");
                add(
                    &codes::BASE_URL_VARIABLE,
                    message,
                    format!("declare the variable in `auth`: `variables: [{{env: [{name}], role: …}}]`"),
                );
            }
        }
    }
    let derived = derived_variable(provider);
    if !route.auth.iter().flat_map(credentials).any(|(own, _)| own == derived)
        && let Some(Conflict::Owner(owner)) = known.conflict(provider, &route.endpoints, &route.auth, &derived)
        && !route.endpoints.is_empty()
    {
        faults.push(RouteFault {
            code: codes::SHARED_VARIABLE.code,
            part: RoutePart::BaseUrl(0),
            message: derived_message(provider, &derived, owner),
            help: "in `provider-map.yaml`, choose another id for the provider".to_owned(),
        });
    }
    for (name, auth, _) in conflicting_defaults(&route.auth) {
        faults.push(RouteFault {
            code: codes::BASE_URL_VARIABLE.code,
            part: RoutePart::Variable { auth, name: name.to_owned() },
            message: conflicting_defaults_message(name),
            help: CONFLICTING_DEFAULTS_HELP.to_owned(),
        });
    }
    for (auth, method) in route.auth.iter().enumerate() {
        for variable in method.variables.iter().filter(|variable| !is_address_default(variable, &route.endpoints)) {
            let name = variable.env.first().cloned().unwrap_or_default();
            faults.push(RouteFault {
                code: codes::BASE_URL_VARIABLE.code,
                message: format!("the default of the variable `{name}` is not a valid part of a base URL"),
                help: DEFAULT_HELP.to_owned(),
                part: RoutePart::Variable { auth, name },
            });
        }
        for (name, _) in credentials(method) {
            if let Some(conflict) = known.conflict(provider, &route.endpoints, &route.auth, name) {
                let part = RoutePart::Variable { auth, name: name.to_owned() };
                faults.push(RouteFault {
                    code: codes::SHARED_VARIABLE.code,
                    part,
                    message: conflict.message(provider, name),
                    help: SHARED_HELP.to_owned(),
                });
            }
        }
    }
    faults
}

/// The credential variables of all providers of a catalog, and the variables that providers may share.
pub(crate) struct KnownRoutes<'r> {
    owners: VariableOwners<'r>,
    shared: &'r SharedVariables,
}

/// The providers to which the credential variables of a catalog belong.
pub(crate) struct VariableOwners<'r> {
    /// By the name of the variable in upper case.
    by_name: HashMap<String, Owners<'r>>,
    /// By the [`owner_name`] of the variable.
    by_owner_name: HashMap<String, Owners<'r>>,
}

/// The providers that own a variable, by the destinations to which they send it. Of the providers with the same destinations, only the first two are
/// kept, so that a catalog in which all providers share a variable takes no quadratic time.
type Owners<'r> = BTreeMap<BTreeSet<String>, Vec<&'r str>>;

/// Why a provider may not read a credential variable.
pub(crate) enum Conflict<'r> {
    /// The variable belongs to this provider, which does not send it to the same hosts.
    Owner(&'r str),
    /// The variable belongs to no provider, but its name begins like the variables of this other provider, which has different hosts.
    NamedLike(&'r str),
    /// The variable has the name of a service that does not serve models, such as `GITHUB_TOKEN`, or a name that any service could use.
    Service,
    /// `shared_variables` lists the providers that may read the variable, and the provider is not in this list.
    NotListed(&'r [String]),
}

impl<'r> KnownRoutes<'r> {
    pub(crate) const fn new(owners: VariableOwners<'r>, shared: &'r SharedVariables) -> Self {
        Self { owners, shared }
    }

    /// Returns why `provider` must not read the credential variable `name`, whose value would be sent to `endpoints`. `auth` has the authentication
    /// methods of the provider. Returns `None` if the provider may read the variable.
    pub(crate) fn conflict(&self, provider: &str, endpoints: &[Endpoint], auth: &[Auth], name: &str) -> Option<Conflict<'_>> {
        if let Some(listed) = self.shared.get(name) {
            return (!listed.iter().any(|id| id == provider)).then_some(Conflict::NotListed(listed));
        }
        let destinations = destinations(endpoints, auth);
        let elsewhere = |owners: &Owners<'r>| {
            let elsewhere = owners.iter().filter(|(known, _)| !destinations.is_subset(known));
            elsewhere.flat_map(|(_, owners)| owners).find(|owner| **owner != provider).copied()
        };
        if let Some(owners) = self.owners.by_name.get(&name.to_ascii_uppercase()) {
            return elsewhere(owners).map(Conflict::Owner);
        }
        if is_of_service(name) {
            return Some(Conflict::Service);
        }
        elsewhere(self.owners.by_owner_name.get(&owner_name(name)?)?).map(Conflict::NamedLike)
    }
}

impl<'r> VariableOwners<'r> {
    fn new(providers: impl IntoIterator<Item = (&'r str, &'r [Endpoint], &'r [Auth])>) -> Self {
        let mut all = Self { by_name: HashMap::new(), by_owner_name: HashMap::new() };
        for (id, endpoints, auth) in providers {
            let destinations = known_destinations(endpoints, auth);
            let add = |all: &mut HashMap<String, Owners<'r>>, name| {
                let owners = all.entry(name).or_default().entry(destinations.clone()).or_default();
                if owners.len() < 2 && !owners.contains(&id) {
                    owners.push(id);
                }
            };
            for name in auth.iter().flat_map(credentials).map(|(name, _)| name).collect::<BTreeSet<_>>() {
                add(&mut all.by_name, name.to_ascii_uppercase());
                if let Some(owner) = owner_name(name) {
                    add(&mut all.by_owner_name, owner);
                }
            }
        }
        all
    }

    pub(crate) fn of_resolved(resolved: &'r resolve::Resolved) -> Self {
        let route = |(id, found): (&'r String, &'r resolve::ResolvedProvider)| {
            (id.as_str(), found.provider.endpoints.as_slice(), found.provider.auth.as_slice())
        };
        Self::new(resolved.providers.iter().map(route))
    }

    /// Returns a message and a help if the variable `name` must not occur in a base URL, because it contains a credential or may contain one. `auth`
    /// has the authentication methods of the provider. If they list alternatives to the variable, the alternatives are judged too.
    pub(crate) fn credential_in_url(&self, name: &str, auth: &[Auth]) -> Option<(String, String)> {
        alternatives(name, auth).into_iter().find_map(|alternative| {
            let (reason, help) = self.credential_fault(alternative, auth)?;
            let subject = match alternative == name {
                true => format!("the base URL contains the variable `${{{name}}}`"),
                false => format!("as an alternative to the variable `${{{name}}}` in the base URL, `auth` lists `{alternative}`"),
            };
            Some((format!("{subject}, {reason}"), help))
        })
    }

    /// Returns why a variable must not occur in a base URL, and a help.
    fn credential_fault(&self, name: &str, auth: &[Auth]) -> Option<(String, String)> {
        let is_own = auth.iter().flat_map(credentials).any(|(own, _)| own == name);
        let owner = self.by_name.get(&name.to_ascii_uppercase()).and_then(|owners| owners.values().flatten().min());
        let reason = match owner {
            _ if is_own => "which contains a credential of the provider".to_owned(),
            Some(owner) => format!("which contains a credential of the provider `{owner}`"),
            None if is_credential_name(name) => "which is named like a credential".to_owned(),
            None if !is_address_name(name) => {
                let words = ADDRESS_WORDS.split(' ').map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                let help = format!(
                    "use a variable that is named after a part of the URL, such as `ACME_REGION`; the name must end with one of these words: {words}, \
                     `BASE_URL`"
                );
                return Some(("whose name does not end with a part of an address, such as `_HOST` or `_REGION`".to_owned(), help));
            }
            None => return None,
        };
        let help = "remove the variable from the URL, because URLs are written to logs; if the variable contains a key, list it in `auth` under `env`, and state `header` or \
                    `query` if the service expects the key in an unusual place";
        Some((reason, help.to_owned()))
    }
}

impl Conflict<'_> {
    pub(crate) fn message(&self, provider: &str, name: &str) -> String {
        match self {
            Self::Owner(owner) => {
                format!(
                    "the provider `{provider}` reads the variable `{name}`, which belongs to the provider `{owner}`; the two providers have different hosts"
                )
            }
            Self::NamedLike(owner) => format!(
                "the provider `{provider}` reads the variable `{name}`, whose name begins like the variables of the provider `{owner}`; the two providers have different hosts"
            ),
            Self::Service => {
                format!("the provider `{provider}` reads the variable `{name}`, which may contain a key for another service")
            }
            Self::NotListed([]) => {
                format!(
                    "the provider `{provider}` reads the variable `{name}`, but `routing.yaml` allows no provider to read this variable"
                )
            }
            Self::NotListed(listed) => format!(
                "the provider `{provider}` reads the variable `{name}`, which `shared_variables` allows only for {ids}",
                ids = listed.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

/// Returns the message about a variable of the provider `owner` from which tools would read the key of the provider `id`.
pub(crate) fn derived_message(id: &str, variable: &str, owner: &str) -> String {
    format!("some tools read the key of the provider `{id}` from the variable `{variable}`, which belongs to the provider `{owner}`")
}

/// Returns the variables whose values are sent to an endpoint: the credential variables, and the variables in its base URL.
pub(crate) fn route_variables<'e>(endpoint: &'e Endpoint, auth: &'e [Auth]) -> BTreeSet<&'e str> {
    let in_url = variables_in(&endpoint.base_url).flat_map(|name| alternatives(name, auth));
    auth.iter().flat_map(credentials).map(|(name, _)| name).chain(in_url).collect()
}

impl RoutedFolder<'_> {
    /// Returns the place of a part of an authentication method: `method` is the JSON pointer to the method, and `below` is the pointer from the
    /// method to the part, which may be empty. If the provider inherits its methods, returns the place of `extends`. Returns `None` if no file of
    /// this folder has the provider.
    pub(crate) fn auth_place(&self, provider: &str, method: &str, below: &str) -> Option<Place> {
        self.place(provider, |stated| !stated.auth.is_empty(), &format!("{method}{below}"))
    }

    /// Returns the place of the base URL of an endpoint of a provider. If the provider inherits its endpoints, returns the place of `auth` or
    /// `extends`.
    pub(crate) fn endpoint_place(&self, provider: &str, index: usize) -> Option<Place> {
        let docs = [self.hand_written, self.imported].map(|files| files.providers.iter().find(|doc| doc.id == provider));
        if docs.iter().flatten().any(|doc| !doc.value.endpoints.is_empty()) {
            return self.place(provider, |stated| !stated.endpoints.is_empty(), &format!("/endpoints/{index}/base_url"));
        }
        self.auth_place(provider, "/auth", "")
    }

    /// Returns the place at `pointer` in the first file of a provider that states the part, else that of `extends`.
    fn place(&self, provider: &str, states: impl Fn(&Provider) -> bool, pointer: &str) -> Option<Place> {
        let docs =
            || [self.hand_written, self.imported].into_iter().filter_map(|files| files.providers.iter().find(|doc| doc.id == provider));
        let stated = docs().find(|doc| states(&doc.value)).map(|doc| doc.at(pointer));
        stated.or_else(|| docs().next().map(|doc| doc.key("/extends")))
    }
}

/// Returns the credential variables of an authentication method, each with its JSON pointer relative to the method. A variable counts as a credential
/// because of its role or its name. The role alone does not decide, because a file can state any role for the variable of a key.
pub(crate) fn credentials(auth: &Auth) -> impl Iterator<Item = (&str, String)> {
    let keys = auth.env.iter().enumerate().map(|(at, name)| (name.as_str(), format!("/env/{at}")));
    keys.chain(auth.variables.iter().enumerate().flat_map(|(index, variable)| {
        let names = variable.env.iter().enumerate().filter(|(_, name)| is_credential_role(variable.role) || is_credential_name(name));
        names.map(move |(at, name)| (name.as_str(), format!("/variables/{index}/env/{at}")))
    }))
}

/// Returns the variables that authentication methods declare as parts of an address.
pub(crate) fn declared_variables(auth: &[Auth]) -> impl Iterator<Item = &str> {
    let variables = auth.iter().flat_map(|auth| &auth.variables).filter(|variable| !is_credential_role(variable.role));
    variables.flat_map(|variable| &variable.env).map(String::as_str)
}

const fn is_credential_role(role: VariableRole) -> bool {
    matches!(role, VariableRole::KeyId | VariableRole::Secret | VariableRole::SessionToken | VariableRole::File)
}

#[cfg(test)]
mod tests;
