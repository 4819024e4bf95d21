//! From text to a value.
//!
//! serde_yaml makes the value. It takes duplicate keys silently and follows anchors, so the visitor here refuses the first, and a text
//! with any of the characters that could begin an anchor, alias or tag is looked through by the marked parser first. A catalog file has
//! none of them as a rule, and then one fast pass is all there is.

use super::marks::{self, Problem};
use crate::codes;
use crate::finding::{Findings, Place};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The longest scalar and the longest list of a catalog file.
const LONGEST: usize = u16::MAX as usize;

/// Parses the text of the file at `at`. Without a value, at least one finding says why.
pub(crate) fn parse(at: usize, text: &str, findings: &mut Findings) -> Option<Value> {
    let suspicious = text.bytes().any(|byte| matches!(byte, b'&' | b'*' | b'!'));
    if suspicious && report(at, text, findings) {
        return None;
    }
    match serde_yaml::from_str::<Checked>(text) {
        Ok(Checked(value)) => Some(value),
        Err(error) => {
            if suspicious || !report(at, text, findings) {
                let offset = error.location().map_or(0, |location| location.index().min(text.len()));
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
                let (rule, message) = match message.contains(TOO_LONG) {
                    true => (&codes::TOO_LONG, message),
                    false => (&codes::SYNTAX, format!("this is not one YAML document: {message}")),
                };
                findings.add(rule, Place::bytes(at, offset, offset), message);
            }
            None
        }
    }
}

/// Reports what the marked parser has to say; whether it had anything.
fn report(at: usize, text: &str, findings: &mut Findings) -> bool {
    let marks = marks::scan(text);
    for problem in &marks.problems {
        match problem {
            Problem::Syntax { at: offset, message } => {
                findings
                    .add(&codes::SYNTAX, Place::bytes(at, *offset, *offset), format!("this is not YAML: {message}"))
                    .label("the parser stopped here");
            }
            Problem::DuplicateKey { key, first, again } => {
                findings
                    .add(&codes::DUPLICATE_KEY, Place::bytes(at, again.start, again.end), format!("the key `{key}` stands twice"))
                    .label("the second time")
                    .also(Place::bytes(at, first.start, first.end), "the first time")
                    .help("keep one of them");
            }
            Problem::Anchor(range) | Problem::Alias(range) | Problem::Tag(range) => {
                let what = match problem {
                    Problem::Anchor(_) => "an anchor",
                    Problem::Alias(_) => "an alias",
                    _ => "a tag",
                };
                findings
                    .add(&codes::ANCHOR, Place::bytes(at, range.start, range.end), format!("{what} is not allowed here"))
                    .help("write the value out; a value that begins with `&`, `*` or `!` needs quotes");
            }
        }
    }
    !marks.problems.is_empty()
}

const TOO_LONG: &str = "is too long for a catalog";

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

    fn visit_bool<E: Error>(self, value: bool) -> Result<Checked, E> {
        Ok(Checked(Value::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Checked, E> {
        Ok(Checked(Value::Number(value.into())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Checked, E> {
        Ok(Checked(Value::Number(value.into())))
    }

    // Numbers that JSON does not have stay texts; the schema then says that a number was wanted.
    fn visit_i128<E: Error>(self, value: i128) -> Result<Checked, E> {
        Ok(Checked(Value::String(value.to_string())))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Checked, E> {
        Ok(Checked(Value::String(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Checked, E> {
        Ok(Checked(Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Checked, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Checked, E> {
        if value.len() > LONGEST {
            return Err(E::custom(format_args!("a text of {} bytes {TOO_LONG}", value.len())));
        }
        Ok(Checked(Value::String(value)))
    }

    fn visit_unit<E: Error>(self) -> Result<Checked, E> {
        Ok(Checked(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Checked, E> {
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
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            map.insert(key, value);
        }
        Ok(Checked(Value::Object(map)))
    }
}
