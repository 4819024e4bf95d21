//! Zed: writes the part `language_models` of Zed's settings. Each endpoint is listed under Zed's name for the kind of its wire protocol, such as
//! `openai_compatible`.
//!
//! - The settings never contain API keys. Zed reads an API key from a variable that is named after the provider.
//! - The name of the variable is the name of the provider in upper case, with underscores, followed by `_API_KEY`.
//! - A provider is left out if its variable belongs to another provider, whose key Zed would send.
//! - A model without a known context window is left out.
//! - If a model has only some of the capability flags, all providers are invalid. So unknown flags are written with Zed's defaults.
//! - If all flags of a model are unknown, no flag is written.

use crate::fields::{self, FieldMapping, capability, fact, provider_entry};
use crate::loss::{Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Capability, Fact, MaxTokensField, Model};
use std::collections::BTreeMap;

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "zed",
    summary: "the part `language_models` of Zed's settings.json",
    file_name: Some("settings.json"),
    fields: &[MODEL, CAPABILITIES],
    changes: &[&service::ENDPOINT_LOSSES, &service::DERIVED_KEY_LOSSES, &[Loss::NoContextWindow, Loss::UnknownCapabilityAsDefault]],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("display_name", Fact::Name),
    fact("max_tokens", Fact::ContextWindow),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    provider_entry("language_models"),
];

/// Flags that must all be present or all be absent.
const CAPABILITIES: &[FieldMapping] = &[
    capability("tools", Capability::ToolCall).handled_by_module(),
    capability("parallel_tool_calls", Capability::ParallelToolCalls).handled_by_module(),
    capability("prompt_caching", Capability::PromptCaching).handled_by_module(),
];

const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages],
    keyless: false,
    derived_key_variable: Some(variable),
    ..ToolSupport::DEFAULT
};

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut kinds: BTreeMap<_, JsonObject<'_>> = BTreeMap::new();
    for service in service::tool_endpoints(selection, TOOL_SUPPORT, losses) {
        let kind = match service.endpoint.api() {
            Api::AnthropicMessages => "anthropic_compatible",
            _ => "openai_compatible",
        };
        if let Some(entry) = entry(&service, losses) {
            kinds.entry(kind).or_default().set(service.provider.id(), entry);
        }
    }
    let kinds: JsonObject<'_> = kinds.into_iter().map(|(kind, providers)| (kind, providers.sorted())).collect();
    vec![OutputFile::json_pretty("settings.json", &JsonObject::default().with("language_models", kinds))]
}

fn entry<'a>(service: &ToolEndpoint<'a>, losses: &mut LossReport) -> Option<JsonObject<'a>> {
    let mut models = Vec::new();
    for &model in &service.models {
        if model.context_window().is_none() {
            losses.record(Loss::NoContextWindow, model);
            continue;
        }
        if service.is_key_derived {
            losses.record(Loss::DerivedKeyVariable, model);
        }
        let row = JsonObject::default().with("name", model.id()).with_model(MODEL, model, |_| None);
        models.push(row.with("capabilities", capabilities(model, service, losses)));
    }
    let entry = JsonObject::default().with("api_url", service::base_url_without_version(service.endpoint));
    let entry = entry.with("custom_headers", service::headers(service.endpoint));
    (!models.is_empty()).then(|| entry.with("available_models", models.into_iter().collect::<JsonValue<'_>>()))
}

/// Returns the name of the variable from which Zed reads a provider's API key. Words are separated at characters other than letters and digits,
/// between letters and digits, and before an upper-case letter after a lower-case one.
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
    name.push_str("_API_KEY");
    // Empty words are dropped: `acme-` and `acme` have the same variable.
    name.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// Returns the flags that Zed requires together. The result is absent if all flags are unknown.
fn capabilities(model: Model<'_>, service: &ToolEndpoint<'_>, losses: &mut LossReport) -> JsonValue<'static> {
    let is_openai = service.endpoint.api() != Api::AnthropicMessages;
    let tools = model.can(Capability::ToolCall);
    let images = fields::takes_images(model);
    let parallel = model.can(Capability::ParallelToolCalls);
    let field = service.endpoint.max_tokens_field().filter(|_| is_openai);
    let is_responses = service.endpoint.api() == Api::OpenaiResponses;
    if tools.is_none() && images.is_none() && parallel.is_none() && field.is_none() && !is_responses {
        return JsonValue::Absent;
    }
    if tools.is_none() || images.is_none() || parallel.is_none() {
        losses.record(Loss::UnknownCapabilityAsDefault, model);
    }
    let all = JsonObject::default().with("tools", tools.unwrap_or(true)).with("images", images.unwrap_or(false));
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
            ("acme-", "ACME_API_KEY"),
            ("acme--ai", "ACME_AI_API_KEY"),
        ] {
            assert_eq!(variable(id), name);
        }
    }
}
