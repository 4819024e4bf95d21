//! Decides whether a provider in the file of a user has a route of its own: a key or a host that is not the catalog's. The keys, headers and request
//! options of the provider's models count as those of the provider.
//!
//! A key and a base URL belong together. For example, the user's base URL and key may belong to a company gateway, and the catalog's base URL and key
//! belong to the vendor. If the merge wrote the catalog's base URL next to the user's key, the key of the gateway would be sent to the vendor. If the
//! merge wrote a reference to the catalog's variable next to the user's base URL, the key of the vendor would be sent to the gateway. Therefore, if
//! the key or the base URL is the user's own, the merge changes neither of them.
//!
//! The name of a variable does not prove which key the variable contains: the vendor's variable may contain the key of the gateway. Therefore the
//! user's base URL is also kept next to a reference to the catalog's variable.

use super::{json_value, rows};
use jsonc_parser::cst::{CstObject, CstObjectProp};
use modeldex_compile::authored::routing::url_origin;
use modeldex_table::{Catalog, Provider};
use serde_json::Value;
use std::collections::BTreeMap;

/// The environment variables that may contain the API key of each provider. The key of the map is the provider id; the value is the list of names.
pub type ProviderVariables = BTreeMap<String, Vec<String>>;

/// Returns the environment variables that may contain the API key of each provider, as `catalog` states them.
#[must_use]
pub fn provider_variables(catalog: &Catalog<'_>) -> ProviderVariables {
    let names = |provider: Provider<'_>| provider.auth().flat_map(|auth| auth.env().map(str::to_owned)).collect();
    catalog.providers().map(|provider| (provider.id().to_owned(), names(provider))).collect()
}

/// Returns the reason why the merge does not change the route of a provider. `generated` is the provider that the catalog would write, and
/// `variables` has the names of its variables. Returns `None` if the route of the catalog may be written.
pub(super) fn own_route(entry: &CstObject, generated: &Value, variables: &[String]) -> Option<&'static str> {
    let base_url = entry.get("baseUrl");
    let is_same_host = base_url.as_ref().is_some_and(|stated| is_same_host(stated, generated));
    let is_other_host = base_url.is_some() && !is_same_host;
    let key = entry.get("apiKey");
    let has_own_key = key.as_ref().is_some_and(|key| !is_reference_of_catalog(key, variables));
    if has_own_key && !is_same_host {
        return Some(
            "the key in your configuration does not come from a variable in the catalog, so the key must not be sent to the host that \
             the catalog states for this provider",
        );
    }
    if entry.get("$include").is_some() {
        return Some("the provider includes another file, which may contain a key");
    }
    if has_own_headers(entry, generated) && !is_same_host {
        return Some(
            "the headers in your configuration may contain a key, which must not be sent to the host that the catalog states for this provider",
        );
    }
    if has_own_request(entry, generated, variables) && !is_same_host {
        return Some(
            "your configuration may contain a key in the request options or in the models of this provider; the key must not be sent to the host \
             that the catalog states for this provider",
        );
    }
    match is_other_host || has_row_with_other_host(entry, generated) {
        true if key.is_none() => Some(
            "a base URL in your configuration differs from the base URL in the catalog, so the key from the variable in the catalog must not \
             be sent to your base URL",
        ),
        true => Some(
            "a base URL in your configuration differs from the base URL in the catalog, so your key may be meant only for your base URL, even if \
             the catalog names the same variable for the key",
        ),
        false => None,
    }
}

/// Returns whether a provider has a key or a header of the user, which must be sent only to the host that the user stated.
pub(super) fn has_own_credential(entry: &CstObject, generated: &Value, variables: &[String]) -> bool {
    entry.get("$include").is_some()
        || entry.get("apiKey").is_some_and(|key| !is_reference_of_catalog(&key, variables))
        || has_own_headers(entry, generated)
        || has_own_request(entry, generated, variables)
}

/// Returns the generated models that may be written into a provider with a key of its own. If `is_own_route` is true, the provider has a route of its
/// own. Models that the catalog sends to another host are omitted, and the protocol is that of the user.
pub(super) fn models_at(entry: &CstObject, generated: &Value, is_own_route: bool) -> Value {
    let stated = entry.get("baseUrl").as_ref().and_then(json_value).and_then(|url| url_origin(url.as_str()?.trim()));
    let is_elsewhere = |row: &Value| row.get("baseUrl").is_some_and(|url| url.as_str().and_then(url_origin) != stated || stated.is_none());
    let rows = generated["models"].as_array().into_iter().flatten().filter(|row| !is_elsewhere(row)).cloned();
    let keeps_route = is_own_route || !entry.get("baseUrl").is_some_and(|stated| is_same_host(&stated, generated));
    let without_route = |mut row: Value| {
        if let Some(row) = row.as_object_mut().filter(|_| keeps_route) {
            ["baseUrl", "headers", "api", "apiKey", "auth", "request"].into_iter().for_each(|key| drop(row.remove(key)));
        }
        row
    };
    rows.map(without_route).collect()
}

/// Returns whether an `apiKey` is a reference to a variable of the catalog, or the bare name of one.
fn is_reference_of_catalog(key: &CstObjectProp, variables: &[String]) -> bool {
    json_value(key).is_some_and(|key| is_value_reference(&key, variables))
}

/// Returns the same as [`is_reference_of_catalog`], but takes the value of the key.
fn is_value_reference(key: &Value, variables: &[String]) -> bool {
    let name = match key {
        Value::String(text) => {
            let text = text.trim();
            text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).to_owned()
        }
        // openclaw also accepts `{source: "env", provider: "default", id: "NAME"}`. Another provider may be a vault.
        Value::Object(reference) => {
            let is_of_environment = |(member, value): (&String, &Value)| match member.as_str() {
                "source" => value == "env",
                "provider" => value == "default",
                other => other == "id",
            };
            if !reference.contains_key("source") || !reference.iter().all(is_of_environment) {
                return false;
            }
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

/// Returns whether the provider has request options, or a model with a key, an authentication method, headers or request options, that the catalog
/// would not write.
fn has_own_request(entry: &CstObject, generated: &Value, variables: &[String]) -> bool {
    if entry.get("request").is_some_and(|request| json_value(&request).as_ref() != generated.get("request")) {
        return true;
    }
    let Some(models) = entry.get("models") else { return false };
    if models.array_value().is_none() {
        return false;
    }
    // All rows count, even those that openclaw ignores because an earlier row has the same id.
    json_value(&models).as_ref().and_then(Value::as_array).into_iter().flatten().any(|row| {
        let written = generated["models"].as_array().into_iter().flatten().find(|other| other["id"] == row["id"]);
        let differs = |key: &&str| row.get(key).is_some_and(|own| written.and_then(|written| written.get(key)) != Some(own));
        let key_is_own = row.get("apiKey").is_some_and(|key| !is_value_reference(key, variables));
        key_is_own || ["auth", "authHeader", "headers", "request"].iter().any(differs)
    })
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
