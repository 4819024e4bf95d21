//! `routing.yaml`: confirmed endpoints and authentication methods of imported providers.

use super::{Auth, Endpoint, PartialDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Environment variables that contain a credential and that several providers may read. The name of each variable is mapped to the ids of these
/// providers.
pub type SharedVariables = BTreeMap<String, Vec<String>>;

/// Confirmed endpoints and authentication methods of imported providers. Imports take the routing of a provider only from this file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// Environment variables that contain a credential and that several providers may read, each with the ids of these providers. No other provider
    /// may read the variable. A variable without ids is reserved: no provider may read it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::environment_name())))]
    pub shared_variables: SharedVariables,
    /// Imported providers, by id.
    #[serde(default)]
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::provider_id())))]
    pub providers: BTreeMap<String, ConfirmedRouting>,
}

/// The confirmed routing of one provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmedRouting {
    /// URL of a page that states the routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::WEB_URL)))]
    pub source: Option<String>,
    /// Date on which the page was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
    /// Confirmed endpoints; the first one is the default. Imports use the endpoints unchanged: base URL with its variables, wire protocol, headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(length(max = 32)))]
    pub endpoints: Vec<Endpoint>,
    /// Confirmed authentication methods, in order of preference. Imports use the methods unchanged: environment variables with their order, and the
    /// header or query parameter in which the API key is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<Auth>,
    /// Rejected claims of sources: base URLs, wire protocols and names of environment variables. A rejected value is never used, and not reported
    /// again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
}

impl Routing {
    /// Parses `routing.yaml` without schema validation.
    ///
    /// # Errors
    /// Returns the message of the first error. If the error is a syntax error, the message states the line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = modeldex_yaml::parse(text).map_err(|error| error.to_string())?;
        Self::deserialize(value).map_err(|error| error.to_string())
    }
}

impl ConfirmedRouting {
    /// Returns whether no endpoint and no authentication method is confirmed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.auth.is_empty()
    }

    /// Returns whether requests may be sent to `base_url`. `base_url` has to be the URL of a confirmed endpoint. Another spelling of this URL is
    /// allowed: letters of the host in another case, the default port, additional slashes. A URL that contains the variable of an API key is never
    /// allowed.
    ///
    /// Rejected design: allowing every path on a confirmed host. A host may serve several customers under different paths, or forward requests to a
    /// URL in the path. Also, an import could change the path or the protocol of requests without a confirmation. Suppose that source A and source B
    /// claim different URLs on the same host, and that the catalog has the URL of A. If A no longer claimed its URL, the next import would use the
    /// URL of B.
    #[must_use]
    pub fn allows_url(&self, base_url: &str) -> bool {
        let normalized = normalize(base_url);
        let is_same =
            |endpoint: &Endpoint| endpoint.base_url == base_url || normalized.is_some() && normalize(&endpoint.base_url) == normalized;
        is_unambiguous(base_url)
            && !self.rejects(base_url)
            && !variables_in(base_url).any(|name| self.auth.iter().any(|auth| auth.env.iter().any(|key| key == name)))
            && self.endpoints.iter().any(is_same)
    }

    /// Returns whether a confirmed endpoint has the wire protocol `api`. The protocol determines the header in which an API key is sent, unless the
    /// authentication method states the header.
    #[must_use]
    pub fn allows_protocol(&self, api: &str) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.api.as_str() == api)
    }

    /// Returns whether the value of the environment variable `name` may be sent to the provider.
    #[must_use]
    pub fn allows_variable(&self, name: &str) -> bool {
        !self.rejects(name) && self.variables().any(|known| known == name)
    }

    /// Returns whether `rejected` contains `value`. The value is a base URL, a wire protocol, or the name of an environment variable. Two URLs count
    /// as equal even if they differ in the case of the host or in extra slashes.
    #[must_use]
    pub fn rejects(&self, value: &str) -> bool {
        let (trimmed, normalized) = (value.trim_end_matches('/'), normalize(value));
        self.rejected
            .iter()
            .any(|rejected| rejected.trim_end_matches('/') == trimmed || normalized.is_some() && normalize(rejected) == normalized)
    }

    /// Returns the names of the confirmed environment variables, including the variables in confirmed base URLs.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let named = self.auth.iter().flat_map(|auth| auth.env.iter().chain(auth.variables.iter().flat_map(|variable| &variable.env)));
        named.map(String::as_str).chain(self.endpoints.iter().flat_map(|endpoint| variables_in(&endpoint.base_url)))
    }
}

/// Returns whether all URL parsers interpret `base_url` in the same way. Such a URL contains no non-ASCII characters, percent escapes, quotes or
/// backslashes, and each `$` in it begins a variable `${NAME}`.
#[must_use]
pub fn is_unambiguous(base_url: &str) -> bool {
    base_url.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._~:/[]!$&()*+,;={}".contains(letter))
        && base_url.split('$').skip(1).all(|rest| rest.starts_with('{'))
}

/// Returns the names of the variables in a base URL. A variable is written `${NAME}`.
pub fn variables_in(base_url: &str) -> impl Iterator<Item = &str> {
    base_url.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// Returns the origin and the path segments of a base URL. Returns `None` if the text is not an absolute HTTP or HTTPS URL.
fn normalize(base_url: &str) -> Option<(String, Vec<&str>)> {
    let (_, rest) = base_url.split_once("://")?;
    Some((url_origin(base_url)?, rest.split('/').skip(1).filter(|segment| !segment.is_empty() && *segment != ".").collect()))
}

/// Returns whether the path of a base URL has a variable.
pub(crate) fn has_variable_in_path(base_url: &str) -> bool {
    let path = base_url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(_, path)| variables_in(path).next().is_some())
}

/// Returns the normalized scheme, host and port of `base_url`. Returns `None` if the text is not an absolute HTTP or HTTPS URL.
///
/// Also returns `None` if the URL contains user info, backslashes, spaces or non-ASCII characters, because these parts can disguise the host.
///
/// ```
/// # use modeldex_compile::authored::routing::url_origin;
/// assert_eq!(url_origin("HTTPS://Api.Acme.example:443/v1"), url_origin("https://api.acme.example/v2"));
/// assert_ne!(url_origin("https://api.acme.example.evil.example/v1"), url_origin("https://api.acme.example/v1"));
/// assert_eq!(url_origin("https://api.acme.example@evil.example/v1"), None);
/// ```
#[must_use]
pub fn url_origin(base_url: &str) -> Option<String> {
    let (scheme, rest) = base_url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    // Variable names are case-sensitive; host names are not.
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]${}".contains(letter);
    if authority.is_empty() || !authority.chars().all(is_allowed) {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains([']', '}']) => (host, port),
        _ => (authority, default_port),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = if host.contains("${") { host.to_owned() } else { host.to_ascii_lowercase() };
    (!host.is_empty()).then(|| format!("{scheme}://{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmed(base_url: &str) -> ConfirmedRouting {
        let text = format!(
            "providers:\n  acme:\n    endpoints: [{{base_url: '{base_url}', api: openai-completions}}]\n    auth: [{{kind: api-key, env: [ACME_API_KEY]}}]\n    rejected: ['https://api.acme.example/other', OTHER]\n"
        );
        Routing::parse(&text).unwrap().providers.remove("acme").unwrap()
    }

    #[test]
    fn only_other_spellings_of_a_confirmed_url_are_allowed() {
        let acme = confirmed("https://api.acme.example/v1");
        for url in [
            "https://api.acme.example/v1",
            "https://API.acme.example:443/v1",
            "https://api.acme.example//v1/",
            "HTTPS://api.acme.example/v1",
        ] {
            assert!(acme.allows_url(url), "{url}");
        }
        for url in [
            "http://api.acme.example/v1",
            "https://api.acme.example",
            "https://api.acme.example/v2",
            "https://api.acme.example/V1",
            "https://api.acme.example/v1/tenant",
            "https://api.acme.example/v1/..",
            "https://api.acme.example/proxy/https://evil.example/v1",
            "https://api.acme.example:8443/v1",
            "https://api.acme.example:/v1",
            "https://api.acme.example.evil.example/v1",
            "https://evil.example/https://api.acme.example/v1",
            "https://api.acme.example@evil.example/v1",
            "https://evil.example\\@api.acme.example/v1",
            "https://аpi.acme.example/v1",
            "https://api.acme.example。evil.example/v1",
            "https://api.acme.example/v1?x=1",
            "https://api.acme.example/v1#x",
            "https://api.acme.example/v1/${OPENAI_API_KEY}",
            "https://api.acme.example/v1/${ACME_API_KEY}",
            "https://api.acme.example/other",
            "https://api.acme.example/$X",
            "https://api.acme.example/%76%31",
            "https://api.acme.example/%2e%2e",
            "",
        ] {
            assert!(!acme.allows_url(url), "{url}");
        }
        assert!(acme.allows_protocol("openai-completions") && !acme.allows_protocol("anthropic-messages"));
    }

    #[test]
    fn variables_in_a_url_must_be_confirmed() {
        for url in ["https://api.acme.example/${ACME_ACCOUNT}/v1", "https://${ACME_ACCOUNT}.acme.example/v1"] {
            let acme = confirmed(url);
            assert!(acme.allows_url(url) && acme.allows_variable("ACME_ACCOUNT"), "{url}");
            for other in ["0123", "${acme_account}", "${OTHER_ACCOUNT}", "${GITHUB_TOKEN}", "${ACME_ACCOUNT}${GITHUB_TOKEN}", ""] {
                let other = url.replace("${ACME_ACCOUNT}", other);
                assert!(!acme.allows_url(&other), "{other}");
            }
        }
        let with_key = "https://api.acme.example/${ACME_API_KEY}/v1";
        assert!(!confirmed(with_key).allows_url(with_key));
    }

    #[test]
    fn only_listed_variables_are_allowed() {
        let acme = confirmed("https://api.acme.example/v1");
        assert!(acme.allows_variable("ACME_API_KEY"));
        assert!(!acme.allows_variable("OPENAI_API_KEY") && !acme.allows_variable("acme_api_key") && !acme.allows_variable("OTHER"));
    }
}
