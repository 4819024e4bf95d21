//! The command line of modeldex: `modeldex --help` lists the commands. One command is one file under `commands/`.
//!
//! It is given the tables that the program has built in and has none of its own: an edit of the catalog compiles the tables again, and not
//! this crate.

mod commands;
mod config;
mod diff;
mod fetch;

pub use commands::main;

use modeldex_table::Catalog;

/// What is compiled into the program that calls [`main`].
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// The catalog that commands read where no folder is named.
    pub catalog: &'static Catalog<'static>,
    /// The name of each view and its TypeScript.
    pub views: &'static [(&'static str, &'static str)],
    /// The shapes of usage objects, as JSON.
    pub usage: &'static str,
    /// Unconfirmed routing claims, as JSON.
    pub held: &'static str,
    /// What was wrong with the catalog when it was compiled: nothing, unless this is a development build.
    pub report: &'static str,
}

/// The catalog of the repository, for tests that hold every provider of it to something.
#[cfg(test)]
fn repository_catalog() -> Catalog<'static> {
    use modeldex_compile::{Compiled, compile};
    use std::sync::OnceLock;

    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| compile(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"))).catalog()
}
