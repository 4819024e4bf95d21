//! Base models: what is the same whoever sells a model, found in what its sellers state, so that a seller's entry is a few lines.

use crate::statement::{Key, Value, by_key};
use modeldex_compile::authored::{BaseModel, Facts, Lab, Model};
use modeldex_table::{Date, Fact, Limits};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// What one provider states of a model that has a base.
#[derive(Clone, Copy, Debug)]
pub struct Offering<'o> {
    /// The provider.
    pub provider: &'o str,
    /// The facts, as decided for this provider.
    pub facts: &'o Facts,
}

/// The base models that exist, and which of them a model without a stated one is.
#[derive(Debug, Default)]
pub struct Bases {
    models: BTreeMap<String, BaseModel>,
    by_name: HashMap<String, Option<String>>,
}

/// The facts of a base model, from those who sell it: its lab's own word where the lab sells it, else what most state.
#[must_use]
pub fn facts(lab: &str, offerings: &[Offering<'_>]) -> Facts {
    let mut tallies: BTreeMap<Key, Vec<(Value, usize)>> = BTreeMap::new();
    for offering in offerings {
        // The lab's own word outweighs everybody else's together.
        let weight = if offering.provider == lab { offerings.len() + 1 } else { 1 };
        let inherited = offering.facts.iter().filter(|(fact, _)| fact.is_inherited());
        for (key, value) in inherited.flat_map(|(fact, value)| by_key(fact, value.clone())) {
            let tally = tallies.entry(key).or_default();
            match tally.iter_mut().find(|(other, _)| *other == value) {
                Some((_, count)) => *count += weight,
                None => tally.push((value, weight)),
            }
        }
    }
    let mut facts = Facts::default();
    for (key, tally) in tallies {
        // Of two values that as many state, the one that is written first in the alphabet: any, but always the same.
        let most = tally.into_iter().max_by_key(|(value, count)| (*count, Reverse(json!(value).to_string())));
        match (key, most) {
            (Key::Fact(fact), Some((value, _))) => facts.set(fact, value),
            (Key::Capability(capability), Some((Value::Flag(can), _))) => facts.set_capability(capability, Some(can)),
            _ => {}
        }
    }
    facts.forget_impossible();
    // How long a request may be is each host's own choice, and nothing that another one inherits.
    facts.forget(Limits::INPUT);
    facts.limits().above_window().for_each(|(limit, ..)| facts.forget(limit));
    for &(first, second, doubtful) in Fact::DATE_ORDER {
        if is_after(facts.date(first), facts.date(second)) {
            facts.forget(doubtful);
        }
    }
    facts
}

impl Bases {
    /// Adds the base models of a lab.
    pub fn add(&mut self, lab: &str, file: &Lab) {
        for base in &file.models {
            let reference = format!("{lab}/{}", base.id);
            let name = self.by_name.entry(plain(&base.id)).or_insert_with(|| Some(reference.clone()));
            if name.as_ref() != Some(&reference) {
                // Two labs have one of that name, so the name alone does not tell which is meant.
                *name = None;
            }
            self.models.insert(reference, base.clone());
        }
    }

    /// The base model with that reference.
    #[must_use]
    pub fn get(&self, reference: &str) -> Option<&BaseModel> {
        self.models.get(reference)
    }

    /// The base model that a model is by its id alone.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&str> {
        self.by_name.get(&plain(id))?.as_deref()
    }
}

/// Takes out of a model what its base states likewise, and omits what the base states and cannot hold here.
pub fn inherit(model: &mut Model, base: &BaseModel) {
    let below = &base.facts;
    let facts = &mut model.facts;
    let (own, inherited) = (facts.limits(), below.limits());
    let window = own.window.or(inherited.window);
    Limits { window, ..own }.above_window().for_each(|(limit, ..)| facts.forget(limit));
    let unfit = Limits { window, ..inherited }.above_window().map(|(limit, ..)| limit);
    model.omit.extend(unfit.filter(|limit| !facts.states(*limit)));
    let date = |facts: &Facts, fact| facts.date(fact).or(below.date(fact));
    for &(first, second, doubtful) in Fact::DATE_ORDER.iter().filter(|(first, second, _)| first.is_inherited() && second.is_inherited()) {
        if is_after(date(facts, first), date(facts, second)) {
            facts.forget(doubtful);
            if below.states(doubtful) {
                model.omit.push(doubtful);
            }
        }
    }
    for (fact, value) in below.iter().filter(|(fact, _)| fact.is_inherited()) {
        if let Value::Capabilities(inherited) = value {
            for (capability, can) in inherited.iter() {
                if facts.capabilities().get(capability) == Some(can) {
                    facts.set_capability(capability, None);
                }
            }
        } else if facts.get(fact) == Some(value) {
            facts.forget(fact);
        }
    }
}

/// Whether every day that `from` can mean is after every day that `to` can mean.
pub(crate) fn is_after(from: Option<Date>, to: Option<Date>) -> bool {
    from.zip(to).is_some_and(|(from, to)| from.earliest() > to.latest())
}

/// A model's name without what differs from seller to seller: folders, upper case, dots for dashes, the variant behind a colon.
fn plain(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let name = last.split(':').next().unwrap_or(last);
    name.to_ascii_lowercase().replace(['.', '_'], "-")
}
