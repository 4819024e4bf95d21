//! Endpoint selection, and [`ResolvedEndpoint`]: an endpoint with its credential and a base URL without variables.

use crate::credential::{Credential, CredentialError, CredentialLookup, resolve_variable};
use crate::error::{ClientError, ErrorKind};
use crate::http::{HttpRequest, KeyPlacement, redact_url};
use crate::wire::{GenerateRequest, Protocol, is_supported, protocol};
use modeldex_table::{AuthKind, Endpoint, Model, Provider};

/// Endpoint to which requests can be sent: its credential is known, and the variables of its base URL are replaced by their values.
#[derive(Clone, Debug)]
pub struct ResolvedEndpoint<'a> {
    /// Provider of the endpoint.
    pub provider: Provider<'a>,
    /// Endpoint in the catalog.
    pub endpoint: Endpoint<'a>,
    /// Base URL with each variable replaced by its value.
    pub base_url: String,
    /// Credential that authenticates the requests.
    pub credential: Credential<'a>,
}

/// Criteria for selecting one of several endpoints. Without criteria, every endpoint matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointSelector<'c> {
    /// Id of the endpoint; `None` for any id.
    pub endpoint: Option<&'c str>,
    /// Region of the endpoint; `None` for any region.
    pub region: Option<&'c str>,
}

impl EndpointSelector<'_> {
    /// Returns the first endpoint of `model` that matches the criteria and has a [supported](is_supported) wire protocol. If no matching endpoint has
    /// a supported protocol, returns the first matching endpoint.
    ///
    /// # Errors
    /// Fails if no endpoint matches. The message lists the endpoints of the model.
    pub fn for_model<'a>(&self, model: Model<'a>) -> Result<Endpoint<'a>, ClientError> {
        self.select(model.endpoints(), &model.reference().to_string())
    }

    /// Returns the first endpoint of `provider` that matches the criteria and has a [supported](is_supported) wire protocol. If no matching endpoint
    /// has a supported protocol, returns the first matching endpoint.
    ///
    /// # Errors
    /// Fails if no endpoint matches. The message lists the endpoints of the provider.
    pub fn for_provider<'a>(&self, provider: Provider<'a>) -> Result<Endpoint<'a>, ClientError> {
        self.select(provider.endpoints(), provider.id())
    }

    fn select<'a>(&self, endpoints: impl Iterator<Item = Endpoint<'a>> + Clone, owner: &str) -> Result<Endpoint<'a>, ClientError> {
        let is_match = |endpoint: &Endpoint<'_>| {
            self.endpoint.is_none_or(|id| endpoint.id() == id) && self.region.is_none_or(|region| endpoint.region() == Some(region))
        };
        let mut matching = endpoints.clone().filter(is_match);
        let first = matching.next();
        let supported = first.into_iter().chain(matching).find(|endpoint| is_supported(endpoint.api()));
        supported.or(first).ok_or_else(|| {
            let problem = match (self.endpoint, self.region) {
                (Some(id), _) => format!("`{owner}` has no endpoint with the id `{id}`"),
                (None, Some(region)) => format!("`{owner}` has no endpoint in the region `{region}`"),
                (None, None) => format!("`{owner}` has no endpoint"),
            };
            let known = endpoints.map(|endpoint| {
                let id = if endpoint.id().is_empty() { endpoint.base_url() } else { endpoint.id() };
                endpoint.region().map_or(format!("`{id}`"), |region| format!("`{id}` (in the region `{region}`)"))
            });
            let known = known.collect::<Vec<_>>().join(", ");
            let provider = owner.split('/').next().unwrap_or(owner);
            let help = if known.is_empty() {
                format!(
                    "the catalog has no confirmed endpoint for this provider; run `modeldex confirm {provider} --dry-run` to list the endpoints \
                     that sources claim"
                )
            } else {
                format!("the catalog has these endpoints: {known}")
            };
            ClientError::new(ErrorKind::Unsupported, format!("{problem}; {help}"))
        })
    }
}

impl<'a> ResolvedEndpoint<'a> {
    /// Finds the credential of `provider` with `lookup`, and resolves `endpoint` with this credential.
    ///
    /// # Errors
    /// Fails if no credential is found, if the authentication method or the wire protocol is not supported, or if a variable of the base URL is not
    /// set.
    pub fn resolve(provider: Provider<'a>, endpoint: Endpoint<'a>, lookup: &CredentialLookup<'_>) -> Result<Self, ClientError> {
        let credential = Credential::resolve(provider, lookup)
            .map_err(|error| ClientError::new(ErrorKind::NoKey, format!("{provider}: {error}", provider = provider.id())))?;
        Self::new(provider, endpoint, credential, lookup)
    }

    /// Resolves `endpoint` with `credential`. The values of the variables in the base URL come from `credential`. Variables without a value in
    /// `credential` are looked up with `lookup`.
    ///
    /// # Errors
    /// Fails if the authentication method or the wire protocol is not supported, or if a variable of the base URL is not set.
    pub fn new(
        provider: Provider<'a>,
        endpoint: Endpoint<'a>,
        credential: Credential<'a>,
        lookup: &CredentialLookup<'_>,
    ) -> Result<Self, ClientError> {
        let unsupported =
            |message: String| ClientError::new(ErrorKind::Unsupported, format!("{provider}: {message}", provider = provider.id()));
        if !is_supported(endpoint.api()) {
            return Err(unsupported(format!("modeldex does not support the endpoint's wire protocol `{api}`", api = endpoint.api())));
        }
        if !credential.is_sendable() {
            let message = match credential.auth.map(modeldex_table::Auth::kind) {
                Some(AuthKind::Aws) => "the provider requires requests signed with AWS credentials, which modeldex does not support",
                Some(AuthKind::Gcp) => "the provider requires Google Cloud credentials, which modeldex does not support",
                _ => "the provider requires an OAuth login, which modeldex does not support",
            };
            return Err(unsupported(message.to_owned()));
        }
        let base_url = resolve_base_url(endpoint, &credential, lookup)?;
        Ok(Self { provider, endpoint, base_url, credential })
    }

    /// Returns the HTTP request that asks a model for a response.
    pub(crate) fn generate_request(&self, request: &GenerateRequest<'_>) -> HttpRequest {
        let protocol = self.protocol();
        let body = (protocol.request_body)(request, self.endpoint);
        self.http_request((protocol.generate_url)(&self.base_url, request), Some(body.to_string().into_bytes()), request.stream)
    }

    /// Returns the HTTP request for the endpoint's list of models.
    pub(crate) fn list_request(&self) -> HttpRequest {
        self.http_request((self.protocol().models_url)(&self.base_url), None, false)
    }

    pub(crate) fn protocol(&self) -> &'static Protocol {
        protocol(self.endpoint.api()).expect("`new` rejects unsupported protocols")
    }

    /// Returns the base URL without the parts that may contain a secret; see [`redact_url`].
    #[must_use]
    pub fn redacted_base_url(&self) -> String {
        redact_url(&self.base_url)
    }

    fn http_request(&self, url: String, body: Option<Vec<u8>>, stream: bool) -> HttpRequest {
        let protocol_headers = self.protocol().headers.iter().copied();
        let headers = protocol_headers.chain(self.endpoint.headers()).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = self.credential.key.as_ref().map(|key| (self.key_placement(), key.secret.clone()));
        HttpRequest { url, headers: headers.collect(), key, body, stream, follow_https_upgrade: false }
    }

    /// Returns the place of the key in requests: the place that the catalog states, else the usual place in the wire protocol. OAuth tokens are
    /// sent as bearer tokens.
    fn key_placement(&self) -> KeyPlacement {
        let auth = self.credential.auth;
        let stated = auth.and_then(|auth| {
            let header = auth.header().map(|name| KeyPlacement::header(name, auth.scheme().unwrap_or("")));
            header.or_else(|| auth.query().map(|name| KeyPlacement::Query(name.to_owned())))
        });
        stated.unwrap_or_else(|| match auth.map(modeldex_table::Auth::kind) {
            Some(AuthKind::Oauth) => KeyPlacement::bearer(),
            _ => self.protocol().key_header.map_or_else(KeyPlacement::bearer, |name| KeyPlacement::header(name, "")),
        })
    }
}

/// Replaces the variables of a base URL by their values. The values come from the credential, else from the environment or the configuration.
fn resolve_base_url(endpoint: Endpoint<'_>, credential: &Credential<'_>, lookup: &CredentialLookup<'_>) -> Result<String, ClientError> {
    let base_url = endpoint.base_url();
    let mut url = base_url.to_owned();
    for name in endpoint.variables() {
        let error = |message: String| ClientError::new(ErrorKind::NoKey, message);
        let invalid =
            |cause: CredentialError| format!("the base URL `{base_url}` contains the variable {name}, whose value is invalid: {cause}");
        let unset = || format!("the base URL `{base_url}` contains the variable {name}, which is not set");
        let resolved;
        let value = match credential.variable_value(name) {
            Some(value) => value,
            // References are followed here too, so that the name of a variable never becomes part of a host.
            None => {
                let key = resolve_variable(name, lookup).map_err(|cause| error(invalid(cause)))?;
                resolved = key.ok_or_else(|| error(unset()))?;
                resolved.secret.expose()
            }
        };
        let value = value.trim().trim_end_matches('/');
        // Users set some variables to a URL although the base URL needs only its host.
        let value = if url.contains(&format!("://${{{name}}}")) { value.split_once("://").map_or(value, |(_, host)| host) } else { value };
        if !is_valid_value(base_url, name, value) {
            return Err(error(format!(
                "the base URL `{base_url}` contains the variable {name}, whose value is empty or has a character that is not allowed in this part of \
                 a base URL"
            )));
        }
        url = url.replace(&format!("${{{name}}}"), value);
    }
    Ok(url)
}

/// Returns whether the value of the variable `name` stays in its place wherever the base URL has the variable. The key is sent to the host, so the
/// value of a variable must not be able to end the host: a value `evil.example:443` would replace the rest of `${NAME}.acme.example`.
fn is_valid_value(base_url: &str, name: &str, value: &str) -> bool {
    let has_only = |more: &str| value.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter));
    let variable = format!("${{{name}}}");
    let start = base_url.find("://").map(|at| at + 3);
    let end = start.map_or(0, |start| base_url[start..].find('/').map_or(base_url.len(), |end| start + end));
    !value.is_empty()
        && base_url.match_indices(&variable).all(|(at, _)| {
            let Some(before) = start.filter(|_| at < end).and_then(|start| base_url.get(start..at)) else { return has_only("-._~:/") };
            let is_port = |port: &str| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
            match (before, at + variable.len() == end) {
                // The whole host may have a port.
                ("", true) => has_only("-._:") && value.split_once(':').is_none_or(|(host, port)| !host.is_empty() && is_port(port)),
                (before, _) if before.contains(':') => is_port(value),
                _ => has_only("-._"),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::is_valid_value;

    #[test]
    fn the_value_of_a_variable_stays_in_its_part_of_the_url() {
        for (base_url, value, expected) in [
            ("https://${A_HOST}/v1", "api.acme.example", true),
            ("https://${A_HOST}", "127.0.0.1:8080", true),
            ("https://${A_HOST}/v1", "api.acme.example:", false),
            ("https://${A_HOST}/v1", ":443", false),
            ("https://${A_HOST}/v1", "a:b:443", false),
            ("https://${A_HOST}/v1", "api.acme.example/x", false),
            ("https://${A_HOST}/v1", "", false),
            ("https://${A_HOST}:444/v1", "api.acme.example", true),
            ("https://${A_HOST}:444/v1", "evil.example:443", false),
            ("https://${A_HOST}.acme.example/v1", "xy-12.us-east-1", true),
            ("https://${A_HOST}.acme.example/v1", "my_org", true),
            ("https://${A_HOST}-acme.example/${A_HOST}", "eu-1", true),
            ("https://acme.example:${A_HOST}/v1", "443", true),
            ("https://acme.example:${A_HOST}/v1", "x", false),
            ("https://acme.example/${A_HOST}/v1", "a/b:c", true),
            ("https://acme.example/${A_HOST}/v1", "a?b", false),
            ("https://${A_HOST}.acme.example/${A_HOST}/v1", "a/b", false),
        ] {
            assert_eq!(is_valid_value(base_url, "A_HOST", value), expected, "{base_url} {value}");
        }
        for part in ["evil.example:443", "evil.example/", "a@b", "a?", "a#", "a\\", "%2f", "a b", "a\tb"] {
            for base_url in ["https://${A_HOST}.acme.example/v1", "https://api.${A_HOST}.acme.example", "https://api.${A_HOST}/v1"] {
                assert!(!is_valid_value(base_url, "A_HOST", part), "{base_url} {part}");
            }
        }
    }
}
