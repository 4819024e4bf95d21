//! What one source says on one day, in the terms of this catalog.

use crate::provider_map::{Mapped, ProviderMap, is_provider_id};
use crate::statement::{Condition, Key, Value};
use crate::{Exact, NotExact};
use modeldex_support::secret::mask;
use modeldex_table::{Date, Fact, FactType, Meter, Word, Words};
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt::Display;

/// The statements of one source on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// What it says of each provider, by this catalog's id.
    pub providers: BTreeMap<String, ProviderStatement>,
    /// What was not taken over, and why.
    pub problems: Vec<Problem>,
}

/// What a source says of one provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderStatement {
    /// Of the provider itself.
    pub facts: BTreeMap<Key, Value>,
    /// Of its models, by id on the wire.
    pub models: BTreeMap<String, BTreeMap<Key, Value>>,
}

/// A row or value that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands in the source.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Builds a [`Snapshot`]. Readers hand over what they find; what is malformed becomes a [`Problem`] here, in one place for all sources.
#[derive(Debug)]
pub struct Builder<'m> {
    source: &'m str,
    map: &'m ProviderMap,
    snapshot: Snapshot,
}

/// The provider or model that facts are being added to.
#[derive(Debug)]
pub struct Subject<'b> {
    place: String,
    facts: &'b mut BTreeMap<Key, Value>,
    problems: &'b mut Vec<Problem>,
}

impl Snapshot {
    /// How many models it has.
    #[must_use]
    pub fn models(&self) -> usize {
        self.providers.values().map(|provider| provider.models.len()).sum()
    }
}

impl<'m> Builder<'m> {
    /// Starts the snapshot of a source.
    #[must_use]
    pub fn new(source: &'m str, map: &'m ProviderMap) -> Self {
        Self { source, map, snapshot: Snapshot::default() }
    }

    /// The id that this catalog has for a provider. `None` where it is skipped; one that nobody has looked at is a problem.
    pub fn provider_id(&mut self, id: &str) -> Option<&'m str> {
        match self.map.of(self.source, id) {
            Mapped::Provider(provider) => Some(provider),
            Mapped::Skipped(_) => None,
            Mapped::Unknown => {
                self.problem(id, "this provider is not in catalog/provider-map.yaml: say there which service it is, or why it is skipped");
                None
            }
        }
    }

    /// The provider itself, by this catalog's id.
    pub fn provider(&mut self, provider: &str) -> Subject<'_> {
        let Snapshot { providers, problems } = &mut self.snapshot;
        let facts = &mut providers.entry(provider.to_owned()).or_default().facts;
        facts.entry(Key::Listed).or_insert(Value::Flag(true));
        Subject { place: provider.to_owned(), facts, problems }
    }

    /// A model of a provider, by this catalog's id of the provider. `None` where the id cannot be one.
    pub fn model(&mut self, provider: &str, id: &str) -> Option<Subject<'_>> {
        let place = format!("{provider}/{id}");
        if mask(id) != id {
            self.problem(provider, "an id that may be a secret is not taken over");
            return None;
        }
        if !is_model_id(id) {
            self.problem(place, "an id is 1 to 200 printable ASCII characters without spaces and commas");
            return None;
        }
        let Snapshot { providers, problems } = &mut self.snapshot;
        let provider = providers.entry(provider.to_owned()).or_default();
        provider.facts.entry(Key::Listed).or_insert(Value::Flag(true));
        let facts = provider.models.entry(id.to_owned()).or_default();
        facts.entry(Key::Listed).or_insert(Value::Flag(true));
        Some(Subject { place, facts, problems })
    }

    /// Reports a row that is not taken over.
    pub fn problem(&mut self, place: impl Into<String>, reason: impl Display) {
        // What a source got wrong may be a key that somebody pasted into it.
        let (place, reason) = (mask(&place.into()), mask(&reason.to_string()));
        self.snapshot.problems.push(Problem { place, reason });
    }

    /// The snapshot.
    #[must_use]
    pub fn finish(self) -> Snapshot {
        self.snapshot
    }
}

impl Subject<'_> {
    /// States a fact. What was stated first stays; another value for it is a problem.
    pub fn set(&mut self, key: Key, value: Value) {
        let secret = |text: &String| {
            mask(text) != *text || text.split("://").nth(1).is_some_and(|rest| rest.split('/').next().unwrap_or_default().contains('@'))
        };
        if matches!(&value, Value::Text(text) if secret(text)) || matches!(&value, Value::Texts(texts) if texts.iter().any(secret)) {
            return self.problem(&key, "this may be a secret, and is not taken over");
        }
        if matches!((&key, value.text()), (Key::Base, Some(base)) if !is_base(base)) {
            return self.problem(&key, "not `lab/model`");
        }
        let value = key.typed(value);
        match self.facts.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(entry) if *entry.get() == value => {}
            Entry::Occupied(entry) => {
                let reason = format!("`{}` is stated twice, as {} and as {value}; the first is taken", entry.key(), entry.get());
                self.problems.push(Problem { place: self.place.clone(), reason });
            }
        }
    }

    /// States a text, where there is one. Control characters and spaces at the ends are not part of it.
    pub fn text(&mut self, key: Key, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        if text.len() > 300 || text.contains(char::is_control) {
            return self.problem(&key, "not a short text of one line");
        }
        self.set(key, Value::Text(text.to_owned()));
    }

    /// States a yes or no, where there is one.
    pub fn flag(&mut self, key: Key, flag: Option<bool>) {
        if let Some(flag) = flag {
            self.set(key, Value::Flag(flag));
        }
    }

    /// States a number of tokens, where there is one. A limit of zero is none.
    pub fn tokens(&mut self, fact: Fact, count: Option<Exact>) {
        match count.map(Exact::count) {
            None | Some(Ok(0)) => {}
            Some(Ok(count)) => self.set(Key::Fact(fact), Value::Tokens(count)),
            Some(Err(error)) => self.problem(&Key::Fact(fact), error),
        }
    }

    /// States a date, where there is one, with the precision it has.
    pub fn date(&mut self, fact: Fact, date: Option<&str>) {
        let Some(text) = date.map(str::trim).filter(|text| !text.is_empty()) else { return };
        match Date::parse(text) {
            Ok(date) => self.set(Key::Fact(fact), Value::Date(date)),
            Err(error) => self.problem(&Key::Fact(fact), format_args!("`{text}` is not a date: {error}")),
        }
    }

    /// States a rate that always holds, in US dollars per [`Meter::per`] units, where there is one.
    pub fn rate(&mut self, meter: Meter, rate: Option<Exact>) {
        self.rate_when(Condition::default(), meter, rate);
    }

    /// States a rate under a condition, in US dollars per [`Meter::per`] units, where there is one.
    pub fn rate_when(&mut self, condition: Condition, meter: Meter, rate: Option<Exact>) {
        let is_always = condition.above == Some(0);
        let key = Key::Rate(condition, meter);
        match rate.map(Exact::rate) {
            None => {}
            Some(_) if is_always => self.problem(&key, "a step in the price list above no tokens"),
            Some(Ok(rate)) => self.set(key, Value::dollars(rate)),
            // -1 is how several catalogs write that a price depends on what is asked.
            Some(Err(NotExact::Negative)) => self.problem(&key, "a rate below zero is none"),
            Some(Err(error)) => self.problem(&key, error),
        }
    }

    /// States a word of a fact's vocabulary. Another one is a problem.
    pub fn word(&mut self, fact: Fact, word: &str) {
        match fact.fact_type() {
            FactType::Word(vocabulary) if Word::parse(vocabulary, word).is_some() => self.text(Key::Fact(fact), Some(word)),
            _ => self.unknown_word(fact, word),
        }
    }

    /// States words of a fact's vocabulary. Another one is a problem, and then nothing is stated.
    pub fn words<'w>(&mut self, fact: Fact, words: impl IntoIterator<Item = &'w str>) {
        let FactType::Words(vocabulary) = fact.fact_type() else { return };
        let words: Vec<&str> = words.into_iter().collect();
        match Words::parse(vocabulary, words.iter().copied()) {
            Some(words) if words.is_empty() => {}
            Some(words) => self.set(Key::Fact(fact), Value::Words(words)),
            None => {
                let unknown = words.into_iter().find(|word| Word::parse(vocabulary, word).is_none());
                self.unknown_word(fact, unknown.unwrap_or_default());
            }
        }
    }

    /// Reports a word that the vocabulary of a fact does not have.
    pub fn unknown_word(&mut self, fact: Fact, word: &str) {
        self.problem(&Key::Fact(fact), format_args!("`{word}` is no word for it"));
    }

    /// Reports a value that is not taken over.
    pub fn problem(&mut self, key: &Key, reason: impl Display) {
        let (place, reason) = (mask(&self.place), mask(&format!("`{key}`: {reason}")));
        self.problems.push(Problem { place, reason });
    }
}

/// The most characters of an id or of a variable's name.
const LONGEST_NAME: usize = 200;

/// Whether a text is the id of a model, as `catalog/` takes it.
fn is_model_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_NAME && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// Whether a text is a reference to a base model: `lab/model`.
fn is_base(reference: &str) -> bool {
    reference.split_once('/').is_some_and(|(lab, id)| is_provider_id(lab) && is_model_id(id))
}

/// Whether a text is the name of an environment variable, as `catalog/` takes it.
pub(crate) fn is_variable(name: &str) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    let rest = name.trim_start_matches(|digit: char| digit.is_ascii_digit());
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::Modality;

    #[test]
    fn what_is_malformed_is_reported_and_not_guessed() {
        let map = ProviderMap::parse("providers:\n  acme: {x: [ac]}\nskip:\n  x: {tool: no models}\n").unwrap();
        let mut builder = Builder::new("x", &map);
        assert_eq!(builder.provider_id("ac"), Some("acme"));
        assert_eq!(builder.provider_id("tool"), None);
        assert_eq!(builder.provider_id("new"), None);
        assert!(builder.model("acme", "with space").is_none());
        let mut model = builder.model("acme", "m").unwrap();
        model.tokens(Fact::ContextWindow, "0".parse().ok());
        model.tokens(Fact::MaxOutputTokens, "1.5".parse().ok());
        model.rate(Meter::Input, "-1".parse().ok());
        model.words(Fact::Input, ["text", "smell"]);
        model.words(Fact::Output, ["image", "text", "text"]);
        model.date(Fact::ReleaseDate, Some("2026-13-01"));
        model.text(Key::Fact(Fact::Name), Some("  A  "));
        model.text(Key::Fact(Fact::Name), Some("B"));
        let snapshot = builder.finish();
        let facts = &snapshot.providers["acme"].models["m"];
        assert_eq!(facts.len(), 3, "{facts:?}");
        assert_eq!(facts[&Key::Fact(Fact::Output)], Value::Words(Words::parse(Modality::VOCABULARY, ["text", "image"]).unwrap()));
        assert_eq!(facts[&Key::Fact(Fact::Name)], Value::Text("A".to_owned()));
        let places: Vec<_> = snapshot.problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["new", "acme/with space", "acme/m", "acme/m", "acme/m", "acme/m", "acme/m"]);
    }
}
