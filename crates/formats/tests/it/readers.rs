//! Every reader with small files in its source's format, and the resulting facts and rejected inputs.

use expect_test::expect_file;
use modeldex_formats::snapshot::Snapshot;
use modeldex_formats::{ProviderIdMap, SourceReader};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn readers_produce_expected_facts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    let shared = folder.join("map.yaml");
    let mut sources: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    sources.sort();
    for folder in &sources {
        let source = folder.file_name().unwrap().to_str().unwrap();
        let reader = SourceReader::for_source(source).unwrap_or_else(|| panic!("no reader is named `{source}`"));
        // A source with its own provider map has it next to its file.
        let own = folder.join("map.yaml");
        let map = ProviderIdMap::parse(&fs::read_to_string(if own.exists() { &own } else { &shared }).unwrap()).unwrap();
        // A source that publishes several files has several inputs, `input.1.json` and so on.
        let mut inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("input."));
        inputs.sort();
        let inputs: Vec<_> = inputs.iter().map(|path| fs::read(path).unwrap()).collect();
        let snapshot = reader.read(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>(), &map).unwrap();

        expect_file![folder.join("expected.txt")].assert_eq(&written(&snapshot));
    }
    assert!(!sources.is_empty());
}

#[test]
fn malformed_files_are_errors() {
    let map = ProviderIdMap::default();
    for reader in modeldex_formats::SOURCE_READERS {
        for bytes in [&b"7"[..], b"\"text\"", b"{\"data\": 1, \"prices\": 1", b"\xff\xfe"] {
            assert!(reader.read(&[bytes], &map).is_err(), "{} reads {:?}", reader.source, String::from_utf8_lossy(bytes));
        }
    }
}

/// Returns one line per fact, in the order of the snapshot, then one per rejected input.
fn written(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for (id, provider) in &snapshot.providers {
        for (key, value) in &provider.facts {
            writeln!(text, "{id} {key} = {value}").unwrap();
        }
        for (model, facts) in &provider.models {
            for (key, value) in facts {
                writeln!(text, "{id}/{model} {key} = {value}").unwrap();
            }
        }
    }
    for problem in &snapshot.rejected {
        writeln!(text, "! {}: {}", problem.place, problem.reason).unwrap();
    }
    text
}
