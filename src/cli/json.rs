//! The shapes that `--json` writes. Numbers of money are exact decimals, unknown is null, and the value of a variable is never in them.

use super::units::Today;
use modeldex::auth::Availability;
use modeldex::{
    Alias, Auth, Billing, Capability, Condition, Currency, Endpoint, Meter, Model, Moment, ProviderAlias, Rate, Source, Variable,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// A model as `models list --json` writes it.
#[derive(serde::Serialize)]
pub(crate) struct ModelRow<'a> {
    #[serde(rename = "ref")]
    reference: Text<modeldex::Reference<'a>>,
    provider: &'a str,
    id: &'a str,
    name: &'a str,
    input: Vec<&'static str>,
    output: Vec<&'static str>,
    context_window: Option<u32>,
    max_output_tokens: Option<u32>,
    billing: &'static str,
    price: Option<Price<'a>>,
    auth: Access<'a>,
    status: &'static str,
    aliases: Vec<&'a str>,
}

/// Whether a provider can be used, and by which variable.
#[derive(serde::Serialize)]
pub(crate) struct Access<'a> {
    available: bool,
    source: Option<&'a str>,
}

/// Today's ordinary rates by meter, and the conditions under which others hold.
pub(crate) struct Price<'a> {
    today: Today,
    model: Model<'a>,
}

/// A text that is made on the way.
struct Text<T>(T);

/// A rate as an exact decimal.
struct Exact(Rate);

impl<'a> ModelRow<'a> {
    pub(crate) fn new(model: Model<'a>, today: Option<Today>, availability: Availability<'a>) -> Self {
        let metered = today.filter(|_| model.billing() == Billing::Metered);
        Self {
            reference: Text(model.reference()),
            provider: model.provider().id(),
            id: model.id(),
            name: model.name(),
            input: model.input().iter().map(modeldex::Modality::as_str).collect(),
            output: model.output().iter().map(modeldex::Modality::as_str).collect(),
            context_window: model.context_window(),
            max_output_tokens: model.max_output_tokens(),
            billing: model.billing().as_str(),
            price: metered.map(|today| Price { today, model }),
            auth: Access::from(availability),
            status: model.status().as_str(),
            aliases: model.aliases().map(Alias::id).collect(),
        }
    }
}

impl<'a> From<Availability<'a>> for Access<'a> {
    fn from(availability: Availability<'a>) -> Self {
        Self { available: availability.is_available(), source: availability.source() }
    }
}

/// Everything else that is known of a model, for `models show --json`.
pub(crate) fn details(model: Model<'_>, now: Moment) -> Map<String, Value> {
    let capabilities: Map<String, Value> =
        Capability::ALL.iter().filter_map(|&word| Some((word.to_string(), model.can(word)?.into()))).collect();
    let details = json!({
        "kind": model.kind().as_str(),
        "family": model.family(),
        "base": model.base().map(|base| base.reference().to_string()),
        "default": model.is_default(),
        "max_input_tokens": model.max_input_tokens(),
        "capabilities": capabilities,
        "reasoning_efforts": model.reasoning_efforts().iter().map(modeldex::ReasoningEffort::as_str).collect::<Vec<_>>(),
        "open_weights": model.open_weights(),
        "weights": model.weights().collect::<Vec<_>>(),
        "release_date": text(model.release_date()),
        "last_updated": text(model.last_updated()),
        "knowledge_cutoff": text(model.knowledge_cutoff()),
        "deprecation_date": text(model.deprecation_date()),
        "retirement_date": text(model.retirement_date()),
        "successor": text(model.successor().map(Model::reference)),
        "price_list": model.prices().iter().map(|price| entry(price, None)).collect::<Vec<_>>(),
        "price_as_of": now.to_string(),
        "endpoints": model.endpoints().map(endpoint).collect::<Vec<_>>(),
        "sources": model.sources().map(source).collect::<Vec<_>>(),
    });
    match details {
        Value::Object(details) => details,
        _ => Map::new(),
    }
}

pub(crate) fn endpoint(endpoint: Endpoint<'_>) -> Value {
    json!({
        "id": endpoint.id(),
        "base_url": endpoint.base_url(),
        "api": endpoint.api().as_str(),
        "region": endpoint.region(),
        "plan": endpoint.plan(),
    })
}

/// A way to authenticate. `is_set` says of a variable whether it holds something.
pub(crate) fn auth(auth: Auth<'_>, is_set: &dyn Fn(&str) -> bool) -> Value {
    let name = |name: &str| json!({"name": name, "set": is_set(name)});
    let variable = |variable: Variable<'_>| {
        json!({
            "env": variable.env().map(name).collect::<Vec<_>>(),
            "role": variable.role().as_str(),
            "optional": variable.is_optional(),
            "default": variable.default(),
        })
    };
    json!({
        "kind": auth.kind().as_str(),
        "env": auth.env().map(name).collect::<Vec<_>>(),
        "variables": auth.variables().map(variable).collect::<Vec<_>>(),
        "header": auth.header(),
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

/// A value that is written as text; null when there is none.
pub(crate) fn text(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

/// One entry of a price list: its conditions, its currency where it is not `usual`, and its rates.
fn entry(price: modeldex::Price<'_>, usual: Option<Currency>) -> Value {
    let mut entry = conditions(price.condition());
    if usual != Some(price.currency()) {
        entry.insert("currency".to_owned(), price.currency().as_str().into());
    }
    entry.extend(price.rates().map(|(meter, rate)| (meter.to_string(), json!(Exact(rate.authored(meter))))));
    Value::Object(entry)
}

fn conditions(condition: Condition<'_>) -> Map<String, Value> {
    let hours = condition
        .hours()
        .map(|hours| json!({"start": hours.start.to_string(), "end": hours.end.to_string(), "time_zone": hours.offset.to_string()}));
    let days: Vec<_> = condition.days().iter().map(modeldex::Weekday::as_str).collect();
    let parts = [
        ("above", json!(condition.above())),
        ("tier", json!(condition.tier().map(modeldex::ServiceTier::as_str))),
        ("from", text(condition.from())),
        ("until", text(condition.until())),
        ("hours", json!(hours)),
        ("days", if days.is_empty() { Value::Null } else { json!(days) }),
        ("region", json!(condition.region())),
    ];
    parts.into_iter().filter(|(_, part)| !part.is_null()).map(|(name, part)| (name.to_owned(), part)).collect()
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
        let conditional = self.model.prices().iter().filter(|price| !price.condition().is_always());
        let conditional: Vec<Value> = conditional.map(|price| entry(price, Some(currency))).collect();
        if !conditional.is_empty() {
            map.serialize_entry("conditions", &conditional)?;
        }
        map.end()
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
