//! The places to which endpoints send keys: base URLs with the defaults of their variables.

use super::is_credential_role;
use crate::authored::routing::{has_variable_in_path, is_unambiguous, url_origin, variables_in};
use crate::authored::{Auth, Endpoint, Variable};
use modeldex_table::VariableRole;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A place to which an endpoint sends keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// The origin of the base URL. If the path of the base URL has a variable, such as an account id, this is the whole base URL, because another
    /// path may belong to another account. A variable with a default stays, as `${NAME:-default}`, because its value may be another host. If `auth`
    /// lists several variables for a part of the URL, their names are appended, because in another order they may lead to another host.
    pub(crate) destination: String,
    /// The same with all defaults in place of their variables.
    pub(crate) default_destination: String,
    /// The host, with the port unless it is the default port of the scheme.
    pub(crate) host: String,
    /// The base URL.
    pub(crate) url: String,
}

/// Maximum number of targets of one endpoint. More of them require several defaults of one variable, which the rule `base-url-variable` refuses.
const MAX_TARGETS: usize = 64;

/// Returns the places to which the keys of a provider are sent.
pub(super) fn destinations(endpoints: &[Endpoint], auth: &[Auth]) -> BTreeSet<String> {
    endpoints.iter().flat_map(|endpoint| targets(endpoint, auth)).map(|target| target.destination).collect()
}

/// Returns the places to which another provider may send the keys of a provider, because the keys are sent to them already: also those with the
/// defaults in place of variables.
pub(super) fn known_destinations(endpoints: &[Endpoint], auth: &[Auth]) -> BTreeSet<String> {
    let targets = endpoints.iter().flat_map(|endpoint| targets(endpoint, auth));
    targets.flat_map(|target| [target.destination, target.default_destination]).collect()
}

/// Returns the places to which an endpoint sends keys. There are several places only if authentication methods state different defaults of a
/// variable.
pub(crate) fn targets(endpoint: &Endpoint, auth: &[Auth]) -> BTreeSet<Target> {
    let base_url = &endpoint.base_url;
    let alternatives = listed_alternatives(base_url, auth);
    let destination = |url: &str| {
        let origin = url_origin(url).filter(|_| is_unambiguous(url) && !has_variable_in_path(base_url));
        origin.unwrap_or_else(|| url.to_owned())
    };
    let origin = url_origin(base_url).unwrap_or_else(|| base_url.clone());
    let host = |scheme, port| origin.strip_prefix(scheme).map(|rest: &str| rest.strip_suffix(port).unwrap_or(rest));
    let host = host("https://", ":443").or_else(|| host("http://", ":80")).unwrap_or(&origin);
    let target = |defaults: BTreeMap<&str, &str>| {
        let replaced = |text: &str, value: &dyn Fn(&str, &str) -> String| {
            defaults.iter().fold(text.to_owned(), |text, (name, default)| text.replace(&format!("${{{name}}}"), &value(name, default)))
        };
        let marked = |text: &str| replaced(text, &|name, default| format!("${{{name}:-{default}}}"));
        let default_url = replaced(base_url, &|_, default| default.to_owned());
        Target {
            destination: marked(&destination(base_url)) + &alternatives,
            default_destination: destination(&default_url) + &alternatives,
            host: marked(host),
            url: marked(base_url),
        }
    };
    defaults_of_variables(base_url, auth).into_iter().map(target).collect()
}

/// Returns the defaults of the variables in a base URL, by name: once for each combination of the defaults that authentication methods state.
/// An overlay may change a default, so a default is part of the place to which keys are sent. Only the default of a region is left out, because all
/// regions belong to one service, unless the host ends with the region.
fn defaults_of_variables<'a>(base_url: &'a str, auth: &'a [Auth]) -> BTreeSet<BTreeMap<&'a str, &'a str>> {
    let positions = || variable_positions(base_url);
    let mut combinations = BTreeSet::from([BTreeMap::new()]);
    for name in variables_in(base_url).collect::<BTreeSet<_>>() {
        let is_last = positions().any(|(found, position)| found == name && position != Position::Path && position != Position::Inside);
        let defaults = defaults(name, auth, |variable| is_last || !is_region(name, variable));
        let extended = |known: &BTreeMap<&'a str, &'a str>| {
            let with =
                |default: &Option<&'a str>| known.iter().map(|(name, default)| (*name, *default)).chain(default.map(|text| (name, text)));
            defaults.iter().map(|default| with(default).collect()).collect::<Vec<_>>()
        };
        if !defaults.is_empty() {
            combinations = combinations.iter().flat_map(extended).take(MAX_TARGETS).collect();
        }
    }
    combinations
}

/// Returns the different defaults of the variable `name`; `None` stands for a declaration without a default.
fn defaults<'a>(name: &str, auth: &'a [Auth], is_counted: impl Fn(&Variable) -> bool) -> BTreeSet<Option<&'a str>> {
    let declared = auth.iter().flat_map(|auth| &auth.variables).filter(|variable| variable.env.iter().any(|other| other == name));
    declared.map(|variable| variable.default.as_deref().filter(|_| is_counted(variable))).collect()
}

/// Returns whether a variable is a region. The role alone does not decide, because an overlay states it.
fn is_region(name: &str, variable: &Variable) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    variable.role == VariableRole::Region && ["DATACENTER", "LOCATION", "REGION", "ZONE"].contains(&last)
}

/// The place of a variable in a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Position {
    /// After the host and the port.
    Path,
    /// The host and, if the value has one, the port.
    Authority,
    /// The host, in front of a port.
    Host,
    /// The port.
    Port,
    /// The end of the host, after another part of it.
    Last,
    /// A part of the host in front of another part.
    Inside,
}

/// Returns the variables in a base URL, each with its place.
fn variable_positions(base_url: &str) -> impl Iterator<Item = (&str, Position)> {
    let start = base_url.find("://").map_or(0, |at| at + 3);
    let end = base_url[start..].find(['/', '?', '#']).map_or(base_url.len(), |end| start + end);
    base_url.match_indices("${").filter_map(move |(at, _)| {
        let length = base_url[at..].find('}')?;
        let (name, rest) = (&base_url[at + 2..at + length], &base_url[at + length + 1..]);
        let before = base_url.get(start..at).unwrap_or_default();
        let position = if at >= end {
            Position::Path
        } else if before.contains(':') {
            Position::Port
        } else {
            match (before.is_empty(), at + length + 1 >= end, rest.starts_with(':')) {
                (true, true, _) => Position::Authority,
                (true, false, true) => Position::Host,
                (false, true, _) | (false, false, true) => Position::Last,
                _ => Position::Inside,
            }
        };
        Some((name, position))
    })
}

/// Returns the variables that have different defaults in several declarations, or a default in only some of them. Each is returned with the position
/// of the declaration that differs: the index of the authentication method, and the index of the variable in this method. The client uses the default
/// of the method that it selects, so the host would depend on the keys that are set.
pub(crate) fn conflicting_defaults(auth: &[Auth]) -> Vec<(&str, usize, usize)> {
    let mut first: HashMap<&str, Option<&str>> = HashMap::new();
    let mut found = Vec::new();
    for (index, method) in auth.iter().enumerate() {
        for (at, variable) in method.variables.iter().enumerate().filter(|(_, variable)| !is_credential_role(variable.role)) {
            let default = variable.default.as_deref();
            let mut differing = None;
            for name in &variable.env {
                if *first.entry(name.as_str()).or_insert(default) != default {
                    differing.get_or_insert(name.as_str());
                }
            }
            found.extend(differing.map(|name| (name, index, at)));
        }
    }
    found
}

/// Returns the message about a variable with different defaults.
pub(crate) fn conflicting_defaults_message(name: &str) -> String {
    format!("authentication methods state different defaults of the variable `{name}`")
}

/// The help for a variable with different defaults.
pub(crate) const CONFLICTING_DEFAULTS_HELP: &str = "state the same default in every authentication method that declares the variable, or in none of them: otherwise, the host would depend on the authentication method";

/// Returns the lists of variables of which one replaces a variable of a base URL, in their order, except regions; an empty text if none has several.
fn listed_alternatives(base_url: &str, auth: &[Auth]) -> String {
    let mut lists = BTreeSet::new();
    for name in variables_in(base_url) {
        for variable in auth.iter().flat_map(|auth| &auth.variables).filter(|variable| variable.env.iter().any(|other| other == name)) {
            if variable.env.len() > 1 && !is_region(name, variable) {
                lists.insert(format!(" [{}]", variable.env.join(" ")));
            }
        }
    }
    lists.into_iter().collect()
}

/// Returns the variable `name` and the variables whose values are used if it is not set.
pub(super) fn alternatives<'a>(name: &'a str, auth: &'a [Auth]) -> BTreeSet<&'a str> {
    let groups = auth.iter().flat_map(|auth| &auth.variables).filter(|variable| variable.env.iter().any(|other| other == name));
    groups.flat_map(|variable| &variable.env).map(String::as_str).chain([name]).collect()
}

/// The help for a default that is not a valid part of a base URL.
pub(crate) const DEFAULT_HELP: &str = "write a default with letters, digits and `-`, such as `us-east-1`; `.` and `_` are allowed only if the variable is the whole host or a part of the path; a port is \
     allowed only if the variable is the whole host";

/// Returns whether the default of a variable is a part of an address that stays in its place in all base URLs of `endpoints`: it must not end the
/// host, replace it, or add a segment to the path. The rule `base-url-variable` describes the allowed characters.
pub(crate) fn is_address_default(variable: &Variable, endpoints: &[Endpoint]) -> bool {
    let Some(default) = variable.default.as_deref().filter(|_| !is_credential_role(variable.role)) else { return true };
    let has_only = |more: &[u8]| {
        let is_allowed = |letter: u8| letter.is_ascii_alphanumeric() || more.contains(&letter);
        !default.is_empty() && default.bytes().all(is_allowed) && !default.contains("..")
    };
    let fits = |position| match position {
        Position::Authority if variable.role == VariableRole::Host => {
            has_only(b"-._:") && default.split_once(':').is_none_or(|(host, port)| !host.is_empty() && is_port(port))
        }
        Position::Authority | Position::Host | Position::Path => has_only(b"-._"),
        Position::Last | Position::Inside => has_only(b"-"),
        Position::Port => is_port(default),
    };
    let positions: Vec<Position> = endpoints
        .iter()
        .flat_map(|endpoint| variable_positions(&endpoint.base_url))
        .filter(|(name, _)| variable.env.iter().any(|other| other == name))
        .map(|(_, position)| position)
        .collect();
    // A variable that no base URL has may still be part of one in an overlay, which is then judged itself.
    if positions.is_empty() { fits(Position::Authority) } else { positions.into_iter().all(fits) }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|digit| digit.is_ascii_digit())
}
