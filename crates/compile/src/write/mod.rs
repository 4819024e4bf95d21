//! Writes the YAML of catalog files: a complete file in the style of the catalog, or a single change to a hand-written file.
//!
//! [`render`] and [`render_generated`] format a value as text. [`edit`] sets or removes one value in a text and keeps all other bytes.

#[cfg(feature = "validate")]
pub(crate) mod cut;
#[cfg(feature = "validate")]
mod edit;
#[cfg(feature = "validate")]
mod render;
#[cfg(feature = "validate")]
mod scalar;

#[cfg(feature = "validate")]
pub use edit::{EditError, PathSegment, edit, edit_keeping_empty};
#[cfg(feature = "validate")]
pub use render::{GENERATED_HEADER, render, render_generated};

use crate::read::FileKind;

/// Returns the first line of a hand-written file, without the line ending: a comment that names the schema of the file for editors.
///
/// ```
/// # use modeldex_compile::{FileKind, write::schema_line};
/// assert_eq!(schema_line(FileKind::Lab), "# yaml-language-server: $schema=../../schema/lab.schema.json");
/// ```
#[must_use]
pub fn schema_line(kind: FileKind) -> String {
    kind.schema_line()
}

/// Returns whether a line of YAML has a comment. In ambiguous cases, such as inside a multi-line string, ` #` counts as the start of a comment.
#[cfg(feature = "validate")]
#[must_use]
pub fn has_comment(line: &str) -> bool {
    cut::comment_start(line).is_some()
}

/// Parses a YAML document into a JSON value.
///
/// # Errors
/// Returns the error message of the YAML parser.
pub fn parse(text: &str) -> Result<serde_json::Value, String> {
    modeldex_yaml::parse(text).map_err(|error| error.to_string())
}

#[cfg(feature = "validate")]
#[cfg(test)]
mod tests;
