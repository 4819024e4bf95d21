//! Decides whether a provider in the file of a user has a route of its own: a key that is not the catalog's, or a host that is not the catalog's.
//!
//! A key and a base URL belong together. If the base URL of the catalog were written next to a key of the user, a key of the gateway of a company
//! would be sent to the vendor; if a reference to a variable of the catalog were written next to a base URL of the user, the key of the vendor would
//! be sent to the gateway. So both stay as they are if one of them is the user's own.

use super::{json_value, rows};
use jsonc_parser::cst::{CstObject, CstObjectProp};
use modeldex_compile::authored::routing::url_origin;
use modeldex_table::{Catalog, Provider};
use serde_json::Value;
use std::collections::BTreeMap;

/// The names of the environment variables from which the catalog reads the key of each provider, by the id of the provider.
pub type ProviderVariables = BTreeMap<String, Vec<String>>;

/// Returns the variables from which `catalog` reads the key of each provider.
#[must_use]
pub fn provider_variables(catalog: &Catalog<'_>) -> ProviderVariables {
    let names = |provider: Provider<'_>| provider.auth().flat_map(|auth| auth.env().map(str::to_owned)).collect();
    catalog.providers().map(|provider| (provider.id().to_owned(), names(provider))).collect()
}

/// Returns the reason why the route of a provider stays as it is; `None` if the route of the catalog may be written. `generated` is the provider that
/// the catalog would write, and `variables` has the names of its variables.
pub(super) fn own_route(entry: &CstObject, generated: &Value, variables: &[String]) -> Option<&'static str> {
    let base_url = entry.get("baseUrl");
    let is_same_host = base_url.as_ref().is_some_and(|stated| is_same_host(stated, generated));
    let is_other_host = base_url.is_some() && !is_same_host;
    let key = entry.get("apiKey");
    let has_own_key = key.as_ref().is_some_and(|key| !is_reference_of_catalog(key, variables));
    if has_own_key && !is_same_host {
        return Some("the key is not the catalog's, so it must not be sent to the host of the catalog");
    }
    if entry.get("$include").is_some() {
        return Some("the provider includes another file, which may contain a key");
    }
    if has_own_headers(entry, generated) && !is_same_host {
        return Some("the headers may contain a key, which must not be sent to the host of the catalog");
    }
    if key.is_none() && (is_other_host || has_row_with_other_host(entry, generated)) {
        return Some("the base URL is not the catalog's, so the key of the catalog must not be sent to it");
    }
    None
}

/// Returns whether a provider has a key or a header of the user, which must be sent only to the host that the user stated.
pub(super) fn has_own_credential(entry: &CstObject, generated: &Value, variables: &[String]) -> bool {
    entry.get("$include").is_some()
        || entry.get("apiKey").is_some_and(|key| !is_reference_of_catalog(&key, variables))
        || has_own_headers(entry, generated)
}

/// Returns the generated models that may be written into a provider with a route of its own: models that the catalog sends to another host are
/// omitted, and the protocol is that of the user.
pub(super) fn models_at(entry: &CstObject, generated: &Value) -> Value {
    let stated = entry.get("baseUrl").as_ref().and_then(json_value).and_then(|url| url_origin(url.as_str()?.trim()));
    let is_elsewhere = |row: &Value| row.get("baseUrl").is_some_and(|url| url.as_str().and_then(url_origin) != stated || stated.is_none());
    let rows = generated["models"].as_array().into_iter().flatten().filter(|row| !is_elsewhere(row)).cloned();
    let is_same_host = entry.get("baseUrl").is_some_and(|stated| is_same_host(&stated, generated));
    let without_route = |mut row: Value| {
        if let Some(row) = row.as_object_mut().filter(|_| !is_same_host) {
            ["headers", "api", "apiKey", "auth"].into_iter().for_each(|key| drop(row.remove(key)));
        }
        row
    };
    rows.map(without_route).collect()
}

/// Returns whether an `apiKey` is a reference to a variable of the catalog, or the bare name of one.
fn is_reference_of_catalog(key: &CstObjectProp, variables: &[String]) -> bool {
    let name = match json_value(key) {
        Some(Value::String(text)) => {
            let text = text.trim();
            text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).to_owned()
        }
        // openclaw also accepts `{source: "env", id: "NAME"}`.
        Some(Value::Object(reference)) if reference.get("source").is_some_and(|source| source == "env") => {
            reference.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => return false,
    };
    variables.contains(&name)
}

/// Returns whether the provider has a header that the catalog would not write.
fn has_own_headers(entry: &CstObject, generated: &Value) -> bool {
    let Some(headers) = entry.get("headers") else { return false };
    let Some(headers) = headers.object_value() else { return true };
    let is_generated = |header: &CstObjectProp| {
        let (name, value) = (header.decoded_name().unwrap_or_default(), json_value(header));
        let mut written = generated["headers"].as_object().into_iter().flatten();
        written.any(|(other, written)| other.eq_ignore_ascii_case(&name) && Some(written) == value.as_ref())
    };
    !headers.properties().iter().all(is_generated)
}

/// Returns whether a model of the provider has a base URL of another host.
fn has_row_with_other_host(entry: &CstObject, generated: &Value) -> bool {
    let Some(list) = entry.get("models").and_then(|models| models.array_value()) else { return false };
    rows(&list).values().filter_map(|row| row.get("baseUrl")).any(|stated| !is_same_host(&stated, generated))
}

/// Returns whether a base URL in the file has the scheme, host and port of a base URL that the catalog writes for the provider.
fn is_same_host(stated: &CstObjectProp, generated: &Value) -> bool {
    let models = generated["models"].as_array().into_iter().flatten().map(|row| &row["baseUrl"]);
    let mut origins = [&generated["baseUrl"]].into_iter().chain(models).filter_map(|url| url_origin(url.as_str()?));
    let stated = json_value(stated).and_then(|url| url_origin(url.as_str()?.trim()));
    stated.is_some() && origins.any(|origin| Some(origin) == stated)
}
