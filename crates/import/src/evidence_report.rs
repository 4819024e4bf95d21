//! Evidence reports. A report states, for each fact of a model, base model or provider, the catalog value, the decision with the policy rule, and the
//! claims of all sources. `modeldex evidence` prints evidence reports, and `modeldex serve` returns them.

use crate::comparison::{self, CatalogValue, CatalogValues, EvidenceLines, OfferedValues, Override, ValueClaims, ValueWithProviders};
use crate::decision::Rule;
use crate::evidence::{self, EvidenceError, EvidenceLine, ProviderEvidence};
use crate::probes::{Probe, Probes, ProbesError};
use crate::registry::decide;
use crate::sources::{self, RegistryReadError, Sources};
use crate::statement::{FactKey, Value};
use modeldex_compile::authored::citation::Citation;
use modeldex_compile::authored::provider_map::MappedProvider;
use modeldex_compile::authored::routing::Routing;
use modeldex_compile::{FileKind, authored, registry};
use modeldex_formats::ProviderIdMap;
use modeldex_support::file;
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Alias, BaseModel, Catalog, Model, OriginPart, Provider, ProviderKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

mod body;

pub use body::EvidenceBody;

/// Evidence of all facts of the report's subject. The subject is one model, base model or provider.
pub struct EvidenceReport<'e> {
    /// Kind of the subject: `model`, `provider` or `base`.
    pub kind: &'static str,
    /// Reference of the subject: `provider/model`, `lab/model` or the id of a provider.
    pub reference: String,
    /// Display name of the subject.
    pub name: &'e str,
    /// Reference of the subject's base model; `None` if the subject is not a model, or is a model without a base model.
    pub base: Option<String>,
    /// Recorded verdicts of `modeldex probe` about the subject.
    pub probes: Vec<&'e Probe>,
    /// Facts of the subject, in the order of [`comparison::GROUP_ORDER`].
    pub facts: Vec<FactReport<'e>>,
}

/// Fact in an evidence report, with the catalog value, the decision and the claims.
pub struct FactReport<'e> {
    /// The fact.
    pub key: &'e FactKey,
    /// Value that the policy chose; `None` if the policy chose no value.
    pub chosen: Option<&'e Value>,
    /// Policy rule that applied; `None` if the policy was not applied to the fact.
    pub rule: Option<Rule>,
    /// Claims of sources, grouped by value.
    pub claims_by_value: Vec<ValueClaims<'e>>,
    /// Value that the catalog has; `None` if the catalog does not have the fact.
    pub catalog_value: Option<&'e CatalogValue>,
    /// Hand-written value that differs from the imported value; `None` if there is no such value.
    pub manual_override: Option<&'e Override>,
    /// Values that the policy chose for the providers that offer the base model. Empty if the catalog value is not derived from these values.
    pub provider_values: &'e [ValueWithProviders<'e>],
    /// Citation of the hand-written value; `None` if the value has no citation.
    pub citation: Option<&'e Citation>,
}

/// Creates evidence reports from the files of an evidence folder. For the report of a single model, only the evidence lines about this model are
/// parsed.
pub struct EvidenceReader {
    catalog: PathBuf,
    dir: PathBuf,
    sources: Sources,
    /// Provider map, which is read on first use, because reading it takes longer than all other work for one model.
    map: OnceLock<ProviderIdMap>,
}

/// Empty routing, for decisions about models, which do not depend on the routing.
static NO_ROUTING: Routing = Routing { shared_variables: BTreeMap::new(), providers: BTreeMap::new() };

/// Evidence file and imported file of one provider.
#[derive(Debug, Default)]
pub struct ProviderFiles {
    /// Evidence of the provider, with the decisions.
    pub evidence: ProviderEvidence,
    /// Content of the imported file.
    pub imported: authored::Provider,
}

/// Evidence of all models of a catalog. Each file is read only once, so this type is for callers that need the evidence of many models.
pub struct CatalogEvidence<'e> {
    providers: HashMap<&'e str, ProviderModels<'e>>,
    offered_values: HashMap<&'e str, OfferedValues<'e>>,
}

/// Evidence of the models of one provider.
#[derive(Default)]
struct ProviderModels<'e> {
    lines: BTreeMap<&'e str, EvidenceLines<'e>>,
    imported: HashMap<&'e str, &'e authored::Model>,
    citations: HashMap<Option<String>, SubjectCitations>,
    probes: Probes,
}

/// Failure to create an evidence report.
#[derive(Debug)]
pub enum EvidenceReportError {
    /// An evidence file or an imported file cannot be read.
    Evidence(EvidenceError),
    /// The recorded verdicts of probes cannot be read.
    Probes(ProbesError),
    /// The sources, the provider map or the confirmed routing, on which decisions depend, cannot be read.
    Registry(RegistryReadError),
}

/// Evidence, catalog values and overrides of one model.
pub struct ModelEvidence {
    provider: ProviderFiles,
    /// Evidence of the providers that offer the model's base model. Empty if no fact of the model is derived from the values of these providers.
    offering_providers: BTreeMap<String, ProviderEvidence>,
    base: Option<String>,
    /// Values that the catalog has for the facts of the model.
    pub catalog_values: CatalogValues,
    /// Hand-written values that differ from the imported values.
    pub overrides: BTreeMap<FactKey, Override>,
}

impl EvidenceReader {
    /// Opens the evidence folder `dir` of the catalog folder `catalog`.
    ///
    /// # Errors
    /// Fails if the sources of the catalog cannot be read.
    pub fn open(catalog: PathBuf, dir: PathBuf) -> Result<Self, EvidenceReportError> {
        let sources = registry::read_unchecked(&catalog, FileKind::Sources).map_or_else(|| registry::sources(&catalog), Ok);
        let sources = sources::add_snapshots(sources.map_err(RegistryReadError::from)?, &dir)?;
        Ok(Self { catalog, dir, sources, map: OnceLock::new() })
    }

    /// Reads the evidence of all models of `catalog`, calls `f` with the evidence, and returns the result of `f`.
    ///
    /// # Errors
    /// Fails if the evidence, an imported file or the provider map cannot be read.
    pub fn with_catalog<T>(&self, catalog: &Catalog<'_>, f: impl FnOnce(&CatalogEvidence<'_>) -> T) -> Result<T, EvidenceReportError> {
        let mut ids: BTreeSet<String> = evidence::files(&self.dir)?.into_keys().collect();
        ids.extend(catalog.providers().map(|provider| provider.id().to_owned()));
        let ids = Vec::from_iter(ids);
        self.provider_map()?;
        let read = in_parallel(&ids, |_, id| Ok((id.as_str(), self.read_provider(id, None, &NO_ROUTING)?)));
        let read: BTreeMap<&str, ProviderFiles> = read.into_iter().collect::<Result<_, EvidenceReportError>>()?;
        let mut all = CatalogEvidence {
            providers: HashMap::new(),
            offered_values: OfferedValues::by_base_model(read.iter().map(|(id, files)| (*id, &files.evidence))),
        };
        for id in catalog.providers().map(Provider::id) {
            let Some((id, files)) = read.get_key_value(id) else { continue };
            let imported = files.imported.models.iter().map(|model| (model.id.as_str(), model)).collect();
            let (citations, probes) = (self.read_citations(FileKind::Provider, id), Probes::read(&self.dir, id)?);
            all.providers.insert(id, ProviderModels { lines: EvidenceLines::by_model(&files.evidence), imported, citations, probes });
        }
        Ok(f(&all))
    }

    /// Creates the evidence report of a model, calls `f` with the report, and returns the result of `f`.
    ///
    /// # Errors
    /// Fails if the evidence cannot be read.
    pub fn with_model<T>(&self, model: Model<'_>, f: impl FnOnce(&EvidenceReport<'_>) -> T) -> Result<T, EvidenceReportError> {
        let evidence = self.model_evidence(model)?;
        let (lines, offered) = (evidence.lines(model), evidence.offered_values());
        let citations =
            self.read_citations(FileKind::Provider, model.provider().id()).remove(&Some(model.id().to_owned())).unwrap_or_default();
        let probes = Probes::read(&self.dir, model.provider().id())?;
        let ModelEvidence { catalog_values, overrides, .. } = &evidence;
        Ok(f(&EvidenceReport::of_model(model, &lines, catalog_values, overrides, &citations, &offered, &probes)))
    }

    /// Creates the evidence report of a provider, calls `f` with the report, and returns the result of `f`.
    ///
    /// # Errors
    /// Fails if the evidence cannot be read.
    pub fn with_provider<T>(&self, provider: Provider<'_>, f: impl FnOnce(&EvidenceReport<'_>) -> T) -> Result<T, EvidenceReportError> {
        let files = self.provider_files(provider.id())?;
        let lines = EvidenceLines::of_provider(&files.evidence);
        let values = comparison::provider_values(provider);
        let overrides = comparison::overrides(&values, &comparison::imported_provider_values(&files.imported), &lines);
        let citations = self.read_citations(FileKind::Provider, provider.id()).remove(&None).unwrap_or_default();
        let facts = fact_reports(&lines, &values, &overrides, &citations, |_, _| &[]);
        let probes = Probes::read(&self.dir, provider.id())?;
        let (reference, probes) = (provider.id().to_owned(), probes.on(None).collect());
        Ok(f(&EvidenceReport { kind: "provider", reference, name: provider.name(), base: None, probes, facts }))
    }

    /// Creates the evidence report of a base model, calls `f` with the report, and returns the result of `f`.
    ///
    /// # Errors
    /// Fails if the evidence cannot be read.
    pub fn with_base_model<T>(&self, base: BaseModel<'_>, f: impl FnOnce(&EvidenceReport<'_>) -> T) -> Result<T, EvidenceReportError> {
        let reference = base.reference().to_string();
        let providers = self.offering_providers(base)?;
        let offered = offered_values(&providers, &reference);
        let lab: authored::Lab = self.read_imported(FileKind::Lab, base.reference().owner, Some(base.id()))?;
        let imported = lab.models.iter().find(|model| model.id == base.id()).map(|model| comparison::imported_fact_values(&model.facts));
        let lines = EvidenceLines::default();
        let values = comparison::base_model_values(base);
        let overrides = comparison::overrides(&values, &imported.unwrap_or_default(), &lines);
        let citations = self.read_citations(FileKind::Lab, base.reference().owner).remove(&Some(base.id().to_owned())).unwrap_or_default();
        let facts = fact_reports(&lines, &values, &overrides, &citations, |key, _| offered.values(key));
        Ok(f(&EvidenceReport { kind: "base", reference, name: base.name(), base: None, probes: Vec::new(), facts }))
    }

    /// Reads the evidence, catalog values and overrides of a model.
    ///
    /// # Errors
    /// Fails if the evidence cannot be read.
    pub fn model_evidence(&self, model: Model<'_>) -> Result<ModelEvidence, EvidenceReportError> {
        let provider = self.read_provider(model.provider().id(), Some(model.id()), &NO_ROUTING)?;
        let lines = EvidenceLines::of_model(&provider.evidence, model.id());
        let catalog_values = comparison::model_values(model);
        let imported = provider.imported.models.iter().find(|imported| imported.id == model.id());
        let overrides = model_overrides(&catalog_values, imported, &lines);
        let offering_providers = match model.base() {
            Some(base) if catalog_values.iter().any(|(key, value)| is_derived_from_providers(&lines, key, value)) => {
                self.offering_providers(base)?
            }
            _ => BTreeMap::new(),
        };
        let base = model.base().map(|base| base.reference().to_string());
        Ok(ModelEvidence { provider, offering_providers, base, catalog_values, overrides })
    }

    /// Reads the evidence and the imported file of a provider.
    ///
    /// # Errors
    /// Fails if the evidence file of the provider, the imported file of the provider, or the registry cannot be read.
    pub fn provider_files(&self, id: &str) -> Result<ProviderFiles, EvidenceReportError> {
        let routing = registry::read_unchecked(&self.catalog, FileKind::Routing).map_or_else(|| registry::routing(&self.catalog), Ok);
        self.read_provider(id, None, &routing.map_err(RegistryReadError::from)?)
    }

    /// Reads the evidence and the imported file of a provider. If `model` is given, reads only the lines about the model with this id or alias.
    fn read_provider(&self, id: &str, model: Option<&str>, routing: &Routing) -> Result<ProviderFiles, EvidenceReportError> {
        let path = self.dir.join(format!("{id}.jsonl"));
        let mut evidence = ProviderEvidence::default();
        if let Some(text) = read_text(&path)? {
            let read = match model {
                None => ProviderEvidence::parse(&text).map(|all| evidence = all),
                Some(model) => evidence.add_ids_of(model, &text),
            };
            read.map_err(|(line, reason)| EvidenceError { path, line, reason })?;
            decide(&self.sources, self.provider_kind(id)?, routing, id, &mut evidence);
        }
        let imported: authored::Provider = self.read_imported(FileKind::Provider, id, model)?;
        // Finding impossible prices requires the evidence of other providers, which is not read here. But the imported file shows the result: a model
        // with an impossible price has no prices there.
        for model in imported.models.iter().filter(|model| model.prices.is_empty()) {
            evidence.models.get_mut(&model.id).into_iter().for_each(EvidenceLine::reject_prices);
        }
        Ok(ProviderFiles { evidence, imported })
    }

    /// Decides the facts that models can inherit. The kind of the provider is not needed, because it only affects prices, which are not inherited.
    fn decide_inherited(&self, id: &str, evidence: &mut ProviderEvidence) {
        evidence.models.values_mut().for_each(|line| line.facts.retain(|key, _| !key.is_price()));
        decide(&self.sources, None, &NO_ROUTING, id, evidence);
    }

    /// Returns the kind of a provider in the provider map.
    fn provider_kind(&self, id: &str) -> Result<Option<ProviderKind>, RegistryReadError> {
        let path = || self.catalog.join(FileKind::ProviderMap.path(""));
        match self.map.get() {
            Some(map) => Ok(map.kind(id)),
            None => match file::read_text(&path(), file::MAX_FILE_BYTES).ok().flatten().and_then(|text| parse_map_entry(&text, id)) {
                Some(service) => Ok(service.kind),
                None => Ok(self.provider_map()?.kind(id)),
            },
        }
    }

    fn provider_map(&self) -> Result<&ProviderIdMap, RegistryReadError> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let map =
            registry::read_unchecked(&self.catalog, FileKind::ProviderMap).map_or_else(|| registry::provider_map(&self.catalog), Ok)?;
        Ok(self.map.get_or_init(|| map.into()))
    }

    /// Returns the citations in a hand-written file, by model id. The key `None` has the citations of the provider or lab that the file describes.
    fn read_citations(&self, kind: FileKind, owner: &str) -> HashMap<Option<String>, SubjectCitations> {
        let mut all: HashMap<_, SubjectCitations> = HashMap::new();
        for ((id, key), citation) in registry::citations(&self.catalog, kind, owner) {
            all.entry(id).or_default().0.insert(key, citation);
        }
        all
    }

    /// Reads an imported file, with all models or only with the model `model`. The result is empty if the file does not exist.
    fn read_imported<T: DeserializeOwned + Default>(&self, kind: FileKind, id: &str, model: Option<&str>) -> Result<T, EvidenceError> {
        let path = self.catalog.join(kind.imported_path(id));
        let Some(mut text) = read_text(&path)? else { return Ok(T::default()) };
        if let Some(model) = model {
            // Imported files have one line for each entry, so that a single entry can be parsed alone. Parsing hundreds of entries would take longer
            // than all other work.
            let entries = text.split_once("\nmodels:\n").map_or("", |(_, entries)| entries);
            let of_model = entries.split_inclusive('\n').take_while(|line| line.starts_with("  - {")).filter(|line| line.contains(model));
            text = of_model.fold("models:\n".to_owned(), |text, entry| text + entry);
            if !text.contains('{') {
                return Ok(T::default());
            }
        }
        let read = modeldex_yaml::parse(&text).map_err(|error| error.to_string());
        let read = read.and_then(|value| T::deserialize(value).map_err(|error| error.to_string()));
        read.map_err(|reason| EvidenceError { path, line: 0, reason })
    }

    /// Returns the evidence lines that contain the reference of a base model, by provider. For a provider in the catalog, only the lines about models
    /// that inherit from the base model are read. For any other provider, all lines are read.
    fn offering_providers(&self, base: BaseModel<'_>) -> Result<BTreeMap<String, ProviderEvidence>, EvidenceError> {
        let mut ids: HashMap<&str, Vec<&str>> = base.catalog().providers().map(|provider| (provider.id(), Vec::new())).collect();
        for model in base.models() {
            let of_provider = ids.entry(model.provider().id()).or_default();
            of_provider.extend(iter::once(model.id()).chain(model.aliases().map(Alias::id)));
        }
        let reference = base.reference().to_string();
        let mut providers = BTreeMap::new();
        for (id, path) in evidence::files(&self.dir)? {
            let mut provider = ProviderEvidence::read_naming(&path, ids.get(id.as_str()).map(Vec::as_slice), &reference)?;
            // Most files have no such line, because base models are usually found by the model id, without a claim of a source.
            if !provider.models.is_empty() {
                self.decide_inherited(&id, &mut provider);
                providers.insert(id, provider);
            }
        }
        Ok(providers)
    }

    /// Returns the evidence folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Parses the entry of one provider in the text of a provider map, without parsing the hundreds of other entries. Returns `None` if the entry is
/// missing or is not on one line.
fn parse_map_entry(map: &str, id: &str) -> Option<MappedProvider> {
    let (_, entries) = map.split_once("\nproviders:\n")?;
    let is_entry = |line: &&str| line.trim_start().strip_prefix(id).is_some_and(|entry| entry.starts_with(": {"));
    let entry = entries.lines().take_while(|line| line.starts_with("  ")).find(is_entry)?;
    MappedProvider::deserialize(modeldex_yaml::parse(entry).ok()?.get(id)?).ok()
}

/// Reads a file. Returns `None` if it does not exist.
fn read_text(path: &Path) -> Result<Option<String>, EvidenceError> {
    let read = file::read_text(path, file::MAX_FILE_BYTES);
    read.map_err(|error| EvidenceError { path: path.into(), line: 0, reason: error.to_string() })
}

/// Citations about one model, base model or provider, by the key of the fact in the file.
#[derive(Default)]
struct SubjectCitations(HashMap<String, Citation>);

impl SubjectCitations {
    fn get(&self, key: &FactKey) -> Option<&Citation> {
        if self.0.is_empty() {
            return None;
        }
        if key.is_price() { self.0.get("prices") } else { self.0.get(&key.to_string()) }
    }
}

impl ModelEvidence {
    /// Returns the evidence lines about the model. `model` must be the model for which the evidence was read.
    #[must_use]
    pub fn lines(&self, model: Model<'_>) -> EvidenceLines<'_> {
        EvidenceLines::of_model(&self.provider.evidence, model.id())
    }

    /// Returns the values that the policy chose for the models that inherit from the base model of this model. The result is empty if no fact of this
    /// model is derived from these values.
    #[must_use]
    pub fn offered_values(&self) -> OfferedValues<'_> {
        self.base.as_deref().map(|base| offered_values(&self.offering_providers, base)).unwrap_or_default()
    }
}

impl CatalogEvidence<'_> {
    /// Creates the evidence report of a model of the catalog, calls `f` with the report, and returns the result of `f`.
    pub fn with_model<T>(&self, model: Model<'_>, f: impl FnOnce(&EvidenceReport<'_>) -> T) -> T {
        let (no_models, no_values, no_citations) = (ProviderModels::default(), OfferedValues::default(), SubjectCitations::default());
        let provider = self.providers.get(model.provider().id()).unwrap_or(&no_models);
        let lines = provider.lines.get(model.id()).cloned().unwrap_or_default();
        let values = comparison::model_values(model);
        let overrides = model_overrides(&values, provider.imported.get(model.id()).copied(), &lines);
        let base = model.base().map(|base| base.reference().to_string());
        let offered = base.as_deref().and_then(|base| self.offered_values.get(base)).unwrap_or(&no_values);
        let citations = provider.citations.get(&Some(model.id().to_owned())).unwrap_or(&no_citations);
        f(&EvidenceReport::of_model(model, &lines, &values, &overrides, citations, offered, &provider.probes))
    }
}

impl<'e> EvidenceReport<'e> {
    fn of_model(
        model: Model<'e>,
        lines: &EvidenceLines<'e>,
        catalog_values: &'e CatalogValues,
        overrides: &'e BTreeMap<FactKey, Override>,
        citations: &'e SubjectCitations,
        offered: &'e OfferedValues<'e>,
        probes: &'e Probes,
    ) -> Self {
        let provider_values = |key: &FactKey, value: Option<&CatalogValue>| -> &'e [ValueWithProviders<'e>] {
            if value.is_some_and(|value| is_derived_from_providers(lines, key, value)) { offered.values(key) } else { &[] }
        };
        let facts = fact_reports(lines, catalog_values, overrides, citations, provider_values);
        let base = model.base().map(|base| base.reference().to_string());
        let probes = probes.on(Some(model.id())).collect();
        EvidenceReport { kind: "model", reference: model.reference().to_string(), name: model.name(), base, probes, facts }
    }
}

/// Returns the overrides of a model.
fn model_overrides(values: &CatalogValues, imported: Option<&authored::Model>, lines: &EvidenceLines<'_>) -> BTreeMap<FactKey, Override> {
    comparison::overrides(values, &imported.map(comparison::imported_model_values).unwrap_or_default(), lines)
}

/// Returns the values that were decided for the providers that offer a base model.
fn offered_values<'e>(providers: &'e BTreeMap<String, ProviderEvidence>, reference: &str) -> OfferedValues<'e> {
    OfferedValues::by_base_model(providers.iter().map(|(id, evidence)| (id.as_str(), evidence))).remove(reference).unwrap_or_default()
}

impl FactReport<'_> {
    /// Returns the reason for the value: the name of the policy rule that applied. If no policy rule applied, returns a text that states where the
    /// catalog value comes from, or why there is no value. `subject` is the report that contains this fact.
    #[must_use]
    pub fn reason(&self, subject: &EvidenceReport<'_>) -> String {
        match (self.rule, &subject.base, self.catalog_value.map(|value| value.part)) {
            (Some(rule), _, _) => rule.as_str().to_owned(),
            (None, _, Some(_)) if subject.kind == "base" && !self.provider_values.is_empty() => {
                "taken from the providers that offer the base model".to_owned()
            }
            (None, Some(base), Some(OriginPart::Base)) if self.provider_values.is_empty() => {
                format!("inherited from {base}; there is no evidence for the value")
            }
            (None, Some(base), Some(OriginPart::Base)) => format!("inherited from {base}"),
            (None, _, Some(OriginPart::Extended)) => "inherited from the provider that `extends` names".to_owned(),
            (None, _, Some(_)) => "set by hand".to_owned(),
            (None, _, None) if self.claims_by_value.iter().all(|group| group.current.is_empty()) => {
                "no source states a value any more".to_owned()
            }
            (None, _, None) => "no value was decided".to_owned(),
        }
    }
}

/// Returns whether the catalog value `value` of a model is derived from the values of all providers that offer its base model. This is the case if
/// the model inherits the value from its base model, and if the evidence about the model itself (`lines`) has no decision about the fact.
#[must_use]
pub fn is_derived_from_providers(lines: &EvidenceLines<'_>, key: &FactKey, value: &CatalogValue) -> bool {
    value.part == OriginPart::Base && lines.decision(key).is_none()
}

/// Returns a report for each fact that the catalog or the evidence has, in the order of [`comparison::GROUP_ORDER`].
fn fact_reports<'e>(
    lines: &EvidenceLines<'e>,
    catalog_values: &'e CatalogValues,
    overrides: &'e BTreeMap<FactKey, Override>,
    citations: &'e SubjectCitations,
    provider_values: impl Fn(&FactKey, Option<&CatalogValue>) -> &'e [ValueWithProviders<'e>],
) -> Vec<FactReport<'e>> {
    let mut keys: Vec<&'e FactKey> = lines.keys().chain(catalog_values.keys()).chain(overrides.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.sort_by_key(|key| comparison::group_rank(key));
    let report = |key: &'e FactKey| {
        let decision = lines.decision(key);
        FactReport {
            key,
            chosen: decision.and_then(|fact| fact.value.as_ref()),
            rule: comparison::decided_rule(decision),
            claims_by_value: lines.claims_by_value(key),
            catalog_value: catalog_values.get(key),
            manual_override: overrides.get(key),
            provider_values: provider_values(key, catalog_values.get(key)),
            citation: citations.get(key),
        }
    };
    keys.into_iter().map(report).collect()
}

impl From<EvidenceError> for EvidenceReportError {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}

impl From<RegistryReadError> for EvidenceReportError {
    fn from(error: RegistryReadError) -> Self {
        Self::Registry(error)
    }
}

impl From<ProbesError> for EvidenceReportError {
    fn from(error: ProbesError) -> Self {
        Self::Probes(error)
    }
}

impl fmt::Display for EvidenceReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence(error) => error.fmt(f),
            Self::Probes(error) => error.fmt(f),
            Self::Registry(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EvidenceReportError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_one_line_entries_of_a_provider_map() {
        let map = "\
# Map
providers:
  a: {kind: lab, x: [a]}
  ab: {x: [b]}
  c:
    kind: host
  d: {kind: plan,
    x: [d]}
skip:
  x: {e: no models}
";
        let kind = |id: &str| parse_map_entry(map, id).map(|service| service.kind);
        assert_eq!((kind("a"), kind("ab")), (Some(Some(ProviderKind::Lab)), Some(None)));
        // All others need a parser of the whole map.
        assert!(["b", "c", "d", "x", "e"].iter().all(|id| kind(id).is_none()));
    }
}
