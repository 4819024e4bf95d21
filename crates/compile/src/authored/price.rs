use super::UtcMoment;
use modeldex_table::{Condition, Currency, Hours, Meter, Rate, TimeOfDay, UtcOffset, Weekday};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// One entry of a price list: conditions, and the rates that hold under them.
///
/// The last entry that holds wins, rate by rate. An entry in another currency than those before it replaces them whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Price {
    /// When it holds. Each part is a key of its own.
    pub condition: Condition<String>,
    /// The currency of the rates; that of the entry before, or USD, where nothing is said.
    pub currency: Option<Currency>,
    /// The rates: per million tokens, or per single request, image or search.
    pub rates: Rates,
}

/// Rates by what they count, in currency units per million tokens or per single unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rates(pub BTreeMap<Meter, Rate>);

/// Hours as YAML has them.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WrittenHours {
    /// When they begin, as `HH:MM`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    start: String,
    /// When they end, as `HH:MM`; not after `start` means that they cross midnight.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "time-of-day", "x-code" = "invalid-date")))]
    end: String,
    /// `UTC`, or a distance from it such as `+08:00`.
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "utc-offset", "x-code" = "invalid-date")))]
    time_zone: String,
    /// The days of the week; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<Weekday>,
}

impl WrittenHours {
    fn read<E: Error>(self) -> Result<Hours, E> {
        let time = |text: &str| TimeOfDay::parse(text).map_err(|error| E::custom(format_args!("`{text}` is not a time of day: {error}")));
        let zone = &self.time_zone;
        let offset = UtcOffset::parse(zone).map_err(|error| E::custom(format_args!("`{zone}` is not a distance from UTC: {error}")))?;
        Ok(Hours::new(time(&self.start)?, time(&self.end)?, self.days.into_iter().collect(), offset))
    }
}

impl From<Hours> for WrittenHours {
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
        f.write_str("a mapping of conditions and rates")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Price, A::Error> {
        let Price { mut condition, mut currency, mut rates } = Price::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "above" => condition.above = map.next_value()?,
                "tier" => condition.tier = map.next_value()?,
                "from" => condition.from = map.next_value::<Option<UtcMoment>>()?.map(|moment| moment.0),
                "until" => condition.until = map.next_value::<Option<UtcMoment>>()?.map(|moment| moment.0),
                "hours" => condition.hours = map.next_value::<Option<WrittenHours>>()?.map(WrittenHours::read).transpose()?,
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
        known(&mut map, "above", above.as_ref())?;
        known(&mut map, "tier", tier.as_ref())?;
        known(&mut map, "from", from.map(UtcMoment))?;
        known(&mut map, "until", until.map(UtcMoment))?;
        known(&mut map, "hours", hours.map(WrittenHours::from))?;
        known(&mut map, "region", region.as_ref())?;
        known(&mut map, "currency", self.currency)?;
        for (meter, rate) in &self.rates.0 {
            map.serialize_entry(meter, rate)?;
        }
        map.end()
    }
}

/// Writes a key that has a value.
pub(super) fn known<M: SerializeMap>(map: &mut M, key: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

#[cfg(feature = "schemars")]
mod schema {
    use super::{Price, WrittenHours};
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
                "More input tokens than this.",
                json!({"description": "", "type": "integer", "format": "uint32", "x-code": "limit", "minimum": 1}),
            );
            property("tier", "This class of service.", generator.subschema_for::<ServiceTier>().to_value());
            property("from", "Not before this moment.", generator.subschema_for::<UtcMoment>().to_value());
            property("until", "Before this moment.", generator.subschema_for::<UtcMoment>().to_value());
            property("hours", "Between these hours of each day.", generator.subschema_for::<WrittenHours>().to_value());
            property("region", "At an endpoint of this region.", json!({"type": "string", "minLength": 1}));
            let mut currency = generator.subschema_for::<Currency>().to_value();
            currency["x-code"] = "unknown-currency".into();
            property("currency", "The currency of the rates; that of the entry before, or USD, where nothing is said.", currency);
            properties.extend(crate::authored::field_schema::rates());
            let description = "One entry of a price list: conditions, and the rates that hold under them.\n\nThe last entry that holds wins, \
                               rate by rate. An entry in another currency than those before it replaces them whole.";
            json_schema!({"description": description, "type": "object", "properties": properties})
        }
    }
}
