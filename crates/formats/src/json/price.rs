//! Prices: today's ordinary rates, and the entries of a price list with their conditions.

use super::Text;
use crate::schema;
use modeldex_table::{Condition, Currency, CurrentRates, Meter, Model, Moment, PriceEntry, ServiceTier, TimeOfDay, UtcOffset, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Today's ordinary rates by meter, per million tokens or per unit. What else the price list may come to is in `conditions`.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Price")]
pub(super) struct TodayPrice<'a> {
    currency: Currency,
    #[serde(flatten)]
    rates: TodayRates,
    /// The entries of the price list that have a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<Entries<'a>>,
}

/// An entry of a price list: its conditions and its rates. Of those that hold at once, the last one wins, rate by rate.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "PriceEntry")]
struct Entry<'a> {
    #[serde(flatten)]
    when: Conditions<'a>,
    /// In `conditions` only where it is another than that of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(flatten)]
    rates: EntryRates<'a>,
}

/// The parts of a condition that are given.
#[derive(serde::Serialize, JsonSchema)]
struct Conditions<'a> {
    /// Requests with more tokens than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<u32>,
    /// Requests of this service tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<ServiceTier>,
    /// From this moment on, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Text<Moment>>,
    /// Before this moment, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Text<Moment>>,
    /// Between these times of day, in `time_zone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Span>,
    /// On these days, in `time_zone`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days: Vec<Weekday>,
    /// The offset from UTC in which hours and days are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<Text<UtcOffset>>,
    /// At an endpoint of this region.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

/// Hours of a day.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Hours")]
struct Span {
    /// The first minute, `HH:MM`.
    start: Text<TimeOfDay>,
    /// The minute after the last. Where it is not after `start`, the hours cross midnight.
    end: Text<TimeOfDay>,
}

/// When an entry of a price list holds.
pub struct When<'a>(pub Condition<&'a str>);

/// The meters that a price always has, because everyone asks for them; null where the list does not name them.
const ALWAYS: [Meter; 2] = [Meter::Input, Meter::Output];

/// The two rates that everyone asks for, also where the list does not name them, and the others where it does.
struct TodayRates(CurrentRates);

/// The rates of an entry, as they are written.
struct EntryRates<'a>(PriceEntry<'a>);

/// The entries of a model's price list: all, or those with a condition, which leave out the currency that the price has.
pub(super) struct Entries<'a> {
    model: Model<'a>,
    conditional_beside: Option<Currency>,
}

impl<'a> TodayPrice<'a> {
    pub(super) fn new(today: CurrentRates, model: Model<'a>) -> Self {
        let currency = today.currency();
        let has_conditions = model.prices().iter().any(|price| !price.is_always());
        let conditions = has_conditions.then_some(Entries { model, conditional_beside: Some(currency) });
        Self { currency, rates: TodayRates(today), conditions }
    }
}

impl<'a> Entries<'a> {
    pub(super) fn all(model: Model<'a>) -> Self {
        Self { model, conditional_beside: None }
    }
}

impl<'a> From<Condition<&'a str>> for Conditions<'a> {
    fn from(condition: Condition<&'a str>) -> Self {
        let hours = condition.hours;
        Self {
            above: condition.above,
            tier: condition.tier,
            from: condition.from.map(Text),
            until: condition.until.map(Text),
            hours: hours.filter(|hours| !hours.is_whole_day()).map(|hours| Span { start: Text(hours.start()), end: Text(hours.end()) }),
            days: hours.iter().flat_map(|hours| hours.days().iter()).collect(),
            time_zone: hours.map(|hours| Text(hours.offset())),
            region: condition.region,
        }
    }
}

impl Serialize for When<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Conditions::from(self.0).serialize(serializer)
    }
}

impl<'a> Serialize for Entries<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let beside = self.conditional_beside;
        let entry = |price: PriceEntry<'a>| Entry {
            when: price.condition().into(),
            currency: Some(price.currency()).filter(|own| beside != Some(*own)),
            rates: EntryRates(price),
        };
        let prices = self.model.prices().iter().filter(|price| beside.is_none() || !price.is_always());
        serializer.collect_seq(prices.map(entry))
    }
}

impl Serialize for TodayRates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for meter in ALWAYS {
            map.serialize_entry(meter.as_str(), &self.0.get(meter))?;
        }
        for (meter, rate) in self.0.iter().filter(|(meter, _)| !ALWAYS.contains(meter)) {
            map.serialize_entry(meter.as_str(), &rate)?;
        }
        map.end()
    }
}

impl Serialize for EntryRates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.rates().map(|(meter, rate)| (meter.as_str(), rate.authored(meter))))
    }
}

impl JsonSchema for Entries<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PriceEntries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": generator.subschema_for::<Entry<'_>>()})
    }
}

impl JsonSchema for TodayRates {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TodayRates".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut rates = rates();
        for meter in ALWAYS {
            rates[meter.as_str()]["type"] = json!(["number", "null"]);
        }
        json_schema!({"type": "object", "properties": rates, "required": ALWAYS.map(Meter::as_str)})
    }
}

impl JsonSchema for EntryRates<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EntryRates".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "properties": rates()})
    }
}

/// The schema of each rate by its meter.
fn rates() -> Map<String, Value> {
    let mut rates = schema::keyed(Meter::VOCABULARY, &json!({"type": "number", "minimum": 0}));
    for meter in Meter::ALL {
        let unit = if meter.per() == 1 { "unit" } else { "million tokens" };
        let rate = &mut rates[meter.as_str()];
        rate["description"] = format!("{} In `currency` per {unit}.", rate["description"].as_str().unwrap_or_default()).into();
    }
    rates
}
