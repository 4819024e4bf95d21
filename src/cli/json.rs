//! The shapes that `--json` writes. Numbers of money are exact decimals, unknown is null, and the value of a variable is never in them.

use super::units::Today;
use modeldex::auth::Availability;
use modeldex::{
    Alias, Auth, Billing, Capability, Condition, Currency, Endpoint, Hours, MaxTokensField, Meter, Modality, Model, Moment, ProviderAlias,
    Rate, ReasoningEffort, Source, Variable, WireFeature,
};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// A model as `models list --json` writes it.
pub(crate) struct ModelRow<'a> {
    pub(crate) model: Model<'a>,
    pub(crate) today: Option<Today>,
    pub(crate) availability: Availability<'a>,
}

/// Whether a provider can be used, and by which variable.
#[derive(serde::Serialize)]
pub(crate) struct Access<'a> {
    available: bool,
    source: Option<&'a str>,
}

/// Today's ordinary rates by meter, and the conditions under which others hold.
struct Price<'a> {
    today: Today,
    model: Model<'a>,
}

/// One entry of a price list: its conditions, its currency where that is not the `usual` one, and its rates.
struct Entry<'a> {
    price: modeldex::Price<'a>,
    usual: Option<Currency>,
}

/// When an entry of a price list holds.
pub(crate) struct When<'a>(pub(crate) Condition<'a>);

/// A list that is made on the way.
struct List<F>(F);

/// A text that is made on the way.
struct Text<T>(T);

/// A rate as an exact decimal.
struct Exact(Rate);

impl Serialize for ModelRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let model = self.model;
        let today = self.today.filter(|_| model.billing() == Billing::Metered);
        let mut row = serializer.serialize_struct("Model", 13)?;
        row.serialize_field("ref", &Text(model.reference()))?;
        row.serialize_field("provider", model.provider().id())?;
        row.serialize_field("id", model.id())?;
        row.serialize_field("name", model.name())?;
        row.serialize_field("input", &List(|| model.input().iter().map(Modality::as_str)))?;
        row.serialize_field("output", &List(|| model.output().iter().map(Modality::as_str)))?;
        row.serialize_field("context_window", &model.context_window())?;
        row.serialize_field("max_output_tokens", &model.max_output_tokens())?;
        row.serialize_field("billing", model.billing().as_str())?;
        row.serialize_field("price", &today.map(|today| Price { today, model }))?;
        row.serialize_field("auth", &Access::from(self.availability))?;
        row.serialize_field("status", model.status().as_str())?;
        row.serialize_field("aliases", &List(|| model.aliases().map(Alias::id)))?;
        row.end()
    }
}

impl<'a> From<Availability<'a>> for Access<'a> {
    fn from(availability: Availability<'a>) -> Self {
        Self { available: availability.is_available(), source: availability.source() }
    }
}

/// Everything else that is known of a model, for `models show --json`. `is_set` says of a variable whether it holds something.
pub(crate) fn details(model: Model<'_>, now: Moment, is_set: &dyn Fn(&str) -> bool) -> Value {
    let capabilities: Map<String, Value> =
        Capability::ALL.iter().filter_map(|&word| Some((word.to_string(), model.can(word)?.into()))).collect();
    json!({
        "kind": model.kind().as_str(),
        "family": model.family(),
        "base": text(model.base().map(modeldex::BaseModel::reference)),
        "default": model.is_default(),
        "max_input_tokens": model.max_input_tokens(),
        "capabilities": capabilities,
        "reasoning_efforts": List(|| model.reasoning_efforts().iter().map(ReasoningEffort::as_str)),
        "open_weights": model.open_weights(),
        "weights": List(|| model.weights()),
        "release_date": text(model.release_date()),
        "last_updated": text(model.last_updated()),
        "knowledge_cutoff": text(model.knowledge_cutoff()),
        "deprecation_date": text(model.deprecation_date()),
        "retirement_date": text(model.retirement_date()),
        "successor": text(model.successor().map(Model::reference)),
        "price_as_of": text(Some(now)),
        "price_list": List(|| model.prices().iter().map(|price| Entry { price, usual: None })),
        "endpoints": List(|| model.endpoints().map(endpoint)),
        "auth_methods": List(|| model.provider().auth().map(|way| auth(way, is_set))),
        "alias_details": List(|| model.aliases().map(alias)),
        "sources": List(|| model.sources().map(source)),
    })
}

pub(crate) fn endpoint(endpoint: Endpoint<'_>) -> Value {
    // What nobody has said is null, so that each key is there whatever the endpoint.
    let mut compat = Map::new();
    compat.insert("max_tokens_field".to_owned(), endpoint.max_tokens_field().map(MaxTokensField::as_str).into());
    compat.extend(WireFeature::ALL.iter().map(|word| (word.as_str().to_owned(), endpoint.supports(*word).into())));
    json!({
        "id": Some(endpoint.id()).filter(|id| !id.is_empty()),
        "base_url": endpoint.base_url(),
        "api": endpoint.api().as_str(),
        "region": endpoint.region(),
        "plan": endpoint.plan(),
        "headers": Value::Object(endpoint.headers().map(|(name, value)| (name.to_owned(), value.into())).collect()),
        "compat": Value::Object(compat),
    })
}

/// A way to authenticate. `is_set` says of a variable whether it holds something.
pub(crate) fn auth(auth: Auth<'_>, is_set: &dyn Fn(&str) -> bool) -> Value {
    let name = |name: &str| json!({"name": name, "set": is_set(name)});
    let variable = |variable: Variable<'_>| {
        json!({
            "env": List(|| variable.env().map(name)),
            "role": variable.role().as_str(),
            "optional": variable.is_optional(),
            "default": variable.default(),
        })
    };
    json!({
        "kind": auth.kind().as_str(),
        "env": List(|| auth.env().map(name)),
        "variables": List(|| auth.variables().map(variable)),
        "header": auth.header(),
        "scheme": auth.scheme(),
        "query": auth.query(),
    })
}

pub(crate) fn alias(alias: Alias<'_>) -> Value {
    json!({"id": alias.id(), "kind": alias.kind().as_str(), "reason": alias.reason(), "until": text(alias.until())})
}

pub(crate) fn provider_alias(alias: ProviderAlias<'_>) -> Value {
    json!({"id": alias.id(), "kind": alias.kind().as_str(), "reason": alias.reason(), "until": text(alias.until())})
}

pub(crate) fn source(source: Source<'_>) -> Value {
    json!({"url": source.url(), "checked": text(source.checked())})
}

/// A value as JSON over several lines that cannot steer a terminal: what serde leaves as it is of control characters is escaped, too.
pub(crate) fn harmless(value: &Value) -> String {
    let text = format!("{value:#}");
    if !text.contains(|letter: char| letter.is_control() && letter != '\n') {
        return text;
    }
    let escaped = |letter: char| {
        if letter.is_control() && letter != '\n' { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() }
    };
    text.chars().map(escaped).collect()
}

/// A value that is written as text; null when there is none.
pub(crate) fn text(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

impl Serialize for Price<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let currency = self.today.currency;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("currency", currency.as_str())?;
        // The two that everyone asks for are there even where the list does not name them; the others only where it does.
        for meter in [Meter::Input, Meter::Output] {
            map.serialize_entry(meter.as_str(), &self.today.get(meter).map(Exact))?;
        }
        for (meter, rate) in self.today.iter().filter(|(meter, _)| !matches!(meter, Meter::Input | Meter::Output)) {
            map.serialize_entry(meter.as_str(), &Exact(rate))?;
        }
        let conditional = || self.model.prices().iter().filter(|price| !price.condition().is_always());
        if conditional().next().is_some() {
            map.serialize_entry("conditions", &List(|| conditional().map(|price| Entry { price, usual: Some(currency) })))?;
        }
        map.end()
    }
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let condition = self.price.condition();
        let mut map = serializer.serialize_map(None)?;
        serialize_condition(&mut map, condition)?;
        if self.usual != Some(self.price.currency()) {
            map.serialize_entry("currency", self.price.currency().as_str())?;
        }
        for (meter, rate) in self.price.rates() {
            map.serialize_entry(meter.as_str(), &Exact(rate.authored(meter)))?;
        }
        map.end()
    }
}

impl Serialize for When<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_condition(&mut map, self.0)?;
        map.end()
    }
}

/// Writes the parts of a condition that are given.
fn serialize_condition<M: SerializeMap>(map: &mut M, condition: Condition<'_>) -> Result<(), M::Error> {
    if let Some(above) = condition.above() {
        map.serialize_entry("above", &above)?;
    }
    if let Some(tier) = condition.tier() {
        map.serialize_entry("tier", tier.as_str())?;
    }
    if let Some(from) = condition.from() {
        map.serialize_entry("from", &Text(from))?;
    }
    if let Some(until) = condition.until() {
        map.serialize_entry("until", &Text(until))?;
    }
    if let Some(Hours { start, end, .. }) = condition.hours() {
        map.serialize_entry("hours", &json!({"start": start.to_string(), "end": end.to_string()}))?;
    }
    if !condition.days().is_empty() {
        map.serialize_entry("days", &List(|| condition.days().iter().map(modeldex::Weekday::as_str)))?;
    }
    if condition.hours().is_some() || !condition.days().is_empty() {
        map.serialize_entry("time_zone", &Text(condition.offset()))?;
    }
    if let Some(region) = condition.region() {
        map.serialize_entry("region", region)?;
    }
    Ok(())
}

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Exact {
    /// The shortest decimal of a float is the decimal that was written, for the 15 digits that a rate has at most.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.micros() {
            micros if micros % 1_000_000 == 0 => serializer.serialize_u64(micros / 1_000_000),
            micros => serializer.serialize_f64(micros as f64 / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_stay_as_they_were_written() {
        for text in ["0.6", "2", "0.000001", "0.15", "999999999.999999", "123.456789", "1e-6"] {
            let written = serde_json::to_string(&Exact(Rate::parse(text).unwrap())).unwrap();
            assert_eq!(Rate::parse(&written), Rate::parse(text), "{written}");
        }
        assert_eq!(serde_json::to_string(&Exact(Rate::parse("0.60").unwrap())).unwrap(), "0.6");
    }
}
