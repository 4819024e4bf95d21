use super::common::*;
use crate::authored::{Endpoint, Provider};
use crate::lint::RoutedFolder;
use crate::route::{Addition, RoutesBelow, TakenName, Target, derived_message, route_variables, targets};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

const HELP: &str = "if this host may receive the key, add the host to your configuration with `modeldex config set trusted_hosts HOST...`; otherwise, \
                    remove this overlay";
const TRUSTED_HELP: &str = "if your host really uses this protocol, define the host as a separate provider, with a new id and a new variable; \
                            otherwise, remove this overlay";

pub(super) fn check(folder: &RoutedFolder<'_>, findings: &mut Findings) {
    let Some(below) = folder.below else { return };
    let mut seen = BTreeSet::new();
    for doc in folder.hand_written.providers.iter().chain(&folder.imported.providers).filter(|doc| seen.insert(doc.id.as_str())) {
        let Some(provider) = folder.resolved.providers.get(&doc.id).map(|resolved| &resolved.provider) else { continue };
        for (index, endpoint) in provider.endpoints.iter().enumerate() {
            let variables = variables(endpoint, provider, folder.user.references);
            for target in targets(endpoint, &provider.auth) {
                let is_trusted = folder.user.trusted_hosts.iter().any(|trusted| trusted.eq_ignore_ascii_case(&target.host));
                let route = OverlayRoute { below, id: &doc.id, provider, endpoint, target, variables: &variables };
                let (messages, help) = match is_trusted {
                    true => (Vec::from_iter(route.trusted_host()), TRUSTED_HELP),
                    false => (route.messages(), HELP),
                };
                for message in messages {
                    let place = folder.endpoint_place(&doc.id, index).unwrap_or(Place::file(doc.file));
                    findings.add(&codes::OVERLAY_ROUTE, place, message).help(help);
                }
            }
        }
    }
}

/// A place to which a provider of an overlay sends keys.
struct OverlayRoute<'r> {
    below: &'r RoutesBelow,
    /// The id of the provider.
    id: &'r str,
    provider: &'r Provider,
    endpoint: &'r Endpoint,
    target: Target,
    /// The variables that are sent to the endpoint, each with its own name and with the names of the variables whose values it has.
    variables: &'r [(&'r str, String)],
}

impl OverlayRoute<'_> {
    /// Reports a protocol with which tools send the key to another host than the trusted host in the base URL.
    fn trusted_host(&self) -> Option<String> {
        let Target { host, destination, .. } = &self.target;
        let (api, names) = (self.endpoint.api, self.variables.iter().map(|(_, name)| name.as_str()));
        let owner = self.below.moved_by_protocol(self.id, api, names, destination)?;
        Some(format!(
            "this overlay sends keys of the provider `{owner}` to `{host}` with the protocol `{api}`; you trust this host, but with this protocol, some \
             tools ignore the base URL, and send the key to a host that they derive themselves"
        ))
    }

    /// Reports everything that sends a key to a host to which the catalog does not send it.
    fn messages(&self) -> Vec<String> {
        let mut messages = Vec::new();
        let moved = self.variables_of_others(&mut messages);
        messages.extend(self.additions());
        messages.extend(self.names_of_others());
        messages.extend(self.requests(&moved));
        messages.extend(moved.into_iter().map(|(owner, names)| {
            let (value, variable) = if names.len() == 1 { ("value", "variable") } else { ("values", "variables") };
            format!(
                "this overlay sends the {value} of the {variable} {names} of the provider `{owner}` to `{new}`; the catalog sends the {value} to {old}",
                names = names.join(", "),
                new = self.new_place(owner),
                old = self.old_hosts(owner)
            )
        }));
        messages
    }

    /// Reports variables that belong to no provider, but that this provider must not send to the host. Returns the variables of providers of the catalog
    /// that the catalog does not send to the host, by provider.
    fn variables_of_others(&self, messages: &mut Vec<String>) -> BTreeMap<&str, Vec<String>> {
        let (id, Target { host, destination, .. }) = (self.id, &self.target);
        // An absent provider is reported once, with its id.
        let is_reported = |owner: &str| owner == id && self.below.is_absent(id);
        let mut moved: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (variable, name) in self.variables {
            let shown = if name == variable { format!("`{name}`") } else { format!("`{name}` (in `{variable}`)") };
            if let Some(owner) = self.below.owner_elsewhere(name, destination, id) {
                if !is_reported(owner) {
                    moved.entry(owner).or_default().push(shown);
                }
            } else if let Some(owner) = self.below.namesake_elsewhere(name, destination, id).filter(|owner| !is_reported(owner)) {
                messages.push(format!(
                    "this overlay sends the value of the variable {shown} to `{host}`; the name begins like the variables of the provider \
                     `{owner}`, and the catalog sends requests of `{owner}` to {old}",
                    old = self.old_hosts(owner)
                ));
            } else if let Some(reason) = self.below.reservation(name, destination, id) {
                messages.push(format!("this overlay sends the value of the variable {shown} of the provider `{id}` to `{host}`; {reason}"));
            }
        }
        moved
    }

    /// Reports headers, places of the key and protocols that the catalog does not use for the host.
    fn additions(&self) -> impl Iterator<Item = String> {
        let Target { host, destination, .. } = &self.target;
        self.below.new_additions(self.endpoint, &self.provider.auth, destination).into_iter().map(move |addition| match addition {
            Addition::Header(name, _) => format!(
                "this overlay adds the header `{name}` to requests to `{host}`; the catalog does not send this header, and a gateway may \
                 forward the key to a host that a header names"
            ),
            Addition::KeyInHeader(name, scheme) => {
                let scheme = scheme.map_or_else(String::new, |word| format!(" after the word `{word}`"));
                format!("this overlay sends the key to `{host}` in the header `{name}`{scheme}; the catalog does not send the key in this way")
            }
            Addition::KeyInQuery(name) => format!(
                "this overlay sends the key to `{host}` in the query parameter `{name}`; the catalog does not send the key in this way, and URLs \
                 are written to logs"
            ),
            Addition::Protocol(api) => format!(
                "this overlay uses the protocol `{api}` for `{host}`, but the catalog does not; with this protocol, some tools ignore the \
                 base URL, and send the key to a host that they derive themselves"
            ),
        })
    }

    /// Reports names of the provider that belong to another provider, and a key variable of another provider that tools derive from the id.
    fn names_of_others(&self) -> Vec<String> {
        let (id, below, Target { host, destination, .. }) = (self.id, self.below, &self.target);
        let mut messages = Vec::new();
        for TakenName { name, owner, is_same } in below.taken_names(id, self.provider, destination) {
            let old = self.old_hosts(owner);
            messages.extend(match is_same {
                _ if below.is_absent(owner) => self.known_to_tools(name),
                true => Some(format!(
                    "in this overlay, `{name}` names the provider `{id}`, whose host is `{host}`; in the catalog, `{name}` belongs to the \
                     provider `{owner}`, and requests for `{name}` go to {old}"
                )),
                false => Some(format!(
                    "in this overlay, `{name}` names the provider `{id}`, whose host is `{host}`; some tools do not distinguish `{name}` \
                     from a name of the provider `{owner}`, and the catalog sends requests of `{owner}` to {old}"
                )),
            });
        }
        if let Some((variable, owner)) = below.derived_variable(id, &self.provider.auth, destination) {
            let (message, old) = (derived_message(id, &variable, owner), self.old_hosts(owner));
            messages.push(format!(
                "{message}; with this overlay, these tools send the value of the variable to `{host}`, but the catalog sends it to {old}"
            ));
        }
        messages
    }

    /// Reports requests of a known provider that go to a new host, unless one of its variables in `moved` is reported. A key of the option `--api-key`
    /// belongs to the provider, whatever its variables are.
    fn requests(&self, moved: &BTreeMap<&str, Vec<String>>) -> Option<String> {
        let id = self.id;
        if self.below.is_absent(id) {
            return self.known_to_tools(id);
        }
        let is_moved = self.below.is_elsewhere(id, &self.target.destination) && !moved.contains_key(id);
        let (new, old) = (self.new_place(id), self.old_hosts(id));
        is_moved.then(|| format!("this overlay sends requests of the provider `{id}` to `{new}`; the catalog sends them to {old}"))
    }

    /// Reports a name of a provider that the catalog does not contain, unless the host is local: the rule `base-url` allows `http:` only for loopback
    /// addresses, and keys that are sent there stay on the machine.
    fn known_to_tools(&self, name: &str) -> Option<String> {
        let Target { host, url, .. } = &self.target;
        (!url.starts_with("http:")).then(|| {
            format!(
                "this overlay sends requests of the provider `{name}` to `{host}`; the catalog does not contain this provider, but some tools do, \
                 and these tools would send their key for `{name}` to `{host}`"
            )
        })
    }

    /// Returns the host, or the whole base URL if `owner` already has the host: two URLs with the same host may have different accounts in their paths.
    fn new_place(&self, owner: &str) -> &str {
        if self.below.hosts(owner).contains(&self.target.host) { &self.target.url } else { &self.target.host }
    }

    /// Describes the hosts to which the catalog sends requests of `owner`.
    fn old_hosts(&self, owner: &str) -> String {
        match self.below.hosts(owner) {
            [] => "no host".to_owned(),
            hosts => format!("`{}`", hosts.join("`, `")),
        }
    }
}

/// Returns the variables that are sent to an endpoint, each with its own name and with the names of the variables whose values it has.
fn variables<'p>(endpoint: &'p Endpoint, provider: &'p Provider, references: fn(&str) -> Vec<String>) -> Vec<(&'p str, String)> {
    let names = |name: &'p str| iter::once(name.to_owned()).chain(references(name)).map(move |read| (name, read));
    route_variables(endpoint, &provider.auth).into_iter().flat_map(names).collect()
}

#[cfg(test)]
mod tests;
