//! Base models. A base model merges the facts of one model from all providers that offer the model. The model entries of these providers then contain
//! only the facts that differ from the base model.

use crate::statement::{FactKey, Value, split_capabilities};
use modeldex_compile::authored::{BaseModel, Facts, Lab, Model};
use modeldex_table::{Date, Fact, Limits};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Base model as one provider offers it.
#[derive(Clone, Copy, Debug)]
pub struct Offering<'o> {
    /// Id of the provider.
    pub provider: &'o str,
    /// Facts of the model that were decided for this provider.
    pub facts: &'o Facts,
}

/// Index of base models, by reference and by name.
#[derive(Debug, Default)]
pub struct BaseModelIndex {
    models: BTreeMap<String, BaseModel>,
    by_name: HashMap<String, Option<String>>,
}

/// Returns the facts of a base model of the lab `lab`, merged from the facts of the providers that offer the base model. If the lab is one of these
/// providers and has a value for a fact, this value is used. Otherwise the most frequent value is used.
#[must_use]
pub fn merge_facts(lab: &str, offerings: &[Offering<'_>]) -> Facts {
    let mut tallies: BTreeMap<FactKey, Vec<(Value, usize)>> = BTreeMap::new();
    for offering in offerings {
        // The lab's value has more weight than the values of all other providers together.
        let weight = if offering.provider == lab { offerings.len() + 1 } else { 1 };
        let inherited = offering.facts.iter().filter(|(fact, _)| fact.is_inherited());
        for (key, value) in inherited.flat_map(|(fact, value)| split_capabilities(fact, value.clone())) {
            let tally = tallies.entry(key).or_default();
            match tally.iter_mut().find(|(other, _)| *other == value) {
                Some((_, count)) => *count += weight,
                None => tally.push((value, weight)),
            }
        }
    }
    let mut facts = Facts::default();
    for (key, tally) in tallies {
        // If two values are equally frequent, the value whose JSON sorts first is used. This choice is arbitrary, but does not vary.
        let most = tally.into_iter().max_by_key(|(value, count)| (*count, Reverse(json!(value).to_string())));
        match (key, most) {
            (FactKey::Fact(fact), Some((value, _))) => facts.set(fact, value),
            (FactKey::Capability(capability), Some((Value::Flag(can), _))) => facts.set_capability(capability, Some(can)),
            _ => {}
        }
    }
    facts.remove_impossible();
    // Each host chooses its own maximum input, so the fact is not inherited.
    facts.remove(Limits::INPUT);
    facts.limits().above_window().for_each(|(limit, ..)| facts.remove(limit));
    for &(first, second, doubtful) in Fact::DATE_ORDER {
        if is_after(facts.date(first), facts.date(second)) {
            facts.remove(doubtful);
        }
    }
    facts
}

impl BaseModelIndex {
    /// Adds the base models of a lab. If two labs have a base model of the same name, [`find_by_model_id`](Self::find_by_model_id) finds neither.
    pub fn add(&mut self, lab: &str, file: &Lab) {
        for base in &file.models {
            let reference = format!("{lab}/{}", base.id);
            let name = self.by_name.entry(normalized_name(&base.id)).or_insert_with(|| Some(reference.clone()));
            if name.as_ref() != Some(&reference) {
                *name = None;
            }
            self.models.insert(reference, base.clone());
        }
    }

    /// Returns the base model with the reference `reference`, which has the form `lab/model`. Returns `None` if there is no such base model.
    #[must_use]
    pub fn get(&self, reference: &str) -> Option<&BaseModel> {
        self.models.get(reference)
    }

    /// Returns the reference of the base model whose name matches the model id `id`. Returns `None` if no base model matches, or if several base
    /// models match.
    #[must_use]
    pub fn find_by_model_id(&self, id: &str) -> Option<&str> {
        self.by_name.get(&normalized_name(id))?.as_deref()
    }
}

/// Reduces the entry `model` to the facts that the model does not inherit from its base model `base`. A fact that equals the fact of the base model
/// is removed. A fact of the base model may contradict the model's own facts: for example, the maximum output of the base model may be above the
/// context window of the model. Such a fact of the base model is added to the model's `omit` list, so that the model does not inherit the fact.
pub fn remove_inherited(model: &mut Model, base: &BaseModel) {
    let base_facts = &base.facts;
    let facts = &mut model.facts;
    let (own, inherited) = (facts.limits(), base_facts.limits());
    let window = own.window.or(inherited.window);
    Limits { window, ..own }.above_window().for_each(|(limit, ..)| facts.remove(limit));
    let contradicting = Limits { window, ..inherited }.above_window().map(|(limit, ..)| limit);
    model.omit.extend(contradicting.filter(|limit| !facts.states(*limit)));
    let date = |facts: &Facts, fact| facts.date(fact).or(base_facts.date(fact));
    for &(first, second, doubtful) in Fact::DATE_ORDER.iter().filter(|(first, second, _)| first.is_inherited() && second.is_inherited()) {
        if is_after(date(facts, first), date(facts, second)) {
            facts.remove(doubtful);
            if base_facts.states(doubtful) {
                model.omit.push(doubtful);
            }
        }
    }
    for (fact, value) in base_facts.iter().filter(|(fact, _)| fact.is_inherited()) {
        if let Value::Capabilities(inherited) = value {
            for (capability, can) in inherited.iter() {
                if facts.capabilities().get(capability) == Some(can) {
                    facts.set_capability(capability, None);
                }
            }
        } else if facts.get(fact) == Some(value) {
            facts.remove(fact);
        }
    }
}

/// Returns whether every day of `from` is after every day of `to`. A date such as `2026-01` has all days of the month.
pub(crate) fn is_after(from: Option<Date>, to: Option<Date>) -> bool {
    from.zip(to).is_some_and(|(from, to)| from.earliest() > to.latest())
}

/// Returns the name of a model by which ids at different providers are compared. The name is the last segment of the id, without the variant after a
/// colon, in lower case, and with dashes instead of dots and underscores.
fn normalized_name(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let name = last.split(':').next().unwrap_or(last);
    name.to_ascii_lowercase().replace(['.', '_'], "-")
}
