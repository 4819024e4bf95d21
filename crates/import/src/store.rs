//! A catalog folder with its registry and its evidence: what an import reads, and every text that it changes.

use crate::evidence::Evidence;
use crate::reconcile::{self, Modes, Plan};
use crate::snapshot::Snapshot;
use crate::sources::{self, ProviderMap, SnapshotRecord, Sources};
use modeldex_compile::authored::Day;
use modeldex_table::Date;
use std::fmt;
use std::path::{Path, PathBuf};

/// A catalog folder, its registry of sources and its evidence.
#[derive(Debug)]
pub struct Store {
    catalog: PathBuf,
    evidence_dir: PathBuf,
    registry: String,
    /// The registry of sources.
    pub sources: Sources,
    /// Which service is meant by which id in which source.
    pub map: ProviderMap,
    /// The evidence.
    pub evidence: Evidence,
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
    /// When the registry, the map or the evidence cannot be read.
    pub fn open(catalog: &Path, evidence_dir: &Path) -> Result<Self, StoreError> {
        let told = |error: &dyn fmt::Display| StoreError(error.to_string());
        let path = catalog.join("sources.yaml");
        let registry = std::fs::read_to_string(&path).map_err(|error| StoreError(format!("{}: {error}", path.display())))?;
        let sources = sources::read(catalog).map_err(|error| told(&error))?;
        let evidence = Evidence::read(evidence_dir).map_err(|error| told(&error))?;
        if evidence.providers.is_empty() && sources.sources.values().any(|source| !source.snapshots.is_empty()) {
            // Without it nobody could tell what people wrote from what the importer did.
            let dir = evidence_dir.display();
            return Err(StoreError(format!(
                "there is no evidence in `{dir}`, though sources.yaml lists snapshots that were imported: restore it"
            )));
        }
        Ok(Self {
            catalog: catalog.into(),
            evidence_dir: evidence_dir.into(),
            registry,
            sources,
            map: ProviderMap::read(catalog).map_err(|error| told(&error))?,
            evidence,
        })
    }

    /// Whether a snapshot has lost so much against the one before it that it should be looked at first.
    #[must_use]
    pub fn shrunk(&self, source: &str, date: Date, snapshot: &Snapshot) -> Option<Shrunk> {
        let snapshots = &self.sources.sources.get(source)?.snapshots;
        let before = snapshots.iter().rev().find(|record| record.date.0 < date)?;
        let now = snapshot.models();
        (now * 100 < before.models * (100 - MOST_LOST_PERCENT)).then_some(Shrunk { before: before.models, now, since: before.date.0 })
    }

    /// Takes in what a source said on a day.
    pub fn take_in(&mut self, source: &str, date: Date, etag: Option<String>, snapshot: &Snapshot) {
        let Some(entry) = self.sources.sources.get_mut(source) else { return };
        let known: Vec<Date> = entry.snapshots.iter().map(|record| record.date.0).collect();
        self.evidence.absorb(source, date, &known, snapshot);
        entry.snapshots.retain(|record| record.date.0 != date);
        entry.snapshots.push(SnapshotRecord { date: Day(date), providers: snapshot.providers.len(), models: snapshot.models(), etag });
        entry.snapshots.sort_by_key(|record| record.date);
    }

    /// Decides every fact, and returns what people should look at with every text that changes: first the catalog's files, then the
    /// registry, the evidence last, so that an import that was cut off can be repeated and comes out the same.
    ///
    /// # Errors
    /// When a file of the catalog is not what it should be, or the registry's snapshots were not written as the importer writes them.
    pub fn reconcile(&mut self, modes: &Modes) -> Result<(Plan, Vec<(PathBuf, String)>), StoreError> {
        let told = |error: &dyn fmt::Display| StoreError(error.to_string());
        let plan =
            reconcile::reconcile(&mut self.evidence, &self.sources, &self.map, &self.catalog, modes).map_err(|error| told(&error))?;
        let mut files = plan.files.clone();
        let mut registry = self.registry.clone();
        for (name, source) in &self.sources.sources {
            registry = with_snapshots(&registry, name, &source.snapshots).ok_or_else(|| {
                StoreError(format!("the `snapshots` of `{name}` in sources.yaml cannot be found: write `snapshots: []` as its last key"))
            })?;
        }
        // The text was edited as a text: it has to read back as what was meant.
        let meant = Sources::parse(&registry).is_ok_and(|read| {
            read.sources.iter().map(|(name, source)| (name, &source.snapshots)).eq(self
                .sources
                .sources
                .iter()
                .map(|(name, source)| (name, &source.snapshots)))
        });
        if !meant {
            return Err(StoreError(
                "the `snapshots` in sources.yaml are not as the importer writes them: one line each, and no comments between them"
                    .to_owned(),
            ));
        }
        files.push((self.catalog.join("sources.yaml"), registry));
        files.push((self.evidence_dir.join("absent.yaml"), absent(&plan)));
        let evidence = self.evidence.render().map_err(|error| told(&error))?;
        files.extend(evidence.into_iter().map(|(path, text)| (self.evidence_dir.join(path), text)));
        Ok((plan, files))
    }
}

impl Snapshot {
    /// How many models it has.
    #[must_use]
    pub fn models(&self) -> usize {
        self.providers.values().map(|provider| provider.models.len()).sum()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// The registry's text with the snapshots of one source replaced. `None` where they do not stand as the importer writes them.
fn with_snapshots(registry: &str, source: &str, snapshots: &[SnapshotRecord]) -> Option<String> {
    let head = format!("  {source}:\n");
    let start = if registry.starts_with(&head) { 0 } else { registry.find(&format!("\n{head}"))? + 1 } + head.len();
    let block = registry[start..].split_inclusive('\n').take_while(|line| line.starts_with("    ") || line.trim().is_empty());
    let end = start + block.map(str::len).sum::<usize>();
    let key = start + registry[start..end].find("    snapshots:")?;
    let first = key + registry[key..end].find('\n').map_or(end - key, |at| at + 1);
    let entries = registry[first..end].split_inclusive('\n').take_while(|line| line.starts_with("      - {date: "));
    let last = first + entries.map(str::len).sum::<usize>();
    let mut text = registry[..key].to_owned();
    if snapshots.is_empty() {
        text.push_str("    snapshots: []\n");
    } else {
        text.push_str("    snapshots:\n");
        for record in snapshots {
            text.push_str(&format!("      - {{date: {}, providers: {}, models: {}", record.date.0, record.providers, record.models));
            if let Some(etag) = &record.etag {
                text.push_str(&format!(", etag: {}", serde_json::Value::from(etag.as_str())));
            }
            text.push_str("}\n");
        }
    }
    text.push_str(&registry[last..]);
    Some(text)
}

/// The providers that sources list and that are not in the catalog, as a file for people.
fn absent(plan: &Plan) -> String {
    let mut text = "# Providers that a source lists and that are not in the catalog, and why. Written by `modeldex import`.\n".to_owned();
    if plan.absent.is_empty() {
        text.push_str("{}\n");
    }
    for (provider, reason) in &plan.absent {
        text.push_str(&format!("{provider}: {reason}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_written_in_their_place() {
        let registry = "# yaml-language-server: $schema=../schema/sources.schema.json\n# Sources.\nsources:\n  a:\n    name: A # one\n    snapshots: []\n  b:\n    snapshots:\n      - {date: 2026-01-01, providers: 1, models: 2}\n    # The end.\n";
        let record =
            |day: &str| SnapshotRecord { date: Day(Date::parse(day).unwrap()), providers: 3, models: 4, etag: Some("\"x\"".to_owned()) };
        let a = with_snapshots(registry, "a", &[record("2026-02-01")]).unwrap();
        assert_eq!(
            a,
            registry.replace("snapshots: []", "snapshots:\n      - {date: 2026-02-01, providers: 3, models: 4, etag: \"\\\"x\\\"\"}")
        );
        let b = with_snapshots(registry, "b", &[]).unwrap();
        assert_eq!(b, registry.replace("snapshots:\n      - {date: 2026-01-01, providers: 1, models: 2}", "snapshots: []"));
        assert_eq!(with_snapshots(registry, "c", &[]), None);
    }
}
