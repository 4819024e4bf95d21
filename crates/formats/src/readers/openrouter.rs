//! OpenRouter: the answer of its `/api/v1/models`, `{data: [model]}`; all of it is one provider.
//!
//! Rates are decimal strings, US dollars per token, and per single unit for requests and searches. -1 means that the price depends on
//! which model answers: then there is none. Zero for a request or a search means that nothing is charged for it, zero for tokens that
//! the model is free. `image` is left out: it is documented per image, and equals the rate of a prompt token wherever it is written.
//! `supported_parameters` is complete: what is not in it is not taken. A name begins with its maker's, `Acme: One`.

use super::json;
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::Key;
use modeldex_table::{Capability, Fact, Meter};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct File {
    data: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a model")]
struct Model {
    id: String,
    name: Option<String>,
    context_length: Option<Exact>,
    architecture: Option<Architecture>,
    top_provider: Option<TopProvider>,
    pricing: Option<Pricing>,
    supported_parameters: Option<Vec<String>>,
    knowledge_cutoff: Option<String>,
    expiration_date: Option<String>,
}

#[derive(Deserialize)]
struct Architecture {
    #[serde(default)]
    input_modalities: Vec<String>,
    #[serde(default)]
    output_modalities: Vec<String>,
}

#[derive(Deserialize)]
struct TopProvider {
    max_completion_tokens: Option<Exact>,
}

#[derive(Deserialize)]
struct Pricing {
    prompt: Option<Exact>,
    completion: Option<Exact>,
    internal_reasoning: Option<Exact>,
    input_cache_read: Option<Exact>,
    input_cache_write: Option<Exact>,
    audio: Option<Exact>,
    request: Option<Exact>,
    web_search: Option<Exact>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let file: File = json::file(bytes)?;
    let Some(provider) = builder.provider_id("openrouter") else { return Ok(()) };
    for (index, raw) in file.data.iter().enumerate() {
        match json::row::<Model>(raw) {
            Ok(row) => {
                if let Some(mut model) = builder.model(provider, &row.id) {
                    read_model(&row, &mut model);
                }
            }
            Err(reason) => {
                let id = json::row::<Id>(raw).map_or_else(|_| format!("data[{index}]"), |row| row.id);
                builder.problem(format!("{provider}/{id}"), reason);
            }
        }
    }
    Ok(())
}

fn read_model(row: &Model, model: &mut Subject<'_>) {
    let name = row.name.as_deref().map(|name| name.split_once(": ").map_or(name, |(_, name)| name));
    model.text(Key::Fact(Fact::Name), name);
    model.tokens(Fact::ContextWindow, row.context_length);
    model.tokens(Fact::MaxOutputTokens, row.top_provider.as_ref().and_then(|top| top.max_completion_tokens));
    if let Some(architecture) = &row.architecture {
        model.modalities(Fact::Input, architecture.input_modalities.iter().map(String::as_str));
        model.modalities(Fact::Output, architecture.output_modalities.iter().map(String::as_str));
    }
    if let Some(parameters) = &row.supported_parameters {
        let has = |name: &str| parameters.iter().any(|parameter| parameter == name);
        for (capability, name) in [
            (Capability::Reasoning, "reasoning"),
            (Capability::ToolCall, "tools"),
            (Capability::ToolChoice, "tool_choice"),
            (Capability::StructuredOutput, "structured_outputs"),
            (Capability::Temperature, "temperature"),
        ] {
            model.can(capability, Some(has(name)));
        }
        // These two are written for a handful of models only, among many that have them.
        for (capability, name) in [(Capability::ParallelToolCalls, "parallel_tool_calls"), (Capability::WebSearch, "web_search_options")] {
            model.can(capability, has(name).then_some(true));
        }
    }
    model.date(Fact::KnowledgeCutoff, row.knowledge_cutoff.as_deref());
    model.date(Fact::RetirementDate, row.expiration_date.as_deref());
    if let Some(pricing) = &row.pricing {
        read_pricing(pricing, model);
    }
}

fn read_pricing(pricing: &Pricing, model: &mut Subject<'_>) {
    let tokens = [
        (Meter::Input, pricing.prompt),
        (Meter::Output, pricing.completion),
        (Meter::Reasoning, pricing.internal_reasoning),
        (Meter::CacheRead, pricing.input_cache_read),
        (Meter::CacheWrite, pricing.input_cache_write),
        (Meter::InputAudio, pricing.audio),
    ];
    let units = [(Meter::Request, pricing.request), (Meter::WebSearch, pricing.web_search)];
    let is_negative = |rate: Option<Exact>| rate.is_some_and(|rate| rate.rate() == Err(crate::NotExact::Negative));
    if tokens.iter().chain(&units).any(|(_, rate)| is_negative(*rate)) {
        return model.problem(&Key::Fact(Fact::Prices), "depends on which model answers");
    }
    for (meter, rate) in tokens {
        model.rate(meter, rate.map(|rate| rate.shifted(6)));
    }
    for (meter, rate) in units {
        model.rate(meter, rate.filter(|rate| !rate.is_zero()));
    }
}
