use modeldex_client::credential::{self, MalformedReference, Zeroizing, parse_reference, strip_whitespace_and_quotes};
use modeldex_client::secret::{MASK, Secret, SecretError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;

/// What the file has for a variable: a key, or the name of the variable that holds it.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    Secret(Secret),
    Reference(String),
}

/// Why a text is nothing that a variable can hold. It never says the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeldError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Unclear(#[from] MalformedReference),
}

impl Held {
    /// Takes a value, without the white space and the quotes around it. The second half says whether there were some.
    ///
    /// What is a name and what is a key is judged where keys are looked up, so that the two never differ.
    pub(crate) fn parse(value: &str) -> Result<(Self, bool), HeldError> {
        let (inner, trimmed) = strip_whitespace_and_quotes(value);
        let name = parse_reference(inner)?.map(str::to_owned);
        let (secret, _) = Secret::parse(inner)?;
        Ok((name.map_or(Self::Secret(secret), Self::Reference), trimmed))
    }

    /// As it stands in the file.
    pub(crate) fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Secret(secret) => secret.expose().to_owned(),
            Self::Reference(name) => format!("${{{name}}}"),
        })
    }

    /// As it may be shown: without a key, and without a name that looks like one.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Secret(_) => MASK.to_owned(),
            Self::Reference(name) => format!("${{{}}}", credential::redact_variable_name(name)),
        }
    }
}

impl<'de> Deserialize<'de> for Held {
    /// The error says nothing of the value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("the value of a variable is no text"))?;
        let text = Zeroizing::new(text);
        Self::parse(&text).map(|(held, _)| held).map_err(D::Error::custom)
    }
}

impl JsonSchema for Held {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Held".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 65_536, "x-held": true})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_reference_and_a_key_is_none() {
        for (text, name) in [
            ("KIMI_API_KEY", Some("KIMI_API_KEY")),
            ("${KIMI_API_KEY}", Some("KIMI_API_KEY")),
            ("${kimi}", Some("kimi")),
            ("$KIMI_API_KEY", Some("KIMI_API_KEY")),
            ("\"KIMI_API_KEY\"", Some("KIMI_API_KEY")),
            ("_KEY", Some("_KEY")),
            ("KIMI", None),
            ("kimi_api_key", None),
            ("GSK_ABCDEF0123456789ABCDEF0123456789ABCDEF", None),
            ("sk-ABC_DEF", None),
        ] {
            let (held, _) = Held::parse(text).unwrap();
            assert_eq!(matches!(&held, Held::Reference(_)), name.is_some(), "{text}");
            assert!(name.is_none_or(|name| *held.written() == format!("${{{name}}}")), "{text}");
            assert!(name.is_some() || held.shown() == MASK, "{text}");
        }
        assert_eq!(Held::parse("${KIMI_API_KEY:-x}").unwrap_err(), HeldError::Unclear(MalformedReference));
        let (named, _) = Held::parse("${GSK_ABCDEF0123456789ABCDEF}").unwrap();
        assert_eq!(named.shown(), "${****}");
    }
}
