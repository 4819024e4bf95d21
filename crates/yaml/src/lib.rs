//! YAML text as a JSON value, in whose mappings every key stands once.
//!
//! A crate of its own, so that development builds optimise the code between the parser and the values, which is most of what a build script
//! does with a catalog, without optimising all of `modeldex-compile` (see `[profile.dev.package]` in `Cargo.toml`).

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::fmt;

/// Why a text is not one YAML document, and where.
pub use serde_yaml::Error;

/// The longest scalar and the longest list of a catalog file.
const LONGEST: usize = u16::MAX as usize;

/// In the message of an error about a text or a list that is too long.
pub const TOO_LONG: &str = "is too long for a catalog";

/// The value of a text with one YAML document.
///
/// Numbers that JSON does not have become texts; keys that are not texts are written as JSON writes them.
///
/// # Errors
/// When the text is not one YAML document, states a key twice, or has a text of more than 65,535 bytes or a list of more entries.
pub fn parse(text: &str) -> Result<Value, Error> {
    serde_yaml::from_str(text).map(|Checked(value)| value)
}

/// Whether a text has any of the characters that begin an anchor, an alias or a tag.
#[must_use]
pub fn may_have_anchors(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'&' | b'*' | b'!'))
}

/// A JSON value in whose mappings every key stood once.
struct Checked(Value);

struct CheckedVisitor;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CheckedVisitor)
    }
}

impl<'de> Visitor<'de> for CheckedVisitor {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Checked, E> {
        Ok(Checked(Value::Bool(value)))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Checked, E> {
        Ok(Checked(Value::Number(value.into())))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Checked, E> {
        Ok(Checked(Value::Number(value.into())))
    }

    // Numbers that JSON does not have stay texts; the schema then says that a number was wanted.
    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Checked, E> {
        Ok(Checked(Value::String(value.to_string())))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Checked, E> {
        Ok(Checked(Value::String(value.to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Checked, E> {
        Ok(Checked(Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Checked, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Checked, E> {
        if value.len() > LONGEST {
            return Err(E::custom(format_args!("a text of {} bytes {TOO_LONG}", value.len())));
        }
        Ok(Checked(Value::String(value)))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Checked, E> {
        Ok(Checked(Value::Null))
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Checked, E> {
        Ok(Checked(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Checked, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
        let mut list = Vec::new();
        while let Some(Checked(item)) = items.next_element()? {
            if list.len() == LONGEST {
                return Err(A::Error::custom(format_args!("a list of more than {LONGEST} entries {TOO_LONG}")));
            }
            list.push(item);
        }
        Ok(Checked(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Checked, A::Error> {
        let mut map = Map::new();
        while let Some(Checked(key)) = entries.next_key()? {
            let key = match key {
                Value::String(key) => key,
                other => other.to_string(),
            };
            let Checked(value) = entries.next_value()?;
            match map.entry(key) {
                Entry::Vacant(entry) => entry.insert(value),
                Entry::Occupied(entry) => return Err(A::Error::custom(format_args!("the key `{}` stands twice", entry.key()))),
            };
        }
        Ok(Checked(Value::Object(map)))
    }
}
