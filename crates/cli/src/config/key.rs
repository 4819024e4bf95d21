use modeldex_client::credential::{is_plausible_variable_name, is_variable_name};
use modeldex_support::secret::may_be_secret;
use modeldex_table::Catalog;
use modeldex_table::nearest::nearest;
use std::fmt;

/// A key of `config get`, `config set` and `config unset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigKey {
    /// The value of the environment variable with this name: `env.NAME`.
    Variable(String),
    DefaultModel,
    Overlays,
    TrustedHosts,
    OutdatedModels,
    /// A setting of the provider with this id, which may contain dots: `providers.ID.endpoint`.
    Provider(String, ProviderField),
    TelegramApiBase,
    TelegramChatId,
}

/// A setting of a provider in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderField {
    Endpoint,
    Region,
}

/// All keys that contain no variable name and no provider id.
const STATIC_KEYS: &[(&str, ConfigKey)] = &[
    ("default_model", ConfigKey::DefaultModel),
    ("overlays", ConfigKey::Overlays),
    ("trusted_hosts", ConfigKey::TrustedHosts),
    ("outdated_models", ConfigKey::OutdatedModels),
    ("telegram.api_base", ConfigKey::TelegramApiBase),
    ("telegram.chat_id", ConfigKey::TelegramChatId),
];

impl ConfigKey {
    /// Parses a key. `env.NAME` and `env.vars.NAME` are the same key. The error for an unknown key suggests the most similar known key.
    ///
    /// `text` may be a secret that was entered in the wrong place, so an error quotes it only if it is similar to a known key or looks like the name
    /// of a variable, and quotes a provider id only if `catalog` has the provider.
    pub(crate) fn parse(text: &str, catalog: &Catalog<'_>) -> Result<Self, String> {
        if let Some((_, key)) = STATIC_KEYS.iter().find(|(word, _)| *word == text) {
            return Ok(key.clone());
        }
        if let Some((before, _)) = text.split_once('=') {
            let name = variable(before).unwrap_or(before);
            let key = match STATIC_KEYS.iter().find(|(word, _)| *word == before) {
                Some((word, _)) => (*word).to_owned(),
                None if is_variable_name(name) && is_plausible_variable_name(name) && name.contains('_') => format!("env.{name}"),
                None => "env.NAME".to_owned(),
            };
            return Err(format!("expected the key and the value as two arguments: `config set {key} VALUE`"));
        }
        if let Some(name) = variable(text) {
            return match is_variable_name(name) && name != "vars" && !may_be_secret(name) {
                true => Ok(Self::Variable(name.to_owned())),
                false => Err("expected the name of an environment variable after `env.`, such as `env.KIMI_API_KEY`".to_owned()),
            };
        }
        if let Some(rest) = text.strip_prefix("providers.") {
            let (id, field) = rest.rsplit_once('.').unwrap_or((rest, ""));
            let field = ProviderField::ALL.iter().find(|known| known.as_str() == field).ok_or_else(|| {
                let fields = || ProviderField::ALL.iter().map(|known| known.as_str());
                let id = if catalog.provider(id).is_some() { id } else { "ID" };
                match nearest(field, fields()) {
                    Some(field) => {
                        format!("unknown configuration key that begins with `providers.`; did you mean `providers.{id}.{field}`?")
                    }
                    None => {
                        let known_keys = list(fields().map(|field| format!("providers.ID.{field}")));
                        format!("unknown configuration key that begins with `providers.`; known keys: {known_keys}")
                    }
                }
            })?;
            return match may_be_secret(id) {
                false => Ok(Self::Provider(id.to_owned(), *field)),
                true => Err("expected a provider id after `providers.`; `modeldex providers list` lists all ids".to_owned()),
            };
        }
        if let Some(known_key) = nearest(text, STATIC_KEYS.iter().map(|(word, _)| *word)) {
            return Err(format!("unknown configuration key `{text}`; did you mean `{known_key}`?"));
        }
        if is_plausible_variable_name(text) && text.contains('_') && *text == text.to_uppercase() {
            return Err(format!("unknown configuration key `{text}`; did you mean `env.{text}`?"));
        }
        let words = STATIC_KEYS.iter().map(|(word, _)| (*word).to_owned());
        let others = ["env.NAME", "providers.ID.endpoint", "providers.ID.region"].map(str::to_owned);
        let known_keys = list(others.into_iter().chain(words));
        Err(format!("unknown configuration key; known keys: {known_keys}"))
    }

    /// Returns the path of the key in the configuration file: the keys of the nested JSON objects.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self {
            Self::Variable(name) => vec!["env", "vars", name],
            Self::Provider(id, field) => vec!["providers", id, field.as_str()],
            key => STATIC_KEYS.iter().filter(|(_, known)| known == key).flat_map(|(word, _)| word.split('.')).collect(),
        }
    }
}

impl ProviderField {
    pub(crate) const ALL: [Self; 2] = [Self::Endpoint, Self::Region];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Region => "region",
        }
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env.{name}"),
            key => f.write_str(&key.path().join(".")),
        }
    }
}

fn variable(text: &str) -> Option<&str> {
    text.strip_prefix("env.").map(|rest| rest.strip_prefix("vars.").unwrap_or(rest))
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository_catalog;

    fn parse(text: &str) -> Result<ConfigKey, String> {
        ConfigKey::parse(text, &repository_catalog())
    }

    #[test]
    fn parsing_and_formatting_a_key_round_trips() {
        for text in [
            "env.KIMI_API_KEY",
            "default_model",
            "overlays",
            "trusted_hosts",
            "outdated_models",
            "providers.a.b-c.region",
            "telegram.chat_id",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("env.vars.A").unwrap(), ConfigKey::Variable("A".to_owned()));
        assert_eq!(parse("providers.302.ai.endpoint").unwrap(), ConfigKey::Provider("302.ai".to_owned(), ProviderField::Endpoint));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        for (text, near) in [
            ("defalt_model", "`default_model`"),
            ("telegram.chatid", "`telegram.chat_id`"),
            ("providers.kimi-coding.regon", "`providers.kimi-coding.region`"),
            ("providers.kimi-coding", "`providers.ID.endpoint`"),
            ("KIMI_API_KEY", "`env.KIMI_API_KEY`"),
            ("nonsense", "`env.NAME`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(near), "{error}");
        }
    }

    #[test]
    fn possible_secrets_are_not_repeated() {
        for (text, expected) in [
            ("env.sk-hunter2", "`env.KIMI_API_KEY`"),
            ("env.GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF", "`env.KIMI_API_KEY`"),
            ("KIMI_API_KEY=sk-hunter2", "`config set env.KIMI_API_KEY VALUE`"),
            ("env.KIMI_API_KEY=sk-hunter2", "`config set env.KIMI_API_KEY VALUE`"),
            ("env.vars.KIMI_API_KEY=sk-hunter2", "`config set env.KIMI_API_KEY VALUE`"),
            ("default_model=hunter2/x", "`config set default_model VALUE`"),
            ("sk-hunter2=", "`config set env.NAME VALUE`"),
            ("sk-hunter2", "`env.NAME`"),
            ("providers.sk-hunter2", "`providers.ID.region`"),
            ("providers.sk-hunter2.regon", "`providers.ID.region`"),
            ("providers.sk-hunter2.region", "`modeldex providers list`"),
            ("GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF", "`env.NAME`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hunter2") && !error.contains("ABCDEF"), "{text}: {error}");
        }
        // A name of the catalog, and one that looks like a secret but is a name.
        assert_eq!(parse("env.302AI_API_KEY").unwrap(), ConfigKey::Variable("302AI_API_KEY".to_owned()));
        assert_eq!(parse("env.MY_ED25519_KEY").unwrap(), ConfigKey::Variable("MY_ED25519_KEY".to_owned()));
        for provider in repository_catalog().providers() {
            assert!(!may_be_secret(provider.id()), "{}", provider.id());
            let names = provider.auth().flat_map(|auth| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env)));
            for name in names {
                assert!(is_plausible_variable_name(name) && !may_be_secret(name), "{name}");
            }
        }
    }
}
