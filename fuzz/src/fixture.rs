//! Catalogs and files of the repository that targets share.

use modeldex_compile::{Compiled, compile, registry};
use modeldex_formats::{ProviderIdMap, SOURCE_READERS};
use modeldex_import::sources::{SnapshotRecord, Sources};
use modeldex_table::{Catalog, Date, Moment};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs, process};

/// Returns a path in the repository.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The folder of a small catalog with all special cases.
pub const CATALOG: &str = "tests/emit/catalog";

/// Returns the small catalog in [`CATALOG`].
pub(crate) fn catalog() -> &'static Catalog<'static> {
    static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
        let compiled = compile(&repository(CATALOG));
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        compiled
    });
    static TABLES: LazyLock<Catalog<'static>> = LazyLock::new(|| COMPILED.catalog());
    &TABLES
}

/// Returns the time of all prices.
pub(crate) fn now() -> Moment {
    Moment::from_unix(1_780_000_000)
}

/// Returns the sources of the catalog, as if each had been imported on two days.
pub(crate) fn sources() -> &'static Sources {
    static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
        let mut sources = registry::sources(&repository("catalog")).expect("the sources have no errors");
        for source in sources.sources.values_mut() {
            source.snapshots = DAYS.iter().map(|day| record(day)).collect();
        }
        sources
    });
    &SOURCES
}

/// The days on which each source was imported.
pub(crate) const DAYS: [&str; 2] = ["2026-04-01", "2026-05-21"];

/// Returns one of the [`DAYS`].
pub(crate) fn day(at: usize) -> Date {
    Date::parse(DAYS[at]).expect("a date")
}

fn record(day: &str) -> SnapshotRecord {
    serde_json::from_value(serde_json::json!({"date": day, "providers": 1, "models": 1})).expect("a record")
}

/// Returns the provider map for a source that has a reader: that of its test, or the one of all tests.
pub(crate) fn provider_map(source: &str) -> &'static ProviderIdMap {
    static MAPS: LazyLock<BTreeMap<&str, ProviderIdMap>> = LazyLock::new(|| {
        let map = |source: &str| {
            let own = repository(&format!("crates/formats/tests/readers/{source}/map.yaml"));
            let path = if own.exists() { own } else { repository("crates/formats/tests/readers/map.yaml") };
            ProviderIdMap::parse(&fs::read_to_string(path).expect("the map is read")).expect("the map is valid")
        };
        SOURCE_READERS.iter().map(|reader| (reader.source, map(reader.source))).collect()
    });
    MAPS.get(source).expect("the source has a reader")
}

/// Returns a folder of this process for files that have to exist. It has an empty catalog folder, `catalog`.
pub(crate) fn scratch() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = env::temp_dir().join(format!("modeldex-fuzz-{}", process::id()));
        fs::create_dir_all(folder.join("catalog/models")).expect("the folder is created");
        folder
    });
    &FOLDER
}
