//! Computation of the imported catalog: decides all facts from the evidence, and renders the files in `catalog/imported/`.
//!
//! The result depends only on the evidence, `sources.yaml`, the provider map and `routing.yaml`. It does not depend on hand-written files, the order
//! of imports, the clock or the machine.

mod aliases;
mod decided;
pub(crate) mod held;

use crate::base_models::{self, BaseModelIndex, Offering, is_after};
use crate::evidence::{Evidence, EvidenceLine, ProviderEvidence};
use crate::policy::Policy;
use crate::routing_check::RoutingCheck;
use crate::sources::Sources;
use crate::statement::{FactKey, Value};
pub(crate) use decided::DecidedProvider;
use modeldex_compile::authored::held::{AbsentProvider, HeldFact, HeldFacts, RoutingFact};
use modeldex_compile::authored::{BaseModel, Facts, Lab, Provider, ProviderAlias, SourceLink};
use modeldex_compile::{FileKind, median_if_outlier, write};
use modeldex_formats::ProviderIdMap;
use modeldex_formats::provider_map::is_provider_id;
use modeldex_table::{Fact, FactType, Meter, Rate};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Imported catalog: the content of all files in `catalog/imported/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedCatalog {
    /// Imported files of providers, by id.
    pub providers: BTreeMap<String, Provider>,
    /// Imported files of labs, by id.
    pub labs: BTreeMap<String, Lab>,
    /// Routing claims that are not confirmed.
    pub held: HeldFacts,
    /// Providers that sources list but the catalog does not contain. The key is the id of the provider. The value is the reason for its absence.
    pub absent: BTreeMap<String, String>,
}

impl ImportedCatalog {
    /// Computes the imported catalog: chooses a value for each fact from the claims, and records the decisions in `evidence`.
    #[must_use]
    pub fn compute(evidence: &mut Evidence, sources: &Sources, map: &ProviderIdMap, routing_check: RoutingCheck<'_>) -> Self {
        let mut imported = Self::default();
        let Some(policy) = Policy::new(sources) else { return imported };
        let mut decided = BTreeMap::new();
        for (id, provider) in &mut evidence.providers {
            decided.insert(id.clone(), DecidedProvider::new(&policy, id, provider, map.kind(id), routing_check));
        }
        imported.labs = labs(&decided);
        let mut bases = BaseModelIndex::default();
        imported.labs.iter().for_each(|(lab, file)| bases.add(lab, file));
        for (id, model) in decided.values_mut().flat_map(|decided| &mut decided.models) {
            let existing = model.base.take().filter(|base| bases.get(base).is_some());
            model.base = existing.or_else(|| bases.find_by_model_id(id).map(str::to_owned));
        }
        for (provider, id) in outliers(&decided) {
            let line = evidence.providers.get_mut(&provider).and_then(|provider| provider.models.get_mut(&id));
            line.into_iter().for_each(EvidenceLine::reject_prices);
            if let Some(model) = decided.get_mut(&provider).and_then(|decided| decided.models.get_mut(&id)) {
                model.model.prices.clear();
            }
        }
        let mut aliases = aliases::provider_aliases(map, |id| decided.contains_key(id));
        // The routing claims about providers that the catalog does not contain.
        let mut claimed: BTreeMap<String, Vec<HeldFact>> =
            map.providers().keys().filter(|id| !decided.contains_key(*id)).map(|id| (id.clone(), Vec::new())).collect();
        for (id, decided) in decided {
            let Some(provider_evidence) = evidence.providers.get(&id) else { continue };
            if let Some(reason) = decided.reason_for_absence() {
                claimed.insert(id.clone(), decided.held);
                imported.absent.insert(id, reason);
                continue;
            }
            imported.held.held.extend(decided.held.iter().cloned());
            let provider = provider(decided, &bases, source_urls(sources, provider_evidence), aliases.remove(&id).unwrap_or_default());
            imported.providers.insert(id, provider);
        }
        imported.held.absent = claimed.into_iter().map(|(id, held)| absent_provider(id, &held, map)).collect();
        imported
    }

    /// Renders all files. Returns for each file its path in the catalog folder and its text.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        fn text(kind: FileKind, value: &impl Serialize) -> String {
            write::render_generated(&serde_json::to_value(value).unwrap_or_default(), kind)
        }
        let file = |kind: FileKind, id: &str, text: String| (PathBuf::from(kind.imported_path(id)), text);
        let labs = self.labs.iter().map(|(id, lab)| file(FileKind::Lab, id, text(FileKind::Lab, lab)));
        let providers = self.providers.iter().map(|(id, provider)| file(FileKind::Provider, id, text(FileKind::Provider, provider)));
        let held = (PathBuf::from(FileKind::Held.path("")), text(FileKind::Held, &self.held));
        labs.chain(providers).chain([held]).collect()
    }
}

/// Builds the entry of a provider that the catalog does not contain.
fn absent_provider(id: String, held: &[HeldFact], map: &ProviderIdMap) -> AbsentProvider {
    let ids = map.providers().get(&id).into_iter().flat_map(|mapped| mapped.ids.values().flatten());
    let aliases: BTreeSet<String> = ids.filter(|other| **other != id).cloned().collect();
    let env = held.iter().filter(|fact| fact.fact == RoutingFact::Env).map(|fact| fact.value.clone());
    AbsentProvider { env: env.collect(), aliases: aliases.into_iter().collect(), id }
}

/// Builds the imported file of a provider.
fn provider(decided: DecidedProvider, bases: &BaseModelIndex, sources: Vec<SourceLink>, aliases: Vec<ProviderAlias>) -> Provider {
    let ids: BTreeSet<String> = decided.models.keys().cloned().collect();
    let mut models = Vec::with_capacity(ids.len());
    for offered in decided.models.into_values() {
        let mut model = offered.model;
        let base = offered.base.as_deref().and_then(|reference| Some((reference, bases.get(reference)?)));
        if let Some((reference, base)) = base {
            model.base = Some(reference.to_owned());
            base_models::remove_inherited(&mut model, base);
        }
        // A fact is removed if it requires a capability that the model or its base model does not have.
        let mut whole = model.facts.clone();
        base.into_iter().for_each(|(_, base)| whole.fill_from(&base.facts, &[]));
        whole.remove_impossible().into_iter().for_each(|fact| model.facts.remove(fact));
        remove_impossible_dates(&mut model.facts, base.map(|(_, base)| &base.facts));
        // A successor must be a model of the same provider.
        let exists = |id: &Value| id.text().is_some_and(|id| ids.contains(id));
        model.facts.retain(|fact, value| !matches!(fact.fact_type(), FactType::Reference) || exists(value));
        models.push(model);
    }
    Provider { aliases, sources, model_aliases: decided.aliases, models, ..decided.provider }
}

/// Returns the models with a rate that is a thousand times above or below the median rate of all models with the same base model. The lint rule
/// `rate-outlier` uses this definition too.
fn outliers(decided: &BTreeMap<String, DecidedProvider>) -> Vec<(String, String)> {
    type Offer<'d> = (Rate, &'d String, &'d String);
    let mut offers: BTreeMap<(&str, Meter), Vec<Offer<'_>>> = BTreeMap::new();
    for (provider, decided) in decided {
        for (id, model) in &decided.models {
            let Some((base, first)) = model.base.as_deref().zip(model.model.prices.first()) else { continue };
            for meter in [Meter::Input, Meter::Output] {
                if let Some(rate) = first.rates.0.get(&meter).copied().filter(|rate| !rate.is_zero()) {
                    offers.entry((base, meter)).or_default().push((rate, provider, id));
                }
            }
        }
    }
    let mut found = Vec::new();
    for list in offers.values_mut() {
        list.sort_unstable();
        let is_outlier = |(rate, ..): &&Offer<'_>| median_if_outlier(list, |offer| offer.0, *rate).is_some();
        found.extend(list.iter().filter(is_outlier).map(|(_, provider, id)| ((*provider).clone(), (*id).clone())));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Builds the imported files of labs. The facts of each base model are merged from the models of the providers that offer it.
fn labs(decided: &BTreeMap<String, DecidedProvider>) -> BTreeMap<String, Lab> {
    let mut offered: BTreeMap<&str, BTreeMap<&str, Vec<Offering<'_>>>> = BTreeMap::new();
    for (provider, decided) in decided {
        for model in decided.models.values() {
            let Some((lab, id)) = model.base.as_deref().and_then(|base| base.split_once('/')) else { continue };
            if is_provider_id(lab) && !id.contains('/') {
                offered.entry(lab).or_default().entry(id).or_default().push(Offering { provider, facts: &model.model.facts });
            }
        }
    }
    let mut labs = BTreeMap::new();
    for (lab, models) in offered {
        let models: Vec<BaseModel> = models
            .iter()
            .filter(|(_, offerings)| offerings.len() > 1 || offerings.iter().any(|offering| offering.provider == lab))
            .map(|(id, offerings)| BaseModel {
                id: (*id).to_owned(),
                facts: base_models::merge_facts(lab, offerings),
                ..BaseModel::default()
            })
            .collect();
        if !models.is_empty() {
            let name = decided.get(lab).and_then(|decided| decided.provider.name.clone());
            labs.insert(lab.to_owned(), Lab { name: Some(name.unwrap_or_else(|| lab.to_owned())), models, ..Lab::default() });
        }
    }
    labs
}

/// Returns the URLs of the sources that list a provider or its models.
fn source_urls(sources: &Sources, evidence: &ProviderEvidence) -> Vec<SourceLink> {
    let lines = std::iter::once(&evidence.provider).chain(evidence.models.values());
    let listing: BTreeSet<_> = lines.flat_map(|line| line.claims(&FactKey::Listed)).map(|claim| claim.source.as_str()).collect();
    let url = |name| sources.sources.get(name).and_then(|source| source.url.clone().or_else(|| source.home.clone()));
    let urls: BTreeSet<String> = listing.into_iter().filter_map(url).collect();
    urls.into_iter().map(|url| SourceLink { url, checked: None }).collect()
}

/// Removes dates of a model that contradict each other or a date of its base model.
fn remove_impossible_dates(facts: &mut Facts, base: Option<&Facts>) {
    for &(first, second, doubtful) in Fact::DATE_ORDER {
        let inherited = || base.and_then(|base| base.date(first));
        if is_after(facts.date(first).or_else(inherited), facts.date(second)) {
            facts.remove(doubtful);
        }
    }
}
