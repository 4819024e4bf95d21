//! From authored files to whole models: `extends`, `base`, `defaults`, `omit` and aliases are followed here and nowhere else.
//!
//! What a fact's value is decided by, the nearest first: the model's own entry, the provider's `defaults`, the model it extends, the base
//! model. Each fact remembers which of them it came from. References that lead nowhere are left out here; the rules report them.

use crate::authored::{BaseModel, Defaults, Facts, Lab, Model, ModelAlias, Provider};
use crate::shape::{Doc, Shaped};
use modeldex_support::parallel::in_parallel;
use modeldex_table::{Fact, Limits, Origin, OriginPart};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The imported or the hand-written half of a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    folder: u8,
    imported: bool,
}

impl Layer {
    /// The imported half of the same folder.
    pub(crate) fn imported(self) -> Self {
        Self { imported: true, ..self }
    }

    fn origin(self, part: OriginPart) -> u8 {
        Origin { layer: self.folder, imported: self.imported, part }.code()
    }
}

/// A whole catalog, every fact filled in where it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    /// The folders that went in, the lowest first.
    pub(crate) layers: Vec<String>,
    pub(crate) labs: BTreeMap<String, ResolvedLab>,
    pub(crate) providers: BTreeMap<String, ResolvedProvider>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedLab {
    /// Its name and sources; its models are below.
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
    /// The file in `Sources`, where it came from one.
    pub(crate) file: Option<usize>,
    /// Everything but its models and their aliases, which are below.
    pub(crate) provider: Provider,
    pub(crate) models: BTreeMap<String, ResolvedModel>,
    /// Aliases by id, each with the id of the model it leads to in the end.
    pub(crate) aliases: BTreeMap<String, (ModelAlias, String)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ResolvedModel {
    pub(crate) model: Model,
    /// An `Origin` byte for each fact, in the order of `Fact`.
    pub(crate) origins: Origins,
    /// The place in its file's list of models, where it has an entry in the file of its provider.
    pub(crate) index: Option<usize>,
}

/// Where each fact of a model came from; 0 where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Origins(pub(crate) [u8; Fact::ALL.len()]);

impl Resolved {
    /// Adds a folder by its name.
    pub(crate) fn add_layer(&mut self, name: &str) -> Layer {
        self.layers.push(name.to_owned());
        Layer { folder: u8::try_from(self.layers.len() - 1).unwrap_or(u8::MAX), imported: false }
    }

    /// The base model that `reference` names.
    pub(crate) fn base(&self, reference: &str) -> Option<&ResolvedBase> {
        let (lab, id) = reference.split_once('/')?;
        self.labs.get(lab)?.models.get(id)
    }

    /// The model that `reference` names, by its own id or an alias.
    pub(crate) fn model(&self, reference: &str) -> Option<(&ResolvedProvider, &ResolvedModel)> {
        let (provider, id) = reference.split_once('/')?;
        let provider = self.provider(provider)?;
        Some((provider, provider.model(id)?))
    }

    /// The provider with this id or alias.
    pub(crate) fn provider(&self, id: &str) -> Option<&ResolvedProvider> {
        self.provider_entry(id).map(|(_, provider)| provider)
    }

    /// The reference `provider/model`, without aliases, of the model that a file of the provider `owner` names as `text`: an id or alias of
    /// the provider itself, or a whole reference.
    pub(crate) fn reference(&self, owner: &str, text: &str) -> Option<String> {
        let own = self.provider(owner).and_then(|provider| Some((owner, provider.model(text)?)));
        let (owner, found) = own.or_else(|| {
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
    /// The model with this id or alias.
    pub(crate) fn model(&self, id: &str) -> Option<&ResolvedModel> {
        self.models.get(id).or_else(|| self.models.get(&self.aliases.get(id)?.1))
    }
}

/// Resolves the labs of one part of a catalog folder on top of those below it. Those of all parts come before its providers, which inherit from
/// them.
pub(crate) fn resolve_labs(shaped: &Shaped, layer: Layer, resolved: &mut Resolved) {
    for doc in &shaped.labs {
        add_lab(resolved, doc, layer);
    }
    inherit_again(resolved, &shaped.labs);
}

/// Resolves the providers of one part of a catalog folder on top of those below it.
pub(crate) fn resolve_providers(shaped: &Shaped, layer: Layer, resolved: &mut Resolved) {
    // Of two files for one id the first counts.
    let docs: HashMap<&str, &Doc<Provider>> = shaped.providers.iter().rev().map(|doc| (doc.id.as_str(), doc)).collect();
    // One that extends no other needs nothing but the labs.
    let alone: Vec<&Doc<Provider>> = docs.values().copied().filter(|doc| doc.value.extends.is_none()).collect();
    let providers = in_parallel(&alone, |_, doc| resolve_provider(resolved, doc, None, layer));
    resolved.providers.extend(alone.iter().map(|doc| doc.id.clone()).zip(providers));
    let mut done: HashSet<&str> = alone.iter().map(|doc| doc.id.as_str()).collect();
    for doc in &shaped.providers {
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
        origins.note(|fact| base.states(fact), |_| layer.origin(OriginPart::Base));
        if let Some(below) = lab.models.get(&base.id) {
            base.facts.fill_from(&below.base.facts, &base.omit);
            origins.note(|fact| base.states(fact), |fact| below.origins.of(fact));
        }
        drop_impossible(&mut base.facts, &mut origins);
        lab.models.insert(base.id.clone(), ResolvedBase { base, origins });
    }
}

/// Lets the models from below inherit once more from the labs that this folder changes.
fn inherit_again(resolved: &mut Resolved, labs: &[Doc<Lab>]) {
    let changed: HashSet<&str> = labs.iter().map(|doc| doc.id.as_str()).collect();
    let mut providers = std::mem::take(&mut resolved.providers);
    for model in providers.values_mut().flat_map(|provider| provider.models.values_mut()) {
        let lab = model.model.base.as_deref().and_then(|base| base.split_once('/')).map(|(lab, _)| lab);
        if lab.is_some_and(|lab| changed.contains(lab)) {
            forget_inherited(model);
            inherit(resolved, &mut model.model, &mut model.origins);
            drop_impossible(&mut model.model.facts, &mut model.origins);
        }
    }
    resolved.providers = providers;
}

/// Adds a provider, the one it extends first. `path` holds those that are being added, so that a loop ends.
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
            // The provider from below, which this one replaces.
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
    let own_aliases = std::mem::take(&mut provider.model_aliases);
    let same = provider.extends.as_deref() == Some(doc.id.as_str());
    let mut models = BTreeMap::new();
    let mut aliases: BTreeMap<String, ModelAlias> = BTreeMap::new();
    if let Some(extended) = extended {
        fill_header(&mut provider, extended.provider, same);
        models = extended.models;
        // What is an alias here is not a model.
        models.retain(|id, _| !same || !own_aliases.iter().any(|alias| alias.id == *id));
        models.retain(|id, _| !provider.omit_models.contains(id));
        for model in models.values_mut() {
            model.index = None;
            if !same {
                model.origins.extended();
            }
        }
        aliases = extended.aliases.into_iter().map(|(id, (alias, _))| (id, alias)).collect();
    }
    let mut seen = HashSet::new();
    for (index, model) in authored.iter().enumerate() {
        if seen.insert(model.id.as_str()) {
            let taken_over = models.remove(&model.id);
            models.insert(model.id.clone(), resolve_model(resolved, &provider, model, index, taken_over, layer));
        }
    }
    // An alias of one's own replaces one that was taken over; of two of one's own, the first counts.
    aliases.extend(own_aliases.into_iter().rev().map(|alias| (alias.id.clone(), alias)));
    let followed = follow(&aliases, &models);
    ResolvedProvider { file: Some(doc.file), provider, models, aliases: followed }
}

fn resolve_model(
    resolved: &Resolved,
    provider: &Provider,
    authored: &Model,
    index: usize,
    taken_over: Option<ResolvedModel>,
    layer: Layer,
) -> ResolvedModel {
    let mut model = authored.clone();
    let mut origins = Origins::default();
    origins.note(|fact| model.states(fact), |_| layer.origin(OriginPart::Model));
    if let Some(defaults) = &provider.defaults {
        apply_defaults(&mut model, defaults);
        origins.note(|fact| model.states(fact), |_| layer.origin(OriginPart::Defaults));
    }
    // What was taken over has inherited already; only an entry that names a base of its own asks again.
    let mut inherits = model.base.is_some() || taken_over.is_none();
    if let Some(mut taken_over) = taken_over {
        if model.base.is_some() {
            forget_inherited(&mut taken_over);
        }
        let (mut from, from_origins) = (taken_over.model, taken_over.origins);
        give_way(&model, &mut from, |fact| from_origins.origin(fact).is_some_and(|origin| origin.imported));
        // One that has a capability now which the other lacks takes what was kept from that one.
        let can = |capability| model.facts.capabilities().get(capability) == Some(true);
        inherits |= Fact::ALL.iter().any(|fact| from.facts.cannot_have(*fact) && fact.required_capability().is_some_and(can));
        take_over(&mut model, from);
        origins.note(|fact| model.states(fact), |fact| from_origins.of(fact));
    }
    if inherits {
        inherit(resolved, &mut model, &mut origins);
    }
    drop_unfit(&mut model.facts, &mut origins);
    drop_impossible(&mut model.facts, &mut origins);
    ResolvedModel { model, origins, index: Some(index) }
}

/// The limits that a model inherits and that do not fit into its imported context window are those of another window. A person who corrects a base
/// model need not know every model that inherits from it, and no import makes such a correction an error.
fn drop_unfit(facts: &mut Facts, origins: &mut Origins) {
    if !origins.origin(Limits::WINDOW).is_some_and(|origin| origin.imported && origin.part != OriginPart::Base) {
        return;
    }
    let is_inherited = |limit: &Fact| origins.origin(*limit).is_some_and(|origin| origin.part == OriginPart::Base);
    let unfit: Vec<Fact> = facts.limits().above_window().map(|(limit, ..)| limit).filter(is_inherited).collect();
    for limit in unfit {
        facts.forget(limit);
        origins.forget(limit);
    }
}

/// A model has no fact that needs a capability which it lacks, wherever that is stated; the rule `reasoning-efforts` reports entries that state
/// levels of effort all the same.
fn drop_impossible(facts: &mut Facts, origins: &mut Origins) {
    for fact in facts.forget_impossible() {
        origins.forget(fact);
    }
}

/// Fills what a model does not state from the defaults of its file, but for what it omits.
pub(crate) fn apply_defaults(model: &mut Model, defaults: &Defaults) {
    let mut omitted = model.omit.clone();
    // Prices of its own state how it is paid for.
    if !model.prices.is_empty() {
        omitted.push(Fact::Billing);
    }
    model.facts.fill_from(&defaults.facts, &omitted);
}

/// Fills what a model does not say from its base model, but for what it omits.
fn inherit(resolved: &Resolved, model: &mut Model, origins: &mut Origins) {
    if let Some(ResolvedBase { base, origins: base_origins }) = model.base.as_deref().and_then(|base| resolved.base(base)) {
        model.facts.fill_from(&base.facts, &model.omit);
        origins.note(|fact| model.states(fact), |fact| base_origins.of(fact));
    }
}

/// Takes the facts of a base model out again.
fn forget_inherited(model: &mut ResolvedModel) {
    for &fact in Fact::ALL {
        if model.origins.origin(fact).is_some_and(|origin| origin.part == OriginPart::Base) {
            model.origins.forget(fact);
            model.model.facts.forget(fact);
        }
    }
}

/// Forgets the imported limits of a model that do not fit into the context window that its entry states: they are those of another window.
pub(crate) fn give_way(model: &Model, from: &mut Model, is_imported: impl Fn(Fact) -> bool) {
    if let Some(window) = model.facts.tokens(Limits::WINDOW) {
        let below = Limits { window: Some(window), ..from.facts.limits() };
        below.above_window().map(|(limit, ..)| limit).filter(|limit| is_imported(*limit)).for_each(|limit| from.facts.forget(limit));
    }
}

/// Fills what a file does not state of its provider from the provider that it extends, which may be the `same` one in a file below.
pub(crate) fn fill_header(provider: &mut Provider, from: Provider, same: bool) {
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

/// Fills what an entry does not say from the model that it changes.
pub(crate) fn take_over(model: &mut Model, mut from: Model) {
    let keeps = |fact: Fact| !model.omit.contains(&fact);
    // How it is paid for and at which rates is one statement.
    if !model.prices.is_empty() || model.facts.states(Fact::Billing) {
        from.facts.forget(Fact::Billing);
    } else if keeps(Fact::Prices) {
        model.prices = from.prices;
    }
    if model.endpoints.is_empty() && keeps(Fact::Endpoints) {
        model.endpoints = from.endpoints;
    }
    // A reason is one for the status that it stands beside.
    if !model.facts.states(Fact::Status) {
        model.reason = model.reason.take().or(from.reason);
    }
    model.facts.fill_from(&from.facts, &model.omit);
    model.base = model.base.take().or(from.base);
    // What the entry below left out stays out, unless it is stated now.
    model.omit.extend(from.omit);
    fill_list(&mut model.sources, from.sources);
}

/// Each alias with the model it leads to; those that lead nowhere, in a circle or away from a model's own id are left out.
fn follow(aliases: &BTreeMap<String, ModelAlias>, models: &BTreeMap<String, ResolvedModel>) -> BTreeMap<String, (ModelAlias, String)> {
    let end = |alias: &ModelAlias| {
        let mut target = alias.target.as_str();
        for _ in 0..=aliases.len() {
            if models.contains_key(target) {
                return Some(target.to_owned());
            }
            target = &aliases.get(target)?.target;
        }
        None
    };
    let lead = aliases.values().filter(|alias| !models.contains_key(&alias.id));
    lead.filter_map(|alias| Some((alias.id.clone(), (alias.clone(), end(alias)?)))).collect()
}

/// Adds the entries of `from` that no entry has yet, by what tells entries apart.
pub(crate) fn union<T>(own: &mut Vec<T>, from: Vec<T>, key: impl Fn(&T) -> &String) {
    for entry in from {
        if !own.iter().any(|other| key(other) == key(&entry)) {
            own.push(entry);
        }
    }
}

fn fill_list<T>(own: &mut Vec<T>, from: Vec<T>) {
    if own.is_empty() {
        *own = from;
    }
}

impl Origins {
    /// The byte of one fact.
    fn of(&self, fact: Fact) -> u8 {
        self.0[fact.code() as usize]
    }

    /// The origin of one fact, where it is known.
    pub(crate) fn origin(&self, fact: Fact) -> Option<Origin> {
        Origin::from_code(self.of(fact))
    }

    fn forget(&mut self, fact: Fact) {
        self.0[fact.code() as usize] = 0;
    }

    /// Notes the origin of every fact that is stated now and was not before.
    fn note(&mut self, states: impl Fn(Fact) -> bool, origin: impl Fn(Fact) -> u8) {
        for &fact in Fact::ALL {
            if self.of(fact) == 0 && states(fact) {
                self.0[fact.code() as usize] = origin(fact);
            }
        }
    }

    /// All facts came over from another provider.
    fn extended(&mut self) {
        for code in &mut self.0 {
            if let Some(origin) = Origin::from_code(*code).filter(|origin| origin.part != OriginPart::Base) {
                *code = Origin { part: OriginPart::Extended, ..origin }.code();
            }
        }
    }
}
