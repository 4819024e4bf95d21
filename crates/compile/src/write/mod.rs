//! Writes catalog YAML: a whole file in the catalog's own style, or changes to a file that people keep by hand.
//!
//! [`render`] makes a text from a value. [`edit`] changes single keys and entries of a text and leaves every other byte as it was, so that
//! comments, a chosen order and blank lines outlive any number of automatic changes.

#[cfg(feature = "validate")]
pub(crate) mod cut;
#[cfg(feature = "validate")]
mod edit;
#[cfg(feature = "validate")]
mod render;
#[cfg(feature = "validate")]
mod scalar;

#[cfg(feature = "validate")]
pub use edit::{Change, Edited, Entry, Refused, Why, edit};
#[cfg(feature = "validate")]
pub use render::render;

use crate::read::FileKind;

/// The first line of a file, by which editors find its schema; without the end of the line.
///
/// ```
/// # use modeldex_compile::{FileKind, write::schema_line};
/// assert_eq!(schema_line(FileKind::Lab), "# yaml-language-server: $schema=../../schema/lab.schema.json");
/// ```
#[must_use]
pub fn schema_line(kind: FileKind) -> String {
    kind.schema_line()
}

#[cfg(feature = "validate")]
#[cfg(test)]
mod tests;
