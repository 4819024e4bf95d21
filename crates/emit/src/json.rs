//! The catalog's own JSON: what `--json` writes and what a server of the catalog answers. Numbers of money are exact decimals, unknown is
//! null, and the value of a variable is never in them.
//!
//! Whether a variable is set is said only by whoever knows the machine that asks: a server leaves that out.

use crate::number::Units;
use modeldex_table::availability::Availability;
use modeldex_table::{
    Alias, Auth, Billing, Capability, Condition, Currency, Endpoint, Hours, MaxTokensField, Meter, Modality, Model, Moment, Provider,
    ProviderAlias, ReasoningEffort, Source, Today, Variable, WireFeature,
};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// A model as lists write it.
pub struct ModelRow<'a> {
    /// The model.
    pub model: Model<'a>,
    /// Its ordinary rates today.
    pub today: Option<Today>,
    /// Whether its provider can be used here; `None` leaves that out.
    pub availability: Option<Availability<'a>>,
}

/// Whether a provider can be used, and by which variable.
#[derive(serde::Serialize)]
struct Access<'a> {
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
    price: modeldex_table::Price<'a>,
    usual: Option<Currency>,
}

/// When an entry of a price list holds.
pub struct When<'a>(pub Condition<'a>);

/// A list that is made on the way.
struct List<F>(F);

/// A text that is made on the way.
struct Text<T>(T);

impl Serialize for ModelRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let model = self.model;
        let today = self.today.filter(|_| model.billing() == Billing::Metered);
        let fields = if self.availability.is_some() { 13 } else { 12 };
        let mut row = serializer.serialize_struct("Model", fields)?;
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
        match self.availability {
            Some(availability) => row.serialize_field("auth", &Access::from(availability))?,
            None => row.skip_field("auth")?,
        }
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

/// Whether a variable holds something, where that is known.
pub type IsSet<'a> = Option<&'a dyn Fn(&str) -> bool>;

/// Everything else that is known of a model, after what lists say of it.
#[must_use]
pub fn details(model: Model<'_>, now: Moment, is_set: IsSet<'_>) -> Value {
    let capabilities: Map<String, Value> =
        Capability::ALL.iter().filter_map(|&word| Some((word.to_string(), model.can(word)?.into()))).collect();
    json!({
        "kind": model.kind().as_str(),
        "family": model.family(),
        "base": text(model.base().map(modeldex_table::BaseModel::reference)),
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

/// A provider as lists write it.
#[must_use]
pub fn provider_row(provider: Provider<'_>, availability: Option<Availability<'_>>) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("id".to_owned(), provider.id().into());
    row.insert("name".to_owned(), provider.name().into());
    row.insert("kind".to_owned(), provider.kind().map(modeldex_table::ProviderKind::as_str).into());
    row.insert("models".to_owned(), provider.models().len().into());
    row.insert("default_model".to_owned(), provider.default_model().map(Model::id).into());
    if let Some(availability) = availability {
        row.insert("auth".to_owned(), json!(Access::from(availability)));
    }
    row.insert("endpoints".to_owned(), provider.endpoints().map(endpoint).collect());
    row.insert("aliases".to_owned(), provider.aliases().map(ProviderAlias::id).collect());
    row
}

/// Everything else that is known of a provider, after what lists say of it.
#[must_use]
pub fn provider_details(provider: Provider<'_>, is_set: IsSet<'_>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("doc_url".to_owned(), provider.doc_url().into());
    object.insert("model_ids".to_owned(), provider.models().map(Model::id).collect());
    object.insert("alias_details".to_owned(), provider.aliases().map(provider_alias).collect());
    object.insert("auth_methods".to_owned(), provider.auth().map(|way| auth(way, is_set)).collect());
    object.insert("sources".to_owned(), provider.sources().map(source).collect());
    object
}

/// An endpoint. What nobody has said is null, so that each key is there whatever the endpoint.
#[must_use]
pub fn endpoint(endpoint: Endpoint<'_>) -> Value {
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

/// A way to authenticate.
#[must_use]
pub fn auth(auth: Auth<'_>, is_set: IsSet<'_>) -> Value {
    let name = |name: &str| match is_set {
        Some(is_set) => json!({"name": name, "set": is_set(name)}),
        None => json!({"name": name}),
    };
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

/// Another id of a model.
#[must_use]
pub fn alias(alias: Alias<'_>) -> Value {
    json!({"id": alias.id(), "kind": alias.kind().as_str(), "reason": alias.reason(), "until": text(alias.until())})
}

/// Another id of a provider.
#[must_use]
pub fn provider_alias(alias: ProviderAlias<'_>) -> Value {
    json!({"id": alias.id(), "kind": alias.kind().as_str(), "reason": alias.reason(), "until": text(alias.until())})
}

/// Who says so.
#[must_use]
pub fn source(source: Source<'_>) -> Value {
    json!({"url": source.url(), "checked": text(source.checked())})
}

/// A value that is written as text; null when there is none.
#[must_use]
pub fn text(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

impl Serialize for Price<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let currency = self.today.currency();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("currency", currency.as_str())?;
        // The two that everyone asks for are there even where the list does not name them; the others only where it does.
        for meter in [Meter::Input, Meter::Output] {
            map.serialize_entry(meter.as_str(), &self.today.get(meter).map(Units))?;
        }
        for (meter, rate) in self.today.iter().filter(|(meter, _)| !matches!(meter, Meter::Input | Meter::Output)) {
            map.serialize_entry(meter.as_str(), &Units(rate))?;
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
            map.serialize_entry(meter.as_str(), &Units(rate.authored(meter)))?;
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
        map.serialize_entry("days", &List(|| condition.days().iter().map(modeldex_table::Weekday::as_str)))?;
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
