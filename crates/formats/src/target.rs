//! What every format has: a name, what it cannot express, and how it is written.

use crate::fields::Field;
use crate::loss::{Loss, Lost, Part};
use crate::selection::Selection;
use serde_json::value::{RawValue, to_raw_value};

/// A format that another tool reads.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name in `modeldex emit NAME`, such as `models.dev`.
    pub name: &'static str,
    /// What is written and for which tool, in a few words.
    pub summary: &'static str,
    /// The one file that is written, by its usual name; `None` when there are several, which need a folder.
    pub file: Option<&'static str>,
    /// What the format has a place for: the tables of its fields. Everything else that a model has is lost.
    pub(crate) fields: &'static [&'static [Field]],
    /// What else happens to facts on the way: models that are left out, zeros that are written because a number is demanded.
    pub(crate) changes: &'static [&'static [Loss]],
    pub(crate) write: fn(&Selection<'_>, &mut Lost) -> Vec<Document>,
}

impl Target {
    /// Writes the models of `selection`, and notes in `lost` what did not come along.
    pub fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let documents = (self.write)(selection, lost);
        lost.note_missing(&self.missing().collect::<Vec<_>>(), selection.models());
        documents
    }

    /// Everything that can be lost: what the format has no place for, and then what else happens to facts.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        self.missing().map(Loss::NoPlace).chain(self.changes.iter().copied().flatten().copied()).collect()
    }

    /// What the format has no place for.
    fn missing(&self) -> impl Iterator<Item = Part> {
        let is_place = |part: Part| self.fields.iter().copied().flatten().any(|field| field.is_place() && field.part == part);
        Part::all().filter(move |part| !is_place(*part))
    }
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path below the folder that it is written to, with forward slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}
impl Document {
    /// JSON on one line, as programs fetch it.
    pub(crate) fn compact(path: &str, value: &impl serde::Serialize) -> Self {
        Self { path: path.to_owned(), text: written(serde_json::to_string(value)) + "\n" }
    }

    /// JSON over several lines, as people keep it.
    pub(crate) fn pretty(path: impl Into<String>, value: &impl serde::Serialize) -> Self {
        Self { path: path.into(), text: written(serde_json::to_string_pretty(value)) + "\n" }
    }

    /// YAML, whose numbers have a point before their exponent: without one, readers of YAML 1.1 take them for text.
    pub(crate) fn yaml(path: &str, value: &impl serde::Serialize) -> Self {
        let text = serde_yaml::to_string(value).unwrap_or_else(|error| unreachable!("the types of a format can be written: {error}"));
        let mut pointed = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match line.split_once(": ").and_then(|(key, number)| Some((key, number.split_once("e-")?))) {
                // Text that looks like a number has quotes around it.
                Some((key, (digits, exponent))) if !digits.is_empty() && is_number(digits) && is_number(exponent.trim_end()) => {
                    pointed.extend([key, ": ", digits, ".0e-", exponent]);
                }
                _ => pointed.push_str(line),
            }
        }
        Self { path: path.to_owned(), text: pointed }
    }
}

fn is_number(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text of a value whose keys are all text and whose numbers are all finite, which is what every format is made of.
/// JSON as a member of a document that is written later.
pub(crate) fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    written(to_raw_value(value))
}

fn written<T>(text: serde_json::Result<T>) -> T {
    text.unwrap_or_else(|error| unreachable!("the types of a format can be written: {error}"))
}
