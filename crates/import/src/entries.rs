//! Builds the imported entries of models and providers from decisions.

use crate::base_url::base_url;
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::EvidenceLine;
use crate::policy::Policy;
use crate::statement::{FactKey, Money, OwnedCondition, Value};
use modeldex_compile::authored::routing::variables_in;
use modeldex_compile::authored::{Auth, Endpoint, Facts, Model, Price, Provider, Rates, Variable};
use modeldex_compile::is_web_url;
use modeldex_table::{Api, AuthKind, Billing, Currency, Date, Fact, Meter, ModelKind, ProviderKind, Rate, Status, VariableRole};
use std::collections::{BTreeMap, BTreeSet};

/// Data about a model. The model's entry depends on this data and on the decisions about the model's facts.
#[derive(Clone, Copy, Debug)]
pub struct ModelContext {
    /// Kind of the provider; `None` if the provider map does not state it.
    pub kind: Option<ProviderKind>,
    /// Whether the newest snapshot of at least one source lists the model.
    pub listed: bool,
    /// Date of the newest snapshot that lists the model. Only the newest snapshot of each source is considered, and sources that claim a retirement
    /// date of the model are ignored. `None` if no considered snapshot lists the model.
    pub last_listed: Option<Date>,
    /// Date of the newest snapshot of any source, which is used as the current date.
    pub today: Date,
}

impl ModelContext {
    /// Collects the data about a model. `lines` has one evidence line for each id of the model.
    #[must_use]
    pub fn new(policy: &Policy<'_>, lines: &[&EvidenceLine], kind: Option<ProviderKind>) -> Self {
        let has_retirement_date = |source| {
            let mut claims = lines.iter().flat_map(|line| line.claims(&FactKey::Fact(Fact::RetirementDate)));
            claims.any(|claim| claim.is_current() && claim.source == source)
        };
        let current: Vec<_> = lines.iter().flat_map(|line| line.claims(&FactKey::Listed)).filter(|claim| claim.is_current()).collect();
        let last_listed = current
            .iter()
            .filter(|claim| !has_retirement_date(claim.source.clone()))
            .filter_map(|claim| policy.newest_snapshot(&claim.source))
            .max();
        Self { kind, listed: !current.is_empty(), last_listed, today: policy.today() }
    }
}

/// Builds the entry of a model from the decisions about its facts. The entry also contains the facts that the model could inherit from its base
/// model.
#[must_use]
pub fn model(id: &str, decisions: &Decisions, context: ModelContext) -> Model {
    let mut facts = facts(decisions);
    let mut prices = prices(decisions);
    facts.remove(Fact::Billing);
    if has_no_rates(&prices) {
        if let Some(billing) = billing(id, decisions, context.kind, !prices.is_empty()) {
            facts.set(Fact::Billing, Value::Word(billing.into()));
        }
        prices.clear();
    }
    let status = status(facts.word(Fact::Status), facts.date(Fact::RetirementDate), context);
    facts.remove(Fact::Status);
    if let Some(status) = status {
        facts.set(Fact::Status, Value::Word(status.into()));
    }
    Model { id: id.to_owned(), prices, facts, ..Model::default() }
}

/// Collects the facts that have a chosen value, except prices.
fn facts(decisions: &Decisions) -> Facts {
    let mut facts = Facts::default();
    for (key, value) in decisions.iter().filter_map(|(key, decision)| Some((key, decision.value.as_ref()?))) {
        match (key, value) {
            (FactKey::Fact(fact), value) => facts.set(*fact, value.clone()),
            (FactKey::Capability(capability), Value::Flag(can)) => facts.set_capability(*capability, Some(*can)),
            _ => {}
        }
    }
    // `chat` is the default.
    if facts.word(Fact::Kind) == Some(ModelKind::Chat) {
        facts.remove(Fact::Kind);
    }
    facts.remove_impossible();
    facts
}

/// Builds a price list from the chosen rates. In a price list, later entries take precedence over earlier entries. Two entries with different kinds
/// of conditions, such as a region and a number of input tokens, may apply to the same request, and no claim states which entry takes precedence.
/// Both entries are in the list only if a third entry has the rates for such requests. Otherwise one of the two entries is omitted.
#[must_use]
pub fn prices(decisions: &Decisions) -> Vec<Price> {
    let mut entries: BTreeMap<&OwnedCondition, BTreeMap<Meter, Money>> = BTreeMap::new();
    for (key, decision) in decisions {
        if let (FactKey::Rate(condition, meter), Some(Value::Rate(money))) = (key, &decision.value) {
            entries.entry(condition).or_default().insert(*meter, *money);
        }
    }
    let unconditional = OwnedCondition::default();
    let Some(base) = entries.remove(&unconditional) else { return Vec::new() };
    // The currency of the first rate is the currency of the list. Rates in another currency are omitted.
    let Some(currency) = base.values().next().map(|money| money.currency) else { return Vec::new() };
    let rates = |rates: &BTreeMap<Meter, Money>| -> BTreeMap<Meter, Rate> {
        rates.iter().filter(|(_, money)| money.currency == currency).map(|(meter, money)| (*meter, money.rate)).collect()
    };
    let base = rates(&base);
    let mut list =
        vec![Price { currency: (currency != Currency::Usd).then_some(currency), rates: Rates(base.clone()), ..Price::default() }];
    let mut narrower: Vec<(usize, Price)> = Vec::new();
    let unambiguous = unambiguous_conditions(&entries);
    for (condition, stated) in entries.iter().filter(|(condition, _)| unambiguous.contains(*condition)) {
        let single = dimensions(condition).len() == 1;
        let mut rates = rates(stated);
        // A rate that equals the rate of the first entry is redundant, unless another entry between the two changes the rate.
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

/// Builds the entry of a provider, without models, from the decisions about its facts.
#[must_use]
pub fn provider(id: &str, decisions: &Decisions, kind: Option<ProviderKind>) -> Provider {
    let text = |key: &FactKey| decisions.get(key).and_then(Decision::text).map(str::to_owned);
    let words = |key: &FactKey| match decisions.get(key).and_then(|decision| decision.value.as_ref()) {
        Some(Value::Texts(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let base_url = text(&FactKey::BaseUrl).and_then(|url| base_url(&url));
    let api = text(&FactKey::Api).and_then(|word| Api::parse(&word));
    let endpoint = base_url.zip(api).map(|(base_url, api)| Endpoint {
        base_url,
        api,
        id: None,
        region: None,
        plan: None,
        headers: BTreeMap::new(),
        compat: None,
    });
    let auth = endpoint.as_ref().and_then(|endpoint| infer_auth(&words(&FactKey::Env), &endpoint.base_url)).into_iter().collect();
    Provider {
        name: Some(text(&FactKey::Fact(Fact::Name)).unwrap_or_else(|| id.to_owned())),
        kind: provider_kind(kind, endpoint.as_ref()),
        doc_url: text(&FactKey::DocUrl).filter(|url| is_web_url(url)),
        endpoints: endpoint.into_iter().collect(),
        auth,
        ..Provider::default()
    }
}

/// Returns whether a price list is empty or has only zero rates.
fn has_no_rates(prices: &[Price]) -> bool {
    prices.iter().all(|price| price.rates.0.values().all(|rate| rate.is_zero()))
}

/// Returns the billing of a model whose prices are missing or zero. Returns `None` if the billing is unknown.
fn billing(id: &str, decisions: &Decisions, kind: Option<ProviderKind>, zeros: bool) -> Option<Billing> {
    let rule = decisions.get(&FactKey::Rate(OwnedCondition::default(), Meter::Input)).map(|decision| decision.rule);
    match kind {
        Some(ProviderKind::Plan) => Some(Billing::Plan),
        Some(ProviderKind::Local) => Some(Billing::Free),
        _ if zeros && (id.ends_with(":free") || id.ends_with("-free")) => Some(Billing::Free),
        _ if zeros && matches!(rule, Some(Rule::FirstParty | Rule::Agreement)) => Some(Billing::Free),
        // If only one source states rates of zero, they may mean that the price is unknown.
        _ => None,
    }
}

fn status(stated: Option<Status>, retirement: Option<Date>, context: ModelContext) -> Option<Status> {
    let is_past = |date: Date| date.latest() < context.today;
    let listed_since = |date: Date| context.last_listed.is_some_and(|listed| listed > date.latest());
    match (stated, retirement) {
        _ if !context.listed => Some(Status::Retired),
        (Some(Status::Retired), _) => Some(Status::Retired),
        // If a source listed the model after its retirement date, the model was retired later than announced.
        (_, Some(date)) if is_past(date) && !listed_since(date) => Some(Status::Retired),
        (_, Some(date)) if is_past(date) => Some(Status::Deprecated),
        (stated, _) => stated.filter(|status| *status != Status::Active),
    }
}

/// Returns the conditions that can be entries of one price list, because their precedence is unambiguous. If two conditions can apply together, one
/// has to be narrower than the other, or a third entry has to cover the case. Of two conditions that do not meet this requirement, the less important
/// is omitted.
fn unambiguous_conditions<'c>(entries: &BTreeMap<&'c OwnedCondition, BTreeMap<Meter, Money>>) -> BTreeSet<&'c OwnedCondition> {
    let mut conditions: Vec<&OwnedCondition> = entries.keys().copied().collect();
    let importance = |condition: &OwnedCondition| {
        let stated = [
            condition.above.is_some(),
            condition.from.is_some() || condition.until.is_some(),
            condition.tier.is_some(),
            condition.region.is_some(),
        ];
        stated.map(|is_stated| !is_stated)
    };
    // The least important condition comes last, and is removed first.
    conditions.sort_by_key(|condition| (dimensions(condition).len(), importance(condition)));
    loop {
        let common = |a: &OwnedCondition, b: &OwnedCondition| {
            entries[a].keys().filter(|meter| entries[b].contains_key(meter)).copied().collect::<Vec<_>>()
        };
        let is_unambiguous = |a: &OwnedCondition, b: &OwnedCondition| {
            a.and(b).is_none_or(|both| {
                let third = entries.get(&both).filter(|_| conditions.contains(&&both));
                both == *a || both == *b || third.is_some_and(|rates| common(a, b).iter().all(|meter| rates.contains_key(meter)))
            })
        };
        let ambiguous =
            (0..conditions.len()).rev().find(|at| conditions[..*at].iter().any(|other| !is_unambiguous(other, conditions[*at])));
        match ambiguous {
            Some(at) => conditions.remove(at),
            None => return conditions.into_iter().collect(),
        };
    }
}

fn dimensions(condition: &OwnedCondition) -> BTreeSet<&'static str> {
    let stated = [
        (condition.region.is_some(), "region"),
        (condition.tier.is_some(), "tier"),
        (condition.above.is_some(), "above"),
        (condition.from.is_some() || condition.until.is_some(), "dates"),
        (condition.hours.is_some(), "hours"),
    ];
    stated.into_iter().filter(|(stated, _)| *stated).map(|(_, name)| name).collect()
}

/// Returns the kind of a provider: the kind that the provider map states, else `local` if the endpoint is on this machine.
pub(crate) fn provider_kind(kind: Option<ProviderKind>, endpoint: Option<&Endpoint>) -> Option<ProviderKind> {
    kind.or_else(|| endpoint.is_some_and(|endpoint| is_local(&endpoint.base_url)).then_some(ProviderKind::Local))
}

/// Returns whether the host of a base URL is this machine.
fn is_local(url: &str) -> bool {
    let authority = url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let host = if authority.starts_with('[') { authority.split_inclusive(']').next() } else { authority.split(':').next() };
    ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"].iter().any(|local| host == Some(local))
}

/// Infers the authentication method of a provider from the environment variables `env`, which a source lists for the provider. If several variables
/// are API keys, the variables are alternatives. The other variables of the method are used in addition to the key. Variables with an unknown role
/// are omitted.
///
/// Returns `None` in three cases:
///
/// - `env` has no API key, and the host of the base URL is not this machine.
/// - The base URL contains a variable that is a secret or has an unknown role.
/// - Requests to the provider have to be signed.
#[must_use]
pub fn infer_auth(env: &[String], base_url: &str) -> Option<Auth> {
    if env.iter().any(|name| name == "AWS_SECRET_ACCESS_KEY") {
        // Signed requests need a pair of keys, but a list of variables does not state which keys belong together.
        return None;
    }
    let mut keys = Vec::new();
    let mut variables: Vec<Variable> = Vec::new();
    let in_url: Vec<String> = variables_in(base_url).map(str::to_owned).collect();
    for name in env.iter().chain(&in_url) {
        if keys.contains(name) || variables.iter().any(|variable| variable.env.contains(name)) {
            continue;
        }
        match variable_role(name) {
            Some(role) if role != VariableRole::Secret => {
                let optional = !in_url.contains(name);
                variables.push(Variable { env: vec![name.clone()], role, optional, default: None });
            }
            // An API key in a base URL would be written to logs.
            Some(_) if in_url.contains(name) => return None,
            Some(_) => keys.push(name.clone()),
            None if in_url.contains(name) => return None,
            // The role of the variable is unknown, so the variable is omitted.
            None => {}
        }
    }
    match (keys.is_empty(), is_local(base_url)) {
        (false, _) => Some(auth_method(AuthKind::ApiKey, keys, variables)),
        (true, true) => Some(auth_method(AuthKind::None, Vec::new(), variables)),
        (true, false) => None,
    }
}

/// Creates an authentication method that sends the key in the default header, because no source states another place.
#[must_use]
pub fn auth_method(kind: AuthKind, env: Vec<String>, variables: Vec<Variable>) -> Auth {
    Auth { kind, env, variables, header: None, scheme: None, query: None }
}

/// Ends of the names of environment variables, and the role of each. The rules about base URLs accept every end that is not an API key.
const VARIABLE_ROLES: &[(&[&str], VariableRole)] = &[
    (
        &["_API_KEY", "_APIKEY", "_KEY", "_TOKEN", "_PAT", "_SECRET", "_API_TOKEN", "_API_SECRET", "_CREDENTIAL", "_JWT", "_PASSWORD"],
        VariableRole::Secret,
    ),
    (&["_PROJECT", "_PROJECT_ID"], VariableRole::Project),
    (
        &["_ACCOUNT_ID", "_ACCOUNT", "_TENANT", "_ORG_ID", "_ORGANIZATION", "_GATEWAY_ID", "_WORKSPACE_ID", "_CLUSTER_ID", "_ID"],
        VariableRole::Account,
    ),
    (&["_RESOURCE_NAME", "_RESOURCE", "_GATEWAY", "_DEPLOYMENT"], VariableRole::Resource),
    (&["_REGION", "_LOCATION"], VariableRole::Region),
    (&["_HOST", "_BASE_URL", "_ENDPOINT", "_DOMAIN", "_INSTANCE"], VariableRole::Host),
];

/// Returns the role of an environment variable, inferred from the end of the variable's name. The role of an API key is `Secret`. Returns `None` if
/// the end of the name indicates no role.
#[must_use]
pub fn variable_role(name: &str) -> Option<VariableRole> {
    VARIABLE_ROLES.iter().find(|(ends, _)| ends.iter().any(|end| name.ends_with(end))).map(|(_, role)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_compile::authored::routing::Routing;
    use modeldex_compile::{UserRoutes, compile_layers, judge_route};
    use std::path::Path;

    #[test]
    fn base_urls_may_contain_variables_of_every_role_except_api_keys() {
        let no_folders: [&Path; 0] = [];
        let empty = compile_layers(None, &no_folders, &UserRoutes::default());
        for (ends, role) in VARIABLE_ROLES.iter().filter(|(_, role)| *role != VariableRole::Secret) {
            for end in *ends {
                assert_eq!(variable_role(&format!("NEW{end}")), Some(*role), "{end}");
                let text = format!(
                    "providers:\n  new:\n    endpoints: [{{base_url: 'https://${{NEW{end}}}.new.example/v1', api: openai-completions}}]\n    \
                     auth: [{{kind: api-key, env: [NEW_API_KEY], variables: [{{env: [NEW{end}], role: {role}}}]}}]\n",
                    role = role.as_str()
                );
                let routing = Routing::parse(&text).expect("the routing is valid");
                let faults = judge_route("new", &routing.providers["new"], &empty.catalog(), &routing.shared_variables);
                assert!(faults.is_empty(), "{end}: {faults:?}");
            }
        }
    }
}
