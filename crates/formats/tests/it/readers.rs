//! Every reader against small files of its source's shape, and the statements and problems that come of them.

use expect_test::expect_file;
use modeldex_formats::snapshot::Snapshot;
use modeldex_formats::{ProviderMap, Reader};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn sources_are_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    let shared = folder.join("map.yaml");
    let mut sources: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    sources.sort();
    for folder in &sources {
        let source = folder.file_name().unwrap().to_str().unwrap();
        let reader = Reader::of(source).unwrap_or_else(|| panic!("no reader is named `{source}`"));
        // A source that needs a map of its own has one beside its file.
        let own = folder.join("map.yaml");
        let map = ProviderMap::parse(&fs::read_to_string(if own.exists() { &own } else { &shared }).unwrap()).unwrap();
        // A source that is published in several files has several, `input.1.json` and so on.
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
fn a_file_of_another_shape_is_an_error() {
    let map = ProviderMap::default();
    for reader in modeldex_formats::READERS {
        for bytes in [&b"7"[..], b"\"text\"", b"{\"data\": 1, \"prices\": 1", b"\xff\xfe"] {
            assert!(reader.read(&[bytes], &map).is_err(), "{} reads {:?}", reader.source, String::from_utf8_lossy(bytes));
        }
    }
}

/// One line for each statement, in the order of the snapshot, and then one for each problem.
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
    for problem in &snapshot.problems {
        writeln!(text, "! {}: {}", problem.place, problem.reason).unwrap();
    }
    text
}
