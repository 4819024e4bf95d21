//! Continue's `config.yaml`: a list of models, each with its address and the secret that holds its key.
//!
//! The name of a model is what the configuration calls it, and so is the whole reference. The providers are Continue's words for wire
//! protocols. Secrets are named as the variables are: `${{ secrets.KIMI_API_KEY }}`.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Modality, Model, ModelKind};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) struct Continue;

const PLACES: Places =
    Places { facts: &[Fact::ContextWindow, Fact::MaxOutputTokens], capabilities: &[Capability::ToolCall], ..Places::NONE };

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::GoogleGenerativeAi, Api::Ollama],
    kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank],
    address_variables: false,
    keyless: true,
    several_endpoints: true,
};

#[derive(Serialize)]
struct Config<'a> {
    name: &'static str,
    version: &'static str,
    schema: &'static str,
    models: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    name: String,
    provider: &'static str,
    model: &'a str,
    api_base: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    roles: &'static [&'static str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Options::is_empty")]
    default_completion_options: Options,
    #[serde(skip_serializing_if = "Request::is_empty")]
    request_options: Request<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

#[derive(Serialize)]
struct Request<'a> {
    headers: BTreeMap<&'a str, &'a str>,
}

impl Target for Continue {
    fn name(&self) -> &'static str {
        "continue"
    }

    fn summary(&self) -> &'static str {
        "Continue's config.yaml"
    }

    fn file(&self) -> Option<&'static str> {
        Some("config.yaml")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain([Loss::Template, Loss::DefaultOutput]).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let services = service::services(selection, ABILITIES, lost);
        let models = services.iter().flat_map(|service| service.models.iter().map(move |model| (service, *model)));
        // Continue would fill in a secret of that name, whose key would then be part of the request.
        let (templates, models): (Vec<_>, Vec<_>) = models.partition(|(_, model)| model.id().contains("${{"));
        templates.into_iter().for_each(|(_, model)| lost.note(Loss::Template, model));
        let models = models.into_iter().map(|(service, model)| entry(service, model, lost)).collect();
        vec![Document::yaml("config.yaml", &Config { name: "modeldex", version: "1.0.0", schema: "v1", models })]
    }
}

fn entry<'a>(service: &Service<'a>, model: Model<'a>, lost: &mut Lost) -> Entry<'a> {
    lost.note_missing(PLACES, model);
    if model.max_output_tokens().is_some() {
        lost.note(Loss::DefaultOutput, model);
    }
    let can = [("tool_use", model.can(Capability::ToolCall) == Some(true)), ("image_input", model.input().contains(Modality::Image))];
    let base_url = service.endpoint.base_url();
    let (provider, api_base) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", service::with_version(base_url)),
        Api::GoogleGenerativeAi => ("gemini", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", base_url.to_owned()),
    };
    Entry {
        name: model.reference().to_string(),
        provider,
        model: model.id(),
        api_base,
        api_key: service.key.map(|name| format!("${{{{ secrets.{name} }}}}")),
        roles: match model.kind() {
            ModelKind::Embedding => &["embed"],
            ModelKind::Rerank => &["rerank"],
            _ => &["chat", "edit", "apply"],
        },
        capabilities: can.into_iter().filter_map(|(word, can)| can.then_some(word)).collect(),
        default_completion_options: Options { context_length: model.context_window(), max_tokens: model.max_output_tokens() },
        request_options: Request { headers: service.endpoint.headers().collect() },
    }
}

impl Options {
    fn is_empty(&self) -> bool {
        self.context_length.is_none() && self.max_tokens.is_none()
    }
}

impl Request<'_> {
    fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }
}
