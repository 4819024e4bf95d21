//! What comes out of a compilation.

use crate::authored::View;
use crate::authored::held::HeldFacts;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::encode::Tables;
use modeldex_table::Catalog;
use modeldex_usage::NamedShapes;

/// A compiled catalog folder.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The rows; of what was right, when there were errors.
    pub tables: Tables,
    /// The views, by name.
    pub views: Vec<NamedView>,
    /// The shapes of usage objects.
    pub usage: NamedShapes,
    /// Unconfirmed routing claims.
    pub held: HeldFacts,
    /// What is wrong, by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, as they may be shown.
    pub sources: Sources,
}

/// A view and its name, which is its file's.
#[derive(Clone, Debug)]
pub struct NamedView {
    /// The name.
    pub name: String,
    /// What it says.
    pub view: View,
}

impl Compiled {
    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> Catalog<'_> {
        self.tables.catalog()
    }

    /// Whether anything is wrong that keeps the catalog from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}
