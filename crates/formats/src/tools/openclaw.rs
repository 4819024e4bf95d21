//! openclaw: writes the models of an `openclaw.json`, and reads the manifests of openclaw's plugins. Rates are US dollars per million tokens.
//!
//! Two kinds of files are read:
//!
//! - the bundled plugins: `{plugin: {name, providers, setup, modelCatalog, modelIdNormalization}}`
//! - the list of external plugins: `{entries: [{openclaw: {providers: [{id, name, envVars}]}}]}`
//!
//! When reading:
//!
//! - A plugin can have several providers. Only `modelCatalog.providers` states to which of these providers a model or base URL belongs.
//! - Hosts and URLs in `providerEndpoints` belong to several providers, and are ignored.
//! - `name` is the name of the plugin. It is read as the name of the provider whose id equals the id of the plugin.
//! - `maxTokens` is the number of output tokens that openclaw requests (often 8192), not the limit of the model, and is ignored.
//! - In a comparison of 225 rows with models.dev, `maxTokens` equals the output limit in 121 rows, and `contextWindow` equals the context window
//!   in 174 rows.
//! - `contextTokens` is not the context window, but the part of it that openclaw uses.
//! - In some rows, the first number of a range in `tieredPricing` equals the end of the previous range; in other rows, it is one more than this end.
//! - openclaw resolves aliases before it sends requests.
//! - A suppression hides a model from the list that openclaw shows, for one host or for all hosts. Suppressions state no reasons, and are ignored.
//!
//! The output is valid for all versions of openclaw from 2026.2.1 to 2026.9.6. These versions handle files as follows:
//!
//! - An unknown key invalidates the whole file, so aliases, provider names and keys of newer versions are not written.
//! - 2026.2.1 drops all providers if any provider lacks `apiKey` or `api`.
//! - If a referenced variable is not set, 2026.2.1 rejects the whole file, and 2026.9.6 finds no model of any provider.
//! - Variables are expanded in every string. To prevent the expansion of `${NAME}`, the output contains `$${NAME}`.
//! - Without a limit, 2026.2.1 assumes a context window of 200,000 tokens, and 2026.9.6 a context window of 128,000 tokens.
//! - 2026.9.6 lowercases provider ids, and keeps the first of two providers whose ids become equal.
//!
//! A provider has one base URL. A second entry for the same provider would need another id. This would change the references of its models, because a
//! reference is `provider/model`. Therefore a model at a base URL other than its provider's is left out.

use super::pi_model::{self, RATES};
use crate::ExactDecimal;
use crate::fields::{FieldMapping, RowFacts, capability, fact, field, provider_entry};
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::rows::{self, RawObject};
use crate::selection::ModelSelection;
use crate::service::{self, ToolEndpoint, ToolSupport};
use crate::snapshot::{SnapshotBuilder, SnapshotEntry};
use crate::statement::{FactKey, OwnedCondition};
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Api, Capability, Fact, Meter, Model};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "openclaw",
    summary: "openclaw.json with models; with --apply, the models are merged into an existing file",
    file_name: Some("openclaw.json"),
    fields: &[MODEL, RATES],
    changes: &[&service::ENDPOINT_LOSSES, &[Loss::DuplicateId], &pi_model::CHANGES],
    write,
};

const MODEL: &[FieldMapping] = &[
    fact("name", Fact::Name).written_by_module(),
    capability("reasoning", Capability::Reasoning),
    fact("input", Fact::Input),
    field("cost", CatalogPart::Fact(Fact::Prices)).handled_by_module(),
    fact("contextWindow", Fact::ContextWindow),
    fact("maxTokens", Fact::MaxOutputTokens).only_written(),
    fact("status", Fact::Status).only_read(),
    fact("replacedBy", Fact::Successor).only_read(),
    capability("compat.supportsTools", Capability::ToolCall).only_read(),
    capability("compat.supportsTemperature", Capability::Temperature).only_read(),
    fact("compat.supportedReasoningEfforts", Fact::ReasoningEfforts).only_read(),
    provider_entry("models.providers"),
];

const TOOL_SUPPORT: ToolSupport = ToolSupport { base_url_variables: true, ..pi_model::TOOL_SUPPORT };

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

/// A provider and its environment variables.
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
    providers: RawObject<'a>,
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

struct OpenclawModel {
    id: String,
    facts: RowFacts,
    rates: RowFacts,
    tiers: Vec<(Option<ExactDecimal>, RowFacts)>,
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

pub(super) fn read(bytes: &[u8], builder: &mut SnapshotBuilder<'_>) -> Result<(), String> {
    let file: RawObject<'_> = rows::parse_file(bytes)?;
    if let Some(entries) = file.get("entries").filter(|_| file.0.len() == 1) {
        let entries: Vec<&RawValue> = rows::parse_value(entries).map_err(|error| format!("`entries`: {error}"))?;
        for (index, raw) in entries.into_iter().enumerate() {
            let Some(external) = builder.parse_row(|| format!("entries[{index}]"), raw, rows::parse_value::<External>) else { continue };
            for offered in &external.openclaw.providers {
                if let Some(provider) = builder.provider_id(&offered.id) {
                    let mut subject = builder.provider(provider);
                    subject.set_text(FactKey::Fact(Fact::Name), offered.name.as_deref());
                    subject.set_env(offered.env_vars.iter().map(String::as_str));
                }
            }
        }
        return Ok(());
    }
    for (id, raw) in file.sorted() {
        if let Some(read) = builder.parse_row(|| id.clone(), raw, rows::parse_value::<Plugin<'_>>) {
            plugin(builder, &id, read);
        }
    }
    Ok(())
}

fn plugin(builder: &mut SnapshotBuilder<'_>, id: &str, plugin: Plugin<'_>) {
    for name in &plugin.providers {
        if let Some(provider) = builder.provider_id(name) {
            let own = plugin.name.as_deref().filter(|_| name == id);
            builder.provider(provider).set_text(FactKey::Fact(Fact::Name), own);
        }
    }
    for offered in plugin.setup.iter().flat_map(|setup| &setup.providers) {
        if let Some(provider) = builder.provider_id(&offered.id) {
            builder.provider(provider).set_env(offered.env_vars.iter().map(String::as_str));
        }
    }
    let mut listed = BTreeSet::new();
    for (name, raw) in plugin.model_catalog.unwrap_or_default().providers.sorted() {
        let Some(provider) = builder.provider_id(&name) else { continue };
        let Some(read) = builder.parse_row(|| format!("{id}/{name}"), raw, rows::parse_value::<Provider<'_>>) else { continue };
        let mut subject = builder.provider(provider);
        subject.set_base_url(read.base_url.as_deref());
        subject.set_api(read.api.as_deref().and_then(Api::parse));
        for (index, raw) in read.models.into_iter().enumerate() {
            let Some(row) = builder.parse_row(|| format!("{id}/{name}.models[{index}]"), raw, OpenclawModel::read) else { continue };
            if let Some(mut model) = builder.model(provider, &row.id) {
                row.record(&mut model);
                listed.insert((provider, row.id));
            }
        }
    }
    for (name, normalized) in plugin.model_id_normalization.iter().flat_map(|normalization| &normalization.providers) {
        let Some(provider) = builder.provider_id(name) else { continue };
        // A listed model is not an alias of another model.
        for (alias, of) in normalized.aliases.iter().filter(|(alias, _)| !listed.contains(&(provider, (*alias).clone()))) {
            if let Some(mut subject) = builder.model(provider, alias) {
                subject.set_text(FactKey::AliasOf, Some(of));
            }
        }
    }
}

impl OpenclawModel {
    fn read(raw: &RawValue) -> Result<Self, String> {
        let row: RawObject<'_> = rows::parse_value(raw)?;
        let cost: RawObject<'_> = row.value("cost")?.unwrap_or_default();
        let tier =
            |tier: RawObject<'_>| Ok::<_, String>((tier.required::<Vec<ExactDecimal>>("range")?.first().copied(), tier.facts(RATES)?));
        Ok(Self {
            id: row.required("id")?,
            facts: row.facts(MODEL)?,
            rates: cost.facts(RATES)?,
            tiers: cost.list("tieredPricing")?.into_iter().map(tier).collect::<Result<_, String>>()?,
        })
    }

    fn record(&self, model: &mut SnapshotEntry<'_>) {
        let key = FactKey::Rate(OwnedCondition::default(), Meter::Input);
        self.facts.record(model);
        self.rates.clone().without_zero_cache().record(model);
        for (start, rates) in &self.tiers {
            match start.map(ExactDecimal::count) {
                Some(Ok(0)) => {}
                Some(start) => {
                    let rates = rates.clone().without_zero_cache();
                    pi_model::state_above(&rates, "tieredPricing", start.map(|start| start - 1), &key, model);
                }
                None => model.reject(&key, "a step of `tieredPricing` has no `range`"),
            }
        }
    }
}

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let mut providers = BTreeMap::new();
    let services = service::tool_endpoints(selection, TOOL_SUPPORT, losses);
    for services in services.chunk_by(|one, other| one.provider.index() == other.provider.index()) {
        let Some((id, entry)) = entry(services, selection, losses) else { continue };
        match providers.entry(id) {
            Entry::Vacant(place) => {
                place.insert(entry);
            }
            Entry::Occupied(_) => {
                let models = services.iter().flat_map(|service| &service.models);
                models.for_each(|model| losses.record(Loss::DuplicateId, *model));
            }
        }
    }
    let models = JsonObject::default().with("mode", "merge").with("providers", providers.into_iter().collect::<JsonObject<'_>>());
    vec![OutputFile::json_pretty("openclaw.json", &JsonObject::default().with("models", models))]
}

/// Returns a provider's id and entry. Returns `None` if no model of the provider can be written.
fn entry<'a>(services: &[ToolEndpoint<'a>], selection: &ModelSelection<'a>, losses: &mut LossReport) -> Option<(String, JsonObject<'a>)> {
    let found: Vec<_> = services.iter().map(|service| (service, pi_model::writable(service, losses))).collect();
    let (first, _) = found.iter().find(|(_, models)| !models.is_empty())?;
    let mut rows = Vec::new();
    for (service, models) in &found {
        // One base URL can have two wire protocols. A row with the second protocol then has its own `api`.
        let is_there = service::base_url_without_version(service.endpoint) == service::base_url_without_version(first.endpoint)
            && service.endpoint.headers().eq(first.endpoint.headers());
        for &model in models {
            if is_there {
                rows.push((literal(model.id()), model_entry(model, service, first, selection, losses)));
            } else {
                losses.record(Loss::OtherEndpoint, model);
            }
        }
    }
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let headers: JsonObject<'_> = first.endpoint.headers().map(|(name, value)| (name, literal(value))).collect();
    let entry = JsonObject::default()
        .with("baseUrl", service::base_url_without_version(first.endpoint))
        .with("apiKey", pi_model::key(first))
        .with("auth", "api-key")
        .with("api", first.endpoint.api().as_str())
        .with("headers", headers.sorted().unless_empty())
        .with("models", rows.into_iter().map(|(_, row)| row).collect::<JsonValue<'_>>());
    Some((first.provider.id().to_ascii_lowercase(), entry))
}

fn model_entry<'a>(
    model: Model<'a>,
    service: &ToolEndpoint<'_>,
    first: &ToolEndpoint<'_>,
    selection: &ModelSelection<'_>,
    losses: &mut LossReport,
) -> JsonObject<'a> {
    let api = service.endpoint.api();
    JsonObject::default()
        .with("id", literal(model.id()))
        .with("name", literal(model.name()))
        .with("api", (api != first.endpoint.api()).then(|| api.as_str()))
        .with_model(MODEL, model, |part| match part {
            CatalogPart::Fact(Fact::Input) => Some(pi_model::input(model, losses)),
            CatalogPart::Fact(Fact::Prices) => Some(pi_model::cost(model, selection, losses).into()),
            _ => None,
        })
        .with("compat", pi_model::compat(service.endpoint, None))
}

/// Escapes a text so that no variable is expanded in it.
fn literal(text: &str) -> Cow<'_, str> {
    if text.contains("${") { text.replace("${", "$${").into() } else { text.into() }
}
