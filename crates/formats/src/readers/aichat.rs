//! aichat: `models.yaml`, a list of providers with lists of models, kept by hand.
//!
//! Rates are US dollars per million tokens; a few were converted from yuan. `max_input_tokens` is the context window: it equals that of
//! models.dev, never the input limit, in each of the 8 models for which the two differ. A row with `real_name` is no model of its own
//! but another row with a patch to its requests, and is left out. What is not
//! written is unknown: only `true` ever is. `supports_vision` says nothing of PDFs and is not enough to state what goes in.

use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::Key;
use modeldex_table::{Capability, Fact, Meter, ModelKind};
use serde::Deserialize;
use serde_yaml::{Number, Value};

#[derive(Deserialize)]
#[serde(expecting = "a provider")]
struct Provider {
    provider: String,
    models: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "a model")]
struct Model {
    name: String,
    real_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    max_input_tokens: Option<Number>,
    max_output_tokens: Option<Number>,
    input_price: Option<Number>,
    output_price: Option<Number>,
    supports_function_calling: Option<bool>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let providers: Vec<Value> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    for (index, row) in providers.into_iter().enumerate() {
        let row: Provider = match serde_yaml::from_value(row) {
            Ok(row) => row,
            Err(error) => {
                builder.problem(format!("[{index}]"), error);
                continue;
            }
        };
        let Some(provider) = builder.provider_id(&row.provider) else { continue };
        let mut presets = 0_usize;
        for (index, row) in row.models.into_iter().enumerate() {
            let name = row.get("name").and_then(Value::as_str).map_or_else(|| format!("models[{index}]"), str::to_owned);
            match serde_yaml::from_value::<Model>(row) {
                Ok(row) if row.real_name.is_some() => presets += 1,
                Ok(row) => {
                    if let Some(mut model) = builder.model(provider, &row.name) {
                        read_model(&row, &mut model);
                    }
                }
                Err(error) => builder.problem(format!("{provider}/{name}"), error),
            }
        }
        if presets > 0 {
            builder.problem(provider, format_args!("{presets} rows are another model of the list with a patch to its requests"));
        }
    }
    Ok(())
}

fn read_model(row: &Model, model: &mut Subject<'_>) {
    let kind = match row.kind.as_deref() {
        None | Some("chat") => Some(ModelKind::Chat),
        Some("embedding") => Some(ModelKind::Embedding),
        Some("reranker") => Some(ModelKind::Rerank),
        Some(other) => {
            model.problem(&Key::Fact(Fact::Kind), format_args!("`{other}` is no word for it"));
            None
        }
    };
    model.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));
    let window = exact(Fact::ContextWindow, row.max_input_tokens.as_ref(), model);
    model.tokens(Fact::ContextWindow, window);
    let output = exact(Fact::MaxOutputTokens, row.max_output_tokens.as_ref(), model);
    model.tokens(Fact::MaxOutputTokens, output);
    model.can(Capability::ToolCall, row.supports_function_calling);
    for (meter, price) in [(Meter::Input, &row.input_price), (Meter::Output, &row.output_price)] {
        let rate = exact(Fact::Prices, price.as_ref(), model);
        model.rate(meter, rate);
    }
}

/// A number with the digits that were written: the shortest decimal that gives the binary number is the one that was read, up to 15
/// digits.
fn exact(fact: Fact, number: Option<&Number>, model: &mut Subject<'_>) -> Option<Exact> {
    match number?.to_string().parse() {
        Ok(exact) => Some(exact),
        Err(error) => {
            model.problem(&Key::Fact(fact), error);
            None
        }
    }
}
