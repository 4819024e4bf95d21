//! Probes: check whether an endpoint has the catalog's base URL, accepts the key and offers the model.
//!
//! Lists of models are unreliable in both directions: a listed model may not respond, and a model that responds may not be listed. The result of
//! a call therefore overrides the list, and each verdict states its basis.

use crate::credential::{Credential, CredentialLookup};
use crate::endpoint::ResolvedEndpoint;
use crate::error::{ClientError, ErrorKind};
use crate::generate::Client;
use crate::wire::{GenerateRequest, Message, Role};
use modeldex_table::nearest::{Nearest, distance};
use modeldex_table::{Endpoint, Model, ModelKind, Provider};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Probe of one endpoint.
#[derive(Clone, Debug)]
pub struct ProbeRequest<'a> {
    /// Provider.
    pub provider: Provider<'a>,
    /// Endpoint.
    pub endpoint: Endpoint<'a>,
    /// Models to check; empty to check the endpoint itself.
    pub models: Vec<Model<'a>>,
    /// Whether to make a minimal call to each model, or to the provider's default model if `models` is empty.
    pub live: bool,
    /// Error from selecting the endpoint. If set, it becomes the verdict and no request is sent.
    pub selection_error: Option<ClientError>,
}

/// Result of a probe.
#[derive(Clone, Debug)]
pub struct ProbeReport<'a> {
    /// One result per model, or one for the endpoint itself.
    pub results: Vec<ProbeResult<'a>>,
    /// Ids that the server lists; `None` if it returned no list.
    pub listed_ids: Option<Vec<String>>,
    /// Listed ids that the catalog lacks.
    pub new_ids: Vec<String>,
    /// Models in the catalog that the server does not list, except retired models.
    pub unlisted_models: Vec<Model<'a>>,
}

/// Verdict on one model, or on an endpoint.
#[derive(Clone, Debug)]
pub struct ProbeResult<'a> {
    /// Provider.
    pub provider: Provider<'a>,
    /// Endpoint.
    pub endpoint: Endpoint<'a>,
    /// Model; `None` for the endpoint itself.
    pub model: Option<Model<'a>>,
    /// `Ok` if the catalog is correct, else the error.
    pub verdict: Result<(), ClientError>,
    /// Basis of the verdict.
    pub basis: VerdictBasis,
    /// Additional information, such as the most similar ids.
    pub hint: Option<String>,
    /// Time that the requests took.
    pub duration: Duration,
}

/// Basis of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictBasis {
    /// The server's list of models.
    List,
    /// A call to the model.
    Call,
}

/// Messages of the minimal call.
const PROBE_MESSAGES: &[Message<'static>] = &[Message { role: Role::User, text: "Hi" }];
/// Output token limit of the minimal call: the smallest value that every protocol accepts.
const PROBE_MAX_TOKENS: u32 = 16;

impl VerdictBasis {
    /// `list` or `call`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Call => "call",
        }
    }
}

impl ProbeResult<'_> {
    /// `ok`, or the [code](ErrorKind::as_str) of the error.
    #[must_use]
    pub fn verdict_code(&self) -> &'static str {
        match &self.verdict {
            Ok(_) => "ok",
            Err(error) => error.kind.as_str(),
        }
    }
}

/// Runs a probe.
///
/// Sends one request for the list of models and, with `live`, one request per model. If the key is rejected, also sends one request to each
/// other endpoint of the provider with the same protocol.
#[must_use]
pub fn probe<'a>(client: &Client, request: &ProbeRequest<'a>, lookup: &CredentialLookup<'_>) -> ProbeReport<'a> {
    let started = Instant::now();
    let ProbeRequest { provider, endpoint, .. } = *request;
    let resolved = match &request.selection_error {
        Some(error) => Err(error.clone()),
        None => ResolvedEndpoint::resolve(provider, endpoint, lookup),
    };
    let list = match &resolved {
        Ok(resolved) => client.list_models(resolved).and_then(|ids| reject_empty(ids, resolved)),
        Err(error) if error.kind == ErrorKind::NoKey => Err(probe_without_key(client, request, lookup, error)),
        Err(error) => Err(error.clone()),
    };
    let list_duration = started.elapsed();
    let listed = list.as_ref().ok().map(|ids| ids.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let default = if request.live && request.models.is_empty() { default_model(provider, endpoint, listed.as_ref()) } else { None };
    let models = if request.models.is_empty() { vec![default] } else { request.models.iter().copied().map(Some).collect() };
    // Other endpoints are tried once, not once per model.
    let mut other_endpoints_hint = None;
    let mut results = Vec::new();
    for model in models {
        let call_started = Instant::now();
        let (verdict, basis) = match (&resolved, model) {
            (Ok(resolved), Some(model)) if request.live && is_callable(model) => match conclusive_error(&list) {
                Some(error) => (Err(error.clone()), VerdictBasis::List),
                None => (call(client, resolved, model), VerdictBasis::Call),
            },
            _ => (verdict_by_list(model, &list, listed.as_ref()), VerdictBasis::List),
        };
        let hint = match (&verdict, &resolved) {
            (Err(error), Ok(resolved)) if error.kind == ErrorKind::KeyRejected => {
                other_endpoints_hint.get_or_insert_with(|| try_other_endpoints(client, resolved, lookup)).clone()
            }
            (Err(error), _) if error.kind == ErrorKind::ModelUnknown => {
                model.zip(list.as_ref().ok()).and_then(|(model, ids)| similar_ids(model, ids))
            }
            (Err(error), _) if error.kind == ErrorKind::WrongBaseUrl && error.status == Some(404) && !request.live => {
                Some("some services have no list of models: `--live` makes a call, which is conclusive".to_owned())
            }
            (Ok(()), _) if basis == VerdictBasis::List && request.live => {
                model.map(|model| format!("models of kind {} are not called", model.kind()))
            }
            (Ok(()), _) if basis == VerdictBasis::Call => match (&list, model, &listed) {
                (Err(error), _, _) => Some(format!("the server returned no list of models ({})", error.kind)),
                (Ok(_), Some(model), Some(listed)) if !is_listed(listed, model.id()) => {
                    Some("the model responds although it is not listed".to_owned())
                }
                _ => None,
            },
            _ => None,
        };
        let duration = list_duration + call_started.elapsed();
        results.push(ProbeResult { provider, endpoint, model, verdict, basis, hint, duration });
    }
    let catalog_ids = catalog_ids(provider);
    let is_in_catalog = |id: &str| catalog_ids.contains(id) || id.strip_suffix(":latest").is_some_and(|id| catalog_ids.contains(id));
    let new_ids = listed.iter().flatten().filter(|id| !is_in_catalog(id)).map(|id| (*id).to_owned()).collect();
    let unlisted_models = match &listed {
        Some(listed) => models_at(provider, endpoint).filter(|model| !is_listed(listed, model.id())).collect(),
        None => Vec::new(),
    };
    ProbeReport { results, listed_ids: list.ok(), new_ids, unlisted_models }
}

/// Fails for an empty list, which is no evidence about any model.
fn reject_empty(ids: Vec<String>, endpoint: &ResolvedEndpoint<'_>) -> Result<Vec<String>, ClientError> {
    if ids.is_empty() {
        return Err(ClientError::new(ErrorKind::BadAnswer, format!("`{}` returned an empty list of models", endpoint.redacted_base_url())));
    }
    Ok(ids)
}

/// Returns the error of a list request if a call would fail in the same way: the server is unreachable, or it rejected the key with 401. After a
/// 403 a call may still succeed, because a key may be allowed to make calls but not to list models.
fn conclusive_error(list: &Result<Vec<String>, ClientError>) -> Option<&ClientError> {
    let error = list.as_ref().err()?;
    let is_rejected = error.kind == ErrorKind::KeyRejected && error.status == Some(401);
    let is_unreachable =
        matches!(error.kind, ErrorKind::Dns | ErrorKind::Tls | ErrorKind::Unreachable | ErrorKind::Quota | ErrorKind::Cancelled);
    Some(error).filter(|_| is_rejected || is_unreachable)
}

/// Probes the base URL without a key. A rejection means that the base URL is correct and only the key is missing.
fn probe_without_key(client: &Client, request: &ProbeRequest<'_>, lookup: &CredentialLookup<'_>, missing: &ClientError) -> ClientError {
    let no_credential = Credential { auth: None, key: None, values: Vec::new() };
    let Ok(endpoint) = ResolvedEndpoint::new(request.provider, request.endpoint, no_credential, lookup) else { return missing.clone() };
    match client.list_models(&endpoint) {
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::WrongBaseUrl | ErrorKind::WrongProtocol | ErrorKind::Tls | ErrorKind::Dns | ErrorKind::Unreachable
            ) =>
        {
            error
        }
        Err(error) if error.kind == ErrorKind::Cancelled => error,
        _ => missing.clone(),
    }
}

fn verdict_by_list(
    model: Option<Model<'_>>,
    list: &Result<Vec<String>, ClientError>,
    listed: Option<&BTreeSet<&str>>,
) -> Result<(), ClientError> {
    let (Some(listed), Some(model)) = (listed, model) else {
        return list.as_ref().map(|_| ()).map_err(Clone::clone);
    };
    if is_listed(listed, model.id()) {
        return Ok(());
    }
    Err(ClientError::new(
        ErrorKind::ModelUnknown,
        format!("`{}` is not among the {} models that the server lists", model.id(), listed.len()),
    ))
}

fn call(client: &Client, endpoint: &ResolvedEndpoint<'_>, model: Model<'_>) -> Result<(), ClientError> {
    let request = GenerateRequest { model: model.id(), messages: PROBE_MESSAGES, max_tokens: Some(PROBE_MAX_TOKENS), stream: false };
    client.generate(endpoint, &request, &mut |_| {}).map(|_| ())
}

/// Tries a rejected key at the other endpoints of the same provider and protocol. Returns a hint with the first endpoint that accepts the key.
fn try_other_endpoints(client: &Client, rejected: &ResolvedEndpoint<'_>, lookup: &CredentialLookup<'_>) -> Option<String> {
    let others = rejected.provider.endpoints().filter(|other| {
        other.api() == rejected.endpoint.api() && other.base_url() != rejected.endpoint.base_url() && rejected.credential.key.is_some()
    });
    let mut also_rejected = Vec::new();
    for other in others {
        let Ok(resolved) = ResolvedEndpoint::new(rejected.provider, other, rejected.credential.clone(), lookup) else { continue };
        let url = resolved.redacted_base_url();
        let name = other.region().map_or_else(|| url.clone(), |region| format!("region `{region}` ({url})"));
        if client.list_models(&resolved).is_ok() {
            let provider = rejected.provider.id();
            let command = match (other.region(), other.id()) {
                (Some(region), _) => format!("`modeldex config set providers.{provider}.region {region}`"),
                (None, id) => format!("`modeldex config set providers.{provider}.endpoint {id}`"),
            };
            return Some(format!("{name} accepts this key: {command}"));
        }
        also_rejected.push(name);
    }
    (!also_rejected.is_empty()).then(|| format!("also rejected by {}", also_rejected.join(" and ")))
}

/// Returns a hint with the listed ids that are most similar to the model's id.
fn similar_ids(model: Model<'_>, ids: &[String]) -> Option<String> {
    let mut nearest = Nearest::<&str, 3>::new();
    for id in ids {
        nearest.insert(id, distance(model.id(), id));
    }
    let similar = nearest.into_iter().map(|(id, _)| format!("`{id}`")).collect::<Vec<_>>();
    (!similar.is_empty()).then(|| format!("similar listed ids: {}", similar.join(", ")))
}

/// Returns the model to call for a provider: its default model if listed, else the first listed model, else the first model.
fn default_model<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>, listed: Option<&BTreeSet<&str>>) -> Option<Model<'a>> {
    let is_candidate = |model: &Model<'_>| is_callable(*model) && listed.is_none_or(|listed| is_listed(listed, model.id()));
    let first = || models_at(provider, endpoint).find(is_candidate);
    let any = || models_at(provider, endpoint).find(|model| is_callable(*model));
    provider.default_model().filter(|model| is_candidate(model) && is_offered_at(endpoint, *model)).or_else(first).or_else(any)
}

/// Returns the models of the catalog at an endpoint, except retired models.
fn models_at<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>) -> impl Iterator<Item = Model<'a>> {
    provider.models().filter(move |model| model.status() != modeldex_table::Status::Retired && is_offered_at(endpoint, *model))
}

fn is_offered_at(endpoint: Endpoint<'_>, model: Model<'_>) -> bool {
    model.endpoints().any(|other| other.id() == endpoint.id() && other.base_url() == endpoint.base_url())
}

fn is_callable(model: Model<'_>) -> bool {
    model.kind() == ModelKind::Chat
}

/// Returns whether a list contains an id. Ollama lists `llama3.1:latest` and accepts `llama3.1`.
fn is_listed(listed: &BTreeSet<&str>, id: &str) -> bool {
    listed.contains(id) || listed.contains(format!("{id}:latest").as_str())
}

/// Returns the ids and aliases of the models of a provider.
fn catalog_ids(provider: Provider<'_>) -> BTreeSet<&str> {
    provider.models().flat_map(|model| std::iter::once(model.id()).chain(model.aliases().map(|alias| alias.id()))).collect()
}
