//! aichat: `models.yaml`, a list of providers with lists of models, kept by hand, and `models-override.yaml` in the same shape, with the clients
//! for `config.yaml`. Rates are US dollars per million tokens.
//!
//! Reading. A few rates were converted from yuan. `max_input_tokens` is the context window: it equals that of models.dev, never the input
//! limit, in each of the 8 models for which the two differ. A row with `real_name` is no model of its own but another row with a patch to its
//! requests, and is left out. What is not written is unknown: only `true` ever is. `supports_vision` says nothing of PDFs and is not enough
//! to state what goes in.
//!
//! Writing. aichat takes the file only when `version` is its own, and finds the models of a client by how its name begins: the longer of two
//! names comes first. It reads the key of a client from a variable that is named after it, upper case and with `_API_KEY` at the end, so that
//! a client's name has no other letters than those of a variable.

use crate::fields::{self, Field, Words, can, fact, meaning, provider, rate, word};
use crate::loss::{Loss, Lost, Part};
use crate::object::{Json, Object};
use crate::rows::{self, Rows};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::snapshot::Builder;
use crate::statement::Key;
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Meter, Model, ModelKind};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_yaml::Value;
use std::cmp::Reverse;

pub(super) const TARGET: Target = Target {
    name: "aichat",
    summary: "aichat's models-override.yaml, and config.yaml with the clients",
    file: None,
    fields: &[MODEL],
    changes: &[&service::LOSSES, &[Loss::OneLimit, Loss::FreeAsZero, Loss::Currency, Loss::KeyVariable]],
    write,
};

/// The version of aichat whose file this is.
const VERSION: &str = "0.30.0";

const MODEL: &[Field] = &[
    fact("type", Fact::Kind).by_hand(),
    fact("max_input_tokens", Fact::ContextWindow),
    // The same field, which is written for the one of the two limits that is lower.
    fact("max_input_tokens", Fact::MaxInputTokens).by_hand(),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    rate("input_price", Meter::Input),
    rate("output_price", Meter::Output),
    fact("supports_vision", Fact::Input).hint(),
    can("supports_function_calling", Capability::ToolCall),
    provider("clients"),
];

/// The kinds of models; one that is for conversation has none.
const KINDS: &Words<ModelKind> = &[("chat", ModelKind::Chat), ("embedding", ModelKind::Embedding), ("reranker", ModelKind::Rerank)];

const ABILITIES: Abilities =
    Abilities { apis: &[Api::OpenaiCompletions], kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank], ..Abilities::USUAL };

#[derive(Deserialize)]
#[serde(expecting = "a provider")]
struct Listed {
    provider: String,
    models: Vec<Value>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let providers: Vec<Value> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    for (index, row) in providers.into_iter().enumerate() {
        let listed: Listed = match serde_yaml::from_value(row) {
            Ok(listed) => listed,
            Err(error) => {
                builder.problem(format!("[{index}]"), error);
                continue;
            }
        };
        let Some(provider) = builder.provider_id(&listed.provider) else { continue };
        let mut presets = 0_usize;
        for (index, row) in listed.models.iter().enumerate() {
            let name = row.get("name").and_then(Value::as_str).map_or_else(|| format!("models[{index}]"), str::to_owned);
            // JSON has no word for these numbers.
            for (field, _) in
                row.as_mapping().into_iter().flatten().filter(|(_, value)| value.as_f64().is_some_and(|number| !number.is_finite()))
            {
                builder
                    .problem(format!("{provider}/{name}"), format_args!("`{}`: not a decimal number", field.as_str().unwrap_or_default()));
            }
            let raw = to_raw_value(row).map_err(|error| error.to_string())?;
            let is_preset = row.get("real_name").is_some_and(|of| !of.is_null());
            presets += usize::from(is_preset);
            if !is_preset {
                read_model(provider, &name, &raw, builder);
            }
        }
        if presets > 0 {
            builder.problem(provider, format_args!("{presets} rows are another model of the list with a patch to its requests"));
        }
    }
    Ok(())
}

fn read_model(provider: &str, name: &str, raw: &RawValue, builder: &mut Builder<'_>) {
    let parse = |raw| {
        let row: Rows<'_> = rows::read(raw)?;
        Ok::<_, String>((row.required::<String>("name")?, row.value::<String>("type")?, row.facts(MODEL)?))
    };
    let Some((id, kind, facts)) = builder.row(|| format!("{provider}/{name}"), raw, parse) else { return };
    let Some(mut model) = builder.model(provider, &id) else { return };
    let kind = kind.as_deref().unwrap_or("chat");
    match meaning(KINDS, kind) {
        Some(kind) => model.text(Key::Fact(Fact::Kind), Some(kind.as_str())),
        None => model.unknown_word(Fact::Kind, kind),
    }
    facts.state(&mut model);
}

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let services = service::services(selection, ABILITIES, lost);
    let clients: Json<'_> = services.iter().map(client).collect();
    let mut list: Vec<_> = services.iter().map(|service| (name(service), models(service, selection, lost))).collect();
    list.sort_by_cached_key(|(provider, _)| (Reverse(provider.len()), provider.clone()));
    let list: Json<'_> =
        list.into_iter().map(|(provider, models)| Object::default().with("provider", provider).with("models", models)).collect();
    vec![
        Document::yaml("models-override.yaml", &Object::default().with("version", VERSION).with("list", list)),
        Document::yaml("config.yaml", &Object::default().with("clients", clients)),
    ]
}

fn client<'a>(service: &Service<'a>) -> Object<'a> {
    let client = Object::default().with("type", "openai-compatible").with("name", name(service));
    client.with("api_base", service.endpoint.base_url())
}

/// The name of a client: the id of the provider with the letters of a variable's name.
fn name(service: &Service<'_>) -> String {
    service.provider.id().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

fn models<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Json<'a> {
    let is_read = service.key.is_none_or(|key| key == format!("{}_API_KEY", name(service).to_ascii_uppercase()));
    let mut entry = |model: &Model<'a>| {
        if !is_read {
            lost.note(Loss::KeyVariable, *model);
        }
        entry(*model, selection, lost)
    };
    service.models.iter().map(&mut entry).collect()
}

fn entry<'a>(model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    if model.context_window().is_some() && model.max_input_tokens() != model.context_window() {
        lost.note(Loss::OneLimit, model);
    }
    let [input, output] = selection.in_dollars(model, lost);
    Object::default().with("name", model.id()).with_model(MODEL, model, |part| {
        Some(match part {
            Part::Fact(Fact::Kind) => word(KINDS, model.kind()).filter(|_| model.kind() != ModelKind::Chat).into(),
            Part::Fact(Fact::ContextWindow) => model.max_input_tokens().or(model.context_window()).into(),
            Part::Meter(Meter::Input) => input.into(),
            Part::Meter(Meter::Output) => output.into(),
            Part::Fact(Fact::Input) => fields::takes_images(model).into(),
            _ => return None,
        })
    })
}
