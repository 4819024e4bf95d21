//! Catalogs of snapshots: what one source said on one day, as far as the evidence knows it.

use super::revision::Scratch;
use crate::commands::catalog_source::CatalogSource;
use crate::commands::failure::Failure;
use crate::commands::import::{EvidenceDir, catalog_folder, open};
use crate::commands::out::printable;
use modeldex_compile::{Compiled, compile_named};
use modeldex_import::snapshot_catalog;
use modeldex_table::Date;

/// The source and day that an argument such as `models.dev@2026-05-21` names; `None` where it has another form.
pub(super) fn named(text: &str) -> Option<(&str, Date)> {
    let (source, day) = text.rsplit_once('@')?;
    let date = Date::parse(day).ok().filter(|date| date.day().is_some())?;
    Some((source, date))
}

/// What the source said on that day, compiled.
pub(super) fn compile(source: &str, date: Date, args: &CatalogSource) -> Result<Compiled, Failure> {
    let catalog = catalog_folder(args)?;
    let failed = |why: &dyn std::fmt::Display| Failure::Failed(printable(&why.to_string()).into_owned());
    let store = open(&catalog, &EvidenceDir::default().of(&catalog))?;
    let scratch = Scratch::new().map_err(|error| failed(&format_args!("no folder for the snapshot can be made: {error}")))?;
    let sources = &store.registry.sources.sources;
    let missing = || match sources.get(source) {
        None => format!("there is no source `{source}`: the sources are {}", sources.keys().cloned().collect::<Vec<_>>().join(", ")),
        Some(known) => {
            let days: Vec<String> = known.snapshots.iter().map(|record| record.date.0.to_string()).collect();
            let days = if days.is_empty() { "none".to_owned() } else { days.join(", ") };
            format!("no snapshot of {source} of {date} was imported; there are {days}")
        }
    };
    let files = snapshot_catalog::files(&store, source, date).ok_or_else(|| failed(&missing()))?;
    for (path, text) in &files {
        // As hand-written files: imported ones need a `routing.yaml` that confirms their endpoints, and nothing is sent to these.
        let path = path.strip_prefix("imported").unwrap_or(path);
        scratch.write(path, text).map_err(|error| failed(&format_args!("the snapshot cannot be written: {error}")))?;
    }
    Ok(compile_named(&scratch.0, &format!("{source}@{date}")))
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
