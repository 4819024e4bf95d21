//! What every format has: a name, what it cannot express, and how it is written.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;

/// A format that another tool reads.
pub trait Target: Sync {
    /// The name that asks for it, such as `models.dev`.
    fn name(&self) -> &'static str;

    /// What is written and who reads it, in a few words.
    fn summary(&self) -> &'static str;

    /// The one file that is written, by its usual name; `None` when there are several, which want a folder.
    fn file(&self) -> Option<&'static str>;

    /// What the format has a place for. Everything else that a model has is lost.
    fn places(&self) -> Places;

    /// What else happens to facts on the way: models that are left out, zeros that are written because a number is demanded.
    fn changes(&self) -> Vec<Loss>;

    /// Writes the models of `selection`, and notes in `lost` what did not come along.
    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document>;

    /// Everything that can be lost: what the format has no place for, and then [`Target::changes`].
    fn losses(&self) -> Vec<Loss> {
        self.places().missing().chain(self.changes()).collect()
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
fn written(text: serde_json::Result<String>) -> String {
    text.unwrap_or_else(|error| unreachable!("the types of a format can be written: {error}"))
}
