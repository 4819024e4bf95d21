//! TypeScript from a catalog: the data file of one web UI, and the whole catalog as a package.
//!
//! Both are text in memory; whoever calls writes it. Neither says when, where or by which version it was written, so the same
//! catalog gives the same bytes everywhere.

mod literal;
mod package;
mod view;

pub use package::package;
pub use view::{ViewFault, ViewFaultKind, view, view_faults};

use crate::compiled::{Compiled, NamedView};

/// The data file of each view of a catalog, by the view's name.
pub fn views(compiled: &Compiled) -> impl Iterator<Item = (&str, Result<String, Box<ViewFault>>)> {
    let catalog = compiled.catalog();
    compiled.views.iter().map(move |NamedView { name, view: of }| (name.as_str(), view(&catalog, name, of)))
}
