use super::VariableValue;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Name of the schema file.
pub(crate) const SCHEMA_FILE: &str = "config.schema.json";

/// The configuration of modeldex. Programs that edit the file must preserve unknown keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Config")]
pub(crate) struct Settings {
    /// The schema for completion and validation in editors.
    #[serde(rename = "$schema")]
    #[allow(dead_code, reason = "it is for editors")]
    schema: Option<String>,
    /// Variables, such as API keys.
    pub(crate) env: EnvSettings,
    /// The default model, as `provider/model`.
    pub(crate) default_model: Option<String>,
    /// Catalog folders to apply as overlays; later ones take precedence.
    pub(crate) overlays: Vec<String>,
    /// What to do about legacy ids and deprecated and retired models.
    pub(crate) outdated_models: Option<OutdatedModels>,
    /// Settings per provider, by its id.
    pub(crate) providers: BTreeMap<String, ProviderSettings>,
    /// Delivery of messages to Telegram.
    pub(crate) telegram: TelegramSettings,
}

/// Variables, such as API keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct EnvSettings {
    /// Values of variables that are not set in the environment: a key, or `${NAME}` to read another variable.
    pub(crate) vars: BTreeMap<String, VariableValue>,
}

/// What to do about legacy ids and deprecated and retired models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutdatedModels {
    /// Print a warning and continue.
    Warn,
    /// Fail without sending a request.
    Refuse,
}

/// Settings of a provider.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ProviderSettings {
    /// The id of the endpoint to use.
    pub(crate) endpoint: Option<String>,
    /// The region whose endpoint to use.
    pub(crate) region: Option<String>,
}

/// Delivery of messages to Telegram.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct TelegramSettings {
    /// The base URL of the Bot API, if not Telegram's.
    pub(crate) api_base: Option<String>,
    /// The id of the chat.
    pub(crate) chat_id: Option<String>,
}

/// The JSON Schema that the file is validated against.
pub(crate) fn schema() -> Value {
    modeldex_compile::schema::for_type::<Settings>()
}

/// The published JSON Schema, for editors and other validators.
pub(crate) fn published_schema() -> Value {
    modeldex_compile::schema::to_published(&schema(), SCHEMA_FILE)
}

impl OutdatedModels {
    pub(crate) const ALL: [Self; 2] = [Self::Warn, Self::Refuse];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}
