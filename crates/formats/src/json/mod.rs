//! Catalog data in JSON: the output of `--json`, and the response bodies of the server. Amounts of money are exact decimals, unknown values are null,
//! and values of environment variables are never included.
//!
//! Each response body is a type with both a serializer and a schema: the fields of the type, their order and their comments define the response and
//! the schema in the OpenAPI document. Facts of models are not fields of these types; the keys of facts come from [`Fact`](modeldex_table::Fact).
//!
//! Keys that state whether a variable is set depend on the local environment. The server leaves these keys out, so no schema has them.

mod facts;
mod price;
mod provider;

use facts::{FactFields, FactSection};
use modeldex_table::availability::Availability;
use modeldex_table::{AliasKind, Billing, CurrentRates, Date, Model, Moment, Reference};
pub use price::ConditionJson;
use price::{CurrentPrice, PriceEntries};
use provider::{AuthMethod, EndpointJson, SourceJson};
pub use provider::{ProviderDetails, ProviderRow};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Display;

/// The JSON of a model in a list of models. Unknown values are null.
pub struct ModelRow<'a> {
    /// The model.
    pub model: Model<'a>,
    /// The current rates of the model for a standard request; see [`CurrentRates`]. `None` means that the model has no price list.
    pub today: Option<CurrentRates>,
    /// Whether a credential of the provider is available. With `None`, the JSON does not have the key `auth`.
    pub availability: Option<Availability<'a>>,
}

/// A function that returns whether an environment variable is set. With `None`, the JSON does not have the keys that state whether a variable is set.
pub type EnvironmentLookup<'a> = Option<&'a dyn Fn(&str) -> bool>;

/// A model with all its facts. Unknown values are null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Model")]
pub struct ModelDetails<'a> {
    #[serde(flatten)]
    row: ModelRow<'a>,
    #[serde(flatten)]
    details: DetailFields<'a>,
}

/// A model in a list of models. Unknown values are null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "ModelRow")]
struct ModelRowJson<'a> {
    /// Reference of the model, `provider/model`.
    r#ref: DisplayText<Reference<'a>>,
    /// Id of the provider.
    provider: &'a str,
    /// Id of the model in requests to the provider.
    id: &'a str,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::row")]
    facts: FactFields<'a>,
    /// Current price; null if the billing of the model is not `metered`.
    price: Option<CurrentPrice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    auth: Option<ProviderAccess<'a>>,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::row_end")]
    status: FactFields<'a>,
    /// Aliases of the model.
    #[schemars(with = "Vec<&str>")]
    aliases: AliasIds<'a>,
}

/// Facts of a model that only the details of a model have, not the lists of models.
#[derive(serde::Serialize, JsonSchema)]
struct DetailFields<'a> {
    #[serde(flatten)]
    #[schemars(schema_with = "facts::details_start")]
    task: FactFields<'a>,
    /// Base model from which the model inherits facts, as `lab/model`.
    base: Option<DisplayText<Reference<'a>>>,
    /// Whether this is the provider's default model.
    default: bool,
    /// Reason why the status of the model differs from its status under another provider that has the same base URL.
    reason: Option<&'a str>,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::details")]
    facts: FactFields<'a>,
    /// Moment for which `price` states the rates, in UTC.
    price_as_of: DisplayText<Moment>,
    /// Price list; empty if the billing of the model is not `metered`.
    price_list: PriceEntries<'a>,
    /// Endpoints that serve the model; the first one is the default.
    endpoints: Vec<EndpointJson<'a>>,
    /// Authentication methods of the provider, in order of preference.
    auth_methods: Vec<AuthMethod<'a>>,
    /// Aliases of the model, with their kinds.
    alias_details: Vec<AliasJson<'a>>,
    /// Pages that state the facts of the model. Pages of inherited facts are not included.
    sources: Vec<SourceJson<'a>>,
}

/// Whether a provider's credentials are available, and from which variable.
#[derive(serde::Serialize)]
struct ProviderAccess<'a> {
    available: bool,
    source: Option<&'a str>,
}

/// An alias of a model or provider.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Alias")]
pub struct AliasJson<'a> {
    id: &'a str,
    kind: AliasKind,
    /// Why the alias exists.
    reason: Option<&'a str>,
    /// Date after which the alias may be removed from the catalog.
    until: Option<DisplayText<Date>>,
}

/// Aliases of a model.
struct AliasIds<'a>(Model<'a>);

/// A value that is serialized as its display text.
struct DisplayText<T>(T);

impl<'a> ModelDetails<'a> {
    /// Creates the JSON of `model`, with the prices at the moment `now`. If `availability` or `is_set` is `None`, the JSON does not have the keys
    /// that depend on this argument.
    #[must_use]
    pub fn new(model: Model<'a>, now: Moment, availability: Option<Availability<'a>>, is_set: EnvironmentLookup<'_>) -> Self {
        let row = ModelRow { model, today: CurrentRates::of(model.prices(), now), availability };
        let details = DetailFields {
            task: FactFields(model, FactSection::DetailsStart),
            base: model.base().map(|base| DisplayText(base.reference())),
            default: model.is_default(),
            reason: model.reason(),
            facts: FactFields(model, FactSection::Details),
            price_as_of: DisplayText(now),
            price_list: PriceEntries::all(model),
            endpoints: model.endpoints().map(EndpointJson::from).collect(),
            auth_methods: model.provider().auth().map(|auth| AuthMethod::new(auth, is_set)).collect(),
            alias_details: model.aliases().map(model_alias).collect(),
            sources: model.sources().map(SourceJson::from).collect(),
        };
        Self { row, details }
    }
}

impl<'a> From<&ModelRow<'a>> for ModelRowJson<'a> {
    fn from(row: &ModelRow<'a>) -> Self {
        let model = row.model;
        let today = row.today.filter(|_| model.billing() == Billing::Metered);
        Self {
            r#ref: DisplayText(model.reference()),
            provider: model.provider().id(),
            id: model.id(),
            facts: FactFields(model, FactSection::Row),
            price: today.map(|today| CurrentPrice::new(today, model)),
            auth: row.availability.map(ProviderAccess::from),
            status: FactFields(model, FactSection::RowEnd),
            aliases: AliasIds(model),
        }
    }
}

impl Serialize for AliasIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.aliases().map(modeldex_table::Alias::id))
    }
}

impl Serialize for ModelRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ModelRowJson::from(self).serialize(serializer)
    }
}

impl JsonSchema for ModelRow<'_> {
    fn schema_name() -> Cow<'static, str> {
        ModelRowJson::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        ModelRowJson::json_schema(generator)
    }
}

impl<'a> From<Availability<'a>> for ProviderAccess<'a> {
    fn from(availability: Availability<'a>) -> Self {
        Self { available: availability.is_available(), source: availability.variable() }
    }
}

/// Creates the JSON of an alias of a model.
#[must_use]
pub fn model_alias(alias: modeldex_table::Alias<'_>) -> AliasJson<'_> {
    AliasJson { id: alias.id(), kind: alias.kind(), reason: alias.reason(), until: alias.until().map(DisplayText) }
}

/// Creates the JSON of an alias of a provider.
#[must_use]
pub fn provider_alias(alias: modeldex_table::ProviderAlias<'_>) -> AliasJson<'_> {
    AliasJson { id: alias.id(), kind: alias.kind(), reason: alias.reason(), until: alias.until().map(DisplayText) }
}

/// Returns the text of `value` as a JSON string. Returns null if `value` is `None`.
#[must_use]
pub fn display_or_null(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

impl<T: Display> Serialize for DisplayText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T> JsonSchema for DisplayText<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}
