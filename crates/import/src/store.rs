//! A catalog folder with its registry and its evidence: what an import reads, and every text that it changes.

use crate::author;
use crate::evidence::Evidence;
use crate::imported::{Imported, held};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::routes::Routes;
use crate::sources::{self, SnapshotRecord};
use modeldex_compile::authored::held::HeldFact;
use modeldex_compile::authored::{Day, Provider};
use modeldex_compile::{FileKind, IMPORTED};
use modeldex_formats::snapshot::Snapshot;
use modeldex_table::Date;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// A catalog folder, its registry and its evidence.
#[derive(Debug)]
pub struct Store {
    catalog: PathBuf,
    evidence_dir: PathBuf,
    /// The input of decisions besides the evidence.
    pub registry: Registry,
    /// The evidence.
    pub evidence: Evidence,
}

/// The result of an import or `reconcile`.
#[derive(Debug)]
pub struct Outcome {
    /// The imported catalog.
    pub imported: Imported,
    /// Every file, with its text, in the order in which they are written: the evidence, the catalog, the list of snapshots last.
    pub files: Vec<(PathBuf, String)>,
    /// Files that exist and are obsolete.
    pub obsolete: Vec<PathBuf>,
}

/// A source that is much smaller than it was: more likely a broken download than a catalog that lost so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// How many models the snapshot before it has.
    pub before: usize,
    /// How many this one has.
    pub now: usize,
    /// The day of the one before.
    pub since: Date,
}

/// Why a store cannot be opened or written.
#[derive(Debug)]
pub struct StoreError(String);

/// A source may lose so many of a hundred models from one snapshot to the next.
const MOST_LOST_PERCENT: usize = 10;

impl Store {
    /// Opens a catalog folder and its evidence folder.
    ///
    /// # Errors
    /// When the registry or the evidence cannot be read, or the evidence is not that of the snapshots that were taken in.
    pub fn open(catalog: &Path, evidence_dir: &Path) -> Result<Self, StoreError> {
        let failed = |error: &dyn fmt::Display| StoreError(error.to_string());
        let registry = Registry::read(catalog, evidence_dir).map_err(|error| failed(&error))?;
        let evidence = Evidence::read(evidence_dir).map_err(|error| failed(&error))?;
        let dir = evidence_dir.display();
        if evidence.providers.is_empty() && registry.sources.sources.values().any(|source| !source.snapshots.is_empty()) {
            return Err(StoreError(format!("`{dir}` lists imported snapshots but has no evidence; restore it")));
        }
        if !evidence.providers.is_empty() && registry.sources.sources.values().all(|source| source.snapshots.is_empty()) {
            return Err(StoreError(format!(
                "`{dir}/snapshots.json`, which lists the snapshots of this evidence, is missing or empty: restore it"
            )));
        }
        Ok(Self { catalog: catalog.into(), evidence_dir: evidence_dir.into(), registry, evidence })
    }

    /// The catalog folder.
    #[must_use]
    pub fn catalog(&self) -> &Path {
        &self.catalog
    }

    /// The command that was interrupted while writing, if one was. Its files may then be partly old and partly new.
    #[must_use]
    pub fn unfinished(&self) -> Option<String> {
        std::fs::read_to_string(self.mark()).ok().map(|text| text.trim().to_owned())
    }

    /// The file that is there while an import writes. It names the import.
    #[must_use]
    pub fn mark(&self) -> PathBuf {
        self.evidence_dir.join(".unfinished")
    }

    /// Whether a snapshot has lost so much against the one before it that it should be looked at first.
    #[must_use]
    pub fn shrunk(&self, source: &str, date: Date, snapshot: &Snapshot) -> Option<Shrunk> {
        let snapshots = &self.registry.sources.sources.get(source)?.snapshots;
        let before = snapshots.iter().rev().find(|record| record.date.0 < date)?;
        let now = snapshot.models();
        (now * 100 < before.models * (100 - MOST_LOST_PERCENT)).then_some(Shrunk { before: before.models, now, since: before.date.0 })
    }

    /// Takes in what a source said on a day.
    pub fn take_in(&mut self, source: &str, date: Date, etag: Option<String>, snapshot: &Snapshot) {
        let Some(entry) = self.registry.sources.sources.get_mut(source) else { return };
        let known: Vec<Date> = entry.snapshots.iter().map(|record| record.date.0).collect();
        self.evidence.absorb(source, date, &known, snapshot);
        entry.snapshots.retain(|record| record.date.0 != date);
        entry.snapshots.push(SnapshotRecord { date: Day(date), providers: snapshot.providers.len(), models: snapshot.models(), etag });
        entry.snapshots.sort_by_key(|record| record.date);
    }

    /// The endpoint and authentication that sources state for a provider, confirmed or not.
    #[must_use]
    pub fn stated(&self, provider: &str) -> Provider {
        let Registry { sources, map, .. } = &self.registry;
        let kind = map.services().get(provider).and_then(|service| service.kind);
        let decisions =
            Policy::new(sources).zip(self.evidence.providers.get(provider)).map(|(policy, own)| policy.decide(provider, &[&own.own]));
        author::provider(provider, &decisions.unwrap_or_default(), kind)
    }

    /// The current routing claims of a provider, confirmed or not.
    #[must_use]
    pub fn routing_claims(&self, provider: &str) -> Vec<HeldFact> {
        let own = Policy::new(&self.registry.sources).zip(self.evidence.providers.get(provider));
        own.map(|(policy, own)| held::of(&policy, provider, &own.own, None)).unwrap_or_default()
    }

    /// Decides every fact and returns the imported catalog.
    pub fn compute(&mut self) -> Imported {
        let Registry { sources, map, routing } = &self.registry;
        Imported::compute(&mut self.evidence, sources, map, Routes::Confirmed(routing))
    }

    /// Decides every fact and renders every generated file.
    ///
    /// # Errors
    /// When a folder of generated files cannot be listed.
    pub fn decide(&mut self) -> Result<Outcome, StoreError> {
        let failed = |error: &dyn fmt::Display| StoreError(error.to_string());
        let imported = self.compute();
        let sources = &self.registry.sources;
        let evidence = self.evidence.render().map_err(|error| failed(&error))?;
        let in_evidence = |(path, text): (PathBuf, String)| (self.evidence_dir.join(path), text);
        let mut files: Vec<(PathBuf, String)> = evidence.into_iter().map(in_evidence).collect();
        files.extend(imported.files().into_iter().map(|(path, text)| (self.catalog.join(path), text)));
        files.push(in_evidence((PathBuf::from("absent.yaml"), absent(&imported))));
        files.push(in_evidence(sources::render_snapshots(sources).map_err(|error| failed(&error))?));
        let written: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        let mut obsolete = Vec::new();
        let computed = [FileKind::Lab, FileKind::Provider].map(|kind| self.catalog.join(IMPORTED).join(kind.folder().unwrap_or_default()));
        for (folder, ending) in computed.iter().map(|folder| (folder, "yaml")).chain([(&self.evidence_dir, "jsonl")]) {
            for path in listed(folder, ending).map_err(|error| failed(&format_args!("{}: {error}", folder.display())))? {
                if !written.contains(&path) {
                    obsolete.push(path);
                }
            }
        }
        Ok(Outcome { imported, files, obsolete })
    }
}

/// The files of a folder with an ending, in order; none where there is no such folder.
fn listed(folder: &Path, ending: &str) -> std::io::Result<BTreeSet<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect())
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// The providers that sources list and that are not in the catalog, as a file for people.
fn absent(imported: &Imported) -> String {
    let mut text =
        "# Generated by `modeldex import` and `modeldex reconcile`, do not edit. Why providers that sources list are not in the catalog.\n"
            .to_owned();
    if imported.absent.is_empty() {
        text.push_str("{}\n");
    }
    for (provider, reason) in &imported.absent {
        text.push_str(&format!("{provider}: {reason}\n"));
    }
    text
}
