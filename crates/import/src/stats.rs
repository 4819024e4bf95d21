//! Statistics of a catalog: its size, and the number of its facts that have evidence.

use crate::comparison::{self, CatalogValues, EvidenceLines, OfferedValues};
use crate::conflicts::{self, ConflictCounts};
use crate::evidence::Evidence;
use crate::imported::ImportedCatalog;
use crate::sources::Sources;
use crate::statement::{FactKey, Value};
use modeldex_table::{Catalog, Date, Model, OriginPart, Provider};
use serde::Serialize;
use std::collections::BTreeMap;

/// Statistics of a catalog and its evidence, as `stats --json` prints them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Number of providers.
    pub providers: usize,
    /// Number of providers with a base URL, an authentication method (which may be `none`) and a model.
    pub providers_complete: usize,
    /// Number of models of all providers.
    pub models: usize,
    /// Number of models with a price list.
    pub priced_models: usize,
    /// Number of labs.
    pub labs: usize,
    /// Number of base models.
    pub base_models: usize,
    /// Number of alias ids of models.
    pub aliases: usize,
    /// Number of alias ids of providers.
    pub provider_aliases: usize,
    /// Number of facts that models state or inherit: each known field, each capability, and each rate of each entry of a price list. `sources` and
    /// `billing: metered` do not count.
    pub facts: usize,
    /// Number of facts whose value a source claimed, or whose value was derived from claims.
    pub facts_with_evidence: usize,
    /// Number of facts that come from imported files of the model, its provider or its base model.
    pub imported_facts: usize,
    /// Number of imported facts with evidence. It equals `imported_facts`, unless there is a bug.
    pub imported_facts_with_evidence: usize,
    /// Number of facts of providers and models on which sources disagree, or on which a hand-written value and the sources disagree.
    pub conflicts: usize,
    /// Number of conflicts without a chosen value.
    pub conflicts_undecided: usize,
    /// Number of hand-written values that differ from the sources.
    #[serde(rename = "kept")]
    pub overrides: usize,
    /// Number of models by status.
    pub models_by_status: BTreeMap<&'static str, usize>,
    /// Number of models by billing.
    pub models_by_billing: BTreeMap<&'static str, usize>,
    /// Number of conflicts by fact group.
    pub conflicts_by_group: BTreeMap<&'static str, usize>,
    /// Number of decided facts of the catalog's providers and models, by rule.
    pub facts_by_rule: BTreeMap<&'static str, usize>,
    /// Contribution of each source, by name of the source.
    pub sources: BTreeMap<String, SourceStats>,
    /// Imported facts without evidence. The list is empty, unless there is a bug.
    #[serde(skip)]
    pub unsupported: Vec<UnsupportedFact>,
}

/// Contribution of one source to a catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceStats {
    /// Date of the newest snapshot of the source; null for a source that is not in the registry.
    #[serde(serialize_with = "serialize_date")]
    pub date: Option<Date>,
    /// Number of imported snapshots.
    pub snapshots: usize,
    /// Number of providers of the catalog that the newest snapshot lists.
    pub providers: usize,
    /// Number of models of the catalog that the newest snapshot lists.
    pub models: usize,
    /// Number of claims of the newest snapshot about these providers and models.
    pub claims: usize,
}

/// An imported fact without evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedFact {
    /// The model, as `provider/model`.
    pub reference: String,
    /// The fact.
    pub key: FactKey,
    /// The value of the fact in the catalog.
    pub value: Value,
}

impl Stats {
    /// Computes the statistics of a catalog. `sources` must contain the list of snapshots.
    #[must_use]
    pub fn new<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, imported: &ImportedCatalog, sources: &Sources) -> Self {
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
        let conflicts = ConflictCounts::new(&conflicts::in_catalog(catalog, evidence, imported));
        stats.conflicts = conflicts.total;
        stats.conflicts_undecided = conflicts.undecided;
        stats.overrides = conflicts.overrides;
        stats.conflicts_by_group = conflicts.by_group.into_iter().collect();
        stats.count_sources(catalog, evidence, sources);
        for_each_fact(catalog, evidence, |fact| {
            stats.facts += 1;
            stats.facts_with_evidence += usize::from(fact.has_evidence);
            stats.imported_facts += usize::from(fact.imported);
            stats.imported_facts_with_evidence += usize::from(fact.imported && fact.has_evidence);
            if fact.imported && !fact.has_evidence {
                let (key, value) = (fact.key.clone(), fact.value.clone());
                stats.unsupported.push(UnsupportedFact { reference: fact.model.reference().to_string(), key, value });
            }
        });
        stats
    }

    fn count_sources(&mut self, catalog: &Catalog<'_>, evidence: &Evidence, sources: &Sources) {
        for (name, source) in sources.sources.iter().filter(|(_, source)| !source.snapshots.is_empty()) {
            let entry = SourceStats { date: source.newest_snapshot(), snapshots: source.snapshots.len(), ..SourceStats::default() };
            self.sources.insert(name.clone(), entry);
        }
        for (id, provider_evidence) in &evidence.providers {
            let Some(provider) = catalog.provider(id).filter(|provider| provider.id() == id) else { continue };
            let models = provider_evidence
                .models
                .iter()
                .filter(|(id, _)| catalog.resolve_in(provider.id(), id).is_some())
                .map(|(_, line)| (line, false));
            for (line, is_provider) in models.chain([(&provider_evidence.provider, true)]) {
                for (key, fact) in &line.facts {
                    if let Some(rule) = fact.rule.filter(|_| *key != FactKey::Listed) {
                        *self.facts_by_rule.entry(rule.as_str()).or_default() += 1;
                    }
                    for claim in fact.claims.0.iter().filter(|claim| claim.is_current()) {
                        if !self.sources.contains_key(claim.source.as_str()) {
                            self.sources.insert(claim.source.as_str().to_owned(), SourceStats::default());
                        }
                        let Some(source) = self.sources.get_mut(claim.source.as_str()) else { continue };
                        match (key, is_provider) {
                            (FactKey::Listed, true) => source.providers += 1,
                            (FactKey::Listed, false) => source.models += 1,
                            _ => source.claims += 1,
                        }
                    }
                }
            }
        }
    }
}

/// Returns whether requests can be sent to a provider: it has an endpoint, an authentication method and a model.
#[must_use]
pub fn is_complete(provider: Provider<'_>) -> bool {
    provider.endpoints().len() > 0 && provider.auth().len() > 0 && provider.models().len() > 0
}

/// A fact of a model, with two properties: whether it has evidence, and whether it is imported.
struct CatalogFact<'f> {
    model: Model<'f>,
    key: &'f FactKey,
    value: &'f Value,
    has_evidence: bool,
    imported: bool,
}

/// Calls `f` with every fact of every model.
fn for_each_fact<'e>(catalog: &'e Catalog<'e>, evidence: &'e Evidence, mut f: impl FnMut(&CatalogFact<'_>)) {
    let offered = OfferedValues::by_base_model(evidence.providers.iter().map(|(id, provider)| (id.as_str(), provider)));
    for provider in catalog.providers() {
        let lines = evidence.providers.get(provider.id()).map(EvidenceLines::by_model).unwrap_or_default();
        let extended = provider.extends().and_then(|id| evidence.providers.get(id)).map(EvidenceLines::by_model).unwrap_or_default();
        for model in provider.models() {
            let model_lines = lines.get(model.id());
            let base_values = model.base().and_then(|base| offered.get(base.reference().to_string().as_str()));
            let values: CatalogValues = comparison::model_values(model);
            for (key, catalog_value) in &values {
                let value = &catalog_value.value;
                let is_supported = |lines: Option<&EvidenceLines<'_>>| lines.is_some_and(|lines| lines.supports(key, value));
                let has_evidence = is_supported(model_lines)
                    || match catalog_value.part {
                        OriginPart::Base => base_values.is_some_and(|offered| offered.supports(key, value)),
                        OriginPart::Extended => is_supported(extended.get(model.id())),
                        OriginPart::Model | OriginPart::Defaults => false,
                    };
                f(&CatalogFact { model, key, value, has_evidence, imported: catalog_value.imported });
            }
        }
    }
}

fn serialize_date<S: serde::Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}
