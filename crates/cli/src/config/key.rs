use modeldex_client::credential::{is_plausible_variable_name, is_variable_name};
use modeldex_support::secret::may_be_secret;
use modeldex_table::Catalog;
use modeldex_table::nearest::nearest;
use std::fmt;

/// Something that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// What a variable holds.
    Variable(String),
    DefaultModel,
    Overlays,
    OutdatedModels,
    /// Something of a provider, by its id, which may have dots in it.
    Provider(String, Field),
    TelegramApiBase,
    TelegramChatId,
}

/// What can be set of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Endpoint,
    Region,
}

/// The keys that are words alone.
const WORDS: &[(&str, Key)] = &[
    ("default_model", Key::DefaultModel),
    ("overlays", Key::Overlays),
    ("outdated_models", Key::OutdatedModels),
    ("telegram.api_base", Key::TelegramApiBase),
    ("telegram.chat_id", Key::TelegramChatId),
];

impl Key {
    /// The key that is written so; an error names the nearest. `catalog` decides whether an error may repeat the id of a provider. `env.NAME` and `env.vars.NAME` are the same.
    ///
    /// No error repeats what was typed, unless it is nearly a key of ours: somebody may have put a secret there.
    pub(crate) fn parse(text: &str, catalog: &Catalog<'_>) -> Result<Self, String> {
        if let Some((_, key)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(key.clone());
        }
        if let Some((before, _)) = text.split_once('=') {
            let name = variable(before).unwrap_or(before);
            let key = match WORDS.iter().find(|(word, _)| *word == before) {
                Some((word, _)) => (*word).to_owned(),
                None if is_variable_name(name) && is_plausible_variable_name(name) && name.contains('_') => format!("env.{name}"),
                None => "env.NAME".to_owned(),
            };
            return Err(format!("a key and its value are two words: write `config set {key} VALUE`"));
        }
        if let Some(name) = variable(text) {
            return match is_variable_name(name) && name != "vars" && !may_be_secret(name) {
                true => Ok(Self::Variable(name.to_owned())),
                false => Err("what stands behind `env.` is not the name of a variable; write it as in `env.KIMI_API_KEY`".to_owned()),
            };
        }
        if let Some(rest) = text.strip_prefix("providers.") {
            let (id, field) = rest.rsplit_once('.').unwrap_or((rest, ""));
            let field = Field::ALL.iter().find(|known| known.as_str() == field).ok_or_else(|| {
                let fields = || Field::ALL.iter().map(|known| known.as_str());
                let id = if catalog.provider(id).is_some() { id } else { "ID" };
                match nearest(field, fields()) {
                    Some(near) => format!("unknown key below `providers.`; did you mean `providers.{id}.{near}`?"),
                    None => format!(
                        "unknown key below `providers.`; of a provider there are {}",
                        list(fields().map(|field| format!("providers.ID.{field}")))
                    ),
                }
            })?;
            return match may_be_secret(id) {
                false => Ok(Self::Provider(id.to_owned(), *field)),
                true => Err("what stands behind `providers.` is not the id of a provider; `modeldex providers list` has them".to_owned()),
            };
        }
        if let Some(near) = nearest(text, WORDS.iter().map(|(word, _)| *word)) {
            return Err(format!("unknown key `{text}`; did you mean `{near}`?"));
        }
        if is_plausible_variable_name(text) && text.contains('_') && *text == text.to_uppercase() {
            return Err(format!("unknown key `{text}`; did you mean `env.{text}`?"));
        }
        let words = WORDS.iter().map(|(word, _)| (*word).to_owned());
        let others = ["env.NAME", "providers.ID.endpoint", "providers.ID.region"].map(str::to_owned);
        Err(format!("this is none of the keys; there are {}", list(others.into_iter().chain(words))))
    }

    /// Where it stands in the file.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self {
            Self::Variable(name) => vec!["env", "vars", name],
            Self::Provider(id, field) => vec!["providers", id, field.as_str()],
            key => WORDS.iter().filter(|(_, known)| known == key).flat_map(|(word, _)| word.split('.')).collect(),
        }
    }
}

impl Field {
    pub(crate) const ALL: [Self; 2] = [Self::Endpoint, Self::Region];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Region => "region",
        }
    }
}

impl fmt::Display for Key {
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

    fn parse(text: &str) -> Result<Key, String> {
        Key::parse(text, &repository_catalog())
    }

    #[test]
    fn keys_return_to_themselves() {
        for text in ["env.KIMI_API_KEY", "default_model", "overlays", "outdated_models", "providers.a.b-c.region", "telegram.chat_id"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("env.vars.A").unwrap(), Key::Variable("A".to_owned()));
        assert_eq!(parse("providers.302.ai.endpoint").unwrap(), Key::Provider("302.ai".to_owned(), Field::Endpoint));
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
    fn what_may_be_a_secret_is_not_repeated() {
        for (text, said) in [
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
            assert!(error.contains(said) && !error.contains("hunter2") && !error.contains("ABCDEF"), "{text}: {error}");
        }
        // Names that the catalog has, and one that looks odd and is none.
        assert_eq!(parse("env.302AI_API_KEY").unwrap(), Key::Variable("302AI_API_KEY".to_owned()));
        assert_eq!(parse("env.MY_ED25519_KEY").unwrap(), Key::Variable("MY_ED25519_KEY".to_owned()));
        for provider in repository_catalog().providers() {
            assert!(!may_be_secret(provider.id()), "{}", provider.id());
            let names = provider.auth().flat_map(|auth| auth.env().chain(auth.variables().flat_map(modeldex_table::Variable::env)));
            for name in names {
                assert!(is_plausible_variable_name(name) && !may_be_secret(name), "{name}");
            }
        }
    }
}
