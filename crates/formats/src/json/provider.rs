//! Providers: where their models are, and how requests authenticate.

use super::{Access, Alias, IsSet, Text, provider_alias};
use crate::schema::{described, keyed};
use modeldex_table::availability::Availability;
use modeldex_table::{Api, AuthKind, Date, MaxTokensField, Model, Provider, ProviderAlias, ProviderKind, VariableRole, WireFeature};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A provider as lists have it.
#[derive(serde::Serialize, JsonSchema)]
pub struct ProviderRow<'a> {
    id: &'a str,
    name: &'a str,
    kind: Option<ProviderKind>,
    /// The number of its models.
    models: usize,
    /// The id of its default model.
    default_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    auth: Option<Access<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    /// Other ids of the provider.
    aliases: Vec<&'a str>,
}

/// Everything that is known of a provider.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub struct WholeProvider<'a> {
    #[serde(flatten)]
    row: ProviderRow<'a>,
    /// A page for people.
    doc_url: Option<&'a str>,
    /// The ids of its models, in the order of the catalog.
    model_ids: Vec<&'a str>,
    /// Other ids of the provider, with their kind.
    alias_details: Vec<Alias<'a>>,
    /// Authentication methods, in order of preference.
    auth_methods: Vec<AuthMethod<'a>>,
    /// Sources of what is stated about the provider.
    sources: Vec<Source<'a>>,
}

/// A place to send requests to. Unknown is null.
#[derive(serde::Serialize, JsonSchema)]
pub(super) struct Endpoint<'a> {
    /// Null where the provider has only one.
    id: Option<&'a str>,
    /// May have variables in it, as `${NAME}`.
    base_url: &'a str,
    api: Api,
    region: Option<&'a str>,
    /// The subscription that the endpoint belongs to.
    plan: Option<&'a str>,
    /// Headers that every request needs.
    headers: Headers<'a>,
    compat: Compat<'a>,
}

/// Headers by name.
struct Headers<'a>(modeldex_table::Endpoint<'a>);

/// Which parts of the wire protocol the endpoint takes.
struct Compat<'a>(modeldex_table::Endpoint<'a>);

/// An authentication method.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Auth")]
pub(super) struct AuthMethod<'a> {
    kind: AuthKind,
    /// Environment variables that hold the key; the first that is set is used.
    env: Vec<Name<'a>>,
    /// Variables beside the key.
    variables: Vec<Variable<'a>>,
    /// The header that takes the key, where it is not the usual one.
    header: Option<&'a str>,
    /// The word before the key in the header, where it is not the usual one.
    scheme: Option<&'a str>,
    /// The query parameter that takes the key.
    query: Option<&'a str>,
}

/// A variable beside the key.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "AuthVariable")]
struct Variable<'a> {
    /// Environment variables that hold it; the first that is set is used.
    env: Vec<Name<'a>>,
    role: VariableRole,
    optional: bool,
    /// The value where no variable is set.
    default: Option<&'a str>,
}

/// An environment variable.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Variable")]
struct Name<'a> {
    /// The name of an environment variable. Its value is nowhere here.
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    set: Option<bool>,
}

/// A page that facts were published on.
#[derive(serde::Serialize, JsonSchema)]
pub(super) struct Source<'a> {
    url: &'a str,
    /// The date on which it was last read.
    checked: Option<Text<Date>>,
}

impl<'a> ProviderRow<'a> {
    /// The provider. Without `availability`, whether it can be used here is left out.
    #[must_use]
    pub fn new(provider: Provider<'a>, availability: Option<Availability<'a>>) -> Self {
        Self {
            id: provider.id(),
            name: provider.name(),
            kind: provider.kind(),
            models: provider.models().len(),
            default_model: provider.default_model().map(Model::id),
            auth: availability.map(Access::from),
            endpoints: provider.endpoints().map(Endpoint::from).collect(),
            aliases: provider.aliases().map(ProviderAlias::id).collect(),
        }
    }
}

impl<'a> WholeProvider<'a> {
    /// The provider. Without `availability` and `is_set`, keys that depend on the machine are left out.
    #[must_use]
    pub fn new(provider: Provider<'a>, availability: Option<Availability<'a>>, is_set: IsSet<'_>) -> Self {
        Self {
            row: ProviderRow::new(provider, availability),
            doc_url: provider.doc_url(),
            model_ids: provider.models().map(Model::id).collect(),
            alias_details: provider.aliases().map(provider_alias).collect(),
            auth_methods: provider.auth().map(|auth| AuthMethod::new(auth, is_set)).collect(),
            sources: provider.sources().map(Source::from).collect(),
        }
    }
}

impl<'a> From<modeldex_table::Endpoint<'a>> for Endpoint<'a> {
    fn from(endpoint: modeldex_table::Endpoint<'a>) -> Self {
        Self {
            id: Some(endpoint.id()).filter(|id| !id.is_empty()),
            base_url: endpoint.base_url(),
            api: endpoint.api(),
            region: endpoint.region(),
            plan: endpoint.plan(),
            headers: Headers(endpoint),
            compat: Compat(endpoint),
        }
    }
}

impl<'a> AuthMethod<'a> {
    pub(super) fn new(auth: modeldex_table::Auth<'a>, is_set: IsSet<'_>) -> Self {
        let name = |name: &'a str| Name { name, set: is_set.map(|is_set| is_set(name)) };
        let variable = |variable: modeldex_table::Variable<'a>| Variable {
            env: variable.env().map(name).collect(),
            role: variable.role(),
            optional: variable.is_optional(),
            default: variable.default(),
        };
        Self {
            kind: auth.kind(),
            env: auth.env().map(name).collect(),
            variables: auth.variables().map(variable).collect(),
            header: auth.header(),
            scheme: auth.scheme(),
            query: auth.query(),
        }
    }
}

impl<'a> From<modeldex_table::Source<'a>> for Source<'a> {
    fn from(source: modeldex_table::Source<'a>) -> Self {
        Self { url: source.url(), checked: source.checked().map(Text) }
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.headers())
    }
}

impl JsonSchema for Headers<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": {"type": "string"}})
    }
}

/// The key beside those of [`WireFeature`].
const MAX_TOKENS_FIELD: &str = "max_tokens_field";

impl Serialize for Compat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(MAX_TOKENS_FIELD, &self.0.max_tokens_field())?;
        for &feature in WireFeature::ALL {
            map.serialize_entry(feature.as_str(), &self.0.supports(feature))?;
        }
        map.end()
    }
}

impl JsonSchema for Compat<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Compat".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let field = described(generator.subschema_for::<Option<MaxTokensField>>().into(), "Null where it is unknown.");
        let mut properties = Map::from_iter([(MAX_TOKENS_FIELD.to_owned(), field)]);
        properties.extend(keyed(WireFeature::VOCABULARY, &json!({"type": ["boolean", "null"]})));
        let required: Vec<&String> = properties.keys().collect();
        let documentation = "Which parts of the wire protocol the endpoint takes: true, false, or null where it is unknown.";
        let schema: Value = json!({"type": "object", "description": documentation, "properties": properties, "required": required});
        schema.try_into().unwrap_or_default()
    }
}
