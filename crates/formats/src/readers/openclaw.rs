//! OpenClaw's manifests of its bundled plugins, `{plugin: {name, providers, setup, modelCatalog, modelIdNormalization}}`, and its list of
//! externalised ones, `{entries: [{openclaw: {providers: [{id, name, envVars}]}}]}`. Rates are in US dollars per million tokens.
//!
//! Traps. A plugin serves several providers, and only `modelCatalog.providers` says which model and which base URL is whose; the hosts and
//! URLs of `providerEndpoints` are of several services and are left out. `name` is the plugin's: it is taken for the provider of that id.
//! `maxTokens` is what the program asks for, often 8192: of 225 rows in the two manifests 121 equal models.dev's limit, so it is left
//! out; `contextWindow` does in 174 of 225. `contextTokens` is what the program uses of it. A cache rate of 0 is filler. A range of
//! `tieredPricing` begins with its first number, which is one more than the rate before it ends with in some rows and the same in others.
//! Aliases are resolved by the program before it asks. A suppression hides a model from the program's list, for a host or altogether,
//! and does not say why: it is left out.

use super::rows::{self, Rows};
use crate::Exact;
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key};
use modeldex_table::{Api, Capability, Fact, Meter, Status};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plugin<'a> {
    name: Option<String>,
    #[serde(default)]
    providers: Vec<String>,
    setup: Option<Setup>,
    #[serde(borrow)]
    model_catalog: Option<Catalog<'a>>,
    model_id_normalization: Option<Normalization>,
}

#[derive(Deserialize)]
struct Setup {
    #[serde(default)]
    providers: Vec<Offered>,
}

/// A provider, and what it needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    id: String,
    name: Option<String>,
    #[serde(default)]
    env_vars: Vec<String>,
}

#[derive(Deserialize)]
struct Catalog<'a> {
    #[serde(borrow, default)]
    providers: Rows<'a>,
}

#[derive(Deserialize)]
struct Normalization {
    #[serde(default)]
    providers: BTreeMap<String, Aliases>,
}

#[derive(Deserialize)]
struct Aliases {
    #[serde(default)]
    aliases: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    base_url: Option<String>,
    api: Option<String>,
    #[serde(borrow, default)]
    models: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    id: String,
    name: Option<String>,
    reasoning: Option<bool>,
    input: Option<Vec<String>>,
    context_window: Option<Exact>,
    cost: Option<Cost>,
    compat: Option<Compat>,
    status: Option<String>,
    replaced_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compat {
    supports_tools: Option<bool>,
    supports_temperature: Option<bool>,
    #[serde(default)]
    supported_reasoning_efforts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
    #[serde(default)]
    tiered_pricing: Vec<Tier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    range: Vec<Exact>,
    input: Option<Exact>,
    output: Option<Exact>,
    cache_read: Option<Exact>,
    cache_write: Option<Exact>,
}

#[derive(Deserialize)]
struct External {
    openclaw: ExternalPlugin,
}

#[derive(Deserialize)]
struct ExternalPlugin {
    #[serde(default)]
    providers: Vec<Offered>,
}

pub(super) fn read(bytes: &[u8], builder: &mut Builder<'_>) -> Result<(), String> {
    let file = rows::of_file(bytes)?;
    match file.get("entries").filter(|_| file.len() == 1) {
        Some(entries) => external(builder, entries)?,
        None => {
            for (id, row) in &file {
                if let Some(read) = rows::read::<Plugin<'_>>(builder, || id.clone(), row) {
                    plugin(builder, id, &read);
                }
            }
        }
    }
    Ok(())
}

fn external(builder: &mut Builder<'_>, entries: &RawValue) -> Result<(), String> {
    let entries: Vec<&RawValue> = serde_json::from_str(entries.get()).map_err(|error| format!("entries: {error}"))?;
    for (index, row) in entries.into_iter().enumerate() {
        let Some(read) = rows::read::<External>(builder, || format!("entries[{index}]"), row) else { continue };
        for offered in &read.openclaw.providers {
            if let Some(provider) = builder.provider_id(&offered.id) {
                let mut subject = builder.provider(provider);
                subject.text(Key::Fact(Fact::Name), offered.name.as_deref());
                rows::env(&mut subject, offered.env_vars.iter().map(String::as_str));
            }
        }
    }
    Ok(())
}

fn plugin(builder: &mut Builder<'_>, id: &str, plugin: &Plugin<'_>) {
    for name in &plugin.providers {
        if let Some(provider) = builder.provider_id(name) {
            let own = plugin.name.as_deref().filter(|_| name == id);
            builder.provider(provider).text(Key::Fact(Fact::Name), own);
        }
    }
    for offered in plugin.setup.iter().flat_map(|setup| &setup.providers) {
        if let Some(provider) = builder.provider_id(&offered.id) {
            rows::env(&mut builder.provider(provider), offered.env_vars.iter().map(String::as_str));
        }
    }
    let mut listed = BTreeSet::new();
    for (name, row) in plugin.model_catalog.iter().flat_map(|catalog| &catalog.providers) {
        let Some(provider) = builder.provider_id(name) else { continue };
        let Some(read) = rows::read::<Provider<'_>>(builder, || format!("{id}/{name}"), row) else { continue };
        let mut subject = builder.provider(provider);
        rows::base_url(&mut subject, read.base_url.as_deref());
        rows::api(&mut subject, read.api.as_deref().and_then(Api::parse));
        for (index, row) in read.models.iter().enumerate() {
            let Some(read) = rows::read::<Model>(builder, || format!("{id}/{name}.models[{index}]"), row) else { continue };
            if let Some(mut subject) = builder.model(provider, &read.id) {
                model(&mut subject, &read);
                listed.insert((provider, read.id));
            }
        }
    }
    for (name, normalized) in plugin.model_id_normalization.iter().flat_map(|normalization| &normalization.providers) {
        let Some(provider) = builder.provider_id(name) else { continue };
        // What is listed as a model is one, and no other id of another.
        for (alias, of) in normalized.aliases.iter().filter(|(alias, _)| !listed.contains(&(provider, (*alias).clone()))) {
            if let Some(mut subject) = builder.model(provider, alias) {
                subject.text(Key::AliasOf, Some(of));
            }
        }
    }
}

fn model(subject: &mut Subject<'_>, model: &Model) {
    subject.text(Key::Fact(Fact::Name), model.name.as_deref());
    subject.tokens(Fact::ContextWindow, model.context_window);
    subject.modalities(Fact::Input, model.input.iter().flatten().map(String::as_str));
    subject.can(Capability::Reasoning, model.reasoning);
    match model.status.as_deref().map(|status| (status, Status::parse(status))) {
        Some((_, Some(status))) => subject.text(Key::Fact(Fact::Status), Some(status.as_str())),
        Some((status, None)) => subject.problem(&Key::Fact(Fact::Status), format_args!("`{status}` is no word for it")),
        None => {}
    }
    subject.text(Key::Fact(Fact::Successor), model.replaced_by.as_deref());
    if let Some(compat) = &model.compat {
        subject.can(Capability::ToolCall, compat.supports_tools);
        subject.can(Capability::Temperature, compat.supports_temperature);
        subject.efforts(compat.supported_reasoning_efforts.iter().map(String::as_str));
    }
    let Some(cost) = &model.cost else { return };
    super::pi_ai::rates(subject, &Condition::default(), [cost.input, cost.output, cost.cache_read, cost.cache_write]);
    for tier in &cost.tiered_pricing {
        match tier.range.first().map(|start| start.count()) {
            Some(Ok(0)) => {}
            Some(Ok(start)) => {
                let condition = Condition { above: Some(start - 1), ..Condition::default() };
                super::pi_ai::rates(subject, &condition, [tier.input, tier.output, tier.cache_read, tier.cache_write]);
            }
            Some(Err(error)) => subject.problem(&Key::Rate(Condition::default(), Meter::Input), format_args!("tieredPricing: {error}")),
            None => subject.problem(&Key::Rate(Condition::default(), Meter::Input), "tieredPricing: no range"),
        }
    }
}
