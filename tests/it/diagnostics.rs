//! Every rule has a case in `tests/diagnostics/`: a small catalog that violates it, and the committed report. A case of a rule about overlays also has
//! the folder `overlay`.
//!
//! If a report changes, review the difference and update it with the command in the failure message.

#![cfg(feature = "cli")]

use expect_test::expect_file;
use modeldex_compile::diagnostic::SourceFiles;
use modeldex_compile::{Compiled, UserRoutes, codes, compile, compile_layers, render};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// Code, file, line and column of a diagnostic.
type Found = (&'static str, String, usize, usize);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// The cases, by the code they test.
fn cases() -> Vec<(String, PathBuf)> {
    let mut cases: Vec<(String, PathBuf)> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    cases.sort();
    cases
}

/// The sources with paths relative to `dir`, so that reports do not contain the path of the repository.
fn below(sources: &SourceFiles, dir: &Path) -> SourceFiles {
    let prefix = format!("{}/", dir.to_string_lossy().replace('\\', "/"));
    let mut shortened = SourceFiles::default();
    for file in sources.files() {
        shortened.add(file.path.strip_prefix(&prefix).unwrap_or(&file.path).to_owned(), file.text.clone());
    }
    shortened
}

fn report(compiled: &Compiled, dir: &Path) -> String {
    let report = render::render(&compiled.diagnostics, &below(&compiled.source_files, dir), render::Format::Human, false);
    format!("{}\n", report.trim_end())
}

fn found(compiled: &Compiled, dir: &Path) -> BTreeSet<Found> {
    let sources = below(&compiled.source_files, dir);
    let place = |diagnostic: &modeldex_compile::diagnostic::Diagnostic| {
        let (from, _) = sources.positions(diagnostic.span);
        (diagnostic.code, sources.get(diagnostic.span.file).path.clone(), from.line, from.column)
    };
    compiled.diagnostics.iter().map(place).collect()
}

#[test]
fn every_code_has_a_case() {
    let cases: BTreeSet<String> = cases().into_iter().map(|(code, _)| code).collect();
    let codes: BTreeSet<String> = codes::RULES.iter().map(|rule| rule.code.to_owned()).collect();
    let (missing, unknown): (Vec<_>, Vec<_>) = (codes.difference(&cases).collect(), cases.difference(&codes).collect());
    assert!(missing.is_empty(), "no case below tests/diagnostics/ for {missing:?}");
    assert!(unknown.is_empty(), "no rule for the cases {unknown:?}");
}

#[test]
#[cfg_attr(windows, ignore = "a report quotes what the system says of a file that cannot be read")]
fn reports_match_the_committed_ones() {
    for (code, dir) in cases() {
        let overlay = Some(dir.join("overlay")).filter(|overlay| overlay.exists());
        let folders: Vec<PathBuf> = [dir.join("catalog")].into_iter().chain(overlay).collect();
        let compiled = compile_layers(None, &folders, &UserRoutes::default());
        let codes: BTreeSet<&str> = compiled.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, BTreeSet::from([code.as_str()]), "a case breaks its own rule and no other");
        expect_file![dir.join("report.txt")].assert_eq(&report(&compiled, &dir));
    }
}

#[test]
fn diagnostics_of_all_cases_are_found_in_one_catalog() {
    // A catalog has one registry, so root files of different cases cannot be combined.
    let in_a_folder = |(_, path, ..): &Found| path.matches('/').count() > 0;

    let together = env::temp_dir().join(format!("modeldex-diagnostics-{}", process::id()));
    let _ = fs::remove_dir_all(&together);
    let mut alone = BTreeSet::new();
    // Imported files need the routing of their own catalog.
    for (_, dir) in cases().into_iter().filter(|(_, dir)| !dir.join("catalog/imported").exists()) {
        let catalog = dir.join("catalog");
        alone.extend(found(&compile(&catalog), &catalog).into_iter().filter(in_a_folder));
        for folder in fs::read_dir(&catalog).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            copy(&folder, &together.join(folder.file_name().unwrap()));
        }
    }
    let together_found = found(&compile(&together), &together);
    fs::remove_dir_all(&together).unwrap();
    let missing: Vec<_> = alone.difference(&together_found).collect();
    let more: Vec<_> = together_found.difference(&alone).collect();
    assert!(missing.is_empty(), "found alone and not together: {missing:#?}");
    assert!(more.is_empty(), "found together and not alone: {more:#?}");
}

/// Copies a folder into another one; files in both must be equal.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(
                fs::read(&target).is_ok_and(|before| before == bytes) || !target.exists(),
                "{} is another file in another case",
                path.display()
            );
            fs::write(&target, bytes).unwrap();
        }
    }
}
