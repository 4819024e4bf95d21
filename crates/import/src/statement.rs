//! What a source can state: a key that names the fact, and a value of one of a few shapes.

use modeldex_table::{
    Capability, Currency, Date, Fact, FactGroup, FactType, Meter, Moment, Rate, ServiceTier, TimeOfDay, Weekday, Word, Words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;

pub use modeldex_compile::authored::Value;
pub use modeldex_table::Money;

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

/// When a rate holds. Empty is always.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// In a region.
    pub region: Option<String>,
    /// In a class of service.
    pub tier: Option<ServiceTier>,
    /// With more input tokens than this.
    pub above: Option<u32>,
    /// Not before this moment.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// Between these hours of the day.
    pub hours: Option<HourSpan>,
}

/// Hours of the day, in UTC, as `14:00-00:00` or `01:00-04:00/mon,tue,wed,thu,fri`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourSpan {
    /// When they begin.
    pub start: TimeOfDay,
    /// When they end; not after `start` means that they cross midnight.
    pub end: TimeOfDay,
    /// The days of the week; empty is all of them.
    pub days: Vec<Weekday>,
}

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

impl Condition {
    /// Whether the rate holds always.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self == Self::default()
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
            Self::Rate(condition, meter) => write!(f, "price.{meter} {condition}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.region.as_ref().map(|region| format!("region={region}")),
            self.tier.map(|tier| format!("tier={tier}")),
            self.above.map(|above| format!("above={above}")),
            self.from.map(|from| format!("from={from}")),
            self.until.map(|until| format!("until={until}")),
            self.hours.as_ref().map(|hours| format!("hours={hours}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
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
                    Self::Rate(condition.parse()?, Meter::parse(meter).ok_or_else(unknown)?)
                }
                None => match Capability::parse(text) {
                    Some(capability) => Self::Capability(capability),
                    None => Self::Fact(Fact::parse(text).ok_or_else(unknown)?),
                },
            },
        })
    }
}

impl std::str::FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut condition = Self::default();
        for part in text.split(' ').filter(|part| !part.is_empty()) {
            let wrong = || format!("`{part}` is no condition");
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let moment = || Moment::parse(value).map_err(|_| wrong());
            match name {
                "region" => condition.region = Some(value.to_owned()),
                "tier" => condition.tier = Some(ServiceTier::parse(value).ok_or_else(wrong)?),
                "above" => condition.above = Some(value.parse().map_err(|_| wrong())?),
                "from" => condition.from = Some(moment()?),
                "until" => condition.until = Some(moment()?),
                "hours" => condition.hours = Some(value.parse().map_err(|()| wrong())?),
                _ => return Err(wrong()),
            }
        }
        Ok(condition)
    }
}

impl fmt::Display for HourSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)?;
        let days: Vec<_> = self.days.iter().map(|day| day.as_str()).collect();
        if days.is_empty() { Ok(()) } else { write!(f, "/{}", days.join(",")) }
    }
}

impl std::str::FromStr for HourSpan {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (hours, days) = text.split_once('/').unwrap_or((text, ""));
        let (start, end) = hours.split_once('-').ok_or(())?;
        let time = |text: &str| TimeOfDay::parse(text).map_err(|_| ());
        let days = days.split(',').filter(|day| !day.is_empty()).map(|day| Weekday::parse(day).ok_or(())).collect::<Result<_, _>>()?;
        Ok(Self { start: time(start)?, end: time(end)?, days })
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

    #[test]
    fn keys_return_from_their_text() {
        let condition = Condition {
            region: Some("cn".to_owned()),
            tier: Some(ServiceTier::Batch),
            above: Some(200_000),
            from: Some(Moment::parse("2026-08-16T16:00Z").unwrap()),
            until: Some(Moment::parse("2026-12-01").unwrap()),
            hours: Some("22:00-06:30/mon,fri".parse().unwrap()),
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
