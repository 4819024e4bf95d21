//! Every reader against small files of its source's shape, and the statements and problems that come of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use modeldex_formats::ProviderMap;
use modeldex_formats::Reader;
use modeldex_formats::snapshot::Snapshot;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn sources_are_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    let shared = folder.join("map.yaml");
    let mut sources: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    sources.sort();
    let mut different = Vec::new();
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

        let path = folder.join("expected.txt");
        let actual = written(&snapshot);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if actual != expected {
            different.push(format!("{source}: {}", first_difference(&expected, &actual)));
        }
    }
    assert!(!sources.is_empty());
    assert!(
        different.is_empty(),
        "what is read has changed:\n{}\nIf that is meant: UPDATE_GOLDEN=1 cargo test -p modeldex-formats --test readers, and look at the difference",
        different.join("\n")
    );
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

fn first_difference(expected: &str, actual: &str) -> String {
    let (mut expected, mut actual) = (expected.lines(), actual.lines());
    loop {
        match (expected.next(), actual.next()) {
            (Some(one), Some(other)) if one == other => {}
            (one, other) => return format!("expected `{}`, is `{}`", one.unwrap_or("the end"), other.unwrap_or("the end")),
        }
    }
}
