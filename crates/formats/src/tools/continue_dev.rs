//! Continue: writes `config.yaml`, a list of models with their base URLs and the names of their API key secrets.
//!
//! The written name of a model is its reference, `provider/model`. The field `provider` has Continue's name of the wire protocol. A secret has the
//! name of the environment variable: `${{ secrets.KIMI_API_KEY }}`.

use crate::fields::{FieldMapping, capability, fact};
use crate::loss::{Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Capability, Fact, Modality, Model, ModelKind};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "continue",
    summary: "Continue's config.yaml",
    file_name: Some("config.yaml"),
    fields: &[OPTIONS, CAPABILITIES],
    changes: &[&service::ENDPOINT_LOSSES, &[Loss::TemplateInId, Loss::MaxOutputAsDefault]],
    write,
};

const OPTIONS: &[FieldMapping] = &[fact("contextLength", Fact::ContextWindow), fact("maxTokens", Fact::MaxOutputTokens)];

/// Words of the list `capabilities`.
const CAPABILITIES: &[FieldMapping] =
    &[capability("tool_use", Capability::ToolCall).handled_by_module(), fact("image_input", Fact::Input).hint()];

const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank],
    multiple_endpoints: true,
    ..ToolSupport::DEFAULT
};

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
    // Continue would treat the id as a template, and send the value of the secret with that name in the request.
    let (templates, models): (Vec<_>, Vec<_>) = models.partition(|(_, model)| model.id().contains("${{"));
    templates.into_iter().for_each(|(_, model)| losses.record(Loss::TemplateInId, model));
    let models: JsonValue<'_> = models.into_iter().map(|(service, model)| entry(service, model, losses)).collect();
    let config = JsonObject::default().with("name", "modeldex").with("version", "1.0.0").with("schema", "v1").with("models", models);
    vec![OutputFile::yaml("config.yaml", &config)]
}

fn entry<'a>(service: &ToolEndpoint<'a>, model: Model<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    if model.max_output_tokens().is_some() {
        losses.record(Loss::MaxOutputAsDefault, model);
    }
    let can = [model.can(Capability::ToolCall) == Some(true), model.input().contains(Modality::Image)];
    let can: JsonValue<'_> = CAPABILITIES.iter().zip(can).filter_map(|(field, can)| can.then_some(field.name)).collect();
    let base_url = service.endpoint.base_url();
    let (provider, api_base) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", service::base_url_with_version(base_url)),
        Api::GoogleGenerativeAi => ("gemini", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", base_url.to_owned()),
    };
    let roles: &[&'static str] = match model.kind() {
        ModelKind::Embedding => &["embed"],
        ModelKind::Rerank => &["rerank"],
        _ => &["chat", "edit", "apply"],
    };
    JsonObject::default()
        .with("name", model.reference().to_string())
        .with("provider", provider)
        .with("model", model.id())
        .with("apiBase", api_base)
        .with("apiKey", service.key.map(|name| format!("${{{{ secrets.{name} }}}}")))
        .with("roles", roles.iter().copied().collect::<JsonValue<'_>>())
        .with("capabilities", can.unless_empty())
        .with("defaultCompletionOptions", JsonObject::default().with_model(OPTIONS, model, |_| None).unless_empty())
        .with("requestOptions", JsonObject::default().with("headers", service::headers(service.endpoint)).unless_empty())
}
