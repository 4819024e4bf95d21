//! The result of a compilation.

use crate::authored::View;
use crate::authored::held::HeldFacts;
use crate::diagnostic::{Diagnostic, SourceFiles, has_errors};
use crate::encode::Tables;
use modeldex_table::Catalog;
use modeldex_usage::NamedShapes;

/// The result of compiling one or more catalog folders.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The compiled tables. If the catalog has errors, the tables contain only its valid parts.
    pub tables: Tables,
    /// The views of the catalog, with their names.
    pub views: Vec<NamedView>,
    /// The usage shapes of the catalog, by name. A usage shape maps the fields of a provider's usage objects to meters.
    pub usage: NamedShapes,
    /// The routing claims that are held back until they are confirmed in `routing.yaml`.
    pub held: HeldFacts,
    /// The diagnostics, sorted by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// The files to which the diagnostics refer, with secrets masked.
    pub source_files: SourceFiles,
}

/// A view with its name.
#[derive(Clone, Debug)]
pub struct NamedView {
    /// The name of the view: the file name without extension.
    pub name: String,
    /// The content of the view.
    pub view: View,
}

impl Compiled {
    /// Returns the compiled catalog.
    #[must_use]
    pub fn catalog(&self) -> Catalog<'_> {
        self.tables.catalog()
    }

    /// Returns whether any diagnostic is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}
