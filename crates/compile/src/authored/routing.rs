//! `routing.yaml`: confirmed endpoints and authentication of imported providers.

use super::{Auth, Endpoint, PartialDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Confirmed endpoints and authentication of imported providers. Imports do not change them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The providers, by id.
    #[serde(default)]
    #[cfg_attr(feature = "schemars", schemars(extend("propertyNames" = super::field_schema::provider_id())))]
    pub providers: BTreeMap<String, Confirmed>,
}

/// The confirmed routing of one provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = r"^https?://")))]
    pub source: Option<String>,
    /// Date on which it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<PartialDate>,
    /// Its endpoints; the first is the default. Of a single endpoint the path and protocol may follow the sources; scheme, host and port do not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(length(max = 32)))]
    pub endpoints: Vec<Endpoint>,
    /// Authentication methods, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<Auth>,
    /// Claimed base URLs and variables that are not used, whatever is confirmed, and not reported again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
}

impl Routing {
    /// Reads the text of `routing.yaml` by its types alone.
    ///
    /// # Errors
    /// The first fault, with its line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }
}

impl Confirmed {
    /// Whether neither an endpoint nor an authentication method is confirmed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.auth.is_empty()
    }

    /// Whether requests may go to `base_url`: it is an endpoint here, or differs from one in its path alone. Where one has a variable in
    /// its path, which names the account, no other path is: it may be another account's. A URL with a key in it is never allowed.
    #[must_use]
    pub fn allows_url(&self, base_url: &str) -> bool {
        let wanted = origin(base_url);
        let is_known = |endpoint: &Endpoint| {
            let is_path_free = !has_variable_in_path(base_url) && !has_variable_in_path(&endpoint.base_url);
            endpoint.base_url == base_url || is_path_free && wanted.is_some() && origin(&endpoint.base_url) == wanted
        };
        is_plain(base_url)
            && !self.rejects(base_url)
            && !variables_in(base_url).any(|name| self.auth.iter().any(|auth| auth.env.iter().any(|key| key == name)))
            && self.endpoints.iter().any(is_known)
    }

    /// Whether the environment variable `name` may be read and sent.
    #[must_use]
    pub fn allows_variable(&self, name: &str) -> bool {
        !self.rejects(name) && self.variables().any(|known| known == name)
    }

    /// Whether a claimed base URL or variable is rejected, in whatever spelling of its host or slashes.
    #[must_use]
    pub fn rejects(&self, value: &str) -> bool {
        let (plain, wanted) = (value.trim_end_matches('/'), normal(value));
        self.rejected.iter().any(|rejected| rejected.trim_end_matches('/') == plain || wanted.is_some() && normal(rejected) == wanted)
    }

    /// The variables that are confirmed, those in base URLs among them.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let named = self.auth.iter().flat_map(|auth| auth.env.iter().chain(auth.variables.iter().flat_map(|variable| &variable.env)));
        named.map(String::as_str).chain(self.endpoints.iter().flat_map(|endpoint| variables_in(&endpoint.base_url)))
    }
}

/// Whether URL parsers agree on a base URL: no letter beyond ASCII, escape, quote, backslash or lone `$`.
#[must_use]
pub fn is_plain(base_url: &str) -> bool {
    base_url.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._~:/[]!$&()*+,;={}".contains(letter))
        && base_url.split('$').skip(1).all(|rest| rest.starts_with('{'))
}

/// The names of the variables in a base URL, which are written `${NAME}`.
pub fn variables_in(base_url: &str) -> impl Iterator<Item = &str> {
    base_url.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// The origin and the segments of a base URL.
fn normal(base_url: &str) -> Option<(String, Vec<&str>)> {
    let (_, rest) = base_url.split_once("://")?;
    Some((origin(base_url)?, rest.split('/').skip(1).filter(|segment| !segment.is_empty() && *segment != ".").collect()))
}

fn has_variable_in_path(base_url: &str) -> bool {
    let path = base_url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(_, path)| variables_in(path).next().is_some())
}

/// The normalized scheme, host and port of a base URL; `None` where it is not an absolute HTTP URL.
///
/// User info, backslashes, spaces and letters beyond ASCII are refused: they hide the host from a reader.
///
/// ```
/// # use modeldex_compile::authored::routing::origin;
/// assert_eq!(origin("HTTPS://Api.Acme.example:443/v1"), origin("https://api.acme.example/v2"));
/// assert_ne!(origin("https://api.acme.example.evil.example/v1"), origin("https://api.acme.example/v1"));
/// assert_eq!(origin("https://api.acme.example@evil.example/v1"), None);
/// ```
#[must_use]
pub fn origin(base_url: &str) -> Option<String> {
    let (scheme, rest) = base_url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    // A variable's name stays as it is; everything else of a host is the same in capitals.
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]${}".contains(letter);
    if authority.is_empty() || !authority.chars().all(is_plain) {
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

    fn confirmed(base_url: &str) -> Confirmed {
        let text = format!(
            "providers:\n  acme:\n    endpoints: [{{base_url: '{base_url}', api: openai-completions}}]\n    auth: [{{kind: api-key, env: [ACME_API_KEY]}}]\n    rejected: ['https://api.acme.example/other', OTHER]\n"
        );
        Routing::parse(&text).unwrap().providers.remove("acme").unwrap()
    }

    #[test]
    fn a_path_may_change_and_a_host_may_not() {
        let acme = confirmed("https://api.acme.example/v1");
        for url in ["https://api.acme.example/v1", "https://api.acme.example/v2", "https://API.acme.example:443/v2"] {
            assert!(acme.allows_url(url), "{url}");
        }
        for url in [
            "http://api.acme.example/v1",
            "https://api.acme.example:8443/v1",
            "https://api.acme.example.evil.example/v1",
            "https://evil.example/https://api.acme.example/v1",
            "https://api.acme.example@evil.example/v1",
            "https://evil.example\\@api.acme.example/v1",
            "https://аpi.acme.example/v1",
            "https://api.acme.example/v1/${OPENAI_API_KEY}",
            "https://api.acme.example/v1/${ACME_API_KEY}",
            "https://api.acme.example/other",
            "https://api.acme.example/$X",
            "https://api.acme.example/%2e%2e",
            "",
        ] {
            assert!(!acme.allows_url(url), "{url}");
        }
    }

    #[test]
    fn no_path_leads_out_of_an_account() {
        let url = "https://api.acme.example/${ACME_ACCOUNT}/v1";
        let acme = confirmed(url);
        assert!(acme.allows_url(url) && acme.allows_variable("ACME_ACCOUNT"));
        for other in ["https://api.acme.example/0123/v1", "https://api.acme.example/0123/${ACME_ACCOUNT}/v1", "https://api.acme.example/v1"]
        {
            assert!(!acme.allows_url(other), "{other}");
        }
        let host = "https://${ACME_ACCOUNT}.acme.example/v1";
        assert!(confirmed(host).allows_url("https://${ACME_ACCOUNT}.acme.example/v2"));
        assert!(!confirmed(host).allows_url("https://0123.acme.example/v1"));
        let with_key = "https://api.acme.example/${ACME_API_KEY}/v1";
        assert!(!confirmed(with_key).allows_url(with_key));
    }

    #[test]
    fn variables_are_those_that_are_named() {
        let acme = confirmed("https://api.acme.example/v1");
        assert!(acme.allows_variable("ACME_API_KEY"));
        assert!(!acme.allows_variable("OPENAI_API_KEY") && !acme.allows_variable("acme_api_key") && !acme.allows_variable("OTHER"));
    }
}
