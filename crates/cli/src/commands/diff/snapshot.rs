//! Catalogs of snapshots: the facts of one source on one day, read from the evidence.

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

/// Compiles the facts that the source stated on that day.
pub(super) fn compile(source: &str, date: Date, args: &CatalogSource) -> Result<Compiled, Failure> {
    let catalog = catalog_folder(args)?;
    let failed = |why: &dyn std::fmt::Display| Failure::Failed(printable(&why.to_string()).into_owned());
    let store = open(&catalog, &EvidenceDir::default().of(&catalog))?;
    let temp_dir = TempDir::new().map_err(|error| failed(&format_args!("cannot create a temporary folder for the snapshot: {error}")))?;
    let sources = &store.registry.sources.sources;
    let missing = || match sources.get(source) {
        None => format!("unknown source `{source}`; known sources: {}", sources.keys().cloned().collect::<Vec<_>>().join(", ")),
        Some(known) => {
            let days: Vec<String> = known.snapshots.iter().map(|record| record.date.0.to_string()).collect();
            let days = if days.is_empty() { "none".to_owned() } else { days.join(", ") };
            format!("no snapshot of {source} of {date} was imported; imported snapshots: {days}")
        }
    };
    let files = snapshot_catalog::files(&store, source, date).ok_or_else(|| failed(&missing()))?;
    for (path, text) in &files {
        // Written as hand-written files: imported ones need a `routing.yaml` that confirms their endpoints, and no request is sent to these.
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
