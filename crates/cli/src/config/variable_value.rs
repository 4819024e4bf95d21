use modeldex_client::credential::{self, MalformedReference, Zeroizing, parse_reference, strip_whitespace_and_quotes};
use modeldex_client::secret::{MASK, Secret, SecretError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;

/// The value of an environment variable in the configuration: a secret, or the name of another variable whose value is used.
#[derive(Clone, Debug)]
pub(crate) enum VariableValue {
    Secret(Secret),
    Reference(String),
}

/// The reason why a text is not a valid value of a variable. Error messages do not contain the text, because it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VariableValueError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Unclear(#[from] MalformedReference),
}

impl VariableValue {
    /// Parses a value after removing the white space and quotes around it. The returned flag is true if there were white space or quotes.
    ///
    /// [`parse_reference`] decides whether the value is the name of a variable or a secret. The lookup of credentials uses the same function, so that
    /// both agree.
    pub(crate) fn parse(value: &str) -> Result<(Self, bool), VariableValueError> {
        let (inner, trimmed) = strip_whitespace_and_quotes(value);
        let name = parse_reference(inner)?.map(str::to_owned);
        let (secret, _) = Secret::parse(inner)?;
        Ok((name.map_or(Self::Secret(secret), Self::Reference), trimmed))
    }

    /// Returns the value as written in the configuration file, with the secret in plain text.
    pub(crate) fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Secret(secret) => secret.expose().to_owned(),
            Self::Reference(name) => format!("${{{name}}}"),
        })
    }

    /// Returns the value for output. Secrets are masked, and names of variables that look like a secret are masked too.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Secret(_) => MASK.to_owned(),
            Self::Reference(name) => format!("${{{}}}", credential::redact_variable_name(name)),
        }
    }
}

impl<'de> Deserialize<'de> for VariableValue {
    /// Errors do not contain the value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            String::deserialize(deserializer).map_err(|_| D::Error::custom("the value of an environment variable is not a string"))?;
        let text = Zeroizing::new(text);
        Self::parse(&text).map(|(variable_value, _)| variable_value).map_err(D::Error::custom)
    }
}

impl JsonSchema for VariableValue {
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
    fn names_are_references_and_keys_are_secrets() {
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
            let (variable_value, _) = VariableValue::parse(text).unwrap();
            assert_eq!(matches!(&variable_value, VariableValue::Reference(_)), name.is_some(), "{text}");
            assert!(name.is_none_or(|name| *variable_value.written() == format!("${{{name}}}")), "{text}");
            assert!(name.is_some() || variable_value.shown() == MASK, "{text}");
        }
        assert_eq!(VariableValue::parse("${KIMI_API_KEY:-x}").unwrap_err(), VariableValueError::Unclear(MalformedReference));
        let (named, _) = VariableValue::parse("${GSK_ABCDEF0123456789ABCDEF}").unwrap();
        assert_eq!(named.shown(), "${****}");
    }
}
