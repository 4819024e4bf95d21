//! The keys and values of claims: the facts that sources state.

use modeldex_table::{Capability, Date, Fact, FactGroup, FactType, Meter, Word, Words};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

pub use modeldex_compile::authored::Value;

/// The condition under which a rate applies. The condition stores its region as a `String`.
pub type OwnedCondition = modeldex_table::Condition<String>;

/// The key of a claim: it names the fact whose value a source states.
///
/// In evidence files, the key is a text: `context_window`, `tool_call`, `price.input`, `price.output above=200000 tier=batch`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKey {
    /// Whether the source lists the model or provider.
    Listed,
    /// A fact of a model, or the name of a provider.
    Fact(Fact),
    /// The base model, as `lab/model`.
    Base,
    /// The id of the model to which an alias resolves. The alias and the model belong to the same provider.
    AliasOf,
    /// A capability of a model.
    Capability(Capability),
    /// The rate of a meter under a condition.
    Rate(OwnedCondition, Meter),
    /// The documentation URL of a provider.
    DocUrl,
    /// The base URL of a provider.
    BaseUrl,
    /// The wire protocol of a provider's base URL.
    Api,
    /// The environment variables of a provider's API key, in order of preference.
    Env,
}

impl FactKey {
    /// Returns whether the fact is a rate of a price list.
    #[must_use]
    pub const fn is_price(&self) -> bool {
        matches!(self, Self::Rate(..))
    }

    /// Returns the group to which the fact belongs. Returns `None` if the fact is [`FactKey::Listed`] or [`FactKey::Base`].
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

    /// Converts `value` to the type of the fact: a text becomes a date or a value of a vocabulary. Returns `value` unchanged if it cannot be
    /// converted.
    #[must_use]
    pub fn coerce_value(&self, value: Value) -> Value {
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

impl fmt::Display for FactKey {
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

impl std::str::FromStr for FactKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("unknown fact `{text}`");
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
                    let condition =
                        modeldex_table::Condition::parse_key(condition).map_err(|term| format!("unknown price condition `{term}`"))?;
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

impl Serialize for FactKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FactKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::{Hours, Moment, ServiceTier};

    #[test]
    fn keys_round_trip_through_text() {
        let condition = OwnedCondition {
            region: Some("cn".to_owned()),
            tier: Some(ServiceTier::Batch),
            above: Some(200_000),
            from: Some(Moment::parse("2026-08-16T16:00Z").unwrap()),
            until: Some(Moment::parse("2026-12-01").unwrap()),
            hours: Hours::parse_key("22:00-06:30/mon,fri"),
        };
        let keys = [
            FactKey::Listed,
            FactKey::Fact(Fact::ContextWindow),
            FactKey::Base,
            FactKey::AliasOf,
            FactKey::Capability(Capability::ToolCall),
            FactKey::Rate(OwnedCondition::default(), Meter::CacheWrite1h),
            FactKey::Rate(condition, Meter::Input),
            FactKey::BaseUrl,
            FactKey::Api,
            FactKey::Env,
            FactKey::DocUrl,
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert!(
            "price.nothing".parse::<FactKey>().is_err()
                && "price.input colour=red".parse::<FactKey>().is_err()
                && "x".parse::<FactKey>().is_err()
        );
    }
}
