//! TEMPORARY STUB.
use crate::cli::failure::Failure;
use modeldex_client::secret::Secret;
use serde_json::Value;
#[derive(Default)]
pub(crate) struct Config {
    json: Value,
    vars: std::collections::BTreeMap<String, Secret>,
}
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outdated {
    Warn,
    Refuse,
}
impl Config {
    pub(crate) fn load() -> Result<Self, Failure> {
        let json = std::env::var_os("MODELDEX_CONFIG")
            .and_then(|p| std::fs::read_to_string(p).ok())
            .and_then(|t| serde_json::from_str::<Value>(&t).ok())
            .unwrap_or_default();
        let vars = json["env"]["vars"]
            .as_object()
            .map(|m| m.iter().filter_map(|(k, v)| Some((k.clone(), Secret::parse(v.as_str()?).ok()?.0))).collect())
            .unwrap_or_default();
        Ok(Self { json, vars })
    }
    pub(crate) fn variable(&self, name: &str) -> Option<&Secret> {
        self.vars.get(name)
    }
    pub(crate) fn default_model(&self) -> Option<&str> {
        self.json["default_model"].as_str()
    }
    pub(crate) fn outdated_models(&self) -> Outdated {
        if self.json["outdated_models"] == "refuse" { Outdated::Refuse } else { Outdated::Warn }
    }
    pub(crate) fn endpoint(&self, p: &str) -> Option<&str> {
        self.json["providers"][p]["endpoint"].as_str()
    }
    pub(crate) fn region(&self, p: &str) -> Option<&str> {
        self.json["providers"][p]["region"].as_str()
    }
    pub(crate) fn telegram_api_base(&self) -> Option<&str> {
        self.json["telegram"]["api_base"].as_str()
    }
    pub(crate) fn telegram_chat_id(&self) -> Option<&str> {
        self.json["telegram"]["chat_id"].as_str()
    }
}
