//! From evidence to files: decides every fact, merges what was decided into the catalog's YAML, and says where people and sources differ.
//!
//! The outcome depends on the evidence and on what people wrote, and on nothing else: not on the order of imports, the clock or the machine.

mod file;
mod spelling;

use crate::author::{self, Circumstance};
use crate::bases::{self, Bases, Offering, is_after};
use crate::decision::{Decision, Decisions, Rule};
use crate::evidence::{Evidence, Line, ProviderEvidence};
use crate::merge::Kept;
use crate::policy::Policy;
use crate::sources::{ProviderMap, Sources, is_provider_id};
use crate::statement::{Key, Value};
use file::{File, Merging, Models, object, read};
use modeldex_compile::FileKind;
use modeldex_compile::authored::{BaseModel, Facts, Lab, Model, ModelAlias, Provider, ProviderAlias, Source};
use modeldex_table::{AliasKind, Fact, FactType, Meter, ProviderKind};
use serde_json::{Map, Value as Json};
use spelling::{groups, provider_aliases};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// What is to be written, and what people should look at.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files of the catalog that change, with their texts.
    pub files: Vec<(PathBuf, String)>,
    /// Values of people that stay although the sources say otherwise.
    pub kept: Vec<Disagreement>,
    /// Changes that could not be made without risk to what people wrote.
    pub refused: Vec<Refusal>,
    /// Providers that sources list and that are not in the catalog, and why.
    pub absent: BTreeMap<String, String>,
}

/// In what way files are merged.
#[derive(Clone, Debug, Default)]
pub struct Modes {
    /// Providers whose models, and labs as `models/LAB` whose base models, are taken as the importer's own, whoever wrote them.
    pub adopt: BTreeSet<String>,
    /// Whether an import that was cut off is being repeated: what it has written already is its own.
    pub repeated: bool,
}

/// A value of a person's that stays although the sources say otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The provider, or `provider/model`.
    pub reference: String,
    /// What is in the file, and what the sources say.
    pub kept: Kept,
}

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file.
    pub path: PathBuf,
    /// What was not changed, and why.
    pub reason: String,
}

/// Why nothing can be reconciled.
#[derive(Debug)]
pub struct ReconcileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: String,
}

/// Decides everything anew and merges it into the catalog folder's files, which are read and not written. What was decided, and what will
/// have been written, is noted in the evidence.
///
/// # Errors
/// When a file of the catalog cannot be read or is not what it should be: `modeldex check` says more.
pub fn reconcile(
    evidence: &mut Evidence,
    sources: &Sources,
    map: &ProviderMap,
    catalog: &Path,
    modes: &Modes,
) -> Result<Plan, ReconcileError> {
    let mut plan = Plan::default();
    let Some(policy) = Policy::new(sources) else { return Ok(plan) };
    let mut providers: BTreeMap<String, File<Provider>> = read(catalog, FileKind::Provider)?;
    let mut labs: BTreeMap<String, File<Lab>> = read(catalog, FileKind::Lab)?;

    let mut decided = BTreeMap::new();
    for (id, own) in &mut evidence.providers {
        let kind = map.services().get(id).and_then(|service| service.kind);
        decided.insert(id.clone(), Decided::new(&policy, id, own, kind, providers.get(id).map(|file| &file.value)));
    }
    let bases = write_bases(evidence, &decided, &mut labs, catalog, modes, &mut plan);
    for (id, model) in decided.values_mut().flat_map(|decided| &mut decided.models) {
        let known = model.base.take().filter(|base| bases.get(base).is_some());
        model.base = known.or_else(|| bases.by_id(id).map(str::to_owned));
    }
    let off = outliers(&decided);
    for (provider, id) in &off {
        let Some(line) = evidence.providers.get_mut(provider).and_then(|own| own.models.get_mut(id)) else { continue };
        for (_, fact) in line.facts.iter_mut().filter(|(key, fact)| key.is_price() && fact.rule.is_some()) {
            (fact.value, fact.rule) = (None, Some(Rule::Impossible));
        }
        if let Some(model) = decided.get_mut(provider).and_then(|decided| decided.models.get_mut(id)) {
            model.model.prices.clear();
        }
    }
    let aliases = provider_aliases(map, &decided, &providers);
    for (id, decided) in &decided {
        let Some(own) = evidence.providers.get_mut(id) else { continue };
        let theirs = Theirs::new(id, decided, &bases, sources, own, aliases.get(id));
        let file = providers.remove(id);
        if let Some(reason) = theirs.incomplete(decided).filter(|_| file.is_none()) {
            plan.absent.insert(id.clone(), reason);
            own.own.written = None;
            own.models.values_mut().for_each(|line| line.written = None);
            continue;
        }
        let path = file.as_ref().map_or_else(|| catalog.join(FileKind::Provider.path(id)), |file| file.path.clone());
        let merging = Merging { kind: FileKind::Provider, id, path, adopt: modes.adopt.contains(id), repeated: modes.repeated };
        merging.merge(file.map(Into::into), &theirs.header, &theirs.models, own, &mut plan);
    }
    Ok(plan)
}

/// What was decided of a provider.
struct Decided {
    own: Decisions,
    kind: Option<ProviderKind>,
    models: BTreeMap<String, DecidedModel>,
    aliases: Vec<ModelAlias>,
}

struct DecidedModel {
    base: Option<String>,
    model: Model,
}

/// What the importer would write into a provider's file.
struct Theirs {
    header: Map<String, Json>,
    models: Models,
}

impl Decided {
    fn new(policy: &Policy<'_>, id: &str, evidence: &mut ProviderEvidence, kind: Option<ProviderKind>, file: Option<&Provider>) -> Self {
        let own = policy.decide(id, &[&evidence.own]);
        note(&mut evidence.own, &own);
        let kind = file.and_then(|file| file.kind).or(kind);
        // What a person says is an alias is not a model.
        let written = evidence.own.written.as_ref().and_then(|written| written.get("model_aliases")).and_then(Json::as_array);
        let own_alias = |id: &str| written.is_some_and(|list| list.iter().any(|alias| alias.get("id").and_then(Json::as_str) == Some(id)));
        let aliases = file.into_iter().flat_map(|file| &file.model_aliases).map(|alias| alias.id.as_str());
        let taken: BTreeSet<&str> = aliases.filter(|id| !own_alias(id)).collect();
        let groups = groups(policy, id, evidence, &taken);
        let mut models = BTreeMap::new();
        let mut aliases = Vec::new();
        for (primary, others) in &groups {
            let ids: Vec<&String> = std::iter::once(primary).chain(others).collect();
            let lines: Vec<&Line> = ids.iter().filter_map(|id| evidence.models.get(*id)).collect();
            let mut decisions = policy.decide(id, &lines);
            let at = Circumstance::of(policy, &lines, kind);
            let model = author::model(primary, &decisions, at);
            let base = decisions.get(&Key::Base).and_then(|decision| decision.text()).map(str::to_owned);
            if let Some(status) = model.facts.get(Fact::Status) {
                let key = Key::Fact(Fact::Status);
                let stated = decisions.get(&key).is_some_and(|decision| decision.value.as_ref() == Some(status));
                if !stated {
                    let rule = if at.listed { Rule::Derived } else { Rule::Disappeared };
                    decisions.insert(key, Decision::new(status.clone(), rule));
                }
            }
            if let Some(billing) = model.facts.get(Fact::Billing) {
                decisions.insert(Key::Fact(Fact::Billing), Decision::new(billing.clone(), Rule::Derived));
            }
            if let Some(line) = evidence.models.get_mut(primary) {
                note(line, &decisions);
            }
            models.insert(primary.clone(), DecidedModel { base, model });
            for other in others {
                aliases.push(ModelAlias {
                    id: other.clone(),
                    target: primary.clone(),
                    kind: AliasKind::Display,
                    reason: None,
                    until: None,
                });
                if let Some(line) = evidence.models.get_mut(other) {
                    let value = Value::Text(primary.clone());
                    note(line, &Decisions::from([(Key::AliasOf, Decision::new(value, Rule::Derived))]));
                }
            }
        }
        aliases.sort_by(|one, other| one.id.cmp(&other.id));
        Self { own, kind, models, aliases }
    }
}

impl Theirs {
    fn new(
        id: &str,
        decided: &Decided,
        bases: &Bases,
        sources: &Sources,
        evidence: &ProviderEvidence,
        aliases: Option<&Vec<ProviderAlias>>,
    ) -> Self {
        let mut models = BTreeMap::new();
        for (id, offered) in &decided.models {
            let mut model = offered.model.clone();
            let base = offered.base.as_deref().and_then(|reference| Some((reference, bases.get(reference)?)));
            if let Some((reference, base)) = base {
                model.base = Some(reference.to_owned());
                bases::inherit(&mut model, base);
            }
            sane_dates(&mut model.facts, base.map(|(_, base)| &base.facts));
            // A successor that this provider does not have leads nowhere.
            let is_known = |id: &Value| id.text().is_some_and(|id| decided.models.contains_key(id));
            model.facts.retain(|fact, value| !matches!(fact.fact_type(), FactType::Reference) || is_known(value));
            models.insert(id.clone(), object(&model));
        }
        let mut provider = author::provider(id, &decided.own, decided.kind);
        provider.aliases = aliases.cloned().unwrap_or_default();
        provider.model_aliases = decided.aliases.clone();
        provider.sources = published(sources, evidence);
        Self { header: object(&provider), models }
    }

    /// Why the provider cannot be written, where it cannot.
    fn incomplete(&self, decided: &Decided) -> Option<String> {
        let stated = |key: &str| self.header.contains_key(key);
        let missing: Vec<&str> = [
            (!stated("endpoints") && !decided.own.contains_key(&Key::BaseUrl), "a base URL"),
            (!stated("endpoints") && decided.own.contains_key(&Key::BaseUrl), "a protocol of this catalog for its base URL"),
            (!stated("auth") && stated("endpoints"), "a variable that holds its key"),
        ]
        .into_iter()
        .filter(|(missing, _)| *missing)
        .map(|(_, what)| what)
        .collect();
        match (missing.is_empty(), self.models.is_empty()) {
            (true, false) => None,
            (true, true) => Some("no source lists a model of it".to_owned()),
            (false, _) => Some(format!("no source states {}", missing.join(" or "))),
        }
    }
}

/// Models whose rate is a thousand times off the middle of what others ask for the same base model: the lint `rate-outlier` would say so, and
/// what it guards against is a slip of the decimal point or of the unit.
fn outliers(decided: &BTreeMap<String, Decided>) -> Vec<(String, String)> {
    type Offer<'d> = (u64, &'d String, &'d String);
    const FACTOR: u64 = 1_000;
    let mut offers: BTreeMap<(&str, Meter), Vec<Offer<'_>>> = BTreeMap::new();
    for (provider, decided) in decided {
        for (id, model) in &decided.models {
            let Some((base, first)) = model.base.as_deref().zip(model.model.prices.first()) else { continue };
            for meter in [Meter::Input, Meter::Output] {
                if let Some(rate) = first.rates.0.get(&meter).map(|rate| rate.micros()).filter(|rate| *rate > 0) {
                    offers.entry((base, meter)).or_default().push((rate, provider, id));
                }
            }
        }
    }
    let mut off = Vec::new();
    for list in offers.values_mut().filter(|list| list.len() > 2) {
        list.sort_unstable();
        let middle = list[list.len() / 2].0;
        let far = |rate: u64| rate >= middle.saturating_mul(FACTOR) || middle >= rate.saturating_mul(FACTOR);
        off.extend(list.iter().filter(|(rate, ..)| far(*rate)).map(|(_, provider, id)| ((*provider).clone(), (*id).clone())));
    }
    off.sort_unstable();
    off.dedup();
    off
}

/// Makes the base models from what their sellers state, merges them into the labs' files, and returns them as they will be.
fn write_bases(
    evidence: &mut Evidence,
    decided: &BTreeMap<String, Decided>,
    labs: &mut BTreeMap<String, File<Lab>>,
    catalog: &Path,
    modes: &Modes,
    plan: &mut Plan,
) -> Bases {
    let mut offered: BTreeMap<&str, BTreeMap<&str, Vec<Offering<'_>>>> = BTreeMap::new();
    for (provider, decided) in decided {
        for model in decided.models.values() {
            let Some((lab, id)) = model.base.as_deref().and_then(|base| base.split_once('/')) else { continue };
            if is_provider_id(lab) && !id.contains('/') {
                offered.entry(lab).or_default().entry(id).or_default().push(Offering { provider, facts: &model.model.facts });
            }
        }
    }
    let mut bases = Bases::default();
    for (lab, models) in offered {
        let theirs: BTreeMap<String, Map<String, Json>> = models
            .iter()
            .filter(|(_, offerings)| offerings.len() > 1 || offerings.iter().any(|offering| offering.provider == lab))
            .map(|(id, offerings)| {
                let base = BaseModel { id: (*id).to_owned(), facts: bases::facts(lab, offerings), ..BaseModel::default() };
                ((*id).to_owned(), object(&base))
            })
            .collect();
        if theirs.is_empty() {
            continue;
        }
        let name = decided.get(lab).and_then(|decided| decided.own.get(&Key::Fact(Fact::Name))).and_then(|decision| decision.text());
        let header = Map::from_iter([("name".to_owned(), Json::from(name.unwrap_or(lab)))]);
        let own = evidence.labs.entry(lab.to_owned()).or_default();
        let file = labs.remove(lab);
        let path = file.as_ref().map_or_else(|| catalog.join(FileKind::Lab.path(lab)), |file| file.path.clone());
        let merging = Merging {
            kind: FileKind::Lab,
            id: lab,
            path: path.clone(),
            adopt: modes.adopt.contains(&format!("models/{lab}")),
            repeated: modes.repeated,
        };
        let before = file.as_ref().map(|file| file.text.clone());
        let planned = plan.files.len();
        merging.merge(file.map(Into::into), &header, &theirs, own, plan);
        // What is read back is what the providers below will inherit from.
        let text = plan.files.get(planned).map(|(_, text)| text.clone()).or(before).unwrap_or_default();
        if let Ok(lab_file) = serde_yaml::from_str::<Lab>(&text) {
            bases.add(lab, &lab_file);
        }
    }
    for (lab, file) in labs {
        bases.add(lab, &file.value);
    }
    bases
}

/// Writes what was decided beside the claims.
fn note(line: &mut Line, decisions: &Decisions) {
    for fact in line.facts.values_mut() {
        (fact.value, fact.rule) = (None, None);
    }
    line.facts.retain(|key, fact| !fact.claims.0.is_empty() || decisions.contains_key(key));
    for (key, decision) in decisions {
        let fact = line.facts.entry(key.clone()).or_default();
        (fact.value, fact.rule) = (decision.value.clone(), Some(decision.rule));
    }
}

/// Where the sources that state something of a provider publish it.
fn published(sources: &Sources, evidence: &ProviderEvidence) -> Vec<Source> {
    let lines = std::iter::once(&evidence.own).chain(evidence.models.values());
    let heard: BTreeSet<_> = lines.flat_map(|line| line.claims(&Key::Listed)).map(|claim| claim.source.as_str()).collect();
    let url = |name| sources.sources.get(name).and_then(|source| source.url.clone().or_else(|| source.home.clone()));
    heard.into_iter().filter_map(url).map(|url| Source { url, checked: None }).collect()
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

impl fmt::Display for ReconcileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.to_string_lossy().replace('\\', "/"), self.reason)
    }
}

impl std::error::Error for ReconcileError {}
