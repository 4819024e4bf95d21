use super::{PartialDate, Price, Source};
use modeldex_table::{AliasKind, Billing, Capability, Fact, Modality, ModelKind, ReasoningEffort, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lab: a maker of models, and the facts about each that are the same whoever sells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// The name on screen.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: String,
    /// Where the facts in this file come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Its models, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<BaseModel>,
}

/// What a lab published about a model once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct BaseModel {
    /// The id that `base: lab/id` names.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::MODEL_ID)))]
    pub id: String,
    /// The facts.
    #[serde(flatten)]
    pub facts: Facts,
    /// Where its weights are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(inner(regex(pattern = r"^https?://"))))]
    pub weights: Vec<String>,
    /// Where these facts come from, where that is not the file's own `sources`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// A model as one provider sells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Model {
    /// The id on the wire, exactly.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::MODEL_ID)))]
    pub id: String,
    /// The base model to inherit facts from, as `lab/model`. What is written here wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Facts that are not inherited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omit: Vec<Fact>,
    /// Where it stands in its life; `active` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The facts.
    #[serde(flatten)]
    pub facts: Facts,
    /// When leaving it was first advised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation_date: Option<PartialDate>,
    /// When it stops answering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retirement_date: Option<PartialDate>,
    /// What to use instead: a model id of this provider, or a whole reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// The ids of the endpoints that serve it; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(length(max = 32)))]
    pub endpoints: Vec<String>,
    /// How it is paid for: `metered` where there are prices, else `unpriced`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    /// Its price list. The first entry always holds; later ones name conditions and the rates that they change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Where its weights are; inherited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(inner(regex(pattern = r"^https?://"))))]
    pub weights: Vec<String>,
    /// Where these facts come from, where that is not the file's own `sources`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// Facts about a model that a lab, a provider's defaults and a provider's model can each state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Facts {
    /// The name on screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub name: Option<String>,
    /// The family it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub family: Option<String>,
    /// What it is called for; `chat` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ModelKind>,
    /// The most tokens that request and answer may have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub context_window: Option<u32>,
    /// The most tokens that a request may have, where that is less than the context window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub max_input_tokens: Option<u32>,
    /// The most tokens that an answer may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(range(min = 1), extend("x-code" = "limit")))]
    pub max_output_tokens: Option<u32>,
    /// What goes in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Modality>,
    /// What comes out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<Modality>,
    /// What it can do: `true`, `false`, or left out where nobody has said.
    #[serde(flatten)]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "super::field_schema::capabilities"))]
    pub capabilities: BTreeMap<Capability, bool>,
    /// How hard it may be asked to think.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasoning_efforts: Vec<ReasoningEffort>,
    /// Whether its weights are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_weights: Option<bool>,
    /// When it was released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_date: Option<PartialDate>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<PartialDate>,
    /// The end of what it can know about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge_cutoff: Option<PartialDate>,
}

/// Another id that resolves to a model of the same provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelAlias {
    /// The other id.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = super::field_schema::MODEL_ID)))]
    pub id: String,
    /// The id it resolves to: a model's, or another alias's.
    pub target: String,
    /// Why it resolves.
    pub kind: AliasKind,
    /// Why it exists, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The day after which it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
}

impl Facts {
    /// Takes every fact that is not stated here from `below`.
    pub fn fill_from(&mut self, below: &Self) {
        fn fill<T: Clone>(own: &mut Option<T>, below: &Option<T>) {
            if own.is_none() {
                own.clone_from(below);
            }
        }
        fn fill_list<T: Clone>(own: &mut Vec<T>, below: &[T]) {
            if own.is_empty() {
                own.extend_from_slice(below);
            }
        }
        fill(&mut self.name, &below.name);
        fill(&mut self.family, &below.family);
        fill(&mut self.kind, &below.kind);
        fill(&mut self.context_window, &below.context_window);
        fill(&mut self.max_input_tokens, &below.max_input_tokens);
        fill(&mut self.max_output_tokens, &below.max_output_tokens);
        fill_list(&mut self.input, &below.input);
        fill_list(&mut self.output, &below.output);
        for (capability, able) in &below.capabilities {
            self.capabilities.entry(*capability).or_insert(*able);
        }
        fill_list(&mut self.reasoning_efforts, &below.reasoning_efforts);
        fill(&mut self.open_weights, &below.open_weights);
        fill(&mut self.release_date, &below.release_date);
        fill(&mut self.last_updated, &below.last_updated);
        fill(&mut self.knowledge_cutoff, &below.knowledge_cutoff);
    }

    /// Forgets a fact. Facts that are no part of this type are none of its business.
    pub fn forget(&mut self, fact: Fact) {
        match fact {
            Fact::Name => self.name = None,
            Fact::Family => self.family = None,
            Fact::Kind => self.kind = None,
            Fact::ContextWindow => self.context_window = None,
            Fact::MaxInputTokens => self.max_input_tokens = None,
            Fact::MaxOutputTokens => self.max_output_tokens = None,
            Fact::Input => self.input.clear(),
            Fact::Output => self.output.clear(),
            Fact::Capabilities => self.capabilities.clear(),
            Fact::ReasoningEfforts => self.reasoning_efforts.clear(),
            Fact::OpenWeights => self.open_weights = None,
            Fact::ReleaseDate => self.release_date = None,
            Fact::LastUpdated => self.last_updated = None,
            Fact::KnowledgeCutoff => self.knowledge_cutoff = None,
            _ => {}
        }
    }

    /// Whether a fact is stated.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact {
            Fact::Name => self.name.is_some(),
            Fact::Family => self.family.is_some(),
            Fact::Kind => self.kind.is_some(),
            Fact::ContextWindow => self.context_window.is_some(),
            Fact::MaxInputTokens => self.max_input_tokens.is_some(),
            Fact::MaxOutputTokens => self.max_output_tokens.is_some(),
            Fact::Input => !self.input.is_empty(),
            Fact::Output => !self.output.is_empty(),
            Fact::Capabilities => !self.capabilities.is_empty(),
            Fact::ReasoningEfforts => !self.reasoning_efforts.is_empty(),
            Fact::OpenWeights => self.open_weights.is_some(),
            Fact::ReleaseDate => self.release_date.is_some(),
            Fact::LastUpdated => self.last_updated.is_some(),
            Fact::KnowledgeCutoff => self.knowledge_cutoff.is_some(),
            _ => false,
        }
    }
}

impl BaseModel {
    /// Whether a fact is stated.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact {
            Fact::Weights => !self.weights.is_empty(),
            Fact::Sources => !self.sources.is_empty(),
            _ => self.facts.states(fact),
        }
    }
}

impl Model {
    /// Whether a fact is stated.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        match fact {
            Fact::Status => self.status.is_some(),
            Fact::DeprecationDate => self.deprecation_date.is_some(),
            Fact::RetirementDate => self.retirement_date.is_some(),
            Fact::Successor => self.successor.is_some(),
            Fact::Billing => self.billing.is_some() || !self.prices.is_empty(),
            Fact::Prices => !self.prices.is_empty(),
            Fact::Endpoints => !self.endpoints.is_empty(),
            Fact::Weights => !self.weights.is_empty(),
            Fact::Sources => !self.sources.is_empty(),
            _ => self.facts.states(fact),
        }
    }
}
