//! Schemas of fields whose Rust type does not express all rules: mappings whose keys must be words of a vocabulary, and strings that must match a
//! pattern.

use modeldex_table::{Meter, WireFeature};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Returns the schema of `features` of [`super::Compat`]: one key per feature.
pub(crate) fn wire_features(_: &mut SchemaGenerator) -> Schema {
    let property = |(word, documentation): &(&str, &str)| ((*word).to_owned(), json!({"type": "boolean", "description": documentation}));
    let properties: Map<String, Value> = WireFeature::VOCABULARY.words.iter().map(property).collect();
    json_schema!({"type": "object", "properties": properties})
}

/// Returns the schema of headers by name. The schema does not check names and values, because the rule `header` checks them with more specific
/// messages.
pub(crate) fn headers(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "maxProperties": 32, "additionalProperties": {"type": "string", "minLength": 1}})
}

/// Returns the schema of a header name or of an authentication scheme such as `Bearer`: both are HTTP tokens.
pub(crate) fn http_token(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": HTTP_TOKEN, "maxLength": 100})
}

/// Returns the schema of a list of environment variable names.
pub(crate) fn environment_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array", "minItems": 1,
        "items": {"type": "string", "pattern": ENVIRONMENT_NAME, "x-code": "environment-name"},
    })
}

/// Returns the `propertyNames` of a mapping whose keys are provider ids.
pub(crate) fn provider_id() -> Value {
    json!({"pattern": PROVIDER_ID, "maxLength": 64})
}

/// Pattern of a provider id, which is also a file name.
pub(crate) const PROVIDER_ID: &str = "^[a-z0-9][a-z0-9._-]*$";

/// Returns the `propertyNames` of a mapping whose keys are names of environment variables.
pub(crate) fn environment_name() -> Value {
    json!({"pattern": ENVIRONMENT_NAME})
}

/// Pattern of a model id: the characters that the ids of known services contain. Other characters have a meaning in shells, file names, URLs, CSV
/// files or the syntax of tools that read the catalog. The rule `model-id` checks the segments of the id.
pub(crate) const MODEL_ID: &str = r"^[A-Za-z0-9._:/@~()+\[\]-]+$";

/// Pattern of the URL of a web page: a host name or an IPv4 address without user info, and no quotes, angle brackets, spaces or non-ASCII characters.
pub(crate) const WEB_URL: &str = r"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?([/?#][A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]*)?$";

/// Returns whether catalog files may contain `text` as the URL of a web page. The scheme is http or https, and the host is a host name or an IPv4
/// address. The URL has no user name, quotes, angle brackets, spaces or non-ASCII characters.
///
/// ```
/// assert!(modeldex_compile::is_web_url("https://docs.acme.example/models?page=1"));
/// assert!(!modeldex_compile::is_web_url("https://user@docs.acme.example/"));
/// assert!(!modeldex_compile::is_web_url("docs.acme.example"));
/// ```
#[must_use]
pub fn is_web_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    host.starts_with(|first: char| first.is_ascii_alphanumeric())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~:/?#[]@!$&()*+,;=%-".contains(&byte))
}

/// Pattern of a header name or of a word before a key: an HTTP token without the characters that have a meaning in the files of tools.
pub(crate) const HTTP_TOKEN: &str = "^[0-9A-Za-z][0-9A-Za-z_-]*$";

/// Pattern of an environment variable name.
pub(crate) const ENVIRONMENT_NAME: &str = "^[0-9]*[A-Z_][A-Z0-9_]*$";

/// Returns the schema of each rate in an entry of a price list, by meter.
pub(crate) fn rates() -> Map<String, Value> {
    let rate = |meter: &Meter| {
        let unit = match meter {
            Meter::Request => "Price per request.",
            Meter::Image => "Price per image.",
            Meter::WebSearch => "Price per search.",
            _ => "Price per million tokens.",
        };
        let documentation = Meter::VOCABULARY.words[usize::from(meter.code())].1;
        let text = format!("{documentation} {unit}");
        let rate = json!({
            "type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000, "x-decimals": 6, "x-code": "invalid-rate",
            "description": text.trim(),
        });
        (meter.as_str().to_owned(), rate)
    };
    Meter::ALL.iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_urls_match_their_pattern() {
        let schema = json!({"type": "string", "pattern": WEB_URL});
        for (text, is_url) in [
            ("https://acme.example", true),
            ("http://127.0.0.1:8080/a", true),
            ("https://acme.example?page=1", true),
            ("https://acme.example#top", true),
            ("https://acme.example/a(b)[c]@!$&*+,;=%20~._-", true),
            ("https://", false),
            ("https:///a", false),
            ("https://-acme.example", false),
            ("https://a_b.example/", false),
            ("https://acme.example:/", false),
            ("https://acme.example:8a/", false),
            ("https://acme.example:80:80/", false),
            ("https://user@acme.example/", false),
            ("https://[::1]/", false),
            ("https://acme.example/a'b", false),
            ("https://acme.example/a\"b", false),
            ("https://acme.example/a b", false),
            ("https://acme.example/<a>", false),
            ("https://acme.example/\u{e9}", false),
            ("https://acm\u{e9}.example/", false),
            ("HTTPS://acme.example", false),
            ("ftp://acme.example", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(is_web_url(text), is_url, "{text}");
            assert_eq!(jsonschema::is_valid(&schema, &json!(text)), is_url, "{text}");
        }
    }
}
