//! Zed's settings: the part `language_models`, with a provider of each protocol's compatible kind for each service.
//!
//! Keys never stand in Zed's settings: it reads them from a variable that is named after the provider, upper case with underscores and
//! `_API_KEY` at the end. A model without a context window cannot be written, and one with a part of the capabilities would take all
//! providers with it: where some are known, the others are written as Zed has them by default.

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
    capabilities: &[Capability::ToolCall, Capability::ParallelToolCalls, Capability::PromptCaching],
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
        service::LOSSES.into_iter().chain([Loss::NoContextWindow, Loss::UnknownAsDefault, Loss::KeyVariable]).collect()
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
        let capabilities = capabilities(model, service, lost);
        let max_output_tokens = model.max_output_tokens();
        available_models.push(Entry { name: model.id(), display_name: model.name(), max_tokens, max_output_tokens, capabilities });
    }
    let (api_url, custom_headers) = (service::address(service.endpoint), service.endpoint.headers().collect());
    (!available_models.is_empty()).then_some(Provider { api_url, custom_headers, available_models })
}

/// The variable that Zed reads the key of a provider from: words are told by what is no letter or digit, by a change between letters and
/// digits, and by a capital after a small letter.
fn variable(id: &str) -> String {
    let mut name = String::new();
    let mut last: Option<char> = None;
    for letter in id.chars() {
        let is_new = last.is_some_and(|last| {
            last.is_ascii_digit() != letter.is_ascii_digit() && last.is_ascii_alphanumeric()
                || last.is_ascii_lowercase() && letter.is_ascii_uppercase()
        });
        if letter.is_ascii_alphanumeric() && is_new {
            name.push('_');
        }
        name.push(if matches!(letter, '-' | ' ' | '_') { '_' } else { letter.to_ascii_uppercase() });
        last = Some(letter);
    }
    name + "_API_KEY"
}

/// All that Zed wants to be told at once, or nothing where nothing is known.
fn capabilities(model: Model<'_>, service: &Service<'_>, lost: &mut Lost) -> BTreeMap<&'static str, bool> {
    let is_openai = service.endpoint.api() != Api::AnthropicMessages;
    let tools = model.can(Capability::ToolCall);
    let images = (!model.input().is_empty()).then(|| model.input().contains(Modality::Image));
    let parallel = model.can(Capability::ParallelToolCalls);
    let field = service.endpoint.max_tokens_field().filter(|_| is_openai);
    let is_responses = service.endpoint.api() == Api::OpenaiResponses;
    if tools.is_none() && images.is_none() && parallel.is_none() && field.is_none() && !is_responses {
        return BTreeMap::new();
    }
    if tools.is_none() || images.is_none() || parallel.is_none() {
        lost.note(Loss::UnknownAsDefault, model);
    }
    let mut all = BTreeMap::from([("tools", tools.unwrap_or(true)), ("images", images.unwrap_or(false))]);
    if is_openai {
        all.extend([("parallel_tool_calls", parallel.unwrap_or(false)), ("prompt_cache_key", false)]);
        all.extend(field.map(|field| ("max_tokens_parameter", field == MaxTokensField::MaxTokens)));
        all.extend(is_responses.then_some(("chat_completions", false)));
    } else {
        all.insert("prompt_caching", model.can(Capability::PromptCaching).unwrap_or(false));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_of_a_provider() {
        for (id, name) in [
            ("kimi-coding", "KIMI_CODING_API_KEY"),
            ("302ai", "302_AI_API_KEY"),
            ("e2b", "E_2_B_API_KEY"),
            ("deepInfra", "DEEP_INFRA_API_KEY"),
            ("acme", "ACME_API_KEY"),
        ] {
            assert_eq!(variable(id), name);
        }
    }
}
