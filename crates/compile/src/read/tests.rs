//! Tests of the findings of the reader.

use crate::compile;
use crate::testing::{ACME, Folder, check, check_acme, compiled};
#[cfg(unix)]
use crate::{catalog_files, links_outside};
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

#[test]
#[cfg(unix)]
fn links_add_no_files_and_those_to_other_folders_are_listed() {
    use std::os::unix::fs::symlink;
    let (folder, other) = (Folder::new(&[("providers/acme.yaml", ACME)]), Folder::new(&[("providers/private.yaml", ACME)]));
    let (root, files) = (&folder.0, || catalog_files(&folder.0).unwrap());
    let codes = || compile(root).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>();
    let (before, codes_before) = (files(), codes());
    for (target, link) in [(".", "self"), (".", "providers/self"), ("..", "providers/up"), ("/", "everything"), ("/", "providers/all")] {
        symlink(target, root.join(link)).unwrap();
    }
    fs::create_dir(root.join("usage")).unwrap();
    symlink("../usage", root.join("usage/self")).unwrap();
    assert_eq!(files(), before, "folders are not searched through links");
    assert_eq!(codes(), codes_before);
    // A file that is a link to itself is one file, which cannot be read.
    symlink("loop.yaml", root.join("providers/loop.yaml")).unwrap();
    assert_eq!(files().len(), before.len() + 1);
    assert_eq!(codes().iter().filter(|code| **code == "unreadable").count(), 1);
    fs::remove_file(root.join("providers/loop.yaml")).unwrap();
    // Links inside of the folder, and linked folders.
    fs::rename(root.join("providers/acme.yaml"), root.join("acme.yaml")).unwrap();
    symlink("../acme.yaml", root.join("providers/acme.yaml")).unwrap();
    assert_eq!(links_outside(root).unwrap(), Vec::<std::path::PathBuf>::new());
    symlink(other.0.join("providers/private.yaml"), root.join("providers/private.yaml")).unwrap();
    symlink(&other.0, root.join("models")).unwrap();
    assert_eq!(links_outside(root).unwrap(), [root.join("providers/private.yaml")]);
    fs::remove_file(root.join("models")).unwrap();
    fs::remove_dir_all(root.join("providers")).unwrap();
    symlink(other.0.join("providers"), root.join("providers")).unwrap();
    assert_eq!(links_outside(root).unwrap(), Vec::<std::path::PathBuf>::new(), "a linked folder");
    assert!(links_outside(&root.join("none")).is_err());
}
