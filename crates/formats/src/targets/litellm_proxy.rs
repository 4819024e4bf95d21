//! The configuration of LiteLLM's proxy: a list of models, each with its route, its address and the variable that holds its key.
//!
//! What the proxy calls a model is the whole reference. The part before the slash of `model` is LiteLLM's word for the wire protocol, not
//! for the provider, so that a provider that it does not know works the same way. `model_info` has what the price map would have.

use super::litellm;
use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Model, ModelKind};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) struct Proxy;

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: ModelKind::ALL,
    address_variables: false,
    keyless: true,
    several_endpoints: true,
};

#[derive(Serialize)]
struct Config<'a> {
    model_list: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    model_name: String,
    litellm_params: Params<'a>,
    model_info: Map<String, Value>,
}

#[derive(Serialize)]
struct Params<'a> {
    model: String,
    api_base: &'a str,
    api_key: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra_headers: BTreeMap<&'a str, &'a str>,
}

impl Target for Proxy {
    fn name(&self) -> &'static str {
        "litellm-proxy"
    }

    fn summary(&self) -> &'static str {
        "config.yaml of LiteLLM's proxy, with model_list"
    }

    fn file(&self) -> Option<&'static str> {
        Some("config.yaml")
    }

    fn places(&self) -> Places {
        litellm::PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain(litellm::CHANGES).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let services = service::services(selection, ABILITIES, lost);
        let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
        let model_list = models.map(|(service, model)| entry(service, model, selection, lost)).collect();
        vec![Document::yaml("config.yaml", &Config { model_list })]
    }
}

fn entry<'a>(service: &Service<'a>, model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Entry<'a> {
    let route = match service.endpoint.api() {
        Api::AnthropicMessages => "anthropic",
        Api::GoogleGenerativeAi => "gemini",
        Api::OpenaiResponses => "openai/responses",
        Api::Ollama => "ollama_chat",
        _ => "openai",
    };
    Entry {
        model_name: model.reference().to_string(),
        litellm_params: Params {
            model: format!("{route}/{}", model.id()),
            api_base: service::address(service.endpoint),
            // Without one, LiteLLM would send the key that the machine has for OpenAI to whoever asks for none.
            api_key: service.key.map_or_else(|| "none".to_owned(), |name| format!("os.environ/{name}")),
            extra_headers: service.endpoint.headers().collect(),
        },
        model_info: litellm::info(model, selection, lost),
    }
}
