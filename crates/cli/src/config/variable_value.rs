use modeldex_client::credential::{self, MalformedReference, Zeroizing, parse_reference, strip_whitespace_and_quotes};
use modeldex_client::secret::{MASK, Secret, SecretError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;

/// The value of a variable in the configuration: a secret, or the name of another variable.
#[derive(Clone, Debug)]
pub(crate) enum VariableValue {
    Secret(Secret),
    Reference(String),
}

/// Why a text is not a valid value of a variable. Messages do not contain the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VariableValueError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Unclear(#[from] MalformedReference),
}

impl VariableValue {
    /// Parses a value, without surrounding white space and quotes. The second value is true if there were any.
    ///
    /// Names and secrets are distinguished by the function that credentials are looked up with, so that the two agree.
    pub(crate) fn parse(value: &str) -> Result<(Self, bool), VariableValueError> {
        let (inner, trimmed) = strip_whitespace_and_quotes(value);
        let name = parse_reference(inner)?.map(str::to_owned);
        let (secret, _) = Secret::parse(inner)?;
        Ok((name.map_or(Self::Secret(secret), Self::Reference), trimmed))
    }

    /// The value as written in the file.
    pub(crate) fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Secret(secret) => secret.expose().to_owned(),
            Self::Reference(name) => format!("${{{name}}}"),
        })
    }

    /// The value for printing: secrets are masked, and so are names that look like a secret.
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
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("the value of a variable is not a string"))?;
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
