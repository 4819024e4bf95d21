//! From evidence to the imported catalog: decides every fact, and makes of it the files below `catalog/imported/`.
//!
//! The outcome depends on the evidence, the registry and `routing.yaml`, and on nothing else: not on hand-written files, the order
//! of imports, the clock or the machine.

mod decided;
pub(crate) mod held;
mod spelling;

use crate::bases::{self, Bases, Offering, is_after};
use crate::evidence::{Evidence, Line, ProviderEvidence};
use crate::policy::Policy;
use crate::routes::Routes;
use crate::sources::Sources;
use crate::statement::{Key, Value};
pub(crate) use decided::Decided;
use modeldex_compile::authored::held::HeldFacts;
use modeldex_compile::authored::{BaseModel, Facts, Lab, Provider, ProviderAlias, Source};
use modeldex_compile::{FileKind, outlier, write};
use modeldex_formats::ProviderMap;
use modeldex_formats::provider_map::is_provider_id;
use modeldex_table::{Fact, FactType, Meter, Rate};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The imported catalog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The providers, by id.
    pub providers: BTreeMap<String, Provider>,
    /// The labs, by id.
    pub labs: BTreeMap<String, Lab>,
    /// Unconfirmed routing claims.
    pub held: HeldFacts,
    /// Why providers that sources list are not in the catalog, by id.
    pub absent: BTreeMap<String, String>,
}

impl Imported {
    /// Decides every fact, and notes each decision in the evidence beside the claims.
    #[must_use]
    pub fn compute(evidence: &mut Evidence, sources: &Sources, map: &ProviderMap, routes: Routes<'_>) -> Self {
        let mut imported = Self::default();
        let Some(policy) = Policy::new(sources) else { return imported };
        let mut decided = BTreeMap::new();
        for (id, own) in &mut evidence.providers {
            decided.insert(id.clone(), Decided::new(&policy, id, own, map.kind(id), routes));
        }
        imported.labs = labs(&decided);
        let mut bases = Bases::default();
        imported.labs.iter().for_each(|(lab, file)| bases.add(lab, file));
        for (id, model) in decided.values_mut().flat_map(|decided| &mut decided.models) {
            let known = model.base.take().filter(|base| bases.get(base).is_some());
            model.base = known.or_else(|| bases.by_id(id).map(str::to_owned));
        }
        for (provider, id) in outliers(&decided) {
            let line = evidence.providers.get_mut(&provider).and_then(|own| own.models.get_mut(&id));
            line.into_iter().for_each(Line::doubt_prices);
            if let Some(model) = decided.get_mut(&provider).and_then(|decided| decided.models.get_mut(&id)) {
                model.model.prices.clear();
            }
        }
        let mut aliases = spelling::provider_aliases(map, |id| decided.contains_key(id));
        for (id, decided) in decided {
            let Some(own) = evidence.providers.get(&id) else { continue };
            if let Some(reason) = decided.incomplete() {
                imported.absent.insert(id, reason);
                continue;
            }
            imported.held.held.extend(decided.held.iter().cloned());
            let provider = provider(decided, &bases, published(sources, own), aliases.remove(&id).unwrap_or_default());
            imported.providers.insert(id, provider);
        }
        imported
    }

    /// The texts of all files, by their paths within the catalog folder.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        fn text(kind: FileKind, value: &impl Serialize) -> String {
            write::render_computed(&serde_json::to_value(value).unwrap_or_default(), kind)
        }
        let file = |kind: FileKind, id: &str, text: String| (PathBuf::from(kind.imported_path(id)), text);
        let labs = self.labs.iter().map(|(id, lab)| file(FileKind::Lab, id, text(FileKind::Lab, lab)));
        let providers = self.providers.iter().map(|(id, provider)| file(FileKind::Provider, id, text(FileKind::Provider, provider)));
        let held = (PathBuf::from(FileKind::Held.path("")), text(FileKind::Held, &self.held));
        labs.chain(providers).chain([held]).collect()
    }
}

/// The file of a provider.
fn provider(decided: Decided, bases: &Bases, sources: Vec<Source>, aliases: Vec<ProviderAlias>) -> Provider {
    let ids: BTreeSet<String> = decided.models.keys().cloned().collect();
    let mut models = Vec::with_capacity(ids.len());
    for offered in decided.models.into_values() {
        let mut model = offered.model;
        let base = offered.base.as_deref().and_then(|reference| Some((reference, bases.get(reference)?)));
        if let Some((reference, base)) = base {
            model.base = Some(reference.to_owned());
            bases::inherit(&mut model, base);
        }
        // A fact that needs a capability which the base model lacks is contested.
        let mut whole = model.facts.clone();
        base.into_iter().for_each(|(_, base)| whole.fill_from(&base.facts, &[]));
        whole.forget_impossible().into_iter().for_each(|fact| model.facts.forget(fact));
        sane_dates(&mut model.facts, base.map(|(_, base)| &base.facts));
        // A successor that this provider does not have leads nowhere.
        let is_known = |id: &Value| id.text().is_some_and(|id| ids.contains(id));
        model.facts.retain(|fact, value| !matches!(fact.fact_type(), FactType::Reference) || is_known(value));
        models.push(model);
    }
    Provider { aliases, sources, model_aliases: decided.aliases, models, ..decided.provider }
}

/// Models whose rate is a thousand times off the middle of what others ask for the same base model, as the lint `rate-outlier` has it.
fn outliers(decided: &BTreeMap<String, Decided>) -> Vec<(String, String)> {
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
    let mut off = Vec::new();
    for list in offers.values_mut() {
        list.sort_unstable();
        let far = |(rate, ..): &&Offer<'_>| outlier(list, |offer| offer.0, *rate).is_some();
        off.extend(list.iter().filter(far).map(|(_, provider, id)| ((*provider).clone(), (*id).clone())));
    }
    off.sort_unstable();
    off.dedup();
    off
}

/// The files of the labs: base models, made from what their sellers state.
fn labs(decided: &BTreeMap<String, Decided>) -> BTreeMap<String, Lab> {
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
            .map(|(id, offerings)| BaseModel { id: (*id).to_owned(), facts: bases::facts(lab, offerings), ..BaseModel::default() })
            .collect();
        if !models.is_empty() {
            let name = decided.get(lab).and_then(|decided| decided.provider.name.clone());
            labs.insert(lab.to_owned(), Lab { name: Some(name.unwrap_or_else(|| lab.to_owned())), models, ..Lab::default() });
        }
    }
    labs
}

/// The URLs of the sources that claim facts of a provider.
fn published(sources: &Sources, evidence: &ProviderEvidence) -> Vec<Source> {
    let lines = std::iter::once(&evidence.own).chain(evidence.models.values());
    let listing: BTreeSet<_> = lines.flat_map(|line| line.claims(&Key::Listed)).map(|claim| claim.source.as_str()).collect();
    let url = |name| sources.sources.get(name).and_then(|source| source.url.clone().or_else(|| source.home.clone()));
    let urls: BTreeSet<String> = listing.into_iter().filter_map(url).collect();
    urls.into_iter().map(|url| Source { url, checked: None }).collect()
}

/// Takes out dates of a model that cannot follow each other or a date of its base model.
fn sane_dates(facts: &mut Facts, base: Option<&Facts>) {
    for &(first, second, doubtful) in Fact::DATE_ORDER {
        let inherited = || base.and_then(|base| base.date(first));
        if is_after(facts.date(first).or_else(inherited), facts.date(second)) {
            facts.forget(doubtful);
        }
    }
}
