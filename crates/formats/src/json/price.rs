//! Prices: current default rates, and entries of a price list with their conditions.

use super::DisplayText;
use crate::schema;
use modeldex_table::{Condition, Currency, CurrentRates, Meter, Model, Moment, PriceEntry, ServiceTier, TimeOfDay, UtcOffset, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Current default rates by meter, per million tokens or per single unit such as an image. Rates that apply only under a condition are in
/// `conditions`.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Price")]
pub(super) struct CurrentPrice<'a> {
    currency: Currency,
    #[serde(flatten)]
    rates: RatesByMeter,
    /// Entries of the price list that apply only under a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<PriceEntries<'a>>,
}

/// An entry of a price list: conditions and rates. If several entries apply to a request, each rate comes from the last of these entries that states
/// the rate.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "PriceEntry")]
struct PriceEntryJson<'a> {
    #[serde(flatten)]
    when: ConditionFields<'a>,
    /// Currency of the rates. In `conditions`, an entry has this key only if its currency differs from the currency of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(flatten)]
    rates: EntryRates<'a>,
}

/// Parts of a condition.
#[derive(serde::Serialize, JsonSchema)]
struct ConditionFields<'a> {
    /// The entry applies only to requests with more input tokens than this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<u32>,
    /// The entry applies only to requests with this service tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<ServiceTier>,
    /// The entry applies from this moment on, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<DisplayText<Moment>>,
    /// The entry applies until this moment, exclusive, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DisplayText<Moment>>,
    /// The entry applies only between these times of day, in `time_zone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<HoursJson>,
    /// The entry applies only on these days, in `time_zone`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days: Vec<Weekday>,
    /// Time zone of `hours` and `days`, as an offset from UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<DisplayText<UtcOffset>>,
    /// The entry applies only to requests to an endpoint of this region.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

/// Hours of the day.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Hours")]
struct HoursJson {
    /// First minute of the hours, `HH:MM`.
    start: DisplayText<TimeOfDay>,
    /// First minute after the hours, `HH:MM`. If `end` is not after `start`, the hours cross midnight.
    end: DisplayText<TimeOfDay>,
}

/// The JSON of the condition of a price list entry.
pub struct ConditionJson<'a>(pub Condition<&'a str>);

/// Meters that are keys of every price. The value is null if the price list does not have the meter.
const REQUIRED_METERS: [Meter; 2] = [Meter::Input, Meter::Output];

/// The rates of [`REQUIRED_METERS`], null if missing, and all other rates of the price list.
struct RatesByMeter(CurrentRates);

/// The rates of an entry.
struct EntryRates<'a>(PriceEntry<'a>);

/// The JSON of entries of a model's price list. If `price_currency` is `None`, the JSON has all entries. Otherwise the JSON has only the entries with
/// a condition, and states the currency of an entry only if the currency is not `price_currency`.
pub(super) struct PriceEntries<'a> {
    model: Model<'a>,
    price_currency: Option<Currency>,
}

impl<'a> CurrentPrice<'a> {
    pub(super) fn new(today: CurrentRates, model: Model<'a>) -> Self {
        let currency = today.currency();
        let has_conditions = model.prices().iter().any(|price| !price.is_always());
        let conditions = has_conditions.then_some(PriceEntries { model, price_currency: Some(currency) });
        Self { currency, rates: RatesByMeter(today), conditions }
    }
}

impl<'a> PriceEntries<'a> {
    pub(super) fn all(model: Model<'a>) -> Self {
        Self { model, price_currency: None }
    }
}

impl<'a> From<Condition<&'a str>> for ConditionFields<'a> {
    fn from(condition: Condition<&'a str>) -> Self {
        let hours = condition.hours;
        Self {
            above: condition.above,
            tier: condition.tier,
            from: condition.from.map(DisplayText),
            until: condition.until.map(DisplayText),
            hours: hours
                .filter(|hours| !hours.is_whole_day())
                .map(|hours| HoursJson { start: DisplayText(hours.start()), end: DisplayText(hours.end()) }),
            days: hours.iter().flat_map(|hours| hours.days().iter()).collect(),
            time_zone: hours.map(|hours| DisplayText(hours.offset())),
            region: condition.region,
        }
    }
}

impl Serialize for ConditionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ConditionFields::from(self.0).serialize(serializer)
    }
}

impl<'a> Serialize for PriceEntries<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let price_currency = self.price_currency;
        let entry = |price: PriceEntry<'a>| PriceEntryJson {
            when: price.condition().into(),
            currency: Some(price.currency()).filter(|own| price_currency != Some(*own)),
            rates: EntryRates(price),
        };
        let prices = self.model.prices().iter().filter(|price| price_currency.is_none() || !price.is_always());
        serializer.collect_seq(prices.map(entry))
    }
}

impl Serialize for RatesByMeter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for meter in REQUIRED_METERS {
            map.serialize_entry(meter.as_str(), &self.0.get(meter))?;
        }
        for (meter, rate) in self.0.iter().filter(|(meter, _)| !REQUIRED_METERS.contains(meter)) {
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

impl JsonSchema for PriceEntries<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PriceEntries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": generator.subschema_for::<PriceEntryJson<'_>>()})
    }
}

impl JsonSchema for RatesByMeter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RatesByMeter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut rates = rates();
        for meter in REQUIRED_METERS {
            rates[meter.as_str()]["type"] = json!(["number", "null"]);
        }
        json_schema!({"type": "object", "properties": rates, "required": REQUIRED_METERS.map(Meter::as_str)})
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

/// Returns the schema of each rate, by meter.
fn rates() -> Map<String, Value> {
    let mut rates = schema::vocabulary_properties(Meter::VOCABULARY, &json!({"type": "number", "minimum": 0}));
    for meter in Meter::ALL {
        let unit = if meter.per() == 1 { "Rate in `currency` per single unit." } else { "Rate in `currency` per million tokens." };
        let rate = &mut rates[meter.as_str()];
        let documentation = rate["description"].as_str().unwrap_or_default();
        rate["description"] = format!("{documentation} {unit}").into();
    }
    rates
}
