//! openclaw: the part of `openclaw.json` that has models in it, which is written, and the manifests of its plugins, which are read. Rates are
//! US dollars per million tokens.
//!
//! Reading: bundled plugins, `{plugin: {name, providers, setup, modelCatalog, modelIdNormalization}}`, and the list of externalised ones,
//! `{entries: [{openclaw: {providers: [{id, name, envVars}]}}]}`. A plugin serves several providers, and only `modelCatalog.providers` shows
//! which model and which base URL is whose; the hosts and URLs of `providerEndpoints` are of several services and are left out. `name` is the
//! plugin's: it is taken for the provider of that id. `maxTokens` is what the program asks for, often 8192: of 225 rows in the two manifests
//! 121 equal models.dev's limit, so it is left out; `contextWindow` does in 174 of 225. `contextTokens` is what the program uses of it. A range
//! of `tieredPricing` begins with its first number, which is one more than the rate before it ends with in some rows and the same in others.
//! Aliases are resolved by the program before it asks. A suppression hides a model from the program's list, for a host or altogether, without
//! a reason: it is left out.
//!
//! Writing: valid for every version from 2026.2.1 to 2026.9.6. What each version does to a file that is not as it likes it:
//!
//! - A key that it does not know fails the whole file, so there is no alias, no name of a provider, and no word of a newer version.
//! - 2026.2.1 drops every provider when one lacks `apiKey` or `api`.
//! - Where a variable that the file names is not set, 2026.2.1 refuses the whole file, and 2026.9.6 finds no model of any provider.
//! - Variables are put into every text of the file. `$${NAME}` stands for a `${NAME}` that is to be left alone.
//! - Without a limit, 2026.2.1 assumes a window of 200,000 tokens and 2026.9.6 one of 128,000.
//! - 2026.9.6 writes the ids of providers in small letters, and of two that are the same then it keeps the first.
//!
//! A provider has one base URL. A reference is `provider/model`, as it is typed, so a second entry under another id would be another
//! reference: what is at another address than the rest of its provider is left out.

use super::pi_model::{self, RATES};
use crate::Exact;
use crate::fields::{Facts, Field, can, fact, field, provider};
use crate::loss::{Loss, Lost, Part};
use crate::object::{Json, Object};
use crate::rows::{self, Rows};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::snapshot::{Builder, Subject};
use crate::statement::{Condition, Key};
use crate::target::{Document, Target};
use modeldex_table::{Api, Capability, Fact, Meter, Model};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TARGET: Target = Target {
    name: "openclaw",
    summary: "the models of an openclaw.json; --apply merges them into yours",
    file: Some("openclaw.json"),
    fields: &[MODEL, RATES],
    changes: &[&service::LOSSES, &[Loss::SameId], &pi_model::CHANGES],
    write,
};

const MODEL: &[Field] = &[
    fact("name", Fact::Name).written_apart(),
    can("reasoning", Capability::Reasoning),
    fact("input", Fact::Input),
    field("cost", Part::Fact(Fact::Prices)).by_hand(),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens).only_written(),
    fact("status", Fact::Status).only_read(),
    fact("replacedBy", Fact::Successor).only_read(),
    can("compat.supportsTools", Capability::ToolCall).only_read(),
    can("compat.supportsTemperature", Capability::Temperature).only_read(),
    fact("compat.supportedReasoningEfforts", Fact::ReasoningEfforts).only_read(),
    provider("models.providers"),
];

const ABILITIES: Abilities = Abilities { address_variables: true, ..pi_model::ABILITIES };

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

#[derive(Default, Deserialize)]
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

struct Row {
    id: String,
    facts: Facts,
    rates: Facts,
    tiers: Vec<(Option<Exact>, Facts)>,
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
    let file: Rows<'_> = rows::file(bytes)?;
    if let Some(entries) = file.get("entries").filter(|_| file.0.len() == 1) {
        let entries: Vec<&RawValue> = rows::read(entries).map_err(|error| format!("entries: {error}"))?;
        for (index, raw) in entries.into_iter().enumerate() {
            let Some(external) = builder.row(|| format!("entries[{index}]"), raw, rows::read::<External>) else { continue };
            for offered in &external.openclaw.providers {
                if let Some(provider) = builder.provider_id(&offered.id) {
                    let mut subject = builder.provider(provider);
                    subject.text(Key::Fact(Fact::Name), offered.name.as_deref());
                    subject.env(offered.env_vars.iter().map(String::as_str));
                }
            }
        }
        return Ok(());
    }
    for (id, raw) in file.sorted() {
        if let Some(read) = builder.row(|| id.clone(), raw, rows::read::<Plugin<'_>>) {
            plugin(builder, &id, read);
        }
    }
    Ok(())
}

fn plugin(builder: &mut Builder<'_>, id: &str, plugin: Plugin<'_>) {
    for name in &plugin.providers {
        if let Some(provider) = builder.provider_id(name) {
            let own = plugin.name.as_deref().filter(|_| name == id);
            builder.provider(provider).text(Key::Fact(Fact::Name), own);
        }
    }
    for offered in plugin.setup.iter().flat_map(|setup| &setup.providers) {
        if let Some(provider) = builder.provider_id(&offered.id) {
            builder.provider(provider).env(offered.env_vars.iter().map(String::as_str));
        }
    }
    let mut listed = BTreeSet::new();
    for (name, raw) in plugin.model_catalog.unwrap_or_default().providers.sorted() {
        let Some(provider) = builder.provider_id(&name) else { continue };
        let Some(read) = builder.row(|| format!("{id}/{name}"), raw, rows::read::<Provider<'_>>) else { continue };
        let mut subject = builder.provider(provider);
        subject.base_url(read.base_url.as_deref());
        subject.api(read.api.as_deref().and_then(Api::parse));
        for (index, raw) in read.models.into_iter().enumerate() {
            let Some(row) = builder.row(|| format!("{id}/{name}.models[{index}]"), raw, Row::read) else { continue };
            if let Some(mut model) = builder.model(provider, &row.id) {
                row.state(&mut model);
                listed.insert((provider, row.id));
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

impl Row {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: Rows<'_> = rows::read(raw)?;
        let cost: Rows<'_> = row.value("cost")?.unwrap_or_default();
        let tier = |tier: Rows<'_>| Ok::<_, String>((tier.required::<Vec<Exact>>("range")?.first().copied(), tier.facts(RATES)?));
        Ok(Self {
            id: row.required("id")?,
            facts: row.facts(MODEL)?,
            rates: cost.facts(RATES)?,
            tiers: cost.list("tieredPricing")?.into_iter().map(tier).collect::<Result<_, String>>()?,
        })
    }

    fn state(&self, model: &mut Subject<'_>) {
        let key = Key::Rate(Condition::default(), Meter::Input);
        self.facts.state(model);
        self.rates.clone().without_zero_cache().state(model);
        for (start, rates) in &self.tiers {
            match start.map(Exact::count) {
                Some(Ok(0)) => {}
                Some(start) => {
                    let rates = rates.clone().without_zero_cache();
                    pi_model::state_above(&rates, "tieredPricing", start.map(|start| start - 1), &key, model);
                }
                None => model.problem(&key, "tieredPricing: no range"),
            }
        }
    }
}

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let mut providers = BTreeMap::new();
    let services = service::services(selection, ABILITIES, lost);
    for services in services.chunk_by(|one, other| one.provider.index() == other.provider.index()) {
        let Some((id, entry)) = entry(services, selection, lost) else { continue };
        match providers.entry(id) {
            Entry::Vacant(place) => {
                place.insert(entry);
            }
            Entry::Occupied(_) => {
                let models = services.iter().flat_map(|service| &service.models);
                models.for_each(|model| lost.note(Loss::SameId, *model));
            }
        }
    }
    let models = Object::default().with("mode", "merge").with("providers", providers.into_iter().collect::<Object<'_>>());
    vec![Document::pretty("openclaw.json", &Object::default().with("models", models))]
}

/// A provider's id and its entry; none when none of its models can be written.
fn entry<'a>(services: &[Service<'a>], selection: &Selection<'a>, lost: &mut Lost) -> Option<(String, Object<'a>)> {
    let found: Vec<_> = services.iter().map(|service| (service, pi_model::writable(service, lost))).collect();
    let (first, _) = found.iter().find(|(_, models)| !models.is_empty())?;
    let mut rows = Vec::new();
    for (service, models) in &found {
        // Of one address two protocols may be spoken, and then the row names its own.
        let is_there = service::address(service.endpoint) == service::address(first.endpoint)
            && service.endpoint.headers().eq(first.endpoint.headers());
        for &model in models {
            if is_there {
                rows.push((literal(model.id()), model_entry(model, service, first, selection, lost)));
            } else {
                lost.note(Loss::OtherEndpoint, model);
            }
        }
    }
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let headers: Object<'_> = first.endpoint.headers().map(|(name, value)| (name, literal(value))).collect();
    let entry = Object::default()
        .with("baseUrl", service::address(first.endpoint))
        .with("apiKey", pi_model::key(first))
        .with("auth", "api-key")
        .with("api", first.endpoint.api().as_str())
        .with("headers", headers.sorted().unless_empty())
        .with("models", rows.into_iter().map(|(_, row)| row).collect::<Json<'_>>());
    Some((first.provider.id().to_ascii_lowercase(), entry))
}

fn model_entry<'a>(model: Model<'a>, service: &Service<'_>, first: &Service<'_>, selection: &Selection<'_>, lost: &mut Lost) -> Object<'a> {
    let api = service.endpoint.api();
    Object::default()
        .with("id", literal(model.id()))
        .with("name", literal(model.name()))
        .with("api", (api != first.endpoint.api()).then(|| api.as_str()))
        .with_model(MODEL, model, |part| match part {
            Part::Fact(Fact::Input) => Some(pi_model::input(model, lost)),
            Part::Fact(Fact::Prices) => Some(pi_model::cost(model, selection, lost).into()),
            _ => None,
        })
        .with("compat", pi_model::compat(service.endpoint, None))
}

/// A text in which no variable is put.
fn literal(text: &str) -> Cow<'_, str> {
    if text.contains("${") { text.replace("${", "$${").into() } else { text.into() }
}
