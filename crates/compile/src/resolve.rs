//! Resolves inheritance: `extends`, `base`, `defaults`, `omit` and aliases. No other module resolves them.
//!
//! The value of a fact comes from the first of these entries that states the fact: the model itself, the `defaults` of the provider, the extended
//! model, the base model. The origin of each fact is recorded. References that do not resolve are dropped here, and reported by the lint rules.

use crate::authored::{BaseModel, Defaults, Facts, Lab, Model, ModelAlias, Provider};
use crate::validate::{AuthoredFiles, Doc};
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Fact, Limits, Origin, OriginPart};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A layer of the catalog: the imported or the hand-written files of one folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    /// The index of the folder in [`Resolved::layers`].
    folder: u8,
    imported: bool,
}

impl Layer {
    /// Returns the layer of the imported files of the same folder.
    pub(crate) fn imported(self) -> Self {
        Self { imported: true, ..self }
    }

    fn origin(self, part: OriginPart) -> u8 {
        Origin { layer: self.folder, imported: self.imported, part }.code()
    }
}

/// A resolved catalog: models contain all known facts, including inherited ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    /// The names of the folders, from the lowest to the uppermost.
    pub(crate) layers: Vec<String>,
    pub(crate) labs: BTreeMap<String, ResolvedLab>,
    pub(crate) providers: BTreeMap<String, ResolvedProvider>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedLab {
    /// Name and sources; the models are in `models`.
    pub(crate) lab: Lab,
    pub(crate) models: BTreeMap<String, ResolvedBase>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedBase {
    pub(crate) base: BaseModel,
    pub(crate) origins: Origins,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedProvider {
    /// The index of the provider's file in `SourceFiles`; `None` for a provider of a catalog below.
    pub(crate) file: Option<usize>,
    /// All keys of the provider except models and aliases, which are in `models` and `aliases`.
    pub(crate) provider: Provider,
    pub(crate) models: BTreeMap<String, ResolvedModel>,
    /// Aliases by id, each with the id of the model at the end of its alias chain.
    pub(crate) aliases: BTreeMap<String, (ModelAlias, String)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedModel {
    pub(crate) model: Model,
    /// The origin of each fact.
    pub(crate) origins: Origins,
    /// The index of the model's entry in the file of the provider; `None` for an inherited model.
    pub(crate) index: Option<usize>,
}

/// The `Origin` code of each fact of a model, in the order of `Fact`; 0 for an unknown fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Origins(pub(crate) [u8; Fact::ALL.len()]);

impl Resolved {
    /// Adds a folder with the given name and returns its hand-written layer.
    pub(crate) fn add_layer(&mut self, name: &str) -> Layer {
        self.layers.push(name.to_owned());
        Layer { folder: u8::try_from(self.layers.len() - 1).unwrap_or(u8::MAX), imported: false }
    }

    /// Returns the base model with the reference `lab/model`.
    pub(crate) fn base(&self, reference: &str) -> Option<&ResolvedBase> {
        let (lab, id) = reference.split_once('/')?;
        self.labs.get(lab)?.models.get(id)
    }

    /// Returns the model with the reference `provider/model`, by id or alias, and its provider.
    pub(crate) fn model(&self, reference: &str) -> Option<(&ResolvedProvider, &ResolvedModel)> {
        let (provider, id) = reference.split_once('/')?;
        let provider = self.provider(provider)?;
        Some((provider, provider.model(id)?))
    }

    /// Returns the provider with this id or alias.
    pub(crate) fn provider(&self, id: &str) -> Option<&ResolvedProvider> {
        self.provider_entry(id).map(|(_, provider)| provider)
    }

    /// Resolves `text` to a reference without aliases. `text` is stated in a file of the provider `owner`, and is an id or alias of a model of
    /// `owner`, or a reference `provider/model`.
    pub(crate) fn reference(&self, owner: &str, text: &str) -> Option<String> {
        let of_owner = self.provider(owner).and_then(|provider| Some((owner, provider.model(text)?)));
        let (owner, found) = of_owner.or_else(|| {
            let (provider, id) = text.split_once('/')?;
            let (owner, provider) = self.provider_entry(provider)?;
            Some((owner, provider.model(id)?))
        })?;
        Some(format!("{owner}/{}", found.model.id))
    }

    fn provider_entry(&self, id: &str) -> Option<(&str, &ResolvedProvider)> {
        let by_alias = || self.providers.iter().find(|(_, provider)| provider.provider.aliases.iter().any(|alias| alias.id == id));
        self.providers.get_key_value(id).or_else(by_alias).map(|(id, provider)| (id.as_str(), provider))
    }
}

impl ResolvedProvider {
    /// Returns the model with this id or alias.
    pub(crate) fn model(&self, id: &str) -> Option<&ResolvedModel> {
        self.models.get(id).or_else(|| self.models.get(&self.aliases.get(id)?.1))
    }
}

/// Resolves the labs of one layer on top of the layers below. The labs of both layers of a folder are resolved before the providers of the folder,
/// because the providers inherit from the labs.
pub(crate) fn resolve_labs(files: &AuthoredFiles, layer: Layer, resolved: &mut Resolved) {
    for doc in &files.labs {
        add_lab(resolved, doc, layer);
    }
    refresh_inherited(resolved, &files.labs);
}

/// Resolves the providers of one layer on top of the layers below.
pub(crate) fn resolve_providers(files: &AuthoredFiles, layer: Layer, resolved: &mut Resolved) {
    // Of two files with the same id, only the first is used.
    let docs: HashMap<&str, &Doc<Provider>> = files.providers.iter().rev().map(|doc| (doc.id.as_str(), doc)).collect();
    // Providers without `extends` depend only on labs, so they are resolved in parallel.
    let alone: Vec<&Doc<Provider>> = docs.values().copied().filter(|doc| doc.value.extends.is_none()).collect();
    let providers = in_parallel(&alone, |_, doc| resolve_provider(resolved, doc, None, layer));
    resolved.providers.extend(alone.iter().map(|doc| doc.id.clone()).zip(providers));
    let mut done: HashSet<&str> = alone.iter().map(|doc| doc.id.as_str()).collect();
    for doc in &files.providers {
        add_provider(resolved, &docs, doc, layer, &mut done, &mut Vec::new());
    }
}

fn add_lab(resolved: &mut Resolved, doc: &Doc<Lab>, layer: Layer) {
    let lab = resolved.labs.entry(doc.id.clone()).or_default();
    let mut above = Lab { models: Vec::new(), ..doc.value.clone() };
    above.name = above.name.or(lab.lab.name.take());
    union(&mut above.sources, std::mem::take(&mut lab.lab.sources), |source| &source.url);
    lab.lab = above;
    let mut seen = HashSet::new();
    for base in &doc.value.models {
        if !seen.insert(base.id.as_str()) {
            continue;
        }
        let mut base = base.clone();
        let mut origins = Origins::default();
        origins.set_missing(|fact| base.states(fact), |_| layer.origin(OriginPart::Base));
        if let Some(below) = lab.models.get(&base.id) {
            base.facts.fill_from(&below.base.facts, &base.omit);
            origins.set_missing(|fact| base.states(fact), |fact| below.origins.code(fact));
        }
        remove_impossible(&mut base.facts, &mut origins);
        lab.models.insert(base.id.clone(), ResolvedBase { base, origins });
    }
}

/// Repeats the inheritance of models in the layers below from the labs that this folder changes.
fn refresh_inherited(resolved: &mut Resolved, labs: &[Doc<Lab>]) {
    let changed: HashSet<&str> = labs.iter().map(|doc| doc.id.as_str()).collect();
    let mut providers = std::mem::take(&mut resolved.providers);
    for model in providers.values_mut().flat_map(|provider| provider.models.values_mut()) {
        let lab = model.model.base.as_deref().and_then(|base| base.split_once('/')).map(|(lab, _)| lab);
        if lab.is_some_and(|lab| changed.contains(lab)) {
            remove_inherited(model);
            inherit(resolved, &mut model.model, &mut model.origins);
            remove_impossible(&mut model.model.facts, &mut model.origins);
        }
    }
    resolved.providers = providers;
}

/// Resolves a provider after the provider that it extends. `path` lists the providers in progress, so that a cycle is detected.
fn add_provider<'d>(
    resolved: &mut Resolved,
    docs: &HashMap<&'d str, &'d Doc<Provider>>,
    doc: &'d Doc<Provider>,
    layer: Layer,
    done: &mut HashSet<&'d str>,
    path: &mut Vec<&'d str>,
) {
    if done.contains(doc.id.as_str()) || path.contains(&doc.id.as_str()) {
        return;
    }
    path.push(&doc.id);
    let extended = doc.value.extends.as_deref().and_then(|target| {
        if target == doc.id {
            // The extended provider is the provider of the layer below, which this provider replaces.
            return resolved.providers.remove(target);
        }
        if let Some(other) = docs.get(target) {
            add_provider(resolved, docs, other, layer, done, path);
        }
        resolved.providers.get(target).cloned()
    });
    path.pop();
    let provider = resolve_provider(resolved, doc, extended, layer);
    resolved.providers.insert(doc.id.clone(), provider);
    done.insert(&doc.id);
}

fn resolve_provider(resolved: &Resolved, doc: &Doc<Provider>, extended: Option<ResolvedProvider>, layer: Layer) -> ResolvedProvider {
    let mut provider = doc.value.clone();
    let authored = std::mem::take(&mut provider.models);
    let authored_aliases = std::mem::take(&mut provider.model_aliases);
    let extends_itself = provider.extends.as_deref() == Some(doc.id.as_str());
    let mut models = BTreeMap::new();
    let mut aliases: BTreeMap<String, ModelAlias> = BTreeMap::new();
    if let Some(extended) = extended {
        inherit_provider_keys(&mut provider, extended.provider, extends_itself);
        models = extended.models;
        // An inherited model whose id is an alias in this file is removed.
        models.retain(|id, _| !extends_itself || !authored_aliases.iter().any(|alias| alias.id == *id));
        models.retain(|id, _| !provider.omit_models.contains(id));
        for model in models.values_mut() {
            model.index = None;
            if !extends_itself {
                model.origins.set_extended();
            }
        }
        aliases = extended.aliases.into_iter().map(|(id, (alias, _))| (id, alias)).collect();
    }
    let mut seen = HashSet::new();
    for (index, model) in authored.iter().enumerate() {
        if seen.insert(model.id.as_str()) {
            let extended_model = models.remove(&model.id);
            models.insert(model.id.clone(), resolve_model(resolved, &provider, model, index, extended_model, layer));
        }
    }
    // An authored alias replaces an inherited alias. Of two authored aliases with the same id, only the first is used.
    aliases.extend(authored_aliases.into_iter().rev().map(|alias| (alias.id.clone(), alias)));
    let resolved_aliases = resolve_aliases(&aliases, &models);
    ResolvedProvider { file: Some(doc.file), provider, models, aliases: resolved_aliases }
}

fn resolve_model(
    resolved: &Resolved,
    provider: &Provider,
    authored: &Model,
    index: usize,
    extended_model: Option<ResolvedModel>,
    layer: Layer,
) -> ResolvedModel {
    let mut model = authored.clone();
    let mut origins = Origins::default();
    origins.set_missing(|fact| model.states(fact), |_| layer.origin(OriginPart::Model));
    if let Some(defaults) = &provider.defaults {
        apply_defaults(&mut model, defaults);
        origins.set_missing(|fact| model.states(fact), |_| layer.origin(OriginPart::Defaults));
    }
    // An extended model already has the facts of its base model; only an entry that states `base` itself inherits again.
    let mut inherits = model.base.is_some() || extended_model.is_none();
    if let Some(mut extended_model) = extended_model {
        if model.base.is_some() {
            remove_inherited(&mut extended_model);
        }
        let (mut from, from_origins) = (extended_model.model, extended_model.origins);
        drop_unfit_limits(&model, &mut from, |fact| from_origins.origin(fact).is_some_and(|origin| origin.imported));
        // A model that gains a capability inherits from the base model the facts that the extended model lacks because they need this capability.
        let can = |capability| model.facts.capabilities().get(capability) == Some(true);
        inherits |= Fact::ALL.iter().any(|fact| from.facts.is_impossible(*fact) && fact.required_capability().is_some_and(can));
        inherit_entry(&mut model, from);
        origins.set_missing(|fact| model.states(fact), |fact| from_origins.code(fact));
    }
    if inherits {
        inherit(resolved, &mut model, &mut origins);
    }
    drop_unfit_inherited(&mut model.facts, &mut origins);
    remove_impossible(&mut model.facts, &mut origins);
    ResolvedModel { model, origins, index: Some(index) }
}

/// Removes limits inherited from the base model that exceed an imported context window: they belong to a model with another window. Thus a person who
/// corrects a base model need not know all models that inherit from it, and an import does not turn the correction into an error.
fn drop_unfit_inherited(facts: &mut Facts, origins: &mut Origins) {
    if !origins.origin(Limits::WINDOW).is_some_and(|origin| origin.imported && origin.part != OriginPart::Base) {
        return;
    }
    let is_inherited = |limit: &Fact| origins.origin(*limit).is_some_and(|origin| origin.part == OriginPart::Base);
    let unfit: Vec<Fact> = facts.limits().above_window().map(|(limit, ..)| limit).filter(is_inherited).collect();
    for limit in unfit {
        facts.remove(limit);
        origins.clear(limit);
    }
}

/// Removes facts that need a capability which the model lacks. If an entry states reasoning-effort levels itself, the rule `reasoning-efforts`
/// reports it.
fn remove_impossible(facts: &mut Facts, origins: &mut Origins) {
    for fact in facts.remove_impossible() {
        origins.clear(fact);
    }
}

/// Adds the defaults of the file to a model, except facts that it states or omits.
pub(crate) fn apply_defaults(model: &mut Model, defaults: &Defaults) {
    let mut omitted = model.omit.clone();
    // Prices imply metered billing.
    if !model.prices.is_empty() {
        omitted.push(Fact::Billing);
    }
    model.facts.fill_from(&defaults.facts, &omitted);
}

/// Adds the facts of the base model to a model, except facts that it states or omits.
fn inherit(resolved: &Resolved, model: &mut Model, origins: &mut Origins) {
    if let Some(ResolvedBase { base, origins: base_origins }) = model.base.as_deref().and_then(|base| resolved.base(base)) {
        model.facts.fill_from(&base.facts, &model.omit);
        origins.set_missing(|fact| model.states(fact), |fact| base_origins.code(fact));
    }
}

/// Removes the facts inherited from the base model.
fn remove_inherited(model: &mut ResolvedModel) {
    for &fact in Fact::ALL {
        if model.origins.origin(fact).is_some_and(|origin| origin.part == OriginPart::Base) {
            model.origins.clear(fact);
            model.model.facts.remove(fact);
        }
    }
}

/// Removes limits of `from` for which `is_imported` returns `true` and that exceed the context window of `model`: they belong to another window.
pub(crate) fn drop_unfit_limits(model: &Model, from: &mut Model, is_imported: impl Fn(Fact) -> bool) {
    if let Some(window) = model.facts.tokens(Limits::WINDOW) {
        let below = Limits { window: Some(window), ..from.facts.limits() };
        below.above_window().map(|(limit, ..)| limit).filter(|limit| is_imported(*limit)).for_each(|limit| from.facts.remove(limit));
    }
}

/// Adds the keys of the extended provider that `provider` does not state. `same` is true if `provider` extends its own id in a layer below.
pub(crate) fn inherit_provider_keys(provider: &mut Provider, from: Provider, same: bool) {
    provider.name = provider.name.take().or(from.name);
    provider.kind = provider.kind.or(from.kind);
    provider.doc_url = provider.doc_url.take().or(from.doc_url);
    provider.default_model = provider.default_model.take().or(from.default_model);
    fill_list(&mut provider.endpoints, from.endpoints);
    fill_list(&mut provider.auth, from.auth);
    if same {
        union(&mut provider.sources, from.sources, |source| &source.url);
        union(&mut provider.aliases, from.aliases, |alias| &alias.id);
        provider.extends = from.extends;
    } else {
        fill_list(&mut provider.sources, from.sources);
    }
}

/// Adds the facts of the extended model that an entry does not state.
pub(crate) fn inherit_entry(model: &mut Model, mut from: Model) {
    let inherits = |fact: Fact| !model.omit.contains(&fact);
    // Billing and prices are inherited together.
    if !model.prices.is_empty() || model.facts.states(Fact::Billing) {
        from.facts.remove(Fact::Billing);
    } else if inherits(Fact::Prices) {
        model.prices = from.prices;
    }
    if model.endpoints.is_empty() && inherits(Fact::Endpoints) {
        model.endpoints = from.endpoints;
    }
    // A reason belongs to the status in its own entry.
    if !model.facts.states(Fact::Status) {
        model.reason = model.reason.take().or(from.reason);
    }
    model.facts.fill_from(&from.facts, &model.omit);
    model.base = model.base.take().or(from.base);
    // Facts that the entry below omits stay omitted, unless this entry states them.
    model.omit.extend(from.omit);
    fill_list(&mut model.sources, from.sources);
}

/// Resolves each alias to a model. Drops aliases that do not resolve, form a cycle, or have the id of a model.
fn resolve_aliases(
    aliases: &BTreeMap<String, ModelAlias>,
    models: &BTreeMap<String, ResolvedModel>,
) -> BTreeMap<String, (ModelAlias, String)> {
    let target_model = |alias: &ModelAlias| {
        let mut target = alias.target.as_str();
        for _ in 0..=aliases.len() {
            if models.contains_key(target) {
                return Some(target.to_owned());
            }
            target = &aliases.get(target)?.target;
        }
        None
    };
    let usable = aliases.values().filter(|alias| !models.contains_key(&alias.id));
    usable.filter_map(|alias| Some((alias.id.clone(), (alias.clone(), target_model(alias)?)))).collect()
}

/// Adds the entries of `from` whose key is not the key of an entry of `own`.
pub(crate) fn union<T>(own: &mut Vec<T>, from: Vec<T>, key: impl Fn(&T) -> &String) {
    for entry in from {
        if !own.iter().any(|other| key(other) == key(&entry)) {
            own.push(entry);
        }
    }
}

/// Replaces an empty list by `from`.
fn fill_list<T>(own: &mut Vec<T>, from: Vec<T>) {
    if own.is_empty() {
        *own = from;
    }
}

impl Origins {
    /// Returns the code of a fact.
    fn code(&self, fact: Fact) -> u8 {
        self.0[fact.code() as usize]
    }

    /// Returns the origin of a fact. Returns `None` if the fact is unknown.
    pub(crate) fn origin(&self, fact: Fact) -> Option<Origin> {
        Origin::from_code(self.code(fact))
    }

    fn clear(&mut self, fact: Fact) {
        self.0[fact.code() as usize] = 0;
    }

    /// Sets the origin of each stated fact that has none yet.
    fn set_missing(&mut self, states: impl Fn(Fact) -> bool, origin: impl Fn(Fact) -> u8) {
        for &fact in Fact::ALL {
            if self.code(fact) == 0 && states(fact) {
                self.0[fact.code() as usize] = origin(fact);
            }
        }
    }

    /// Marks all facts as extended from another provider, except those of base models.
    fn set_extended(&mut self) {
        for code in &mut self.0 {
            if let Some(origin) = Origin::from_code(*code).filter(|origin| origin.part != OriginPart::Base) {
                *code = Origin { part: OriginPart::Extended, ..origin }.code();
            }
        }
    }
}
