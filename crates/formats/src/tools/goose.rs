//! goose's declarative providers: one JSON file each, for its folder `custom_providers`.
//!
//! Costs are US dollars per token. `base_url` of an OpenAI-compatible service is the address that requests go to, with the path of the
//! protocol. A model's limit is demanded.

use crate::fields::{Field, can, fact, provider, rate};
use crate::loss::{Loss, Lost, Part};
use crate::number::PerToken;
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Meter, Model};

pub(super) const TARGET: Target = Target {
    name: "goose",
    summary: "goose's declarative providers, one file each",
    file: None,
    fields: &[MODEL],
    changes: &[&service::LOSSES, &[Loss::NoContextWindow, Loss::FreeAsZero, Loss::Currency]],
    write,
};

const MODEL: &[Field] = &[
    fact("context_limit", Fact::ContextWindow),
    rate("input_token_cost", Meter::Input),
    rate("output_token_cost", Meter::Output),
    can("supports_cache_control", Capability::PromptCaching).written_apart(),
    provider("name"),
];

const ABILITIES: Abilities =
    Abilities { apis: &[Api::OpenaiCompletions, Api::AnthropicMessages, Api::Ollama], keyless: false, ..Abilities::USUAL };

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let services = service::services(selection, ABILITIES, lost);
    let documents = services.iter().filter_map(|service| {
        let path = format!("{}.json", service.provider.id());
        Some(Document::pretty(path, &entry(service, selection, lost)?))
    });
    documents.collect()
}

fn entry<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Option<Object<'a>> {
    let (written, others): (Vec<Model<'_>>, Vec<_>) = service.models.iter().copied().partition(|model| model.context_window().is_some());
    others.into_iter().for_each(|model| lost.note(Loss::NoContextWindow, model));
    let base_url = service::address(service.endpoint);
    let (engine, base_url) = match service.endpoint.api() {
        Api::AnthropicMessages => ("anthropic", base_url.to_owned()),
        Api::Ollama => ("ollama", base_url.to_owned()),
        _ => ("openai", format!("{base_url}/chat/completions")),
    };
    let is_empty = written.is_empty();
    let entry = Object::default()
        .with("name", service.provider.id())
        .with("engine", engine)
        .with("display_name", service.provider.name())
        .with("api_key_env", service.key?)
        .with("base_url", base_url)
        .with("models", written.into_iter().map(|model| model_entry(model, selection, lost)).collect::<Json<'_>>())
        .with("headers", service::headers(service.endpoint));
    (!is_empty).then_some(entry)
}

fn model_entry<'a>(model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let [input, output] = selection.in_dollars(model, lost).map(|rate| rate.map(PerToken));
    let row = Object::default().with("name", model.id()).with_model(MODEL, model, |part| match part {
        Part::Meter(Meter::Input) => Some(input.into()),
        Part::Meter(Meter::Output) => Some(output.into()),
        _ => None,
    });
    row.with("currency", input.or(output).map(|_| "$")).with("supports_cache_control", model.can(Capability::PromptCaching))
}
