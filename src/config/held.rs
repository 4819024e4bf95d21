use modeldex_client::credential::reference;
use modeldex_client::secret::{Secret, SecretError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;

/// What the file has for a variable: a key, or the name of the variable that holds it.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    Secret(Secret),
    Reference(String),
}

impl Held {
    /// Takes a value, without the white space around it. The second half says whether there was some.
    ///
    /// A name alone is taken for a name, because nobody's key looks like `KIMI_API_KEY` and many people have sent that as one.
    pub(crate) fn parse(value: &str) -> Result<(Self, bool), SecretError> {
        let (secret, trimmed) = Secret::parse(value)?;
        let name = reference(secret.expose()).map(str::to_owned);
        Ok((name.map_or_else(|| Self::Secret(secret.clone()), Self::Reference), trimmed))
    }

    /// As it stands in the file.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Secret(secret) => secret.expose().to_owned(),
            Self::Reference(name) => format!("${{{name}}}"),
        }
    }
}

impl<'de> Deserialize<'de> for Held {
    /// The error says nothing of the value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("the value of a variable is no text"))?;
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
            ("KIMI", None),
            ("kimi_api_key", None),
            ("${1}", None),
            ("$KIMI_API_KEY", None),
            ("_KEY", None),
            ("sk-ABC_DEF", None),
        ] {
            let (held, _) = Held::parse(text).unwrap();
            assert_eq!(matches!(&held, Held::Reference(_)), name.is_some(), "{text}");
            assert!(name.is_none_or(|name| held.written() == format!("${{{name}}}")), "{text}");
        }
    }
}
