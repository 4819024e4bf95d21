use super::{Defaults, Model, ModelAlias, PartialDate};
use modeldex_table::{AliasKind, Api, AuthKind, MaxTokensField, ProviderKind, VariableRole, WireFeature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A provider: a service with endpoints and models. Its id is the file name without extension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Id of the provider from which this provider inherits. Keys in this file take precedence over inherited keys. In an overlay, `extends` may be
    /// the provider's own id. The file then changes the provider with this id in the catalog below the overlay. A file that has the id of an imported
    /// provider and no `extends` inherits from the imported provider. If a file has the id of an imported provider, but `extends` names another
    /// provider, the file replaces the imported provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1), extend("x-citable" = true)))]
    pub name: Option<String>,
    /// Kind of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-citable" = true)))]
    pub kind: Option<ProviderKind>,
    /// URL of the provider's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL), extend("x-citable" = true)))]
    pub doc_url: Option<String>,
    /// Alternative ids of the provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ProviderAlias>,
    /// Pages that state the facts in this file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceLink>,
    /// Endpoints of the provider; the first one is the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(length(max = 32)))]
    pub endpoints: Vec<Endpoint>,
    /// Authentication methods, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<Auth>,
    /// Id or alias of the provider's default model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-citable" = true)))]
    pub default_model: Option<String>,
    /// Default facts. A default fact applies to every model in this file that does not state the fact itself. Inherited models keep their own facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
    /// Ids of models that are not inherited from the provider that `extends` names, or from the imported provider with the same id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omit_models: Vec<String>,
    /// Alternative ids of models of this provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_aliases: Vec<ModelAlias>,
    /// Models that the provider offers, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Model>,
}

/// An endpoint: a base URL with its wire protocol, region and plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Id of the endpoint, unique within the provider; required if the provider has several endpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]*$")))]
    pub id: Option<String>,
    /// URL to which the paths of the wire protocol are appended. The URL may contain variables that `auth` declares, such as `${AWS_REGION}`.
    pub base_url: String,
    /// Wire protocol.
    pub api: Api,
    /// Region that the endpoint serves, such as `global` or `cn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub region: Option<String>,
    /// Subscription plan to which the endpoint belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub plan: Option<String>,
    /// Additional headers of every request, by name. Values are sent literally and must not be secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::headers"))]
    pub headers: BTreeMap<String, String>,
    /// Deviations from the wire protocol, and optional features that the endpoint supports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compat: Option<Compat>,
}

/// Deviations of an endpoint from its wire protocol, and optional features that the endpoint supports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Compat {
    /// Request field for the maximum number of output tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens_field: Option<MaxTokensField>,
    /// Optional features of the wire protocol: `true` if the endpoint supports the feature, `false` if it does not, omitted if unknown.
    #[serde(flatten)]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::wire_features"))]
    pub features: BTreeMap<WireFeature, bool>,
}

/// An authentication method of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Kind of credential.
    pub kind: AuthKind,
    /// Environment variables that may contain the API key, in order of preference; one of them is sufficient.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::environment_names"))]
    pub env: Vec<String>,
    /// Further environment variables that the method uses, such as a region. A variable is required unless it is `optional`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Header in which the API key is sent; by default the header of the wire protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::http_token"))]
    pub header: Option<String>,
    /// Word before the API key in `header`, such as `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::http_token"))]
    pub scheme: Option<String>,
    /// Query parameter in which the API key is sent instead of in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Za-z0-9._~-]+$")))]
    pub query: Option<String>,
}

/// An environment variable that an authentication method uses in addition to the API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Names of the environment variable, in order of preference; one of them is sufficient.
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::environment_names"))]
    pub env: Vec<String>,
    /// Purpose of the value.
    pub role: VariableRole,
    /// Whether requests are possible without the variable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Value that is used if the variable is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub default: Option<String>,
}

/// An alias: an alternative id of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderAlias {
    /// Alternative id.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]*$")))]
    pub id: String,
    /// Kind of alias.
    pub kind: AliasKind,
    /// Reason for the alias, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Date after which the alias may be removed from the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
}

/// A page that states facts, and the date on which it was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceLink {
    /// URL of the page.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL)))]
    pub url: String,
    /// Date on which the page was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
}
