//! OpenRouter: the answer of its `/api/v1/models`, `{data: [model]}`; all of it is one provider.
//!
//! Rates are decimal strings, US dollars per token, and per single unit for requests and searches. -1 means that the price depends on
//! which model answers: then there is none. Zero for a request or a search means that nothing is charged for it, zero for tokens that
//! the model is free. `image` is left out: it is documented per image, and equals the rate of a prompt token wherever it is written.
//! `supported_parameters` is complete: what is not in it is not taken. A name begins with its maker's, `Acme: One`.

use crate::exact::NotExact;
use crate::fields::{Facts, Field, can, fact, rate};
use crate::rows::{self, Rows};
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key};
use modeldex_table::{Capability, Fact, Meter};
use serde_json::value::RawValue;

const MODEL: &[Field] = &[
    fact("context_length", Fact::ContextWindow),
    fact("top_provider.max_completion_tokens", Fact::MaxOutputTokens),
    fact("architecture.input_modalities", Fact::Input),
    fact("architecture.output_modalities", Fact::Output),
    fact("knowledge_cutoff", Fact::KnowledgeCutoff),
    fact("expiration_date", Fact::RetirementDate),
];

const TOKEN_RATES: &[Field] = &[
    rate("prompt", Meter::Input),
    rate("completion", Meter::Output),
    rate("internal_reasoning", Meter::Reasoning),
    rate("input_cache_read", Meter::CacheRead),
    rate("input_cache_write", Meter::CacheWrite),
    rate("audio", Meter::InputAudio),
];

const UNIT_RATES: &[Field] = &[rate("request", Meter::Request), rate("web_search", Meter::WebSearch)];

/// Words of `supported_parameters`.
const PARAMETERS: &[Field] = &[
    can("reasoning", Capability::Reasoning),
    can("tools", Capability::ToolCall),
    can("tool_choice", Capability::ToolChoice),
    can("structured_outputs", Capability::StructuredOutput),
    can("temperature", Capability::Temperature),
];

/// Words of `supported_parameters` that are written for a handful of models only, among many that have them.
const RARE_PARAMETERS: &[Field] =
    &[can("parallel_tool_calls", Capability::ParallelToolCalls), can("web_search_options", Capability::WebSearch)];

struct Row {
    id: String,
    name: Option<String>,
    facts: Facts,
    parameters: Option<Vec<String>>,
    tokens: Facts,
    units: Facts,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let rows: Vec<&RawValue> = rows::file::<Rows<'_>>(bytes)?.required("data")?;
    let Some(provider) = builder.provider_id("openrouter") else { return Ok(()) };
    for (index, raw) in rows.into_iter().enumerate() {
        let id = || rows::read::<Rows<'_>>(raw).and_then(|row| row.required::<String>("id")).unwrap_or_else(|_| format!("data[{index}]"));
        let Some(row) = builder.row(|| format!("{provider}/{}", id()), raw, Row::read) else { continue };
        if let Some(mut model) = builder.model(provider, &row.id) {
            row.state(&mut model);
        }
    }
    Ok(())
}

impl Row {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: Rows<'_> = rows::read(raw)?;
        let pricing: Rows<'_> = row.value("pricing")?.unwrap_or_default();
        Ok(Self {
            id: row.required("id")?,
            name: row.value("name")?,
            facts: row.facts(MODEL)?,
            parameters: row.value("supported_parameters")?,
            tokens: pricing.facts(TOKEN_RATES)?,
            units: pricing.facts(UNIT_RATES)?,
        })
    }

    fn state(self, model: &mut Subject<'_>) {
        let name = self.name.as_deref().map(|name| name.split_once(": ").map_or(name, |(_, name)| name));
        model.text(Key::Fact(Fact::Name), name);
        self.facts.state(model);
        if let Some(parameters) = &self.parameters {
            let has = |field: &Field| parameters.iter().any(|parameter| parameter == field.name);
            PARAMETERS.iter().for_each(|field| model.flag(field.part.key(&Condition::default()), Some(has(field))));
            RARE_PARAMETERS
                .iter()
                .filter(|field| has(field))
                .for_each(|field| model.flag(field.part.key(&Condition::default()), Some(true)));
        }
        if self.tokens.rates().chain(self.units.rates()).any(|(_, rate)| rate.rate() == Err(NotExact::Negative)) {
            return model.problem(&Key::Fact(Fact::Prices), "depends on which model answers");
        }
        self.tokens.state_when(&Condition::default(), 6, model);
        self.units.without(|_, rate| rate.is_zero()).state(model);
    }
}
