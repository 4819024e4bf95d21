//! The committed files that are made from the catalog are what the catalog makes now.

#![cfg(feature = "cli")]

use std::process::Command;

#[test]
fn generated_files_are_up_to_date() {
    let output = Command::new(env!("CARGO_BIN_EXE_modeldex"))
        .args(["generate", "--check"])
        .env("MODELDEX_CONFIG", "no/such/config.json")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\nrun `cargo run -- generate`", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_catalog_has_nothing_to_report() {
    let output = Command::new(env!("CARGO_BIN_EXE_modeldex"))
        .args(["check", "--deny-warnings"])
        .env("MODELDEX_CONFIG", "no/such/config.json")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
