use super::Held;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The schema's file.
pub(crate) const SCHEMA_FILE: &str = "config.schema.json";

/// The configuration of modeldex. A program that reads it keeps the keys that it does not know.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Config")]
pub(crate) struct Settings {
    /// The schema that editors complete and check by.
    #[serde(rename = "$schema")]
    #[allow(dead_code, reason = "it is for editors")]
    schema: Option<String>,
    /// Keys and what belongs to them.
    pub(crate) env: Env,
    /// The model to use where none is named, as `provider/model`.
    pub(crate) default_model: Option<String>,
    /// Catalog folders to lay over the catalog; of several, the later wins.
    pub(crate) overlays: Vec<String>,
    /// What to do about a model that is to be left or no longer answers.
    pub(crate) outdated_models: Option<OutdatedModels>,
    /// Which of a provider's endpoints to use, by the provider's id.
    pub(crate) providers: BTreeMap<String, ProviderSettings>,
    /// Where messages to Telegram go.
    pub(crate) telegram: Telegram,
}

/// Keys and what belongs to them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Env {
    /// What a variable holds where the environment has none of that name: a key, or `${NAME}` for the variable that holds it.
    pub(crate) vars: BTreeMap<String, Held>,
}

/// What to do about a model that is to be left or no longer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutdatedModels {
    /// Say so and go on.
    Warn,
    /// Do not ask it.
    Refuse,
}

/// Which of a provider's endpoints to use.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ProviderSettings {
    /// The id of the endpoint.
    pub(crate) endpoint: Option<String>,
    /// The region of the endpoint.
    pub(crate) region: Option<String>,
}

/// Where messages to Telegram go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Telegram {
    /// The URL of the Bot API, where that is not Telegram's own.
    pub(crate) api_base: Option<String>,
    /// The chat that messages go to.
    pub(crate) chat_id: Option<String>,
}

/// The JSON Schema that the file is judged by.
pub(crate) fn schema() -> Value {
    modeldex_compile::schema::for_type::<Settings>()
}

/// The JSON Schema of the file for editors and other validators.
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
