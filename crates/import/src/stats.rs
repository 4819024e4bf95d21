//! What a catalog has, and how much of it the evidence bears out.

use crate::beside::{self, Holdings, Lines, Sellers};
use crate::conflicts::{self, Counts};
use crate::evidence::Evidence;
use crate::imported::Imported;
use crate::sources::Sources;
use crate::statement::{Key, Value};
use modeldex_table::{Catalog, Date, Model, OriginPart, Provider};
use serde::Serialize;
use std::collections::BTreeMap;

/// Numbers of a catalog and its evidence, as `stats --json` writes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Providers.
    pub providers: usize,
    /// Providers with a base URL, a way to authenticate (that nothing is asked for is one) and a model.
    pub providers_complete: usize,
    /// Models as providers sell them.
    pub models: usize,
    /// Models with a price list.
    pub priced_models: usize,
    /// Labs.
    pub labs: usize,
    /// Base models.
    pub base_models: usize,
    /// Other ids of models.
    pub aliases: usize,
    /// Other ids of providers.
    pub provider_aliases: usize,
    /// Facts that models state or inherit: each field that is known, each capability, each rate of each entry of a price list. Sources do
    /// not count, nor does that a model with prices is metered.
    pub facts: usize,
    /// Facts with a value that a source has stated, or that follows from what sources have stated.
    pub facts_with_evidence: usize,
    /// Facts from imported files: those of the model, its provider or its base model.
    pub imported_facts: usize,
    /// Those of them with evidence: all, unless something is wrong.
    pub imported_facts_with_evidence: usize,
    /// Facts of providers and models of which sources state different values now, or a person another than the sources.
    pub conflicts: usize,
    /// Those of them of which no value was chosen.
    pub conflicts_undecided: usize,
    /// Values set by hand that sources contradict.
    pub kept: usize,
    /// Models, by where they stand in their life.
    pub models_by_status: BTreeMap<&'static str, usize>,
    /// Models, by how they are paid for.
    pub models_by_billing: BTreeMap<&'static str, usize>,
    /// Conflicts, by group of facts.
    pub conflicts_by_group: BTreeMap<&'static str, usize>,
    /// Decided facts of the catalog's providers and models, by the rule that decided them.
    pub facts_by_rule: BTreeMap<&'static str, usize>,
    /// What each source contributes.
    pub sources: BTreeMap<String, SourceStats>,
    /// The imported facts that have no evidence: none, unless something is wrong.
    #[serde(skip)]
    pub unfounded: Vec<Unfounded>,
}

/// What one source contributes to a catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceStats {
    /// The day of its newest snapshot; none of a source that the registry does not have.
    #[serde(serialize_with = "day")]
    pub date: Option<Date>,
    /// How many snapshots were taken in.
    pub snapshots: usize,
    /// Providers of the catalog that its newest snapshot lists.
    pub providers: usize,
    /// Models of the catalog that its newest snapshot lists.
    pub models: usize,
    /// Values that its newest snapshot states of them.
    pub claims: usize,
}

/// A fact that the importer wrote and that nothing in the evidence bears out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfounded {
    /// The model, as `provider/model`.
    pub reference: String,
    /// The fact.
    pub key: Key,
    /// Its value in the catalog.
    pub value: Value,
}

impl Stats {
    /// Counts the facts of a catalog. The registry has the newest snapshot of each source.
    #[must_use]
    pub fn of<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, imported: &Imported, sources: &Sources) -> Self {
        let mut stats = Self {
            providers: catalog.providers().len(),
            providers_complete: catalog.providers().filter(|provider| is_complete(*provider)).count(),
            models: catalog.models().len(),
            priced_models: catalog.models().filter(|model| !model.prices().is_empty()).count(),
            labs: catalog.labs().len(),
            base_models: catalog.labs().map(|lab| lab.models().len()).sum(),
            aliases: catalog.aliases().len(),
            provider_aliases: catalog.provider_aliases().len(),
            ..Self::default()
        };
        for model in catalog.models() {
            *stats.models_by_status.entry(model.status().as_str()).or_default() += 1;
            *stats.models_by_billing.entry(model.billing().as_str()).or_default() += 1;
        }
        let conflicts = Counts::of(&conflicts::all(catalog, evidence, imported));
        stats.conflicts = conflicts.total;
        stats.conflicts_undecided = conflicts.undecided;
        stats.kept = conflicts.kept;
        stats.conflicts_by_group = conflicts.by_group.into_iter().collect();
        stats.count_sources(catalog, evidence, sources);
        each_fact(catalog, evidence, |fact| {
            stats.facts += 1;
            stats.facts_with_evidence += usize::from(fact.founded);
            stats.imported_facts += usize::from(fact.imported);
            stats.imported_facts_with_evidence += usize::from(fact.imported && fact.founded);
            if fact.imported && !fact.founded {
                let (key, value) = (fact.key.clone(), fact.value.clone());
                stats.unfounded.push(Unfounded { reference: fact.model.reference().to_string(), key, value });
            }
        });
        stats
    }

    fn count_sources(&mut self, catalog: &Catalog<'_>, evidence: &Evidence, sources: &Sources) {
        for (name, source) in sources.sources.iter().filter(|(_, source)| !source.snapshots.is_empty()) {
            let entry = SourceStats { date: source.newest(), snapshots: source.snapshots.len(), ..SourceStats::default() };
            self.sources.insert(name.clone(), entry);
        }
        for (id, said) in &evidence.providers {
            let Some(provider) = catalog.provider(id).filter(|provider| provider.id() == id) else { continue };
            let models =
                said.models.iter().filter(|(id, _)| catalog.resolve_in(provider.id(), id).is_some()).map(|(_, line)| (line, false));
            for (line, is_provider) in models.chain([(&said.own, true)]) {
                for (key, fact) in &line.facts {
                    if let Some(rule) = fact.rule.filter(|_| *key != Key::Listed) {
                        *self.facts_by_rule.entry(rule.as_str()).or_default() += 1;
                    }
                    for claim in fact.claims.0.iter().filter(|claim| claim.is_current()) {
                        if !self.sources.contains_key(claim.source.as_str()) {
                            self.sources.insert(claim.source.as_str().to_owned(), SourceStats::default());
                        }
                        let Some(source) = self.sources.get_mut(claim.source.as_str()) else { continue };
                        match (key, is_provider) {
                            (Key::Listed, true) => source.providers += 1,
                            (Key::Listed, false) => source.models += 1,
                            _ => source.claims += 1,
                        }
                    }
                }
            }
        }
    }
}

/// Whether requests can be sent to a provider: where, with what credential, and for which model.
#[must_use]
pub fn is_complete(provider: Provider<'_>) -> bool {
    provider.endpoints().len() > 0 && provider.auth().len() > 0 && provider.models().len() > 0
}

/// A fact of a model, and where it stands to the evidence.
struct Known<'f> {
    model: Model<'f>,
    key: &'f Key,
    value: &'f Value,
    founded: bool,
    imported: bool,
}

/// Tells every fact of every model.
fn each_fact<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, mut tell: impl FnMut(&Known<'_>)) {
    let sellers = Sellers::all(evidence.providers.iter().map(|(id, provider)| (id.as_str(), provider)));
    for provider in catalog.providers() {
        let lines = evidence.providers.get(provider.id()).map(Lines::all).unwrap_or_default();
        let extended = provider.extends().and_then(|id| evidence.providers.get(id)).map(Lines::all).unwrap_or_default();
        for model in provider.models() {
            let own = lines.get(model.id());
            let base = model.base().and_then(|base| sellers.get(base.reference().to_string().as_str()));
            let held: Holdings = beside::of_model(model);
            for (key, held) in &held {
                let value = &held.value;
                let supported = |lines: Option<&Lines<'_>>| lines.is_some_and(|lines| lines.supports(key, value));
                let founded = supported(own)
                    || match held.part {
                        OriginPart::Base => base.is_some_and(|sellers| sellers.supports(key, value)),
                        OriginPart::Extended => supported(extended.get(model.id())),
                        OriginPart::Model | OriginPart::Defaults => false,
                    };
                tell(&Known { model, key, value, founded, imported: held.imported });
            }
        }
    }
}

fn day<S: serde::Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}
