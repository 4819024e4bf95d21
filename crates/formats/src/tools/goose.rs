//! goose: writes goose's declarative providers, one JSON file per provider, for the folder `custom_providers`.
//!
//! Rates are US dollars per token. For an OpenAI-compatible provider, `base_url` is the complete URL of requests, including the path of the wire
//! protocol. goose requires the context window of each model.

use crate::fields::{FieldMapping, capability, fact, provider_entry, rate};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::number::PerToken;
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Capability, Fact, Meter, Model};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "goose",
    summary: "goose's declarative providers, one file per provider",
    file_name: None,
    fields: &[MODEL],
    changes: &[&service::ENDPOINT_LOSSES, &[Loss::NoContextWindow, Loss::FreeAsZero, Loss::OtherCurrency]],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("context_limit", Fact::ContextWindow),
    rate("input_token_cost", Meter::Input),
    rate("output_token_cost", Meter::Output),
    capability("supports_cache_control", Capability::PromptCaching).written_by_module(),
    provider_entry("name"),
];

const TOOL_SUPPORT: ToolSupport =
    ToolSupport { apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::Ollama], keyless: false, ..ToolSupport::DEFAULT };

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let documents = services.iter().filter_map(|service| {
        let path = format!("{}.json", service.provider.id());
        Some(OutputFile::json_pretty(path, &entry(service, selection, losses)?))
    });
    documents.collect()
}

fn entry<'a>(service: &ToolEndpoint<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> Option<JsonObject<'a>> {
    let (written, others): (Vec<Model<'_>>, Vec<_>) = service.models.iter().copied().partition(|model| model.context_window().is_some());
    others.into_iter().for_each(|model| losses.record(Loss::NoContextWindow, model));
    let base_url = service::base_url_without_version(service.endpoint);
    let (engine, base_url) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", format!("{base_url}/chat/completions")),
    };
    let is_empty = written.is_empty();
    let entry = JsonObject::default()
        .with("name", service.provider.id())
        .with("engine", engine)
        .with("display_name", service.provider.name())
        .with("api_key_env", service.key?)
        .with("base_url", base_url)
        .with("models", written.into_iter().map(|model| model_entry(model, selection, losses)).collect::<JsonValue<'_>>())
        .with("headers", service::headers(service.endpoint));
    (!is_empty).then_some(entry)
}

fn model_entry<'a>(model: Model<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let [input, output] = selection.input_output_rates_usd(model, losses).map(|rate| rate.map(PerToken));
    let row = JsonObject::default().with("name", model.id()).with_model(MODEL, model, |part| match part {
        CatalogPart::Meter(Meter::Input) => Some(input.into()),
        CatalogPart::Meter(Meter::Output) => Some(output.into()),
        _ => None,
    });
    row.with("currency", input.or(output).map(|_| "$")).with("supports_cache_control", model.can(Capability::PromptCaching))
}
