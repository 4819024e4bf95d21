//! Compiles a catalog with one file of any kind, on top of a small catalog.
//!
//! The tables are valid, reports can be rendered and contain no secret, and compiling the tables again changes no fact. If there is no error, every
//! view can be written.

use super::split_text;
use crate::fixture;
use modeldex_compile::emit::typescript;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, FileChange, FileKind, compile_with_changes};
use modeldex_formats::json::{ModelDetails, ProviderDetails};
use modeldex_support::secret::find_certain;
use modeldex_table::Catalog;
use serde_json::Value;

/// The file that the first byte of an input selects: a name for the seeds, and the path in a catalog folder.
pub(crate) fn files() -> Vec<(FileKind, String)> {
    let mut files = Vec::new();
    for &kind in FileKind::ALL {
        // The id of a provider and a lab below, and another id.
        for id in ["acme", "other"] {
            files.push((kind, kind.path(id)));
            if kind.has_imported() {
                files.push((kind, kind.imported_path(id)));
            }
        }
    }
    files
}

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let files = files();
    let (_, path) = &files[selector % files.len()];
    let compiled = compile(path, &text);
    check_reports(&compiled, &text);
    let catalog = compiled.catalog();
    catalog.verify().expect("the tables are valid");
    check_layers(&catalog);
    if !compiled.has_errors() {
        for (name, view) in typescript::render_views(&compiled) {
            assert!(view.is_ok(), "the view `{name}` cannot be written, but there is no error: {view:?}");
        }
    }
}

/// Compiles a file on top of the small catalog.
pub(crate) fn compile(path: &str, text: &str) -> Compiled {
    let folder = fixture::scratch().join("catalog");
    let path = folder.join(path);
    compile_with_changes(Some(fixture::catalog()), &folder, &[FileChange { path: &path, text: Some(text) }])
}

/// Checks that reports are rendered in every format, with valid positions and without secrets.
pub(crate) fn check_reports(compiled: &Compiled, text: &str) {
    let Compiled { diagnostics, source_files, .. } = compiled;
    // A position is computed from the start of the file.
    for diagnostic in diagnostics.iter().take(20) {
        let (from, to) = source_files.positions(diagnostic.span);
        assert!(from.line >= 1 && from.column >= 1 && from <= to, "{diagnostic:?}");
    }
    // A short login of a URL may be an ordinary word of the report.
    let secrets: Vec<&str> = find_certain(text).into_iter().map(|range| &text[range]).filter(|secret| secret.len() >= 20).collect();
    for &format in Format::ALL {
        let report = render(diagnostics, source_files, format, false);
        if matches!(format, Format::Json | Format::Sarif) {
            serde_json::from_str::<Value>(&report).expect("the report is JSON");
        }
        for secret in &secrets {
            assert!(!report.contains(secret), "the report has a secret: {report}");
        }
    }
}

/// Checks that a catalog with an empty overlay has the same facts.
fn check_layers(catalog: &Catalog<'_>) {
    let folder = fixture::scratch().join("catalog");
    let missing = folder.join("models/none.yaml");
    let again = compile_with_changes(Some(catalog), &folder, &[FileChange { path: &missing, text: None }]);
    assert_eq!(facts(catalog), facts(&again.catalog()));
}

fn facts(catalog: &Catalog<'_>) -> Vec<String> {
    let json = |value: serde_json::Result<String>| value.expect("facts are serialized");
    let models = catalog.models().map(|model| json(serde_json::to_string(&ModelDetails::new(model, fixture::now(), None, None))));
    let providers = catalog.providers().map(|provider| json(serde_json::to_string(&ProviderDetails::new(provider, None, None))));
    models.chain(providers).collect()
}
