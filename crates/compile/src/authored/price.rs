use super::UtcMoment;
use modeldex_table::{Condition, Currency, Hours, Meter, Rate, TimeOfDay, UtcOffset, Weekday};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// An entry of a price list: conditions, and rates. The rates apply to a request that meets all conditions.
///
/// If several entries apply to a request, each rate comes from the last of these entries that states the rate. An entry in another currency replaces
/// all entries before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Price {
    /// The conditions. In the file, each condition is a separate key, such as `above` or `tier`.
    pub condition: Condition<String>,
    /// The currency of the rates; by default the currency of the previous entry, and USD for the first entry.
    pub currency: Option<Currency>,
    /// The rates: per million tokens, or per request, image or search.
    pub rates: Rates,
}

/// Rates by meter, as amounts of the currency. A rate of a token meter is the price of a million tokens. Any other rate is the price of one request,
/// image or search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rates(pub BTreeMap<Meter, Rate>);

/// Hours of the day, as catalog files write them.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AuthoredHours {
    /// First minute of the hours, as `HH:MM`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    start: String,
    /// First minute after the hours, as `HH:MM`. If `end` is not after `start`, the hours cross midnight.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    end: String,
    /// Time zone of the hours and days: `UTC`, or an offset such as `+08:00`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "utc-offset", "x-code" = "invalid-date")))]
    time_zone: String,
    /// Days of the week; all days by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<Weekday>,
}

impl AuthoredHours {
    fn read<E: Error>(self) -> Result<Hours, E> {
        let time = |text: &str| TimeOfDay::parse(text).map_err(|error| E::custom(format_args!("invalid time of day `{text}`: {error}")));
        let zone = &self.time_zone;
        let offset = UtcOffset::parse(zone).map_err(|error| E::custom(format_args!("invalid UTC offset `{zone}`: {error}")))?;
        Ok(Hours::new(time(&self.start)?, time(&self.end)?, self.days.into_iter().collect(), offset))
    }
}

impl From<Hours> for AuthoredHours {
    fn from(hours: Hours) -> Self {
        Self {
            start: hours.start().to_string(),
            end: hours.written_end().to_string(),
            time_zone: hours.offset().to_string(),
            days: hours.days().iter().collect(),
        }
    }
}

struct PriceVisitor;

impl<'de> Visitor<'de> for PriceVisitor {
    type Value = Price;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping with the conditions and rates of a price")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Price, A::Error> {
        let Price { mut condition, mut currency, mut rates } = Price::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "above" => condition.above = map.next_value()?,
                "tier" => condition.tier = map.next_value()?,
                "from" => condition.from = map.next_value::<Option<UtcMoment>>()?.map(|moment| moment.0),
                "until" => condition.until = map.next_value::<Option<UtcMoment>>()?.map(|moment| moment.0),
                "hours" => condition.hours = map.next_value::<Option<AuthoredHours>>()?.map(AuthoredHours::read).transpose()?,
                "region" => condition.region = map.next_value()?,
                "currency" => currency = map.next_value()?,
                key => {
                    let meter = Meter::parse(key).ok_or_else(|| A::Error::custom(format_args!("unknown key `{key}`")))?;
                    rates.0.insert(meter, map.next_value()?);
                }
            }
        }
        Ok(Price { condition, currency, rates })
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PriceVisitor)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Condition { above, tier, from, until, hours, region } = &self.condition;
        let mut map = serializer.serialize_map(None)?;
        write_known(&mut map, "above", above.as_ref())?;
        write_known(&mut map, "tier", tier.as_ref())?;
        write_known(&mut map, "from", from.map(UtcMoment))?;
        write_known(&mut map, "until", until.map(UtcMoment))?;
        write_known(&mut map, "hours", hours.map(AuthoredHours::from))?;
        write_known(&mut map, "region", region.as_ref())?;
        write_known(&mut map, "currency", self.currency)?;
        for (meter, rate) in &self.rates.0 {
            map.serialize_entry(meter, rate)?;
        }
        map.end()
    }
}

/// Writes a key unless its value is `None`.
pub(super) fn write_known<M: SerializeMap>(map: &mut M, key: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

#[cfg(feature = "schemars")]
mod schema {
    use super::{AuthoredHours, Price};
    use crate::authored::UtcMoment;
    use modeldex_table::{Currency, ServiceTier};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value, json};
    use std::borrow::Cow;

    impl JsonSchema for Price {
        fn schema_name() -> Cow<'static, str> {
            "Price".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let mut properties = Map::new();
            let mut property = |key: &str, description: &str, mut schema: Value| {
                schema["description"] = description.into();
                properties.insert(key.to_owned(), schema);
            };
            property(
                "above",
                "The entry applies only to requests with more input tokens than this number.",
                json!({"description": "", "type": "integer", "format": "uint32", "x-code": "limit", "minimum": 1}),
            );
            property(
                "tier",
                "The entry applies only to requests with this service tier.",
                generator.subschema_for::<ServiceTier>().to_value(),
            );
            property("from", "The entry applies from this moment on.", generator.subschema_for::<UtcMoment>().to_value());
            property("until", "The entry applies until this moment, exclusive.", generator.subschema_for::<UtcMoment>().to_value());
            property(
                "hours",
                "The entry applies only during these hours of the day.",
                generator.subschema_for::<AuthoredHours>().to_value(),
            );
            property(
                "region",
                "The entry applies only to requests to an endpoint of this region.",
                json!({"type": "string", "minLength": 1}),
            );
            let mut currency = generator.subschema_for::<Currency>().to_value();
            currency["x-code"] = "unknown-currency".into();
            property(
                "currency",
                "Currency of the rates; by default the currency of the previous entry, and USD for the first entry.",
                currency,
            );
            properties.extend(crate::authored::field_schema::rates());
            let description = "An entry of a price list: conditions and rates. The rates apply to requests that meet all conditions.\n\nIf several \
                               entries apply, each rate comes from the last applicable entry that states the rate. An entry in another currency \
                               replaces all entries before it.";
            json_schema!({"description": description, "type": "object", "properties": properties})
        }
    }
}
