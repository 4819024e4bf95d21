//! From what was decided to what is written: the authored form of a model and of a provider's own facts.

use crate::base_url::base_url;
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::Line;
use crate::policy::Policy;
use crate::statement::{Condition, Key, Money, Value};
use modeldex_compile::authored::routing::{Confirmed, variables_in};
use modeldex_compile::authored::{Auth, Endpoint, Facts, Model, Price, Provider, Rates, Variable};
use modeldex_table::{Api, AuthKind, Billing, Currency, Date, Fact, Meter, ModelKind, ProviderKind, Rate, Status, VariableRole};
use std::collections::{BTreeMap, BTreeSet};

/// What the model of a provider is beside its facts.
#[derive(Clone, Copy, Debug)]
pub struct Circumstance {
    /// What kind of service the provider is.
    pub kind: Option<ProviderKind>,
    /// Whether any source's newest snapshot lists the model.
    pub listed: bool,
    /// The day of the newest snapshot that lists it.
    pub last_listed: Option<Date>,
    /// The day that counts as today.
    pub today: Date,
}

impl Circumstance {
    /// What the lines of a model's ids tell.
    #[must_use]
    pub fn of(policy: &Policy<'_>, lines: &[&Line], kind: Option<ProviderKind>) -> Self {
        let doomed = |source| {
            let mut claims = lines.iter().flat_map(|line| line.claims(&Key::Fact(Fact::RetirementDate)));
            claims.any(|claim| claim.is_current() && claim.source == source)
        };
        let current: Vec<_> = lines.iter().flat_map(|line| line.claims(&Key::Listed)).filter(|claim| claim.is_current()).collect();
        let last_listed =
            current.iter().filter(|claim| !doomed(claim.source.clone())).filter_map(|claim| policy.newest(&claim.source)).max();
        Self { kind, listed: !current.is_empty(), last_listed, today: policy.today() }
    }
}

/// The model as it is written, without what it inherits being taken out.
#[must_use]
pub fn model(id: &str, decisions: &Decisions, at: Circumstance) -> Model {
    let mut facts = facts(decisions);
    let mut prices = prices(decisions);
    facts.forget(Fact::Billing);
    if is_free_of_rates(&prices) {
        if let Some(billing) = billing(id, decisions, at.kind, !prices.is_empty()) {
            facts.set(Fact::Billing, Value::Word(billing.into()));
        }
        prices.clear();
    }
    let status = status(facts.word(Fact::Status), facts.date(Fact::RetirementDate), at);
    facts.forget(Fact::Status);
    if let Some(status) = status {
        facts.set(Fact::Status, Value::Word(status.into()));
    }
    Model { id: id.to_owned(), prices, facts, ..Model::default() }
}

/// The facts that have a value.
fn facts(decisions: &Decisions) -> Facts {
    let mut facts = Facts::default();
    for (key, value) in decisions.iter().filter_map(|(key, decision)| Some((key, decision.value.as_ref()?))) {
        match (key, value) {
            (Key::Fact(fact), value) => facts.set(*fact, value.clone()),
            (Key::Capability(capability), Value::Flag(can)) => facts.set_capability(*capability, Some(*can)),
            _ => {}
        }
    }
    // A chat model need not say so.
    if facts.word(Fact::Kind) == Some(ModelKind::Chat) {
        facts.forget(Fact::Kind);
    }
    facts.forget_impossible();
    facts
}

/// A price list from rates under conditions. Entries whose meaning the order of a list could not tell are left out.
#[must_use]
pub fn prices(decisions: &Decisions) -> Vec<Price> {
    let mut entries: BTreeMap<&Condition, BTreeMap<Meter, Money>> = BTreeMap::new();
    for (key, decision) in decisions {
        if let (Key::Rate(condition, meter), Some(Value::Rate(money))) = (key, &decision.value) {
            entries.entry(condition).or_default().insert(*meter, *money);
        }
    }
    let always = Condition::default();
    let Some(base) = entries.remove(&always) else { return Vec::new() };
    // The first rate's currency is that of the list; what is stated in another one cannot stand beside it.
    let Some(currency) = base.values().next().map(|money| money.currency) else { return Vec::new() };
    let rates = |rates: &BTreeMap<Meter, Money>| -> BTreeMap<Meter, Rate> {
        rates.iter().filter(|(_, money)| money.currency == currency).map(|(meter, money)| (*meter, money.rate)).collect()
    };
    let base = rates(&base);
    let mut list =
        vec![Price { currency: (currency != Currency::Usd).then_some(currency), rates: Rates(base.clone()), ..Price::default() }];
    let mut narrower: Vec<(usize, Price)> = Vec::new();
    let clear = clear(&entries);
    for (condition, stated) in entries.iter().filter(|(condition, _)| clear.contains(*condition)) {
        let single = dimensions(condition).len() == 1;
        let mut rates = rates(stated);
        // What stays as it was need not be said again, unless a wider entry says otherwise.
        if single && condition.above.is_none() {
            rates.retain(|meter, rate| base.get(meter) != Some(rate));
        }
        if rates.is_empty() {
            continue;
        }
        let price = Price { condition: (*condition).clone(), currency: None, rates: Rates(rates) };
        narrower.push((dimensions(condition).len(), price));
    }
    let order = |price: &Price| (price.condition.tier, price.condition.above, price.condition.from);
    narrower.sort_by(|(one, a), (other, b)| (one, order(a)).cmp(&(other, order(b))));
    list.extend(narrower.into_iter().map(|(_, price)| price));
    list
}

/// A provider's own facts, as far as the sources know them.
#[must_use]
pub fn provider(id: &str, decisions: &Decisions, kind: Option<ProviderKind>) -> Provider {
    let text = |key: &Key| decisions.get(key).and_then(Decision::text).map(str::to_owned);
    let words = |key: &Key| match decisions.get(key).and_then(|decision| decision.value.as_ref()) {
        Some(Value::Texts(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let base_url = text(&Key::BaseUrl).and_then(|url| base_url(&url));
    let api = text(&Key::Api).and_then(|word| Api::parse(&word));
    let endpoint = base_url.zip(api).map(|(base_url, api)| Endpoint {
        base_url,
        api,
        id: None,
        region: None,
        plan: None,
        headers: BTreeMap::new(),
        compat: None,
    });
    let auth = endpoint.as_ref().and_then(|endpoint| auth(&words(&Key::Env), &endpoint.base_url)).into_iter().collect();
    Provider {
        name: Some(text(&Key::Fact(Fact::Name)).unwrap_or_else(|| id.to_owned())),
        kind: kind_of(kind, endpoint.as_ref()),
        doc_url: text(&Key::DocUrl).filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        endpoints: endpoint.into_iter().collect(),
        auth,
        ..Provider::default()
    }
}

/// Protocols whose clients make the host and read variables themselves: a change to or from one would move the key.
const OWN_HOST: [Api; 3] = [Api::AzureOpenai, Api::BedrockConverse, Api::GoogleVertex];

/// The endpoints and authentication methods of a provider whose routing is confirmed. The path and the protocol of a single endpoint are those
/// that were decided among the confirmed base URLs; of several endpoints it is not known which one sources mean.
pub(crate) fn routing(allowed: &Decisions, confirmed: Option<&Confirmed>) -> (Vec<Endpoint>, Vec<Auth>) {
    let Some(confirmed) = confirmed else { return (Vec::new(), Vec::new()) };
    let mut endpoints = confirmed.endpoints.clone();
    if let [only] = &mut endpoints[..] {
        let text = |key: &Key| allowed.get(key).and_then(Decision::text);
        if let Some(url) = text(&Key::BaseUrl).and_then(base_url) {
            only.base_url = url;
        }
        let is_followed = |api: &Api| *api != only.api && [*api, only.api].iter().all(|api| !OWN_HOST.contains(api));
        if let Some(api) = text(&Key::Api).and_then(Api::parse).filter(is_followed) {
            // What was confirmed of one protocol is not known of another.
            (only.api, only.compat) = (api, None);
        }
    }
    (endpoints, confirmed.auth.clone())
}

/// Whether a price list asks for nothing: empty, or zeros only.
fn is_free_of_rates(prices: &[Price]) -> bool {
    prices.iter().all(|price| price.rates.0.values().all(|rate| rate.is_zero()))
}

/// How a model without rates is paid for, where that is known.
fn billing(id: &str, decisions: &Decisions, kind: Option<ProviderKind>, zeros: bool) -> Option<Billing> {
    let rule = decisions.get(&Key::Rate(Condition::default(), Meter::Input)).map(|decision| decision.rule);
    match kind {
        Some(ProviderKind::Plan) => Some(Billing::Plan),
        Some(ProviderKind::Local) => Some(Billing::Free),
        _ if zeros && (id.ends_with(":free") || id.ends_with("-free")) => Some(Billing::Free),
        _ if zeros && matches!(rule, Some(Rule::FirstParty | Rule::Agreement)) => Some(Billing::Free),
        // One source's zeros may mean that it did not know.
        _ => None,
    }
}

fn status(stated: Option<Status>, retirement: Option<Date>, at: Circumstance) -> Option<Status> {
    let is_past = |date: Date| date.latest() < at.today;
    let listed_since = |date: Date| at.last_listed.is_some_and(|listed| listed > date.latest());
    match (stated, retirement) {
        _ if !at.listed => Some(Status::Retired),
        (Some(Status::Retired), _) => Some(Status::Retired),
        // A date that passed while the model went on being listed was moved.
        (_, Some(date)) if is_past(date) && !listed_since(date) => Some(Status::Retired),
        (_, Some(date)) if is_past(date) => Some(Status::Deprecated),
        (stated, _) => stated.filter(|status| *status != Status::Active),
    }
}

/// The conditions of which the order of a list tells which one holds: of two that can hold at once one is the narrower, or there is a third
/// for both. Where that is not so, the one that matters less is left out.
fn clear<'c>(entries: &BTreeMap<&'c Condition, BTreeMap<Meter, Money>>) -> BTreeSet<&'c Condition> {
    let mut conditions: Vec<&Condition> = entries.keys().copied().collect();
    let matters = |condition: &Condition| {
        let stated = [
            condition.above.is_some(),
            condition.from.is_some() || condition.until.is_some(),
            condition.tier.is_some(),
            condition.region.is_some(),
        ];
        stated.map(|stated| !stated)
    };
    // What matters least comes last, and goes first.
    conditions.sort_by_key(|condition| (dimensions(condition).len(), matters(condition)));
    loop {
        let common =
            |a: &Condition, b: &Condition| entries[a].keys().filter(|meter| entries[b].contains_key(meter)).copied().collect::<Vec<_>>();
        let both = |a: &Condition, b: &Condition| {
            a.and(b).is_none_or(|both| {
                let third = entries.get(&both).filter(|_| conditions.contains(&&both));
                both == *a || both == *b || third.is_some_and(|rates| common(a, b).iter().all(|meter| rates.contains_key(meter)))
            })
        };
        let unclear = (0..conditions.len()).rev().find(|at| conditions[..*at].iter().any(|other| !both(other, conditions[*at])));
        match unclear {
            Some(at) => conditions.remove(at),
            None => return conditions.into_iter().collect(),
        };
    }
}

fn dimensions(condition: &Condition) -> BTreeSet<&'static str> {
    let stated = [
        (condition.region.is_some(), "region"),
        (condition.tier.is_some(), "tier"),
        (condition.above.is_some(), "above"),
        (condition.from.is_some() || condition.until.is_some(), "dates"),
        (condition.hours.is_some(), "hours"),
    ];
    stated.into_iter().filter(|(stated, _)| *stated).map(|(_, name)| name).collect()
}

/// The kind of a provider: that of the provider map, else `local` for an endpoint on this machine.
pub(crate) fn kind_of(kind: Option<ProviderKind>, endpoint: Option<&Endpoint>) -> Option<ProviderKind> {
    kind.or_else(|| endpoint.is_some_and(|endpoint| is_local(&endpoint.base_url)).then_some(ProviderKind::Local))
}

/// Whether a base URL leads to this machine.
fn is_local(url: &str) -> bool {
    let authority = url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let host = if authority.starts_with('[') { authority.split_inclusive(']').next() } else { authority.split(':').next() };
    ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"].iter().any(|local| host == Some(local))
}

/// The way to authenticate that a flat list of variables means: keys are alternatives, everything else is needed beside them.
///
/// `None` where a variable's part cannot be told, or no key is named for a service that is not on this machine.
#[must_use]
pub fn auth(env: &[String], base_url: &str) -> Option<Auth> {
    if env.iter().any(|name| name == "AWS_SECRET_ACCESS_KEY") {
        // A pair of keys and a way to sign: more than a flat list can say.
        return None;
    }
    let mut keys = Vec::new();
    let mut variables: Vec<Variable> = Vec::new();
    let in_url: Vec<String> = variables_in(base_url).map(str::to_owned).collect();
    for name in env.iter().chain(&in_url) {
        if keys.contains(name) || variables.iter().any(|variable| variable.env.contains(name)) {
            continue;
        }
        match role(name) {
            Some(role) if role != VariableRole::Secret => {
                let optional = !in_url.contains(name);
                variables.push(Variable { env: vec![name.clone()], role, optional, default: None });
            }
            // A key in an address is in every log of it.
            Some(_) if in_url.contains(name) => return None,
            Some(_) => keys.push(name.clone()),
            None if in_url.contains(name) => return None,
            // What it is for is not known, so nothing is said of it.
            None => {}
        }
    }
    match (keys.is_empty(), is_local(base_url)) {
        (false, _) => Some(way(AuthKind::ApiKey, keys, variables)),
        (true, true) => Some(way(AuthKind::None, Vec::new(), variables)),
        (true, false) => None,
    }
}

/// A way to authenticate with the key in its usual place: no source says where else it would go.
fn way(kind: AuthKind, env: Vec<String>, variables: Vec<Variable>) -> Auth {
    Auth { kind, env, variables, header: None, scheme: None, query: None }
}

/// The role of a variable, by the words its name ends in; `Secret` for a key. `None` where it is unknown.
#[must_use]
pub fn role(name: &str) -> Option<VariableRole> {
    let ends: &[(&[&str], VariableRole)] = &[
        (
            &["_API_KEY", "_APIKEY", "_KEY", "_TOKEN", "_PAT", "_SECRET", "_API_TOKEN", "_API_SECRET", "_CREDENTIAL", "_JWT", "_PASSWORD"],
            VariableRole::Secret,
        ),
        (
            &["_ACCOUNT_ID", "_ACCOUNT", "_TENANT", "_ORG_ID", "_ORGANIZATION", "_GATEWAY_ID", "_WORKSPACE_ID", "_CLUSTER_ID", "_ID"],
            VariableRole::Account,
        ),
        (&["_PROJECT", "_PROJECT_ID"], VariableRole::Project),
        (&["_RESOURCE_NAME", "_RESOURCE", "_GATEWAY", "_DEPLOYMENT"], VariableRole::Resource),
        (&["_REGION", "_LOCATION"], VariableRole::Region),
        (&["_HOST", "_BASE_URL", "_ENDPOINT", "_API_BASE", "_URL", "_DOMAIN", "_INSTANCE"], VariableRole::Host),
    ];
    ends.iter().find(|(ends, _)| ends.iter().any(|end| name.ends_with(end))).map(|(_, role)| *role)
}
