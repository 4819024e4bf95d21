//! Errors of usage lines. The output has an error in place of the cost.

use modeldex_table::PriceError;
use modeldex_usage::UsageError;
use std::borrow::Cow;
use std::fmt;

/// The error of a usage line that has no cost. The output has this object in place of the cost.
#[derive(serde::Serialize)]
pub(super) struct LineError {
    /// The number of the line in the input, from 1; `None` for usage given by options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(rename = "error")]
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Maximum length of a text that a message quotes, in bytes.
const MAX_QUOTED_BYTES: usize = 200;

/// Maximum length of a message, in bytes.
const MAX_MESSAGE_BYTES: usize = 600;

impl LineError {
    pub(super) fn of(code: &'static str, message: impl fmt::Display) -> Self {
        let message = match message.to_string() {
            message if message.len() > MAX_MESSAGE_BYTES => truncated(&message, MAX_MESSAGE_BYTES).into_owned(),
            message => message,
        };
        Self { line: None, model: None, code, message }
    }

    /// Writes the error as a JSON object on one line.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.push(b'\n');
        Ok(())
    }
}

impl From<UsageError> for LineError {
    fn from(error: UsageError) -> Self {
        Self::of(error.code(), error)
    }
}

impl From<PriceError> for LineError {
    fn from(error: PriceError) -> Self {
        Self::of(error.code(), error)
    }
}

/// Truncates a text from the input or the catalog to `MAX_QUOTED_BYTES`, for quoting it in a message.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    truncated(text, MAX_QUOTED_BYTES)
}

fn truncated(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return text.into();
    }
    let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end]).into()
}
