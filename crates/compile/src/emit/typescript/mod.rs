//! Emits TypeScript: a data file for each view, and the complete catalog as a package.
//!
//! The files are returned as strings. The output contains no dates, file system paths or versions, so the same catalog always gives the same bytes.

mod literal;
mod package;
mod view;

pub use package::render_package;
pub use view::{ViewError, ViewErrorKind, render_view, view_errors};

use crate::compiled::{Compiled, NamedView};

/// Renders the TypeScript data file of each view of a catalog. For each view, returns the name of the view, and either the text of its file or the
/// first error in the view.
pub fn render_views(compiled: &Compiled) -> impl Iterator<Item = (&str, Result<String, Box<ViewError>>)> {
    let catalog = compiled.catalog();
    compiled.views.iter().map(move |NamedView { name, view }| (name.as_str(), render_view(&catalog, name, view)))
}
