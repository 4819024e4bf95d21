//! The catalog's own JSON: what `--json` writes and what a server of the catalog answers. Numbers of money are exact decimals, unknown is
//! null, and the value of a variable is never in them.
//!
//! Every body is a type that is both serialized and described: the fields, their order and their comments are the answer and its schema in
//! the OpenAPI document. The keys of the facts are no fields, but come from [`Fact`](modeldex_table::Fact).
//!
//! Whether a variable is set is known only on the machine that asks. A server leaves those keys out, so they are in no schema.

mod facts;
mod price;
mod provider;

use facts::{Facts, Group};
use modeldex_table::availability::Availability;
use modeldex_table::{AliasKind, Billing, CurrentRates, Date, Model, Moment, Reference};
pub use price::When;
use price::{Entries, TodayPrice};
use provider::{AuthMethod, Endpoint, Source};
pub use provider::{ProviderRow, WholeProvider};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Display;

/// A model as lists have it. Unknown is null.
pub struct ModelRow<'a> {
    /// The model.
    pub model: Model<'a>,
    /// Its ordinary rates today.
    pub today: Option<CurrentRates>,
    /// Whether its provider can be used here; `None` leaves that out.
    pub availability: Option<Availability<'a>>,
}

/// Whether a variable holds something, where that is known.
pub type IsSet<'a> = Option<&'a dyn Fn(&str) -> bool>;

/// Everything that is known of a model.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Model")]
pub struct WholeModel<'a> {
    #[serde(flatten)]
    row: ModelRow<'a>,
    #[serde(flatten)]
    details: Details<'a>,
}

/// A model as lists have it. Unknown is null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "ModelRow")]
struct Row<'a> {
    /// `provider/model`.
    r#ref: Text<Reference<'a>>,
    /// The id of the provider.
    provider: &'a str,
    /// The provider's name for the model on the wire.
    id: &'a str,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::row")]
    facts: Facts<'a>,
    /// Null where the model is not metered.
    price: Option<TodayPrice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    auth: Option<Access<'a>>,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::row_end")]
    status: Facts<'a>,
    /// Other ids of the model.
    #[schemars(with = "Vec<&str>")]
    aliases: AliasIds<'a>,
}

/// What lists of models leave out.
#[derive(serde::Serialize, JsonSchema)]
struct Details<'a> {
    #[serde(flatten)]
    #[schemars(schema_with = "facts::details_start")]
    task: Facts<'a>,
    /// The base model that facts are inherited from, as `lab/model`.
    base: Option<Text<Reference<'a>>>,
    /// Whether this is the provider's default model.
    default: bool,
    /// Why the status is another than that of the same model at the same base URL under another provider.
    reason: Option<&'a str>,
    #[serde(flatten)]
    #[schemars(schema_with = "facts::details")]
    facts: Facts<'a>,
    /// The moment whose prices are in `price`.
    price_as_of: Text<Moment>,
    /// Empty where the model is not metered.
    price_list: Entries<'a>,
    /// The endpoints that serve the model; the first is the default.
    endpoints: Vec<Endpoint<'a>>,
    /// Authentication methods of the provider, in order of preference.
    auth_methods: Vec<AuthMethod<'a>>,
    /// Other ids of the model, with their kind.
    alias_details: Vec<Alias<'a>>,
    /// Sources of the facts that the model states itself.
    sources: Vec<Source<'a>>,
}

/// Whether a provider can be used, and by which variable.
#[derive(serde::Serialize)]
struct Access<'a> {
    available: bool,
    source: Option<&'a str>,
}

/// Another id of a model or provider.
#[derive(serde::Serialize, JsonSchema)]
pub struct Alias<'a> {
    id: &'a str,
    kind: AliasKind,
    /// Why the id resolves to another one.
    reason: Option<&'a str>,
    /// The date until which the id resolves.
    until: Option<Text<Date>>,
}

/// Other ids of a model.
struct AliasIds<'a>(Model<'a>);

/// A value that is written as text.
struct Text<T>(T);

impl<'a> WholeModel<'a> {
    /// The model with the prices of a moment. Without `availability` and `is_set`, keys that depend on the machine are left out.
    #[must_use]
    pub fn new(model: Model<'a>, now: Moment, availability: Option<Availability<'a>>, is_set: IsSet<'_>) -> Self {
        let row = ModelRow { model, today: CurrentRates::of(model.prices(), now), availability };
        let details = Details {
            task: Facts(model, Group::DetailsStart),
            base: model.base().map(|base| Text(base.reference())),
            default: model.is_default(),
            reason: model.reason(),
            facts: Facts(model, Group::Details),
            price_as_of: Text(now),
            price_list: Entries::all(model),
            endpoints: model.endpoints().map(Endpoint::from).collect(),
            auth_methods: model.provider().auth().map(|auth| AuthMethod::new(auth, is_set)).collect(),
            alias_details: model.aliases().map(alias).collect(),
            sources: model.sources().map(Source::from).collect(),
        };
        Self { row, details }
    }
}

impl<'a> From<&ModelRow<'a>> for Row<'a> {
    fn from(row: &ModelRow<'a>) -> Self {
        let model = row.model;
        let today = row.today.filter(|_| model.billing() == Billing::Metered);
        Self {
            r#ref: Text(model.reference()),
            provider: model.provider().id(),
            id: model.id(),
            facts: Facts(model, Group::Row),
            price: today.map(|today| TodayPrice::new(today, model)),
            auth: row.availability.map(Access::from),
            status: Facts(model, Group::RowEnd),
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
        Row::from(self).serialize(serializer)
    }
}

impl JsonSchema for ModelRow<'_> {
    fn schema_name() -> Cow<'static, str> {
        Row::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Row::json_schema(generator)
    }
}

impl<'a> From<Availability<'a>> for Access<'a> {
    fn from(availability: Availability<'a>) -> Self {
        Self { available: availability.is_available(), source: availability.variable() }
    }
}

/// Another id of a model.
#[must_use]
pub fn alias(alias: modeldex_table::Alias<'_>) -> Alias<'_> {
    Alias { id: alias.id(), kind: alias.kind(), reason: alias.reason(), until: alias.until().map(Text) }
}

/// Another id of a provider.
#[must_use]
pub fn provider_alias(alias: modeldex_table::ProviderAlias<'_>) -> Alias<'_> {
    Alias { id: alias.id(), kind: alias.kind(), reason: alias.reason(), until: alias.until().map(Text) }
}

/// A value that is written as text; null when there is none.
#[must_use]
pub fn text(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T> JsonSchema for Text<T> {
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
