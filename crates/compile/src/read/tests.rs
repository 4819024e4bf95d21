//! The codes that the reader reports.

use crate::compile;
use crate::testing::{ACME, Folder, check, check_acme, compiled};
use std::fs;

#[test]
fn a_folder_that_is_not_there_and_a_file_that_is_none() {
    let folder = Folder::new(&[("providers/acme.yaml/keep", "")]);
    let found = compile(&folder.0).diagnostics;
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
    let found = compile(&folder.0.join("none")).diagnostics;
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
    assert_eq!(compiled(&[("README.md", "No file of a catalog.\n")]).diagnostics.len(), 1);
}

#[test]
fn the_first_byte_that_is_no_character() {
    let folder = Folder::new(&[("providers/acme.yaml", "")]);
    fs::write(folder.0.join("providers/acme.yaml"), b"name: \xc3\xa9\xe9 Acme\n").unwrap();
    let found = compile(&folder.0);
    let places: Vec<_> = found.diagnostics.iter().map(|each| (each.code, found.sources.positions(each.span).0.column)).collect();
    assert_eq!(places, [("not-utf8", 8)]);
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    // Put together at run time, so that no scanner takes this file for a leak.
    let key = format!("sk-acme-{}7", "0".repeat(30));
    assert_eq!(check_acme(&format!("# {key}\n")), ["secret providers/acme.yaml:9:3"]);
    assert_eq!(
        check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", &key))]),
        ["environment-name providers/acme.yaml:8:11", "secret providers/acme.yaml:8:11"]
    );
    assert!(check_acme("# sk-acme\n").is_empty());
}

#[test]
fn a_text_that_is_not_yaml() {
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
fn the_same_key_twice() {
    assert_eq!(check_acme("name: Again\n"), ["duplicate-key providers/acme.yaml:9:1"]);
    assert_eq!(check_acme("models:\n  - {id: a, id: b}\n"), ["duplicate-key providers/acme.yaml:10:13"]);
    assert!(check_acme("models:\n  - {id: a}\n  - {id: b}\n").is_empty());
}

#[test]
fn a_text_that_no_row_holds() {
    let text = |len: usize| format!("{ACME}default_model: {}\n", "x".repeat(len));
    assert_eq!(check(&[("providers/acme.yaml", &text(70_000))]), ["too-long providers/acme.yaml:9:16"]);
    assert_eq!(check(&[("providers/acme.yaml", &text(3_000))]), ["invalid-value providers/acme.yaml:9:16"]);
}
