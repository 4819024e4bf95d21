//! pi-ai's providers and models: `{id: {name, base_urls, env, models: {key: {id, api, baseUrl, cost, ...}}}}`, in US dollars per million
//! tokens.
//!
//! Traps. A cache rate of 0 is filler. A model that is served in two ways stands twice, under keys such as `chat:id@api`: the entry for
//! conversation speaks. A context window of 272000 is where OpenAI's price rises, not the window (24 rows; of the 9 that models.dev has,
//! none agrees): it is left out. `maxTokens` is the limit: equal to models.dev's of 2026-09-30 in 1,102 of 1,189 rows. `input` knows text
//! and images only. `thinkingLevelMap` maps the program's levels to words on the wire, and to null where there is none; where one of the
//! levels minimal to high is not in it, defaults hold that are not in the data, and nothing is stated. Rates in yuan look converted.

use super::protocols::Majority;
use super::rows::{self, Rows};
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key};
use modeldex_table::{Capability, Fact, Meter, ModelKind, ReasoningEffort};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A context window that is none.
const PRICE_STEP: u32 = 272_000;

#[derive(Deserialize)]
struct Provider<'a> {
    name: Option<String>,
    #[serde(default)]
    base_urls: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(borrow)]
    models: Rows<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    id: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    api: Option<String>,
    base_url: Option<String>,
    reasoning: Option<bool>,
    input: Option<Vec<String>>,
    output: Option<Vec<String>>,
    cost: Option<Cost>,
    context_window: Option<Exact>,
    max_tokens: Option<Exact>,
    thinking_level_map: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
    #[serde(default)]
    tiers: Vec<Tier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    input_tokens_above: Exact,
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    for (id, row) in rows::of_file(bytes)? {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(service) = rows::read::<Provider<'_>>(builder, || id.clone(), row) else { continue };
        let models: Vec<Model> =
            service.models.into_iter().filter_map(|(key, row)| rows::read(builder, || format!("{id}/{key}"), row)).collect();
        let mut majority = Majority::default();
        let chat: BTreeSet<&str> = models.iter().filter(|model| is_chat(model)).map(|model| model.id.as_str()).collect();
        for read in &models {
            majority.count(read.api.as_deref(), read.base_url.as_deref());
            if !is_chat(read) && chat.contains(read.id.as_str()) {
                continue;
            }
            if let Some(mut subject) = builder.model(provider, &read.id) {
                model(&mut subject, read);
            }
        }
        let mut subject = builder.provider(provider);
        subject.text(Key::Fact(Fact::Name), service.name.as_deref());
        let (api, base_url) = majority.of_most();
        rows::base_url(&mut subject, base_url.into_iter().chain(service.base_urls.iter().map(String::as_str)));
        rows::api(&mut subject, api);
        rows::env(&mut subject, service.env.iter().map(String::as_str));
    }
    Ok(())
}

fn is_chat(model: &Model) -> bool {
    model.kind.as_deref() == Some("chat")
}

fn model(subject: &mut Subject<'_>, model: &Model) {
    subject.text(Key::Fact(Fact::Name), model.name.as_deref());
    let kind = model.kind.as_deref().and_then(ModelKind::parse);
    subject.text(Key::Fact(Fact::Kind), kind.map(ModelKind::as_str));
    subject.tokens(Fact::ContextWindow, model.context_window.filter(|window| window.count() != Ok(PRICE_STEP)));
    subject.tokens(Fact::MaxOutputTokens, model.max_tokens);
    subject.modalities(Fact::Input, model.input.iter().flatten().map(String::as_str));
    subject.modalities(Fact::Output, model.output.iter().flatten().map(String::as_str));
    subject.can(Capability::Reasoning, model.reasoning);
    if let Some(levels) = &model.thinking_level_map {
        efforts(subject, levels);
    }
    let Some(cost) = &model.cost else { return };
    rates(subject, &Condition::default(), [cost.input, cost.output, cost.cache_read, cost.cache_write]);
    for tier in &cost.tiers {
        match tier.input_tokens_above.count() {
            Ok(above) => {
                let condition = Condition { above: Some(above), ..Condition::default() };
                rates(subject, &condition, [tier.input, tier.output, tier.cache_read, tier.cache_write]);
            }
            Err(error) => subject.problem(&Key::Fact(Fact::Prices), format_args!("inputTokensAbove: {error}")),
        }
    }
}

/// States the rates of input, output, reading from a cache and writing to one.
pub(super) fn rates(subject: &mut Subject<'_>, condition: &Condition, [input, output, read, written]: [Option<Exact>; 4]) {
    let known = |rate: Option<Exact>| rate.filter(|rate| !rate.is_zero());
    subject.rate_when(condition.clone(), Meter::Input, input);
    subject.rate_when(condition.clone(), Meter::Output, output);
    subject.rate_when(condition.clone(), Meter::CacheRead, known(read));
    subject.rate_when(condition.clone(), Meter::CacheWrite, known(written));
}

/// States what the levels are on the wire, where the map leaves none of the usual ones to defaults.
fn efforts(subject: &mut Subject<'_>, levels: &BTreeMap<String, Option<String>>) {
    if !["minimal", "low", "medium", "high"].iter().all(|level| levels.contains_key(*level)) {
        return;
    }
    // `off` is how thinking is disabled elsewhere than in the effort; a word such as `default` says nothing about efforts.
    let words: Vec<_> = levels.values().flatten().filter(|word| *word != "off").map(|word| word.to_ascii_lowercase()).collect();
    if words.iter().all(|word| ReasoningEffort::parse(word).is_some()) {
        subject.efforts(words.iter().map(String::as_str));
    }
}
