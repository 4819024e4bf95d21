//! Continue's `config.yaml`: a list of models, each with its address and the secret that holds its key.
//!
//! The name of a model is what the configuration calls it, and so is the whole reference. The providers are Continue's words for wire
//! protocols. Secrets are named as the variables are: `${{ secrets.KIMI_API_KEY }}`.

use crate::fields::{Field, can, fact};
use crate::loss::{Loss, Lost};
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Modality, Model, ModelKind};

pub(super) const TARGET: Target = Target {
    name: "continue",
    summary: "Continue's config.yaml",
    file: Some("config.yaml"),
    fields: &[OPTIONS, CAPABILITIES],
    changes: &[&service::LOSSES, &[Loss::Template, Loss::DefaultOutput]],
    write,
};

const OPTIONS: &[Field] = &[fact("contextLength", Fact::ContextWindow), fact("maxTokens", Fact::MaxOutputTokens)];

/// The words of a list, which has those that a model is capable of.
const CAPABILITIES: &[Field] = &[can("tool_use", Capability::ToolCall).by_hand(), fact("image_input", Fact::Input).hint()];

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank],
    several_endpoints: true,
    ..Abilities::USUAL
};

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let services = service::services(selection, ABILITIES, lost);
    let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
    // Continue would fill in a secret of that name, whose key would then be part of the request.
    let (templates, models): (Vec<_>, Vec<_>) = models.partition(|(_, model)| model.id().contains("${{"));
    templates.into_iter().for_each(|(_, model)| lost.note(Loss::Template, model));
    let models: Json<'_> = models.into_iter().map(|(service, model)| entry(service, model, lost)).collect();
    let config = Object::default().with("name", "modeldex").with("version", "1.0.0").with("schema", "v1").with("models", models);
    vec![Document::yaml("config.yaml", &config)]
}

fn entry<'a>(service: &Service<'a>, model: Model<'a>, lost: &mut Lost) -> Object<'a> {
    if model.max_output_tokens().is_some() {
        lost.note(Loss::DefaultOutput, model);
    }
    let can = [model.can(Capability::ToolCall) == Some(true), model.input().contains(Modality::Image)];
    let can: Json<'_> = CAPABILITIES.iter().zip(can).filter_map(|(field, can)| can.then_some(field.name)).collect();
    let base_url = service.endpoint.base_url();
    let (provider, api_base) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", service::with_version(base_url)),
        Api::GoogleGenerativeAi => ("gemini", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", base_url.to_owned()),
    };
    let roles: &[&'static str] = match model.kind() {
        ModelKind::Embedding => &["embed"],
        ModelKind::Rerank => &["rerank"],
        _ => &["chat", "edit", "apply"],
    };
    Object::default()
        .with("name", model.reference().to_string())
        .with("provider", provider)
        .with("model", model.id())
        .with("apiBase", api_base)
        .with("apiKey", service.key.map(|name| format!("${{{{ secrets.{name} }}}}")))
        .with("roles", roles.iter().copied().collect::<Json<'_>>())
        .with("capabilities", can.unless_empty())
        .with("defaultCompletionOptions", Object::default().with_model(OPTIONS, model, |_| None).unless_empty())
        .with("requestOptions", Object::default().with("headers", service::headers(service.endpoint)).unless_empty())
}
