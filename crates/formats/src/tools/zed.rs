//! Zed's settings: the part `language_models`, with a provider of each protocol's compatible kind for each service.
//!
//! Keys never stand in Zed's settings: it reads them from a variable that is named after the provider, upper case with underscores and
//! `_API_KEY` at the end. A model without a context window cannot be written, and one with a part of the capabilities would take all
//! providers with it: where some are known, the others are written as Zed has them by default.

use crate::fields::{self, Field, can, fact, provider};
use crate::loss::{Loss, Lost};
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, MaxTokensField, Model};
use std::collections::BTreeMap;

pub(super) const TARGET: Target = Target {
    name: "zed",
    summary: "Zed's settings.json, the part language_models",
    file: Some("settings.json"),
    fields: &[MODEL, CAPABILITIES],
    changes: &[&service::LOSSES, &[Loss::NoContextWindow, Loss::UnknownAsDefault, Loss::KeyVariable]],
    write,
};

const MODEL: &[Field] = &[
    fact("display_name", Fact::Name),
    fact("max_tokens", Fact::ContextWindow),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    provider("language_models"),
];

/// Flags that are written all together or not at all.
const CAPABILITIES: &[Field] = &[
    can("tools", Capability::ToolCall).by_hand(),
    can("parallel_tool_calls", Capability::ParallelToolCalls).by_hand(),
    can("prompt_caching", Capability::PromptCaching).by_hand(),
];

const ABILITIES: Abilities =
    Abilities { apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages], keyless: false, ..Abilities::USUAL };

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let mut kinds: BTreeMap<_, Object<'_>> = BTreeMap::new();
    for service in service::services(selection, ABILITIES, lost) {
        let kind = match service.endpoint.api() {
            Api::AnthropicMessages => "anthropic_compatible",
            _ => "openai_compatible",
        };
        if let Some(entry) = entry(&service, lost) {
            kinds.entry(kind).or_default().set(service.provider.id(), entry);
        }
    }
    let kinds: Object<'_> = kinds.into_iter().map(|(kind, providers)| (kind, providers.sorted())).collect();
    vec![Document::pretty("settings.json", &Object::default().with("language_models", kinds))]
}

fn entry<'a>(service: &Service<'a>, lost: &mut Lost) -> Option<Object<'a>> {
    let is_read = service.key == Some(variable(service.provider.id()).as_str());
    let mut models = Vec::new();
    for &model in &service.models {
        if model.context_window().is_none() {
            lost.note(Loss::NoContextWindow, model);
            continue;
        }
        if !is_read {
            lost.note(Loss::KeyVariable, model);
        }
        let row = Object::default().with("name", model.id()).with_model(MODEL, model, |_| None);
        models.push(row.with("capabilities", capabilities(model, service, lost)));
    }
    let entry = Object::default().with("api_url", service::address(service.endpoint));
    let entry = entry.with("custom_headers", service::headers(service.endpoint));
    (!models.is_empty()).then(|| entry.with("available_models", models.into_iter().collect::<Json<'_>>()))
}

/// The variable that Zed reads the key of a provider from: words are separated by what is not a letter or digit, by a change between letters and
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

/// All flags that Zed demands at once, or nothing where nothing is known.
fn capabilities(model: Model<'_>, service: &Service<'_>, lost: &mut Lost) -> Json<'static> {
    let is_openai = service.endpoint.api() != Api::AnthropicMessages;
    let tools = model.can(Capability::ToolCall);
    let images = fields::takes_images(model);
    let parallel = model.can(Capability::ParallelToolCalls);
    let field = service.endpoint.max_tokens_field().filter(|_| is_openai);
    let is_responses = service.endpoint.api() == Api::OpenaiResponses;
    if tools.is_none() && images.is_none() && parallel.is_none() && field.is_none() && !is_responses {
        return Json::Absent;
    }
    if tools.is_none() || images.is_none() || parallel.is_none() {
        lost.note(Loss::UnknownAsDefault, model);
    }
    let all = Object::default().with("tools", tools.unwrap_or(true)).with("images", images.unwrap_or(false));
    let all = if is_openai {
        all.with("parallel_tool_calls", parallel.unwrap_or(false))
            .with("prompt_cache_key", false)
            .with("max_tokens_parameter", field.map(|field| field == MaxTokensField::MaxTokens))
            .with("chat_completions", is_responses.then_some(false))
    } else {
        all.with("prompt_caching", model.can(Capability::PromptCaching).unwrap_or(false))
    };
    all.sorted().into()
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
