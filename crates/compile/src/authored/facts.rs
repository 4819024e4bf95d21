//! The facts that a catalog file states about a model. [`Fact`] declares the type of each fact. The type determines how the value of the fact is read
//! and written.

use super::PartialDate;
use modeldex_table::{Capabilities, Capability, Coded, Date, Fact, FactType, Limits, Set, TextList, Word, Words};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess};
use serde::ser::SerializeMap;
use std::borrow::Cow;

/// The value of a fact, with owned strings and lists.
pub type Value = modeldex_table::Value<String, Vec<String>>;

/// Copies a value that borrows from a catalog into an owned [`Value`].
#[must_use]
pub fn to_owned_value(value: modeldex_table::Value<&str, TextList<'_>>) -> Value {
    value.map((), |(), text| text.to_owned(), |(), list| list.iter().map(str::to_owned).collect())
}

/// The facts that one entry of a catalog file (a model, base model or `defaults`) states, with their values. Prices, endpoints and sources are not
/// included: [`Model`](super::Model) and [`BaseModel`](super::BaseModel) have separate fields for them.
///
/// A compilation checks millions of times whether an entry states a fact, and development builds do not optimize this crate. Therefore the check is a
/// bit test; when `Facts` was a `BTreeMap`, these checks took a sixth of the compilation time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// A bit for each stated fact; the index of the bit is the code of the fact.
    stated: u32,
    /// The values of the stated facts, in the order of their codes.
    values: Vec<Value>,
}

const _: () = assert!(Fact::ALL.len() <= u32::BITS as usize, "`stated` has a bit for each fact");

impl Facts {
    /// Returns the index of a fact's value in `values`; the error is the index at which the value would be inserted.
    fn index(&self, fact: Fact) -> Result<usize, usize> {
        let bit = 1 << fact.code();
        let index = (self.stated & (bit - 1)).count_ones() as usize;
        if self.stated & bit == 0 { Err(index) } else { Ok(index) }
    }

    /// Returns the value of `fact`. Returns `None` if the entry does not state the fact.
    #[must_use]
    pub fn get(&self, fact: Fact) -> Option<&Value> {
        self.values.get(self.index(fact).ok()?)
    }

    /// Sets the value of a fact. Does nothing if `value` does not have the type of the fact.
    pub fn set(&mut self, fact: Fact, value: Value) {
        if !fact.fact_type().accepts(&value) {
            return;
        }
        match self.index(fact) {
            Ok(index) => self.values[index] = value,
            Err(index) => {
                self.stated |= 1 << fact.code();
                self.values.insert(index, value);
            }
        }
    }

    /// Removes `fact`. Does nothing if the entry does not state the fact.
    pub fn remove(&mut self, fact: Fact) {
        if let Ok(index) = self.index(fact) {
            self.stated &= !(1 << fact.code());
            self.values.remove(index);
        }
    }

    /// Removes all facts for which `keeps` returns `false`.
    pub fn retain(&mut self, keeps: impl Fn(Fact, &Value) -> bool) {
        let removed: Vec<Fact> = self.iter().filter(|(fact, value)| !keeps(*fact, value)).map(|(fact, _)| fact).collect();
        removed.into_iter().for_each(|fact| self.remove(fact));
    }

    /// Returns whether the entry states `fact`.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        self.stated >> fact.code() & 1 == 1
    }

    /// Returns the facts that the entry states, with their values, in the order of [`Fact::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Fact, &Value)> {
        let stated = self.stated;
        let facts = Fact::ALL.iter().copied().filter(move |fact| stated >> fact.code() & 1 == 1);
        facts.zip(&self.values)
    }

    /// Adds the facts and capabilities that `below` states and `self` does not state. Two kinds of facts are not added: facts in `omitted`, and facts
    /// that require a capability that `self` states as `false`.
    pub fn fill_from(&mut self, below: &Self, omitted: &[Fact]) {
        for (fact, value) in below.iter().filter(|(fact, _)| !omitted.contains(fact)) {
            match (self.index(fact), value) {
                (Ok(index), Value::Capabilities(inherited)) => {
                    if let Value::Capabilities(stated) = &mut self.values[index] {
                        *stated = stated.or(*inherited);
                    }
                }
                (Err(_), _) if !self.is_impossible(fact) => self.set(fact, value.clone()),
                _ => {}
            }
        }
    }

    /// Returns the value of `fact` as a number of tokens. Returns `None` if the entry does not state the fact, or if the value has another type.
    #[must_use]
    pub fn tokens(&self, fact: Fact) -> Option<u32> {
        match self.get(fact)? {
            Value::Tokens(count) => Some(*count),
            _ => None,
        }
    }

    /// Returns the value of `fact` as a date. Returns `None` if the entry does not state the fact, or if the value has another type.
    #[must_use]
    pub fn date(&self, fact: Fact) -> Option<Date> {
        match self.get(fact)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// Returns the value of `fact` as a text, such as a name or a reference. Returns `None` if the entry does not state the fact, or if the value has
    /// another type.
    #[must_use]
    pub fn text(&self, fact: Fact) -> Option<&str> {
        match self.get(fact)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of `fact` as a variant of the enum `T`. Returns `None` if the entry does not state the fact, or if the value has another
    /// type.
    #[must_use]
    pub fn word<T: Coded>(&self, fact: Fact) -> Option<T> {
        match self.get(fact)? {
            Value::Word(word) => word.of(),
            _ => None,
        }
    }

    /// Returns the value of `fact` as a set of variants of the enum `T`. Returns `None` if the entry does not state the fact, or if the value has
    /// another type.
    #[must_use]
    pub fn words<T: Coded>(&self, fact: Fact) -> Option<Set<T>> {
        match self.get(fact)? {
            Value::Words(words) => words.of(),
            _ => None,
        }
    }

    /// Returns the capabilities that the entry states.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match self.get(Fact::Capabilities) {
            Some(Value::Capabilities(stated)) => *stated,
            _ => Capabilities::default(),
        }
    }

    /// Returns the token limits that the entry states.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits::of(|fact| self.tokens(fact))
    }

    /// Returns whether `fact` requires a capability that the entry states as `false`.
    #[must_use]
    pub fn is_impossible(&self, fact: Fact) -> bool {
        fact.required_capability().is_some_and(|capability| self.capabilities().get(capability) == Some(false))
    }

    /// Removes and returns the facts that require a capability that the entry states as `false`.
    pub fn remove_impossible(&mut self) -> Vec<Fact> {
        let impossible: Vec<Fact> = self.iter().map(|(fact, _)| fact).filter(|fact| self.is_impossible(*fact)).collect();
        impossible.iter().for_each(|fact| self.remove(*fact));
        impossible
    }

    /// Sets whether the model has `capability`. `None` means that this is unknown.
    pub fn set_capability(&mut self, capability: Capability, can: Option<bool>) {
        let mut stated = self.capabilities();
        stated.set(capability, can);
        if stated.is_empty() {
            self.remove(Fact::Capabilities);
        } else {
            self.set(Fact::Capabilities, Value::Capabilities(stated));
        }
    }

    /// Reads the value of `key` from `map`. Returns `false` if `key` is neither a fact nor a capability, or if `allowed` rejects the fact.
    pub(super) fn read<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
        allowed: impl Fn(Fact) -> bool,
    ) -> Result<bool, A::Error> {
        if let Some(capability) = Capability::parse(key).filter(|_| allowed(Fact::Capabilities)) {
            self.set_capability(capability, Some(map.next_value()?));
            return Ok(true);
        }
        let Some(fact) = Fact::parse(key).filter(|fact| *fact != Fact::Capabilities && allowed(*fact)) else { return Ok(false) };
        let value = map.next_value_seed(OfType(fact.fact_type()))?;
        // An empty list counts as not stated.
        let is_empty = matches!(&value, Value::Words(words) if words.is_empty()) || matches!(&value, Value::Texts(list) if list.is_empty());
        if !is_empty {
            self.set(fact, value);
        }
        Ok(true)
    }

    /// Writes `fact` under its key, if the entry states it. Each capability is written under a key of its own.
    pub(super) fn write<M: SerializeMap>(&self, fact: Fact, map: &mut M) -> Result<(), M::Error> {
        match self.get(fact) {
            None => Ok(()),
            Some(Value::Capabilities(stated)) => stated.iter().try_for_each(|(word, can)| map.serialize_entry(word.as_str(), &can)),
            Some(value) => map.serialize_entry(fact.as_str(), value),
        }
    }
}

/// Deserializes the value of a fact that has this type.
struct OfType(FactType);

impl<'de> DeserializeSeed<'de> for OfType {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            FactType::Text | FactType::Reference => String::deserialize(deserializer).map(Value::Text),
            FactType::Flag => bool::deserialize(deserializer).map(Value::Flag),
            FactType::Tokens => u32::deserialize(deserializer).map(Value::Tokens),
            FactType::Date => PartialDate::deserialize(deserializer).map(|date| Value::Date(date.0)),
            FactType::Urls => Vec::deserialize(deserializer).map(Value::Texts),
            FactType::Word(vocabulary) => {
                let text = Cow::<str>::deserialize(deserializer)?;
                let unknown = || D::Error::custom(format_args!("invalid value `{text}`"));
                Word::parse(vocabulary, &text).map(Value::Word).ok_or_else(unknown)
            }
            FactType::Words(vocabulary) => {
                let texts = Vec::<Cow<'_, str>>::deserialize(deserializer)?;
                let unknown = || D::Error::custom(format_args!("invalid value in the list `{list}`", list = texts.join("`, `")));
                Words::parse(vocabulary, texts.iter().map(Cow::as_ref)).map(Value::Words).ok_or_else(unknown)
            }
            FactType::Capabilities | FactType::Prices | FactType::Endpoints | FactType::Sources => {
                Err(D::Error::custom("prices, endpoints, sources and capabilities cannot be stated as a single value"))
            }
        }
    }
}
