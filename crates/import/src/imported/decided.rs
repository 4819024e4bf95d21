//! Decisions about one provider and its models, and the entries that result, before models inherit facts from their base models.

use super::aliases::groups;
use super::held;
use crate::decision::{Decision, Decisions, Rule};
use crate::entries::{self, ModelContext};
use crate::evidence::{EvidenceLine, ProviderEvidence};
use crate::policy::Policy;
use crate::routing_check::RoutingCheck;
use crate::statement::{FactKey, Value};
use modeldex_compile::authored::held::HeldFact;
use modeldex_compile::authored::{Model, ModelAlias, Provider};
use modeldex_table::{AliasKind, Fact, ProviderKind};
use std::collections::BTreeMap;

/// Entries of a provider and its models that result from decisions.
pub(crate) struct DecidedProvider {
    /// Entry of the provider, with the confirmed routing.
    pub(super) provider: Provider,
    pub(super) models: BTreeMap<String, DecidedModel>,
    pub(super) aliases: Vec<ModelAlias>,
    /// Routing claims that are not confirmed.
    pub(super) held: Vec<HeldFact>,
    /// Reason why requests to the provider are not possible; `None` if requests are possible.
    missing: Option<&'static str>,
}

/// Entry of a model that results from decisions.
pub(super) struct DecidedModel {
    pub(super) base: Option<String>,
    pub(super) model: Model,
}

impl DecidedProvider {
    /// Decides all facts of a provider and its models, and records the decisions in `evidence`.
    pub(crate) fn new(
        policy: &Policy<'_>,
        id: &str,
        evidence: &mut ProviderEvidence,
        kind: Option<ProviderKind>,
        routing_check: RoutingCheck<'_>,
    ) -> Self {
        let claimed = policy.decide(id, &[&evidence.provider]);
        let allowed = policy.decide_with_routing(id, &evidence.provider, routing_check.confirmed(id));
        let mut provider = entries::provider(id, &claimed, kind);
        let missing = if routing_check.confirmed(id).is_some_and(|confirmed| !confirmed.endpoints.is_empty()) {
            None
        } else {
            missing(&provider, &claimed, &evidence.provider)
        };
        let mut held = Vec::new();
        if let RoutingCheck::Confirmed(_) = routing_check {
            held = held::unconfirmed_claims(policy, id, &evidence.provider, routing_check.confirmed(id));
            // No claim changes the routing: the endpoints and authentication methods are those of `routing.yaml`, byte for byte.
            let confirmed = routing_check.confirmed(id).cloned().unwrap_or_default();
            (provider.endpoints, provider.auth) = (confirmed.endpoints, confirmed.auth);
            provider.kind = entries::provider_kind(kind, provider.endpoints.first());
        }
        record(&mut evidence.provider, &allowed);
        let groups = groups(policy, id, evidence);
        let mut models = BTreeMap::new();
        let mut aliases = Vec::new();
        for (primary, others) in &groups {
            let ids: Vec<&String> = std::iter::once(primary).chain(others).collect();
            let lines: Vec<&EvidenceLine> = ids.iter().filter_map(|id| evidence.models.get(*id)).collect();
            let mut decisions = policy.decide(id, &lines);
            let context = ModelContext::new(policy, &lines, kind);
            let model = entries::model(primary, &decisions, context);
            let base = decisions.get(&FactKey::Base).and_then(|decision| decision.text()).map(str::to_owned);
            if let Some(status) = model.facts.get(Fact::Status) {
                let key = FactKey::Fact(Fact::Status);
                let is_stated = decisions.get(&key).is_some_and(|decision| decision.value.as_ref() == Some(status));
                if !is_stated {
                    let rule = if context.listed { Rule::Derived } else { Rule::Disappeared };
                    decisions.insert(key, Decision::new(status.clone(), rule));
                }
            }
            if let Some(billing) = model.facts.get(Fact::Billing) {
                decisions.insert(FactKey::Fact(Fact::Billing), Decision::new(billing.clone(), Rule::Derived));
            }
            if let Some(line) = evidence.models.get_mut(primary) {
                record(line, &decisions);
            }
            models.insert(primary.clone(), DecidedModel { base, model });
            for other in others {
                aliases.push(ModelAlias {
                    id: other.clone(),
                    target: primary.clone(),
                    kind: AliasKind::Display,
                    reason: None,
                    until: None,
                });
                if let Some(line) = evidence.models.get_mut(other) {
                    let value = Value::Text(primary.clone());
                    record(line, &Decisions::from([(FactKey::AliasOf, Decision::new(value, Rule::Derived))]));
                }
            }
        }
        aliases.sort_by(|one, other| one.id.cmp(&other.id));
        Self { provider, models, aliases, held, missing }
    }

    /// Returns the reason why the catalog cannot contain the provider. Returns `None` if the catalog can contain the provider.
    pub(super) fn reason_for_absence(&self) -> Option<String> {
        let no_models = self.models.is_empty().then_some("no source lists a model of this provider");
        self.missing.or(no_models).map(str::to_owned)
    }
}

/// Returns the reason why requests to the provider are not possible: no source states a part that they need. Returns `None` if no part is missing.
fn missing(provider: &Provider, claimed: &Decisions, line: &EvidenceLine) -> Option<&'static str> {
    if !provider.endpoints.is_empty() {
        return provider.auth.is_empty().then_some("no source states an environment variable for the provider's API key");
    }
    if claimed.contains_key(&FactKey::BaseUrl) {
        return Some("no source states a supported wire protocol for the provider's base URL");
    }
    if line.claims(&FactKey::BaseUrl).is_empty() { Some("no source states a base URL") } else { Some("no source states a valid base URL") }
}

/// Records decisions in an evidence line, in addition to the claims.
fn record(line: &mut EvidenceLine, decisions: &Decisions) {
    for fact in line.facts.values_mut() {
        (fact.value, fact.rule) = (None, None);
    }
    for (key, decision) in decisions {
        let fact = line.facts.entry(key.clone()).or_default();
        (fact.value, fact.rule) = (decision.value.clone(), Some(decision.rule));
    }
}
