//! The endpoints that are written into the configuration of a tool, each with base URL, wire protocol, API key variable and models.

use crate::loss::{Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use modeldex_table::{Api, Auth, AuthKind, Endpoint, Model, ModelKind, Provider, Variable};

/// An endpoint of a provider that a tool supports, with the models served there.
pub(crate) struct ToolEndpoint<'a> {
    pub(crate) provider: Provider<'a>,
    pub(crate) endpoint: Endpoint<'a>,
    /// Environment variable of the API key; `None` if the endpoint requires no key.
    pub(crate) key: Option<&'a str>,
    /// Whether the tool reads the API key from another variable than `key`: see [`ToolSupport::derived_key_variable`].
    pub(crate) is_key_derived: bool,
    pub(crate) models: Vec<Model<'a>>,
}

/// The endpoints and models that a tool supports.
#[derive(Clone, Copy)]
pub(crate) struct ToolSupport {
    /// Wire protocols.
    pub(crate) apis: &'static [Api],
    /// Kinds of models.
    pub(crate) kinds: &'static [ModelKind],
    /// Whether the tool expands variables in base URLs.
    pub(crate) base_url_variables: bool,
    /// Whether an endpoint without a key can be written.
    pub(crate) keyless: bool,
    /// Whether a provider can have several endpoints.
    pub(crate) multiple_endpoints: bool,
    /// Function that returns the variable for the id of a provider, if the tool reads the API key from a variable named after the provider. `None` if
    /// the configuration of the tool states the variable.
    pub(crate) derived_key_variable: Option<fn(&str) -> String>,
}

impl ToolSupport {
    /// Chat models at one endpoint of a provider, with one API key or none.
    pub(crate) const DEFAULT: Self = Self {
        apis: &[],
        kinds: &[ModelKind::Chat],
        base_url_variables: false,
        keyless: true,
        multiple_endpoints: false,
        derived_key_variable: None,
    };
}

/// The losses that [`tool_endpoints`] can record for every tool.
pub(crate) const ENDPOINT_LOSSES: [Loss; 7] = [
    Loss::Retired,
    Loss::NotChat,
    Loss::UnsupportedAuth,
    Loss::NoEndpoint,
    Loss::UnsupportedProtocol,
    Loss::OtherEndpoint,
    Loss::BaseUrlVariables,
];

/// The losses for tools that read the API key from a variable named after the provider.
pub(crate) const DERIVED_KEY_LOSSES: [Loss; 2] = [Loss::ForeignKeyVariable, Loss::DerivedKeyVariable];

/// Returns the endpoints for the configuration of a tool, in the order of the catalog. Each model that the tool does not support is recorded
/// once, with the first loss that applies.
pub(crate) fn tool_endpoints<'a>(selection: &ModelSelection<'a>, support: ToolSupport, losses: &mut LossReport) -> Vec<ToolEndpoint<'a>> {
    selection.providers().flat_map(|(provider, models)| provider_endpoints(provider, models, selection, support, losses)).collect()
}

fn provider_endpoints<'a>(
    provider: Provider<'a>,
    models: &[Model<'a>],
    selection: &ModelSelection<'a>,
    support: ToolSupport,
    losses: &mut LossReport,
) -> Vec<ToolEndpoint<'a>> {
    let key = key_variable(provider, support).filter(|key| key.is_some() || support.keyless);
    let reason = |model: &Model<'a>| {
        Some(match () {
            () if selection.is_retired(*model) => Loss::Retired,
            () if !support.kinds.contains(&model.kind()) => Loss::NotChat,
            // Unconfirmed imported providers have neither endpoints nor authentication methods.
            () if provider.endpoints().len() == 0 => Loss::NoEndpoint,
            () if key.is_none() => Loss::UnsupportedAuth,
            () => return None,
        })
    };
    let mut remaining: Vec<Model<'a>> = Vec::new();
    for &model in models {
        match reason(&model) {
            Some(loss) => losses.record(loss, model),
            None => remaining.push(model),
        }
    }
    let derived = support.derived_key_variable.map(|variable| variable(provider.id()));
    // The tool would send the key of the other provider to this provider.
    let foreign = derived.as_deref().filter(|variable| selection.is_variable_of_other_provider(variable, provider));
    let mut endpoints = Vec::new();
    for endpoint in provider.endpoints() {
        let is_supported = support.apis.contains(&endpoint.api()) && (support.base_url_variables || endpoint.variables().next().is_none());
        let is_surplus = !endpoints.is_empty() && !support.multiple_endpoints;
        if !is_supported || is_surplus {
            continue;
        }
        let (here, elsewhere) = remaining.into_iter().partition(|model| model.endpoints().any(|served| served.id() == endpoint.id()));
        remaining = elsewhere;
        if let Some(variable) = foreign {
            let name = || format!("{id} (`{variable}`)", id = provider.id());
            here.into_iter().for_each(|model| losses.record_with_provider(Loss::ForeignKeyVariable, model, name()));
        } else if let (false, Some(key)) = (Vec::is_empty(&here), key) {
            let is_key_derived = key.zip(derived.as_deref()).is_some_and(|(key, derived)| key != derived);
            endpoints.push(ToolEndpoint { provider, endpoint, key, is_key_derived, models: here });
        }
    }
    remaining.into_iter().for_each(|model| losses.record(unreachable_loss(model, support), model));
    endpoints
}

/// Returns a base URL with `/v1` at its end, which some tools require for Anthropic's protocol.
pub(crate) fn base_url_with_version(base_url: &str) -> String {
    if base_url.ends_with("/v1") { base_url.to_owned() } else { format!("{}/v1", base_url.trim_end_matches('/')) }
}

/// Returns a base URL for tools that prepend the version to their paths: without `/v1` for Anthropic's protocol.
pub(crate) fn base_url_without_version(endpoint: Endpoint<'_>) -> &str {
    let base = endpoint.base_url().trim_end_matches('/');
    let is_anthropic = endpoint.api() == Api::AnthropicMessages;
    base.strip_suffix("/v1").filter(|_| is_anthropic).unwrap_or(base)
}

/// Returns the headers of requests to an endpoint. The result is absent if there are no headers.
pub(crate) fn headers(endpoint: Endpoint<'_>) -> JsonValue<'_> {
    endpoint.headers().collect::<JsonObject<'_>>().sorted().unless_empty()
}

/// Returns the loss for a model without a supported endpoint.
fn unreachable_loss(model: Model<'_>, support: ToolSupport) -> Loss {
    let with_protocol = || model.endpoints().filter(|endpoint| support.apis.contains(&endpoint.api()));
    let is_plain = |endpoint: Endpoint<'_>| endpoint.variables().next().is_none();
    match () {
        () if model.endpoints().next().is_none() => Loss::NoEndpoint,
        () if with_protocol().next().is_none() => Loss::UnsupportedProtocol,
        () if support.base_url_variables || with_protocol().any(is_plain) => Loss::OtherEndpoint,
        () => Loss::BaseUrlVariables,
    }
}

/// Returns the environment variable of a provider's API key. `Some(None)` means that no key is required; `None` means that the provider requires
/// other credentials or a key in a nonstandard place.
fn key_variable<'a>(provider: Provider<'a>, support: ToolSupport) -> Option<Option<&'a str>> {
    let in_base_url = |name: &str| provider.endpoints().any(|endpoint| endpoint.variables().any(|variable| variable == name));
    let is_filled_in = |variable: Variable<'a>| support.base_url_variables && variable.env().any(in_base_url);
    let is_needed = |variable: Variable<'a>| !variable.is_optional() && variable.default().is_none() && !is_filled_in(variable);
    let is_usual = |auth: &Auth<'a>| {
        let needs_more = auth.variables().any(is_needed);
        auth.header().is_none() && auth.query().is_none() && auth.scheme().is_none() && !needs_more
    };
    provider.auth().filter(is_usual).find_map(|auth| match auth.kind() {
        AuthKind::ApiKey => auth.env().next().map(Some),
        AuthKind::None => Some(None),
        _ => None,
    })
}
