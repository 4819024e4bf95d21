//! OpenRouter: reads the response of OpenRouter's `/api/v1/models`, `{data: [model]}`. All models belong to one provider, `openrouter`.
//!
//! - Rates are decimal strings in US dollars: per token, or per single unit for requests and searches.
//! - A rate of -1 means that the price depends on the model that a router selects. In this case, no price is read.
//! - A rate of 0 for requests or searches means that OpenRouter does not charge them. A rate of 0 for tokens means that the model is free.
//! - `image` is ignored. According to the documentation, it is a rate per image; but in every row with `image`, it equals the rate per prompt token.
//! - `supported_parameters` is complete: a parameter that is not in the list is not supported.
//! - The name of a model begins with the name of its lab: `Acme: One`.

use crate::exact_decimal::ExactDecimalError;
use crate::fields::{FieldMapping, RowFacts, capability, fact, rate};
use crate::rows::{self, RawObject};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition};
use modeldex_table::{Capability, Fact, Meter};
use serde_json::value::RawValue;

const MODEL: &[FieldMapping] = &[
    fact("context_length", Fact::ContextWindow),
    fact("top_provider.max_completion_tokens", Fact::MaxOutputTokens),
    fact("architecture.input_modalities", Fact::Input),
    fact("architecture.output_modalities", Fact::Output),
    fact("knowledge_cutoff", Fact::KnowledgeCutoff),
    fact("expiration_date", Fact::RetirementDate),
];

const TOKEN_RATES: &[FieldMapping] = &[
    rate("prompt", Meter::Input),
    rate("completion", Meter::Output),
    rate("internal_reasoning", Meter::Reasoning),
    rate("input_cache_read", Meter::CacheRead),
    rate("input_cache_write", Meter::CacheWrite),
    rate("audio", Meter::InputAudio),
];

const UNIT_RATES: &[FieldMapping] = &[rate("request", Meter::Request), rate("web_search", Meter::WebSearch)];

/// Words of `supported_parameters`.
const PARAMETERS: &[FieldMapping] = &[
    capability("reasoning", Capability::Reasoning),
    capability("tools", Capability::ToolCall),
    capability("tool_choice", Capability::ToolChoice),
    capability("structured_outputs", Capability::StructuredOutput),
    capability("temperature", Capability::Temperature),
];

/// Words of `supported_parameters` that are missing for most of the models with the capability.
const RARE_PARAMETERS: &[FieldMapping] =
    &[capability("parallel_tool_calls", Capability::ParallelToolCalls), capability("web_search_options", Capability::WebSearch)];

struct OpenRouterModel {
    id: String,
    name: Option<String>,
    facts: RowFacts,
    parameters: Option<Vec<String>>,
    tokens: RowFacts,
    units: RowFacts,
}

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let rows: Vec<&RawValue> = rows::parse_file::<RawObject<'_>>(bytes)?.required("data")?;
    let Some(provider) = builder.provider_id("openrouter") else { return Ok(()) };
    for (index, raw) in rows.into_iter().enumerate() {
        let id = || {
            rows::parse_value::<RawObject<'_>>(raw)
                .and_then(|row| row.required::<String>("id"))
                .unwrap_or_else(|_| format!("data[{index}]"))
        };
        let Some(row) = builder.parse_row(|| format!("{provider}/{}", id()), raw, OpenRouterModel::read) else { continue };
        if let Some(mut model) = builder.model(provider, &row.id) {
            row.record(&mut model);
        }
    }
    Ok(())
}

impl OpenRouterModel {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        let pricing: RawObject<'_> = row.value("pricing")?.unwrap_or_default();
        Ok(Self {
            id: row.required("id")?,
            name: row.value("name")?,
            facts: row.facts(MODEL)?,
            parameters: row.value("supported_parameters")?,
            tokens: pricing.facts(TOKEN_RATES)?,
            units: pricing.facts(UNIT_RATES)?,
        })
    }

    fn record(self, model: &mut SnapshotEntry<'_>) {
        let name = self.name.as_deref().map(|name| name.split_once(": ").map_or(name, |(_, name)| name));
        model.set_text(FactKey::Fact(Fact::Name), name);
        self.facts.record(model);
        if let Some(parameters) = &self.parameters {
            let has = |field: &FieldMapping| parameters.iter().any(|parameter| parameter == field.name);
            PARAMETERS.iter().for_each(|field| model.set_flag(field.part.key(&OwnedCondition::default()), Some(has(field))));
            RARE_PARAMETERS
                .iter()
                .filter(|field| has(field))
                .for_each(|field| model.set_flag(field.part.key(&OwnedCondition::default()), Some(true)));
        }
        if self.tokens.rates().chain(self.units.rates()).any(|(_, rate)| rate.rate() == Err(ExactDecimalError::Negative)) {
            return model.reject(&FactKey::Fact(Fact::Prices), "the price depends on the model that the router selects");
        }
        self.tokens.record_when(&OwnedCondition::default(), 6, model);
        self.units.without(|_, rate| rate.is_zero()).record(model);
    }
}
