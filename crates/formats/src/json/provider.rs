//! Providers: endpoints and authentication methods.

use super::{AliasJson, DisplayText, EnvironmentLookup, ProviderAccess, provider_alias};
use crate::schema::{vocabulary_properties, with_description};
use modeldex_table::availability::Availability;
use modeldex_table::{Api, AuthKind, Date, MaxTokensField, Model, Provider, ProviderAlias, ProviderKind, VariableRole, WireFeature};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A provider in lists.
#[derive(serde::Serialize, JsonSchema)]
pub struct ProviderRow<'a> {
    id: &'a str,
    name: &'a str,
    kind: Option<ProviderKind>,
    /// Number of models.
    models: usize,
    /// Id of the default model.
    default_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    auth: Option<ProviderAccess<'a>>,
    endpoints: Vec<EndpointJson<'a>>,
    /// Aliases of the provider.
    aliases: Vec<&'a str>,
}

/// A provider with all its facts.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub struct ProviderDetails<'a> {
    #[serde(flatten)]
    row: ProviderRow<'a>,
    /// Documentation page.
    doc_url: Option<&'a str>,
    /// Ids of the models, in the order of the catalog.
    model_ids: Vec<&'a str>,
    /// Aliases of the provider, with kind.
    alias_details: Vec<AliasJson<'a>>,
    /// Authentication methods, in order of preference.
    auth_methods: Vec<AuthMethod<'a>>,
    /// Sources of the provider's facts.
    sources: Vec<SourceJson<'a>>,
}

/// An API endpoint. Unknown values are null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Endpoint")]
pub(super) struct EndpointJson<'a> {
    /// Endpoint id; null if the provider has only one endpoint.
    id: Option<&'a str>,
    /// Base URL, which may contain variables as `${NAME}`.
    base_url: &'a str,
    api: Api,
    region: Option<&'a str>,
    /// Subscription plan that the endpoint belongs to.
    plan: Option<&'a str>,
    /// Headers that every request requires.
    headers: Headers<'a>,
    compat: Compat<'a>,
}

/// Headers by name.
struct Headers<'a>(modeldex_table::Endpoint<'a>);

/// Parts of the wire protocol that the endpoint supports.
struct Compat<'a>(modeldex_table::Endpoint<'a>);

/// An authentication method.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Auth")]
pub(super) struct AuthMethod<'a> {
    kind: AuthKind,
    /// Environment variables of the API key; the first one that is set is used.
    env: Vec<EnvironmentVariable<'a>>,
    /// Other required or optional variables.
    variables: Vec<AuthVariableJson<'a>>,
    /// Header of the API key, if not the wire protocol's default.
    header: Option<&'a str>,
    /// Authentication scheme in the header, if not the wire protocol's default.
    scheme: Option<&'a str>,
    /// Query parameter of the API key.
    query: Option<&'a str>,
}

/// A variable other than the API key, such as a region or an account id.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "AuthVariable")]
struct AuthVariableJson<'a> {
    /// Environment variables; the first one that is set is used.
    env: Vec<EnvironmentVariable<'a>>,
    role: VariableRole,
    optional: bool,
    /// Value if no variable is set.
    default: Option<&'a str>,
}

/// An environment variable.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Variable")]
struct EnvironmentVariable<'a> {
    /// Name of the environment variable. Its value is never included.
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    set: Option<bool>,
}

/// A page that facts were taken from.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(super) struct SourceJson<'a> {
    url: &'a str,
    /// Date of the last check.
    checked: Option<DisplayText<Date>>,
}

impl<'a> ProviderRow<'a> {
    /// Creates the JSON of a provider. Without `availability`, keys that depend on the environment are left out.
    #[must_use]
    pub fn new(provider: Provider<'a>, availability: Option<Availability<'a>>) -> Self {
        Self {
            id: provider.id(),
            name: provider.name(),
            kind: provider.kind(),
            models: provider.models().len(),
            default_model: provider.default_model().map(Model::id),
            auth: availability.map(ProviderAccess::from),
            endpoints: provider.endpoints().map(EndpointJson::from).collect(),
            aliases: provider.aliases().map(ProviderAlias::id).collect(),
        }
    }
}

impl<'a> ProviderDetails<'a> {
    /// Creates the JSON of a provider. Without `availability` and `is_set`, keys that depend on the environment are left out.
    #[must_use]
    pub fn new(provider: Provider<'a>, availability: Option<Availability<'a>>, is_set: EnvironmentLookup<'_>) -> Self {
        Self {
            row: ProviderRow::new(provider, availability),
            doc_url: provider.doc_url(),
            model_ids: provider.models().map(Model::id).collect(),
            alias_details: provider.aliases().map(provider_alias).collect(),
            auth_methods: provider.auth().map(|auth| AuthMethod::new(auth, is_set)).collect(),
            sources: provider.sources().map(SourceJson::from).collect(),
        }
    }
}

impl<'a> From<modeldex_table::Endpoint<'a>> for EndpointJson<'a> {
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
    pub(super) fn new(auth: modeldex_table::Auth<'a>, is_set: EnvironmentLookup<'_>) -> Self {
        let name = |name: &'a str| EnvironmentVariable { name, set: is_set.map(|is_set| is_set(name)) };
        let variable = |variable: modeldex_table::Variable<'a>| AuthVariableJson {
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

impl<'a> From<modeldex_table::Source<'a>> for SourceJson<'a> {
    fn from(source: modeldex_table::Source<'a>) -> Self {
        Self { url: source.url(), checked: source.checked().map(DisplayText) }
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

/// The only key that is not a [`WireFeature`].
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
        let field = with_description(generator.subschema_for::<Option<MaxTokensField>>().into(), "Null if unknown.");
        let mut properties = Map::from_iter([(MAX_TOKENS_FIELD.to_owned(), field)]);
        properties.extend(vocabulary_properties(WireFeature::VOCABULARY, &json!({"type": ["boolean", "null"]})));
        let required: Vec<&String> = properties.keys().collect();
        let documentation = "Parts of the wire protocol that the endpoint supports: true, false, or null if unknown.";
        let schema: Value = json!({"type": "object", "description": documentation, "properties": properties, "required": required});
        schema.try_into().unwrap_or_default()
    }
}
