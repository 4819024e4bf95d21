use super::is_variable;
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
    /// The key that is written so; an error names the nearest. `env.NAME` and `env.vars.NAME` are the same.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, key)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(key.clone());
        }
        if let Some(rest) = text.strip_prefix("env.") {
            let name = rest.strip_prefix("vars.").unwrap_or(rest);
            // It is not quoted: somebody may have put the key itself here.
            return match is_variable(name) && name != "vars" {
                true => Ok(Self::Variable(name.to_owned())),
                false => Err("what stands behind `env.` is not the name of a variable; write it as in `env.KIMI_API_KEY`".to_owned()),
            };
        }
        if let Some(rest) = text.strip_prefix("providers.") {
            let (id, field) = rest.rsplit_once('.').unwrap_or((rest, ""));
            let field = Field::ALL.iter().find(|known| known.as_str() == field).ok_or_else(|| {
                let fields = || Field::ALL.iter().map(|known| known.as_str());
                match nearest(field, fields()) {
                    Some(near) => format!("unknown key `{text}`; did you mean `providers.{id}.{near}`?"),
                    None => format!(
                        "unknown key `{text}`; of a provider there are {}",
                        list(fields().map(|field| format!("providers.ID.{field}")))
                    ),
                }
            })?;
            return Ok(Self::Provider(id.to_owned(), *field));
        }
        let near = nearest(text, WORDS.iter().map(|(word, _)| *word)).map(str::to_owned);
        let near =
            near.or_else(|| (is_variable(text) && text.contains('_') && *text == text.to_uppercase()).then(|| format!("env.{text}")));
        Err(match near {
            Some(near) => format!("unknown key `{text}`; did you mean `{near}`?"),
            None => {
                let words = WORDS.iter().map(|(word, _)| (*word).to_owned());
                let others = ["env.NAME", "providers.ID.endpoint", "providers.ID.region"].map(str::to_owned);
                format!("unknown key `{text}`; there are {}", list(others.into_iter().chain(words)))
            }
        })
    }

    /// Where it stands in the file.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self {
            Self::Variable(name) => vec!["env", "vars", name],
            Self::DefaultModel => vec!["default_model"],
            Self::Overlays => vec!["overlays"],
            Self::OutdatedModels => vec!["outdated_models"],
            Self::Provider(id, field) => vec!["providers", id, field.as_str()],
            Self::TelegramApiBase => vec!["telegram", "api_base"],
            Self::TelegramChatId => vec!["telegram", "chat_id"],
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

fn list(words: impl Iterator<Item = String>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_return_to_themselves() {
        for text in ["env.KIMI_API_KEY", "default_model", "overlays", "outdated_models", "providers.a.b-c.region", "telegram.chat_id"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Key::parse("env.vars.A").unwrap(), Key::Variable("A".to_owned()));
        assert_eq!(Key::parse("providers.302.ai.endpoint").unwrap(), Key::Provider("302.ai".to_owned(), Field::Endpoint));
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
            let error = Key::parse(text).unwrap_err();
            assert!(error.contains(near), "{error}");
        }
        assert!(!Key::parse("env.sk-hunter2").unwrap_err().contains("hunter2"));
    }
}
