//! aichat: reads `models.yaml`, aichat's hand-written list of providers and models. Writes `models-override.yaml`, which has the same format, and
//! `config.yaml`.
//!
//! Rates are US dollars per million tokens.
//!
//! When reading:
//!
//! - A few rates of the file were converted from yuan.
//! - `max_input_tokens` is the context window, not the input limit. models.dev has 8 models whose context window and input limit differ. For all 8,
//!   `max_input_tokens` equals the context window.
//! - A row with `real_name` is a preset, not a model: a preset uses the model of another row, and changes the requests. Presets are skipped.
//! - A missing flag means unknown, because every flag in the file is `true`.
//! - `supports_vision` states whether a model accepts images, but not whether it accepts PDF files. So the flag alone does not determine the input
//!   modalities.
//!
//! When writing:
//!
//! - aichat accepts the file only if `version` equals the version of aichat.
//! - aichat finds the models of a client in the first entry whose name is a prefix of the client's name, so longer names are written first.
//! - aichat reads the API key of a client from a variable: the name of the client in upper case, followed by `_API_KEY`.
//! - Therefore the names of clients contain only characters that are allowed in names of variables.
//! - A provider is left out if its variable belongs to another provider, whose key aichat would send.

use crate::fields::{self, FieldMapping, WordTable, capability, fact, parse_word, provider_entry, rate, word_for};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::{self, RawObject};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::snapshot::SnapshotBuilder;
use crate::statement::FactKey;
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Capability, Fact, Meter, Model, ModelKind};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::cmp::Reverse;

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "aichat",
    summary: "models-override.yaml and config.yaml of aichat",
    file_name: None,
    fields: &[MODEL],
    changes: &[&service::ENDPOINT_LOSSES, &service::DERIVED_KEY_LOSSES, &[Loss::SharedInputLimit, Loss::FreeAsZero, Loss::OtherCurrency]],
    write,
};

/// The aichat version that accepts the file.
const VERSION: &str = "0.30.0";

const MODEL: &[FieldMapping] = &[
    fact("type", Fact::Kind).handled_by_module(),
    fact("max_input_tokens", Fact::ContextWindow),
    // One field for both limits, written with the lower one.
    fact("max_input_tokens", Fact::MaxInputTokens).handled_by_module(),
    fact("max_output_tokens", Fact::MaxOutputTokens),
    rate("input_price", Meter::Input),
    rate("output_price", Meter::Output),
    fact("supports_vision", Fact::Input).hint(),
    capability("supports_function_calling", Capability::ToolCall),
    provider_entry("clients"),
];

/// Kinds of models. A chat model has no word for its kind.
const KINDS: &WordTable<ModelKind> = &[("chat", ModelKind::Chat), ("embedding", ModelKind::Embedding), ("reranker", ModelKind::Rerank)];

const TOOL_SUPPORT: ToolSupport = ToolSupport {
    apis: &[Api::OpenaiCompletions],
    kinds: &[ModelKind::Chat, ModelKind::Embedding, ModelKind::Rerank],
    derived_key_variable: Some(variable),
    ..ToolSupport::DEFAULT
};

/// Numbers of YAML that are not finite, without their signs.
const INFINITE: &[&str] = &[".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"];

#[derive(Deserialize)]
#[serde(expecting = "a provider")]
struct AichatProvider {
    provider: String,
    models: Vec<Value>,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let Value::Array(providers) = modeldex_compile::write::parse(text)? else { return Err("expected a list of providers".to_owned()) };
    for (index, row) in providers.into_iter().enumerate() {
        let listed: AichatProvider = match serde_json::from_value(row) {
            Ok(listed) => listed,
            Err(error) => {
                builder.reject(format!("[{index}]"), error);
                continue;
            }
        };
        let Some(provider) = builder.provider_id(&listed.provider) else { continue };
        let mut presets = 0_usize;
        for (index, mut row) in listed.models.into_iter().enumerate() {
            let name = row.get("name").and_then(Value::as_str).map_or_else(|| format!("models[{index}]"), str::to_owned);
            // JSON cannot represent these numbers, so they were read as texts.
            let is_infinite = |value: &Value| value.as_str().is_some_and(|text| INFINITE.contains(&text.trim_start_matches(['+', '-'])));
            for (field, value) in row.as_object_mut().into_iter().flatten().filter(|(_, value)| is_infinite(value)) {
                *value = Value::Null;
                builder.reject(format!("{provider}/{name}"), format_args!("`{field}`: the value is not a decimal number"));
            }
            let raw = to_raw_value(&row).map_err(|error| error.to_string())?;
            let is_preset = row.get("real_name").is_some_and(|of| !of.is_null());
            presets += usize::from(is_preset);
            if !is_preset {
                read_model(provider, &name, &raw, builder);
            }
        }
        match presets {
            0 => {}
            1 => builder.reject(provider, "skipped 1 row that is a preset of another model"),
            _ => builder.reject(provider, format_args!("skipped {presets} rows that are presets of other models")),
        }
    }
    Ok(())
}

fn read_model(provider: &str, name: &str, raw: &RawValue, builder: &mut SnapshotBuilder<'_>) {
    let parse = |raw| {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        Ok::<_, String>((row.required::<String>("name")?, row.value::<String>("type")?, row.facts(MODEL)?))
    };
    let Some((id, kind, facts)) = builder.parse_row(|| format!("{provider}/{name}"), raw, parse) else { return };
    let Some(mut model) = builder.model(provider, &id) else { return };
    let kind = kind.as_deref().unwrap_or("chat");
    match parse_word(KINDS, kind) {
        Some(kind) => model.set_text(FactKey::Fact(Fact::Kind), Some(kind.as_str())),
        None => model.reject_word(Fact::Kind, kind),
    }
    facts.record(&mut model);
}

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    let clients: JsonValue<'_> = services.iter().map(client).collect();
    let mut list: Vec<_> = services.iter().map(|service| (name(service.provider.id()), models(service, selection, losses))).collect();
    list.sort_by_cached_key(|(provider, _)| (Reverse(provider.len()), provider.clone()));
    let list: JsonValue<'_> =
        list.into_iter().map(|(provider, models)| JsonObject::default().with("provider", provider).with("models", models)).collect();
    vec![
        OutputFile::yaml("models-override.yaml", &JsonObject::default().with("version", VERSION).with("list", list)),
        OutputFile::yaml("config.yaml", &JsonObject::default().with("clients", clients)),
    ]
}

fn client<'a>(service: &ToolEndpoint<'a>) -> JsonObject<'a> {
    let client = JsonObject::default().with("type", "openai-compatible").with("name", name(service.provider.id()));
    client.with("api_base", service.endpoint.base_url())
}

/// Returns the name of a client: the id of the provider, in which characters that are not allowed in variable names are replaced.
fn name(provider: &str) -> String {
    provider.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// Returns the name of the variable from which aichat reads a provider's API key.
fn variable(provider: &str) -> String {
    name(provider).to_ascii_uppercase() + "_API_KEY"
}

fn models<'a>(service: &ToolEndpoint<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonValue<'a> {
    let mut entry = |model: &Model<'a>| {
        if service.is_key_derived {
            losses.record(Loss::DerivedKeyVariable, *model);
        }
        entry(*model, selection, losses)
    };
    service.models.iter().map(&mut entry).collect()
}

fn entry<'a>(model: Model<'a>, selection: &ModelSelection<'a>, losses: &mut LossReport) -> JsonObject<'a> {
    if model.context_window().is_some() && model.max_input_tokens() != model.context_window() {
        losses.record(Loss::SharedInputLimit, model);
    }
    let [input, output] = selection.input_output_rates_usd(model, losses);
    JsonObject::default().with("name", model.id()).with_model(MODEL, model, |part| {
        Some(match part {
            CatalogPart::Fact(Fact::Kind) => word_for(KINDS, model.kind()).filter(|_| model.kind() != ModelKind::Chat).into(),
            CatalogPart::Fact(Fact::ContextWindow) => model.max_input_tokens().or(model.context_window()).into(),
            CatalogPart::Meter(Meter::Input) => input.into(),
            CatalogPart::Meter(Meter::Output) => output.into(),
            CatalogPart::Fact(Fact::Input) => fields::takes_images(model).into(),
            _ => return None,
        })
    })
}
