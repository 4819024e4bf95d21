//! Merges generated models into the `openclaw.json` of a user. This module only changes a text; the caller reads and writes the file.
//!
//! The file is hand-written JSON5, so comments, the order of keys and all bytes outside of the changes are kept. If a key is added to an object on
//! one line, the object is reformatted to several lines.
//!
//! | content of the file | after the merge |
//! |---|---|
//! | keys that this table does not name: of the file, of `models`, of a provider or of a model | unchanged |
//! | other providers, other models of a provider | unchanged |
//! | `models.mode` | unchanged; `merge` if missing |
//! | a provider's `baseUrl` and `api`; the generated fields of a model | replaced |
//! | `baseUrl`, `api`, `apiKey`, `auth` and `headers` of a provider with a key or host of the user's own | unchanged: see the module `route` |
//! | models of such a provider | facts replaced, no models added |
//! | a provider that an included file (`$include`) may contain | not added; if present, treated as a provider with a key of the user's own |
//! | `apiKey`, `auth` and each of the `headers` of any other provider | unchanged if present |
//! | an `apiKey` that is the bare name of the variable | replaced with a reference to the variable: openclaw would send the name as the key |
//! | `api` of a model, if the provider has an `api` | removed, unless the model has its own `baseUrl` |
//!
//! The merge is idempotent.

mod check;
mod redact;
mod route;

pub use redact::redact_config;
pub use route::{ProviderVariables, provider_variables};

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The result of [`merge_openclaw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedConfig {
    /// The merged text.
    pub text: String,
    /// Notes that the user may want to review: what the merge changed, and what the merge did not change or add. The notes contain no values of the
    /// file.
    pub notes: Vec<String>,
    /// Environment variables that the merged providers reference, except variables that the file itself sets.
    pub required_variables: BTreeSet<String>,
}

/// The reason why a merge failed, with the position in the file. The error contains no values of the file, because they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeError {
    /// The line in the file, beginning at 1.
    pub line: usize,
    /// The column in characters, beginning at 1.
    pub column: usize,
    /// The problem and the next step.
    pub message: String,
}

/// Merges generated providers into the text of a file `openclaw.json`.
///
/// `text` is the text of the file. `fragment` is an output of the format `openclaw`, which contains the providers. `variables` is the result of
/// [`provider_variables`]: for each provider, the environment variables that may contain its API key.
///
/// # Errors
/// Fails if `text` is not JSON5. Also fails if a value into which the merge writes has the wrong type, such as a string instead of the object
/// `models`. Also fails if the key of such a value is duplicated.
pub fn merge_openclaw(text: &str, fragment: &str, variables: &ProviderVariables) -> Result<MergedConfig, MergeError> {
    let generated: Value = serde_json::from_str(fragment).unwrap_or_default();
    let generated_models = &generated["models"];
    let empty = Map::new();
    let providers = generated_models["providers"].as_object().unwrap_or(&empty);
    let (bom, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    if text.trim().is_empty() {
        let required_variables = required_variables(&generated, providers);
        return Ok(MergedConfig { text: format!("{bom}{fragment}"), notes: Vec::new(), required_variables });
    }
    check::check(text, providers)?;
    let root = CstRootNode::parse(text, &syntax()).map_err(|error| MergeError::of(&error))?;
    let object = root.object_value_or_set();
    let mut notes = Vec::new();
    let has_include = |object: &CstObject| object.get("$include").is_some();
    let models = object.object_value("models");
    let entries = models.as_ref().and_then(|models| models.object_value("providers"));
    let mut not_added = Vec::new();
    let includes_providers = [Some(&object), models.as_ref(), entries.as_ref()].into_iter().flatten().any(has_include);
    match models {
        None if includes_providers => not_added.extend(providers.keys()),
        None => append(&object, "models", generated_models),
        Some(models) => {
            // A `mode` in this file would override the `mode` of an included file.
            if models.get("mode").is_none() && models.get("$include").is_none() {
                append(&models, "mode", &generated_models["mode"]);
            }
            match entries {
                None if includes_providers => not_added.extend(providers.keys()),
                None => append(&models, "providers", &generated_models["providers"]),
                Some(entries) => {
                    for (id, provider) in providers {
                        match find_provider(&entries, id) {
                            Some(entry) => merge_provider(&entry, id, provider, variables, includes_providers, &mut notes),
                            None if includes_providers => not_added.push(id),
                            None => append(&entries, id, provider),
                        }
                    }
                }
            }
        }
    }
    match &not_added[..] {
        [] => {}
        [id] => notes.push(format!("did not add the provider `{id}`: {INCLUDED}; add the provider to the included file")),
        [id, others @ ..] => {
            let count = others.len();
            notes.push(format!("did not add the provider `{id}` and {count} more: {INCLUDED}; add the providers to the included file"));
        }
    }
    let text = root.to_string();
    let required_variables = required_variables(&root.to_serde_value().unwrap_or_default(), providers);
    Ok(MergedConfig { text: format!("{bom}{text}"), notes, required_variables })
}

impl MergeError {
    fn at(text: &str, offset: usize, message: String) -> Self {
        let before = &text[..offset];
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line..].chars().count() + 1, message }
    }

    fn of(error: &jsonc_parser::errors::ParseError) -> Self {
        let message = format!("invalid JSON5: {error}", error = error.kind().to_string().to_lowercase());
        Self { line: error.line_display(), column: error.column_display(), message }
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message } = self;
        write!(f, "{line}:{column}: {message}")
    }
}

impl std::error::Error for MergeError {}

/// JSON5 syntax: everything that the parser accepts, except missing commas.
fn syntax() -> ParseOptions {
    ParseOptions { allow_missing_commas: false, ..ParseOptions::default() }
}

/// Returns whether a key is the id of a provider. openclaw lowercases ids.
fn is_id(key: &str, id: &str) -> bool {
    key.trim().eq_ignore_ascii_case(id)
}

/// The reason why the route of a provider is the user's own if an included file may contain the provider.
const INCLUDED: &str = "the file includes another file, which may contain a key or a base URL";

/// Returns the entry of a provider. Returns `None` if there is no such entry.
fn find_provider(entries: &CstObject, id: &str) -> Option<CstObject> {
    let has_id = |entry: &CstObjectProp| entry.decoded_name().is_some_and(|name| is_id(&name, id));
    entries.properties().iter().find(|entry| has_id(entry)).and_then(CstObjectProp::object_value)
}

/// Merges one provider. `is_included` states whether an included file may contain the same provider.
fn merge_provider(
    entry: &CstObject,
    id: &str,
    generated: &Value,
    variables: &ProviderVariables,
    is_included: bool,
    notes: &mut Vec<String>,
) {
    let names = variables.get(id).map_or(&[][..], Vec::as_slice);
    if let Some(reason) = route::own_route(entry, generated, names).or(is_included.then_some(INCLUDED)) {
        notes.push(format!("kept the base URL, the key and the headers of the provider `{id}`: {reason}"));
        if let Some(existing) = entry.get("models") {
            merge_models(&existing, &route::models_at(entry, generated, true), id, true, notes);
        }
        return;
    }
    let models_at_own_host = route::has_own_credential(entry, generated, names).then(|| route::models_at(entry, generated, false));
    for (key, value) in generated.as_object().into_iter().flatten() {
        let Some(existing) = entry.get(key) else {
            append(entry, key, models_at_own_host.as_ref().filter(|_| key == "models").unwrap_or(value));
            continue;
        };
        match key.as_str() {
            "auth" => {}
            "apiKey" => merge_api_key(&existing, value, id, notes),
            "headers" => merge_headers(&existing, value),
            "models" => merge_models(&existing, models_at_own_host.as_ref().unwrap_or(value), id, false, notes),
            _ => {
                if replace_value(&existing, value) && key == "baseUrl" {
                    notes.push(format!("replaced the `baseUrl` of the provider `{id}`"));
                }
            }
        }
    }
}

/// Keeps an existing API key, unless it is the bare name of the variable.
fn merge_api_key(existing: &CstObjectProp, generated: &Value, id: &str, notes: &mut Vec<String>) {
    let reference = generated.as_str().unwrap_or_default();
    let name = reference.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let current = json_value(existing);
    if name.is_some() && current.as_ref().and_then(Value::as_str) == name {
        replace_value(existing, generated);
        notes.push(format!(
            "replaced the `apiKey` of the provider `{id}` with `{reference}`: the old value is the name of a variable, \
             and openclaw would send that name as the key"
        ));
    } else if current.as_ref() != Some(generated) {
        notes.push(format!("kept the `apiKey` of the provider `{id}`; the generated value is `{reference}`"));
    }
}

fn merge_headers(existing: &CstObjectProp, generated: &Value) {
    let Some(headers) = existing.object_value() else { return };
    for (name, value) in generated.as_object().into_iter().flatten() {
        let has_name = |header: &CstObjectProp| header.decoded_name().is_some_and(|other| other.eq_ignore_ascii_case(name));
        if !headers.properties().iter().any(has_name) {
            append(&headers, name, value);
        }
    }
}

/// Merges the models of a provider. If the route of the provider is the user's own, no models are added, because their requests would use this route.
fn merge_models(existing: &CstObjectProp, generated: &Value, id: &str, is_own_route: bool, notes: &mut Vec<String>) {
    let Some(list) = existing.array_value() else { return };
    let generated = generated.as_array().map_or(&[][..], Vec::as_slice);
    let mut rows = rows(&list);
    let mut new = Vec::new();
    for value in generated {
        match rows.remove(value["id"].as_str().unwrap_or_default()) {
            Some(row) if is_own_route => merge_fields(&row, value.as_object().unwrap_or(&Map::new())),
            Some(row) => merge_model(&row, value),
            None => new.push(value),
        }
    }
    if is_own_route && !new.is_empty() {
        new.clear();
        notes.push(format!(
            "added no models to the provider `{id}`: \
             requests for new models would use the base URL and the key in your configuration"
        ));
    }
    for value in new {
        list.append(input(value));
    }
    if !rows.is_empty() {
        notes.push(match rows.len() {
            1 => format!("for the provider `{id}`, kept 1 model that is not in the output of `emit`"),
            count => format!("for the provider `{id}`, kept {count} models that are not in the output of `emit`"),
        });
    }
}

fn merge_model(row: &CstObject, generated: &Value) {
    let Some(fields) = generated.as_object() else { return };
    merge_fields(row, fields);
    if !fields.contains_key("api")
        && row.get("baseUrl").is_none()
        && let Some(api) = row.get("api")
    {
        api.remove();
    }
}

fn merge_fields(object: &CstObject, fields: &Map<String, Value>) {
    for (key, value) in fields {
        match object.get(key) {
            None => append(object, key, value),
            Some(existing) => match (existing.object_value(), value.as_object()) {
                (Some(object), Some(fields)) => merge_fields(&object, fields),
                _ => {
                    replace_value(&existing, value);
                }
            },
        }
    }
}

/// Replaces a value, unless both values are equal. Returns whether the value was replaced.
fn replace_value(existing: &CstObjectProp, value: &Value) -> bool {
    let differs = !json_value(existing).is_some_and(|current| is_equal(&current, value));
    if differs {
        existing.set_value(input(value));
    }
    differs
}

/// Returns the rows of an array by id. Of duplicate ids, the first row wins, as in openclaw.
fn rows(list: &CstArray) -> BTreeMap<String, CstObject> {
    let mut rows = BTreeMap::new();
    for row in list.elements().iter().filter_map(CstNode::as_object) {
        if let Some(Value::String(id)) = row.get("id").as_ref().and_then(json_value) {
            rows.entry(id).or_insert(row);
        }
    }
    rows
}

fn append(object: &CstObject, key: &str, value: &Value) {
    object.append(key, input(value));
}

fn json_value(existing: &CstObjectProp) -> Option<Value> {
    existing.value()?.to_serde_value()
}

/// Returns whether two values are equal. The numbers 1, 1.0 and 1e0 are equal.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
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

/// Returns the variables that base URLs, API keys and headers of the given providers reference, except those that the file sets.
fn required_variables(file: &Value, providers: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, entry) in file["models"]["providers"].as_object().into_iter().flatten() {
        if providers.keys().any(|id| is_id(key, id)) {
            let headers = entry["headers"].as_object().into_iter().flat_map(Map::values);
            let texts = [&entry["baseUrl"], &entry["apiKey"]].into_iter().chain(headers).filter_map(Value::as_str);
            names.extend(texts.flat_map(referenced_variables).map(str::to_owned));
        }
    }
    let is_set = |name: &String| {
        [&file["env"]["vars"][name], &file["env"][name]].into_iter().any(|value| value.as_str().is_some_and(|value| !value.is_empty()))
    };
    names.retain(|name| !is_set(name));
    names
}

/// Returns the variables that a text references. `$${NAME}` is an escape, not a reference.
fn referenced_variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter(|(at, _)| !text[..*at].ends_with('$')).filter_map(|(at, _)| {
        let (name, _) = text[at + 2..].split_once('}')?;
        let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        let is_name = name.bytes().next().is_some_and(is_letter) && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit());
        is_name.then_some(name)
    })
}
