//! Merges the catalog files of several folders, so that the lint rules check a catalog together with its overlays.
//!
//! A value of a lower folder is not checked if an upper folder replaces or omits the value. All other values are checked together with the values of
//! the upper folder. Therefore, if the file of a provider extends its own id, the file is merged with the file below, entry by entry. Each place in a
//! merged file is mapped back to the file that states the value. A single folder is not merged.
//!
//! Rejected design: checking each folder on top of the folders below it. An overlay could then not fix an error in a lower folder.

use crate::authored::{BaseModel, Lab, Model, ModelAlias, Provider, View};
use crate::finding::{Findings, Place, PlaceKind};
use crate::read::TextFile;
use crate::resolve::{Resolved, apply_defaults, drop_unfit_limits, inherit_entry, inherit_provider_keys, union};
use crate::validate::{AuthoredFiles, Doc, Removals};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The merged files of all folders, and the file from which each part comes.
#[derive(Debug, Default)]
pub(crate) struct MergedCatalog {
    pub(crate) files: AuthoredFiles,
    /// The files from which the parts of each merged file come, by the virtual index of the merged file.
    merged: HashMap<usize, MergedFile>,
}

/// The files from which the parts of a merged file come.
#[derive(Debug, Default)]
struct MergedFile {
    /// The indices of the files that were merged, the uppermost first.
    files: Vec<usize>,
    /// Whether all files are generated from the evidence.
    imported: bool,
    models: Vec<EntryOrigins>,
    model_aliases: Vec<EntryOrigins>,
    omit_models: Vec<EntryOrigins>,
}

/// The files that state a list entry, the uppermost first, each with the index of the entry in this file.
type EntryOrigins = Vec<(usize, usize)>;

/// Merges folders, given from the lowest to the uppermost. `unused` is the first unused file index.
pub(crate) fn merge(mut layers: Vec<AuthoredFiles>, unused: usize) -> MergedCatalog {
    if layers.len() == 1 {
        return MergedCatalog { files: layers.remove(0), merged: HashMap::new() };
    }
    let mut catalog = MergedCatalog::default();
    let mut providers: Vec<(Doc<Provider>, MergedFile)> = Vec::new();
    let mut labs: Vec<(Doc<Lab>, MergedFile)> = Vec::new();
    for layer in layers {
        catalog.files.broken.extend(layer.broken);
        catalog.files.removals.extend(layer.removals);
        catalog.files.held.extend(layer.held);
        // Of two usage shapes with the same name, the later one replaces the earlier one.
        catalog.files.usage.extend(layer.usage);
        let single = |doc: &Doc<Provider>| MergedFile { imported: layer.imported.contains(&doc.id), ..single_provider(doc) };
        merge_layer(&mut providers, layer.providers, single, merge_provider);
        merge_layer(&mut labs, layer.labs, single_lab, merge_lab);
        catalog.files.imported.extend(layer.imported);
        let replaced: HashSet<&str> = layer.views.iter().map(|doc: &Doc<View>| doc.id.as_str()).collect();
        catalog.files.views.retain(|doc| !replaced.contains(doc.id.as_str()));
        catalog.files.views.extend(layer.views);
    }
    catalog.files.providers =
        providers.into_iter().map(|(doc, merged)| with_virtual_index(&mut catalog.merged, unused, doc, merged)).collect();
    catalog.files.labs = labs.into_iter().map(|(doc, merged)| with_virtual_index(&mut catalog.merged, unused, doc, merged)).collect();
    catalog
}

/// Assigns a virtual file index to a document that was merged from several files.
fn with_virtual_index<T>(all: &mut HashMap<usize, MergedFile>, unused: usize, mut doc: Doc<T>, merged: MergedFile) -> Doc<T> {
    if merged.files.len() > 1 {
        doc.file = unused + all.len();
        all.insert(doc.file, merged);
    }
    doc
}

/// Merges the files of a folder into the files of the folders below. If a folder has two files with the same id, only the first one is merged.
fn merge_layer<T>(
    all: &mut Vec<(Doc<T>, MergedFile)>,
    layer: Vec<Doc<T>>,
    single: impl Fn(&Doc<T>) -> MergedFile,
    merge: impl Fn(&mut Doc<T>, &mut MergedFile, Doc<T>) -> bool,
) {
    let below: HashMap<String, usize> = all.iter().enumerate().rev().map(|(at, (doc, _))| (doc.id.clone(), at)).collect();
    let mut seen = HashSet::new();
    for doc in layer {
        let is_first = seen.insert(doc.id.clone());
        match below.get(&doc.id).filter(|_| is_first) {
            Some(at) => {
                let (lower, merged) = &mut all[*at];
                let unmerged = single(&doc);
                if !merge(lower, merged, doc) {
                    *merged = unmerged;
                }
            }
            None => {
                let unmerged = single(&doc);
                all.push((doc, unmerged));
            }
        }
    }
}

fn entries(file: usize, count: usize) -> Vec<EntryOrigins> {
    (0..count).map(|index| vec![(file, index)]).collect()
}

fn single_provider(doc: &Doc<Provider>) -> MergedFile {
    MergedFile {
        files: vec![doc.file],
        imported: false,
        models: entries(doc.file, doc.value.models.len()),
        model_aliases: entries(doc.file, doc.value.model_aliases.len()),
        omit_models: entries(doc.file, doc.value.omit_models.len()),
    }
}

fn single_lab(doc: &Doc<Lab>) -> MergedFile {
    MergedFile { files: vec![doc.file], models: entries(doc.file, doc.value.models.len()), ..MergedFile::default() }
}

/// Merges the file of a provider into the file below, by the same rules as `resolve`. Returns `false` if the upper file does not extend its own id
/// and therefore replaces the lower file.
fn merge_provider(lower: &mut Doc<Provider>, merged: &mut MergedFile, upper: Doc<Provider>) -> bool {
    if upper.value.extends.as_deref() != Some(upper.id.as_str()) {
        *lower = upper;
        return false;
    }
    let (mut below, mut above, file) = (std::mem::take(&mut lower.value), upper.value, upper.file);
    expand_defaults(&mut below);
    expand_defaults(&mut above);
    merged.files.insert(0, file);
    omit_models(&mut below, merged, &above.omit_models, file);
    drop_renamed(&mut below, merged, &above);
    let imported = std::mem::take(&mut merged.imported);
    let merge_model = |lower: &mut Model, origins: &mut EntryOrigins, model, origin| {
        let mut from = std::mem::replace(lower, model);
        drop_unfit_limits(lower, &mut from, |_| imported);
        inherit_entry(lower, from);
        origins.insert(0, origin);
    };
    merge_entries(&mut below.models, &mut merged.models, above.models, file, |model| &model.id, merge_model);
    let replace_alias = |lower: &mut ModelAlias, origins: &mut EntryOrigins, alias, origin| (*lower, *origins) = (alias, vec![origin]);
    merge_entries(&mut below.model_aliases, &mut merged.model_aliases, above.model_aliases, file, |alias| &alias.id, replace_alias);
    above.models = std::mem::take(&mut below.models);
    above.model_aliases = std::mem::take(&mut below.model_aliases);
    above.omit_models = std::mem::take(&mut below.omit_models);
    inherit_provider_keys(&mut above, below, true);
    lower.value = above;
    true
}

/// Copies the defaults of a file into its models, because they do not apply to models of other files. Facts that need a capability are skipped,
/// because a model without the capability does not inherit them. Such a fact is copied only if the defaults themselves state that the capability is
/// missing.
fn expand_defaults(provider: &mut Provider) {
    if let Some(mut defaults) = provider.defaults.take() {
        let all = defaults.facts.clone();
        defaults.facts.retain(|fact, _| fact.required_capability().is_none() || all.is_impossible(fact));
        provider.models.iter_mut().for_each(|model| apply_defaults(model, &defaults));
    }
}

/// Removes omitted models. An omitted model that the lower file does not list may be inherited from another provider, so its id is kept in
/// `omit_models`.
fn omit_models(below: &mut Provider, merged: &mut MergedFile, omitted: &[String], file: usize) {
    let mut present: HashSet<String> = below.models.iter().map(|model| model.id.clone()).collect();
    let ids: HashSet<&String> = omitted.iter().collect();
    retain_both(&mut below.models, &mut merged.models, |model| !ids.contains(&model.id));
    for (index, id) in omitted.iter().enumerate() {
        if !present.remove(id) && below.extends.is_some() {
            below.omit_models.push(id.clone());
            merged.omit_models.push(vec![(file, index)]);
        }
    }
}

/// Removes models whose id is an alias in the upper file, and aliases whose id is a model in the upper file.
fn drop_renamed(below: &mut Provider, merged: &mut MergedFile, above: &Provider) {
    let aliases: HashSet<&str> = above.model_aliases.iter().map(|alias| alias.id.as_str()).collect();
    let models: HashSet<&str> = above.models.iter().map(|model| model.id.as_str()).collect();
    retain_both(&mut below.models, &mut merged.models, |model| !aliases.contains(model.id.as_str()));
    retain_both(&mut below.model_aliases, &mut merged.model_aliases, |alias| !models.contains(alias.id.as_str()));
}

/// Retains some entries of a list, together with their origins.
fn retain_both<T>(list: &mut Vec<T>, origins: &mut Vec<EntryOrigins>, keeps: impl Fn(&T) -> bool) {
    let mut keep_flags = list.iter().map(&keeps).collect::<Vec<_>>().into_iter();
    origins.retain(|_| keep_flags.next().unwrap_or(true));
    list.retain(keeps);
}

/// Merges the entries of a list into the entries of the lower file. `merge` combines two entries with the same id, and their origins. If the upper
/// file has two entries with the same id, only the first one is merged.
fn merge_entries<T>(
    below: &mut Vec<T>,
    origins: &mut Vec<EntryOrigins>,
    above: Vec<T>,
    file: usize,
    id: impl Fn(&T) -> &String,
    merge: impl Fn(&mut T, &mut EntryOrigins, T, (usize, usize)),
) {
    let by_id: HashMap<String, usize> = below.iter().enumerate().rev().map(|(at, entry)| (id(entry).clone(), at)).collect();
    let mut seen = HashSet::new();
    for (index, entry) in above.into_iter().enumerate() {
        let is_first = seen.insert(id(&entry).clone());
        match by_id.get(id(&entry)).filter(|_| is_first) {
            Some(at) => merge(&mut below[*at], &mut origins[*at], entry, (file, index)),
            None => {
                below.push(entry);
                origins.push(vec![(file, index)]);
            }
        }
    }
}

fn merge_lab(lower: &mut Doc<Lab>, merged: &mut MergedFile, mut upper: Doc<Lab>) -> bool {
    merged.files.insert(0, upper.file);
    let stated = std::mem::take(&mut upper.value.models);
    let below = std::mem::replace(&mut lower.value, upper.value);
    lower.value.name = lower.value.name.take().or(below.name);
    union(&mut lower.value.sources, below.sources, |source| &source.url);
    lower.value.models = below.models;
    let merge_base = |lower: &mut BaseModel, origins: &mut EntryOrigins, mut base: BaseModel, origin| {
        base.facts.fill_from(&lower.facts, &base.omit);
        *lower = base;
        origins.insert(0, origin);
    };
    merge_entries(&mut lower.value.models, &mut merged.models, stated, upper.file, |base| &base.id, merge_base);
    true
}

impl MergedCatalog {
    /// Changes the places of the resolved providers to their places in the merged files.
    pub(crate) fn set_places(&self, resolved: &mut Resolved) {
        for doc in self.files.providers.iter().filter(|doc| self.merged.contains_key(&doc.file)) {
            let Some(provider) = resolved.providers.get_mut(&doc.id) else { continue };
            provider.file = Some(doc.file);
            for (index, model) in doc.value.models.iter().enumerate().rev() {
                if let Some(found) = provider.models.get_mut(&model.id) {
                    found.index = Some(index);
                }
            }
        }
    }

    /// Maps places in merged files to the files that state the values.
    pub(crate) fn locate_findings(&self, findings: &mut Findings, files: &[TextFile]) {
        if self.merged.is_empty() {
            return;
        }
        let files: HashMap<usize, &TextFile> = files.iter().map(|file| (file.index, file)).collect();
        // Only files with findings are parsed again.
        let values: RefCell<HashMap<usize, Option<Value>>> = RefCell::default();
        let states = |file: usize, pointer: &str| {
            let original =
                self.files.removals.get(&file).map_or_else(|| pointer.to_owned(), |removals: &Removals| removals.original(pointer));
            let parse = || files.get(&file).and_then(|file| file.parse(&mut Findings::default()));
            values.borrow_mut().entry(file).or_insert_with(parse).as_ref().is_some_and(|value| value.pointer(&original).is_some())
        };
        let rewrite = |place: &mut Place| {
            let Some(merged) = self.merged.get(&place.file) else { return };
            match &mut place.kind {
                PlaceKind::Value(pointer) | PlaceKind::Key(pointer) => (place.file, *pointer) = merged.original(pointer, states),
                PlaceKind::File | PlaceKind::Bytes(..) => place.file = merged.top(),
            }
        };
        for finding in findings.iter_mut() {
            rewrite(&mut finding.place);
            finding.labels.iter_mut().for_each(|(place, _)| rewrite(place));
        }
    }
}

impl MergedFile {
    fn top(&self) -> usize {
        self.files.first().copied().unwrap_or_default()
    }

    /// Returns the file that states the value at `pointer`, and the pointer to the value in this file. If no file states the value, returns the
    /// uppermost file.
    fn original(&self, pointer: &str, states: impl Fn(usize, &str) -> bool) -> (usize, String) {
        let (list, rest) = first_segment(pointer);
        let entries: &[EntryOrigins] = match list {
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
        // The upper files extend their own id, so `extends` of the merged file comes from the lowest file.
        let file = match list {
            "extends" => self.files.last().copied(),
            _ => self.files.iter().copied().find(|file| states(*file, &format!("/{list}"))),
        };
        (file.unwrap_or(self.top()), pointer.to_owned())
    }
}

/// Splits a pointer into its first segment and the rest.
fn first_segment(pointer: &str) -> (&str, &str) {
    let inside = pointer.strip_prefix('/').unwrap_or_default();
    let end = inside.find('/').unwrap_or(inside.len());
    (&inside[..end], &inside[end..])
}
