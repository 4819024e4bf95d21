//! Writes the configuration of LiteLLM's proxy: a list of models with wire protocol, base URL and API key variable.
//!
//! The written name of a model is its reference, `provider/model`. In the field `model`, the part before the slash is LiteLLM's name of the wire
//! protocol, not of the provider. So the proxy can also use providers that LiteLLM does not know. The field `model_info` has the fields of a row of
//! the price map.

use super::write::info;
use crate::loss::LossReport;
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Model, ModelKind};

const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: ModelKind::ALL,
    multiple_endpoints: true,
    ..ToolSupport::DEFAULT
};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "litellm-proxy",
    summary: "config.yaml of LiteLLM's proxy, with the list of models",
    file_name: Some("config.yaml"),
    fields: super::PLACES,
    changes: &[&service::ENDPOINT_LOSSES, super::CHANGES],
    write,
};

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
    let list: JsonValue<'_> = models.map(|(service, model)| entry(service, model, selection, losses)).collect();
    vec![OutputFile::yaml("config.yaml", &JsonObject::default().with("model_list", list))]
}

fn entry<'a>(service: &ToolEndpoint<'a>, model: Model<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let route = match service.endpoint.api() {
        Api::AnthropicMessages => "anthropic",
        Api::GoogleGenerativeAi => "gemini",
        Api::OpenaiResponses => "openai/responses",
        Api::Ollama => "ollama_chat",
        _ => "openai",
    };
    let params = JsonObject::default()
        .with("model", format!("{route}/{}", model.id()))
        .with("api_base", service::base_url_without_version(service.endpoint))
        // Without a key, LiteLLM would send the local OpenAI key to endpoints that require none.
        .with("api_key", service.key.map_or_else(|| "none".to_owned(), |name| format!("os.environ/{name}")))
        .with("extra_headers", service::headers(service.endpoint));
    let names = JsonObject::default().with("model_name", model.reference().to_string()).with("litellm_params", params);
    names.with("model_info", info(model, selection, losses))
}
