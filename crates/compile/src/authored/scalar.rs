//! Scalars with a notation of their own, such as dates. Deserialization and the schema both check the notation.

use modeldex_table::{Date, Moment};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A date that is as precise as its source: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate(pub Date);

/// A complete date: `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

/// A moment in UTC: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MMZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcMoment(pub Moment);

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    type Value = PartialDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date: YYYY, YYYY-MM or YYYY-MM-DD")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PartialDate, E> {
        Date::parse(text).map(PartialDate).map_err(|error| E::custom(format_args!("invalid date `{text}`: {error}")))
    }

    /// YAML reads a bare year as a number.
    fn visit_u64<E: Error>(self, year: u64) -> Result<PartialDate, E> {
        self.visit_str(&year.to_string())
    }

    fn visit_i64<E: Error>(self, year: i64) -> Result<PartialDate, E> {
        self.visit_str(&year.to_string())
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = Date::parse(&text).ok().filter(|date| date.day().is_some());
        day.map(Self).ok_or_else(|| D::Error::custom(format_args!("invalid day `{text}`: expected YYYY-MM-DD")))
    }
}

impl<'de> Deserialize<'de> for UtcMoment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Moment::parse(&text).map(Self).map_err(|error| D::Error::custom(format_args!("invalid moment `{text}`: {error}")))
    }
}

/// Implements serialization and schema of a scalar.
macro_rules! scalars {
    ($($scalar:ident: $schema:tt),+ $(,)?) => {$(
        impl Serialize for $scalar {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $scalar {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($scalar).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    )+};
}

scalars! {
    PartialDate: {
        "type": ["string", "integer"], "format": "partial-date", "minimum": 1000, "maximum": 9999, "x-whole": true, "x-code": "invalid-date",
    },
    Day: {"type": "string", "format": "day", "x-code": "invalid-date"},
    UtcMoment: {"type": "string", "format": "utc-moment", "x-code": "invalid-date"},
}
