//! The result of a compilation.

use crate::authored::View;
use crate::authored::held::HeldFacts;
use crate::diagnostic::{Diagnostic, SourceFiles, has_errors};
use crate::encode::Tables;
use modeldex_table::Catalog;
use modeldex_usage::NamedShapes;

/// A compiled catalog folder.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The compiled tables. If there are errors, they contain only the valid parts.
    pub tables: Tables,
    /// The views, by name.
    pub views: Vec<NamedView>,
    /// The usage shapes, by name.
    pub usage: NamedShapes,
    /// Routing claims that are held back until `routing.yaml` confirms them.
    pub held: HeldFacts,
    /// The diagnostics, sorted by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// The files to which the diagnostics refer, with secrets masked.
    pub source_files: SourceFiles,
}

/// A view with its name.
#[derive(Clone, Debug)]
pub struct NamedView {
    /// The file name without extension.
    pub name: String,
    /// The content of the file.
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
