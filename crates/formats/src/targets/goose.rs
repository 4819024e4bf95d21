//! goose's declarative providers: one JSON file each, for its folder `custom_providers`.
//!
//! Costs are US dollars per token. `base_url` of an OpenAI-compatible service is the address that requests go to, with the path of the
//! protocol. A model's limit is demanded.

use crate::loss::{Loss, Lost, Places};
use crate::number::PerToken;
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Meter, Model, ModelKind};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct Goose;

const PLACES: Places = Places {
    facts: &[Fact::ContextWindow],
    capabilities: &[Capability::PromptCaching],
    meters: &[Meter::Input, Meter::Output],
    provider: true,
    ..Places::NONE
};

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::Ollama],
    kinds: &[ModelKind::Chat],
    address_variables: false,
    keyless: false,
    several_endpoints: false,
};

#[derive(Serialize)]
struct Provider<'a> {
    name: &'a str,
    engine: &'static str,
    display_name: &'a str,
    api_key_env: &'a str,
    base_url: String,
    models: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_streaming: Option<bool>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    context_limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_token_cost: Option<PerToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_token_cost: Option<PerToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_cache_control: Option<bool>,
}

impl Target for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn summary(&self) -> &'static str {
        "goose's declarative providers, one file each"
    }

    fn file(&self) -> Option<&'static str> {
        None
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain([Loss::NoContextWindow, Loss::FreeAsZero, Loss::Currency]).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let services = service::services(selection, ABILITIES, lost);
        let providers = services.iter().filter_map(|service| provider(service, selection, lost));
        providers.map(|provider| Document::pretty(format!("{}.json", provider.name), &provider)).collect()
    }
}

fn provider<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Option<Provider<'a>> {
    let models: Vec<_> = service.models.iter().filter_map(|model| entry(*model, selection, lost)).collect();
    let base_url = service::address(service.endpoint);
    let (engine, base_url) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", format!("{}/chat/completions", base_url)),
    };
    (!models.is_empty()).then_some(Provider {
        name: service.provider.id(),
        engine,
        display_name: service.provider.name(),
        api_key_env: service.key?,
        base_url,
        models,
        headers: service.endpoint.headers().collect(),
        supports_streaming: None,
    })
}

fn entry<'a>(model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Option<Entry<'a>> {
    let Some(context_limit) = model.context_window() else {
        lost.note(Loss::NoContextWindow, model);
        return None;
    };
    lost.note_missing(PLACES, model);
    let [input, output] = selection.in_dollars(model, lost).map(|rate| rate.map(PerToken));
    Some(Entry {
        name: model.id(),
        context_limit,
        input_token_cost: input,
        output_token_cost: output,
        currency: input.or(output).map(|_| "$"),
        supports_cache_control: model.can(Capability::PromptCaching),
    })
}
