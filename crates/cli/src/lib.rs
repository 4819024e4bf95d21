//! The command line of modeldex: `modeldex --help` lists the commands. One command is one file under `commands/`.
//!
//! It is given the tables that the program has built in, or the folder to compile in their place, and has none of its own: an edit of the catalog
//! never compiles this crate again.

mod commands;
mod config;
mod diff;
mod fetch;

pub use commands::main;

use modeldex_compile::diagnostic::Severity;
use modeldex_compile::emit::typescript;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, compile_builtin};
use modeldex_table::Catalog;
use std::path::{Path, PathBuf};

/// What the program that calls [`main`] knows without being given a folder.
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
    /// The folder that it was compiled from as the program runs, and not as it was built.
    pub folder: Option<&'static Path>,
    /// The errors and warnings about the files of that folder.
    pub report: &'static str,
    /// Whether errors are among them.
    pub is_broken: bool,
}

impl BuiltIn {
    /// The catalog folder `dir` as its files are now, in place of tables that are compiled in. It stays in memory until the program ends.
    #[must_use]
    pub fn of_folder(dir: PathBuf) -> Self {
        let mut compiled = compile_builtin(&dir);
        // A notice is for the person who works on the catalog, and `check` shows it.
        compiled.diagnostics.retain(|diagnostic| diagnostic.severity != Severity::Notice);
        let compiled: &Compiled = Box::leak(Box::new(compiled));
        let report = render(&compiled.diagnostics, &compiled.source_files, Format::Human, false);
        // A view that cannot be written is an error that the report has.
        let views = typescript::render_views(compiled).filter_map(|(name, text)| Some((name, &*text.ok()?.leak())));
        Self {
            catalog: Box::leak(Box::new(compiled.catalog())),
            views: views.collect::<Vec<_>>().leak(),
            usage: modeldex_usage::shapes_to_json(&compiled.usage).leak(),
            held: serde_json::to_string(&compiled.held).unwrap_or_default().leak(),
            folder: Some(Box::leak(dir.into_boxed_path())),
            report: report.leak(),
            is_broken: compiled.has_errors(),
        }
    }
}

/// The catalog of the repository, for tests that hold every provider of it to something.
#[cfg(test)]
fn repository_catalog() -> Catalog<'static> {
    use modeldex_compile::{Compiled, compile};
    use std::sync::OnceLock;

    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| compile(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"))).catalog()
}
