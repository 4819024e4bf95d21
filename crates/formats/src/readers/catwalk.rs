//! Catwalk's provider files, by id: `{id: {name, api_key, api_endpoint, type, models: [...]}}`, in US dollars per million tokens; or the
//! same in an array, as its server answers.
//!
//! Traps. `default_max_tokens` is what is asked for where nobody says, not the most that comes out: it is left out. `api_key` and
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

use super::rows;
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::Key;
use modeldex_table::{Api, Capability, Fact, Meter, Rate};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Providers whose lists of levels are their own, not the models'.
const OWN_LEVELS: [&str; 2] = ["neuralwatt", "vercel"];

#[derive(Deserialize)]
struct Provider<'a> {
    name: Option<String>,
    api_key: Option<String>,
    api_endpoint: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    models: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    name: Option<String>,
    cost_per_1m_in: Option<Exact>,
    cost_per_1m_out: Option<Exact>,
    cost_per_1m_in_cached: Option<Exact>,
    cost_per_1m_out_cached: Option<Exact>,
    context_window: Option<Exact>,
    can_reason: Option<bool>,
    reasoning_levels: Option<Vec<String>>,
    supports_attachments: Option<bool>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let rows = if bytes.trim_ascii_start().starts_with(b"[") { rows::of_list(bytes)? } else { rows::of_file(bytes)? };
    let mut providers: Vec<_> = rows.into_iter().collect();
    providers.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
    let mut known = BTreeSet::new();
    for (id, row) in providers {
        let Some(provider) = builder.provider_id(&id) else { continue };
        let Some(file) = rows::read::<Provider<'_>>(builder, || id.clone(), row) else { continue };
        if known.insert(provider) {
            service(&mut builder.provider(provider), &file);
        }
        for (index, row) in file.models.iter().enumerate() {
            let Some(read) = rows::read::<Model>(builder, || format!("{id}.models[{index}]"), row) else { continue };
            if let Some(mut subject) = builder.model(provider, &read.id) {
                model(&mut subject, &read);
                if !OWN_LEVELS.contains(&id.as_str()) {
                    levels(&mut subject, &read);
                }
            }
        }
    }
    Ok(())
}

fn service(subject: &mut Subject<'_>, file: &Provider<'_>) {
    subject.text(Key::Fact(Fact::Name), file.name.as_deref());
    rows::base_url(subject, file.api_endpoint.as_deref());
    let api = file.kind.as_deref().and_then(|kind| match kind {
        "anthropic" => Some(Api::AnthropicMessages),
        "openai" | "openai-compat" => Some(Api::OpenaiCompletions),
        "google" => Some(Api::GoogleGenerativeAi),
        "google-vertex" | "vertexai" => Some(Api::GoogleVertex),
        "bedrock" => Some(Api::BedrockConverse),
        "azure" => Some(Api::AzureOpenai),
        _ => None,
    });
    rows::api(subject, api);
    rows::env(subject, file.api_key.as_deref().and_then(|key| key.strip_prefix('$')));
}

fn model(subject: &mut Subject<'_>, model: &Model) {
    subject.text(Key::Fact(Fact::Name), model.name.as_deref());
    subject.tokens(Fact::ContextWindow, model.context_window);
    subject.can(Capability::Reasoning, model.can_reason);
    subject.can(Capability::Attachment, model.supports_attachments);
    subject.rate(Meter::Input, model.cost_per_1m_in);
    subject.rate(Meter::Output, model.cost_per_1m_out);
    let no_output = |rate: &Exact| model.cost_per_1m_out.is_none_or(|output| output.rate() != rate.rate());
    let [one, other] = [model.cost_per_1m_in_cached, model.cost_per_1m_out_cached].map(|rate| rate.filter(no_output));
    let (read, written) = cached(model.cost_per_1m_in, one, other);
    subject.rate(Meter::CacheRead, read);
    subject.rate(Meter::CacheWrite, written);
}

fn levels(subject: &mut Subject<'_>, model: &Model) {
    if let Some(levels) = model.reasoning_levels.as_ref().filter(|levels| **levels != ["low", "medium", "high"]) {
        subject.efforts(levels.iter().map(String::as_str));
    }
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
