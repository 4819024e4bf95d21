//! Writes catalog YAML: a whole file in the catalog's own style, or one change to a hand-written file.
//!
//! [`render`] and [`render_computed`] make a text from a value. [`edit`] sets or removes one value in a text and leaves every other byte as it
//! was.

#[cfg(feature = "validate")]
pub(crate) mod cut;
#[cfg(feature = "validate")]
mod edit;
#[cfg(feature = "validate")]
mod render;
#[cfg(feature = "validate")]
mod scalar;

#[cfg(feature = "validate")]
pub use edit::{Refused, Step, edit, edit_alone};
#[cfg(feature = "validate")]
pub use render::{COMPUTED, render, render_computed};

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

/// Whether a line has a comment. In doubt, as within a text over several lines, `#` behind a space begins one.
#[cfg(feature = "validate")]
#[must_use]
pub fn has_comment(line: &str) -> bool {
    cut::comment(line).is_some()
}

/// Parses a YAML text.
///
/// # Errors
/// Why the text is not YAML.
pub fn parse(text: &str) -> Result<serde_json::Value, String> {
    modeldex_yaml::parse(text).map_err(|error| error.to_string())
}

#[cfg(feature = "validate")]
#[cfg(test)]
mod tests;
