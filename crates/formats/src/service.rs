//! What a tool that talks to models is configured with: where they are, how, and which variable holds the key.

use crate::loss::{Loss, Lost};
use crate::object::{Json, Object};
use crate::selection::Selection;
use modeldex_table::{Api, Auth, AuthKind, Endpoint, Model, ModelKind, Provider, Variable};

/// An endpoint of a provider, with the models of it that a tool can ask there.
pub(crate) struct Service<'a> {
    pub(crate) provider: Provider<'a>,
    pub(crate) endpoint: Endpoint<'a>,
    /// The variable that holds the key; `None` where nothing is asked for.
    pub(crate) key: Option<&'a str>,
    pub(crate) models: Vec<Model<'a>>,
}

/// What a tool can be configured for.
#[derive(Clone, Copy)]
pub(crate) struct Abilities {
    /// The wire protocols that it speaks.
    pub(crate) apis: &'static [Api],
    /// What it calls models for.
    pub(crate) kinds: &'static [ModelKind],
    /// Whether an address may have variables in it, which the tool fills in.
    pub(crate) address_variables: bool,
    /// Whether a service that asks for no key can be written.
    pub(crate) keyless: bool,
    /// Whether a provider may be at several endpoints.
    pub(crate) several_endpoints: bool,
}

impl Abilities {
    /// Models for conversation, at one endpoint of a provider, with one key or none.
    pub(crate) const USUAL: Self =
        Self { apis: &[], kinds: &[ModelKind::Chat], address_variables: false, keyless: true, several_endpoints: false };
}

/// The losses that [`services`] can note.
pub(crate) const LOSSES: [Loss; 7] =
    [Loss::Retired, Loss::Kind, Loss::Credentials, Loss::NoEndpoint, Loss::Protocol, Loss::OtherEndpoint, Loss::AddressVariables];

/// The endpoints that a tool can be configured with, in the order of the catalog. What it cannot ask is noted, each model once and with
/// the first reason.
pub(crate) fn services<'a>(selection: &Selection<'a>, abilities: Abilities, lost: &mut Lost) -> Vec<Service<'a>> {
    selection.providers().flat_map(|(provider, models)| of_provider(provider, models, selection, abilities, lost)).collect()
}

fn of_provider<'a>(
    provider: Provider<'a>,
    models: &[Model<'a>],
    selection: &Selection<'a>,
    abilities: Abilities,
    lost: &mut Lost,
) -> Vec<Service<'a>> {
    let key = key(provider, abilities).filter(|key| key.is_some() || abilities.keyless);
    let reason = |model: &Model<'a>| {
        Some(match () {
            () if !selection.answers(*model) => Loss::Retired,
            () if !abilities.kinds.contains(&model.kind()) => Loss::Kind,
            // Of an imported provider that nobody confirmed, neither is known.
            () if provider.endpoints().len() == 0 => Loss::NoEndpoint,
            () if key.is_none() => Loss::Credentials,
            () => return None,
        })
    };
    let mut left: Vec<Model<'a>> = Vec::new();
    for &model in models {
        match reason(&model) {
            Some(loss) => lost.note(loss, model),
            None => left.push(model),
        }
    }
    let mut services = Vec::new();
    for endpoint in provider.endpoints() {
        let is_usable = abilities.apis.contains(&endpoint.api()) && (abilities.address_variables || endpoint.variables().next().is_none());
        let is_enough = !services.is_empty() && !abilities.several_endpoints;
        if !is_usable || is_enough {
            continue;
        }
        let (here, elsewhere) = left.into_iter().partition(|model| model.endpoints().any(|served| served.id() == endpoint.id()));
        left = elsewhere;
        if let (false, Some(key)) = (Vec::is_empty(&here), key) {
            services.push(Service { provider, endpoint, key, models: here });
        }
    }
    left.into_iter().for_each(|model| lost.note(unreached(model, abilities), model));
    services
}

/// A base URL of Anthropic's protocol with the version that some tools expect at its end.
pub(crate) fn with_version(base_url: &str) -> String {
    if base_url.ends_with("/v1") { base_url.to_owned() } else { format!("{}/v1", base_url.trim_end_matches('/')) }
}

/// A base URL as tools want it that put the version in front of their own path: that of Anthropic's protocol ends before it.
pub(crate) fn address(endpoint: Endpoint<'_>) -> &str {
    let base = endpoint.base_url().trim_end_matches('/');
    let is_anthropic = endpoint.api() == Api::AnthropicMessages;
    base.strip_suffix("/v1").filter(|_| is_anthropic).unwrap_or(base)
}

/// The headers that requests to an endpoint have; absent where there are none.
pub(crate) fn headers(endpoint: Endpoint<'_>) -> Json<'_> {
    endpoint.headers().collect::<Object<'_>>().sorted().unless_empty()
}

/// Why none of a model's endpoints can be written.
fn unreached(model: Model<'_>, abilities: Abilities) -> Loss {
    let spoken = || model.endpoints().filter(|endpoint| abilities.apis.contains(&endpoint.api()));
    let is_plain = |endpoint: Endpoint<'_>| endpoint.variables().next().is_none();
    match () {
        () if model.endpoints().next().is_none() => Loss::NoEndpoint,
        () if spoken().next().is_none() => Loss::Protocol,
        () if abilities.address_variables || spoken().any(is_plain) => Loss::OtherEndpoint,
        () => Loss::AddressVariables,
    }
}

/// The variable that holds the one key that a provider asks for; the inner `None` where it asks for nothing, and the outer one where it
/// asks for something else or wants the key in a place of its own.
fn key<'a>(provider: Provider<'a>, abilities: Abilities) -> Option<Option<&'a str>> {
    let in_address = |name: &str| provider.endpoints().any(|endpoint| endpoint.variables().any(|variable| variable == name));
    let is_filled_in = |variable: Variable<'a>| abilities.address_variables && variable.env().any(in_address);
    let is_needed = |variable: Variable<'a>| !variable.is_optional() && variable.default().is_none() && !is_filled_in(variable);
    let is_usual = |auth: &Auth<'a>| {
        let asks_more = auth.variables().any(is_needed);
        auth.header().is_none() && auth.query().is_none() && auth.scheme().is_none() && !asks_more
    };
    provider.auth().filter(is_usual).find_map(|auth| match auth.kind() {
        AuthKind::ApiKey => auth.env().next().map(Some),
        AuthKind::None => Some(None),
        _ => None,
    })
}
