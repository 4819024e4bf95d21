//! What pi, openclaw and oh-my-pi have in common. openclaw is built on pi's layer of models, so protocols, addresses, costs and what a host does not take
//! are the same words in both, and so are their traps:
//!
//! - A base URL of Anthropic's protocol ends before `/v1`, and one of Google's behind its version.
//! - A host that is not known by its address is taken for OpenAI itself: it is sent the role `developer`, `store` and
//!   `max_completion_tokens`. So what it takes is always written, and what nobody knows of is not asked of it: every host takes
//!   `system` and `max_tokens`, and no host misses a field that is not sent.
//! - A key is a reference, `${NAME}`: a bare name would be sent as the key.
//! - A provider without a key is left out without a word, also where none is asked for.
//!
//! In the catalogs of both, and of oh-my-pi, which is built on them, each model names its protocol and its address, and a cache rate of 0 is
//! filler.

use crate::fields::{self, Facts, Field, Words, meaning, rate};
use crate::loss::{Loss, Lost};
use crate::object::{Json, Object};
use crate::rows::Rows;
use crate::selection::Selection;
use crate::service::{Abilities, Service};
use crate::snapshot::Subject;
use crate::statement::{Condition, Key};
use modeldex_table::{
    Api, AuthKind, Billing, Currency, CurrentRates, Endpoint, Fact, MaxTokensField, Meter, Modality, Model, Rate, WireFeature,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// US dollars per million tokens. All four are demanded where they are written.
pub(super) const RATES: &[Field] = &[
    rate("input", Meter::Input),
    rate("output", Meter::Output),
    rate("cacheRead", Meter::CacheRead),
    rate("cacheWrite", Meter::CacheWrite),
];

/// The names of protocols that are not the catalog's.
const PROTOCOLS: &Words<Api> =
    &[("bedrock-converse-stream", Api::BedrockConverse), ("azure-openai-responses", Api::AzureOpenai), ("ollama-chat", Api::Ollama)];

/// What both can be configured for; these protocols have the catalog's names there. Both speak Bedrock's, too, but then AWS's own library
/// supplies credentials and region, and a key that is written is never sent.
pub(super) const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    several_endpoints: true,
    ..Abilities::USUAL
};

/// What else happens to the facts of a model in both.
pub(super) const CHANGES: [Loss; 8] = [
    Loss::NoContextWindow,
    Loss::NoMaxOutput,
    Loss::UnpricedAsZero,
    Loss::FreeAsZero,
    Loss::PlanAsZero,
    Loss::RateAsZero,
    Loss::Currency,
    Loss::Words(Fact::Input),
];

/// What the host behind an endpoint takes of its protocol; whether it states usage at the end of a stream is in no version of openclaw.
pub(super) fn compat(endpoint: Endpoint<'_>, usage_in_streaming: Option<bool>) -> Json<'static> {
    let known = |feature| endpoint.supports(feature).unwrap_or(false);
    let developer_role = known(WireFeature::DeveloperRole);
    match endpoint.api() {
        Api::OpenaiCompletions => Object::default()
            .with("supportsStore", known(WireFeature::Store))
            .with("supportsDeveloperRole", developer_role)
            .with("supportsReasoningEffort", known(WireFeature::ReasoningEffort))
            .with("supportsUsageInStreaming", usage_in_streaming)
            .with("maxTokensField", endpoint.max_tokens_field().unwrap_or(MaxTokensField::MaxTokens).as_str())
            .into(),
        Api::OpenaiResponses => Object::default().with("supportsDeveloperRole", developer_role).into(),
        _ => Json::Absent,
    }
}

/// What a model costs, with zeros where a number is demanded and unknown.
pub(super) fn cost(model: Model<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Object<'static> {
    let loss = match (model.billing(), selection.rates(model)) {
        (Billing::Metered, Some(today)) if today.currency() == Currency::Usd => {
            if today.get(Meter::Input).is_none() || today.get(Meter::Output).is_none() {
                lost.note(Loss::RateAsZero, model);
            }
            return rates(Some(&today));
        }
        (Billing::Metered, Some(_)) => {
            lost.note(Loss::Currency, model);
            Loss::UnpricedAsZero
        }
        (Billing::Metered | Billing::Unpriced, _) => Loss::UnpricedAsZero,
        (Billing::Free, _) => Loss::FreeAsZero,
        (Billing::Plan, _) => Loss::PlanAsZero,
    };
    lost.note(loss, model);
    rates(None)
}

/// The rates of a price list. What is kept, or read again, is charged as any other input where the list does not have a rate for it.
pub(super) fn rates(today: Option<&CurrentRates>) -> Object<'static> {
    let get = |meter| today.and_then(|today| today.get(meter));
    let rate = |meter| match meter {
        Meter::CacheRead | Meter::CacheWrite => get(meter).or(get(Meter::Input)),
        _ => get(meter),
    };
    fields::meters(RATES).map(|(name, meter)| (name, rate(meter).unwrap_or(Rate::from_micros(0)))).collect()
}

/// Those of the models at a service that can be written. Without a limit the tools assume some number of their own.
pub(super) fn writable<'a>(service: &Service<'a>, lost: &mut Lost) -> Vec<Model<'a>> {
    // What begins with a digit is no reference to them: `${302AI_API_KEY}` would be sent as it stands.
    let is_reference = service.key.is_none_or(|name| !name.starts_with(|letter: char| letter.is_ascii_digit()));
    let obstacle = |model: &Model<'a>| match () {
        () if !is_reference => Some(Loss::Credentials),
        // The tools send text.
        () if !model.input().is_empty() && !model.input().contains(Modality::Text) => Some(Loss::Kind),
        () if model.context_window().is_none() => Some(Loss::NoContextWindow),
        () if model.max_output_tokens().is_none() => Some(Loss::NoMaxOutput),
        () => None,
    };
    let mut kept = service.models.clone();
    kept.retain(|model| obstacle(model).map(|loss| lost.note(loss, *model)).is_none());
    kept
}

/// The key, as a reference. A server on the machine itself that may ask for none gets a word that stands for none: openclaw's documentation
/// has this one, which openclaw knows, and a server that does ask for a key says so.
pub(super) fn key(service: &Service<'_>) -> String {
    let asks_nothing = service.provider.auth().any(|auth| auth.kind() == AuthKind::None);
    match service.key {
        Some(name) if !(asks_nothing && is_here(service.endpoint.base_url())) => format!("${{{name}}}"),
        _ => "ollama-local".to_owned(),
    }
}

/// What goes in, in the two words that there are; absent when unknown.
pub(super) fn input(model: Model<'_>, lost: &mut Lost) -> Json<'static> {
    let known = |word: &Modality| matches!(word, Modality::Text | Modality::Image);
    if !model.input().iter().all(|word| known(&word)) {
        lost.note(Loss::Words(Fact::Input), model);
    }
    model.input().iter().filter(known).map(Modality::as_str).collect::<Json<'_>>().unless_empty()
}

/// Whether an address is this very machine.
fn is_here(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |name: &str| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    is_name("localhost") || is_name("127.0.0.1") || is_name("[::1]")
}

/// The protocol that such a catalog calls by this name.
pub(super) fn protocol(name: &str) -> Option<Api> {
    meaning(PROTOCOLS, name).or_else(|| Api::parse(name))
}

/// A provider of pi's catalog, or of oh-my-pi's.
#[derive(Deserialize)]
pub(super) struct Listed<'a> {
    name: Option<String>,
    #[serde(default)]
    base_urls: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    pub(super) models: Rows<'a>,
}

impl Listed<'_> {
    /// Hands on what the provider states of itself, and what its models state of how they are reached.
    pub(super) fn state(&self, majority: &Majority, subject: &mut Subject<'_>) {
        subject.text(Key::Fact(Fact::Name), self.name.as_deref());
        let (api, base_url) = majority.of_most();
        subject.base_url(base_url.into_iter().chain(self.base_urls.iter().map(String::as_str)));
        subject.api(api);
        subject.env(self.env.iter().map(String::as_str));
    }
}

/// Hands on the rates of a list that holds above a length of the request.
pub(super) fn state_above(rates: &Facts, field: &str, above: Result<u32, impl std::fmt::Display>, key: &Key, subject: &mut Subject<'_>) {
    match above {
        Ok(above) => rates.state_when(&Condition { above: Some(above), ..Condition::default() }, 0, subject),
        Err(error) => subject.problem(key, format_args!("{field}: {error}")),
    }
}

/// How the models of a provider are reached: what most of them say, and the first by name where as many say something else.
#[derive(Default)]
pub(super) struct Majority(BTreeMap<String, (usize, BTreeMap<String, usize>)>);

impl Majority {
    /// Counts a model.
    pub(super) fn count(&mut self, api: Option<&str>, base_url: Option<&str>) {
        let Some(api) = api else { return };
        let (models, urls) = self.0.entry(api.to_owned()).or_default();
        *models += 1;
        if let Some(url) = base_url.filter(|url| !url.is_empty()) {
            *urls.entry(url.to_owned()).or_default() += 1;
        }
    }

    /// The protocol of most models, where it is one of this catalog's, and the base URL that most of these models have.
    pub(super) fn of_most(&self) -> (Option<Api>, Option<&str>) {
        let most = self.0.iter().rev().max_by_key(|(_, (models, _))| *models);
        let Some((api, (_, urls))) = most else { return (None, None) };
        (protocol(api), urls.iter().rev().max_by_key(|(_, models)| **models).map(|(url, _)| url.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_and_protocol_belong_together() {
        let mut majority = Majority::default();
        assert_eq!(majority.of_most(), (None, None));
        majority.count(Some("anthropic-messages"), Some("https://acme.test/a"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(Some("openai-completions"), Some("https://acme.test/b"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(None, Some("https://acme.test/a"));
        assert_eq!(majority.of_most(), (Some(Api::OpenaiCompletions), Some("https://acme.test/z")));
        assert_eq!(protocol("acme-messages"), None);
    }
}
