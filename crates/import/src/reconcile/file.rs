//! One file of the catalog: how it is read, and how what was decided is merged into what a person made of it.

use super::{Disagreement, Plan, ReconcileError, Refusal};
use crate::evidence::ProviderEvidence;
use crate::merge::{self, Merged};
use modeldex_compile::FileKind;
use modeldex_compile::authored::{Lab, Provider};
use modeldex_compile::write::{self, Change, Entry};
use modeldex_table::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file of the catalog as it is.
pub(super) struct File<T> {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) value: T,
}

/// What stands in a file, as far as the importer has to do with it.
pub(super) struct Present {
    text: String,
    header: Map<String, Json>,
    models: Models,
}

/// Models by id, each as the mapping that is written.
pub(super) type Models = BTreeMap<String, Map<String, Json>>;

impl From<File<Provider>> for Present {
    fn from(file: File<Provider>) -> Self {
        let models = file.value.models.iter().map(|model| (model.id.clone(), object(model))).collect();
        Self { header: object(&file.value), text: file.text, models }
    }
}

impl From<File<Lab>> for Present {
    fn from(file: File<Lab>) -> Self {
        let models = file.value.models.iter().map(|model| (model.id.clone(), object(model))).collect();
        Self { header: object(&file.value), text: file.text, models }
    }
}

/// One file that is merged.
pub(super) struct Merging<'m> {
    pub(super) kind: FileKind,
    pub(super) id: &'m str,
    pub(super) path: PathBuf,
    /// Whether its models are taken as the importer's own.
    pub(super) adopt: bool,
    /// Whether an import that was cut off is being repeated.
    pub(super) repeated: bool,
}

/// What will have been written where, and what was before.
#[derive(Default)]
struct Noted(Vec<Note>);

struct Note {
    entry: Entry,
    before: Option<Map<String, Json>>,
    now: Option<Map<String, Json>>,
}

impl Noted {
    fn note(&mut self, entry: Entry, before: Option<Map<String, Json>>, now: Map<String, Json>) {
        self.0.push(Note { entry, before, now: Some(now) });
    }

    /// Takes back what could not be written.
    fn undo(&mut self, change: &Change) {
        let (entry, key) = match change {
            Change::Set { entry, key, .. } | Change::Remove { entry, key } => (entry.clone(), Some(key)),
            Change::Add { value } => (Entry::Model(value.get("id").and_then(Json::as_str).unwrap_or_default().to_owned()), None),
            Change::Delete { .. } => return,
        };
        let Some(Note { before, now, .. }) = self.0.iter_mut().find(|note| note.entry == entry) else { return };
        match (key, now.as_mut()) {
            (Some(key), Some(map)) => match before.as_ref().and_then(|before| before.get(key)) {
                Some(value) => {
                    map.insert(key.clone(), value.clone());
                }
                None => {
                    map.remove(key);
                }
            },
            _ => now.clone_from(before),
        }
    }

    fn into_evidence(self, evidence: &mut ProviderEvidence) {
        for Note { entry, now, .. } in self.0 {
            match entry {
                Entry::File => evidence.own.written = now,
                Entry::Model(id) => evidence.models.entry(id).or_default().written = now,
            }
        }
    }
}

impl Merging<'_> {
    /// Merges the file's header and models, and notes what will have been written.
    pub(super) fn merge(
        &self,
        file: Option<Present>,
        header: &Map<String, Json>,
        models: &Models,
        evidence: &mut ProviderEvidence,
        plan: &mut Plan,
    ) {
        let Some(Present { text, header: mut mine_header, models: mine_models }) = file else {
            let mut whole = header.clone();
            whole.insert("models".to_owned(), models.values().cloned().map(Json::Object).collect());
            plan.files.push((self.path.clone(), write::render(&Json::Object(whole), self.kind)));
            evidence.own.written = Some(header.clone());
            for (id, model) in models {
                evidence.models.entry(id.clone()).or_default().written = Some(model.clone());
            }
            return;
        };
        mine_header.remove("models");
        let mut header = header.clone();
        if mine_header.contains_key("extends") {
            // What is not written in the file comes from the other provider.
            header.retain(|key, _| mine_header.contains_key(key) || matches!(key.as_str(), "model_aliases" | "sources"));
        }
        if self.is_unnamed(&header) {
            // An id in place of a name is no statement against the name that a person gave.
            header.remove("name");
        }
        // What the importer wrote and would not write any more, such as an id that is now another spelling of a model, goes where nobody
        // has touched it. Base models stay: a person's file may name them.
        let own = |id: &String| {
            let written = evidence.models.get(id).and_then(|line| line.written.as_ref());
            self.kind == FileKind::Provider && mine_models.get(id).is_some_and(|mine| written == Some(mine))
        };
        let gone: BTreeSet<String> = evidence.models.keys().filter(|id| !models.contains_key(*id) && own(id)).cloned().collect();
        drop_taken(&mut header, &mine_models, &gone);
        for key in ["name", "endpoints", "auth"] {
            // A provider without these is none: what the importer wrote once stays until something better is known.
            let once = evidence.own.written.as_ref().and_then(|written| written.get(key));
            if let Some(once) = once.filter(|_| !header.contains_key(key)) {
                header.insert(key.to_owned(), once.clone());
            }
        }
        let mut changes: Vec<Change> = gone.iter().map(|id| Change::Delete { id: id.clone() }).collect();
        for id in &gone {
            evidence.models.entry(id.clone()).or_default().written = None;
        }
        let mut noted = Noted::default();
        let merged = merge::merge(evidence.own.written.as_ref(), &mine_header, &header, self.repeated);
        changes.extend(merged.changes(&Entry::File));
        self.report(self.id.to_owned(), &merged, plan);
        noted.note(Entry::File, evidence.own.written.take(), merged.written);
        for (id, theirs) in models {
            let line = evidence.models.entry(id.clone()).or_default();
            let entry = Entry::Model(id.clone());
            match (mine_models.get(id), line.written.take()) {
                (Some(mine), written) => {
                    let written = if self.adopt { Some(adopted(mine)) } else { written };
                    let theirs = give_way(written.as_ref(), mine, theirs.clone());
                    let merged = merge::merge(written.as_ref(), mine, &theirs, self.repeated);
                    changes.extend(merged.changes(&entry));
                    self.report(format!("{}/{id}", self.id), &merged, plan);
                    noted.note(entry, written, merged.written);
                }
                (None, None) => {
                    changes.push(Change::Add { value: Json::Object(theirs.clone()) });
                    noted.note(entry, None, theirs.clone());
                }
                // A person took it out.
                (None, Some(written)) => line.written = Some(written),
            }
        }
        let edited = write::edit(&text, self.kind, &changes);
        for refused in &edited.refused {
            let change = &changes[refused.change];
            noted.undo(change);
            plan.refused.push(Refusal { path: self.path.clone(), reason: format!("{}: {}", describe(change), refused.why) });
        }
        noted.into_evidence(evidence);
        if edited.text != text {
            plan.files.push((self.path.clone(), edited.text));
        }
    }

    fn is_unnamed(&self, header: &Map<String, Json>) -> bool {
        header.get("name").and_then(Json::as_str) == Some(self.id)
    }

    fn report(&self, reference: String, merged: &Merged, plan: &mut Plan) {
        plan.kept.extend(merged.kept.iter().map(|kept| Disagreement { reference: reference.clone(), kept: kept.clone() }));
    }
}

/// What of a person's model the importer can take as its own: all but what no source states.
fn adopted(mine: &Map<String, Json>) -> Map<String, Json> {
    let stays = ["id", "weights", "sources", "endpoints", "omit", "deprecation_date"];
    mine.iter().filter(|(key, _)| !stays.contains(&key.as_str())).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Takes out what cannot stand beside what a person wrote: prices beside another way to pay, limits above the context window.
fn give_way(written: Option<&Map<String, Json>>, mine: &Map<String, Json>, mut theirs: Map<String, Json>) -> Map<String, Json> {
    let own = |key: &str| mine.get(key).filter(|value| written.and_then(|written| written.get(key)) != Some(value));
    if own("prices").is_some() {
        theirs.remove("billing");
    }
    if own("billing").is_some() {
        theirs.remove("prices");
    }
    let tokens = |value: &Json| u32::try_from(value.as_u64()?).ok();
    let window = own(Limits::WINDOW.as_str()).and_then(tokens);
    let limits = Limits { window, ..Limits::of(|fact| theirs.get(fact.as_str()).and_then(tokens)) };
    for (limit, ..) in limits.above_window() {
        theirs.remove(limit.as_str());
    }
    theirs
}

/// Takes out model aliases that a person's file has as models.
fn drop_taken(header: &mut Map<String, Json>, mine: &Models, gone: &BTreeSet<String>) {
    if let Some(Json::Array(aliases)) = header.get_mut("model_aliases") {
        aliases.retain(|alias| alias.get("id").and_then(Json::as_str).is_none_or(|id| !mine.contains_key(id) || gone.contains(id)));
    }
}

fn describe(change: &Change) -> String {
    let place = |entry: &Entry, key: &str| match entry {
        Entry::File => format!("`{key}`"),
        Entry::Model(id) => format!("`{key}` of `{id}`"),
    };
    match change {
        Change::Set { entry, key, .. } => format!("{} was not changed", place(entry, key)),
        Change::Remove { entry, key } => format!("{} was not removed", place(entry, key)),
        Change::Add { value } => format!("`{}` was not added", value.get("id").and_then(Json::as_str).unwrap_or_default()),
        Change::Delete { id } => format!("`{id}` was not removed"),
    }
}

/// The files of one kind, by id.
pub(super) fn read<T: DeserializeOwned>(catalog: &Path, kind: FileKind) -> Result<BTreeMap<String, File<T>>, ReconcileError> {
    let failed = |path: &Path, reason: String| ReconcileError { path: path.into(), reason };
    let mut files = BTreeMap::new();
    for (found, path) in modeldex_compile::files(catalog).map_err(|error| failed(catalog, error.to_string()))? {
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| found == kind) else { continue };
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error.to_string()))?;
        let value = serde_yaml::from_str(&text).map_err(|error| failed(&path, error.to_string()))?;
        files.insert(id.to_owned(), File { path: path.clone(), text, value });
    }
    Ok(files)
}

pub(super) fn object(value: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(value) {
        Ok(Json::Object(object)) => object,
        _ => Map::new(),
    }
}
