//! Compiles `catalog/`, or the folder that `MODELDEX_CATALOG` names, into `OUT_DIR`; or reports what is wrong with it.

#![allow(clippy::print_stderr, reason = "the report goes where cargo shows what a build script says")]

use modeldex_compile::diagnostic::Severity;
use modeldex_compile::{compile_own, emit, render};
use std::path::{Path, PathBuf};
use std::{env, process};

/// The variable that names another catalog.
const OTHER_CATALOG: &str = "MODELDEX_CATALOG";

fn main() {
    println!("cargo::rerun-if-env-changed={OTHER_CATALOG}");
    let dir = catalog();
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut compiled = compile_own(&dir);
    // A notice is for the person who works on the catalog, and `check` shows it.
    compiled.diagnostics.retain(|diagnostic| diagnostic.severity != Severity::Notice);
    let report = render::render(&compiled.diagnostics, &compiled.sources, render::Format::Human, false);
    if compiled.has_errors() {
        let count = match compiled.diagnostics.len() {
            1 => "1 problem is".to_owned(),
            count => format!("{count} problems are"),
        };
        eprintln!("{report}");
        println!("cargo::error=the catalog in {} does not compile: {count} reported above", dir.display());
        process::exit(1);
    }
    for line in report.lines() {
        println!("cargo::warning={line}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    if let Err(error) = emit::write(&compiled, &out) {
        println!("cargo::error=the tables cannot be written to {}: {error}", out.display());
        process::exit(1);
    }
}

/// The catalog's folder.
fn catalog() -> PathBuf {
    let Some(dir) = env::var_os(OTHER_CATALOG).filter(|dir| !dir.is_empty()) else {
        return PathBuf::from("catalog");
    };
    if Path::new(&dir).is_relative() {
        println!("cargo::rerun-if-env-changed=PWD");
    }
    // Cargo runs build scripts in the package's folder; a relative path is meant from where cargo was called.
    let called_from = env::var_os("PWD").map(PathBuf::from).unwrap_or_default();
    let from_there = called_from.join(&dir);
    if from_there.is_dir() { from_there } else { PathBuf::from(&dir) }
}
