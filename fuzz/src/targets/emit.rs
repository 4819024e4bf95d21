//! Compiles the file of a provider, and writes the catalog in every format of `emit`.
//!
//! The files are JSON or YAML as their names state, and the readers of the formats read them. No format writes a name as SQL code.

use super::compile;
use super::split_text;
use crate::fixture;
use modeldex_compile::emit::typescript;
use modeldex_formats::{EMIT_TARGETS, LossReport, ModelSelection, OutputFile, SourceReader};
use serde_json::Value;

pub(crate) fn run(input: &[u8]) {
    let Some((selector, text)) = split_text(input) else { return };
    let compiled = compile::compile(["providers/acme.yaml", "providers/other.yaml"][selector % 2], &text);
    if compiled.has_errors() {
        return;
    }
    let catalog = compiled.catalog();
    let selection = ModelSelection::all(&catalog, fixture::now());
    for target in EMIT_TARGETS {
        let mut losses = LossReport::default();
        let files = target.write(&selection, &mut losses);
        for OutputFile { path, text } in &files {
            let extension = path.rsplit('.').next().unwrap_or_default();
            match extension {
                "json" => drop(serde_json::from_str::<Value>(text).expect("the file is JSON")),
                "yaml" | "yml" => drop(serde_yaml::from_str::<Value>(text).expect("the file is YAML")),
                // A quote in a string is doubled.
                "sql" => assert!(text.matches('\'').count() % 2 == 0, "{text}"),
                _ => {}
            }
        }
        if let (Some(reader), [file]) = (SourceReader::for_source(target.name), &files[..]) {
            let read = reader.read(&[file.text.as_bytes()], fixture::provider_map(target.name));
            assert!(read.is_ok(), "{}: {read:?}", target.name);
        }
        for (loss, count) in losses.counts() {
            assert!(!loss.describe(count).is_empty());
        }
    }
    assert!(!typescript::render_package(&catalog).is_empty());
}
