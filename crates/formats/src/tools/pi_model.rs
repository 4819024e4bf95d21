//! Shared parts of the formats of pi, openclaw and oh-my-pi.
//!
//! openclaw is built on pi's model library. Thus both tools have the same fields for protocols, base URLs, costs and unsupported features, and the
//! same pitfalls:
//!
//! - For Anthropic's protocol, a base URL ends before `/v1`. For Google's protocol, a base URL ends after the version.
//! - If a tool does not know a base URL, it sends the same requests as to OpenAI: with `store`, `max_completion_tokens` and the role `developer`.
//! - Therefore supported features are always written, and unknown features are written as unsupported.
//! - This is safe, because every host accepts `system` and `max_tokens`, and no host requires the omitted fields.
//! - An API key is written as a reference, `${NAME}`, because a bare name would be sent as the key.
//! - A provider without an API key is silently left out, even if it requires no key.
//!
//! The catalog of oh-my-pi is built on those of pi and openclaw. In all three catalogs, each model has its own protocol and base URL, and a cache
//! rate of 0 is a placeholder.

use crate::fields::{self, FieldMapping, RowFacts, WordTable, parse_word, rate};
use crate::loss::{Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::RawObject;
use crate::selection::ModelSelection;
use crate::service::{ToolEndpoint, ToolSupport};
use crate::snapshot::SnapshotEntry;
use crate::statement::{FactKey, OwnedCondition};
use modeldex_table::{
    Api, AuthKind, Billing, Currency, CurrentRates, Endpoint, Fact, MaxTokensField, Meter, Modality, Model, Rate, WireFeature,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rates in US dollars per million tokens. The output requires all four.
pub(super) const RATES: &[FieldMapping] = &[
    rate("input", Meter::Input),
    rate("output", Meter::Output),
    rate("cacheRead", Meter::CacheRead),
    rate("cacheWrite", Meter::CacheWrite),
];

/// Names of wire protocols that differ from the catalog's.
const PROTOCOLS: &WordTable<Api> =
    &[("bedrock-converse-stream", Api::BedrockConverse), ("azure-openai-responses", Api::AzureOpenai), ("ollama-chat", Api::Ollama)];

/// Endpoints that pi and openclaw support. Both tools use the catalog's names for these protocols. Both tools also support Bedrock's protocol; but
/// for this protocol, AWS's library supplies credentials and region, and a configured key is never sent.
pub(super) const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    multiple_endpoints: true,
    ..ToolSupport::DEFAULT
};

/// Other losses of both formats.
pub(super) const CHANGES: [Loss; 8] = [
    Loss::NoContextWindow,
    Loss::NoMaxOutputTokens,
    Loss::UnpricedAsZero,
    Loss::FreeAsZero,
    Loss::PlanAsZero,
    Loss::MissingRateAsZero,
    Loss::OtherCurrency,
    Loss::UnsupportedWords(Fact::Input),
];

/// Returns the features of the wire protocol that an endpoint supports. No version of openclaw has a field for usage at the end of a stream.
pub(super) fn compat(endpoint: Endpoint<'_>, usage_in_streaming: Option<bool>) -> JsonValue<'static> {
    let known = |feature| endpoint.supports(feature).unwrap_or(false);
    let developer_role = known(WireFeature::DeveloperRole);
    match endpoint.api() {
        Api::OpenaiCompletions => JsonObject::default()
            .with("supportsStore", known(WireFeature::Store))
            .with("supportsDeveloperRole", developer_role)
            .with("supportsReasoningEffort", known(WireFeature::ReasoningEffort))
            .with("supportsUsageInStreaming", usage_in_streaming)
            .with("maxTokensField", endpoint.max_tokens_field().unwrap_or(MaxTokensField::MaxTokens).as_str())
            .into(),
        Api::OpenaiResponses => JsonObject::default().with("supportsDeveloperRole", developer_role).into(),
        _ => JsonValue::Absent,
    }
}

/// Returns the costs of a model, with zeros for required rates that are unknown.
pub(super) fn cost(model: Model<'_>, selection: &ModelSelection<'_>, losses: &mut LossReport) -> JsonObject<'static> {
    let loss = match (model.billing(), selection.default_rates(model)) {
        (Billing::Metered, Some(today)) if today.currency() == Currency::Usd => {
            if today.get(Meter::Input).is_none() || today.get(Meter::Output).is_none() {
                losses.record(Loss::MissingRateAsZero, model);
            }
            return rates(Some(&today));
        }
        (Billing::Metered, Some(_)) => {
            losses.record(Loss::OtherCurrency, model);
            Loss::UnpricedAsZero
        }
        (Billing::Metered | Billing::Unpriced, _) => Loss::UnpricedAsZero,
        (Billing::Free, _) => Loss::FreeAsZero,
        (Billing::Plan, _) => Loss::PlanAsZero,
    };
    losses.record(loss, model);
    rates(None)
}

/// Returns the rates of a price list. If the list lacks a cache rate, the input rate is returned for it.
pub(super) fn rates(today: Option<&CurrentRates>) -> JsonObject<'static> {
    let get = |meter| today.and_then(|today| today.get(meter));
    let rate = |meter| match meter {
        Meter::CacheRead | Meter::CacheWrite => get(meter).or(get(Meter::Input)),
        _ => get(meter),
    };
    fields::rate_fields(RATES).map(|(name, meter)| (name, rate(meter).unwrap_or(Rate::from_micros(0)))).collect()
}

/// Returns the models of an endpoint that can be written. A model without limits cannot be written, because the tools would assume defaults.
pub(super) fn writable<'a>(service: &ToolEndpoint<'a>, losses: &mut LossReport) -> Vec<Model<'a>> {
    // The tools do not expand names that begin with a digit: `${302AI_API_KEY}` would be sent unchanged.
    let is_reference = service.key.is_none_or(|name| !name.starts_with(|letter: char| letter.is_ascii_digit()));
    let obstacle = |model: &Model<'a>| match () {
        () if !is_reference => Some(Loss::UnsupportedAuth),
        // The tools send text input.
        () if !model.input().is_empty() && !model.input().contains(Modality::Text) => Some(Loss::NotChat),
        () if model.context_window().is_none() => Some(Loss::NoContextWindow),
        () if model.max_output_tokens().is_none() => Some(Loss::NoMaxOutputTokens),
        () => None,
    };
    let mut kept = service.models.clone();
    kept.retain(|model| obstacle(model).map(|loss| losses.record(loss, *model)).is_none());
    kept
}

/// Returns the API key as a reference. A local server that may require no key gets a placeholder from openclaw's documentation, which openclaw
/// recognizes; a server that requires a key then responds with an error.
pub(super) fn key(service: &ToolEndpoint<'_>) -> String {
    let is_keyless = service.provider.auth().any(|auth| auth.kind() == AuthKind::None);
    match service.key {
        Some(name) if !(is_keyless && is_local(service.endpoint.base_url())) => format!("${{{name}}}"),
        _ => "ollama-local".to_owned(),
    }
}

/// Returns the model's input modalities, restricted to text and image. The result is absent if the input modalities are unknown.
pub(super) fn input(model: Model<'_>, losses: &mut LossReport) -> JsonValue<'static> {
    let known = |word: &Modality| matches!(word, Modality::Text | Modality::Image);
    if !model.input().iter().all(|word| known(&word)) {
        losses.record(Loss::UnsupportedWords(Fact::Input), model);
    }
    model.input().iter().filter(known).map(Modality::as_str).collect::<JsonValue<'_>>().unless_empty()
}

/// Returns whether a base URL is on the local machine.
fn is_local(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |name: &str| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    is_name("localhost") || is_name("127.0.0.1") || is_name("[::1]")
}

/// Returns the wire protocol with this name in the tools' catalogs.
pub(super) fn protocol(name: &str) -> Option<Api> {
    parse_word(PROTOCOLS, name).or_else(|| Api::parse(name))
}

/// A provider in the catalog of pi or oh-my-pi.
#[derive(Deserialize)]
pub(super) struct ListedProvider<'a> {
    name: Option<String>,
    #[serde(default)]
    base_urls: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    pub(super) models: RawObject<'a>,
}

impl ListedProvider<'_> {
    /// Sets the facts of the provider. Its wire protocol and base URL are those of most of its models.
    pub(super) fn record(&self, majority: &Majority, subject: &mut SnapshotEntry<'_>) {
        subject.set_text(FactKey::Fact(Fact::Name), self.name.as_deref());
        let (api, base_url) = majority.most_frequent();
        subject.set_base_url(base_url.into_iter().chain(self.base_urls.iter().map(String::as_str)));
        subject.set_api(api);
        subject.set_env(self.env.iter().map(String::as_str));
    }
}

/// Sets the rates of a price list above a number of input tokens.
pub(super) fn state_above(
    rates: &RowFacts,
    field: &str,
    above: Result<u32, impl std::fmt::Display>,
    key: &FactKey,
    subject: &mut SnapshotEntry<'_>,
) {
    match above {
        Ok(above) => rates.record_when(&OwnedCondition { above: Some(above), ..OwnedCondition::default() }, 0, subject),
        Err(error) => subject.reject(key, format_args!("`{field}`: {error}")),
    }
}

/// Finds the wire protocol and base URL of most models of a provider. If several of them are equally frequent, the first one by name is used.
#[derive(Default)]
pub(super) struct Majority(BTreeMap<String, (usize, BTreeMap<String, usize>)>);

impl Majority {
    /// Adds a model.
    pub(super) fn count(&mut self, api: Option<&str>, base_url: Option<&str>) {
        let Some(api) = api else { return };
        let (models, urls) = self.0.entry(api.to_owned()).or_default();
        *models += 1;
        if let Some(url) = base_url.filter(|url| !url.is_empty()) {
            *urls.entry(url.to_owned()).or_default() += 1;
        }
    }

    /// Returns the wire protocol of most models, and the base URL of most models with this protocol. The returned protocol is `None` if this catalog
    /// does not have the protocol.
    pub(super) fn most_frequent(&self) -> (Option<Api>, Option<&str>) {
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
        assert_eq!(majority.most_frequent(), (None, None));
        majority.count(Some("anthropic-messages"), Some("https://acme.test/a"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(Some("openai-completions"), Some("https://acme.test/b"));
        majority.count(Some("openai-completions"), Some("https://acme.test/z"));
        majority.count(None, Some("https://acme.test/a"));
        assert_eq!(majority.most_frequent(), (Some(Api::OpenaiCompletions), Some("https://acme.test/z")));
        assert_eq!(protocol("acme-messages"), None);
    }
}
