//! The routes of a catalog below an overlay, for the rule `overlay-route`.

use super::names::{derived_variable, distinct_part, is_of_service, owner_name, possible_owners};
use super::{Target, credentials, route_variables, targets};
use crate::authored::held::{HeldFacts, RoutingFact};
use crate::authored::routing::SharedVariables;
use crate::authored::{Auth, Endpoint, Provider};
use crate::resolve;
use modeldex_table::Api;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::iter;

/// The hosts to which a catalog sends the value of each variable, before an overlay is applied.
#[derive(Default)]
pub(crate) struct RoutesBelow {
    /// The providers that send a variable and the places to which they send it, by the name of the variable in upper case.
    senders: Senders,
    /// The same by the [`distinct_part`] of the [`owner_name`] of credential variables, and of the ids and aliases of the providers.
    senders_by_owner_name: Senders,
    /// The hosts of each provider, in the order of its endpoints.
    hosts: HashMap<String, Vec<String>>,
    /// The places to which each provider sends requests.
    destinations: HashMap<String, BTreeSet<String>>,
    /// What the catalog adds to requests, by destination.
    additions: HashSet<(String, Addition)>,
    /// The providers that have each name, an id or an alias, in lower case.
    names: HashMap<String, BTreeSet<String>>,
    /// The same, by the [`distinct_part`] of each name.
    similar_names: HashMap<String, BTreeSet<String>>,
    /// The protocols that each provider uses and for which some tools derive the host themselves.
    derived_hosts: HashSet<(String, Api)>,
    /// The ids of the providers that sources list, but the catalog does not contain.
    absent: HashSet<String>,
    /// The variables that only the listed providers may read.
    shared: SharedVariables,
}

impl RoutesBelow {
    /// Adds the routes of the catalog below an overlay. `shared` has the `shared_variables` of the catalog; compiled tables do not contain them.
    /// Routes that were added before stay, so that an overlay cannot release a variable or a name for the next overlay.
    pub(crate) fn add(&mut self, resolved: &resolve::Resolved, shared: &SharedVariables) {
        self.shared.clone_from(shared);
        for (id, found) in &resolved.providers {
            let provider = &found.provider;
            for name in iter::once(id).chain(provider.aliases.iter().map(|alias| &alias.id)) {
                self.add_name(name, id);
            }
            // A variable belongs to its provider even if the provider has no confirmed base URL.
            for (name, _) in provider.auth.iter().flat_map(credentials) {
                self.add_sender(name, id, None);
            }
            for endpoint in &provider.endpoints {
                if endpoint.api.has_derived_host() {
                    self.derived_hosts.insert((id.clone(), endpoint.api));
                }
                let targets = targets(endpoint, &provider.auth);
                for Target { host, .. } in &targets {
                    let hosts = self.hosts.entry(id.clone()).or_default();
                    if !hosts.contains(host) {
                        hosts.push(host.clone());
                    }
                }
                let known = targets.into_iter().flat_map(|target| [target.destination, target.default_destination]);
                for destination in known.collect::<BTreeSet<_>>() {
                    for name in route_variables(endpoint, &provider.auth) {
                        self.add_sender(name, id, Some(&destination));
                    }
                    for name in iter::once(id).chain(provider.aliases.iter().map(|alias| &alias.id)) {
                        let senders = self.senders_by_owner_name.entry(distinct_part(name)).or_default();
                        senders.entry(id.clone()).or_default().insert(destination.clone());
                    }
                    self.additions.extend(additions(endpoint, &provider.auth).map(|addition| (destination.clone(), addition)));
                    self.destinations.entry(id.clone()).or_default().insert(destination);
                }
            }
        }
    }

    /// Adds the variables that sources claim for providers, and the names of absent providers. A claim about a variable that already belongs to a
    /// provider is ignored, because nobody has confirmed the claim.
    pub(crate) fn add_held(&mut self, held: &HeldFacts) {
        let claimed = held.held.iter().filter(|fact| fact.fact == RoutingFact::Env).map(|fact| (&fact.value, &fact.provider));
        let absent = held.absent.iter().flat_map(|absent| absent.env.iter().map(|name| (name, &absent.id)));
        let is_unowned = |(name, _): &(&String, &String)| !self.senders.contains_key(&name.to_ascii_uppercase());
        let unowned: Vec<_> = claimed.chain(absent).filter(is_unowned).collect();
        for (name, provider) in unowned {
            self.add_sender(name, provider, None);
            let known: Vec<String> = self.destinations.get(provider).into_iter().flatten().cloned().collect();
            known.iter().for_each(|destination| self.add_sender(name, provider, Some(destination)));
        }
        for absent in &held.absent {
            absent.names().for_each(|name| self.add_name(name, &absent.id));
            self.absent.insert(absent.id.clone());
        }
    }

    /// Adds an id or an alias of the provider `id`.
    fn add_name(&mut self, name: &str, id: &str) {
        self.names.entry(name.to_ascii_lowercase()).or_default().insert(id.to_owned());
        self.similar_names.entry(distinct_part(name)).or_default().insert(id.to_owned());
        self.senders_by_owner_name.entry(distinct_part(name)).or_default().entry(id.to_owned()).or_default();
    }

    /// Adds the variables whose values the variables of the catalog have. `references` returns these variables for the name of a variable.
    pub(crate) fn add_references(&mut self, references: fn(&str) -> Vec<String>) {
        let referenced = |(name, owners): (&String, &BTreeMap<String, BTreeSet<String>>)| {
            let owners: Vec<_> = owners.iter().map(|(id, destinations)| (id.clone(), destinations.clone())).collect();
            references(name).into_iter().map(move |other| (other, owners.clone())).collect::<Vec<_>>()
        };
        let all: Vec<_> = self.senders.iter().flat_map(referenced).collect();
        for (name, (id, destinations)) in
            all.into_iter().flat_map(|(name, owners)| owners.into_iter().map(move |owner| (name.clone(), owner)))
        {
            self.add_sender(&name, &id, None);
            destinations.iter().for_each(|destination| self.add_sender(&name, &id, Some(destination)));
        }
    }

    fn add_sender(&mut self, name: &str, id: &str, destination: Option<&String>) {
        let add = |all: &mut Senders, name| {
            all.entry(name).or_default().entry(id.to_owned()).or_default().extend(destination.cloned());
        };
        add(&mut self.senders, name.to_ascii_uppercase());
        if let Some(owner) = owner_name(name) {
            add(&mut self.senders_by_owner_name, distinct_part(&owner));
        }
    }

    /// Returns the names (the id and the aliases) of a provider of an overlay that belong to another provider in the catalog, or that some tools do not
    /// distinguish from such a name. A name is not returned if the other provider sends requests to `destination`.
    pub(crate) fn taken_names<'n>(&'n self, id: &'n str, provider: &'n Provider, destination: &str) -> Vec<TakenName<'n>> {
        let owner = |owners: Option<&'n BTreeSet<String>>| {
            let owners = owners?;
            let is_elsewhere = !owners.contains(id) && owners.iter().all(|owner| self.is_elsewhere(owner, destination));
            owners.first().filter(|_| is_elsewhere).map(String::as_str)
        };
        let taken = |name: &'n str| {
            let same = self.names.get(&name.to_ascii_lowercase());
            let owner = owner(same.or_else(|| self.similar_names.get(&distinct_part(name))))?;
            Some(TakenName { name, owner, is_same: same.is_some() })
        };
        iter::once(id).chain(provider.aliases.iter().map(|alias| alias.id.as_str())).filter_map(taken).collect()
    }

    /// Some tools derive the name of the key variable from the id of a provider. Returns this variable for the provider `id` of an overlay, and its
    /// owner, if the owner is another provider that sends no requests to `destination`.
    pub(crate) fn derived_variable(&self, id: &str, auth: &[Auth], destination: &str) -> Option<(String, &str)> {
        let name = derived_variable(id);
        let is_known = self.destinations.get(id).is_some_and(|known| known.contains(destination));
        if is_known || auth.iter().flat_map(credentials).any(|(own, _)| own == name) {
            return None;
        }
        let senders = self.senders.get(&name)?;
        let is_elsewhere = !senders.contains_key(id) && !senders.values().any(|to| to.contains(destination));
        senders.keys().next().filter(|_| is_elsewhere).map(|owner| (name, owner.as_str()))
    }

    /// Returns whether the catalog or a source has `provider`, but the catalog sends no requests of this provider to `destination`.
    pub(crate) fn is_elsewhere(&self, provider: &str, destination: &str) -> bool {
        let is_known = || self.names.get(&provider.to_ascii_lowercase()).is_some_and(|ids| ids.contains(provider));
        self.destinations.get(provider).map_or_else(is_known, |known| !known.contains(destination))
    }

    /// Returns whether sources list `provider`, but the catalog does not contain it.
    pub(crate) fn is_absent(&self, provider: &str) -> bool {
        self.absent.contains(provider) && !self.destinations.contains_key(provider)
    }

    /// Returns why `provider` must not send the value of the variable `name`, which belongs to no provider, to `destination`. Returns `None` if
    /// `provider` may send it.
    pub(crate) fn reservation(&self, name: &str, destination: &str, provider: &str) -> Option<&'static str> {
        if self.senders.get(&name.to_ascii_uppercase()).is_some_and(|known| known.values().any(|to| to.contains(destination))) {
            return None;
        }
        let listed = self.shared.iter().filter(|(listed, _)| listed.eq_ignore_ascii_case(name)).map(|(_, ids)| ids).collect::<Vec<_>>();
        match &listed[..] {
            [] => is_of_service(name).then_some("the variable may contain a key for another service"),
            lists if lists.iter().all(|ids| ids.iter().any(|id| id == provider)) => None,
            _ => Some("`shared_variables` of the catalog does not list the provider for this variable"),
        }
    }

    /// Returns what `endpoint` adds to requests to `destination`, but the catalog does not add: headers, the key in an unusual place, and protocols. The result
    /// is empty if the catalog sends no requests to `destination`. Some gateways forward a request, with its key, to a host that a header names, and
    /// URLs are written to logs.
    pub(crate) fn new_additions(&self, endpoint: &Endpoint, auth: &[Auth], destination: &str) -> Vec<Addition> {
        if !self.destinations.values().any(|known| known.contains(destination)) {
            return Vec::new();
        }
        additions(endpoint, auth).filter(|addition| !self.additions.contains(&(destination.to_owned(), addition.clone()))).collect()
    }

    /// If no provider sends the value of the variable `name` to `destination`, returns a provider that sends the value to another place: `preferred`,
    /// if it does, otherwise the first one.
    pub(crate) fn owner_elsewhere(&self, name: &str, destination: &str, preferred: &str) -> Option<&str> {
        first_elsewhere(self.senders.get(&name.to_ascii_uppercase())?, destination, preferred)
    }

    /// Does the same as [`owner_elsewhere`](Self::owner_elsewhere) for a variable that belongs to no provider: returns a provider whose variables
    /// have names that begin like `name`.
    pub(crate) fn namesake_elsewhere(&self, name: &str, destination: &str, preferred: &str) -> Option<&str> {
        if self.senders.contains_key(&name.to_ascii_uppercase()) {
            return None;
        }
        let senders = possible_owners(name).iter().find_map(|owner| self.senders_by_owner_name.get(owner))?;
        first_elsewhere(senders, destination, preferred)
    }

    /// Returns the provider of the catalog whose keys some tools send to a host that they derive themselves, because an endpoint of the provider `id` of
    /// an overlay has the protocol `api`, but the endpoints of the provider of the catalog do not. Returns `None` if there is no such provider.
    pub(crate) fn moved_by_protocol<'s>(
        &'s self,
        id: &str,
        api: Api,
        variables: impl IntoIterator<Item = &'s str>,
        destination: &str,
    ) -> Option<&'s str> {
        if !api.has_derived_host() {
            return None;
        }
        let of_variable = |name| self.owner_elsewhere(name, destination, id).or_else(|| self.namesake_elsewhere(name, destination, id));
        let (own, _) = self.hosts.get_key_value(id).unzip();
        let own = own.map(String::as_str).filter(|own| self.is_elsewhere(own, destination));
        let mut owners = own.into_iter().chain(variables.into_iter().filter_map(of_variable));
        owners.find(|owner| !self.derived_hosts.contains(&((*owner).to_owned(), api)))
    }

    /// Returns the hosts of a provider.
    pub(crate) fn hosts(&self, provider: &str) -> &[String] {
        self.hosts.get(provider).map_or(&[], Vec::as_slice)
    }
}

/// A name of a provider of an overlay that belongs to another provider.
pub(crate) struct TakenName<'n> {
    /// The id or alias.
    pub(crate) name: &'n str,
    /// The id of the other provider.
    pub(crate) owner: &'n str,
    /// Whether the other provider has this name, and not only a similar one.
    pub(crate) is_same: bool,
}

/// Returns `preferred`, or else the first provider, if none of `senders` sends the variable to `destination`.
fn first_elsewhere<'s>(senders: &'s BTreeMap<String, BTreeSet<String>>, destination: &str, preferred: &str) -> Option<&'s str> {
    if senders.values().any(|known| known.contains(destination)) {
        return None;
    }
    senders.get_key_value(preferred).or_else(|| senders.first_key_value()).map(|(id, _)| id.as_str())
}

/// Providers, each with the places to which it sends a variable, by the name of the variable.
type Senders = HashMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Something that an endpoint adds to a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Addition {
    /// A header with this name in lower case, and this value.
    Header(String, String),
    /// The key in the header with this name in lower case, after this word.
    KeyInHeader(String, Option<String>),
    /// The key in this query parameter.
    KeyInQuery(String),
    /// Requests in this wire protocol, for which some tools derive the host themselves.
    Protocol(Api),
}

/// Returns what an endpoint adds to requests, except for the key in the header of the wire protocol.
fn additions<'e>(endpoint: &'e Endpoint, auth: &'e [Auth]) -> impl Iterator<Item = Addition> + 'e {
    let headers = endpoint.headers.iter().map(|(name, value)| Addition::Header(name.to_ascii_lowercase(), value.clone()));
    let in_header =
        auth.iter().filter_map(|auth| Some(Addition::KeyInHeader(auth.header.as_ref()?.to_ascii_lowercase(), auth.scheme.clone())));
    let in_query = auth.iter().filter_map(|auth| auth.query.clone().map(Addition::KeyInQuery));
    let protocol = endpoint.api.has_derived_host().then_some(Addition::Protocol(endpoint.api));
    headers.chain(in_header).chain(in_query).chain(protocol)
}
