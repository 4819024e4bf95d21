//! Puts the models of a written `openclaw.json` into the one that somebody has. Text in, text out: files are for whoever calls.
//!
//! The file is JSON5, and people write it: comments, order and every byte outside of what changes stay. A mapping on one line that gets
//! another key is put on lines of its own.
//!
//! | what | happens to it |
//! |---|---|
//! | other keys of the file, of `models`, of a provider or of a model | stay |
//! | other providers, other models of a provider | stay |
//! | `models.mode` | stays, and is `merge` where it is missing |
//! | a provider's `baseUrl` and `api`; what is written of a model | is as written |
//! | a provider's `apiKey`, `auth` and each of its `headers` | stay where they are given, whatever they are |
//! | an `apiKey` that is the bare name of the variable | becomes the reference that was meant: it would be sent as the key |
//! | `api` of a model whose provider says it now | goes, unless the model has an address of its own |
//!
//! So the same again changes nothing.

mod check;
mod hide;

pub use hide::hide;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A text with the models in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// What somebody may want to look at, in whole sentences without a value of theirs.
    pub remarks: Vec<String>,
    /// The variables that the providers of the fragment name now and the text does not set itself.
    pub variables: BTreeSet<String>,
}

/// Why a text is not one that models can be put into. Nothing of what stands there is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

/// Puts the providers of `fragment`, as the target `openclaw` writes them, into `text`.
///
/// # Errors
/// When `text` is not JSON5, when something stands there in which nothing can be put, or when a key on the way stands twice.
pub fn merge(text: &str, fragment: &str) -> Result<Merged, Fault> {
    let written: Value = serde_json::from_str(fragment).unwrap_or_default();
    let wanted = &written["models"];
    let empty = Map::new();
    let providers = wanted["providers"].as_object().unwrap_or(&empty);
    let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    if text.trim().is_empty() {
        let variables = variables(&written, providers);
        return Ok(Merged { text: format!("{mark}{fragment}"), remarks: Vec::new(), variables });
    }
    check::check(text, providers)?;
    let root = CstRootNode::parse(text, &syntax()).map_err(|error| Fault::of(&error))?;
    let object = root.object_value_or_set();
    let mut remarks = Vec::new();
    match object.object_value("models") {
        None => append(&object, "models", wanted),
        Some(models) => {
            // What a file that is taken in says would be written over.
            if models.get("mode").is_none() && models.get("$include").is_none() {
                append(&models, "mode", &wanted["mode"]);
            }
            match models.object_value("providers") {
                None => append(&models, "providers", &wanted["providers"]),
                Some(entries) => providers.iter().for_each(|(id, wanted)| put_provider(&entries, id, wanted, &mut remarks)),
            }
        }
    }
    let text = root.to_string();
    let variables = variables(&root.to_serde_value().unwrap_or_default(), providers);
    Ok(Merged { text: format!("{mark}{text}"), remarks, variables })
}

impl Fault {
    fn at(text: &str, offset: usize, what: String) -> Self {
        let before = &text[..offset];
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line..].chars().count() + 1, what }
    }

    fn of(error: &jsonc_parser::errors::ParseError) -> Self {
        let what = format!("this is not JSON5: {}", error.kind().to_string().to_lowercase());
        Self { line: error.line_display(), column: error.column_display(), what }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what)
    }
}

impl std::error::Error for Fault {}

/// JSON5: all that the parser can read, but commas stand where they have to.
fn syntax() -> ParseOptions {
    ParseOptions { allow_missing_commas: false, ..ParseOptions::default() }
}

/// Whether a key is the id of a provider: openclaw writes ids in small letters.
fn is_id(key: &str, id: &str) -> bool {
    key.trim().eq_ignore_ascii_case(id)
}

fn put_provider(entries: &CstObject, id: &str, wanted: &Value, remarks: &mut Vec<String>) {
    let of_id = |entry: &CstObjectProp| entry.decoded_name().is_some_and(|name| is_id(&name, id));
    let Some(entry) = entries.properties().iter().find(|entry| of_id(entry)).and_then(CstObjectProp::object_value) else {
        return append(entries, id, wanted);
    };
    for (key, value) in wanted.as_object().into_iter().flatten() {
        let Some(there) = entry.get(key) else {
            append(&entry, key, value);
            continue;
        };
        match key.as_str() {
            "auth" => {}
            "apiKey" => put_key(&there, value, id, remarks),
            "headers" => put_headers(&there, value),
            "models" => put_models(&there, value, id, remarks),
            _ => {
                if put(&there, value) && key == "baseUrl" {
                    remarks.push(format!("`{id}` had another baseUrl"));
                }
            }
        }
    }
}

/// Leaves a key as it is, but for a name that was meant as a reference.
fn put_key(there: &CstObjectProp, wanted: &Value, id: &str, remarks: &mut Vec<String>) {
    let reference = wanted.as_str().unwrap_or_default();
    let name = reference.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let held = value_of(there);
    if name.is_some() && held.as_ref().and_then(Value::as_str) == name {
        put(there, wanted);
        remarks.push(format!("the apiKey of `{id}` was the name of a variable, which would be sent as the key; it is `{reference}` now"));
    } else if held.as_ref() != Some(wanted) {
        remarks.push(format!("the apiKey of `{id}` stays as it is; the catalog has `{reference}`"));
    }
}

fn put_headers(there: &CstObjectProp, wanted: &Value) {
    let Some(headers) = there.object_value() else { return };
    for (name, value) in wanted.as_object().into_iter().flatten() {
        let is_there = |header: &CstObjectProp| header.decoded_name().is_some_and(|other| other.eq_ignore_ascii_case(name));
        if !headers.properties().iter().any(is_there) {
            append(&headers, name, value);
        }
    }
}

fn put_models(there: &CstObjectProp, wanted: &Value, id: &str, remarks: &mut Vec<String>) {
    let Some(list) = there.array_value() else { return };
    let wanted = wanted.as_array().map_or(&[][..], Vec::as_slice);
    let mut rows = rows(&list);
    let mut new = Vec::new();
    for value in wanted {
        match rows.remove(value["id"].as_str().unwrap_or_default()) {
            Some(row) => put_model(&row, value),
            None => new.push(value),
        }
    }
    for value in new {
        list.append(input(value));
    }
    if !rows.is_empty() {
        let models = if rows.len() == 1 { "1 other model".to_owned() } else { format!("{} other models", rows.len()) };
        remarks.push(format!("`{id}` keeps {models} that it had"));
    }
}

fn put_model(row: &CstObject, wanted: &Value) {
    let Some(fields) = wanted.as_object() else { return };
    put_fields(row, fields);
    if !fields.contains_key("api")
        && row.get("baseUrl").is_none()
        && let Some(api) = row.get("api")
    {
        api.remove();
    }
}

fn put_fields(object: &CstObject, fields: &Map<String, Value>) {
    for (key, value) in fields {
        match object.get(key) {
            None => append(object, key, value),
            Some(there) => match (there.object_value(), value.as_object()) {
                (Some(object), Some(fields)) => put_fields(&object, fields),
                _ => {
                    put(&there, value);
                }
            },
        }
    }
}

/// Puts a value in place of another, unless they are the same. Returns whether they were not.
fn put(there: &CstObjectProp, value: &Value) -> bool {
    let differs = !value_of(there).is_some_and(|held| is_same(&held, value));
    if differs {
        there.set_value(input(value));
    }
    differs
}

/// The rows of a list by their ids; of two with the same, the first, as openclaw has it.
fn rows(list: &CstArray) -> BTreeMap<String, CstObject> {
    let mut rows = BTreeMap::new();
    for row in list.elements().iter().filter_map(CstNode::as_object) {
        if let Some(Value::String(id)) = row.get("id").as_ref().and_then(value_of) {
            rows.entry(id).or_insert(row);
        }
    }
    rows
}

fn append(object: &CstObject, key: &str, value: &Value) {
    object.append(key, input(value));
}

fn value_of(there: &CstObjectProp) -> Option<Value> {
    there.value()?.to_serde_value()
}

/// Whether two values mean the same: 1, 1.0 and 1e0 do.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => one == other,
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(yes) => CstInputValue::Bool(*yes),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(list) => CstInputValue::Array(list.iter().map(input).collect()),
        Value::Object(object) => CstInputValue::Object(object.iter().map(|(key, value)| (key.clone(), input(value))).collect()),
    }
}

/// The variables that some providers of a file name where they are asked and who asks, but for those that the file sets itself.
fn variables(file: &Value, providers: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, entry) in file["models"]["providers"].as_object().into_iter().flatten() {
        if providers.keys().any(|id| is_id(key, id)) {
            let headers = entry["headers"].as_object().into_iter().flat_map(Map::values);
            let texts = [&entry["baseUrl"], &entry["apiKey"]].into_iter().chain(headers).filter_map(Value::as_str);
            names.extend(texts.flat_map(named).map(str::to_owned));
        }
    }
    let is_set = |name: &String| {
        [&file["env"]["vars"][name], &file["env"][name]].into_iter().any(|value| value.as_str().is_some_and(|value| !value.is_empty()))
    };
    names.retain(|name| !is_set(name));
    names
}

/// The variables that a text names: `$${NAME}` names none.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter(|(at, _)| !text[..*at].ends_with('$')).filter_map(|(at, _)| {
        let (name, _) = text[at + 2..].split_once('}')?;
        let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        let is_name = name.bytes().next().is_some_and(is_letter) && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit());
        is_name.then_some(name)
    })
}
