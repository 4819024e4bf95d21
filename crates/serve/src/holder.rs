//! What is served: a catalog, and whatever keeps it in memory.

use modeldex_table::{Catalog, Model};

/// Keeps a catalog in memory. A catalog borrows from what holds it, so a site owns the holder and asks it for the catalog whenever it makes
/// a page; pages own their bytes. That keeps both in one struct without `unsafe`.
pub trait Holder: Send + Sync {
    /// The catalog.
    fn catalog(&self) -> Catalog<'_>;

    /// Who says what of the facts of a model. It may read files: it is not asked where that would hold up other answers.
    fn evidence(&self, model: Model<'_>) -> Evidence;
}

/// What is known of where the facts of a model come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The JSON.
    Found(String),
    /// There is no evidence beside this catalog, and why.
    Absent(String),
    /// It is there and cannot be read.
    Unreadable(String),
}
