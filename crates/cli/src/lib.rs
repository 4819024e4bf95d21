//! The command line of modeldex: `modeldex --help` lists the commands. Each command is a file under `commands/`.
//!
//! The catalog is passed in by the caller, as built-in tables or as a folder to compile, so that an edit of the catalog does not recompile this
//! crate.

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

/// The catalog compiled into the program, or the folder read in its place. Passed to [`main`].
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// The catalog that commands read without `--catalog`.
    pub catalog: &'static Catalog<'static>,
    /// Name and TypeScript source of each view.
    pub views: &'static [(&'static str, &'static str)],
    /// Usage shapes, as JSON.
    pub usage: &'static str,
    /// Unconfirmed routing claims, as JSON.
    pub held: &'static str,
    /// The catalog folder, if it was compiled when the program started and not when it was built.
    pub folder: Option<&'static Path>,
    /// The rendered errors and warnings of that folder.
    pub report: &'static str,
    /// Whether `report` has errors.
    pub is_broken: bool,
}

impl BuiltIn {
    /// Compiles the catalog folder `dir` to use in place of built-in tables. The memory is never freed.
    #[must_use]
    pub fn of_folder(dir: PathBuf) -> Self {
        let mut compiled = compile_builtin(&dir);
        // Notices are for authors of the catalog; `check` prints them.
        compiled.diagnostics.retain(|diagnostic| diagnostic.severity != Severity::Notice);
        let compiled: &Compiled = Box::leak(Box::new(compiled));
        let report = render(&compiled.diagnostics, &compiled.source_files, Format::Human, false);
        // The report has an error for each view that cannot be written.
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

/// The catalog of the repository, for tests that check all its providers.
#[cfg(test)]
fn repository_catalog() -> Catalog<'static> {
    use modeldex_compile::{Compiled, compile};
    use std::sync::OnceLock;

    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| compile(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"))).catalog()
}
