//! Scans a file of a repository. The first byte selects the kind of file.
//!
//! Findings are within the text, their report is rendered, and no secret of the text is in it.

use super::split;
use crate::fixture;
use modeldex_audit::{AuditOptions, CatalogIndex, audit};
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, compile};
use modeldex_support::secret::find_certain;
use modeldex_table::Catalog;
use std::fs;
use std::sync::LazyLock;

/// File names of inputs.
pub(crate) const NAMES: [&str; 8] = ["a.ts", "a.py", "a.md", "a.json", "a.yaml", ".env", "a.rs", "a.sh"];

pub(crate) fn run(input: &[u8]) {
    let Some((selector, bytes)) = split(input) else { return };
    static COMPILED: LazyLock<Compiled> = LazyLock::new(|| compile(&fixture::repository("tests/audit/catalog")));
    static CATALOG: LazyLock<Catalog<'static>> = LazyLock::new(|| COMPILED.catalog());
    static INDEX: LazyLock<CatalogIndex<'static>> = LazyLock::new(|| CatalogIndex::new(&CATALOG, fixture::now().date()));
    let path = fixture::scratch().join(NAMES[selector % NAMES.len()]);
    fs::write(&path, bytes).expect("the file is written");
    let report = audit(&INDEX, &AuditOptions { paths: vec![path], exclude: Vec::new() }).expect("the file exists");
    if report.findings.is_empty() {
        return;
    }
    // The bytes of a text that are not UTF-8 are shown as `?`.
    let text = String::from_utf8_lossy(bytes);
    let secrets: Vec<&str> = find_certain(&text).into_iter().map(|range| &text[range]).filter(|secret| secret.len() >= 20).collect();
    let diagnostics = report.diagnostics();
    for finding in &report.findings {
        let span = finding.diagnostic.span;
        let source = &report.sources.get(span.file).text;
        assert_eq!(source.len(), bytes.len(), "positions are those of the file");
        assert!(source.get(span.start..span.end).is_some(), "{finding:?}");
    }
    for &format in Format::ALL {
        let rendered = render(&diagnostics, &report.sources, format, false);
        for secret in &secrets {
            assert!(!rendered.contains(secret), "the report has a secret: {rendered}");
        }
    }
}
