//! Catalogs of snapshots. A snapshot has the facts that one source stated on one day; the facts are read from the evidence.

use super::revision::TempDir;
use crate::commands::catalog_source::CatalogSource;
use crate::commands::failure::Failure;
use crate::commands::import::{EvidenceDir, catalog_folder, open};
use crate::commands::out::printable;
use modeldex_compile::{Compiled, compile_named};
use modeldex_import::snapshot_catalog;
use modeldex_table::Date;

/// Parses an argument such as `models.dev@2026-05-21`; `None` if it has another form.
pub(super) fn named(text: &str) -> Option<(&str, Date)> {
    let (source, day) = text.rsplit_once('@')?;
    let date = Date::parse(day).ok().filter(|date| date.day().is_some())?;
    Some((source, date))
}

/// Compiles the facts that `source` stated on `date`.
pub(super) fn compile(source: &str, date: Date, args: &CatalogSource) -> Result<Compiled, Failure> {
    let catalog = catalog_folder(args)?;
    let failed = |why: &dyn std::fmt::Display| Failure::Failed(printable(&why.to_string()).into_owned());
    let store = open(&catalog, &EvidenceDir::default().of(&catalog))?;
    let temp_dir = TempDir::new().map_err(|error| failed(&format_args!("cannot create a temporary folder for the snapshot: {error}")))?;
    let sources = &store.registry.sources.sources;
    let missing = || match sources.get(source) {
        None => {
            let known = sources.keys().cloned().collect::<Vec<_>>().join(", ");
            format!("unknown source `{source}`; known sources: {known}")
        }
        Some(known) if known.snapshots.is_empty() => format!("no snapshot of the source {source} was imported"),
        Some(known) => {
            let dates = known.snapshots.iter().map(|record| record.date.0.to_string()).collect::<Vec<_>>().join(", ");
            format!("no snapshot of the source {source} was imported for {date}; imported snapshots: {dates}")
        }
    };
    let files = snapshot_catalog::files(&store, source, date).ok_or_else(|| failed(&missing()))?;
    for (path, text) in &files {
        // The files are placed like hand-written files. Imported files would need a `routing.yaml` that confirms their endpoints, but a
        // comparison sends no requests.
        let path = path.strip_prefix("imported").unwrap_or(path);
        temp_dir.write(path, text).map_err(|error| failed(&format_args!("cannot write the snapshot: {error}")))?;
    }
    Ok(compile_named(&temp_dir.0, &format!("{source}@{date}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_and_a_day() {
        assert_eq!(
            named("models.dev@2026-05-21").map(|(source, date)| (source, date.to_string())),
            Some(("models.dev", "2026-05-21".to_owned()))
        );
        assert_eq!(named("HEAD@{1}"), None);
        assert_eq!(named("main"), None);
        assert_eq!(named("models.dev@2026-05"), None);
    }
}
