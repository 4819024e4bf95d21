//! The [`Store`]: a catalog folder, with its registry and its evidence. `modeldex import` and `modeldex reconcile` open a store and compute the files
//! to write.

use crate::entries;
use crate::evidence::{Claim, Evidence};
use crate::guard::{self, SnapshotComparison};
use crate::imported::{ImportedCatalog, held};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::routing_check::RoutingCheck;
use crate::sources::{self, SnapshotRecord};
use crate::statement::FactKey;
use modeldex_compile::authored::held::{HeldFact, HeldFacts};
use modeldex_compile::authored::{Day, Provider};
use modeldex_compile::{FileKind, IMPORTED_FOLDER};
use modeldex_formats::snapshot::Snapshot;
use modeldex_table::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// Catalog folder, with its registry and its evidence.
#[derive(Debug)]
pub struct Store {
    catalog: PathBuf,
    evidence_dir: PathBuf,
    /// Sources, provider map and confirmed routing of the catalog.
    pub registry: Registry,
    /// Claims of all sources.
    pub evidence: Evidence,
}

/// Files that `modeldex import` or `modeldex reconcile` has to write and to remove.
#[derive(Debug)]
pub struct ImportOutcome {
    /// Routing claims that are not confirmed.
    pub held: HeldFacts,
    /// Providers that sources list but the catalog does not contain. The key is the id of the provider. The value is the reason for its absence.
    pub absent: BTreeMap<String, String>,
    /// Paths and texts of all generated files, in the order in which they have to be written: the evidence, the imported files, the list of
    /// snapshots.
    pub files: Vec<(PathBuf, String)>,
    /// Paths of the files to remove: earlier commands generated them, but they are not generated any more.
    pub obsolete: Vec<PathBuf>,
}

/// Failure to open a store, or to compute its files.
#[derive(Debug)]
pub struct StoreError(String);

impl Store {
    /// Opens a catalog folder and its evidence folder.
    ///
    /// # Errors
    /// Fails if the registry or the evidence cannot be read, or the evidence does not match the list of snapshots.
    pub fn open(catalog: &Path, evidence_dir: &Path) -> Result<Self, StoreError> {
        let failed = |error: &dyn fmt::Display| StoreError(error.to_string());
        let registry = Registry::read(catalog, evidence_dir).map_err(|error| failed(&error))?;
        let evidence = Evidence::read(evidence_dir).map_err(|error| failed(&error))?;
        let dir = evidence_dir.display();
        if evidence.providers.is_empty() && registry.sources.sources.values().any(|source| !source.snapshots.is_empty()) {
            return Err(StoreError(format!(
                "`{dir}/snapshots.json` lists imported snapshots, but `{dir}` has no evidence files; restore the evidence files"
            )));
        }
        if !evidence.providers.is_empty() && registry.sources.sources.values().all(|source| source.snapshots.is_empty()) {
            return Err(StoreError(format!(
                "`{dir}/snapshots.json`, which lists the imported snapshots, is missing or empty; restore this file"
            )));
        }
        Ok(Self { catalog: catalog.into(), evidence_dir: evidence_dir.into(), registry, evidence })
    }

    /// Checks that no evidence is missing. For each source, the evidence must list at least as many models as the newest snapshot of the source had.
    /// If there are imported files, there must be evidence. Without this check, a command would remove the imported files whose evidence was lost.
    ///
    /// # Errors
    /// Fails if evidence is missing.
    pub fn check_complete(&self) -> Result<(), StoreError> {
        let dir = self.evidence_dir.display();
        let imported = self.catalog.join(IMPORTED_FOLDER);
        if self.evidence.providers.is_empty() {
            let folder = imported.join(FileKind::Provider.folder().unwrap_or_default());
            let files = list_files(&folder, "yaml").map_err(|error| StoreError(format!("{}: {error}", folder.display())))?;
            if !files.is_empty() {
                return Err(StoreError(format!(
                    "`{imported}` has imported files, but `{dir}` has no evidence; restore the evidence folder, or remove `{imported}` to start anew",
                    imported = imported.display()
                )));
            }
        }
        for (name, source) in &self.registry.sources.sources {
            let Some(last) = source.snapshots.last() else { continue };
            let found = self.listed_models(name, last.date.0);
            if found < last.models {
                return Err(StoreError(format!(
                    "the {name} snapshot of {date} has {models} models, but `{dir}` lists only {found} of them: an evidence file is missing or \
                     incomplete; restore the evidence folder",
                    date = last.date.0,
                    models = last.models
                )));
            }
        }
        Ok(())
    }

    /// Counts the models that a source lists on a day.
    fn listed_models(&self, source: &str, date: Date) -> usize {
        let lists = |claim: &Claim| claim.source.as_str() == source && claim.since <= date && claim.until.is_none_or(|until| date <= until);
        let lines = self.evidence.providers.values().flat_map(|provider| provider.models.values());
        lines.filter(|line| line.claims(&FactKey::Listed).iter().any(lists)).count()
    }

    /// Returns the catalog folder.
    #[must_use]
    pub fn catalog(&self) -> &Path {
        &self.catalog
    }

    /// Compares `snapshot` with an imported snapshot of the same source: with the newest one whose date is `date` or earlier. Returns `None` if there
    /// is no such snapshot, or if the registry does not have the source.
    #[must_use]
    pub fn compare(&self, source: &str, date: Date, snapshot: &Snapshot) -> Option<SnapshotComparison> {
        let snapshots = &self.registry.sources.sources.get(source)?.snapshots;
        let before = snapshots.iter().rev().find(|record| record.date.0 <= date)?;
        Some(guard::compare(&self.evidence, source, before.date.0, snapshot))
    }

    /// Adds a snapshot of a source to the evidence and to the list of snapshots. Does nothing if the registry does not have the source.
    pub fn import_snapshot(&mut self, source: &str, date: Date, etag: Option<String>, snapshot: Snapshot) {
        let Some(entry) = self.registry.sources.sources.get_mut(source) else { return };
        let imported_dates: Vec<Date> = entry.snapshots.iter().map(|record| record.date.0).collect();
        let (providers, models) = (snapshot.providers.len(), snapshot.model_count());
        self.evidence.add_snapshot(source, date, &imported_dates, snapshot);
        entry.snapshots.retain(|record| record.date.0 != date);
        entry.snapshots.push(SnapshotRecord { date: Day(date), providers, models, etag });
        entry.snapshots.sort_by_key(|record| record.date);
    }

    /// Returns the entry of a provider with the endpoint and the authentication method that sources claim, even if these claims are not confirmed. If
    /// `base_url` is `None`, the policy chooses among the claimed base URLs. Otherwise, the endpoint has the base URL `base_url`, and the
    /// wire protocol claimed by the sources that state this base URL.
    #[must_use]
    pub fn claimed_provider(&self, provider: &str, base_url: Option<&str>) -> Provider {
        let Registry { sources, map, .. } = &self.registry;
        let kind = map.providers().get(provider).and_then(|service| service.kind);
        let decisions = Policy::new(sources).zip(self.evidence.providers.get(provider)).map(|(policy, evidence)| match base_url {
            Some(url) => policy.decide_for_url(provider, &evidence.provider, url),
            None => policy.decide(provider, &[&evidence.provider]),
        });
        entries::provider(provider, &decisions.unwrap_or_default(), kind)
    }

    /// Returns all current claims of base URLs and environment variables of a provider, including those that are confirmed or rejected.
    #[must_use]
    pub fn routing_claims(&self, provider: &str) -> Vec<HeldFact> {
        let evidence = Policy::new(&self.registry.sources).zip(self.evidence.providers.get(provider));
        evidence.map(|(policy, evidence)| held::unconfirmed_claims(&policy, provider, &evidence.provider, None)).unwrap_or_default()
    }

    /// Returns the wire protocols that sources currently claim for a provider.
    #[must_use]
    pub fn claimed_protocols(&self, provider: &str) -> BTreeSet<&str> {
        let evidence = Policy::new(&self.registry.sources).zip(self.evidence.providers.get(provider));
        let claims = evidence.map(|(policy, evidence)| policy.latest_claims(&evidence.provider, &FactKey::Api)).unwrap_or_default();
        claims.into_iter().filter_map(|claim| claim.value.text()).collect()
    }

    /// Chooses the values of all facts from the evidence, and returns the imported catalog.
    pub fn compute(&mut self) -> ImportedCatalog {
        let Registry { sources, map, routing } = &self.registry;
        ImportedCatalog::compute(&mut self.evidence, sources, map, RoutingCheck::Confirmed(routing))
    }

    /// Chooses the values of all facts from the evidence, and renders all generated files. Writes nothing.
    ///
    /// # Errors
    /// Fails if a folder of generated files cannot be listed.
    pub fn decide(&mut self) -> Result<ImportOutcome, StoreError> {
        let failed = |error: &dyn fmt::Display| StoreError(error.to_string());
        let imported = self.compute();
        let sources = &self.registry.sources;
        let evidence = self.evidence.render().map_err(|error| failed(&error))?;
        let in_evidence = |(path, text): (PathBuf, String)| (self.evidence_dir.join(path), text);
        let mut files: Vec<(PathBuf, String)> = evidence.into_iter().map(in_evidence).collect();
        files.extend(imported.files().into_iter().map(|(path, text)| (self.catalog.join(path), text)));
        files.push(in_evidence((PathBuf::from("absent.yaml"), render_absent(&imported))));
        files.push(in_evidence(sources::render_snapshots(sources).map_err(|error| failed(&error))?));
        let written: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        let mut obsolete = Vec::new();
        let computed =
            [FileKind::Lab, FileKind::Provider].map(|kind| self.catalog.join(IMPORTED_FOLDER).join(kind.folder().unwrap_or_default()));
        for (folder, extension) in computed.iter().map(|folder| (folder, "yaml")).chain([(&self.evidence_dir, "jsonl")]) {
            for path in list_files(folder, extension).map_err(|error| failed(&format_args!("{}: {error}", folder.display())))? {
                if !written.contains(&path) {
                    obsolete.push(path);
                }
            }
        }
        // The rest of the imported catalog is in the texts of the files.
        let ImportedCatalog { held, absent, .. } = imported;
        Ok(ImportOutcome { held, absent, files, obsolete })
    }
}

/// Returns the sorted paths of the files in a folder that have the extension `extension`; empty if the folder does not exist.
fn list_files(folder: &Path, extension: &str) -> std::io::Result<BTreeSet<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|found| found == extension)).collect())
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// Renders `absent.yaml`, which lists the providers that sources list but the catalog does not contain, each with the reason.
fn render_absent(imported: &ImportedCatalog) -> String {
    let mut text = "# Generated by `modeldex import` and `modeldex reconcile`, do not edit. \
         Providers that sources list but the catalog does not contain, with reasons.\n"
        .to_owned();
    if imported.absent.is_empty() {
        text.push_str("{}\n");
    }
    for (provider, reason) in &imported.absent {
        text.push_str(&format!("{provider}: {reason}\n"));
    }
    text
}
