//! What a source can state, as evidence holds it: the keys and values of readers, and what they are before their types are known.

use modeldex_table::{Currency, Fact, Rate};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

pub use modeldex_formats::statement::{Condition, Key, Value};
pub use modeldex_table::Money;

/// A value as evidence holds it before it is known of which fact it is: dates and words are texts.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "EvidenceValue", description = "The value of a fact.")]
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

impl TryFrom<Untyped> for Value {
    type Error = &'static str;

    fn try_from(untyped: Untyped) -> Result<Self, &'static str> {
        Ok(match untyped {
            Untyped::Flag(flag) => Self::Flag(flag),
            Untyped::Tokens(count) => Self::Tokens(count),
            Untyped::Text(text) => Self::Text(text),
            Untyped::Texts(texts) => Self::Texts(texts),
            Untyped::Rate(rate) => {
                let mut entries = rate.into_iter();
                let one = entries.next().filter(|_| entries.next().is_none());
                let money =
                    one.and_then(|(currency, rate)| Some(Money { currency: Currency::parse(&currency)?, rate: Rate::parse(&rate).ok()? }));
                Self::Rate(money.ok_or("a rate is one currency and its decimal number")?)
            }
        })
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
            let read = Value::try_from(serde_json::from_str::<Untyped>(&text).unwrap()).unwrap();
            assert_eq!(key.typed(read), value, "{text}");
        }
        assert!(Value::try_from(serde_json::from_str::<Untyped>(r#"{"USD":"1","CNY":"7"}"#).unwrap()).is_err());
    }
}
