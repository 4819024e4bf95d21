//! Writes the configuration of LiteLLM's proxy: a list of models with wire protocol, base URL and API key variable.
//!
//! The written name of a model is its reference, `provider/model`. In the field `model`, the part before the slash is LiteLLM's name of the wire
//! protocol, not of the provider. So the proxy can also use providers that LiteLLM does not know. The field `model_info` has the fields of a row of
//! the price map.
//!
//! If the variable of `api_key` is not set, LiteLLM sends the value of another variable to the provider: see [`route`]. No spelling of an entry
//! prevents this, so the loss [`Loss::FallbackKeyVariable`] states it. Three other routes were tried with LiteLLM 1.110.2 and a server that records
//! the requests, and were rejected: `custom_openai` reads `OPENAI_API_KEY` too, `hosted_vllm` reads `HOSTED_VLLM_API_KEY`, and `openai_like` has no
//! chat.

use super::write::info;
use crate::loss::{Loss, LossReport};
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
    changes: &[&service::ENDPOINT_LOSSES, &[Loss::FallbackKeyVariable, Loss::TemplateInId], super::CHANGES],
    write,
};

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
    // LiteLLM replaces every text that begins like this by the value of a variable, also the name of a model.
    let (references, models): (Vec<_>, Vec<_>) = models.partition(|(service, _)| service.provider.id() == "os.environ");
    references.into_iter().for_each(|(_, model)| losses.record(Loss::TemplateInId, model));
    let list: JsonValue<'_> = models.into_iter().map(|(service, model)| entry(service, model, selection, losses)).collect();
    vec![OutputFile::yaml("config.yaml", &JsonObject::default().with("model_list", list))]
}

fn entry<'a>(service: &ToolEndpoint<'a>, model: Model<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    let (route, fallbacks) = route(service.endpoint.api());
    if service.key.is_some_and(|key| !fallbacks.contains(&key)) {
        losses.record_with_provider(Loss::FallbackKeyVariable, model, service.provider.id().to_owned());
    }
    let params = JsonObject::default()
        .with("model", format!("{route}/{}", model.id()))
        .with("api_base", service::base_url_without_version(service.endpoint))
        // Without a key, LiteLLM would send the local OpenAI key to endpoints that require none.
        .with("api_key", service.key.map_or_else(|| "none".to_owned(), |name| format!("os.environ/{name}")))
        .with("extra_headers", service::headers(service.endpoint));
    let names = JsonObject::default().with("model_name", model.reference().to_string()).with("litellm_params", params);
    names.with("model_info", info(model, selection, losses))
}

/// Returns LiteLLM's name of a wire protocol, and the variables that LiteLLM reads if the variable of `api_key` is not set.
fn route(api: Api) -> (&'static str, &'static [&'static str]) {
    match api {
        Api::AnthropicMessages => ("anthropic", &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"]),
        Api::GoogleGenerativeAi => ("gemini", &["GOOGLE_API_KEY", "GEMINI_API_KEY"]),
        Api::OpenaiResponses => ("openai/responses", &["OPENAI_API_KEY"]),
        Api::Ollama => ("ollama_chat", &["OLLAMA_API_KEY"]),
        _ => ("openai", &["OPENAI_API_KEY"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_names_all_fallback_variables() {
        let text = Loss::FallbackKeyVariable.describe(1);
        for name in TOOL_SUPPORT.apis.iter().flat_map(|api| route(*api).1) {
            assert!(text.contains(&format!("`{name}`")), "{name}: {text}");
        }
    }
}
