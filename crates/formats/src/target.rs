//! Output formats of `emit`. Each format has a name, fields, losses and a writer.

use crate::fields::FieldMapping;
use crate::loss::{CatalogPart, Loss, LossReport};
use crate::selection::ModelSelection;
use serde_json::value::{RawValue, to_raw_value};

/// An output format of `emit`.
#[derive(Clone, Copy, Debug)]
pub struct EmitTarget {
    /// Name of the format in `modeldex emit NAME`, such as `models.dev`.
    pub name: &'static str,
    /// Summary in one line: the file, and the tool that reads the file.
    pub summary: &'static str,
    /// Default name of the output file. `None` means that the output is several files in a folder.
    pub file_name: Option<&'static str>,
    /// Field tables of the format. A part of the catalog that no table maps is lost.
    pub(crate) fields: &'static [&'static [FieldMapping]],
    /// Other losses of the format, such as models that are left out and zeros for required numbers.
    pub(crate) changes: &'static [&'static [Loss]],
    pub(crate) write: fn(&ModelSelection<'_>, &mut LossReport) -> Vec<OutputFile>,
}

impl EmitTarget {
    /// Writes the models of `selection`, and records in `losses` everything that the format cannot express.
    pub fn write(&self, selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
        let files = (self.write)(selection, losses);
        losses.record_unsupported(&self.unsupported_parts().collect::<Vec<_>>(), selection.models());
        files
    }

    /// Returns all losses that the format can have: first the parts of the catalog for which the format has no field, then all other losses.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        self.unsupported_parts().map(Loss::Unsupported).chain(self.changes.iter().copied().flatten().copied()).collect()
    }

    /// Returns the parts of the catalog that no field of the format holds.
    fn unsupported_parts(&self) -> impl Iterator<Item = CatalogPart> {
        let is_supported = |part: CatalogPart| self.fields.iter().copied().flatten().any(|field| field.is_exported() && field.part == part);
        CatalogPart::all().filter(move |part| !is_supported(*part))
    }
}

/// A file that `emit` writes, in the format of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path relative to the output folder, with forward slashes.
    pub path: String,
    /// Text of the file.
    pub text: String,
}
impl OutputFile {
    /// Serializes to JSON on one line, for files that programs download.
    pub(crate) fn json_compact(path: &str, value: &impl serde::Serialize) -> Self {
        Self { path: path.to_owned(), text: unwrap_serialized(serde_json::to_string(value)) + "\n" }
    }

    /// Serializes to indented JSON, for files that users edit.
    pub(crate) fn json_pretty(path: impl Into<String>, value: &impl serde::Serialize) -> Self {
        Self { path: path.into(), text: unwrap_serialized(serde_json::to_string_pretty(value)) + "\n" }
    }

    /// Serializes to YAML. Numbers with an exponent get a decimal point: YAML 1.1 parsers read `1e-6` as a string.
    pub(crate) fn yaml(path: &str, value: &impl serde::Serialize) -> Self {
        let text =
            serde_yaml::to_string(value).unwrap_or_else(|error| unreachable!("types of output formats serialize without errors: {error}"));
        let mut output = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match line.split_once(": ").and_then(|(key, number)| Some((key, number.split_once("e-")?))) {
                // Strings that look like numbers are quoted, so they do not match.
                Some((key, (digits, exponent))) if !digits.is_empty() && all_digits(digits) && all_digits(exponent.trim_end()) => {
                    output.extend([key, ": ", digits, ".0e-", exponent]);
                }
                _ => output.push_str(line),
            }
        }
        Self { path: path.to_owned(), text: output }
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Serializes a value to raw JSON that is embedded into a larger document later.
pub(crate) fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    unwrap_serialized(to_raw_value(value))
}

/// Unwraps the result of a serialization. A serialization cannot fail: the keys of every format are strings, and its numbers are finite.
fn unwrap_serialized<T>(text: serde_json::Result<T>) -> T {
    text.unwrap_or_else(|error| unreachable!("types of output formats serialize without errors: {error}"))
}
