//! The facts of a model as people write them: a value for each that is stated, read and written by the one declaration of facts.

use super::PartialDate;
use modeldex_table::{Capabilities, Capability, Coded, Date, Fact, FactType, Limits, Set, TextList, Word, Words};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess};
use serde::ser::SerializeMap;
use std::borrow::Cow;

/// The value of a fact, owned.
pub type Value = modeldex_table::Value<String, Vec<String>>;

/// A value of a catalog, owned.
#[must_use]
pub fn owned(value: modeldex_table::Value<&str, TextList<'_>>) -> Value {
    value.map((), |(), text| text.to_owned(), |(), list| list.iter().map(str::to_owned).collect())
}

/// The facts that are stated, each with its value. Prices, endpoints and sources are fields of the entries that have them.
///
/// Most of what a compilation does is to ask whether an entry states a fact. A development build does not optimise this crate, and a bit is
/// an answer there as well; with a `BTreeMap` it took a sixth of the time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// A bit for each fact that is stated, at its code.
    stated: u32,
    /// The values of these facts, in the order of their codes.
    values: Vec<Value>,
}

const _: () = assert!(Fact::ALL.len() <= u32::BITS as usize, "a bit for each fact");

impl Facts {
    /// The place of a fact's value, or the one that it would have.
    fn place(&self, fact: Fact) -> Result<usize, usize> {
        let bit = 1 << fact.code();
        let place = (self.stated & (bit - 1)).count_ones() as usize;
        if self.stated & bit == 0 { Err(place) } else { Ok(place) }
    }

    /// The value of a fact, where it is stated.
    #[must_use]
    pub fn get(&self, fact: Fact) -> Option<&Value> {
        self.values.get(self.place(fact).ok()?)
    }

    /// States a fact. A value of another type than the fact's changes nothing.
    pub fn set(&mut self, fact: Fact, value: Value) {
        if !fact.fact_type().accepts(&value) {
            return;
        }
        match self.place(fact) {
            Ok(place) => self.values[place] = value,
            Err(place) => {
                self.stated |= 1 << fact.code();
                self.values.insert(place, value);
            }
        }
    }

    /// Forgets a fact, if it is stated.
    pub fn forget(&mut self, fact: Fact) {
        if let Ok(place) = self.place(fact) {
            self.stated &= !(1 << fact.code());
            self.values.remove(place);
        }
    }

    /// Keeps only some of the facts that are stated.
    pub fn retain(&mut self, keeps: impl Fn(Fact, &Value) -> bool) {
        let others: Vec<Fact> = self.iter().filter(|(fact, value)| !keeps(*fact, value)).map(|(fact, _)| fact).collect();
        others.into_iter().for_each(|fact| self.forget(fact));
    }

    /// Whether a fact is stated.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        self.stated >> fact.code() & 1 == 1
    }

    /// Every fact that is stated, with its value, in the order of [`Fact::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Fact, &Value)> {
        let stated = self.stated;
        let facts = Fact::ALL.iter().copied().filter(move |fact| stated >> fact.code() & 1 == 1);
        facts.zip(&self.values)
    }

    /// Takes every fact that is not stated here from `below`, and each capability that is unknown here: none that is `omitted`, and none that
    /// needs a capability which is lacking here.
    pub fn fill_from(&mut self, below: &Self, omitted: &[Fact]) {
        for (fact, value) in below.iter().filter(|(fact, _)| !omitted.contains(fact)) {
            match (self.place(fact), value) {
                (Ok(place), Value::Capabilities(more)) => {
                    if let Value::Capabilities(own) = &mut self.values[place] {
                        *own = own.or(*more);
                    }
                }
                (Err(_), _) if !self.cannot_have(fact) => self.set(fact, value.clone()),
                _ => {}
            }
        }
    }

    /// A number of tokens.
    #[must_use]
    pub fn tokens(&self, fact: Fact) -> Option<u32> {
        match self.get(fact)? {
            Value::Tokens(count) => Some(*count),
            _ => None,
        }
    }

    /// A date.
    #[must_use]
    pub fn date(&self, fact: Fact) -> Option<Date> {
        match self.get(fact)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// A name or reference.
    #[must_use]
    pub fn text(&self, fact: Fact) -> Option<&str> {
        match self.get(fact)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A word of the vocabulary `T`.
    #[must_use]
    pub fn word<T: Coded>(&self, fact: Fact) -> Option<T> {
        match self.get(fact)? {
            Value::Word(word) => word.of(),
            _ => None,
        }
    }

    /// Words of the vocabulary `T`.
    #[must_use]
    pub fn words<T: Coded>(&self, fact: Fact) -> Option<Set<T>> {
        match self.get(fact)? {
            Value::Words(words) => words.of(),
            _ => None,
        }
    }

    /// What is stated of capabilities.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match self.get(Fact::Capabilities) {
            Some(Value::Capabilities(stated)) => *stated,
            _ => Capabilities::default(),
        }
    }

    /// The limits that are stated.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits::of(|fact| self.tokens(fact))
    }

    /// Whether a fact needs a capability that is stated to be lacking.
    #[must_use]
    pub fn cannot_have(&self, fact: Fact) -> bool {
        fact.required_capability().is_some_and(|capability| self.capabilities().get(capability) == Some(false))
    }

    /// Forgets the facts that are stated and need a capability that is stated to be lacking. These facts.
    pub fn forget_impossible(&mut self) -> Vec<Fact> {
        let impossible: Vec<Fact> = self.iter().map(|(fact, _)| fact).filter(|fact| self.cannot_have(*fact)).collect();
        impossible.iter().for_each(|fact| self.forget(*fact));
        impossible
    }

    /// States that the model has a capability or not, or forgets it.
    pub fn set_capability(&mut self, capability: Capability, can: Option<bool>) {
        let mut stated = self.capabilities();
        stated.set(capability, can);
        if stated.is_empty() {
            self.forget(Fact::Capabilities);
        } else {
            self.set(Fact::Capabilities, Value::Capabilities(stated));
        }
    }

    /// Reads the value of `key` from `map`; whether it is the key of a fact or capability that `allowed` lets through.
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
        // An empty list states nothing.
        let is_empty = matches!(&value, Value::Words(words) if words.is_empty()) || matches!(&value, Value::Texts(list) if list.is_empty());
        if !is_empty {
            self.set(fact, value);
        }
        Ok(true)
    }

    /// Writes one fact under its key, where it is stated; capabilities each under a key of their own.
    pub(super) fn write<M: SerializeMap>(&self, fact: Fact, map: &mut M) -> Result<(), M::Error> {
        match self.get(fact) {
            None => Ok(()),
            Some(Value::Capabilities(stated)) => stated.iter().try_for_each(|(word, can)| map.serialize_entry(word.as_str(), &can)),
            Some(value) => map.serialize_entry(fact.as_str(), value),
        }
    }
}

/// Reads a value of a type.
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
                let unknown = || D::Error::custom(format_args!("one of `{}` is not a valid value", texts.join("`, `")));
                Words::parse(vocabulary, texts.iter().map(Cow::as_ref)).map(Value::Words).ok_or_else(unknown)
            }
            FactType::Capabilities | FactType::Prices | FactType::Endpoints | FactType::Sources => {
                Err(D::Error::custom("this fact is not a single value"))
            }
        }
    }
}
