//! Endpoint selection, and endpoints with their base URL and credential resolved.

use crate::credential::{Credential, CredentialLookup, resolve_variable};
use crate::error::{ClientError, ErrorKind};
use crate::http::{HttpRequest, KeyPlacement, redact_url};
use crate::wire::{GenerateRequest, Protocol, is_supported, protocol};
use modeldex_table::{AuthKind, Endpoint, Model, Provider};

/// Endpoint with its base URL and credential resolved, ready for requests.
#[derive(Clone, Debug)]
pub struct ResolvedEndpoint<'a> {
    /// Provider of the endpoint.
    pub provider: Provider<'a>,
    /// Endpoint in the catalog.
    pub endpoint: Endpoint<'a>,
    /// Base URL with every variable filled in.
    pub base_url: String,
    /// Credential for the endpoint.
    pub credential: Credential<'a>,
}

/// Criteria for selecting one of several endpoints. The default selects the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointSelector<'c> {
    /// Endpoint id.
    pub endpoint: Option<&'c str>,
    /// Region of the endpoint.
    pub region: Option<&'c str>,
}

impl EndpointSelector<'_> {
    /// Returns the first matching endpoint of `model`; endpoints with a [supported](is_supported) protocol come first.
    ///
    /// # Errors
    /// If no endpoint matches; the message lists the endpoints of the model.
    pub fn for_model<'a>(&self, model: Model<'a>) -> Result<Endpoint<'a>, ClientError> {
        self.select(model.endpoints(), &model.reference().to_string())
    }

    /// Returns the first matching endpoint of `provider`; endpoints with a [supported](is_supported) protocol come first.
    ///
    /// # Errors
    /// If no endpoint matches; the message lists the endpoints of the provider.
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
            let requested = match (self.endpoint, self.region) {
                (Some(id), _) => format!("endpoint `{id}`"),
                (None, Some(region)) => format!("endpoint in region `{region}`"),
                (None, None) => "endpoint".to_owned(),
            };
            let known = endpoints.map(|endpoint| {
                let id = if endpoint.id().is_empty() { endpoint.base_url() } else { endpoint.id() };
                endpoint.region().map_or(format!("`{id}`"), |region| format!("`{id}` (region `{region}`)"))
            });
            let known = known.collect::<Vec<_>>().join(", ");
            let provider = owner.split('/').next().unwrap_or(owner);
            let help = if known.is_empty() {
                format!("no endpoint of `{provider}` is confirmed; `modeldex confirm {provider} --dry-run` prints what sources claim")
            } else {
                format!("known endpoints: {known}")
            };
            ClientError::new(ErrorKind::Unsupported, format!("`{owner}` has no {requested}: {help}"))
        })
    }
}

impl<'a> ResolvedEndpoint<'a> {
    /// Resolves `endpoint` with the provider's credential from `lookup`.
    ///
    /// # Errors
    /// If the credential is missing, its kind or the protocol is unsupported, or a variable of the base URL is not set.
    pub fn resolve(provider: Provider<'a>, endpoint: Endpoint<'a>, lookup: &CredentialLookup<'_>) -> Result<Self, ClientError> {
        let credential = Credential::resolve(provider, lookup)
            .map_err(|error| ClientError::new(ErrorKind::NoKey, format!("{}: {error}", provider.id())))?;
        Self::new(provider, endpoint, credential, lookup)
    }

    /// Resolves `endpoint` with a credential that is already resolved.
    ///
    /// # Errors
    /// If the kind of the credential or the protocol is unsupported, or a variable of the base URL is not set.
    pub fn new(
        provider: Provider<'a>,
        endpoint: Endpoint<'a>,
        credential: Credential<'a>,
        lookup: &CredentialLookup<'_>,
    ) -> Result<Self, ClientError> {
        let unsupported = |message: String| ClientError::new(ErrorKind::Unsupported, format!("{}: {message}", provider.id()));
        if !is_supported(endpoint.api()) {
            return Err(unsupported(format!("the protocol {} is not supported", endpoint.api())));
        }
        if !credential.is_sendable() {
            let method = match credential.auth.map(modeldex_table::Auth::kind) {
                Some(AuthKind::Aws) => "signing requests with AWS credentials",
                Some(AuthKind::Gcp) => "Google Cloud credentials",
                _ => "OAuth login",
            };
            return Err(unsupported(format!("the provider requires {method}, which is not supported")));
        }
        let base_url = resolve_base_url(endpoint, &credential, lookup)?;
        Ok(Self { provider, endpoint, base_url, credential })
    }

    /// Returns the HTTP request for a response of a model.
    pub(crate) fn generate_request(&self, request: &GenerateRequest<'_>) -> HttpRequest {
        let protocol = self.protocol();
        let body = (protocol.request_body)(request, self.endpoint);
        self.http_request((protocol.generate_url)(&self.base_url, request), Some(body.to_string().into_bytes()), request.stream)
    }

    /// Returns the HTTP request for the list of models.
    pub(crate) fn list_request(&self) -> HttpRequest {
        self.http_request((self.protocol().models_url)(&self.base_url), None, false)
    }

    pub(crate) fn protocol(&self) -> &'static Protocol {
        protocol(self.endpoint.api()).expect("`new` rejects unsupported protocols")
    }

    /// Returns the base URL without parts that may be secret.
    #[must_use]
    pub fn redacted_base_url(&self) -> String {
        redact_url(&self.base_url)
    }

    fn http_request(&self, url: String, body: Option<Vec<u8>>, stream: bool) -> HttpRequest {
        let protocol_headers = self.protocol().headers.iter().copied();
        let headers = protocol_headers.chain(self.endpoint.headers()).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = self.credential.key.as_ref().map(|key| (self.key_placement(), key.secret.clone()));
        HttpRequest { url, headers: headers.collect(), key, body, stream, follow_cross_origin_redirects: false }
    }

    /// Returns the place of the key in requests: the one that the catalog states, else the one that the protocol requires. OAuth tokens are sent
    /// as bearer tokens.
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

/// Fills in the variables of a base URL: from the variables of the authentication method, else from the environment and the configuration.
fn resolve_base_url(endpoint: Endpoint<'_>, credential: &Credential<'_>, lookup: &CredentialLookup<'_>) -> Result<String, ClientError> {
    let mut url = endpoint.base_url().to_owned();
    for name in endpoint.variables() {
        let error = |message: &str| ClientError::new(ErrorKind::NoKey, format!("`{}` needs {name}: {message}", endpoint.base_url()));
        let resolved;
        let value = match credential.variable_value(name) {
            Some(value) => value,
            // References are followed here too, so that the name of a variable never becomes part of a host.
            None => {
                resolved =
                    resolve_variable(name, lookup).map_err(|cause| error(&cause.to_string()))?.ok_or_else(|| error("it is not set"))?;
                resolved.secret.expose()
            }
        };
        let value = value.trim().trim_end_matches('/');
        // The value may be a URL where the base URL needs a host only.
        let value = if url.contains(&format!("://${{{name}}}")) { value.split_once("://").map_or(value, |(_, host)| host) } else { value };
        let is_valid_char = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/".contains(letter);
        if value.is_empty() || !value.chars().all(is_valid_char) {
            return Err(ClientError::new(
                ErrorKind::NoKey,
                format!("the value of {name} cannot be part of the URL `{}`", endpoint.base_url()),
            ));
        }
        url = url.replace(&format!("${{{name}}}"), value);
    }
    Ok(url)
}
