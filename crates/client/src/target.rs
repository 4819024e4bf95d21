//! Where a model is asked: its endpoint with every variable filled in, and the credential that goes there.

use crate::credential::{Credential, Places, variable};
use crate::http::{Call, Carrier, shown};
use crate::problem::{Kind, Problem};
use crate::wire::{Protocol, Request, is_spoken, protocol};
use modeldex_table::{AuthKind, Endpoint, Model, Provider};

/// An endpoint that can be asked.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The provider it belongs to.
    pub provider: Provider<'a>,
    /// The endpoint.
    pub endpoint: Endpoint<'a>,
    /// Its base URL, with every variable filled in.
    pub base_url: String,
    /// Who asks.
    pub credential: Credential<'a>,
}

/// Which of a provider's endpoints is meant; the first that fits is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice<'c> {
    /// The id of the endpoint.
    pub endpoint: Option<&'c str>,
    /// The region that it serves.
    pub region: Option<&'c str>,
}

impl Choice<'_> {
    /// The first endpoint of `model` that fits; one whose protocol is spoken here comes before one whose is not.
    ///
    /// # Errors
    /// When none fits; the problem names those there are.
    pub fn of<'a>(&self, model: Model<'a>) -> Result<Endpoint<'a>, Problem> {
        self.among(model.endpoints(), &model.reference().to_string())
    }

    /// The same among all endpoints of a provider.
    ///
    /// # Errors
    /// When none fits; the problem names those there are.
    pub fn of_provider<'a>(&self, provider: Provider<'a>) -> Result<Endpoint<'a>, Problem> {
        self.among(provider.endpoints(), provider.id())
    }

    fn among<'a>(&self, endpoints: impl Iterator<Item = Endpoint<'a>> + Clone, whose: &str) -> Result<Endpoint<'a>, Problem> {
        let fits = |endpoint: &Endpoint<'_>| {
            self.endpoint.is_none_or(|id| endpoint.id() == id) && self.region.is_none_or(|region| endpoint.region() == Some(region))
        };
        let mut fitting = endpoints.clone().filter(fits);
        let first = fitting.next();
        let spoken = first.into_iter().chain(fitting).find(|endpoint| is_spoken(endpoint.api()));
        spoken.or(first).ok_or_else(|| {
            let wanted = match (self.endpoint, self.region) {
                (Some(id), _) => format!("endpoint `{id}`"),
                (None, Some(region)) => format!("endpoint in region `{region}`"),
                (None, None) => "endpoint".to_owned(),
            };
            let there = endpoints.map(|endpoint| {
                let id = if endpoint.id().is_empty() { endpoint.base_url() } else { endpoint.id() };
                endpoint.region().map_or(format!("`{id}`"), |region| format!("`{id}` (region `{region}`)"))
            });
            let there = there.collect::<Vec<_>>().join(", ");
            let provider = whose.split('/').next().unwrap_or(whose);
            let there = if there.is_empty() {
                format!("no endpoint of `{provider}` is confirmed; `modeldex confirm {provider} --dry-run` prints what sources claim")
            } else {
                format!("it has {there}")
            };
            Problem::new(Kind::Unsupported, format!("{whose} has no {wanted}: {there}"))
        })
    }
}

impl<'a> Target<'a> {
    /// The target at `endpoint`, with the credential found in `places`.
    ///
    /// # Errors
    /// When there is no credential, when it is of a kind that is not sent from here, or when a variable of the base URL is not known.
    pub fn find(provider: Provider<'a>, endpoint: Endpoint<'a>, places: &Places<'_>) -> Result<Self, Problem> {
        let credential =
            Credential::find(provider, places).map_err(|error| Problem::new(Kind::NoKey, format!("{}: {error}", provider.id())))?;
        Self::new(provider, endpoint, credential, places)
    }

    /// The target at `endpoint` with a credential that was found before.
    ///
    /// # Errors
    /// When the credential is of a kind that is not sent from here, or a variable of the base URL is not known.
    pub fn new(provider: Provider<'a>, endpoint: Endpoint<'a>, credential: Credential<'a>, places: &Places<'_>) -> Result<Self, Problem> {
        let unsupported = |what: String| Problem::new(Kind::Unsupported, format!("{}: {what}", provider.id()));
        if !is_spoken(endpoint.api()) {
            return Err(unsupported(format!("the protocol {} is not spoken here", endpoint.api())));
        }
        if !credential.is_sendable() {
            let how = match credential.auth.map(modeldex_table::Auth::kind) {
                Some(AuthKind::Aws) => "requests are signed with AWS credentials",
                Some(AuthKind::Gcp) => "the Google Cloud credentials of this machine are asked for",
                _ => "a token from logging in is asked for",
            };
            return Err(unsupported(format!("{how}, which is not done here")));
        }
        let base_url = filled(endpoint, &credential, places)?;
        Ok(Self { provider, endpoint, base_url, credential })
    }

    /// The call that asks for an answer.
    pub(crate) fn ask(&self, request: &Request<'_>) -> Call {
        let protocol = self.protocol();
        let body = (protocol.body)(request, self.endpoint);
        self.call((protocol.url)(&self.base_url, request), Some(body.to_string().into_bytes()), request.stream)
    }

    /// The call that lists models.
    pub(crate) fn list(&self) -> Call {
        self.call((self.protocol().models_url)(&self.base_url), None, false)
    }

    pub(crate) fn protocol(&self) -> &'static Protocol {
        protocol(self.endpoint.api()).expect("a target is made for protocols that are spoken only")
    }

    /// The base URL without what may be a secret.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.base_url)
    }

    fn call(&self, url: String, body: Option<Vec<u8>>, stream: bool) -> Call {
        let own = self.protocol().headers.iter().copied();
        let headers = own.chain(self.endpoint.headers()).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = self.credential.key.as_ref().map(|key| (self.carrier(), key.secret.clone()));
        Call { url, headers: headers.collect(), key, body, stream, elsewhere: false }
    }

    /// Where the key goes: as the catalog says, else as the protocol does, and a token from logging in as a bearer's.
    fn carrier(&self) -> Carrier {
        let auth = self.credential.auth;
        let placed = auth.and_then(|auth| {
            let header = auth.header().map(|name| Carrier::header(name, auth.scheme().unwrap_or("")));
            header.or_else(|| auth.query().map(|name| Carrier::Query(name.to_owned())))
        });
        placed.unwrap_or_else(|| match auth.map(modeldex_table::Auth::kind) {
            Some(AuthKind::Oauth) => Carrier::bearer(),
            _ => self.protocol().key_header.map_or_else(Carrier::bearer, |name| Carrier::header(name, "")),
        })
    }
}

/// The base URL with its variables: from what the provider's way to authenticate names, else from the environment and the configuration.
fn filled(endpoint: Endpoint<'_>, credential: &Credential<'_>, places: &Places<'_>) -> Result<String, Problem> {
    let mut url = endpoint.base_url().to_owned();
    for name in endpoint.variables() {
        let problem = |what: &str| Problem::new(Kind::NoKey, format!("`{}` needs {name}: {what}", endpoint.base_url()));
        let outside;
        let value = match credential.value(name) {
            Some(value) => value,
            // References are followed here too: the name of a variable is not to become part of a host.
            None => {
                outside = variable(name, places).map_err(|error| problem(&error.to_string()))?.ok_or_else(|| problem("it is not set"))?;
                outside.secret.expose()
            }
        };
        let value = value.trim().trim_end_matches('/');
        // A host may come as a whole address where a host alone is asked for.
        let value = if url.contains(&format!("://${{{name}}}")) { value.split_once("://").map_or(value, |(_, host)| host) } else { value };
        let legal = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/".contains(letter);
        if value.is_empty() || !value.chars().all(legal) {
            return Err(Problem::new(Kind::NoKey, format!("{name} holds something that cannot be part of `{}`", endpoint.base_url())));
        }
        url = url.replace(&format!("${{{name}}}"), value);
    }
    Ok(url)
}
