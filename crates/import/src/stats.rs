//! Statistics of a catalog: the number of its providers, models and facts, and how many of the facts have evidence.

use crate::comparison::{self, CatalogValues, EvidenceLines, OfferedValues};
use crate::conflicts::{self, ConflictCounts};
use crate::evidence::Evidence;
use crate::imported::ImportedCatalog;
use crate::sources::Sources;
use crate::statement::{FactKey, Value};
use modeldex_table::{Catalog, Date, Model, OriginPart, Provider};
use serde::Serialize;
use std::collections::BTreeMap;

/// Statistics of a catalog and its evidence. `modeldex stats --json` prints them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Number of providers.
    pub providers: usize,
    /// Number of providers with at least one endpoint, one authentication method (which may be `none`) and one model.
    pub providers_complete: usize,
    /// Number of models of all providers together.
    pub models: usize,
    /// Number of models with a price list.
    pub priced_models: usize,
    /// Number of labs.
    pub labs: usize,
    /// Number of base models.
    pub base_models: usize,
    /// Number of aliases of models.
    pub aliases: usize,
    /// Number of aliases of providers.
    pub provider_aliases: usize,
    /// Number of facts that models state or inherit. Each field, each capability, and each rate in each entry of a price list counts as one fact. The
    /// field `sources` and the billing `metered` are not counted.
    pub facts: usize,
    /// Number of facts with evidence: a source claims the value or claimed it in the past, or the value is derived from claims.
    pub facts_with_evidence: usize,
    /// Number of facts whose value comes from an imported file. It is the file of the model's provider, of the provider that the key `extends` names,
    /// or of the lab.
    pub imported_facts: usize,
    /// Number of imported facts that have evidence. If it differs from `imported_facts`, there is a bug.
    pub imported_facts_with_evidence: usize,
    /// Number of conflicts: facts for which sources claim different values, or whose hand-written value differs from the imported value.
    pub conflicts: usize,
    /// Number of conflicts for which the policy chose no value.
    pub conflicts_undecided: usize,
    /// Number of hand-written values that differ from the imported values.
    #[serde(rename = "kept")]
    pub overrides: usize,
    /// Number of models by status.
    pub models_by_status: BTreeMap<&'static str, usize>,
    /// Number of models by billing.
    pub models_by_billing: BTreeMap<&'static str, usize>,
    /// Number of conflicts by fact group.
    pub conflicts_by_group: BTreeMap<&'static str, usize>,
    /// Number of facts to which each policy rule applied, by name of the rule. Only the facts of providers and models in the catalog are counted.
    pub facts_by_rule: BTreeMap<&'static str, usize>,
    /// Statistics of each source, by name of the source.
    pub sources: BTreeMap<String, SourceStats>,
    /// Imported facts without evidence. If the list is not empty, there is a bug.
    #[serde(skip)]
    pub unsupported: Vec<UnsupportedFact>,
}

/// Statistics of one source: its snapshots, and how much of the catalog its newest snapshot covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceStats {
    /// Date of the newest snapshot of the source; null for a source that is not in the registry.
    #[serde(serialize_with = "serialize_date")]
    pub date: Option<Date>,
    /// Number of imported snapshots.
    pub snapshots: usize,
    /// Number of the catalog's providers that the newest snapshot lists.
    pub providers: usize,
    /// Number of the catalog's models that the newest snapshot lists.
    pub models: usize,
    /// Number of claims that the newest snapshot makes about providers and models of the catalog.
    pub claims: usize,
}

/// Imported fact without evidence, which is the result of a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedFact {
    /// Reference of the model, in the form `provider/model`.
    pub reference: String,
    /// The fact.
    pub key: FactKey,
    /// Value that the catalog has for the fact.
    pub value: Value,
}

impl Stats {
    /// Computes the statistics of a catalog. Each source in `sources` must have the list of its imported snapshots.
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

/// Returns whether a provider has everything that a request needs: at least one endpoint, one authentication method and one model.
#[must_use]
pub fn is_complete(provider: Provider<'_>) -> bool {
    provider.endpoints().len() > 0 && provider.auth().len() > 0 && provider.models().len() > 0
}

/// Fact of a model in the catalog, with its value. Also states whether the value has evidence, and whether it comes from an imported file.
struct CatalogFact<'f> {
    model: Model<'f>,
    key: &'f FactKey,
    value: &'f Value,
    has_evidence: bool,
    imported: bool,
}

/// Calls `f` for each fact of each model of a catalog.
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
