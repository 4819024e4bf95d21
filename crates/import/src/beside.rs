//! The catalog beside its evidence: what each model states in the terms of the evidence, who says what of it, and where a person wrote
//! something else. Every command that shows or counts evidence asks here, so that all of them mean the same.

use crate::decision::Rule;
use crate::evidence::{Claim, FactEvidence, Line, ProviderEvidence, SourceName};
use crate::statement::{Key, Money, Untyped, Value, by_key};
use modeldex_compile::authored::{self, owned};
use modeldex_table::{BaseModel, Billing, Currency, Date, Fact, FactGroup, FactType, Model, Origin, OriginPart, Provider};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A value that the catalog has for a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The value.
    pub value: Value,
    /// Which part of which file has it.
    pub part: OriginPart,
    /// Whether that file is imported.
    pub imported: bool,
}

/// The values that the catalog has, by fact.
pub type Holdings = BTreeMap<Key, Held>;

/// What is known of a model or provider: its line, and the lines of ids that mean the same.
#[derive(Clone, Debug, Default)]
pub struct Lines<'e> {
    /// The line of its own id.
    pub own: Option<&'e Line>,
    /// The lines of its other ids.
    pub others: Vec<(&'e str, &'e Line)>,
}

/// One value of a fact, and who states it.
#[derive(Clone, Debug)]
pub struct Side<'e> {
    /// The value.
    pub value: &'e Value,
    /// Those that state it now.
    pub now: Vec<Voice<'e>>,
    /// Those that stated it once.
    pub past: Vec<Voice<'e>>,
}

/// A source that states a value.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'e> {
    /// What it states, and since when.
    pub claim: &'e Claim,
    /// Under which other id of the model, where it is not the one in the catalog.
    pub under: Option<&'e str>,
}

/// A person's value where the sources say something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Kept {
    /// What the catalog has; nothing where a person took the value out.
    #[schemars(with = "Option<Untyped>")]
    pub mine: Option<Value>,
    /// What the importer would have there.
    #[schemars(with = "Untyped")]
    pub theirs: Value,
}

/// The values that were decided of the facts of one base model, each with the providers that sell it and for which it was decided; the most
/// frequent first. Prices are not among them, because no model inherits any.
#[derive(Clone, Debug, Default)]
pub struct Sellers<'e>(HashMap<&'e Key, Vec<ValueOfProviders<'e>>>);

/// A value, and the providers that have it.
pub type ValueOfProviders<'e> = (&'e Value, Vec<&'e str>);

/// The order of groups of facts in reports.
pub const ORDER: &[Option<FactGroup>] = &[
    Some(FactGroup::Limits),
    Some(FactGroup::Modalities),
    Some(FactGroup::Capabilities),
    Some(FactGroup::Dates),
    Some(FactGroup::Status),
    Some(FactGroup::Prices),
    Some(FactGroup::Names),
    Some(FactGroup::Providers),
    Some(FactGroup::Aliases),
    None,
];

/// The word for a group of facts, as `sources.yaml` writes it.
#[must_use]
pub const fn word(group: Option<FactGroup>) -> &'static str {
    match group {
        Some(group) => group.as_str(),
        None => "listing",
    }
}

/// The place of a fact in [`ORDER`].
#[must_use]
pub fn rank(key: &Key) -> usize {
    ORDER.iter().position(|group| *group == key.group()).unwrap_or(ORDER.len())
}

/// Every fact that a model states or inherits. The kind, the status and the billing count where somebody wrote them; that a model with
/// prices is metered follows from the prices.
#[must_use]
pub fn of_model(model: Model<'_>) -> Holdings {
    let mut held = Holdings::new();
    for &fact in Fact::ALL {
        let Some((Origin { part, imported, .. }, value)) = model.origin(fact).zip(model.value(fact)) else { continue };
        let value = match value {
            modeldex_table::Value::Capabilities(stated) => {
                let base = model.base();
                for (capability, can) in stated.iter() {
                    let inherited = base.filter(|base| base.can(capability) == Some(can)).and_then(|base| base.origin(fact));
                    let (part, imported) = inherited.map_or((part, imported), |origin| (OriginPart::Base, origin.imported));
                    held.insert(Key::Capability(capability), Held { value: Value::Flag(can), part, imported });
                }
                continue;
            }
            modeldex_table::Value::Word(word) if word == Billing::Metered.into() => continue,
            modeldex_table::Value::Text(reference) if matches!(fact.fact_type(), FactType::Reference) => own_reference(model, reference),
            value => owned(value),
        };
        held.insert(Key::Fact(fact), Held { value, part, imported });
    }
    let (part, imported) = model.origin(Fact::Prices).map_or((OriginPart::Model, false), |origin| (origin.part, origin.imported));
    for (key, money) in authored_rates(&modeldex_compile::prices(model)) {
        held.insert(key, Held { value: Value::Rate(money), part, imported });
    }
    held
}

/// Every fact that a base model states.
#[must_use]
pub fn of_base(base: BaseModel<'_>) -> Holdings {
    let part = OriginPart::Base;
    let stated = Fact::ALL.iter().filter_map(|fact| Some((*fact, base.origin(*fact)?.imported, owned(base.value(*fact)?))));
    let by_key = stated.flat_map(|(fact, imported, value)| by_key(fact, value).into_iter().map(move |(key, value)| (key, value, imported)));
    by_key.map(|(key, value, imported)| (key, Held { value, part, imported })).collect()
}

/// What a provider states of itself, as far as sources state such things: its name, documentation, first base URL and protocol.
#[must_use]
pub fn of_provider(provider: Provider<'_>) -> Holdings {
    let part = if provider.extends().is_some() { OriginPart::Extended } else { OriginPart::Model };
    let endpoint = provider.endpoints().next();
    let texts = [
        (Key::Fact(Fact::Name), Some(provider.name())),
        (Key::DocUrl, provider.doc_url()),
        (Key::BaseUrl, endpoint.map(modeldex_table::Endpoint::base_url)),
        (Key::Api, endpoint.map(|endpoint| endpoint.api().as_str())),
    ];
    let held = |text: &str| Held { value: Value::Text(text.to_owned()), part, imported: false };
    texts.into_iter().filter_map(|(key, text)| Some((key, held(text?)))).collect()
}

/// What the imported file states of a model, in the terms of the evidence.
#[must_use]
pub fn stated(model: &authored::Model) -> BTreeMap<Key, Value> {
    let mut all = stated_facts(&model.facts);
    all.extend(authored_rates(&model.prices).map(|(key, money)| (key, Value::Rate(money))));
    all
}

/// What an imported file states of a base model or other entry, in the terms of the evidence.
#[must_use]
pub fn stated_facts(facts: &authored::Facts) -> BTreeMap<Key, Value> {
    facts.iter().flat_map(|(fact, value)| by_key(fact, value.clone())).collect()
}

/// What the imported file states of a provider itself.
#[must_use]
pub fn stated_header(provider: &authored::Provider) -> BTreeMap<Key, Value> {
    let endpoint = provider.endpoints.first();
    let texts = [
        (Key::Fact(Fact::Name), provider.name.clone()),
        (Key::DocUrl, provider.doc_url.clone()),
        (Key::BaseUrl, endpoint.map(|endpoint| endpoint.base_url.clone())),
        (Key::Api, endpoint.map(|endpoint| endpoint.api.as_str().to_owned())),
    ];
    texts.into_iter().filter_map(|(key, text)| Some((key, Value::Text(text?)))).collect()
}

/// Facts that are set or omitted by hand against the imported value.
///
/// A value counts as set by hand where it differs from the one in the imported file, or where it is in the model's own entry and the imported file
/// has none; it is listed where the sources then state another value.
#[must_use]
pub fn kept(held: &Holdings, imported: &BTreeMap<Key, Value>, lines: &Lines<'_>) -> BTreeMap<Key, Kept> {
    let mut kept = BTreeMap::new();
    for (key, theirs) in imported {
        let mine = held.get(key).map(|held| &held.value);
        if mine != Some(theirs) {
            kept.insert(key.clone(), Kept { mine: mine.cloned(), theirs: theirs.clone() });
        }
    }
    for (key, held) in held {
        let Some(chosen) = lines.decision(key).and_then(|fact| fact.value.as_ref()) else { continue };
        if !imported.contains_key(key) && matches!(held.part, OriginPart::Model | OriginPart::Defaults) && held.value != *chosen {
            kept.insert(key.clone(), Kept { mine: Some(held.value.clone()), theirs: chosen.clone() });
        }
    }
    kept
}

impl<'e> Lines<'e> {
    /// The lines about a model of a provider.
    #[must_use]
    pub fn of(evidence: &'e ProviderEvidence, id: &str) -> Self {
        let means = |line: &Line| decided(line, &Key::AliasOf).and_then(Value::text) == Some(id);
        let others = evidence.models.iter().filter(|(_, line)| means(line)).map(|(id, line)| (id.as_str(), line)).collect();
        Self { own: evidence.models.get(id), others }
    }

    /// The lines about every model of a provider, by id: the same as [`Lines::of`] for each, in one pass.
    #[must_use]
    pub fn all(evidence: &'e ProviderEvidence) -> BTreeMap<&'e str, Self> {
        let mut all: BTreeMap<&str, Self> =
            evidence.models.iter().map(|(id, line)| (id.as_str(), Self { own: Some(line), others: Vec::new() })).collect();
        for (id, line) in &evidence.models {
            if let Some(lines) = decided(line, &Key::AliasOf).and_then(Value::text).and_then(|target| all.get_mut(target)) {
                lines.others.push((id, line));
            }
        }
        all
    }

    /// The line of a provider itself.
    #[must_use]
    pub const fn provider(evidence: &'e ProviderEvidence) -> Self {
        Self { own: Some(&evidence.own), others: Vec::new() }
    }

    /// What was decided of a fact.
    #[must_use]
    pub fn decision(&self, key: &Key) -> Option<&'e FactEvidence> {
        self.own?.facts.get(key).filter(|fact| fact.rule.is_some())
    }

    /// Every fact of which something was stated or decided.
    pub fn keys(&self) -> impl Iterator<Item = &'e Key> {
        let others = self.others.iter().flat_map(|(_, line)| line.facts.keys()).filter(|key| **key != Key::AliasOf);
        self.own.into_iter().flat_map(|line| line.facts.keys()).chain(others)
    }

    /// The claims of a fact. Of a source that states it under several ids, those under the catalog's own id count.
    pub fn voices(&self, key: &Key) -> Vec<Voice<'e>> {
        let mut voices: Vec<Voice<'e>> =
            self.own.into_iter().flat_map(|line| line.claims(key)).map(|claim| Voice { claim, under: None }).collect();
        for (id, line) in &self.others {
            if *key == Key::AliasOf {
                continue;
            }
            let heard: Vec<&SourceName> = voices.iter().map(|voice| &voice.claim.source).collect();
            let new: Vec<Voice<'e>> = line
                .claims(key)
                .iter()
                .filter(|claim| !heard.contains(&&claim.source))
                .map(|claim| Voice { claim, under: Some(id) })
                .collect();
            voices.extend(new);
        }
        voices
    }

    /// The values of a fact side by side: the chosen one first, then those that most state now, those of the past last.
    #[must_use]
    pub fn sides(&self, key: &Key) -> Vec<Side<'e>> {
        let mut sides: Vec<Side<'e>> = Vec::new();
        for voice in self.voices(key) {
            let value = &voice.claim.value;
            let at = sides.iter().position(|side| side.value == value).unwrap_or_else(|| {
                sides.push(Side { value, now: Vec::new(), past: Vec::new() });
                sides.len() - 1
            });
            let side = &mut sides[at];
            if voice.claim.is_current() { side.now.push(voice) } else { side.past.push(voice) }
        }
        let chosen = self.decision(key).and_then(|fact| fact.value.as_ref());
        sides.sort_by_key(|side| (Some(side.value) != chosen, std::cmp::Reverse(side.now.len()), side.value.clone()));
        sides
    }

    /// Whether some source stated this value, or it was decided.
    #[must_use]
    pub fn supports(&self, key: &Key, value: &Value) -> bool {
        self.decision(key).is_some_and(|fact| fact.value.as_ref() == Some(value))
            || self
                .own
                .into_iter()
                .chain(self.others.iter().map(|(_, line)| *line))
                .any(|line| line.claims(key).iter().any(|claim| claim.value == *value))
    }
}

impl<'e> Sellers<'e> {
    /// Those of every base model, by its reference.
    #[must_use]
    pub fn all(providers: impl IntoIterator<Item = (&'e str, &'e ProviderEvidence)>) -> HashMap<&'e str, Self> {
        let mut all: HashMap<&str, Self> = HashMap::new();
        for (id, provider) in providers {
            for line in provider.models.values() {
                if let Some(base) = base_of(line) {
                    all.entry(base).or_default().add(id, line);
                }
            }
        }
        for values in all.values_mut().flat_map(|sellers| sellers.0.values_mut()) {
            values.sort_by(|(one, these), (other, those)| those.len().cmp(&these.len()).then_with(|| one.cmp(other)));
        }
        all
    }

    fn add(&mut self, provider: &'e str, line: &'e Line) {
        for (key, fact) in line.facts.iter().filter(|(key, fact)| fact.rule.is_some() && !key.is_price()) {
            let Some(value) = &fact.value else { continue };
            let values = self.0.entry(key).or_default();
            match values.iter_mut().find(|(other, _)| *other == value) {
                Some((_, providers)) if providers.last() == Some(&provider) => {}
                Some((_, providers)) => providers.push(provider),
                None => values.push((value, vec![provider])),
            }
        }
    }

    /// Whether a value was decided for one of them.
    #[must_use]
    pub fn supports(&self, key: &Key, value: &Value) -> bool {
        self.values(key).iter().any(|(other, _)| *other == value)
    }

    /// The values that were decided, with the providers for which they were, the most frequent first.
    #[must_use]
    pub fn values(&self, key: &Key) -> &[ValueOfProviders<'e>] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The rule by which a fact was decided, where it was.
#[must_use]
pub fn rule(fact: Option<&FactEvidence>) -> Option<Rule> {
    fact.and_then(|fact| fact.rule)
}

/// The base model that was decided for a line.
pub(crate) fn base_of(line: &Line) -> Option<&str> {
    decided(line, &Key::Base)?.text()
}

/// The value that was decided for a fact of a line.
fn decided<'l>(line: &'l Line, key: &Key) -> Option<&'l Value> {
    line.facts.get(key).filter(|fact| fact.rule.is_some())?.value.as_ref()
}

/// A reference as the sources write it: by the id where the same provider sells the model.
fn own_reference(model: Model<'_>, reference: &str) -> Value {
    let own = reference.strip_prefix(model.provider().id()).and_then(|rest| rest.strip_prefix('/'));
    Value::Text(own.unwrap_or(reference).to_owned())
}

/// The rates of a price list as it is written, each with its condition.
fn authored_rates(prices: &[authored::Price]) -> impl Iterator<Item = (Key, Money)> {
    let mut currency = Currency::Usd;
    prices.iter().flat_map(move |price| {
        // The currency of an entry without one is that of the entry before.
        currency = price.currency.unwrap_or(currency);
        let (condition, currency) = (&price.condition, currency);
        price.rates.0.iter().map(move |(meter, rate)| (Key::Rate(condition.clone(), *meter), Money { currency, rate: *rate }))
    })
}

/// Whether two values of a fact can both be right, because one is only more exact: `2026-01` and `2026-01-27`.
#[must_use]
pub fn compatible(key: &Key, one: &Value, other: &Value) -> bool {
    let date = |value: &Value| match value {
        Value::Date(date) => Some(*date),
        _ => None,
    };
    let within = |one: Date, other: Date| other.earliest() <= one.earliest() && one.latest() <= other.latest();
    match (key.group(), date(one), date(other)) {
        (Some(FactGroup::Dates | FactGroup::Status), Some(one), Some(other)) => within(one, other) || within(other, one),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::decide;
    use crate::statement::Condition;
    use modeldex_compile::authored::routing::Routing;
    use modeldex_table::{Capability, Meter};

    const TEXT: &str = r#"{"provider":"acme","facts":{}}
{"model":"m","facts":{"listed":[[true,"x@2026-01-01","y@2026-01-01"]],"name":[["M","x@2026-01-01"]],"context_window":[[2000,"x@2026-01-01"],[1000,"y@2026-01-01..2026-02-01"],[3000,"y@2026-03-01"]],"price.input":[[{"USD":"1"},"x@2026-01-01"],[{"USD":"2"},"y@2026-01-01"]]}}
{"model":"M","facts":{"listed":[[true,"z@2026-01-01"]],"context_window":[[9000,"x@2026-01-01..2026-01-01"],[4000,"z@2026-01-01"]]}}
"#;

    const SOURCES: &str = "\
sources:
  models.dev: {name: N, licence: MIT}
  x: {name: X, licence: MIT, snapshots: [{date: 2026-06-01, providers: 1, models: 1}]}
  y: {name: Y, licence: MIT, snapshots: [{date: 2026-05-25, providers: 1, models: 1}]}
  z: {name: Z, licence: MIT, snapshots: [{date: 2026-01-01, providers: 1, models: 1}]}
";

    fn decided() -> ProviderEvidence {
        let mut evidence = ProviderEvidence::parse(TEXT).unwrap();
        decide(&crate::sources::with_snapshots(SOURCES), None, &Routing::default(), "acme", &mut evidence);
        evidence
    }

    fn text(sides: &[Side<'_>]) -> Vec<String> {
        let names = |voices: &[Voice<'_>]| {
            voices.iter().map(|voice| format!("{}{}", voice.claim.source, voice.under.unwrap_or_default())).collect::<Vec<_>>().join(" ")
        };
        sides.iter().map(|side| format!("{}: {} / {}", side.value, names(&side.now), names(&side.past))).collect()
    }

    #[test]
    fn sides_begin_with_the_chosen_value_and_count_each_source_once() {
        let evidence = decided();
        let lines = Lines::of(&evidence, "m");
        assert_eq!(text(&lines.sides(&Key::Fact(Fact::ContextWindow))), ["2000: x / ", "3000: y / ", "4000: zM / ", "1000:  / y"]);
        assert_eq!(text(&Lines::all(&evidence)["m"].sides(&Key::Fact(Fact::ContextWindow))).len(), 4);
        let input = Key::Rate(Condition::default(), Meter::Input);
        assert_eq!((lines.decision(&input).unwrap().value.as_ref(), lines.sides(&input).len()), (None, 2));
    }

    #[test]
    fn a_value_is_a_persons_where_the_importer_wrote_another_or_none() {
        let evidence = decided();
        let lines = Lines::of(&evidence, "m");
        let window = Key::Fact(Fact::ContextWindow);
        let held = |value, part| Holdings::from([(window.clone(), Held { value, part, imported: false })]);
        let theirs = BTreeMap::from([(window.clone(), Value::Tokens(2000)), (Key::Capability(Capability::ToolCall), Value::Flag(true))]);
        let tool_call = Key::Capability(Capability::ToolCall);
        assert_eq!(theirs.keys().collect::<Vec<_>>(), [&window, &tool_call]);
        let kept_of = |held: &Holdings, theirs: &BTreeMap<Key, Value>| kept(held, theirs, &lines).into_keys().collect::<Vec<_>>();
        assert_eq!(kept_of(&held(Value::Tokens(2000), OriginPart::Model), &theirs), std::slice::from_ref(&tool_call));
        assert_eq!(kept_of(&held(Value::Tokens(5), OriginPart::Model), &theirs), [window.clone(), tool_call]);
        // Where the importer wrote nothing, what is inherited is nobody's doing.
        assert_eq!(kept_of(&held(Value::Tokens(5), OriginPart::Base), &BTreeMap::new()), []);
        assert_eq!(kept_of(&held(Value::Tokens(5), OriginPart::Model), &BTreeMap::new()), [window]);
    }

    #[test]
    fn a_date_that_is_only_more_exact_contradicts_nothing() {
        let date = |text: &str| Value::Date(Date::parse(text).unwrap());
        let key = Key::Fact(Fact::ReleaseDate);
        assert!(compatible(&key, &date("2026-01"), &date("2026-01-27")) && !compatible(&key, &date("2026-01"), &date("2026-02-01")));
        assert!(!compatible(&Key::Fact(Fact::Name), &date("2026-01"), &date("2026-01-27")));
    }

    #[test]
    fn every_group_has_its_place_and_its_word() {
        let words: std::collections::BTreeSet<_> = ORDER.iter().map(|group| word(*group)).collect();
        assert_eq!(words.len(), ORDER.len());
    }
}
