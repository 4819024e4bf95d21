//! The configuration of LiteLLM's proxy: a list of models, each with its route, its address and the variable that holds its key.
//!
//! What the proxy calls a model is the whole reference. The part before the slash of `model` is LiteLLM's word for the wire protocol, not
//! for the provider, so that a provider that it does not know works the same way. `model_info` has what the price map would have.

use super::write::info;
use crate::loss::Lost;
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Model, ModelKind};

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: ModelKind::ALL,
    several_endpoints: true,
    ..Abilities::USUAL
};

pub(super) const TARGET: Target = Target {
    name: "litellm-proxy",
    summary: "config.yaml of LiteLLM's proxy, with model_list",
    file: Some("config.yaml"),
    fields: super::PLACES,
    changes: &[&service::LOSSES, super::CHANGES],
    write,
};

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let services = service::services(selection, ABILITIES, lost);
    let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
    let list: Json<'_> = models.map(|(service, model)| entry(service, model, selection, lost)).collect();
    vec![Document::yaml("config.yaml", &Object::default().with("model_list", list))]
}

fn entry<'a>(service: &Service<'a>, model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let route = match service.endpoint.api() {
        Api::AnthropicMessages => "anthropic",
        Api::GoogleGenerativeAi => "gemini",
        Api::OpenaiResponses => "openai/responses",
        Api::Ollama => "ollama_chat",
        _ => "openai",
    };
    let params = Object::default()
        .with("model", format!("{route}/{}", model.id()))
        .with("api_base", service::address(service.endpoint))
        // Without one, LiteLLM would send the key that the machine has for OpenAI to services that need none.
        .with("api_key", service.key.map_or_else(|| "none".to_owned(), |name| format!("os.environ/{name}")))
        .with("extra_headers", service::headers(service.endpoint));
    let names = Object::default().with("model_name", model.reference().to_string()).with("litellm_params", params);
    names.with("model_info", info(model, selection, lost))
}
