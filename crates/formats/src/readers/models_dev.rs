//! models.dev: `api.json`, an object of providers with their models.
//!
//! Rates are US dollars per million tokens, and what a model costs above a length of the request stands in `cost.tiers`; the older
//! `context_over_200k` says the same less exactly and counts only where there are no tiers. Costs and limits of zero are often filler:
//! costs are handed on as they are, limits of zero are no statement. `env` is one flat list in the order of preference, and cannot say
//! which variables belong together. An experimental mode is told by what it sends on the wire, not by its name: the mode `fast` is
//! the service tier `priority` at one provider and the speed `fast` at another.

use super::json::{self, Rows};
use crate::Exact;
use crate::snapshot::{Builder, Subject, is_variable};
use crate::statement::{Condition, Key, Value};
use modeldex_table::{Api, Capability, Fact, Meter, ServiceTier, Status};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(expecting = "a provider")]
struct Provider {
    name: Option<String>,
    doc: Option<String>,
    api: Option<String>,
    npm: Option<String>,
    #[serde(default)]
    env: Vec<String>,
    models: Rows,
}

#[derive(Deserialize)]
#[serde(expecting = "a model")]
struct Model {
    name: Option<String>,
    family: Option<String>,
    canonical_model_id: Option<String>,
    attachment: Option<bool>,
    reasoning: Option<bool>,
    temperature: Option<bool>,
    tool_call: Option<bool>,
    structured_output: Option<bool>,
    open_weights: Option<bool>,
    knowledge: Option<String>,
    release_date: Option<String>,
    last_updated: Option<String>,
    status: Option<String>,
    modalities: Option<Modalities>,
    limit: Option<Limit>,
    cost: Option<Cost>,
    reasoning_options: Option<Vec<ReasoningOption>>,
    experimental: Option<Experimental>,
}

#[derive(Deserialize)]
struct Modalities {
    #[serde(default)]
    input: Vec<String>,
    #[serde(default)]
    output: Vec<String>,
}

#[derive(Deserialize)]
struct Limit {
    context: Option<Exact>,
    input: Option<Exact>,
    output: Option<Exact>,
}

#[derive(Deserialize)]
struct Cost {
    input: Option<Exact>,
    output: Option<Exact>,
    reasoning: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
    input_audio: Option<Exact>,
    output_audio: Option<Exact>,
    tiers: Option<Vec<Cost>>,
    tier: Option<Tier>,
    context_over_200k: Option<Box<Cost>>,
}

#[derive(Deserialize)]
struct Tier {
    #[serde(rename = "type")]
    kind: String,
    size: Option<Exact>,
}

#[derive(Deserialize)]
struct ReasoningOption {
    #[serde(rename = "type")]
    kind: String,
    values: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Experimental {
    modes: Option<BTreeMap<String, Mode>>,
}

#[derive(Deserialize)]
struct Mode {
    cost: Option<Cost>,
    provider: Option<Wire>,
}

#[derive(Deserialize)]
struct Wire {
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Body {
    service_tier: Option<String>,
    speed: Option<String>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let providers: Rows = json::file(bytes)?;
    for (id, raw) in &providers.0 {
        let Some(provider) = builder.provider_id(id) else { continue };
        let row: Provider = match json::row(raw) {
            Ok(row) => row,
            Err(reason) => {
                builder.problem(id.as_str(), reason);
                continue;
            }
        };
        read_provider(&row, &mut builder.provider(provider));
        for (id, raw) in &row.models.0 {
            match json::row::<Model>(raw) {
                Ok(row) => {
                    if let Some(mut model) = builder.model(provider, id) {
                        read_model(&row, &mut model);
                    }
                }
                Err(reason) => builder.problem(format!("{provider}/{id}"), reason),
            }
        }
    }
    Ok(())
}

fn read_provider(row: &Provider, provider: &mut Subject<'_>) {
    provider.text(Key::Fact(Fact::Name), row.name.as_deref());
    provider.text(Key::DocUrl, row.doc.as_deref());
    provider.text(Key::BaseUrl, row.api.as_deref());
    provider.text(Key::Api, row.npm.as_deref().and_then(protocol).map(Api::as_str));
    let (names, others): (Vec<_>, Vec<_>) = row.env.iter().cloned().partition(|name| is_variable(name));
    for other in others {
        provider.problem(&Key::Env, format_args!("`{other}` is not the name of a variable"));
    }
    if !names.is_empty() {
        provider.set(Key::Env, Value::Texts(names));
    }
}

/// The wire protocol that a package of the AI SDK speaks, for the packages that speak one only.
fn protocol(npm: &str) -> Option<Api> {
    Some(match npm {
        // OpenRouter speaks the protocol of OpenAI, and so does who is reached by its package.
        "@ai-sdk/openai-compatible" | "@openrouter/ai-sdk-provider" => Api::OpenaiCompletions,
        "@ai-sdk/openai" => Api::OpenaiResponses,
        "@ai-sdk/anthropic" => Api::AnthropicMessages,
        "@ai-sdk/google" => Api::GoogleGenerativeAi,
        "@ai-sdk/google-vertex" | "@ai-sdk/google-vertex/anthropic" => Api::GoogleVertex,
        "@ai-sdk/amazon-bedrock" => Api::BedrockConverse,
        "@ai-sdk/azure" => Api::AzureOpenai,
        "ollama-ai-provider" | "ollama-ai-provider-v2" => Api::Ollama,
        _ => return None,
    })
}

fn read_model(row: &Model, model: &mut Subject<'_>) {
    model.text(Key::Fact(Fact::Name), row.name.as_deref());
    model.text(Key::Fact(Fact::Family), row.family.as_deref());
    model.text(Key::Base, row.canonical_model_id.as_deref());
    for (capability, can) in [
        (Capability::Reasoning, row.reasoning),
        (Capability::ToolCall, row.tool_call),
        (Capability::StructuredOutput, row.structured_output),
        (Capability::Temperature, row.temperature),
        (Capability::Attachment, row.attachment),
    ] {
        model.can(capability, can);
    }
    model.flag(Key::Fact(Fact::OpenWeights), row.open_weights);
    model.date(Fact::ReleaseDate, row.release_date.as_deref());
    model.date(Fact::LastUpdated, row.last_updated.as_deref());
    model.date(Fact::KnowledgeCutoff, row.knowledge.as_deref());
    match row.status.as_deref() {
        None => {}
        Some("alpha" | "beta") => model.text(Key::Fact(Fact::Status), Some(Status::Preview.as_str())),
        Some("deprecated") => model.text(Key::Fact(Fact::Status), Some(Status::Deprecated.as_str())),
        Some(other) => model.problem(&Key::Fact(Fact::Status), format_args!("`{other}` is no word for it")),
    }
    if let Some(modalities) = &row.modalities {
        model.modalities(Fact::Input, modalities.input.iter().map(String::as_str));
        model.modalities(Fact::Output, modalities.output.iter().map(String::as_str));
    }
    if let Some(limit) = &row.limit {
        model.tokens(Fact::ContextWindow, limit.context);
        model.tokens(Fact::MaxInputTokens, limit.input);
        model.tokens(Fact::MaxOutputTokens, limit.output);
    }
    // A null among the efforts is a wire value of two models of one provider; which effort it is, nobody says.
    let options = row.reasoning_options.iter().flatten().filter(|option| option.kind == "effort");
    model.efforts(options.flat_map(|option| option.values.iter().flatten().flatten()).map(String::as_str));
    if let Some(cost) = &row.cost {
        read_cost(cost, None, model);
    }
    for mode in row.experimental.iter().filter_map(|experimental| experimental.modes.as_ref()).flat_map(BTreeMap::values) {
        if let (Some(cost), Some(tier)) = (&mode.cost, mode.provider.as_ref().and_then(service_tier)) {
            read_cost(cost, Some(tier), model);
        }
    }
}

/// The class of service that a mode asks for on the wire. Some ask for one that this catalog has no word for.
fn service_tier(wire: &Wire) -> Option<ServiceTier> {
    let body = wire.body.as_ref()?;
    match (body.service_tier.as_deref(), body.speed.as_deref()) {
        (Some(tier), _) => ServiceTier::parse(tier),
        (None, Some("fast")) => Some(ServiceTier::Fast),
        _ => None,
    }
}

fn read_cost(cost: &Cost, tier: Option<ServiceTier>, model: &mut Subject<'_>) {
    let always = Condition { tier, ..Condition::default() };
    read_rates(cost, &always, model);
    if let Some(steps) = &cost.tiers {
        for step in steps {
            match step.tier.as_ref().map(|tier| (tier.kind.as_str(), tier.size.map(Exact::count))) {
                Some(("context", Some(Ok(size)))) => {
                    // Most write the last token of the lower step; 37 of 653 write the first of the upper one, as in 200001.
                    let above = if size % 1_000 == 1 { size - 1 } else { size };
                    read_rates(step, &Condition { above: Some(above), ..always.clone() }, model);
                }
                _ => model.problem(&Key::Rate(always.clone(), Meter::Input), "a step in the price list without the length it begins at"),
            }
        }
    } else if let Some(step) = &cost.context_over_200k {
        read_rates(step, &Condition { above: Some(200_000), ..always }, model);
    }
}

fn read_rates(cost: &Cost, condition: &Condition, model: &mut Subject<'_>) {
    for (meter, rate) in [
        (Meter::Input, cost.input),
        (Meter::Output, cost.output),
        (Meter::Reasoning, cost.reasoning),
        (Meter::CacheRead, cost.cache_read),
        (Meter::CacheWrite, cost.cache_write),
        (Meter::InputAudio, cost.input_audio),
        (Meter::OutputAudio, cost.output_audio),
    ] {
        model.rate_when(condition.clone(), meter, rate);
    }
}
