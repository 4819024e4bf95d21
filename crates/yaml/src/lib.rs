//! Parses YAML text as a JSON value. Duplicate keys are errors.
//!
//! The build script of modeldex spends most of its time in this code. The code is a separate crate, so that development builds can optimize it
//! without optimizing all of `modeldex-compile`; see `[profile.dev.package]` in `Cargo.toml`.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::fmt;

/// An error in YAML text: a message with the line and column of the error, if known.
pub use serde_yaml::Error;

/// Maximum length of a scalar, in bytes, and maximum length of a list, in entries.
const MAX_LENGTH: usize = u16::MAX as usize;

/// The end of the error message for a scalar or list that is too long, by which callers recognize this error.
pub const TOO_LONG: &str = "is too long for a catalog";

/// Parses a text with one YAML document as a JSON value.
///
/// A number that JSON cannot express, such as infinity, becomes a string. A key that is not a string becomes a string with its JSON text.
///
/// # Errors
/// If the text is not exactly one YAML document, or contains a duplicate key, a scalar of more than 65,535 bytes or a list of more than 65,535
/// entries.
pub fn parse(text: &str) -> Result<Value, Error> {
    serde_yaml::from_str(text).map(|UniqueKeys(value)| value)
}

/// Returns whether a text contains `&`, `*` or `!`. A text without these characters has no YAML anchor, alias or tag.
#[must_use]
pub fn may_have_anchors(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'&' | b'*' | b'!'))
}

/// A JSON value without duplicate keys.
struct UniqueKeys(Value);

struct UniqueKeysVisitor;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueKeysVisitor)
    }
}

impl<'de> Visitor<'de> for UniqueKeysVisitor {
    type Value = UniqueKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Bool(value)))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Number(value.into())))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Number(value.into())))
    }

    // Numbers that JSON cannot express become strings. The schema validation then reports that it expected a number.
    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::String(value.to_string())))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::String(value.to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<UniqueKeys, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<UniqueKeys, E> {
        if value.len() > MAX_LENGTH {
            return Err(E::custom(format_args!("a text of {length} bytes {TOO_LONG}", length = value.len())));
        }
        Ok(UniqueKeys(Value::String(value)))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Null))
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<UniqueKeys, E> {
        Ok(UniqueKeys(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<UniqueKeys, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<UniqueKeys, A::Error> {
        let mut list = Vec::new();
        while let Some(UniqueKeys(item)) = items.next_element()? {
            if list.len() == MAX_LENGTH {
                return Err(A::Error::custom(format_args!("a list of more than {MAX_LENGTH} entries {TOO_LONG}")));
            }
            list.push(item);
        }
        Ok(UniqueKeys(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<UniqueKeys, A::Error> {
        let mut map = Map::new();
        while let Some(UniqueKeys(key)) = entries.next_key()? {
            let key = match key {
                Value::String(key) => key,
                other => other.to_string(),
            };
            let UniqueKeys(value) = entries.next_value()?;
            match map.entry(key) {
                Entry::Vacant(entry) => entry.insert(value),
                Entry::Occupied(entry) => return Err(A::Error::custom(format_args!("duplicate key `{key}`", key = entry.key()))),
            };
        }
        Ok(UniqueKeys(Value::Object(map)))
    }
}
