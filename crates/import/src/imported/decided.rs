//! The decided facts of one provider and its models, before models inherit from their base models.

use super::held;
use super::spelling::groups;
use crate::author::{self, Circumstance};
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::{Line, ProviderEvidence};
use crate::policy::Policy;
use crate::routes::Routes;
use crate::statement::{Key, Value};
use modeldex_compile::authored::held::HeldFact;
use modeldex_compile::authored::{Model, ModelAlias, Provider};
use modeldex_table::{AliasKind, Fact, ProviderKind};
use std::collections::BTreeMap;

/// The decided facts of a provider.
pub(crate) struct Decided {
    /// Its own facts, with its confirmed routing.
    pub(super) provider: Provider,
    pub(super) models: BTreeMap<String, DecidedModel>,
    pub(super) aliases: Vec<ModelAlias>,
    /// Its unconfirmed routing claims.
    pub(super) held: Vec<HeldFact>,
    /// What a request to it needs and no source states.
    missing: Vec<&'static str>,
}

/// The decided facts of a model.
pub(super) struct DecidedModel {
    pub(super) base: Option<String>,
    pub(super) model: Model,
}

impl Decided {
    /// Decides every fact of a provider and its models, and notes in the evidence what was decided.
    pub(crate) fn new(
        policy: &Policy<'_>,
        id: &str,
        evidence: &mut ProviderEvidence,
        kind: Option<ProviderKind>,
        routes: Routes<'_>,
    ) -> Self {
        let stated = policy.decide(id, &[&evidence.own]);
        let allowed = policy.decide_routed(id, &evidence.own, routes.of(id));
        let mut provider = author::provider(id, &stated, kind);
        let missing = if routes.of(id).is_some_and(|confirmed| !confirmed.endpoints.is_empty()) {
            Vec::new()
        } else {
            missing(&provider, &stated, &evidence.own)
        };
        let mut held = Vec::new();
        if let Routes::Confirmed(_) = routes {
            held = held::of(policy, id, &evidence.own, routes.of(id));
            (provider.endpoints, provider.auth) = author::routing(&allowed, routes.of(id));
            provider.kind = author::kind_of(kind, provider.endpoints.first());
        }
        note(&mut evidence.own, &allowed);
        let groups = groups(policy, id, evidence);
        let mut models = BTreeMap::new();
        let mut aliases = Vec::new();
        for (primary, others) in &groups {
            let ids: Vec<&String> = std::iter::once(primary).chain(others).collect();
            let lines: Vec<&Line> = ids.iter().filter_map(|id| evidence.models.get(*id)).collect();
            let mut decisions = policy.decide(id, &lines);
            let at = Circumstance::of(policy, &lines, kind);
            let model = author::model(primary, &decisions, at);
            let base = decisions.get(&Key::Base).and_then(|decision| decision.text()).map(str::to_owned);
            if let Some(status) = model.facts.get(Fact::Status) {
                let key = Key::Fact(Fact::Status);
                let is_stated = decisions.get(&key).is_some_and(|decision| decision.value.as_ref() == Some(status));
                if !is_stated {
                    let rule = if at.listed { Rule::Derived } else { Rule::Disappeared };
                    decisions.insert(key, Decision::new(status.clone(), rule));
                }
            }
            if let Some(billing) = model.facts.get(Fact::Billing) {
                decisions.insert(Key::Fact(Fact::Billing), Decision::new(billing.clone(), Rule::Derived));
            }
            if let Some(line) = evidence.models.get_mut(primary) {
                note(line, &decisions);
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
                    note(line, &Decisions::from([(Key::AliasOf, Decision::new(value, Rule::Derived))]));
                }
            }
        }
        aliases.sort_by(|one, other| one.id.cmp(&other.id));
        Self { provider, models, aliases, held, missing }
    }

    /// Why the provider cannot be in the catalog, where it cannot.
    pub(super) fn incomplete(&self) -> Option<String> {
        match (self.missing.is_empty(), self.models.is_empty()) {
            (true, false) => None,
            (true, true) => Some("no source lists a model of it".to_owned()),
            (false, _) => Some(format!("no source states {}", self.missing.join(" or "))),
        }
    }
}

/// What a request to the provider needs and no source states.
fn missing(provider: &Provider, stated: &Decisions, line: &Line) -> Vec<&'static str> {
    let (asked, url) = (!provider.endpoints.is_empty(), stated.contains_key(&Key::BaseUrl));
    let no_url = if line.claims(&Key::BaseUrl).is_empty() { "a base URL" } else { "a base URL that can be used" };
    let parts = [
        (!asked && !url, no_url),
        (!asked && url, "a protocol of this catalog for its base URL"),
        (asked && provider.auth.is_empty(), "a variable that holds its key"),
    ];
    parts.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what).collect()
}

/// Writes what was decided beside the claims.
fn note(line: &mut Line, decisions: &Decisions) {
    for fact in line.facts.values_mut() {
        (fact.value, fact.rule) = (None, None);
    }
    for (key, decision) in decisions {
        let fact = line.facts.entry(key.clone()).or_default();
        (fact.value, fact.rule) = (decision.value.clone(), Some(decision.rule));
    }
}
