//! pi: `models.json` of the coding agent, which is written, and the catalog of its layer of models, pi-ai, which is read. Rates are US dollars
//! per million tokens.
//!
//! Reading: `{id: {name, base_urls, env, models: {key: {id, api, baseUrl, cost, ...}}}}`. A model that is served in two ways is listed twice,
//! under keys such as `chat:id@api`: the entry for conversation counts. A context window of 272000 is where OpenAI's price rises, not the
//! window (24 rows; of the 9 that models.dev has, none agrees): it is left out. `maxTokens` is the limit: equal to models.dev's of 2026-09-30
//! in 1,102 of 1,189 rows. `input` knows text and images only. `thinkingLevelMap` maps the program's levels to words on the wire, and to null
//! where there is none; where one of the levels minimal to high is not in it, defaults hold that are not in the data, and nothing is stated.
//! Rates in yuan look converted.
//!
//! Writing: providers and models beside those that pi knows itself, in `~/.pi/agent/`. A tier is the whole price of a request that is longer
//! than its bound. A key and a header may name variables, as `${NAME}` or `$NAME`, and an address may not. A value that begins with `!` is a
//! command that pi runs, so headers are written so that none is one. A variable that is not set hides its provider and nothing else. A
//! provider that pi knows itself keeps pi's own models, and they would be asked at a base URL of the provider's, in the protocol that pi has
//! for them. So each model has its own address, protocol and headers.

use super::pi_model::{self, Listed, Majority, RATES};
use crate::fields::{Facts, Field, above, can, fact, field, provider};
use crate::loss::{Loss, Lost, Part};
use crate::object::{Json, Object};
use crate::rows::{self, Rows};
use crate::selection::Selection;
use crate::service::{self, Service};
use crate::snapshot::{Builder, Subject};
use crate::statement::Key;
use crate::target::{Document, Target};
use crate::{Exact, steps};
use modeldex_table::{Api, Billing, Capability, Currency, Fact, Model, ModelKind, ReasoningEffort, WireFeature};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TARGET: Target = Target {
    name: "pi",
    summary: "models.json of pi, the coding agent",
    file: Some("models.json"),
    fields: &[MODEL, RATES],
    // A provider may be at several endpoints here.
    changes: &[
        &[Loss::Retired, Loss::Kind, Loss::Credentials, Loss::NoEndpoint, Loss::Protocol, Loss::AddressVariables],
        &pi_model::CHANGES,
    ],
    write,
};

const MODEL: &[Field] = &[
    fact("name", Fact::Name).written_apart(),
    can("reasoning", Capability::Reasoning),
    fact("thinkingLevelMap", Fact::ReasoningEfforts).by_hand(),
    fact("input", Fact::Input),
    fact("output", Fact::Output).only_read(),
    field("cost", Part::Fact(Fact::Prices)).by_hand(),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens),
    above("tiers"),
    provider("name"),
];

/// A context window of pi's catalog, and of oh-my-pi's, that is where a price rises.
pub(super) const PRICE_STEP: u32 = 272_000;

struct Row {
    id: String,
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    facts: Facts,
    levels: Option<BTreeMap<String, Option<String>>>,
    rates: Facts,
    tiers: Vec<(Exact, Facts)>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    for (id, raw) in rows::file::<Rows<'_>>(bytes)?.sorted() {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(mut listed) = builder.row(|| id.clone(), raw, rows::read::<Listed<'_>>) else { continue };
        let models = std::mem::take(&mut listed.models).sorted().into_iter();
        let models: Vec<Row> = models.filter_map(|(key, raw)| builder.row(|| format!("{id}/{key}"), raw, Row::read)).collect();
        let mut majority = Majority::default();
        let chat: BTreeSet<&str> = models.iter().filter(|row| row.is_chat()).map(|row| row.id.as_str()).collect();
        for row in &models {
            majority.count(row.api.as_deref(), row.base_url.as_deref());
            if (row.is_chat() || !chat.contains(row.id.as_str()))
                && let Some(mut model) = builder.model(provider, &row.id)
            {
                row.state(&mut model);
            }
        }
        listed.state(&majority, &mut builder.provider(provider));
    }
    Ok(())
}

impl Row {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: Rows<'_> = rows::read(raw)?;
        let cost: Rows<'_> = row.value("cost")?.unwrap_or_default();
        let tier = |tier: Rows<'_>| Ok::<_, String>((tier.required("inputTokensAbove")?, tier.facts(RATES)?));
        Ok(Self {
            id: row.required("id")?,
            kind: row.value("type")?,
            api: row.value("api")?,
            base_url: row.value("baseUrl")?,
            facts: row.facts(MODEL)?,
            levels: row.value("thinkingLevelMap")?,
            rates: cost.facts(RATES)?,
            tiers: cost.list("tiers")?.into_iter().map(tier).collect::<Result<_, String>>()?,
        })
    }

    fn is_chat(&self) -> bool {
        self.kind.as_deref() == Some("chat")
    }

    fn state(&self, model: &mut Subject<'_>) {
        let is_step = |part, number: Exact| part == Part::Fact(Fact::ContextWindow) && number.count() == Ok(PRICE_STEP);
        self.facts.clone().without(is_step).state(model);
        let kind = self.kind.as_deref().and_then(ModelKind::parse);
        model.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));
        if let Some(levels) = &self.levels {
            state_efforts(levels, model);
        }
        self.rates.clone().without_zero_cache().state(model);
        for (bound, rates) in &self.tiers {
            pi_model::state_above(&rates.clone().without_zero_cache(), "inputTokensAbove", bound.count(), &Key::Fact(Fact::Prices), model);
        }
    }
}

/// States what the levels are on the wire, where the map leaves none of the usual ones to defaults.
fn state_efforts(levels: &BTreeMap<String, Option<String>>, model: &mut Subject<'_>) {
    if !["minimal", "low", "medium", "high"].iter().all(|level| levels.contains_key(*level)) {
        return;
    }
    // `off` is how thinking is disabled elsewhere than in the effort; a word such as `default` states nothing about efforts.
    let words: Vec<_> = levels.values().flatten().filter(|word| *word != "off").map(|word| word.to_ascii_lowercase()).collect();
    if words.iter().all(|word| ReasoningEffort::parse(word).is_some()) {
        model.words(Fact::ReasoningEfforts, words.iter().map(String::as_str));
    }
}

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let mut providers: BTreeMap<&str, (Object<'_>, Vec<Json<'_>>)> = BTreeMap::new();
    for service in service::services(selection, pi_model::ABILITIES, lost) {
        for model in pi_model::writable(&service, lost) {
            let new = || (Object::default().with("name", service.provider.name()).with("apiKey", pi_model::key(&service)), Vec::new());
            let (_, models) = providers.entry(service.provider.id()).or_insert_with(new);
            models.push(entry(model, &service, selection, lost).into());
        }
    }
    let providers: Object<'_> = providers.into_iter().map(|(id, (entry, models))| (id, entry.with("models", Json::List(models)))).collect();
    vec![Document::pretty("models.json", &Object::default().with("providers", providers))]
}

fn entry<'a>(model: Model<'a>, service: &Service<'a>, selection: &Selection<'_>, lost: &mut Lost) -> Object<'a> {
    let endpoint = service.endpoint;
    let usage = endpoint.supports(WireFeature::StreamUsage).filter(|_| endpoint.api() == Api::OpenaiCompletions);
    let headers: Object<'_> = endpoint.headers().map(|(name, value)| (name, literal(value))).collect();
    Object::default()
        .with("id", model.id())
        .with("name", model.name())
        .with("api", endpoint.api().as_str())
        .with("baseUrl", service::address(endpoint))
        .with("headers", headers.sorted().unless_empty())
        .with_model(MODEL, model, |part| match part {
            Part::Fact(Fact::Input) => Some(pi_model::input(model, lost)),
            Part::Fact(Fact::ReasoningEfforts) => Some(levels(model, service)),
            Part::Fact(Fact::Prices) => {
                Some(pi_model::cost(model, selection, lost).with("tiers", tiers(model, selection).unless_empty()).into())
            }
            _ => None,
        })
        .with("compat", pi_model::compat(endpoint, usage))
}

/// Which reasoning efforts a model accepts, where they are requested in these words; null takes away a level of pi's.
fn levels(model: Model<'_>, service: &Service<'_>) -> Json<'static> {
    let is_sent = match service.endpoint.api() {
        Api::OpenaiCompletions => service.endpoint.supports(WireFeature::ReasoningEffort) == Some(true),
        Api::OpenaiResponses => true,
        _ => false,
    };
    let efforts = model.reasoning_efforts();
    if !is_sent || efforts.is_empty() || model.can(Capability::Reasoning) != Some(true) {
        return Json::Absent;
    }
    let level = |effort: ReasoningEffort| if effort == ReasoningEffort::None { "off" } else { effort.as_str() };
    let word = |effort: ReasoningEffort| if efforts.contains(effort) { effort.as_str().into() } else { Json::Null };
    ReasoningEffort::ALL.iter().map(|&effort| (level(effort), word(effort))).collect::<Object<'_>>().sorted().into()
}

/// What longer requests cost.
fn tiers(model: Model<'_>, selection: &Selection<'_>) -> Json<'static> {
    let tier = |above: u32| {
        let today = selection.rates_of(model, None, u64::from(above) + 1).filter(|today| today.currency() == Currency::Usd)?;
        Some(Object::default().with("inputTokensAbove", above).with_all(pi_model::rates(Some(&today))))
    };
    let lengths = steps::lengths(model, None).into_iter().filter(|_| model.billing() == Billing::Metered);
    lengths.filter_map(tier).collect()
}

/// A text in which pi puts no variable, and which it does not run.
fn literal(text: &str) -> String {
    let text = text.replace('$', "$$");
    if text.starts_with('!') { format!("${text}") } else { text }
}
