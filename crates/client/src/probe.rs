//! Is an endpoint what the catalog says: is its base URL right, the key accepted, the model there?
//!
//! A list of models lies both ways: what is listed may not answer, and what answers may not be listed. So a list is believed only until a call
//! says otherwise, and each verdict says which of the two it rests on.

use crate::ask::Client;
use crate::credential::{Credential, CredentialError, Places};
use crate::problem::{Kind, Problem};
use crate::target::Target;
use crate::wire::{Message, Request, Role};
use modeldex_table::nearest::{Nearest, distance};
use modeldex_table::{Endpoint, Model, ModelKind, Provider};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What is to be found out about one endpoint.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The provider.
    pub provider: Provider<'a>,
    /// The endpoint.
    pub endpoint: Endpoint<'a>,
    /// The models that are asked about; none asks about the endpoint itself.
    pub models: Vec<Model<'a>>,
    /// Whether to make the smallest call to each of them, and to the provider's default model where there are none.
    pub live: bool,
}

/// What was found out about one endpoint.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// A finding for each model that was asked about, or one for the endpoint itself.
    pub findings: Vec<Finding<'a>>,
    /// The ids that the server lists; `None` when it lists none.
    pub listed: Option<Vec<String>>,
    /// What it lists and the catalog lacks.
    pub new: Vec<String>,
    /// Models of the catalog that are not retired and that it does not list.
    pub unlisted: Vec<Model<'a>>,
}

/// What was found out about one model, or about an endpoint.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// The provider.
    pub provider: Provider<'a>,
    /// The endpoint.
    pub endpoint: Endpoint<'a>,
    /// The model; `None` for the endpoint itself.
    pub model: Option<Model<'a>>,
    /// What is wrong; `Ok` when nothing is.
    pub verdict: Result<Proof, Problem>,
    /// What to look at beside the verdict, such as the ids that come nearest.
    pub hint: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// What says that all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The server lists it.
    Listed,
    /// It answered a call.
    Answered,
}

/// The smallest call: a word, and the fewest tokens that every protocol takes.
const WORD: &[Message<'static>] = &[Message { role: Role::User, text: "Hi" }];
const FEWEST: u32 = 16;

impl Proof {
    /// `listed` or `answered`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Answered => "answered",
        }
    }
}

impl Finding<'_> {
    /// `ok`, or the kind of the problem.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match &self.verdict {
            Ok(_) => "ok",
            Err(problem) => problem.kind.as_str(),
        }
    }
}

/// Finds out what there is to know of `subject`. It sends one request for the list of models, with `live` one for each model, and where a key
/// is rejected one to each other endpoint of the same provider that speaks the same protocol.
#[must_use]
pub fn probe<'a>(client: &Client, subject: &Subject<'a>, places: &Places<'_>) -> Report<'a> {
    let started = Instant::now();
    let Subject { provider, endpoint, .. } = *subject;
    let target = Target::find(provider, endpoint, places);
    let listing = match &target {
        Ok(target) => client.models(target),
        Err(problem) if problem.kind == Kind::NoKey => Err(without_key(client, subject, places, problem)),
        Err(problem) => Err(problem.clone()),
    };
    let took = started.elapsed();
    let listed = listing.as_ref().ok().map(|ids| ids.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let called = if subject.live && subject.models.is_empty() { the_default(provider, endpoint, listed.as_ref()) } else { None };
    let asked = if subject.models.is_empty() { vec![called] } else { subject.models.iter().copied().map(Some).collect() };
    let mut findings = Vec::new();
    for model in asked {
        let began = Instant::now();
        let by_list = || judge_by_list(model, &listing, listed.as_ref());
        let verdict = match (&target, model) {
            (Ok(target), Some(model)) if subject.live && is_callable(model) => call(client, target, model, &listing),
            _ => by_list(),
        };
        let mut finding = Finding { provider, endpoint, model, verdict, hint: None, took: took + began.elapsed() };
        finding.hint = match (&finding.verdict, &target) {
            (Err(problem), Ok(target)) if problem.kind == Kind::KeyRejected => elsewhere(client, target, places),
            (Err(problem), _) if problem.kind == Kind::ModelUnknown => {
                model.zip(listing.as_ref().ok()).and_then(|(model, ids)| near(model, ids))
            }
            (Err(problem), _) if problem.kind == Kind::WrongBaseUrl && problem.status == Some(404) && !subject.live => {
                Some("some services list nothing: `--live` makes a call, which is certain".to_owned())
            }
            (Ok(Proof::Listed), _) if subject.live => model.map(|model| format!("a {} model is not called", model.kind())),
            (Ok(Proof::Answered), _) => match (&listing, model, &listed) {
                (Err(problem), _, _) => Some(format!("it lists no models ({})", problem.kind)),
                (Ok(_), Some(model), Some(listed)) if !holds(listed, model.id()) => Some("it answers though it is not listed".to_owned()),
                _ => None,
            },
            _ => None,
        };
        findings.push(finding);
    }
    let known = known_ids(provider);
    let is_known = |id: &str| known.contains(id) || id.strip_suffix(":latest").is_some_and(|id| known.contains(id));
    let new = listed.iter().flatten().filter(|id| !is_known(id)).map(|id| (*id).to_owned()).collect();
    let unlisted = match &listed {
        Some(listed) => sold(provider, endpoint).filter(|model| !holds(listed, model.id())).collect(),
        None => Vec::new(),
    };
    Report { findings, listed: listing.ok(), new, unlisted }
}

/// What the address answers when nobody says who asks: a refusal is what a right address answers, and then the key is all that is missing.
fn without_key(client: &Client, subject: &Subject<'_>, places: &Places<'_>, missing: &Problem) -> Problem {
    let nobody = Credential { auth: None, key: None, values: Vec::new() };
    let Ok(target) = Target::new(subject.provider, subject.endpoint, nobody, places) else { return missing.clone() };
    match client.models(&target) {
        Err(problem) if matches!(problem.kind, Kind::WrongBaseUrl | Kind::WrongProtocol | Kind::Tls | Kind::Dns | Kind::Unreachable) => {
            problem
        }
        Err(problem) if problem.kind == Kind::Cancelled => problem,
        _ => missing.clone(),
    }
}

fn judge_by_list(
    model: Option<Model<'_>>,
    listing: &Result<Vec<String>, Problem>,
    listed: Option<&BTreeSet<&str>>,
) -> Result<Proof, Problem> {
    let (Some(listed), Some(model)) = (listed, model) else {
        return listing.as_ref().map(|_| Proof::Listed).map_err(Clone::clone);
    };
    if holds(listed, model.id()) {
        return Ok(Proof::Listed);
    }
    Err(Problem::new(Kind::ModelUnknown, format!("the server lists {} models and `{}` is none of them", listed.len(), model.id())))
}

fn call(client: &Client, target: &Target<'_>, model: Model<'_>, listing: &Result<Vec<String>, Problem>) -> Result<Proof, Problem> {
    // A key that was refused for the list is not sent again, and an address where nobody is has nothing to add.
    if let Err(problem) = listing
        && matches!(problem.kind, Kind::KeyRejected | Kind::Dns | Kind::Tls | Kind::Unreachable | Kind::Quota | Kind::Cancelled)
    {
        return Err(problem.clone());
    }
    let request = Request { model: model.id(), messages: WORD, max_output_tokens: Some(FEWEST), stream: false };
    client.ask(target, &request, &mut |_| {}).map(|_| Proof::Answered)
}

/// The other endpoints of the same provider and protocol that take the key.
fn elsewhere(client: &Client, target: &Target<'_>, places: &Places<'_>) -> Option<String> {
    let others = target.provider.endpoints().filter(|other| {
        other.api() == target.endpoint.api() && other.base_url() != target.endpoint.base_url() && target.credential.key.is_some()
    });
    let mut refused = Vec::new();
    for other in others {
        let Ok(there) = Target::new(target.provider, other, target.credential.clone(), places) else { continue };
        let name = other.region().map_or_else(|| there.shown(), |region| format!("region `{region}` ({})", there.shown()));
        if client.models(&there).is_ok() {
            let provider = target.provider.id();
            let how = match (other.region(), other.id()) {
                (Some(region), _) => format!("`modeldex config set providers.{provider}.region {region}`"),
                (None, id) => format!("`modeldex config set providers.{provider}.endpoint {id}`"),
            };
            return Some(format!("{name} takes this key: {how}"));
        }
        refused.push(name);
    }
    (!refused.is_empty()).then(|| format!("nor does {} take it", refused.join(" or ")))
}

/// The ids that the server does list and that come nearest.
fn near(model: Model<'_>, ids: &[String]) -> Option<String> {
    let mut nearest = Nearest::<&str, 3>::new();
    for id in ids {
        nearest.offer(id, distance(model.id(), id));
    }
    let near = nearest.into_iter().map(|(id, _)| format!("`{id}`")).collect::<Vec<_>>();
    (!near.is_empty()).then(|| format!("the nearest it lists: {}", near.join(", ")))
}

/// The model that stands for its provider: the default one, else the first that the server lists too.
fn the_default<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>, listed: Option<&BTreeSet<&str>>) -> Option<Model<'a>> {
    let is_there = |model: &Model<'_>| is_callable(*model) && listed.is_none_or(|listed| holds(listed, model.id()));
    let first = || sold(provider, endpoint).find(is_there);
    let any = || sold(provider, endpoint).find(|model| is_callable(*model));
    provider.default_model().filter(|model| is_there(model) && serves(endpoint, *model)).or_else(first).or_else(any)
}

/// The models that an endpoint should have.
fn sold<'a>(provider: Provider<'a>, endpoint: Endpoint<'a>) -> impl Iterator<Item = Model<'a>> {
    provider.models().filter(move |model| model.status() != modeldex_table::Status::Retired && serves(endpoint, *model))
}

fn serves(endpoint: Endpoint<'_>, model: Model<'_>) -> bool {
    model.endpoints().any(|other| other.id() == endpoint.id() && other.base_url() == endpoint.base_url())
}

fn is_callable(model: Model<'_>) -> bool {
    model.kind() == ModelKind::Chat
}

/// Whether a list has an id. Ollama lists `llama3.1:latest` and takes `llama3.1`.
fn holds(listed: &BTreeSet<&str>, id: &str) -> bool {
    listed.contains(id) || listed.contains(format!("{id}:latest").as_str())
}

/// Every id that the catalog knows at a provider.
fn known_ids(provider: Provider<'_>) -> BTreeSet<&str> {
    provider.models().flat_map(|model| std::iter::once(model.id()).chain(model.aliases().map(|alias| alias.id()))).collect()
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        Self::new(Kind::NoKey, error.to_string())
    }
}
