//! Base models: what is the same whoever sells a model, found in what its sellers state, so that a seller's entry is a few lines.

use modeldex_compile::authored::{BaseModel, Facts, Lab, Model};
use modeldex_table::Fact;
use serde_json::{Map, Value};
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
pub fn facts(lab: &str, offerings: &[Offering<'_>]) -> Map<String, Value> {
    let stated: Vec<(bool, Map<String, Value>)> =
        offerings.iter().map(|offering| (offering.provider == lab, object(offering.facts))).collect();
    let mut tallies: BTreeMap<&String, Vec<(&Value, usize)>> = BTreeMap::new();
    for (own, facts) in &stated {
        for (key, value) in facts {
            // The lab's own word outweighs everybody else's together.
            let weight = if *own { offerings.len() + 1 } else { 1 };
            let tally = tallies.entry(key).or_default();
            match tally.iter_mut().find(|(other, _)| *other == value) {
                Some((_, count)) => *count += weight,
                None => tally.push((value, weight)),
            }
        }
    }
    let mut facts = Map::new();
    for (key, tally) in tallies {
        // Of two values that as many state, the one that is written first in the alphabet: any, but always the same.
        let most = tally.iter().max_by_key(|(value, count)| (*count, std::cmp::Reverse(value.to_string())));
        facts.extend(most.map(|(value, _)| (key.clone(), (*value).clone())));
    }
    // How long a request may be is each host's own choice, and nothing that another one inherits.
    facts.remove("max_input_tokens");
    let count = |facts: &Map<String, Value>, key: &str| facts.get(key).and_then(Value::as_u64);
    for limit in ["max_output_tokens", "max_input_tokens"] {
        if count(&facts, limit).zip(count(&facts, "context_window")).is_some_and(|(limit, window)| limit > window) {
            facts.remove(limit);
        }
    }
    let date =
        |key: &str| facts.get(key).and_then(|value| serde_json::from_value::<modeldex_compile::authored::PartialDate>(value.clone()).ok());
    if date("release_date").zip(date("last_updated")).is_some_and(|(release, updated)| release.0.earliest() > updated.0.latest()) {
        facts.remove("last_updated");
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
    let window = facts.context_window.or(below.context_window);
    for (own, inherited, fact) in [
        (&mut facts.max_output_tokens, below.max_output_tokens, Fact::MaxOutputTokens),
        (&mut facts.max_input_tokens, below.max_input_tokens, Fact::MaxInputTokens),
    ] {
        *own = own.filter(|limit| window.is_none_or(|window| *limit <= window));
        if own.is_none() && inherited.zip(window).is_some_and(|(limit, window)| limit > window) {
            model.omit.push(fact);
        }
    }
    let after = |one: Option<modeldex_compile::authored::PartialDate>, other: Option<modeldex_compile::authored::PartialDate>| {
        one.zip(other).is_some_and(|(one, other)| one.0.earliest() > other.0.latest())
    };
    if after(facts.release_date.or(below.release_date), facts.last_updated.or(below.last_updated)) {
        facts.last_updated = None;
        if below.last_updated.is_some() {
            model.omit.push(Fact::LastUpdated);
        }
    }
    macro_rules! trim {
        ($($field:ident),+) => {$(
            if facts.$field == below.$field {
                facts.$field = Default::default();
            }
        )+};
    }
    trim!(
        name,
        family,
        kind,
        context_window,
        max_input_tokens,
        max_output_tokens,
        input,
        output,
        reasoning_efforts,
        open_weights,
        release_date,
        last_updated,
        knowledge_cutoff
    );
    facts.capabilities.retain(|capability, can| below.capabilities.get(capability) != Some(can));
}

fn object(facts: &Facts) -> Map<String, Value> {
    match serde_json::to_value(facts) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// A model's name without what differs from seller to seller: folders, upper case, dots for dashes, the variant behind a colon.
fn plain(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let name = last.split(':').next().unwrap_or(last);
    name.to_ascii_lowercase().replace(['.', '_'], "-")
}
