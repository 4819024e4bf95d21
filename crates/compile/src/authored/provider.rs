use super::{Defaults, Model, ModelAlias, PartialDate};
use modeldex_table::{AliasKind, Api, AuthKind, MaxTokensField, ProviderKind, VariableRole, WireFeature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A provider: a service that requests are sent to. Its id is its file's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Another provider to start from: what is written here wins, everything else is taken over. In an overlay, naming the file's own
    /// id changes a provider of the catalog below. A file with the id of an imported provider changes that one without naming it, and
    /// replaces it when it names another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// The name on screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1), extend("x-citable" = true)))]
    pub name: Option<String>,
    /// What kind of service it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-citable" = true)))]
    pub kind: Option<ProviderKind>,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://"), extend("x-citable" = true)))]
    pub doc_url: Option<String>,
    /// Other ids of the provider itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ProviderAlias>,
    /// Where the facts in this file come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Its base URLs; the first is the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(length(max = 32)))]
    pub endpoints: Vec<Endpoint>,
    /// The ways to prove who asks: alternatives, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<Auth>,
    /// The model that the provider itself would pick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-citable" = true)))]
    pub default_model: Option<String>,
    /// Facts that hold for each model written here that does not say otherwise; models taken over by `extends` keep theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
    /// Models that are not taken over: of the imported provider with this id, or of the one named by `extends`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omit_models: Vec<String>,
    /// Other ids that resolve to one of its models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_aliases: Vec<ModelAlias>,
    /// The models it sells, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Model>,
}

/// One base URL, with its wire protocol, region and plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its id within the provider; needed only where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]*$")))]
    pub id: Option<String>,
    /// The URL that the protocol's paths are appended to. May hold variables that `auth` declares, such as `${AWS_REGION}`.
    pub base_url: String,
    /// The wire protocol.
    pub api: Api,
    /// The part of the world it serves, such as `global` or `cn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub region: Option<String>,
    /// The subscription it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub plan: Option<String>,
    /// Headers that it wants beside the usual ones, by name. They are sent as they stand here; none of them is a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::headers"))]
    pub headers: BTreeMap<String, String>,
    /// What it takes of its protocol, where not every service that speaks it does the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compat: Option<Compat>,
}

/// What an endpoint takes of its protocol.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Compat {
    /// The field that says how many tokens the answer may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens_field: Option<MaxTokensField>,
    /// What it takes: `true`, `false`, or left out where nobody has said.
    #[serde(flatten)]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::wire_features"))]
    pub features: BTreeMap<WireFeature, bool>,
}

/// One way to prove who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// What kind of proof it is.
    pub kind: AuthKind,
    /// Names of environment variables that may hold the key, in order of preference: any one of them is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::environment_names"))]
    pub env: Vec<String>,
    /// What is needed beside the key: all that are not optional.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// The header that the key goes into, where that is not the usual one of the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::http_token"))]
    pub header: Option<String>,
    /// What stands before the key in `header`, such as `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::http_token"))]
    pub scheme: Option<String>,
    /// The parameter of the query that the key goes into, where it goes into no header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[A-Za-z0-9._~-]+$")))]
    pub query: Option<String>,
}

/// An environment variable that is needed beside the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its names, in order of preference: any one of them is enough.
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::environment_names"))]
    pub env: Vec<String>,
    /// What it is for.
    pub role: VariableRole,
    /// Whether it may be left unset.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The value when it is unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub default: Option<String>,
}

/// Another id of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderAlias {
    /// The other id.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]*$")))]
    pub id: String,
    /// Why it resolves.
    pub kind: AliasKind,
    /// Why it exists, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The day after which it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
}

/// Who published a fact, and when that was looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it can be read.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://")))]
    pub url: String,
    /// The day on which it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
}
