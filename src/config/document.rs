//! The text of the file: what stands where, what is wrong with it, and how it is changed so that everything else stays.
//!
//! Values are judged by the schema, by hand: a validator's messages quote what they complain about, and that may be a key.

use super::Held;
use super::settings::Settings;
use modeldex_table::nearest::nearest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;

/// A JSON text that is a mapping. The order of its keys is kept.
#[derive(Debug)]
pub(crate) struct Document {
    value: Value,
    /// Where each value begins, and its key, by JSON pointer.
    places: HashMap<String, Places>,
    /// With what a level is indented.
    indent: String,
}

#[derive(Clone, Copy, Debug)]
struct Places {
    key: Place,
    value: Place,
}

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

/// What keeps the text from being used.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl Default for Document {
    fn default() -> Self {
        Self { value: Value::Object(Map::new()), places: HashMap::new(), indent: "  ".to_owned() }
    }
}

impl Document {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            // Its column counts bytes.
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            let before = line.bytes().take(error.column().saturating_sub(1)).filter(|byte| byte & 0xC0 != 0x80).count();
            let place = Place { line: error.line().max(1), column: before + 1 };
            Fault { place, what: format!("this is not JSON: {}", reason(&error)) }
        })?;
        let mut scanner = Scanner { text, at: 0, places: HashMap::new(), twice: None };
        scanner.value(&mut String::new(), None);
        if let Some((at, key)) = scanner.twice {
            return Err(Fault { place: place(text, at), what: format!("the key `{key}` stands twice in its mapping; remove one of them") });
        }
        let Value::Object(_) = value else {
            let at = scanner.places.get("").map_or(0, |(_, value)| *value);
            return Err(Fault { place: place(text, at), what: "a mapping `{…}` is wanted here".to_owned() });
        };
        let places = scanner
            .places
            .into_iter()
            .map(|(pointer, (key, value))| (pointer, Places { key: place(text, key), value: place(text, value) }));
        let indent =
            text.lines().skip(1).find(|line| !line.trim().is_empty()).map_or("  ", |line| &line[..line.len() - line.trim_start().len()]);
        let indent = if indent.is_empty() { "  " } else { indent };
        Ok(Self { value, places: places.collect(), indent: indent.to_owned() })
    }

    /// Judges it by the schema; the first value of a wrong kind is the fault. What is unknown is told to `warn`.
    pub(crate) fn judge(&self, schema: &Value, warn: &mut dyn FnMut(Place, String)) -> Result<(), Fault> {
        self.judge_value(&self.value, schema, "", warn)
    }

    /// What it says, once it has been judged.
    pub(super) fn read(&self) -> Result<Settings, String> {
        Settings::deserialize(&self.value).map_err(|_| "the configuration has a value of a wrong kind".to_owned())
    }

    /// Whether something stands at a path.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        path.iter().try_fold(&self.value, |value, key| value.get(key)).is_some()
    }

    /// Puts a value at a path. What stands elsewhere stays as it is, and where it is.
    pub(crate) fn set(&mut self, path: &[&str], value: Value) {
        let mut place = &mut self.value;
        for key in path {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[*key];
        }
        *place = value;
    }

    /// Takes out what stands at a path, and the mappings that are empty then. Returns whether something stood there.
    pub(crate) fn remove(&mut self, path: &[&str]) -> bool {
        remove(&mut self.value, path)
    }

    /// The text.
    pub(crate) fn text(&self) -> String {
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(self.indent.as_bytes());
        let done = self.value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter));
        done.expect("a JSON value is written into memory");
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("JSON is UTF-8")
    }

    fn judge_value(&self, value: &Value, schema: &Value, pointer: &str, warn: &mut dyn FnMut(Place, String)) -> Result<(), Fault> {
        let places = self.places.get(pointer);
        let here = places.map_or(Place { line: 1, column: 1 }, |places| places.value);
        let fault = |what: String| Err(Fault { place: here, what });
        let wanted = schema["type"].as_str().unwrap_or_default();
        let below = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        match (wanted, value) {
            ("object", Value::Object(object)) => {
                for (key, value) in object {
                    let pointer = below(key);
                    let known =
                        schema["properties"].get(key).or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()));
                    match known {
                        Some(schema) => self.judge_value(value, schema, &pointer, warn)?,
                        None => warn(self.places.get(&pointer).map_or(here, |places| places.key), unknown(key, schema)),
                    }
                }
                Ok(())
            }
            ("array", Value::Array(list)) => {
                list.iter().enumerate().try_for_each(|(at, value)| self.judge_value(value, &schema["items"], &below(&at.to_string()), warn))
            }
            ("string", Value::String(text)) => {
                if schema["x-held"] == true {
                    return Held::parse(text)
                        .map_or_else(|error| fault(format!("this value of a variable cannot be used: {error}")), |_| Ok(()));
                }
                let Some(words) = schema["enum"].as_array() else { return Ok(()) };
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                if words.contains(&text.as_str()) {
                    Ok(())
                } else {
                    fault(format!("this is not one of the words for it: `{}`", words.join("`, `")))
                }
            }
            ("string", Value::Number(_)) => fault("a text is wanted here, not a number; put it in quotes".to_owned()),
            (wanted, value) => fault(format!("{} is wanted here, not {}", noun(wanted), kind(value))),
        }
    }
}

fn unknown(key: &str, schema: &Value) -> String {
    let known = || schema["properties"].as_object().into_iter().flat_map(|known| known.keys()).map(String::as_str);
    let help = match nearest(key, known()) {
        Some(near) => format!("; did you mean `{near}`?"),
        // Other programs take variables without the level between.
        None if schema["properties"].get("vars").is_some() => "; variables stand under `vars`".to_owned(),
        None => String::new(),
    };
    let key: String = key.chars().take(60).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("unknown key `{key}`, which is kept and means nothing here{help}")
}

fn remove(value: &mut Value, path: &[&str]) -> bool {
    let (Some(object), Some((key, rest))) = (value.as_object_mut(), path.split_first()) else { return false };
    if rest.is_empty() {
        return object.shift_remove(*key).is_some();
    }
    let Some(below) = object.get_mut(*key) else { return false };
    let removed = remove(below, rest);
    if removed && below.as_object().is_some_and(Map::is_empty) {
        object.shift_remove(*key);
    }
    removed
}

fn noun(kind: &str) -> &'static str {
    match kind {
        "object" => "a mapping `{…}`",
        "array" => "a list `[…]`",
        _ => "a text",
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null; remove the key where there is nothing to say",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// Why a text is not JSON, without the place, which is told apart. serde_json quotes nothing of the text here.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    Place { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Finds where the values of a text stand that is known to be JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// Where the key and the value begin, by JSON pointer.
    places: HashMap<String, (usize, usize)>,
    /// The first key that stands twice in its mapping.
    twice: Option<(usize, String)>,
}

impl Scanner<'_> {
    fn value(&mut self, pointer: &mut String, key: Option<usize>) {
        self.skip(|byte| byte.is_ascii_whitespace());
        let start = self.at;
        if self.places.insert(pointer.clone(), (key.unwrap_or(start), start)).is_some() && self.twice.is_none() {
            let key = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
            self.twice = Some((self.places[pointer.as_str()].0, key));
        }
        let len = pointer.len();
        match self.byte() {
            Some(b'{') => self.entries(b'}', |scanner, _| {
                let start = scanner.at;
                scanner.string();
                let key: String = serde_json::from_str(&scanner.text[start..scanner.at]).unwrap_or_default();
                scanner.skip(|byte| byte.is_ascii_whitespace() || byte == b':');
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                scanner.value(pointer, Some(start));
                pointer.truncate(len);
            }),
            Some(b'[') => self.entries(b']', |scanner, index| {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                scanner.value(pointer, None);
                pointer.truncate(len);
            }),
            Some(b'"') => self.string(),
            _ => self.skip(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b']' | b'}')),
        }
    }

    fn entries(&mut self, end: u8, mut entry: impl FnMut(&mut Self, usize)) {
        self.at += 1;
        for index in 0.. {
            self.skip(|byte| byte.is_ascii_whitespace() || byte == b',');
            match self.byte() {
                Some(byte) if byte != end => entry(self, index),
                _ => break,
            }
        }
        self.at += 1;
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }

    fn skip(&mut self, of: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&of) {
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema;
    use serde_json::json;

    #[test]
    fn everything_else_stays_where_it_is() {
        let text = "{\n    \"zeta\": {\"b\": 1.50, \"a\": [1, {\"x\": null}]},\n    \"default_model\": \"a/b\",\n    \"alpha\": \"é\"\n}\n";
        let mut document = Document::parse(text).unwrap();
        document.set(&["telegram", "chat_id"], json!("1"));
        document.set(&["default_model"], json!("c/d"));
        let wanted = "{\n    \"zeta\": {\n        \"b\": 1.5,\n        \"a\": [\n            1,\n            {\n                \"x\": null\n            }\n        ]\n    },\n    \"default_model\": \"c/d\",\n    \"alpha\": \"é\",\n    \"telegram\": {\n        \"chat_id\": \"1\"\n    }\n}\n";
        assert_eq!(document.text(), wanted);
        assert!(document.remove(&["telegram", "chat_id"]) && !document.has(&["telegram"]) && !document.remove(&["telegram", "chat_id"]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, place, what) in [
            ("{\n  \"default_model\": 5\n}", "2:20", "put it in quotes"),
            ("{\"overlays\": \"a\"}", "1:14", "a list"),
            ("{\"overlays\": [\"é\", {}]}", "1:20", "a text is wanted"),
            ("{\"outdated_models\": \"never\"}", "1:21", "`warn`, `refuse`"),
            ("{\"env\": {\"vars\": {\"A\": \"\"}}}", "1:24", "it is empty"),
            ("{\"telegram\": null}", "1:14", "remove the key"),
            ("[]", "1:1", "a mapping"),
            ("{\"a\": 1,\n \"a\": 2}", "2:2", "stands twice"),
            ("{\"a\": 1,}", "1:9", "not JSON"),
            ("{\"é\": 1,}", "1:9", "not JSON"),
        ] {
            let fault = match Document::parse(text) {
                Ok(document) => document.judge(&schema(), &mut |_, _| {}).unwrap_err(),
                Err(fault) => fault,
            };
            assert_eq!(fault.place.to_string(), place, "{text}: {}", fault.what);
            assert!(fault.what.contains(what), "{text}: {}", fault.what);
        }
    }

    #[test]
    fn unknown_keys_are_told_with_the_nearest() {
        let text = "{\"defalt_model\": 1, \"env\": {\"KIMI_API_KEY\": \"x\"}, \"providers\": {\"p\": {\"regoin\": 1}}}";
        let mut told = Vec::new();
        Document::parse(text).unwrap().judge(&schema(), &mut |place, what| told.push(format!("{place} {what}"))).unwrap();
        assert!(told[0].starts_with("1:2 ") && told[0].contains("`default_model`"), "{told:?}");
        assert!(told[1].contains("`KIMI_API_KEY`") && told[1].contains("`vars`"), "{told:?}");
        assert!(told[2].contains("`region`") && told.len() == 3, "{told:?}");
    }
}
