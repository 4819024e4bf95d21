//! Is an endpoint what the catalog says: is its base URL right, the key accepted, the model there?
//!
//! A list of models lies both ways: what is listed may not answer, and what answers may not be listed. So a list is believed only until a
//! call says otherwise, and each verdict says which of the two it rests on.

use crate::ask::Client;
use crate::credential::{Credential, Places};
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
    /// Why nobody is asked, where that is known before.
    pub refused: Option<Problem>,
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
    /// What is wrong, if anything is.
    pub verdict: Result<(), Problem>,
    /// What the verdict rests on.
    pub by: Basis,
    /// What to look at beside the verdict, such as the ids that come nearest.
    pub hint: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The server's list of models.
    List,
    /// A call.
    Call,
}

/// The smallest call: a word, and the fewest tokens that every protocol takes.
const WORD: &[Message<'static>] = &[Message { role: Role::User, text: "Hi" }];
const FEWEST: u32 = 16;

impl Basis {
    /// `list` or `call`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Call => "call",
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

/// Finds out what there is to know of `subject`. It sends one request for the list of models, with `live` one for each model, and where a
/// key is rejected one to each other endpoint of the same provider that speaks the same protocol.
#[must_use]
pub fn probe<'a>(client: &Client, subject: &Subject<'a>, places: &Places<'_>) -> Report<'a> {
    let started = Instant::now();
    let Subject { provider, endpoint, .. } = *subject;
    let target = match &subject.refused {
        Some(problem) => Err(problem.clone()),
        None => Target::find(provider, endpoint, places),
    };
    let listing = match &target {
        Ok(target) => client.models(target).and_then(|ids| not_empty(ids, target)),
        Err(problem) if problem.kind == Kind::NoKey => Err(without_key(client, subject, places, problem)),
        Err(problem) => Err(problem.clone()),
    };
    let took = started.elapsed();
    let listed = listing.as_ref().ok().map(|ids| ids.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let called = if subject.live && subject.models.is_empty() { the_default(provider, endpoint, listed.as_ref()) } else { None };
    let asked = if subject.models.is_empty() { vec![called] } else { subject.models.iter().copied().map(Some).collect() };
    // A rejected key is tried elsewhere once, however many models were asked about.
    let mut elsewhere_hint = None;
    let mut findings = Vec::new();
    for model in asked {
        let began = Instant::now();
        let (verdict, by) = match (&target, model) {
            (Ok(target), Some(model)) if subject.live && is_callable(model) => match settles(&listing) {
                Some(problem) => (Err(problem.clone()), Basis::List),
                None => (call(client, target, model), Basis::Call),
            },
            _ => (judge_by_list(model, &listing, listed.as_ref()), Basis::List),
        };
        let hint = match (&verdict, &target) {
            (Err(problem), Ok(target)) if problem.kind == Kind::KeyRejected => {
                elsewhere_hint.get_or_insert_with(|| elsewhere(client, target, places)).clone()
            }
            (Err(problem), _) if problem.kind == Kind::ModelUnknown => {
                model.zip(listing.as_ref().ok()).and_then(|(model, ids)| near(model, ids))
            }
            (Err(problem), _) if problem.kind == Kind::WrongBaseUrl && problem.status == Some(404) && !subject.live => {
                Some("some services list nothing: `--live` makes a call, which is certain".to_owned())
            }
            (Ok(()), _) if by == Basis::List && subject.live => model.map(|model| format!("a {} model is not called", model.kind())),
            (Ok(()), _) if by == Basis::Call => match (&listing, model, &listed) {
                (Err(problem), _, _) => Some(format!("it lists no models ({})", problem.kind)),
                (Ok(_), Some(model), Some(listed)) if !holds(listed, model.id()) => Some("it answers though it is not listed".to_owned()),
                _ => None,
            },
            _ => None,
        };
        findings.push(Finding { provider, endpoint, model, verdict, by, hint, took: took + began.elapsed() });
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

/// A list without anything in it says nothing of any model.
fn not_empty(ids: Vec<String>, target: &Target<'_>) -> Result<Vec<String>, Problem> {
    if ids.is_empty() {
        return Err(Problem::new(Kind::BadAnswer, format!("`{}` lists no model at all", target.shown())));
    }
    Ok(ids)
}

/// What a list that failed leaves no call to find out: nobody is there, or the key was refused for good. A key may be good for calls and
/// not for lists, and then it is forbidden to it and not unknown.
fn settles(listing: &Result<Vec<String>, Problem>) -> Option<&Problem> {
    let problem = listing.as_ref().err()?;
    let refused = problem.kind == Kind::KeyRejected && problem.status == Some(401);
    let nobody = matches!(problem.kind, Kind::Dns | Kind::Tls | Kind::Unreachable | Kind::Quota | Kind::Cancelled);
    Some(problem).filter(|_| refused || nobody)
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

fn judge_by_list(model: Option<Model<'_>>, listing: &Result<Vec<String>, Problem>, listed: Option<&BTreeSet<&str>>) -> Result<(), Problem> {
    let (Some(listed), Some(model)) = (listed, model) else {
        return listing.as_ref().map(|_| ()).map_err(Clone::clone);
    };
    if holds(listed, model.id()) {
        return Ok(());
    }
    Err(Problem::new(Kind::ModelUnknown, format!("the server lists {} models and `{}` is none of them", listed.len(), model.id())))
}

fn call(client: &Client, target: &Target<'_>, model: Model<'_>) -> Result<(), Problem> {
    let request = Request { model: model.id(), messages: WORD, max_tokens: Some(FEWEST), stream: false };
    client.ask(target, &request, &mut |_| {}).map(|_| ())
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
        nearest.insert(id, distance(model.id(), id));
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
