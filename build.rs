//! Compiles `catalog/`, or the folder that `MODELDEX_CATALOG` names, into `OUT_DIR`; or reports what is wrong with it.

#![allow(clippy::print_stderr, reason = "the report goes where cargo shows what a build script says")]

use modeldex_compile::{compile_as, emit, render};
use std::path::{Path, PathBuf};
use std::{env, process};

fn main() {
    println!("cargo::rerun-if-env-changed=MODELDEX_CATALOG");
    let (dir, name) = catalog();
    println!("cargo::rerun-if-changed={}", dir.display());
    let compiled = compile_as(&dir, &name);
    let report = render::render(&compiled.diagnostics, &compiled.sources, render::Format::Human, false);
    if compiled.has_errors() {
        eprintln!("{report}");
        let (count, are) = match compiled.diagnostics.len() {
            1 => (1, "problem is"),
            count => (count, "problems are"),
        };
        println!("cargo::error=the catalog in {} does not compile: {count} {are} reported above", dir.display());
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

/// The catalog's folder, and what it is called in the tables: its own name, so that where it lies changes no byte.
fn catalog() -> (PathBuf, String) {
    let Some(dir) = env::var_os("MODELDEX_CATALOG").filter(|dir| !dir.is_empty()) else {
        return (PathBuf::from("catalog"), "catalog".to_owned());
    };
    if Path::new(&dir).is_relative() {
        println!("cargo::rerun-if-env-changed=PWD");
    }
    // Cargo runs build scripts in the package's folder; a relative path is meant from where cargo was called.
    let called_from = env::var_os("PWD").map(PathBuf::from).unwrap_or_default();
    let from_there = called_from.join(&dir);
    let dir = if from_there.is_dir() { from_there } else { PathBuf::from(&dir) };
    let name = dir.file_name().map_or_else(|| "catalog".to_owned(), |name| name.to_string_lossy().into_owned());
    (dir, name)
}
