//! Providers: endpoints and authentication methods.

use super::{AliasJson, DisplayText, EnvironmentLookup, ProviderAccess, provider_alias};
use crate::schema::{vocabulary_properties, with_description};
use modeldex_table::availability::Availability;
use modeldex_table::{Api, AuthKind, Date, MaxTokensField, Model, Provider, ProviderAlias, ProviderKind, VariableRole, WireFeature};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A provider in a list of providers.
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

/// A provider with all its facts. Unknown values are null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub struct ProviderDetails<'a> {
    #[serde(flatten)]
    row: ProviderRow<'a>,
    /// URL of the provider's documentation.
    doc_url: Option<&'a str>,
    /// Ids of the models, in the order of the catalog.
    model_ids: Vec<&'a str>,
    /// Aliases of the provider, with their kinds.
    alias_details: Vec<AliasJson<'a>>,
    /// Authentication methods, in order of preference.
    auth_methods: Vec<AuthMethod<'a>>,
    /// Pages that state the facts of the provider.
    sources: Vec<SourceJson<'a>>,
}

/// An API endpoint. Unknown values are null.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Endpoint")]
pub(super) struct EndpointJson<'a> {
    /// Id of the endpoint; null if the provider has only one endpoint.
    id: Option<&'a str>,
    /// Base URL. It may contain variables, written as `${NAME}`.
    base_url: &'a str,
    api: Api,
    region: Option<&'a str>,
    /// Subscription plan to which the endpoint belongs.
    plan: Option<&'a str>,
    /// Additional headers of every request, by name.
    headers: Headers<'a>,
    compat: Compat<'a>,
}

/// Headers by name.
struct Headers<'a>(modeldex_table::Endpoint<'a>);

/// Optional features of the wire protocol that the endpoint supports.
struct Compat<'a>(modeldex_table::Endpoint<'a>);

/// An authentication method.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Auth")]
pub(super) struct AuthMethod<'a> {
    kind: AuthKind,
    /// Environment variables that may contain the API key; the first one that is set is used.
    env: Vec<EnvironmentVariable<'a>>,
    /// Further variables that the method uses, such as a region or an account id.
    variables: Vec<AuthVariableJson<'a>>,
    /// Header in which the API key is sent, if it is not the default header of the wire protocol.
    header: Option<&'a str>,
    /// Word before the API key in the header, such as `Bearer`, if it is not the default of the wire protocol.
    scheme: Option<&'a str>,
    /// Query parameter in which the API key is sent instead of in a header.
    query: Option<&'a str>,
}

/// A variable that an authentication method uses in addition to the API key, such as a region or an account id.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "AuthVariable")]
struct AuthVariableJson<'a> {
    /// Environment variables that may contain the value; the first one that is set is used.
    env: Vec<EnvironmentVariable<'a>>,
    role: VariableRole,
    optional: bool,
    /// Value that is used if none of the environment variables is set.
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

/// A page from which facts were taken.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(super) struct SourceJson<'a> {
    url: &'a str,
    /// Date on which the page was last read.
    checked: Option<DisplayText<Date>>,
}

impl<'a> ProviderRow<'a> {
    /// Creates the JSON of a provider in a list. If `availability` is `None`, the JSON does not have the key `auth`.
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
    /// Creates the JSON of a provider with all its facts. If `availability` or `is_set` is `None`, the JSON does not have the keys that depend on
    /// this argument.
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
        let documentation = "Request field for the maximum number of output tokens; null if unknown.";
        let field = with_description(generator.subschema_for::<Option<MaxTokensField>>().into(), documentation);
        let mut properties = Map::from_iter([(MAX_TOKENS_FIELD.to_owned(), field)]);
        properties.extend(vocabulary_properties(WireFeature::VOCABULARY, &json!({"type": ["boolean", "null"]})));
        let required: Vec<&String> = properties.keys().collect();
        let documentation =
            "Optional features of the wire protocol: true if the endpoint supports the feature, false if not, null if unknown.";
        let schema: Value = json!({"type": "object", "description": documentation, "properties": properties, "required": required});
        schema.try_into().unwrap_or_default()
    }
}
