//! Several folders as one: what the rules judge when a catalog has overlays.
//!
//! A value of a lower folder that an upper one replaces or leaves out is not judged, and one that stays is judged together with what the
//! upper one states. So the files of a provider that a folder extends under its own id become one here, entry by entry, and each place in
//! it leads back to the file that states it. Where there is only one folder, nothing of this happens.
//!
//! Rejected: judging each folder over those below it; an overlay could then not mend what it lies over.

use crate::authored::{BaseModel, Lab, Model, ModelAlias, Provider, View};
use crate::finding::{At, Findings, Place};
use crate::read::File;
use crate::resolve::{Resolved, apply_defaults, fill_header, give_way, take_over, union};
use crate::shape::{Doc, Removals, Shaped};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// All folders as one, and where each part of it is written.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    pub(crate) shaped: Shaped,
    /// By the number that stands for the files of one provider or lab.
    joined: HashMap<usize, Joined>,
}

/// The files that are one.
#[derive(Debug, Default)]
struct Joined {
    /// The uppermost first.
    files: Vec<usize>,
    /// Whether all of them are computed from the evidence.
    imported: bool,
    models: Vec<Entry>,
    model_aliases: Vec<Entry>,
    omit_models: Vec<Entry>,
}

/// The files that state an entry of a list and its place in each, the uppermost first.
type Entry = Vec<(usize, usize)>;

/// Joins folders, the lowest first. `unused` is the first number that no file has.
pub(crate) fn join(mut layers: Vec<Shaped>, unused: usize) -> Whole {
    if layers.len() == 1 {
        return Whole { shaped: layers.remove(0), joined: HashMap::new() };
    }
    let mut whole = Whole::default();
    let mut providers: Vec<(Doc<Provider>, Joined)> = Vec::new();
    let mut labs: Vec<(Doc<Lab>, Joined)> = Vec::new();
    for layer in layers {
        whole.shaped.broken.extend(layer.broken);
        whole.shaped.removals.extend(layer.removals);
        whole.shaped.held.extend(layer.held);
        // Of two shapes with one name, the later is the one that is collected.
        whole.shaped.usage.extend(layer.usage);
        let single = |doc: &Doc<Provider>| Joined { imported: layer.imported.contains(&doc.id), ..single_provider(doc) };
        add(&mut providers, layer.providers, single, lay_provider);
        add(&mut labs, layer.labs, single_lab, lay_lab);
        whole.shaped.imported.extend(layer.imported);
        let replaced: HashSet<&str> = layer.views.iter().map(|doc: &Doc<View>| doc.id.as_str()).collect();
        whole.shaped.views.retain(|doc| !replaced.contains(doc.id.as_str()));
        whole.shaped.views.extend(layer.views);
    }
    whole.shaped.providers = providers.into_iter().map(|(doc, joined)| whole_doc(&mut whole.joined, unused, doc, joined)).collect();
    whole.shaped.labs = labs.into_iter().map(|(doc, joined)| whole_doc(&mut whole.joined, unused, doc, joined)).collect();
    whole
}

/// Gives a file that is several a number of its own.
fn whole_doc<T>(all: &mut HashMap<usize, Joined>, unused: usize, mut doc: Doc<T>, joined: Joined) -> Doc<T> {
    if joined.files.len() > 1 {
        doc.file = unused + all.len();
        all.insert(doc.file, joined);
    }
    doc
}

/// Adds the files of a folder. Of two files for one id in it the first counts, and the other stays as it is.
fn add<T>(
    all: &mut Vec<(Doc<T>, Joined)>,
    layer: Vec<Doc<T>>,
    single: impl Fn(&Doc<T>) -> Joined,
    lay: impl Fn(&mut Doc<T>, &mut Joined, Doc<T>) -> bool,
) {
    let below: HashMap<String, usize> = all.iter().enumerate().rev().map(|(at, (doc, _))| (doc.id.clone(), at)).collect();
    let mut seen = HashSet::new();
    for doc in layer {
        let is_first = seen.insert(doc.id.clone());
        match below.get(&doc.id).filter(|_| is_first) {
            Some(at) => {
                let (lower, joined) = &mut all[*at];
                let alone = single(&doc);
                if !lay(lower, joined, doc) {
                    *joined = alone;
                }
            }
            None => {
                let joined = single(&doc);
                all.push((doc, joined));
            }
        }
    }
}

fn entries(file: usize, count: usize) -> Vec<Entry> {
    (0..count).map(|index| vec![(file, index)]).collect()
}

fn single_provider(doc: &Doc<Provider>) -> Joined {
    Joined {
        files: vec![doc.file],
        imported: false,
        models: entries(doc.file, doc.value.models.len()),
        model_aliases: entries(doc.file, doc.value.model_aliases.len()),
        omit_models: entries(doc.file, doc.value.omit_models.len()),
    }
}

fn single_lab(doc: &Doc<Lab>) -> Joined {
    Joined { files: vec![doc.file], models: entries(doc.file, doc.value.models.len()), ..Joined::default() }
}

/// Lays the file of a provider over the one below, as resolution does. One that does not extend its own id replaces it: `false`.
fn lay_provider(lower: &mut Doc<Provider>, joined: &mut Joined, upper: Doc<Provider>) -> bool {
    if upper.value.extends.as_deref() != Some(upper.id.as_str()) {
        *lower = upper;
        return false;
    }
    let (mut below, mut above, file) = (std::mem::take(&mut lower.value), upper.value, upper.file);
    state_defaults(&mut below);
    state_defaults(&mut above);
    joined.files.insert(0, file);
    leave_out(&mut below, joined, &above.omit_models, file);
    drop_renamed(&mut below, joined, &above);
    let imported = std::mem::take(&mut joined.imported);
    let lay_model = |lower: &mut Model, places: &mut Entry, model, place| {
        let mut from = std::mem::replace(lower, model);
        give_way(lower, &mut from, |_| imported);
        take_over(lower, from);
        places.insert(0, place);
    };
    lay_entries(&mut below.models, &mut joined.models, above.models, file, |model| &model.id, lay_model);
    let lay_alias = |lower: &mut ModelAlias, places: &mut Entry, alias, place| (*lower, *places) = (alias, vec![place]);
    lay_entries(&mut below.model_aliases, &mut joined.model_aliases, above.model_aliases, file, |alias| &alias.id, lay_alias);
    above.models = std::mem::take(&mut below.models);
    above.model_aliases = std::mem::take(&mut below.model_aliases);
    above.omit_models = std::mem::take(&mut below.omit_models);
    fill_header(&mut above, below, true);
    lower.value = above;
    true
}

/// Writes the defaults of a file into its models: they are those of no other file. What needs a capability stays out, unless the defaults
/// themselves deny it: a model that lacks the capability does not take it from them, and states nothing that a rule could judge.
fn state_defaults(provider: &mut Provider) {
    if let Some(mut defaults) = provider.defaults.take() {
        let all = defaults.facts.clone();
        defaults.facts.retain(|fact, _| fact.required_capability().is_none() || all.cannot_have(fact));
        provider.models.iter_mut().for_each(|model| apply_defaults(model, &defaults));
    }
}

/// Leaves models out. What the lower file does not list itself, it may have taken over from another provider.
fn leave_out(below: &mut Provider, joined: &mut Joined, omitted: &[String], file: usize) {
    for (index, id) in omitted.iter().enumerate() {
        let before = below.models.len();
        retain_both(&mut below.models, &mut joined.models, |model| model.id != *id);
        if below.models.len() == before && below.extends.is_some() {
            below.omit_models.push(id.clone());
            joined.omit_models.push(vec![(file, index)]);
        }
    }
}

/// Drops the models that are aliases in the upper file, and the aliases that are models there.
fn drop_renamed(below: &mut Provider, joined: &mut Joined, above: &Provider) {
    let aliases: HashSet<&str> = above.model_aliases.iter().map(|alias| alias.id.as_str()).collect();
    let models: HashSet<&str> = above.models.iter().map(|model| model.id.as_str()).collect();
    retain_both(&mut below.models, &mut joined.models, |model| !aliases.contains(model.id.as_str()));
    retain_both(&mut below.model_aliases, &mut joined.model_aliases, |alias| !models.contains(alias.id.as_str()));
}

/// Keeps some entries of a list, and their places.
fn retain_both<T>(list: &mut Vec<T>, places: &mut Vec<Entry>, keeps: impl Fn(&T) -> bool) {
    let mut kept = list.iter().map(&keeps).collect::<Vec<_>>().into_iter();
    places.retain(|_| kept.next().unwrap_or(true));
    list.retain(keeps);
}

/// Lays the entries of a list over those of the lower file: `lay` joins two of one id, and their places. Of two entries for one id in the upper
/// file the first counts, and the other stays as it is.
fn lay_entries<T>(
    below: &mut Vec<T>,
    places: &mut Vec<Entry>,
    above: Vec<T>,
    file: usize,
    id: impl Fn(&T) -> &String,
    lay: impl Fn(&mut T, &mut Entry, T, (usize, usize)),
) {
    let by_id: HashMap<String, usize> = below.iter().enumerate().rev().map(|(at, entry)| (id(entry).clone(), at)).collect();
    let mut seen = HashSet::new();
    for (index, entry) in above.into_iter().enumerate() {
        let is_first = seen.insert(id(&entry).clone());
        match by_id.get(id(&entry)).filter(|_| is_first) {
            Some(at) => lay(&mut below[*at], &mut places[*at], entry, (file, index)),
            None => {
                below.push(entry);
                places.push(vec![(file, index)]);
            }
        }
    }
}

fn lay_lab(lower: &mut Doc<Lab>, joined: &mut Joined, mut upper: Doc<Lab>) -> bool {
    joined.files.insert(0, upper.file);
    let stated = std::mem::take(&mut upper.value.models);
    let below = std::mem::replace(&mut lower.value, upper.value);
    lower.value.name = lower.value.name.take().or(below.name);
    union(&mut lower.value.sources, below.sources, |source| &source.url);
    lower.value.models = below.models;
    let lay_base = |lower: &mut BaseModel, places: &mut Entry, mut base: BaseModel, place| {
        base.facts.fill_from(&lower.facts, &base.omit);
        *lower = base;
        places.insert(0, place);
    };
    lay_entries(&mut lower.value.models, &mut joined.models, stated, upper.file, |base| &base.id, lay_base);
    true
}

impl Whole {
    /// Lets what was resolved folder by folder name the places of the whole.
    pub(crate) fn place_in(&self, resolved: &mut Resolved) {
        for doc in self.shaped.providers.iter().filter(|doc| self.joined.contains_key(&doc.file)) {
            let Some(provider) = resolved.providers.get_mut(&doc.id) else { continue };
            provider.file = Some(doc.file);
            for (index, model) in doc.value.models.iter().enumerate().rev() {
                if let Some(found) = provider.models.get_mut(&model.id) {
                    found.index = Some(index);
                }
            }
        }
    }

    /// Rewrites places in the whole to places in the file that states what is there.
    pub(crate) fn place_findings(&self, findings: &mut Findings, files: &[File]) {
        if self.joined.is_empty() {
            return;
        }
        let files: HashMap<usize, &File> = files.iter().map(|file| (file.at, file)).collect();
        // Few files have findings, and each is parsed once more.
        let values: RefCell<HashMap<usize, Option<Value>>> = RefCell::default();
        let states = |file: usize, pointer: &str| {
            let original =
                self.shaped.removals.get(&file).map_or_else(|| pointer.to_owned(), |removals: &Removals| removals.original(pointer));
            let parse = || files.get(&file).and_then(|file| file.parse(&mut Findings::default()));
            values.borrow_mut().entry(file).or_insert_with(parse).as_ref().is_some_and(|value| value.pointer(&original).is_some())
        };
        let rewrite = |place: &mut Place| {
            let Some(joined) = self.joined.get(&place.file) else { return };
            match &mut place.at {
                At::Value(pointer) | At::Key(pointer) => (place.file, *pointer) = joined.original(pointer, states),
                At::File | At::Bytes(..) => place.file = joined.top(),
            }
        };
        for finding in findings.iter_mut() {
            rewrite(&mut finding.place);
            finding.labels.iter_mut().for_each(|(place, _)| rewrite(place));
        }
    }
}

impl Joined {
    fn top(&self) -> usize {
        self.files.first().copied().unwrap_or_default()
    }

    /// The file that states what is at `pointer`, and the pointer in it; the uppermost file where none does.
    fn original(&self, pointer: &str, states: impl Fn(usize, &str) -> bool) -> (usize, String) {
        let (list, rest) = first_segment(pointer);
        let entries: &[Entry] = match list {
            "models" => &self.models,
            "model_aliases" => &self.model_aliases,
            "omit_models" => &self.omit_models,
            _ => &[],
        };
        let (index, rest) = first_segment(rest);
        if let Some(entry) = index.parse::<usize>().ok().and_then(|index| entries.get(index)) {
            let (key, _) = first_segment(rest);
            let states_key = |(file, at): &&(usize, usize)| key.is_empty() || states(*file, &format!("/{list}/{at}/{key}"));
            if let Some((file, at)) = entry.iter().find(states_key).or(entry.first()) {
                return (*file, format!("/{list}/{at}{rest}"));
            }
        }
        // The upper files extend their own id; what the whole extends is said in the lowest.
        let file = match list {
            "extends" => self.files.last().copied(),
            _ => self.files.iter().copied().find(|file| states(*file, &format!("/{list}"))),
        };
        (file.unwrap_or(self.top()), pointer.to_owned())
    }
}

/// The first segment of a pointer, and the pointer below it.
fn first_segment(pointer: &str) -> (&str, &str) {
    let inside = pointer.strip_prefix('/').unwrap_or_default();
    let end = inside.find('/').unwrap_or(inside.len());
    (&inside[..end], &inside[end..])
}
