//! What a source can state, as evidence holds it: the keys and values of readers, and what they are before their types are known.

use modeldex_table::{Currency, Fact, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::fmt;

pub use modeldex_formats::statement::{Condition, Key, Value};
pub use modeldex_table::Money;

/// A value as evidence holds it before it is known of which fact it is: dates and words are texts.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "EvidenceValue", description = "The value of a fact.")]
#[expect(dead_code, reason = "its schema is what it is for")]
pub(crate) enum Untyped {
    /// Yes or no.
    Flag(bool),
    /// A number of tokens.
    Tokens(u32),
    /// A name, date, URL or word of a vocabulary.
    Text(String),
    /// Words in canonical order, or URLs.
    Texts(Vec<String>),
    /// A rate by its currency, as the decimal that was published.
    Rate(BTreeMap<String, String>),
}

/// A fact under the keys of the evidence: each capability has one of its own.
pub(crate) fn by_key(fact: Fact, value: Value) -> Vec<(Key, Value)> {
    match value {
        Value::Capabilities(stated) => stated.iter().map(|(capability, can)| (Key::Capability(capability), Value::Flag(can))).collect(),
        value => vec![(Key::Fact(fact), value)],
    }
}

/// A value as [`Untyped`] has it. Its shape tells what it is: trying one variant after the other, as derived code does, is a third of the time
/// that reading evidence takes.
pub(crate) struct Stated(pub(crate) Value);

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shapes;
        impl<'de> de::Visitor<'de> for Shapes {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("yes or no, a count, a text, texts, or a rate: one currency and its decimal number")
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
                Ok(Value::Flag(flag))
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Value, E> {
                u32::try_from(count).map(Value::Tokens).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Value, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Value::Texts)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let rate: Option<(String, String)> = map.next_entry()?;
                let money = rate.and_then(|(currency, rate)| Some((Currency::parse(&currency)?, Rate::parse(&rate).ok()?)));
                match (money, map.next_key::<de::IgnoredAny>()?) {
                    (Some((currency, rate)), None) => Ok(Value::Rate(Money { currency, rate })),
                    _ => Err(de::Error::invalid_value(de::Unexpected::Map, &self)),
                }
            }
        }
        deserializer.deserialize_any(Shapes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::{Date, Meter, Words};

    #[test]
    fn values_return_from_json_with_the_type_of_their_fact() {
        let listed = Key::Listed;
        let values = [
            (listed.clone(), Value::Flag(true)),
            (Key::Fact(Fact::ContextWindow), Value::Tokens(128_000)),
            (Key::Fact(Fact::Name), Value::Text("2026-10".to_owned())),
            (Key::Fact(Fact::ReleaseDate), Value::Date(Date::parse("2026-10").unwrap())),
            (Key::Fact(Fact::Input), Value::Words(Words::parse(modeldex_table::Modality::VOCABULARY, ["text", "image"]).unwrap())),
            (Key::Fact(Fact::Status), Value::Word(modeldex_table::Status::Retired.into())),
            // A word of a newer version is kept.
            (Key::Fact(Fact::Status), Value::Text("asleep".to_owned())),
            (Key::Rate(Condition::default(), Meter::Input), Value::dollars(Rate::parse("0.15").unwrap())),
        ];
        for (key, value) in values {
            let text = serde_json::to_string(&value).unwrap();
            let Stated(read) = serde_json::from_str(&text).unwrap();
            assert_eq!(key.typed(read), value, "{text}");
        }
        for wrong in [r#"{"USD":"1","CNY":"7"}"#, "{}", r#"{"USD":1}"#, r#"{"USD":"x"}"#, "5000000000", "-1", "null", "[1]"] {
            assert!(serde_json::from_str::<Stated>(wrong).is_err(), "{wrong}");
        }
    }
}
