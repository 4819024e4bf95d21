//! The rules about the route of a key: the base URLs to which a provider's keys are sent, and the environment variables from which they are read.
//!
//! The lint rules `base-url`, `base-url-credential`, `base-url-variable` and `shared-variable` report violations in catalog files. [`judge_route`]
//! applies the same rules to a route that is not written yet, such as one that `modeldex confirm` is about to write.

use crate::authored::routing::{ConfirmedRouting, SharedVariables, has_variable_in_path, is_unambiguous, url_origin, variables_in};
use crate::authored::{Auth, Endpoint, Provider, Variable};
use crate::codes::{self, Rule};
use crate::finding::Place;
use crate::lint::RoutedFolder;
use crate::lint::rules::base_url;
use crate::{decode, resolve};
use modeldex_table::{Catalog, VariableRole};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

mod below;

pub(crate) use below::{Addition, RoutesBelow};

/// Words in the name of a variable that may contain a secret, or a text with a secret in it, such as the URL of a database.
const CREDENTIAL_WORDS: &str = "\
    AMQP AUTH AUTHORIZATION BEARER CERT CERTIFICATE CONN CONNECTION CREDS DATABASE DB DOCKER DSN GH GITHUB GITLAB GPG HMAC JWT KEYS \
    KUBE KUBECONFIG LDAP LOGIN MNEMONIC MONGO MONGODB MYSQL NPM OAUTH PASS PASSPHRASE PAT PEM PG PGP PIN POSTGRES POSTGRESQL PRIVATE \
    PW PWD PYPI REDIS SEED SENTRY SESSION SIGNATURE SIGNING SLACK SMTP SSH STRIPE USER VAULT WALLET WEBHOOK";

/// Parts of words in the name of a variable that may contain a secret.
const CREDENTIAL_PARTS: &[&str] = &["COOKIE", "CREDENTIAL", "PASSW", "SECRET", "TOKEN"];

/// Last words of the names of variables that base URLs may contain. Each is the name of a part of an address.
const ADDRESS_WORDS: &str = "\
    ACCOUNT CLUSTER DATACENTER DEPLOYMENT DOMAIN ENDPOINT ENVIRONMENT GATEWAY HOST ID INSTANCE LOCATION NAME NAMESPACE ORG \
    ORGANIZATION PORT PRODUCT PROJECT REGION RESOURCE SERVER SERVICE SUBDOMAIN TENANT VERSION WORKSPACE ZONE";

/// Words at the end of the name of a credential variable. What precedes them is the name of the owner, such as `ANTHROPIC` in `ANTHROPIC_AUTH_TOKEN`.
const KIND_WORDS: &str = "ACCESS API APIKEY AUTH BEARER CREDENTIAL CREDENTIALS ID KEY KEYS OAUTH PASSWORD PAT SECRET SESSION TOKEN";

/// First words in the names of credential variables of services that do not serve models, or that serve much else.
const SERVICE_WORDS: &str = "\
    ATLASSIAN AWS BITBUCKET CARGO CIRCLECI DATADOG DISCORD DOCKER DROPBOX FIGMA FLY GH GITHUB GITLAB GPG HEROKU JIRA KUBE KUBECONFIG LANGCHAIN \
    LANGFUSE LANGSMITH LINEAR LITELLM MYSQL NETLIFY NOTION NPM PAYPAL PGPASSWORD PINECONE PYPI SENDGRID SENTRY SERPAPI SHOPIFY SLACK SSH STRIPE \
    SUPABASE TAVILY TELEGRAM TWILIO TWINE TWITTER VAULT";

/// Words in the names of variables that name no owner, such as `MY` in `MY_OPENAI_KEY` and `BOT` in `BOT_TOKEN`.
const GENERIC_WORDS: &str = "\
    AI APP BOT CI DATABASE DB DEFAULT DEV JOB LLM LOCAL MODEL MY NEXT PROD PRODUCTION PUBLIC REACT ROLE SERVICE STAGING TEST URL USER VITE";

/// The help for a provider that reads a variable of another provider.
pub(crate) const SHARED_HELP: &str = "state a variable of the provider's own; if one company runs the providers and the same key is valid for them, \
                                      list the variable with the ids of both under `shared_variables` in `routing.yaml`";

/// The help for a default that is not a part of an address.
pub(crate) const DEFAULT_HELP: &str = "write a default with letters, digits and `-`, such as `us-east-1`; only that of a whole host or of a part of the path may have `.` and `_`, and \
     only that of a whole host may have a port";

/// A violation of the rules about the route of a key.
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

/// A part of a route.
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

/// Judges the route of the provider `provider`, which is not part of `catalog` yet or replaces the route that `catalog` has.
///
/// `route` states the endpoints and authentication methods. `catalog` has the other providers, whose keys must not be sent to the hosts of this
/// provider, except as `shared` allows. Returns all violations; the result is empty if the route may be written.
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
                message: format!("the default of the variable `{name}` is not a part of an address"),
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
    /// The variable belongs to nobody, but its name begins like those of the variables of this provider, which has other hosts.
    NamedLike(&'r str),
    /// The name of the variable is that of a service which is no provider of models.
    Service,
    /// `shared_variables` lists the providers of the variable, and the provider is not among them.
    NotListed(&'r [String]),
}

impl<'r> KnownRoutes<'r> {
    pub(crate) const fn new(owners: VariableOwners<'r>, shared: &'r SharedVariables) -> Self {
        Self { owners, shared }
    }

    /// Returns why the provider must not read the credential variable `name`, which it would send to `endpoints`. `auth` has its
    /// authentication methods.
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
            let destinations = destinations(endpoints, auth);
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
    /// has the authentication methods of the provider. If they list other variables whose values are used instead, these are judged too.
    pub(crate) fn credential_in_url(&self, name: &str, auth: &[Auth]) -> Option<(String, String)> {
        alternatives(name, auth).into_iter().find_map(|alternative| {
            let (reason, help) = self.credential_fault(alternative, auth)?;
            let subject = match alternative == name {
                true => format!("the base URL contains the variable `${{{name}}}`"),
                false => format!("the base URL contains the variable `${{{name}}}`, or instead of it `{alternative}`"),
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
            None if is_credential_name(name) => "whose name is that of a credential".to_owned(),
            None if !is_address_name(name) => {
                let words = ADDRESS_WORDS.split(' ').map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                let help = format!(
                    "use a variable whose name ends with the part of the URL that it contains, such as `ACME_REGION`; accepted last words: {words}, and \
                     `BASE_URL`"
                );
                return Some((
                    "whose name does not show that its value is a part of an address, such as a host or a region".to_owned(),
                    help,
                ));
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
                format!("the provider `{provider}` reads the variable `{name}`, which belongs to the provider `{owner}` with another host")
            }
            Self::NamedLike(owner) => format!(
                "the provider `{provider}` reads the variable `{name}`, which is named like the variables of the provider `{owner}`; but the providers have different hosts"
            ),
            Self::Service => {
                format!("the provider `{provider}` reads the variable `{name}`, whose name is that of another service or of any service")
            }
            Self::NotListed([]) => format!("the provider `{provider}` reads the variable `{name}`, which `routing.yaml` reserves"),
            Self::NotListed(listed) => format!(
                "the provider `{provider}` reads the variable `{name}`, which belongs to {ids}",
                ids = listed.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

/// Returns the message about a variable of the provider `owner` from which tools would read the key of the provider `id`.
pub(crate) fn derived_message(id: &str, variable: &str, owner: &str) -> String {
    format!("some tools read the key of the provider `{id}` from the variable `{variable}`, which belongs to the provider `{owner}`")
}

/// Returns the variable from which tools read the key of a provider if they derive its name from the id of the provider.
fn derived_variable(id: &str) -> String {
    variable_prefix(id) + "_API_KEY"
}

/// Returns the beginning of the names of the variables of the provider with this id or alias.
fn variable_prefix(id: &str) -> String {
    let words = id.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_")
}

/// A place to which an endpoint sends keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// The origin of the base URL. If the path of the base URL has a variable, such as an account id, the whole URL, because another path may belong
    /// to another account. If several variables may contain a part of the URL, it ends with their names, because another order may give another host.
    pub(crate) destination: String,
    /// The host, with the port unless it is that of the scheme.
    pub(crate) host: String,
    /// The base URL, in which variables are replaced by their defaults.
    pub(crate) url: String,
}

/// Maximum number of targets of one endpoint. More of them require several defaults of one variable, which the rule `base-url-variable` refuses.
const MAX_TARGETS: usize = 64;

/// Returns the places to which the keys of a provider are sent.
fn destinations(endpoints: &[Endpoint], auth: &[Auth]) -> BTreeSet<String> {
    endpoints.iter().flat_map(|endpoint| targets(endpoint, auth)).map(|target| target.destination).collect()
}

/// Returns the places to which an endpoint sends keys: one if no two authentication methods state different defaults of one variable.
pub(crate) fn targets(endpoint: &Endpoint, auth: &[Auth]) -> BTreeSet<Target> {
    let alternatives = listed_alternatives(&endpoint.base_url, auth);
    let target = |url: String| {
        let origin = url_origin(&url);
        let is_origin = is_unambiguous(&url) && !has_variable_in_path(&endpoint.base_url);
        let destination = origin.clone().filter(|_| is_origin).unwrap_or_else(|| url.clone()) + &alternatives;
        let origin = origin.unwrap_or_else(|| url.clone());
        let host = |scheme, port| origin.strip_prefix(scheme).map(|rest: &str| rest.strip_suffix(port).unwrap_or(rest));
        let host = host("https://", ":443").or_else(|| host("http://", ":80")).unwrap_or(&origin).to_owned();
        Target { destination, host, url }
    };
    with_defaults(&endpoint.base_url, auth).into_iter().map(target).collect()
}

/// Returns the base URL with its variables replaced by their defaults, once for each combination of the defaults that authentication methods state.
/// An overlay may change a default, so a default is part of the place to which keys are sent. Only a region stays a variable, because all regions
/// belong to one service, unless the host ends with it.
fn with_defaults(base_url: &str, auth: &[Auth]) -> BTreeSet<String> {
    let positions = || variable_positions(base_url);
    let mut urls = BTreeSet::from([base_url.to_owned()]);
    for name in variables_in(base_url).collect::<BTreeSet<_>>() {
        let is_last = positions().any(|(found, position)| found == name && position != Position::Path && position != Position::Inside);
        let defaults = defaults(name, auth, |variable| is_last || !is_region(name, variable));
        let variable = format!("${{{name}}}");
        let replaced = |url: &String| {
            defaults.iter().map(|default| default.map_or(url.clone(), |default| url.replace(&variable, default))).collect::<Vec<_>>()
        };
        if !defaults.is_empty() {
            urls = urls.iter().flat_map(replaced).take(MAX_TARGETS).collect();
        }
    }
    urls
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

/// Returns a variable of a base URL that has different defaults, or a default in only one of several declarations, with the index of the
/// authentication method and of the variable that differs from an earlier one. The client uses the default of the method that it selects, so the
/// host would depend on the keys that are set.
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
fn alternatives<'a>(name: &'a str, auth: &'a [Auth]) -> BTreeSet<&'a str> {
    let groups = auth.iter().flat_map(|auth| &auth.variables).filter(|variable| variable.env.iter().any(|other| other == name));
    groups.flat_map(|variable| &variable.env).map(String::as_str).chain([name]).collect()
}

/// Returns whether the default of a variable is a part of an address that stays in its place in all base URLs of `endpoints`: it must not end the
/// host, replace it, or add a segment to the path. Only a variable that is the whole host may have a port, and only there a default may have dots.
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

/// Returns the variables whose values are sent to an endpoint: the credential variables, and the variables in its base URL.
pub(crate) fn route_variables<'e>(endpoint: &'e Endpoint, auth: &'e [Auth]) -> BTreeSet<&'e str> {
    let in_url = variables_in(&endpoint.base_url).flat_map(|name| alternatives(name, auth));
    auth.iter().flat_map(credentials).map(|(name, _)| name).chain(in_url).collect()
}

impl RoutedFolder<'_> {
    /// Returns the place of an authentication method of a provider, or of a part of it: `below` is a JSON pointer below the method. If the provider
    /// inherits its methods, the place is that of `extends`. `None` if no file of this folder has the provider.
    pub(crate) fn auth_place(&self, provider: &str, method: &str, below: &str) -> Option<Place> {
        self.place(provider, |stated| !stated.auth.is_empty(), &format!("{method}{below}"))
    }

    /// Returns the place of the base URL of an endpoint of a provider, or that of `auth` or `extends` if the provider inherits its endpoints.
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

/// Returns the credential variables of an authentication method, each with the JSON pointer below the method. The role alone does not decide, because a
/// file can state any role for the variable of a key.
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

/// Returns whether the name of a variable is that of a credential, or of a text that often contains one.
pub(crate) fn is_credential_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // A number may follow, as in `OPENAI_API_KEY1`.
    let words: HashSet<&str> = name.split('_').map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit())).collect();
    let has_part = |word: &&str| word.ends_with("KEY") || CREDENTIAL_PARTS.iter().any(|part| word.contains(part));
    let is_aws = name.starts_with("AWS_") && !name.ends_with("_REGION");
    is_aws || words.iter().any(has_part) || CREDENTIAL_WORDS.split(' ').any(|word| words.contains(word))
}

/// Returns the beginning of the name of a credential variable, in upper case: what is left without the [`KIND_WORDS`] at its end. `None` if the name
/// does not end with one of them, or consists of them.
fn owner_name(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    let mut rest = name.as_str();
    while let Some((before, last)) = rest.rsplit_once('_')
        && KIND_WORDS.split(' ').any(|word| word == last)
    {
        rest = before;
    }
    (rest.len() < name.len() && !KIND_WORDS.split(' ').any(|word| word == rest)).then(|| rest.to_owned())
}

/// Returns whether the name of a variable is that of a credential of a service that is no provider of models, or of any service, such as `API_KEY`.
fn is_of_service(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_of_any = || name.split('_').all(|word| has_word(KIND_WORDS, word) || has_word(GENERIC_WORDS, word));
    is_credential_name(&name) && (is_of_any() || name.split('_').next().is_some_and(|first| has_word(SERVICE_WORDS, first)))
}

/// Returns the names of the possible owners of a credential variable, longest first: the beginnings of its name, word by word, also behind words that
/// name no owner. For `MY_OPENAI_ADMIN_KEY`, one of them is `OPENAI`.
fn possible_owners(name: &str) -> Vec<String> {
    let name = name.to_ascii_uppercase();
    if !is_credential_name(&name) {
        return Vec::new();
    }
    let words: Vec<&str> = name.split('_').collect();
    let is_owner = |word: &&str| !has_word(KIND_WORDS, word) && !has_word(GENERIC_WORDS, word);
    let first = words.iter().position(is_owner).unwrap_or(words.len());
    let beginnings = |start: usize| (start + 1..=words.len()).rev().map(move |end| (start, end));
    let ranges = beginnings(0).chain(beginnings(first).filter(|_| first > 0));
    ranges.map(|(start, end)| &words[start..end]).filter(|words| words.iter().any(is_owner)).map(|words| words.join("_")).collect()
}

fn has_word(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

/// Returns whether the name of a variable ends with a part of an address.
fn is_address_name(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    ADDRESS_WORDS.split(' ').any(|word| word == last) || name == "BASE_URL" || name.ends_with("_BASE_URL")
}

#[cfg(test)]
mod tests;
