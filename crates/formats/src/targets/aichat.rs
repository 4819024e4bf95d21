//! aichat's `models-override.yaml`, and the clients for its `config.yaml`.
//!
//! Rates are US dollars per million tokens. aichat takes the file only when `version` is its own, and finds the models of a client by how
//! its name begins: the longer of two names comes first. It reads the key of a client from a variable that is named after it, upper case
//! and with `_API_KEY` at the end, so that a client's name has no other letters than those of a variable.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Meter, Modality, Model, ModelKind, Rate};
use serde::Serialize;
use std::cmp::Reverse;

pub(super) struct AiChat;

/// The version of aichat whose file this is.
const VERSION: &str = "0.30.0";

const PLACES: Places = Places {
    facts: &[Fact::Kind, Fact::ContextWindow, Fact::MaxInputTokens, Fact::MaxOutputTokens],
    capabilities: &[Capability::ToolCall],
    meters: &[Meter::Input, Meter::Output],
    provider: true,
    ..Places::NONE
};

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions],
    kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank],
    address_variables: false,
    keyless: true,
    several_endpoints: false,
};

#[derive(Serialize)]
struct Override<'a> {
    version: &'static str,
    list: Vec<Models<'a>>,
}

#[derive(Serialize)]
struct Models<'a> {
    provider: String,
    models: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_input_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_price: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_price: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_vision: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_function_calling: Option<bool>,
}

#[derive(Serialize)]
struct Config<'a> {
    clients: Vec<Client<'a>>,
}

#[derive(Serialize)]
struct Client<'a> {
    r#type: &'static str,
    name: String,
    api_base: &'a str,
}

impl Target for AiChat {
    fn name(&self) -> &'static str {
        "aichat"
    }

    fn summary(&self) -> &'static str {
        "aichat's models-override.yaml, and config.yaml with the clients"
    }

    fn file(&self) -> Option<&'static str> {
        None
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain([Loss::OneLimit, Loss::FreeAsZero, Loss::Currency, Loss::KeyVariable]).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let services = service::services(selection, ABILITIES, lost);
        let clients = services.iter().map(client).collect();
        let mut list: Vec<_> = services.iter().map(|service| models(service, selection, lost)).collect();
        list.sort_by_cached_key(|models| (Reverse(models.provider.len()), models.provider.clone()));
        vec![
            Document::yaml("models-override.yaml", &Override { version: VERSION, list }),
            Document::yaml("config.yaml", &Config { clients }),
        ]
    }
}

fn client<'a>(service: &Service<'a>) -> Client<'a> {
    Client { r#type: "openai-compatible", name: name(service), api_base: service.endpoint.base_url() }
}

/// The name of a client: the id of the provider with the letters of a variable's name.
fn name(service: &Service<'_>) -> String {
    service.provider.id().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

fn models<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Models<'a> {
    let name = name(service);
    let is_read = service.key.is_none_or(|key| key == format!("{}_API_KEY", name.to_ascii_uppercase()));
    let mut entry = |model: &Model<'a>| {
        if !is_read {
            lost.note(Loss::KeyVariable, *model);
        }
        entry(*model, selection, lost)
    };
    let models = service.models.iter().map(&mut entry).collect();
    Models { provider: name, models }
}

fn entry<'a>(model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Entry<'a> {
    lost.note_missing(PLACES, model);
    if model.context_window().is_some() && model.max_input_tokens() != model.context_window() {
        lost.note(Loss::OneLimit, model);
    }
    let [input_price, output_price] = selection.in_dollars(model, lost);
    Entry {
        name: model.id(),
        r#type: match model.kind() {
            ModelKind::Embedding => Some("embedding"),
            ModelKind::Rerank => Some("reranker"),
            _ => None,
        },
        max_input_tokens: model.max_input_tokens().or(model.context_window()),
        max_output_tokens: model.max_output_tokens(),
        input_price,
        output_price,
        supports_vision: (!model.input().is_empty()).then(|| model.input().contains(Modality::Image)),
        supports_function_calling: model.can(Capability::ToolCall),
    }
}
