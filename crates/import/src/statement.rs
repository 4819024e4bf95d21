//! Keys and values of facts in evidence files.

use modeldex_table::{Currency, Fact, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::fmt;

pub use modeldex_formats::statement::{FactKey, OwnedCondition, Value};
pub use modeldex_table::Money;

/// JSON of a value in an evidence file. The JSON does not state the type of the fact: dates and words of a vocabulary are strings.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "EvidenceValue", description = "The value of a fact.")]
#[expect(dead_code, reason = "its schema is what it is for")]
pub(crate) enum UntypedValue {
    /// A boolean.
    Flag(bool),
    /// A number of tokens.
    Tokens(u32),
    /// A name, a date, a URL, or a word of a vocabulary such as `chat`.
    Text(String),
    /// A list of words of a vocabulary, of environment variables, or of URLs.
    Texts(Vec<String>),
    /// A rate, as an object with the currency as its only key and a decimal string as the value.
    Rate(BTreeMap<String, String>),
}

/// Returns a fact and its value as pairs with the keys of evidence files, in which each capability is a fact of its own.
pub(crate) fn split_capabilities(fact: Fact, value: Value) -> Vec<(FactKey, Value)> {
    match value {
        Value::Capabilities(stated) => stated.iter().map(|(capability, can)| (FactKey::Capability(capability), Value::Flag(can))).collect(),
        value => vec![(FactKey::Fact(fact), value)],
    }
}

/// Value that is deserialized from the JSON that [`UntypedValue`] describes. A derived implementation would try each variant in turn, which would
/// take a third of the time of reading evidence.
pub(crate) struct ParsedValue(pub(crate) Value);

impl<'de> Deserialize<'de> for ParsedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> de::Visitor<'de> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a boolean, an integer, a string, a list of strings, or an object whose only key is a currency and \
                     whose value is a decimal string",
                )
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
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::{Date, Meter, Words};

    #[test]
    fn values_round_trip_through_json_with_the_type_of_their_fact() {
        let listed = FactKey::Listed;
        let values = [
            (listed.clone(), Value::Flag(true)),
            (FactKey::Fact(Fact::ContextWindow), Value::Tokens(128_000)),
            (FactKey::Fact(Fact::Name), Value::Text("2026-10".to_owned())),
            (FactKey::Fact(Fact::ReleaseDate), Value::Date(Date::parse("2026-10").unwrap())),
            (FactKey::Fact(Fact::Input), Value::Words(Words::parse(modeldex_table::Modality::VOCABULARY, ["text", "image"]).unwrap())),
            (FactKey::Fact(Fact::Status), Value::Word(modeldex_table::Status::Retired.into())),
            // A vocabulary word of a newer version is preserved.
            (FactKey::Fact(Fact::Status), Value::Text("suspended".to_owned())),
            (FactKey::Rate(OwnedCondition::default(), Meter::Input), Value::dollars(Rate::parse("0.15").unwrap())),
        ];
        for (key, value) in values {
            let text = serde_json::to_string(&value).unwrap();
            let ParsedValue(read) = serde_json::from_str(&text).unwrap();
            assert_eq!(key.coerce_value(read), value, "{text}");
        }
        for wrong in [r#"{"USD":"1","CNY":"7"}"#, "{}", r#"{"USD":1}"#, r#"{"USD":"x"}"#, "5000000000", "-1", "null", "[1]"] {
            assert!(serde_json::from_str::<ParsedValue>(wrong).is_err(), "{wrong}");
        }
    }
}
