//! Probes, which check whether the base URL of an endpoint is correct, and whether the endpoint accepts the key and offers the models.
//!
//! A server's list of models is unreliable: a listed model may not respond, and a model that responds may not be listed. Therefore the result of
//! a call takes precedence over the list, and each verdict states whether it is based on the list or on a call.

use crate::credential::{Credential, CredentialLookup};
use crate::endpoint::ResolvedEndpoint;
use crate::error::{ClientError, ErrorKind};
use crate::generate::Client;
use crate::wire::{GenerateRequest, Message, Role};
use modeldex_table::nearest::{Nearest, distance};
use modeldex_table::{Endpoint, Model, ModelKind, Provider};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Request for a probe of one endpoint.
#[derive(Clone, Debug)]
pub struct ProbeRequest<'a> {
    /// Provider of the endpoint.
    pub provider: Provider<'a>,
    /// Endpoint to check.
    pub endpoint: Endpoint<'a>,
    /// Models to check at the endpoint; empty to check only the endpoint.
    pub models: Vec<Model<'a>>,
    /// Whether to make a short call to each model. If `models` is empty, the provider's default model is called.
    pub live: bool,
    /// Error from the selection of the endpoint. If there is such an error, this error is the verdict, and no request is sent.
    pub selection_error: Option<ClientError>,
}

/// Results of a probe of one endpoint.
#[derive(Clone, Debug)]
pub struct ProbeReport<'a> {
    /// One result for each checked model. If no models were requested, one result for the endpoint.
    pub results: Vec<ProbeResult<'a>>,
    /// Model ids in the server's list of models; `None` if the server returned no list.
    pub listed_ids: Option<Vec<String>>,
    /// Model ids that the server lists, but that the catalog does not have for the provider.
    pub new_ids: Vec<String>,
    /// Models that the endpoint offers according to the catalog, but that are missing from the server's list. Retired models are not included.
    pub unlisted_models: Vec<Model<'a>>,
}

/// Verdict of a probe for one model, or for the endpoint.
#[derive(Clone, Debug)]
pub struct ProbeResult<'a> {
    /// Provider of the endpoint.
    pub provider: Provider<'a>,
    /// Endpoint that was checked.
    pub endpoint: Endpoint<'a>,
    /// Model that was checked; `None` if only the endpoint was checked.
    pub model: Option<Model<'a>>,
    /// `Ok` if the endpoint works as the catalog states; otherwise the error that the probe found.
    pub verdict: Result<(), ClientError>,
    /// Whether the verdict is based on the server's list of models or on a call.
    pub basis: VerdictBasis,
    /// Additional information for the user, such as the most similar ids in the server's list.
    pub hint: Option<String>,
    /// Total time of the requests that the verdict is based on.
    pub duration: Duration,
}

/// The kind of request on which the verdict of a probe is based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictBasis {
    /// The request for the server's list of models.
    List,
    /// A call to the model.
    Call,
}

/// Messages of the call to a model.
const PROBE_MESSAGES: &[Message<'static>] = &[Message { role: Role::User, text: "Hi" }];
/// Output token limit of the call to a model: the smallest limit that every wire protocol accepts.
const PROBE_MAX_TOKENS: u32 = 16;

impl VerdictBasis {
    /// Returns `list` or `call`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Call => "call",
        }
    }
}

impl ProbeResult<'_> {
    /// Returns `ok`, or the [code](ErrorKind::as_str) of the verdict's error.
    #[must_use]
    pub fn verdict_code(&self) -> &'static str {
        match &self.verdict {
            Ok(_) => "ok",
            Err(error) => error.kind.as_str(),
        }
    }
}

/// Runs a probe of one endpoint.
///
/// The probe requests the list of models. If [`ProbeRequest::live`] is true, the probe also calls each model. If the server rejects the key, the
/// probe also requests the list from the provider's other endpoints with the same wire protocol.
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
                Some("some servers have no list of models, so the base URL may still be correct: use `--live` to call a model".to_owned())
            }
            (Ok(()), _) if basis == VerdictBasis::List && request.live => model.map(|model| {
                format!(
                    "the model was not called: `--live` calls only chat models, but the kind of this model is `{kind}`",
                    kind = model.kind()
                )
            }),
            (Ok(()), _) if basis == VerdictBasis::Call => match (&list, model, &listed) {
                (Err(error), _, _) => Some(format!("the server returned no list of models (error `{code}`)", code = error.kind)),
                (Ok(_), Some(model), Some(listed)) if !is_listed(listed, model.id()) => {
                    Some("the model responds, but is not in the server's list of models".to_owned())
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

/// Returns an error if the list is empty: an empty list does not mean that the server offers no models.
fn reject_empty(ids: Vec<String>, endpoint: &ResolvedEndpoint<'_>) -> Result<Vec<String>, ClientError> {
    if ids.is_empty() {
        let base_url = endpoint.redacted_base_url();
        return Err(ClientError::new(ErrorKind::BadAnswer, format!("`{base_url}` returned an empty list of models")));
    }
    Ok(ids)
}

/// Returns the error of the request for the list of models if a call to a model would fail with the same error: the server cannot be reached, or
/// it rejected the key with status 401. After status 403 a call may succeed, because some keys may call models but not list them.
fn conclusive_error(list: &Result<Vec<String>, ClientError>) -> Option<&ClientError> {
    let error = list.as_ref().err()?;
    let is_rejected = error.kind == ErrorKind::KeyRejected && error.status == Some(401);
    let is_unreachable =
        matches!(error.kind, ErrorKind::Dns | ErrorKind::Tls | ErrorKind::Unreachable | ErrorKind::Quota | ErrorKind::Cancelled);
    Some(error).filter(|_| is_rejected || is_unreachable)
}

/// Probes the base URL without a key, and returns the error of the probe if the base URL is wrong or cannot be reached. In all other cases, such
/// as a rejected request, the only problem is the missing key, and `missing` is returned.
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
    let (model, count) = (model.id(), listed.len());
    Err(ClientError::new(ErrorKind::ModelUnknown, format!("`{model}` is not among the {count} models that the server lists")))
}

fn call(client: &Client, endpoint: &ResolvedEndpoint<'_>, model: Model<'_>) -> Result<(), ClientError> {
    let request = GenerateRequest { model: model.id(), messages: PROBE_MESSAGES, max_tokens: Some(PROBE_MAX_TOKENS), stream: false };
    client.generate(endpoint, &request, &mut |_| {}).map(|_| ())
}

/// Tries a key that one endpoint rejected at the provider's other endpoints with the same wire protocol. Returns a hint that names the first endpoint
/// that accepts the key, or all that do not. Returns `None` if there is no other endpoint.
fn try_other_endpoints(client: &Client, rejected: &ResolvedEndpoint<'_>, lookup: &CredentialLookup<'_>) -> Option<String> {
    let others = rejected.provider.endpoints().filter(|other| {
        other.api() == rejected.endpoint.api() && other.base_url() != rejected.endpoint.base_url() && rejected.credential.key.is_some()
    });
    let mut also_rejected = Vec::new();
    for other in others {
        let Ok(resolved) = ResolvedEndpoint::new(rejected.provider, other, rejected.credential.clone(), lookup) else { continue };
        let url = resolved.redacted_base_url();
        if client.list_models(&resolved).is_ok() {
            let provider = rejected.provider.id();
            return Some(match (other.region(), other.id()) {
                (Some(region), _) => format!(
                    "the endpoint `{url}` in the region `{region}` accepts the key; to use it, run \
                     `modeldex config set providers.{provider}.region {region}`"
                ),
                (None, id) => {
                    format!("the endpoint `{url}` accepts the key; to use it, run `modeldex config set providers.{provider}.endpoint {id}`")
                }
            });
        }
        also_rejected.push(match other.region() {
            Some(region) => format!("`{url}` (in the region `{region}`)"),
            None => format!("`{url}`"),
        });
    }
    (!also_rejected.is_empty()).then(|| format!("the key was also rejected by {endpoints}", endpoints = also_rejected.join(" and ")))
}

/// Returns a hint with up to three ids in the server's list that are similar to the model's id. Returns `None` if no id is similar.
fn similar_ids(model: Model<'_>, ids: &[String]) -> Option<String> {
    let mut nearest = Nearest::<&str, 3>::new();
    for id in ids {
        nearest.insert(id, distance(model.id(), id));
    }
    let similar = nearest.into_iter().map(|(id, _)| format!("`{id}`")).collect::<Vec<_>>();
    (!similar.is_empty()).then(|| format!("similar ids in the server's list: {ids}", ids = similar.join(", ")))
}

/// Returns the chat model to call for a provider: the default model if the server lists it, else the first model that the server lists, else the
/// first model in the catalog.
fn default_model<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>, listed: Option<&BTreeSet<&str>>) -> Option<Model<'a>> {
    let is_candidate = |model: &Model<'_>| is_callable(*model) && listed.is_none_or(|listed| is_listed(listed, model.id()));
    let first = || models_at(provider, endpoint).find(is_candidate);
    let any = || models_at(provider, endpoint).find(|model| is_callable(*model));
    provider.default_model().filter(|model| is_candidate(model) && is_offered_at(endpoint, *model)).or_else(first).or_else(any)
}

/// Returns the models that the catalog has at an endpoint, without retired models.
fn models_at<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>) -> impl Iterator<Item = Model<'a>> {
    provider.models().filter(move |model| model.status() != modeldex_table::Status::Retired && is_offered_at(endpoint, *model))
}

fn is_offered_at(endpoint: Endpoint<'_>, model: Model<'_>) -> bool {
    model.endpoints().any(|other| other.id() == endpoint.id() && other.base_url() == endpoint.base_url())
}

fn is_callable(model: Model<'_>) -> bool {
    model.kind() == ModelKind::Chat
}

/// Returns whether the server's list contains an id. For Ollama, `llama3.1` matches `llama3.1:latest` in the list.
fn is_listed(listed: &BTreeSet<&str>, id: &str) -> bool {
    listed.contains(id) || listed.contains(format!("{id}:latest").as_str())
}

/// Returns the ids and aliases of a provider's models.
fn catalog_ids(provider: Provider<'_>) -> BTreeSet<&str> {
    provider.models().flat_map(|model| std::iter::once(model.id()).chain(model.aliases().map(|alias| alias.id()))).collect()
}
