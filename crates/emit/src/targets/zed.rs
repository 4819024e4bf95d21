//! Zed's settings: the part `language_models`, with a provider of each protocol's compatible kind for each service.
//!
//! Keys never stand in Zed's settings: it reads them from a variable that is named after the provider, upper case with underscores and
//! `_API_KEY` at the end. A model without a context window cannot be written.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, MaxTokensField, Modality, Model, ModelKind};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct Zed;

const PLACES: Places = Places {
    facts: &[Fact::Name, Fact::ContextWindow, Fact::MaxOutputTokens],
    capabilities: &[Capability::ToolCall, Capability::ParallelToolCalls],
    provider: true,
    ..Places::NONE
};

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages],
    kinds: &[ModelKind::Chat],
    address_variables: false,
    keyless: false,
    several_endpoints: false,
};

#[derive(Serialize)]
struct Settings<'a> {
    language_models: BTreeMap<&'static str, BTreeMap<&'a str, Provider<'a>>>,
}

#[derive(Serialize)]
struct Provider<'a> {
    api_url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_headers: BTreeMap<&'a str, &'a str>,
    available_models: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    display_name: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    capabilities: BTreeMap<&'static str, bool>,
}

impl Target for Zed {
    fn name(&self) -> &'static str {
        "zed"
    }

    fn summary(&self) -> &'static str {
        "Zed's settings.json, the part language_models"
    }

    fn file(&self) -> Option<&'static str> {
        Some("settings.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain([Loss::NoContextWindow, Loss::KeyVariable]).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut language_models: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for service in service::services(selection, ABILITIES, lost) {
            let kind = match service.endpoint.api() {
                Api::AnthropicMessages => "anthropic_compatible",
                _ => "openai_compatible",
            };
            if let Some(provider) = provider(&service, lost) {
                language_models.entry(kind).or_default().insert(service.provider.id(), provider);
            }
        }
        vec![Document::pretty("settings.json", &Settings { language_models })]
    }
}

fn provider<'a>(service: &Service<'a>, lost: &mut Lost) -> Option<Provider<'a>> {
    let is_read = service.key == Some(variable(service.provider.id()).as_str());
    let mut available_models = Vec::new();
    for &model in &service.models {
        let Some(max_tokens) = model.context_window() else {
            lost.note(Loss::NoContextWindow, model);
            continue;
        };
        lost.note_missing(PLACES, model);
        if !is_read {
            lost.note(Loss::KeyVariable, model);
        }
        let capabilities = capabilities(model, service);
        let max_output_tokens = model.max_output_tokens();
        available_models.push(Entry { name: model.id(), display_name: model.name(), max_tokens, max_output_tokens, capabilities });
    }
    let (api_url, custom_headers) = (service.endpoint.base_url(), service.endpoint.headers().collect());
    (!available_models.is_empty()).then_some(Provider { api_url, custom_headers, available_models })
}

/// The variable that Zed reads the key of a provider from.
fn variable(id: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    id.chars().map(letter).collect::<String>() + "_API_KEY"
}

/// What is known; Zed has a default for the rest.
fn capabilities(model: Model<'_>, service: &Service<'_>) -> BTreeMap<&'static str, bool> {
    let api = service.endpoint.api();
    let of_openai = api != Api::AnthropicMessages;
    let facts = [
        ("tools", model.can(Capability::ToolCall)),
        ("images", (!model.input().is_empty()).then(|| model.input().contains(Modality::Image))),
        ("parallel_tool_calls", model.can(Capability::ParallelToolCalls).filter(|_| of_openai)),
        ("chat_completions", (api == Api::OpenaiResponses).then_some(false)),
        ("max_tokens_parameter", service.endpoint.max_tokens_field().filter(|_| of_openai).map(|field| field == MaxTokensField::MaxTokens)),
    ];
    facts.into_iter().filter_map(|(name, can)| Some((name, can?))).collect()
}
