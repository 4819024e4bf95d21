//! LiteLLM: its price map, `model_prices_and_context_window.json`, which is read and written, and the configuration of its proxy, which is
//! written. The map is one object of rows by `route/id`, of all providers.
//!
//! Rates are US dollars per token, and per single image, request or search. The conditions of a rate are in the name of its field:
//! `input_cost_per_token_above_200k_tokens_priority`. There is one limit of what goes in.

mod proxy;
mod read;
mod write;

use crate::fields::{Field, Words, above, can, fact, rate, tier};
use crate::loss::Loss;
use crate::target::Target;
use modeldex_table::{Capability, Fact, Meter, Modality, ModelKind, Provider, ProviderAlias, ServiceTier};

pub(super) use read::read;

pub(super) const TARGET: Target = Target {
    name: "litellm",
    summary: "LiteLLM's price map",
    file: Some("model_prices_and_context_window.json"),
    fields: PLACES,
    changes: &[&[Loss::SameId], CHANGES],
    write: write::write,
};

pub(super) const PROXY: Target = proxy::TARGET;

/// What a row has a place for: one of the map, or of the proxy's configuration.
const PLACES: &[&[Field]] = &[LIMITS, CAPABILITIES, LAST, TOKEN_RATES, UNIT_RATES, TIERS];

/// What else happens to the facts of a row.
const CHANGES: &[Loss] = &[
    Loss::OneLimit,
    Loss::FreeAsZero,
    Loss::InexactDate,
    Loss::Currency,
    Loss::UnitRate,
    Loss::Filler(Fact::Prices),
    Loss::Words(Fact::Input),
    Loss::Words(Fact::Output),
];

const LIMITS: &[Field] = &[
    fact("mode", Fact::Kind).by_hand(),
    // One field for both: see `read::read_model`.
    fact("max_input_tokens", Fact::ContextWindow).by_hand(),
    fact("max_input_tokens", Fact::MaxInputTokens).by_hand(),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    fact("prompt_cache_min_tokens", Fact::MinCacheableTokens).only_read(),
];

const CAPABILITIES: &[Field] = &[
    can("supports_reasoning", Capability::Reasoning),
    can("supports_function_calling", Capability::ToolCall),
    can("supports_parallel_function_calling", Capability::ParallelToolCalls),
    can("supports_tool_choice", Capability::ToolChoice),
    can("supports_response_schema", Capability::StructuredOutput),
    can("supports_prompt_caching", Capability::PromptCaching),
    can("supports_assistant_prefill", Capability::AssistantPrefill),
    can("supports_web_search", Capability::WebSearch),
    can("supports_computer_use", Capability::ComputerUse),
];

const LAST: &[Field] = &[
    fact("supported_modalities", Fact::Input).by_hand(),
    fact("supported_output_modalities", Fact::Output).by_hand(),
    fact("reasoning_effort_levels", Fact::ReasoningEfforts),
    // The day on which the model stops answering, whatever the field is called: it is the shutdown that the providers announced (Vertex
    // AI's `claude-3-opus`, 2025-08-01; Azure's `gpt-4-0613`, 2025-06-06), and OpenRouter's `expiration_date` of the same model.
    fact("deprecation_date", Fact::RetirementDate),
];

/// Fields of rates per token, without the conditions at their ends.
const TOKEN_RATES: &[Field] = &[
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
    above("_above_N_tokens"),
];

/// Fields of rates per single unit.
const UNIT_RATES: &[Field] = &[
    rate("input_cost_per_request", Meter::Request),
    rate("output_cost_per_image", Meter::Image),
    rate(SEARCH_SIZES, Meter::WebSearch).by_hand(),
];

/// The field that has the rate of a search for each of three sizes.
const SEARCH_SIZES: &str = "search_context_cost_per_query";

/// The service tiers, as the name of a rate ends.
const TIERS: &[Field] = &[tier("_batches", ServiceTier::Batch), tier("_flex", ServiceTier::Flex), tier("_priority", ServiceTier::Priority)];

/// The kinds of models; reading of documents, judging and deciding have no word here.
const MODES: &Words<ModelKind> = &[
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

/// The flags of what goes in beside text.
const FLAGS: &Words<Modality> = &[
    ("supports_vision", Modality::Image),
    ("supports_audio_input", Modality::Audio),
    ("supports_video_input", Modality::Video),
    ("supports_pdf_input", Modality::Pdf),
];

/// The routes, which are names of providers in the map and in front of its ids, of which this catalog has the provider under some id.
const ROUTES: &str = include_str!("routes.txt");

/// The name under which LiteLLM knows a provider: its own id where that is a route, else the other id of it that is one, else its own id.
fn route(provider: Provider<'_>) -> &str {
    let is_route = |id: &&str| ROUTES.lines().any(|route| route == *id);
    [provider.id()].into_iter().chain(provider.aliases().map(ProviderAlias::id)).find(is_route).unwrap_or(provider.id())
}

/// What stands before an id in the key of a row: the route, but for one that is spelled otherwise there.
fn prefix(route: &str) -> &str {
    if route == "amazon_nova" { "amazon-nova" } else { route }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_map::{Mapped, ProviderMap};
    use std::{fs, path::Path};

    #[test]
    fn routes_are_sorted_and_in_the_provider_map() {
        assert!(ROUTES.lines().is_sorted());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/provider-map.yaml");
        let map = ProviderMap::parse(&fs::read_to_string(file).unwrap()).unwrap();
        for route in ROUTES.lines() {
            assert!(
                matches!(map.of("litellm", route), Mapped::Provider(_)),
                "the provider map has no service that LiteLLM calls `{route}`"
            );
        }
    }
}
