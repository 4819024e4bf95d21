//! Compiles the catalog folder `catalog/`, or the folder in the variable `MODELDEX_CATALOG`, into Rust source in `OUT_DIR`. If the catalog has
//! errors, the build fails and reports them.

#![allow(clippy::print_stderr, reason = "cargo shows the stderr of a failed build script")]

use modeldex_compile::diagnostic::Severity;
use modeldex_compile::{compile_builtin, emit, render};
use std::path::{Path, PathBuf};
use std::{env, process};

/// The environment variable with the path of another catalog folder.
const CATALOG_VARIABLE: &str = "MODELDEX_CATALOG";

fn main() {
    println!("cargo::rerun-if-env-changed={CATALOG_VARIABLE}");
    let dir = catalog();
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut compiled = compile_builtin(&dir);
    // Notices are for authors of the catalog; `check` shows them.
    compiled.diagnostics.retain(|diagnostic| diagnostic.severity != Severity::Notice);
    let report = render::render(&compiled.diagnostics, &compiled.source_files, render::Format::Human, false);
    if compiled.has_errors() {
        // Cargo prints the error first, then what the build script wrote to stderr.
        eprintln!("{report}");
        let dir = dir.display();
        match compiled.diagnostics.len() {
            1 => println!("cargo::error=the catalog in {dir} does not compile: 1 problem, reported below under `--- stderr`"),
            count => println!("cargo::error=the catalog in {dir} does not compile: {count} problems, reported below under `--- stderr`"),
        }
        process::exit(1);
    }
    for line in report.lines() {
        println!("cargo::warning={line}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    if let Err(error) = emit::write_rust(&compiled, &out) {
        println!("cargo::error=cannot write the tables of the catalog to {}: {error}", out.display());
        process::exit(1);
    }
}

/// Returns the catalog folder to compile.
fn catalog() -> PathBuf {
    let Some(dir) = env::var_os(CATALOG_VARIABLE).filter(|dir| !dir.is_empty()) else {
        return PathBuf::from("catalog");
    };
    if Path::new(&dir).is_relative() {
        println!("cargo::rerun-if-env-changed=PWD");
    }
    // A relative path starts at the folder in which cargo was called, but cargo runs build scripts in the folder of the package.
    let invocation_dir = env::var_os("PWD").map(PathBuf::from).unwrap_or_default();
    let resolved = invocation_dir.join(&dir);
    if resolved.is_dir() { resolved } else { PathBuf::from(&dir) }
}
