//! TypeScript from a catalog: the data file of one web UI, and the whole catalog as a package.
//!
//! Both are text in memory; whoever calls writes it. Neither says when, where or by which version it was written, so the same
//! catalog gives the same bytes everywhere.

mod literal;
mod package;
mod view;

pub use package::package;
pub use view::{ViewFault, ViewFaultKind, view, view_faults};
