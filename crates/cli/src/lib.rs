//! The command line of modeldex: `modeldex --help` lists the commands. Each command is a file under `commands/`.
//!
//! The caller passes the catalog as [`BuiltIn`]: static tables, or a catalog folder that is compiled at run time. An edit of the catalog therefore
//! does not recompile this crate.

mod commands;
mod config;
mod diff;
mod fetch;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use commands::main;

use modeldex_compile::diagnostic::Severity;
use modeldex_compile::emit::typescript;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, compile_builtin};
use modeldex_table::Catalog;
use std::path::{Path, PathBuf};

/// The catalog of the program, which is the argument of [`main`]: static tables, or a catalog folder that is compiled when the program starts.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// The catalog that commands use if `--catalog` is not given.
    pub catalog: &'static Catalog<'static>,
    /// Each view (a TypeScript file with a part of the catalog, defined in `catalog/views/`): its name and its source text.
    pub views: &'static [(&'static str, &'static str)],
    /// The usage shapes of the catalog as JSON. A usage shape maps the fields of usage objects to meters.
    pub usage: &'static str,
    /// The routing claims that are held back until they are confirmed, as JSON.
    pub held: &'static str,
    /// The catalog folder that was compiled at the start of the program; `None` for static tables.
    pub folder: Option<&'static Path>,
    /// The errors and warnings of the catalog folder, as text; empty for static tables.
    pub report: &'static str,
    /// Whether the catalog folder has errors.
    pub is_broken: bool,
}

impl BuiltIn {
    /// Compiles the catalog folder `dir`, for use instead of static tables. The memory of the compiled catalog is never freed.
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
