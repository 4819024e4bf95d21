//! Catwalk's provider files, by id: `{id: {name, api_key, api_endpoint, type, models: [...]}}`, or the same in an array, as its server answers
//! and Crush fetches it from `/v2/providers`. Rates are US dollars per million tokens.
//!
//! Writing. `cost_per_1m_in_cached` is what Crush charges for tokens written to a cache, and `cost_per_1m_out_cached` for those read from one.
//! `default_max_tokens` is what is asked for by default, which is written as the most that the model gives, and the attachments are images.
//! The key and the address may be a variable, as `$NAME`. Crush does not start when a default model is not one of the provider's, so that
//! each has one. This is the second version of the format; Crush from 0.99 on asks for a third one first.
//!
//! Reading. `default_max_tokens` is what is asked for where nobody says, not the most that comes out: it is left out. `api_key` and
//! `api_endpoint` may be a variable, as `$NAME`. Two ids may be one service in two regions (`bedrock`, `bedrock-europe`): the shorter one
//! says what the service is. `reasoning_levels` of exactly low, medium and high (843 of 957 lists) is filled in for every model that
//! thinks, and the lists of Neuralwatt and Vercel are models.dev's in none of 23 rows: these are left out. Of the others 49 of 64 are.
//!
//! `cost_per_1m_in_cached` and `cost_per_1m_out_cached` mean writing and reading in some files (Anthropic, Bedrock, OpenRouter, Vercel,
//! AIHubMix, Alibaba) and reading and writing in others (OpenCode, MiniMax, Gemini); many files use only one of them, for reading. Only the
//! numbers tell. Against models.dev of 2026-08-18 and 2026-09-30, for the same provider and id:
//!
//! | below the input rate | above it, up to twice | rows | taken as | agree | the other way round |
//! |---|---|---|---|---|---|
//! | one of the two | none | 660 | read | 392 | 0 |
//! | none | one of the two | 4 | write | 3 | 0 |
//! | one | the other | 166 | read, write | 132 | 0 |
//! | both, the same | | 26 | read | 7 | 0 |
//! | both, not the same | | 28 | nothing | | |
//!
//! The others are models that models.dev does not have there, or at another price. Two different rates below input say nothing: the
//! first is the read rate in 4 rows of MiniMax, and the second in 20 of OpenRouter and Vercel, where Gemini's write rate is below input.
//! A rate equal to that of input (52 rows), equal to that of output or above twice the input (16 rows, of Gemini and Qiniu, where the
//! output rate was entered) is no cache rate.

use crate::Exact;
use crate::fields::{self, Facts, Field, Words, can, fact, meaning, provider, rate, word};
use crate::loss::{Loss, Lost, Part};
use crate::object::{Json, Object};
use crate::rows::{self, Rows};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::snapshot::{Builder, Subject};
use crate::statement::Key;
use crate::target::{Document, Target};
use modeldex_table::{Api, Billing, Capability, CurrentRates, Fact, Meter, Model, Rate, ReasoningEffort};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

pub(super) const TARGET: Target = Target {
    name: "catwalk",
    summary: "Catwalk's providers, which Crush fetches",
    file: Some("providers.json"),
    fields: &[MODEL],
    changes: &[
        &service::LOSSES,
        &[
            Loss::FreeAsZero,
            Loss::Currency,
            Loss::CacheByNumbers,
            Loss::DefaultOutput,
            Loss::CoarseProtocol,
            Loss::FirstAsDefault,
            Loss::Filler(Fact::ReasoningEfforts),
        ],
    ],
    write,
};

const MODEL: &[Field] = &[
    fact("name", Fact::Name),
    rate("cost_per_1m_in", Meter::Input),
    rate("cost_per_1m_out", Meter::Output),
    // Read by their numbers alone.
    rate(CACHED[0], Meter::CacheWrite).by_hand(),
    rate(CACHED[1], Meter::CacheRead).by_hand(),
    fact("context_window", Fact::ContextWindow),
    fact("default_max_tokens", Fact::MaxOutputTokens).only_written(),
    can("can_reason", Capability::Reasoning),
    fact("reasoning_levels", Fact::ReasoningEfforts),
    can("supports_attachments", Capability::Attachment).only_read(),
    provider("name"),
];

const CACHED: [&str; 2] = ["cost_per_1m_in_cached", "cost_per_1m_out_cached"];

/// The types of providers.
const TYPES: &Words<Api> = &[
    ("openai-compat", Api::OpenaiCompletions),
    ("openai", Api::OpenaiCompletions),
    // A coarser word: the type may be either of the two.
    ("openai", Api::OpenaiResponses),
    ("anthropic", Api::AnthropicMessages),
    ("google", Api::GoogleGenerativeAi),
    ("google-vertex", Api::GoogleVertex),
    ("vertexai", Api::GoogleVertex),
    ("bedrock", Api::BedrockConverse),
    ("azure", Api::AzureOpenai),
];

/// The levels that Catwalk's own files have for every model that thinks.
const FILLER_LEVELS: [ReasoningEffort; 3] = [ReasoningEffort::Low, ReasoningEffort::Medium, ReasoningEffort::High];

/// Providers whose lists of levels are their own, not the models'.
const OWN_LEVELS: [&str; 2] = ["neuralwatt", "vercel"];

const ABILITIES: Abilities = Abilities {
    apis: &[Api::OpenaiCompletions, Api::OpenaiResponses, Api::AnthropicMessages, Api::GoogleGenerativeAi],
    ..Abilities::USUAL
};

#[derive(Deserialize)]
struct Listed<'a> {
    name: Option<String>,
    api_key: Option<String>,
    api_endpoint: Option<String>,
    r#type: Option<String>,
    #[serde(borrow)]
    models: Vec<&'a RawValue>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let rows: Rows<'_> = if bytes.trim_ascii_start().starts_with(b"[") { rows::of_list(bytes)? } else { rows::file(bytes)? };
    let mut providers = rows.0;
    providers.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
    let mut known = BTreeSet::new();
    for (id, raw) in providers {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(listed) = builder.row(|| id.clone(), raw, rows::read::<Listed<'_>>) else { continue };
        if known.insert(provider) {
            let mut subject = builder.provider(provider);
            subject.text(Key::Fact(Fact::Name), listed.name.as_deref());
            subject.base_url(listed.api_endpoint.as_deref());
            subject.api(listed.r#type.as_deref().and_then(|name| meaning(TYPES, name)));
            subject.env(listed.api_key.as_deref().and_then(|key| key.strip_prefix('$')));
        }
        for (index, raw) in listed.models.into_iter().enumerate() {
            let parse = |raw| {
                let row: Rows<'_> = rows::read(raw)?;
                let cached = [row.value(CACHED[0])?, row.value(CACHED[1])?];
                Ok::<_, String>((row.required::<String>("id")?, row.facts(MODEL)?, cached))
            };
            let Some((model, facts, rates)) = builder.row(|| format!("{id}.models[{index}]"), raw, parse) else { continue };
            if let Some(mut subject) = builder.model(provider, &model) {
                read_model(facts, rates, OWN_LEVELS.contains(&id.as_str()), &mut subject);
            }
        }
    }
    Ok(())
}

fn read_model(facts: Facts, rates: [Option<Exact>; 2], has_own_levels: bool, subject: &mut Subject<'_>) {
    let is_filler = |levels: &[String]| has_own_levels || levels.iter().eq(FILLER_LEVELS.map(ReasoningEffort::as_str).iter());
    let (input, output) = (facts.rate(Meter::Input), facts.rate(Meter::Output));
    facts.without_texts(Part::Fact(Fact::ReasoningEfforts), is_filler).state(subject);
    let is_output = |rate: &Exact| output.is_some_and(|output| output.rate() == rate.rate());
    let [one, other] = rates.map(|rate| rate.filter(|rate| !is_output(rate)));
    let (read, written) = cached(input, one, other);
    subject.rate(Meter::CacheRead, read);
    subject.rate(Meter::CacheWrite, written);
}

/// Which of the two rates for cached tokens is that of reading, and which that of writing, as far as the numbers tell.
fn cached(input: Option<Exact>, one: Option<Exact>, other: Option<Exact>) -> (Option<Exact>, Option<Exact>) {
    let Some(input) = input.and_then(|input| input.rate().ok()) else { return (None, None) };
    let below = |rate: Rate| !rate.is_zero() && rate < input;
    let above = |rate: Rate| rate > input && rate.micros() <= 2 * input.micros();
    let is = |exact: Option<Exact>, test: &dyn Fn(Rate) -> bool| exact.filter(|exact| exact.rate().is_ok_and(test));
    let read = match (is(one, &below), is(other, &below)) {
        (Some(one), Some(other)) => (one.rate() == other.rate()).then_some(one),
        (one, other) => one.or(other),
    };
    let written = match (is(one, &above), is(other, &above)) {
        (Some(_), Some(_)) => None,
        (one, other) => one.or(other),
    };
    (read, written)
}

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let services = service::services(selection, ABILITIES, lost);
    let providers: Json<'_> = services.iter().map(|service| entry(service, selection, lost)).collect();
    vec![Document::compact("providers.json", &providers)]
}

fn entry<'a>(service: &Service<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    let known = service.provider.default_model().filter(|default| service.models.contains(default));
    let default = known.or_else(|| {
        let first = service.models.first().copied();
        first.inspect(|first| lost.note(Loss::FirstAsDefault, *first))
    });
    let default = default.map(Model::id).unwrap_or_default();
    Object::default()
        .with("name", service.provider.name())
        .with("id", service.provider.id())
        .with("api_key", service.key.map(|name| format!("${name}")))
        .with("api_endpoint", service.endpoint.base_url())
        .with("type", word(TYPES, service.endpoint.api()))
        .with("default_large_model_id", default)
        .with("default_small_model_id", default)
        .with("models", service.models.iter().map(|model| model_entry(service, *model, selection, lost)).collect::<Json<'_>>())
        .with("default_headers", service::headers(service.endpoint))
}

fn model_entry<'a>(service: &Service<'a>, model: Model<'a>, selection: &Selection<'a>, lost: &mut Lost) -> Object<'a> {
    if model.max_output_tokens().is_some() {
        lost.note(Loss::DefaultOutput, model);
    }
    if service.endpoint.api() == Api::OpenaiResponses {
        lost.note(Loss::CoarseProtocol, model);
    }
    if model.reasoning_efforts().iter().eq(FILLER_LEVELS) {
        lost.note(Loss::Filler(Fact::ReasoningEfforts), model);
    }
    let free = (model.billing() == Billing::Free).then(|| lost.note(Loss::FreeAsZero, model)).map(|()| Rate::from_micros(0));
    let today = selection.dollars(model, lost);
    if today.is_some_and(|today| !tells_apart(&today)) {
        lost.note(Loss::CacheByNumbers, model);
    }
    Object::default().with("id", model.id()).with_model(MODEL, model, |part| match part {
        Part::Meter(meter) => {
            let free = free.filter(|_| matches!(meter, Meter::Input | Meter::Output));
            Some(free.or(today.and_then(|today| today.get(meter))).into())
        }
        Part::Capability(Capability::Attachment) => Some(fields::takes_images(model).into()),
        _ => None,
    })
}

/// Whether the numbers say which of the two rates is which, for readers that do not trust the names: files of Catwalk's own use both
/// names both ways.
fn tells_apart(today: &CurrentRates) -> bool {
    let Some(input) = today.get(Meter::Input) else {
        return today.get(Meter::CacheRead).is_none() && today.get(Meter::CacheWrite).is_none();
    };
    let output = today.get(Meter::Output);
    let is_read = |rate: Rate| !rate.is_zero() && rate < input && Some(rate) != output;
    let is_write = |rate: Rate| rate > input && rate.micros() <= 2 * input.micros() && Some(rate) != output;
    today.get(Meter::CacheRead).is_none_or(is_read) && today.get(Meter::CacheWrite).is_none_or(is_write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_map::ProviderMap;

    #[test]
    fn two_regions_and_lists_of_their_own() {
        let map = ProviderMap::parse("providers:\n  a: {catwalk: [acme, acme-europe]}\n  b: {catwalk: [vercel]}\n").unwrap();
        let mut builder = Builder::new("catwalk", &map);
        let text = br#"{
            "acme-europe": {"name": "Acme Europe", "models": [{"id": "eu.m"}]},
            "acme": {"name": "Acme", "models": [{"id": "m", "reasoning_levels": ["high", "max"]}]},
            "vercel": {"models": [{"id": "m", "reasoning_levels": ["none", "high"]}]}
        }"#;
        read(text, &mut builder).unwrap();
        let snapshot = builder.finish();
        assert_eq!(snapshot.problems, []);
        let acme = &snapshot.providers["a"];
        assert_eq!(acme.facts[&Key::Fact(Fact::Name)].text(), Some("Acme"));
        assert!(acme.models.keys().eq(["eu.m", "m"]));
        assert!(acme.models["m"].contains_key(&Key::Fact(Fact::ReasoningEfforts)));
        assert!(!snapshot.providers["b"].models["m"].contains_key(&Key::Fact(Fact::ReasoningEfforts)));
        assert!(read(b"{", &mut Builder::new("catwalk", &map)).is_err());
        let mut listed = Builder::new("catwalk", &map);
        read(br#"[{"id": "acme", "name": "Acme", "models": [{"id": "m"}]}]"#, &mut listed).unwrap();
        assert!(listed.finish().providers["a"].models.contains_key("m"));
        assert!(read(br#"[{"name": "Acme"}]"#, &mut Builder::new("catwalk", &map)).is_err());
    }
}
