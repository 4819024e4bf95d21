//! What a source can state: a key that names the fact, and a value of one of a few shapes.

use modeldex_table::{Capability, Date, Fact, FactGroup, FactType, Meter, Word, Words};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

pub use modeldex_compile::authored::Value;

/// When a rate holds.
pub type Condition = modeldex_table::Condition<String>;

/// Which fact a value belongs to.
///
/// Written as text in evidence: `context_window`, `tool_call`, `price.input`, `price.output above=200000 tier=batch`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// That the source lists the model or provider at all.
    Listed,
    /// The name of a provider or model, and every other fact that a word of the catalog names.
    Fact(Fact),
    /// The base model, as `lab/model`.
    Base,
    /// That the id is another id of this model of the same provider.
    AliasOf,
    /// Whether a model can do something.
    Capability(Capability),
    /// A rate under a condition.
    Rate(Condition, Meter),
    /// The documentation of a provider.
    DocUrl,
    /// The base URL of a provider.
    BaseUrl,
    /// The wire protocol at a provider's base URL.
    Api,
    /// The names of environment variables that hold a provider's key, in order of preference.
    Env,
}

impl Key {
    /// Whether the fact is a part of a price list.
    #[must_use]
    pub const fn is_price(&self) -> bool {
        matches!(self, Self::Rate(..))
    }

    /// The group of facts that it belongs to; nothing for that something is listed, and as what.
    #[must_use]
    pub const fn group(&self) -> Option<FactGroup> {
        Some(match self {
            Self::Listed | Self::Base => return None,
            Self::DocUrl | Self::BaseUrl | Self::Api | Self::Env => FactGroup::Providers,
            Self::AliasOf => FactGroup::Aliases,
            Self::Capability(_) => FactGroup::Capabilities,
            Self::Rate(..) => FactGroup::Prices,
            Self::Fact(fact) => fact.group(),
        })
    }

    /// The value with the type of the fact: a text that is a date or a word becomes one. What is of no such type stays as it was stated.
    #[must_use]
    pub fn typed(&self, value: Value) -> Value {
        let Self::Fact(fact) = self else { return value };
        let typed = match (fact.fact_type(), &value) {
            (FactType::Date, Value::Text(text)) => Date::parse(text).ok().map(Value::Date),
            (FactType::Word(vocabulary), Value::Text(text)) => Word::parse(vocabulary, text).map(Value::Word),
            (FactType::Words(vocabulary), Value::Texts(texts)) => {
                Words::parse(vocabulary, texts.iter().map(String::as_str)).map(Value::Words)
            }
            _ => None,
        };
        typed.unwrap_or(value)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => f.write_str("listed"),
            Self::Fact(fact) => f.write_str(fact.as_str()),
            Self::Base => f.write_str("base"),
            Self::AliasOf => f.write_str("alias_of"),
            Self::Capability(capability) => f.write_str(capability.as_str()),
            Self::DocUrl => f.write_str("doc_url"),
            Self::BaseUrl => f.write_str("base_url"),
            Self::Api => f.write_str("api"),
            Self::Env => f.write_str("env"),
            Self::Rate(condition, meter) if condition.is_always() => write!(f, "price.{meter}"),
            Self::Rate(condition, meter) => write!(f, "price.{meter} {}", condition.key()),
        }
    }
}

impl std::str::FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` names no fact");
        Ok(match text {
            "listed" => Self::Listed,
            "base" => Self::Base,
            "alias_of" => Self::AliasOf,
            "doc_url" => Self::DocUrl,
            "base_url" => Self::BaseUrl,
            "api" => Self::Api,
            "env" => Self::Env,
            _ => match text.strip_prefix("price.") {
                Some(price) => {
                    let (meter, condition) = price.split_once(' ').unwrap_or((price, ""));
                    let condition = modeldex_table::Condition::parse_key(condition).map_err(|term| format!("`{term}` is no condition"))?;
                    Self::Rate(condition.map_region(str::to_owned), Meter::parse(meter).ok_or_else(unknown)?)
                }
                None => match Capability::parse(text) {
                    Some(capability) => Self::Capability(capability),
                    None => Self::Fact(Fact::parse(text).ok_or_else(unknown)?),
                },
            },
        })
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::{Hours, Moment, ServiceTier};

    #[test]
    fn keys_return_from_their_text() {
        let condition = Condition {
            region: Some("cn".to_owned()),
            tier: Some(ServiceTier::Batch),
            above: Some(200_000),
            from: Some(Moment::parse("2026-08-16T16:00Z").unwrap()),
            until: Some(Moment::parse("2026-12-01").unwrap()),
            hours: Hours::parse_key("22:00-06:30/mon,fri"),
        };
        let keys = [
            Key::Listed,
            Key::Fact(Fact::ContextWindow),
            Key::Base,
            Key::AliasOf,
            Key::Capability(Capability::ToolCall),
            Key::Rate(Condition::default(), Meter::CacheWrite1h),
            Key::Rate(condition, Meter::Input),
            Key::BaseUrl,
            Key::Api,
            Key::Env,
            Key::DocUrl,
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert!("price.nothing".parse::<Key>().is_err() && "price.input colour=red".parse::<Key>().is_err() && "x".parse::<Key>().is_err());
    }
}
