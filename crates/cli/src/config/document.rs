//! The text of the file: what stands where, what is wrong with it, and how it is changed so that every other byte stays.
//!
//! Values are judged by the schema, by hand: a validator's messages quote what they complain about, and that may be a key.

use super::Held;
use super::key::may_be_secret;
use super::settings::Settings;
use modeldex_client::credential::{Zeroize, Zeroizing};
use modeldex_client::secret::MASK;
use modeldex_table::nearest::nearest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// A JSON text that is a mapping. Keys are in it, so it cannot be printed, and its memory is zeroed when it is dropped.
pub(crate) struct Document {
    text: Zeroizing<String>,
    value: Value,
    /// Where each value is, by JSON pointer.
    spans: HashMap<String, Span>,
}

/// Where a value stands, in bytes.
#[derive(Clone, Debug)]
struct Span {
    /// Where its key begins; without one, where it begins itself.
    key: usize,
    value: Range<usize>,
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
        Self::parse("{}\n").unwrap_or_else(|_| unreachable!("this is a mapping"))
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
        let mut scanner = Scanner { text, at: 0, spans: HashMap::new(), twice: None };
        scanner.value(&mut String::new(), None);
        let document = Self { text: Zeroizing::new(text.to_owned()), value, spans: scanner.spans };
        if let Some((at, key)) = scanner.twice {
            let key = shown(&key);
            return Err(Fault { place: place(text, at), what: format!("the key `{key}` stands twice in its mapping; remove one of them") });
        }
        if !document.value.is_object() {
            return Err(Fault { place: document.place_of(""), what: "a mapping `{…}` is wanted here".to_owned() });
        }
        Ok(document)
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
        self.at(path).is_some()
    }

    /// Puts a value at a path. What stands elsewhere stays as it is, and where it is, byte for byte.
    pub(crate) fn set(&mut self, path: &[&str], value: Value) {
        let depth = (0..=path.len()).rev().find(|depth| self.at(&path[..*depth]).is_some()).unwrap_or_default();
        let (there, missing) = path.split_at(depth);
        let span = self.spans[&pointer(there)].clone();
        let nested = |missing: &[&str], value: Value| {
            missing.iter().rev().fold(value, |value, key| Value::Object(Map::from_iter([((*key).to_owned(), value)])))
        };
        let (place, new, mut value) = match missing.split_first() {
            Some((key, below)) if self.at(there).is_some_and(Value::is_object) => {
                let value = nested(below, value);
                let (place, new) = self.entry(there, &span.value, key, &value);
                (place, new, value)
            }
            // What is no mapping gives way to one.
            _ => {
                let value = nested(missing, value);
                (span.value, self.rendered(&value, span.key), value)
            }
        };
        wipe(&mut value);
        self.splice(place, &new);
    }

    /// Takes out what stands at a path, and the mappings that are empty then. Returns whether something stood there.
    pub(crate) fn remove(&mut self, path: &[&str]) -> bool {
        if !self.has(path) {
            return false;
        }
        // The outermost mapping that has nothing else in it goes.
        let mut path = path;
        while let [above @ .., _] = path
            && !above.is_empty()
            && self.at(above).and_then(Value::as_object).is_some_and(|object| object.len() == 1)
        {
            path = above;
        }
        let Some((key, above)) = path.split_last() else { return false };
        let span = self.spans[&pointer(path)].clone();
        let keys: Vec<&str> = self.at(above).and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let neighbour = |at: usize| self.spans[&pointer(&[above, &[keys[at]]].concat())].clone();
        let at = keys.iter().position(|other| other == key).unwrap_or_default();
        let place = if at > 0 {
            neighbour(at - 1).value.end..span.value.end
        } else if keys.len() > 1 {
            span.key..neighbour(1).key
        } else {
            let above = &self.spans[&pointer(above)].value;
            above.start + 1..above.end - 1
        };
        self.splice(place, "");
        true
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.value, |value, key| value.get(key))
    }

    /// Puts `new` where something stands, and reads the text again.
    fn splice(&mut self, place: Range<usize>, new: &str) {
        let mut text = Zeroizing::new(String::with_capacity(self.text.len() + new.len()));
        text.push_str(&self.text[..place.start]);
        text.push_str(new);
        text.push_str(&self.text[place.end..]);
        *self = Self::parse(&text).unwrap_or_else(|fault| unreachable!("a mapping was made into something else: {}", fault.what));
    }

    /// Where in the mapping at `path` a key that is not there goes, and how it is written: as the last of its entries is.
    fn entry(&self, path: &[&str], mapping: &Range<usize>, key: &str, value: &Value) -> (Range<usize>, Zeroizing<String>) {
        let key = Value::from(key);
        let last = self.at(path).and_then(Value::as_object).and_then(|object| object.keys().next_back());
        if let Some(last) = last {
            let last = &self.spans[&pointer(&[path, &[last]].concat())];
            let before = &self.text[..last.key];
            let space = &before[before.trim_end_matches(is_space).len()..];
            // After `{` alone a space would be missing between the two.
            let space = if space.is_empty() && self.text[last.key..].contains(": ") { " " } else { space };
            let value = self.rendered(value, last.key);
            return (last.value.end..last.value.end, Zeroizing::new(format!(",{space}{key}: {}", *value)));
        }
        let line_end = self.line_end();
        if line_end.is_empty() && !path.is_empty() {
            let value = self.rendered(value, mapping.start);
            return (mapping.start + 1..mapping.end - 1, Zeroizing::new(format!("{key}: {}", *value)));
        }
        let line_end = if line_end.is_empty() { "\n" } else { line_end };
        let (outer, step) = (self.indent_at(mapping.start), self.step());
        let value = self.indented(value, &format!("{line_end}{outer}{step}"));
        let text = format!("{line_end}{outer}{step}{key}: {}{line_end}{outer}", *value);
        (mapping.start + 1..mapping.end - 1, Zeroizing::new(text))
    }

    /// A value as it is written where a line of the text has `at`: over several lines where the text has several.
    fn rendered(&self, value: &Value, at: usize) -> Zeroizing<String> {
        match self.line_end() {
            "" => Zeroizing::new(value.to_string()),
            line_end => self.indented(value, &format!("{line_end}{}", self.indent_at(at))),
        }
    }

    /// A value over several lines, each of which but the first begins with `before`.
    fn indented(&self, value: &Value, before: &str) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::new());
        let formatter = serde_json::ser::PrettyFormatter::with_indent(self.step().as_bytes());
        let done = value.serialize(&mut serde_json::Serializer::with_formatter(&mut *bytes, formatter));
        done.expect("a JSON value is written into memory");
        // No text of JSON has a line break inside.
        Zeroizing::new(std::str::from_utf8(&bytes).expect("JSON is UTF-8").replace('\n', before))
    }

    /// How lines end; empty where there is only one.
    fn line_end(&self) -> &'static str {
        match self.text.trim_end().find('\n') {
            None => "",
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            Some(_) => "\n",
        }
    }

    /// With what a level is indented.
    fn step(&self) -> &str {
        let line = self.text.lines().skip(1).find(|line| !line.trim().is_empty());
        line.map(|line| &line[..line.len() - line.trim_start().len()]).filter(|step| !step.is_empty()).unwrap_or("  ")
    }

    /// With what the line is indented that has `at`.
    fn indent_at(&self, at: usize) -> &str {
        let line = &self.text[self.text[..at].rfind('\n').map_or(0, |end| end + 1)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn place_of(&self, pointer: &str) -> Place {
        place(&self.text, self.spans.get(pointer).map_or(0, |span| span.value.start))
    }

    fn judge_value(&self, value: &Value, schema: &Value, pointer: &str, warn: &mut dyn FnMut(Place, String)) -> Result<(), Fault> {
        let fault = |what: String| Err(Fault { place: self.place_of(pointer), what });
        let wanted = schema["type"].as_str().unwrap_or_default();
        let below = |key: &str| format!("{pointer}/{}", escaped(key));
        match (wanted, value) {
            ("object", Value::Object(object)) => {
                for (key, value) in object {
                    let pointer = below(key);
                    let known =
                        schema["properties"].get(key).or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()));
                    match known {
                        Some(schema) => self.judge_value(value, schema, &pointer, warn)?,
                        None => warn(place(&self.text, self.spans[&pointer].key), unknown(key, schema)),
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
    format!("unknown key `{}`, which is kept and means nothing here{help}", shown(key))
}

/// A key of the file as it may be shown: somebody may have put a secret in its place.
fn shown(key: &str) -> String {
    if may_be_secret(key) || key.contains('=') {
        return MASK.to_owned();
    }
    key.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The JSON pointer of a path.
fn pointer(path: &[&str]) -> String {
    path.iter().map(|key| format!("/{}", escaped(key))).collect()
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r')
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(object) => object.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
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

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.value);
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

/// Finds where the values of a text stand that is known to be JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// Where each is, by JSON pointer.
    spans: HashMap<String, Span>,
    /// The first key that stands twice in its mapping.
    twice: Option<(usize, String)>,
}

impl Scanner<'_> {
    fn value(&mut self, pointer: &mut String, key: Option<usize>) {
        self.skip(|byte| byte.is_ascii_whitespace());
        let start = self.at;
        let place = key.unwrap_or(start);
        if self.spans.contains_key(pointer.as_str()) && self.twice.is_none() {
            let key = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
            self.twice = Some((place, key));
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
        self.spans.insert(pointer.clone(), Span { key: place, value: start..self.at });
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

    fn set(text: &str, path: &[&str], value: Value) -> String {
        let mut document = Document::parse(text).unwrap();
        document.set(path, value);
        document.text().to_owned()
    }

    fn removed(text: &str, path: &[&str]) -> String {
        let mut document = Document::parse(text).unwrap();
        assert!(document.remove(path), "{text}");
        document.text().to_owned()
    }

    #[test]
    fn every_other_byte_stays() {
        let odd = "{\n    \"zeta\" : {\"b\": 1.50, \"a\":[1E2 ,{\"x\": null}], \"big\": 123456789012345678901234567890},\n\n\
                   \x20   \"default_model\": \"a/b\",\n    \"n\": 18446744073709551616, \"alpha\": \"\\u00e9\"\n}";
        let mut document = Document::parse(odd).unwrap();
        document.set(&["telegram", "chat_id"], json!("1"));
        document.set(&["default_model"], json!("c/d"));
        let end = "\"alpha\": \"\\u00e9\", \"telegram\": {\n        \"chat_id\": \"1\"\n    }\n}";
        assert_eq!(document.text(), odd.replace("\"a/b\"", "\"c/d\"").replace("\"alpha\": \"\\u00e9\"\n}", end));
        document.set(&["default_model"], json!("a/b"));
        assert!(document.remove(&["telegram", "chat_id"]) && !document.has(&["telegram"]) && !document.remove(&["telegram", "chat_id"]));
        assert_eq!(document.text(), odd);
    }

    #[test]
    fn what_is_new_is_written_as_its_neighbours_are() {
        let path = &["env", "vars", "A"][..];
        let whole = "{\n  \"env\": {\n    \"vars\": {\n      \"A\": \"x\"\n    }\n  }\n}\n";
        for (before, after) in [
            ("{}\n", whole),
            ("{ }", whole.trim_end()),
            ("{\n}\n", whole),
            ("{\"a\":1}", "{\"a\":1,\"env\": {\"vars\":{\"A\":\"x\"}}}"),
            ("{\"a\": 1}", "{\"a\": 1, \"env\": {\"vars\":{\"A\":\"x\"}}}"),
            ("{\"env\": {}}", "{\"env\": {\"vars\": {\"A\":\"x\"}}}"),
            ("{\n\t\"env\": {}\n}", "{\n\t\"env\": {\n\t\t\"vars\": {\n\t\t\t\"A\": \"x\"\n\t\t}\n\t}\n}"),
            ("{\r\n  \"a\": 1\r\n}", "{\r\n  \"a\": 1,\r\n  \"env\": {\r\n    \"vars\": {\r\n      \"A\": \"x\"\r\n    }\r\n  }\r\n}"),
            ("{\"env\": {\"vars\": {\"A\" : \"y\" }}}", "{\"env\": {\"vars\": {\"A\" : \"x\" }}}"),
            ("{\"env\": {\"vars\": 5}}", "{\"env\": {\"vars\": {\"A\":\"x\"}}}"),
        ] {
            assert_eq!(set(before, path, json!("x")), after, "{before}");
        }
        assert_eq!(set("{\n  \"a\": 1\n}", &["l"], json!(["x", "y"])), "{\n  \"a\": 1,\n  \"l\": [\n    \"x\",\n    \"y\"\n  ]\n}");
    }

    #[test]
    fn what_is_taken_out_takes_its_comma_along() {
        for (before, after) in [
            ("{\"a\": 1, \"b\": 2, \"c\": 3}", "{\"a\": 1, \"c\": 3}"),
            ("{\"b\": 2 , \"c\": 3}", "{\"c\": 3}"),
            ("{\n  \"a\": 1,\n  \"b\": {\n    \"d\": 1\n  }\n}\n", "{\n  \"a\": 1\n}\n"),
            ("{\n  \"b\": 2\n}\n", "{}\n"),
        ] {
            assert_eq!(removed(before, &["b"]), after);
        }
        assert_eq!(removed("{\"p\": {\"q\": {\"r\": 1}}, \"s\": 1}", &["p", "q", "r"]), "{\"s\": 1}");
        assert_eq!(removed("{\"p\": {\"q\": {\"r\": 1}, \"t\": 2}}", &["p", "q", "r"]), "{\"p\": {\"t\": 2}}");
    }

    #[test]
    fn edits_mean_what_they_say_in_whatever_form_the_text_is() {
        // A generator that gives the same numbers each time: the standard library has none.
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let keys = ["a", "b/c", "d~\"", "é{"];
        for round in 0..2000 {
            let mut value = json!({"a": {"a": 1.5, "x": ["}", {"b/c": null}]}, "k": {}, "b/c": {"é{": {"a": ","}}});
            let mut text = if round % 2 == 0 { value.to_string() } else { format!("{value:#}").replace("\": ", "\"\t:\r\n ") };
            for _ in 0..6 {
                let path: Vec<&str> = (0..=draw(3)).map(|_| keys[draw(keys.len())]).collect();
                let mut document = Document::parse(&text).unwrap();
                if draw(3) == 0 {
                    assert_eq!(document.remove(&path), take_out(&mut value, &path), "{text} {path:?}");
                } else {
                    let new = [json!("x\n"), json!(["y", "z"]), json!({}), json!(7)][draw(4)].clone();
                    document.set(&path, new.clone());
                    put(&mut value, &path, new);
                }
                text = document.text().to_owned();
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{path:?}");
                assert_eq!(document.value, value);
            }
        }
    }

    fn put(mut place: &mut Value, path: &[&str], value: Value) {
        for key in path {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[*key];
        }
        *place = value;
    }

    fn take_out(value: &mut Value, path: &[&str]) -> bool {
        let (Some(object), Some((key, rest))) = (value.as_object_mut(), path.split_first()) else { return false };
        if rest.is_empty() {
            return object.shift_remove(*key).is_some();
        }
        let Some(below) = object.get_mut(*key) else { return false };
        let removed = take_out(below, rest);
        if removed && below.as_object().is_some_and(Map::is_empty) {
            object.shift_remove(*key);
        }
        removed
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
