//! LiteLLM: reads and writes LiteLLM's price map, `model_prices_and_context_window.json`, and writes the configuration of LiteLLM's proxy.
//!
//! The price map is one object with a row per model. The key of a row is `route/id`; the route is LiteLLM's name of the provider. Rates are US
//! dollars per token, or per single image, request or search. The name of a field states the condition of its rate:
//! `input_cost_per_token_above_200k_tokens_priority`. The context window and the input limit share one field.

mod proxy;
mod read;
mod write;

use crate::fields::{FieldMapping, WordTable, capability, fact, price_steps, rate, tier};
use crate::loss::Loss;
use crate::target::EmitTarget;
use modeldex_table::{Capability, Fact, Meter, Modality, ModelKind, Provider, ProviderAlias, ServiceTier};

pub(super) use read::read;

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "litellm",
    summary: "LiteLLM's price map",
    file_name: Some("model_prices_and_context_window.json"),
    fields: PLACES,
    changes: &[&[Loss::DuplicateId], CHANGES],
    write: write::write,
};

pub(super) const PROXY: EmitTarget = proxy::TARGET;

/// Fields of a row in the map and in the proxy's configuration.
const PLACES: &[&[FieldMapping]] = &[LIMITS, CAPABILITIES, LAST, TOKEN_RATES, UNIT_RATES, TIERS];

/// Other losses of a row.
const CHANGES: &[Loss] = &[
    Loss::SharedInputLimit,
    Loss::FreeAsZero,
    Loss::ImpreciseDate,
    Loss::OtherCurrency,
    Loss::ConditionalUnitRate,
    Loss::LooksLikeFiller(Fact::Prices),
    Loss::UnsupportedWords(Fact::Input),
    Loss::UnsupportedWords(Fact::Output),
];

const LIMITS: &[FieldMapping] = &[
    fact("mode", Fact::Kind).handled_by_module(),
    // One field for both limits: see `read::read_model`.
    fact("max_input_tokens", Fact::ContextWindow).handled_by_module(),
    fact("max_input_tokens", Fact::MaxInputTokens).handled_by_module(),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    fact("prompt_cache_min_tokens", Fact::MinCacheableTokens).only_read(),
];

const CAPABILITIES: &[FieldMapping] = &[
    capability("supports_reasoning", Capability::Reasoning),
    capability("supports_function_calling", Capability::ToolCall),
    capability("supports_parallel_function_calling", Capability::ParallelToolCalls),
    capability("supports_tool_choice", Capability::ToolChoice),
    capability("supports_response_schema", Capability::StructuredOutput),
    capability("supports_prompt_caching", Capability::PromptCaching),
    capability("supports_assistant_prefill", Capability::AssistantPrefill),
    capability("supports_web_search", Capability::WebSearch),
    capability("supports_computer_use", Capability::ComputerUse),
];

const LAST: &[FieldMapping] = &[
    fact("supported_modalities", Fact::Input).handled_by_module(),
    fact("supported_output_modalities", Fact::Output).handled_by_module(),
    fact("reasoning_effort_levels", Fact::ReasoningEfforts),
    // The retirement date, despite the field's name: it equals the shutdown date that the providers announced (Vertex AI's `claude-3-opus`,
    // 2025-08-01; Azure's `gpt-4-0613`, 2025-06-06), and OpenRouter's `expiration_date` of the same model.
    fact("deprecation_date", Fact::RetirementDate),
];

/// Fields of rates per token, without the suffixes of conditions.
const TOKEN_RATES: &[FieldMapping] = &[
    rate("input_cost_per_token", Meter::Input),
    rate("output_cost_per_token", Meter::Output),
    rate("output_cost_per_reasoning_token", Meter::Reasoning),
    rate("cache_read_input_token_cost", Meter::CacheRead),
    rate("cache_creation_input_token_cost", Meter::CacheWrite),
    rate("cache_creation_input_token_cost_above_1hr", Meter::CacheWrite1h),
    rate("input_cost_per_audio_token", Meter::InputAudio),
    rate("output_cost_per_audio_token", Meter::OutputAudio),
    rate("input_cost_per_image_token", Meter::InputImage),
    rate("output_cost_per_image_token", Meter::OutputImage),
    price_steps("_above_N_tokens"),
];

/// Fields of rates per single unit.
const UNIT_RATES: &[FieldMapping] = &[
    rate("input_cost_per_request", Meter::Request),
    rate("output_cost_per_image", Meter::Image),
    rate(SEARCH_SIZES, Meter::WebSearch).handled_by_module(),
];

/// Field with the rate of a search for each of three sizes.
const SEARCH_SIZES: &str = "search_context_cost_per_query";

/// Suffixes of rate fields for service tiers.
const TIERS: &[FieldMapping] =
    &[tier("_batches", ServiceTier::Batch), tier("_flex", ServiceTier::Flex), tier("_priority", ServiceTier::Priority)];

/// Kinds of models. Modes such as `ocr` have no kind in this catalog.
const MODES: &WordTable<ModelKind> = &[
    ("chat", ModelKind::Chat),
    ("responses", ModelKind::Chat),
    ("completion", ModelKind::Completion),
    ("embedding", ModelKind::Embedding),
    ("rerank", ModelKind::Rerank),
    ("image_generation", ModelKind::Image),
    ("image_edit", ModelKind::Image),
    ("video_generation", ModelKind::Video),
    ("audio_speech", ModelKind::Speech),
    ("audio_transcription", ModelKind::Transcription),
    ("moderation", ModelKind::Moderation),
    ("realtime", ModelKind::Realtime),
];

/// Flags of input modalities other than text.
const FLAGS: &WordTable<Modality> = &[
    ("supports_vision", Modality::Image),
    ("supports_audio_input", Modality::Audio),
    ("supports_video_input", Modality::Video),
    ("supports_pdf_input", Modality::Pdf),
];

/// LiteLLM's names for the providers of this catalog. The names are prefixes of the ids in the map.
const ROUTES: &str = include_str!("routes.txt");

/// Returns LiteLLM's name of a provider: the provider's id if the id is a route, otherwise the first alias that is a route, otherwise the id.
fn route(provider: Provider<'_>) -> &str {
    let is_route = |id: &&str| ROUTES.lines().any(|route| route == *id);
    [provider.id()].into_iter().chain(provider.aliases().map(ProviderAlias::id)).find(is_route).unwrap_or(provider.id())
}

/// Returns the prefix of a row's key: the route, except for one route with another spelling in keys.
fn prefix(route: &str) -> &str {
    if route == "amazon_nova" { "amazon-nova" } else { route }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_map::{ProviderIdMap, ProviderMapping};
    use std::{fs, path::Path};

    #[test]
    fn routes_are_sorted_and_in_the_provider_map() {
        assert!(ROUTES.lines().is_sorted());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/provider-map.yaml");
        let map = ProviderIdMap::parse(&fs::read_to_string(file).unwrap()).unwrap();
        for route in ROUTES.lines() {
            assert!(matches!(map.lookup("litellm", route), ProviderMapping::Provider(_)), "the provider map lacks LiteLLM's `{route}`");
        }
    }
}
