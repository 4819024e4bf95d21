//! Compiles `catalog/`, or the folder that `MODELDEX_CATALOG` names, into `OUT_DIR`; or reports what is wrong with it.

#![allow(clippy::print_stderr, reason = "the report goes where cargo shows what a build script says")]

use modeldex_compile::diagnostic::Severity;
use modeldex_compile::{compile_as, emit, render};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// The variable that names another catalog.
const OTHER_CATALOG: &str = "MODELDEX_CATALOG";

/// A file that lies beside this one in a checkout of the workspace, and not in a package that was made from it.
const OF_WORKSPACE: &str = "crates/compile/Cargo.toml";

fn main() {
    println!("cargo::rerun-if-env-changed={OTHER_CATALOG}");
    println!("cargo::rerun-if-env-changed=CI");
    let (dir, name) = catalog();
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut compiled = compile_as(&dir, &name);
    // A notice is for the person who works on the catalog, and `check` shows it.
    compiled.diagnostics.retain(|diagnostic| diagnostic.severity != Severity::Notice);
    let mut report = render::render(&compiled.diagnostics, &compiled.sources, render::Format::Human, false);
    if compiled.has_errors() {
        let (count, are) = match compiled.diagnostics.len() {
            1 => (1, "problem is"),
            count => (count, "problems are"),
        };
        let is_primary = option_env!("CARGO_PRIMARY_PACKAGE").is_some();
        if !may_be_broken(is_primary && Path::new(OF_WORKSPACE).is_file(), |name| env::var_os(name)) {
            eprintln!("{report}");
            println!("cargo::error=the catalog in {} does not compile: {count} {are} reported above", dir.display());
            process::exit(1);
        }
        println!("cargo::warning=the catalog in {} is broken: {count} {are} reported by `cargo run -- check`", dir.display());
    } else {
        for line in report.lines() {
            println!("cargo::warning={line}");
        }
        report.clear();
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    if let Err(error) = emit::write(&compiled, &out).and_then(|()| fs::write(out.join("report.txt"), report)) {
        println!("cargo::error=the tables cannot be written to {}: {error}", out.display());
        process::exit(1);
    }
}

/// Whether a catalog with errors is compiled all the same, so that the command that reports and mends them can run.
///
/// Only a development build of this package in its own workspace does that. A release, CI, the build of another catalog and every package that
/// depends on this one fail, because nobody there runs `check`.
pub(crate) fn may_be_broken(is_own_workspace: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    is_own_workspace && variable("PROFILE").is_some_and(|profile| profile == "debug") && !is_set("CI") && !is_set(OTHER_CATALOG)
}

/// The catalog's folder, and what it is called in the tables: its own name, so that where it lies changes no byte.
fn catalog() -> (PathBuf, String) {
    let Some(dir) = env::var_os(OTHER_CATALOG).filter(|dir| !dir.is_empty()) else {
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
