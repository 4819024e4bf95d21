//! Parses YAML, also as the data of a usage shape, the provider map and the routing.
//!
//! A parsed value is written as JSON, which is YAML too, and is parsed again as the same value.

use modeldex_compile::authored::provider_map::ProviderMap;
use modeldex_compile::authored::routing::Routing;

pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = ProviderMap::parse(&text);
    let _ = Routing::parse(&text);
    let parsed = modeldex_yaml::parse(&text);
    assert!(!text.trim().is_empty() || parsed.as_ref().map_or(true, serde_json::Value::is_null), "{text:?} has no value");
    let Ok(value) = parsed else { return };
    let json = value.to_string();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON"), value);
}
