//! The part of openclaw's `openclaw.json` that has models in it, valid for every version from 2026.2.1 to 2026.9.6.
//!
//! Costs are US dollars per million tokens. What each version does to a file that is not as it likes it:
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

use super::pi_model::{self, Compat, Cost, Limits};
use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::service::{self, Abilities, Service};
use crate::target::{Document, Target};
use modeldex_table::{Capability, Fact, Meter, Model};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub(super) struct Openclaw;

const PLACES: Places = Places {
    facts: &[Fact::Name, Fact::ContextWindow, Fact::MaxOutputTokens, Fact::Input],
    capabilities: &[Capability::Reasoning],
    meters: &[Meter::Input, Meter::Output, Meter::CacheRead, Meter::CacheWrite],
    provider: true,
    ..Places::NONE
};

const ABILITIES: Abilities = Abilities { address_variables: true, ..pi_model::ABILITIES };

#[derive(Serialize)]
struct Config<'a> {
    models: Models<'a>,
}

#[derive(Serialize)]
struct Models<'a> {
    mode: &'static str,
    providers: BTreeMap<String, ProviderEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderEntry<'a> {
    base_url: &'a str,
    api_key: String,
    auth: &'static str,
    api: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    models: Vec<ModelEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelEntry<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    input: Vec<&'static str>,
    cost: Cost,
    context_window: u32,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    compat: Option<Compat>,
}

impl Target for Openclaw {
    fn name(&self) -> &'static str {
        "openclaw"
    }

    fn summary(&self) -> &'static str {
        "the models of an openclaw.json; --apply merges them into yours"
    }

    fn file(&self) -> Option<&'static str> {
        Some("openclaw.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        service::LOSSES.into_iter().chain([Loss::SameId]).chain(pi_model::CHANGES).collect()
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut providers = BTreeMap::new();
        let services = service::services(selection, ABILITIES, lost);
        for services in services.chunk_by(|one, other| one.provider.place() == other.provider.place()) {
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
        vec![Document::pretty("openclaw.json", &Config { models: Models { mode: "merge", providers } })]
    }
}

/// A provider's id and its entry; none when none of its models can be written.
fn entry<'a>(services: &[Service<'a>], selection: &Selection<'a>, lost: &mut Lost) -> Option<(String, ProviderEntry<'a>)> {
    let found: Vec<_> = services.iter().map(|service| (service, pi_model::writable(service, lost))).collect();
    let (first, _) = found.iter().find(|(_, models)| !models.is_empty())?;
    let mut rows = Vec::new();
    for (service, models) in &found {
        // Of one address two protocols may be spoken, and then the row says which.
        let is_there = service::address(service.endpoint) == service::address(first.endpoint)
            && service.endpoint.headers().eq(first.endpoint.headers());
        for &(model, limits) in models {
            if is_there {
                rows.push(row(model, limits, service, first, selection, lost));
            } else {
                lost.note(Loss::OtherEndpoint, model);
            }
        }
    }
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    let entry = ProviderEntry {
        base_url: service::address(first.endpoint),
        api_key: pi_model::key(first),
        auth: "api-key",
        api: first.endpoint.api().as_str(),
        headers: first.endpoint.headers().map(|(name, value)| (name, literal(value))).collect(),
        models: rows,
    };
    Some((first.provider.id().to_ascii_lowercase(), entry))
}

fn row<'a>(
    model: Model<'a>,
    limits: Limits,
    service: &Service<'_>,
    first: &Service<'_>,
    selection: &Selection<'_>,
    lost: &mut Lost,
) -> ModelEntry<'a> {
    lost.note_missing(PLACES, model);
    let api = service.endpoint.api();
    ModelEntry {
        id: literal(model.id()),
        name: literal(model.name()),
        api: (api != first.endpoint.api()).then(|| api.as_str()),
        reasoning: pi_model::reasons(model),
        input: pi_model::input(model, lost),
        cost: Cost::of(model, selection, lost),
        context_window: limits.context_window,
        max_tokens: limits.max_tokens,
        compat: Compat::of(service.endpoint),
    }
}

/// A text in which no variable is put.
fn literal(text: &str) -> Cow<'_, str> {
    if text.contains("${") { text.replace("${", "$${").into() } else { text.into() }
}
