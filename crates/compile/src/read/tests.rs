//! Tests of the findings of the reader.

use crate::compile;
use crate::testing::{ACME, Folder, check, check_acme, compiled};
use std::fs;

#[test]
fn missing_folders_and_folders_in_place_of_files() {
    let folder = Folder::new(&[("providers/acme.yaml/keep", "")]);
    let found = compile(&folder.0).diagnostics;
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
    let found = compile(&folder.0.join("none")).diagnostics;
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
    assert_eq!(compiled(&[("README.md", "Not a catalog file.\n")]).diagnostics.len(), 1);
}

#[test]
fn the_position_is_the_first_invalid_byte() {
    let folder = Folder::new(&[("providers/acme.yaml", "")]);
    fs::write(folder.0.join("providers/acme.yaml"), b"name: \xc3\xa9\xe9 Acme\n").unwrap();
    let found = compile(&folder.0);
    let places: Vec<_> = found.diagnostics.iter().map(|each| (each.code, found.source_files.positions(each.span).0.column)).collect();
    assert_eq!(places, [("not-utf8", 8)]);
}

#[test]
fn secrets_are_found_in_values_and_comments() {
    // Built at run time, so that secret scanners do not report this file.
    let key = format!("sk-acme-{}7", "0".repeat(30));
    assert_eq!(check_acme(&format!("# {key}\n")), ["secret providers/acme.yaml:9:3"]);
    assert_eq!(
        check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", &key))]),
        ["environment-name providers/acme.yaml:8:11", "secret providers/acme.yaml:8:11"]
    );
    assert!(check_acme("# sk-acme\n").is_empty());
}

#[test]
fn invalid_yaml() {
    assert_eq!(check(&[("providers/acme.yaml", "name: [\n")]), ["syntax providers/acme.yaml:3:1"]);
    assert_eq!(check(&[("providers/acme.yaml", "name: a\nkind: b: c\n")]), ["syntax providers/acme.yaml:3:8"]);
    assert_eq!(check_acme("---\nname: Other\n"), ["syntax providers/acme.yaml:9:1"]);
    assert!(check_acme("").is_empty());
}

#[test]
fn anchors_aliases_and_tags() {
    assert_eq!(
        check(&[("providers/acme.yaml", "name: &x Acme\ndoc_url: *x\n")]),
        ["anchor providers/acme.yaml:2:7", "anchor providers/acme.yaml:3:10"]
    );
    assert_eq!(check(&[("providers/acme.yaml", "name: !!str Acme\n")]), ["anchor providers/acme.yaml:2:7"]);
    assert!(check(&[("providers/acme.yaml", &ACME.replace("Acme\n", "'&Acme *and* !more'\n"))]).is_empty());
}

#[test]
fn duplicate_keys() {
    assert_eq!(check_acme("name: Again\n"), ["duplicate-key providers/acme.yaml:9:1"]);
    assert_eq!(check_acme("models:\n  - {id: a, id: b}\n"), ["duplicate-key providers/acme.yaml:10:13"]);
    assert!(check_acme("models:\n  - {id: a}\n  - {id: b}\n").is_empty());
}

#[test]
fn strings_that_are_too_long() {
    let text = |len: usize| format!("{ACME}default_model: {}\n", "x".repeat(len));
    assert_eq!(check(&[("providers/acme.yaml", &text(70_000))]), ["too-long providers/acme.yaml:9:16"]);
    assert_eq!(check(&[("providers/acme.yaml", &text(3_000))]), ["invalid-value providers/acme.yaml:9:16"]);
}
