//! Generated files that are committed match the catalog.

#![cfg(feature = "cli")]

use crate::program::{finish, quiet};

#[test]
fn generated_files_are_up_to_date() {
    let run = finish(quiet(env!("CARGO_MANIFEST_DIR")).args(["generate", "--check"]));
    assert_eq!(run.code, 0, "{}\nrun `cargo run -- generate`", run.err);
}

#[test]
fn the_catalog_has_no_diagnostics() {
    let run = finish(quiet(env!("CARGO_MANIFEST_DIR")).args(["check", "--deny-warnings"]));
    assert_eq!(run.code, 0, "{}", run.err);
}
