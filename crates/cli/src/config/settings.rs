use super::VariableValue;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Name of the file with the JSON Schema of the configuration.
pub(crate) const SCHEMA_FILE: &str = "config.schema.json";

/// The configuration of modeldex. Programs that edit the file must preserve unknown keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Config")]
pub(crate) struct Settings {
    /// URL of the JSON Schema of this file, for completion and validation in editors. modeldex does not read it.
    #[serde(rename = "$schema")]
    #[allow(dead_code, reason = "it is for editors")]
    schema: Option<String>,
    /// Environment variables, such as API keys.
    pub(crate) env: EnvSettings,
    /// The model that commands use if the user names no model. The form is `provider/model`.
    pub(crate) default_model: Option<String>,
    /// Catalog folders that are applied to the catalog as overlays. Facts of a later folder take precedence over facts of an earlier folder.
    /// Relative paths start at the folder of the configuration file.
    pub(crate) overlays: Vec<String>,
    /// Hosts to which overlays may send the keys of known providers without a warning, such as the gateway of a company. A host is written as in a
    /// base URL, including the port if the base URL has a port.
    pub(crate) trusted_hosts: Vec<String>,
    /// What a command does with a request to an outdated model. A model is outdated if it is deprecated or retired, or if the user names it by a
    /// legacy id.
    pub(crate) outdated_models: Option<OutdatedModels>,
    /// Settings of single providers; the key is the provider id.
    pub(crate) providers: BTreeMap<String, ProviderSettings>,
    /// The Telegram chat to which `message send --target telegram` sends answers.
    pub(crate) telegram: TelegramSettings,
}

/// Environment variables, such as API keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct EnvSettings {
    /// The value that replaces the environment variable NAME if the variable is not set. The value is an API key, or `${OTHER}` for the value of the
    /// variable OTHER.
    pub(crate) vars: BTreeMap<String, VariableValue>,
}

/// What a command does with a request to an outdated model. A model is outdated if it is deprecated or retired, or if the user names it by a legacy
/// id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutdatedModels {
    /// Print a warning and send the request.
    Warn,
    /// Fail without sending the request.
    Refuse,
}

/// Settings of one provider.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ProviderSettings {
    /// The id of the endpoint that receives the requests to the provider.
    pub(crate) endpoint: Option<String>,
    /// The region of the endpoint that receives the requests to the provider.
    pub(crate) region: Option<String>,
}

/// The Telegram chat to which `message send --target telegram` sends answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct TelegramSettings {
    /// The base URL of the Telegram Bot API. Default: the base URL of Telegram's own server.
    pub(crate) api_base: Option<String>,
    /// The id of the Telegram chat.
    pub(crate) chat_id: Option<String>,
}

/// Returns the JSON Schema that the configuration file is validated against.
pub(crate) fn schema() -> Value {
    modeldex_compile::schema::for_type::<Settings>()
}

/// Returns the JSON Schema that is published for editors and other validators.
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
