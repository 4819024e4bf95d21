//! Errors of usage lines, and how they are written in place of the cost.

use modeldex_table::PriceError;
use modeldex_usage::UsageError;
use std::borrow::Cow;
use std::fmt;

/// Why a line has no cost. Written in place of the cost.
#[derive(serde::Serialize)]
pub(super) struct LineError {
    /// The number of the line in the input, from 1; `None` for a single request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(rename = "error")]
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Maximum number of bytes of a quoted text.
const MAX_QUOTED_BYTES: usize = 200;

/// Maximum number of bytes of a message.
const MAX_MESSAGE_BYTES: usize = 600;

impl LineError {
    pub(super) fn of(code: &'static str, message: impl fmt::Display) -> Self {
        let message = match message.to_string() {
            message if message.len() > MAX_MESSAGE_BYTES => truncated(&message, MAX_MESSAGE_BYTES).into_owned(),
            message => message,
        };
        Self { line: None, model: None, code, message }
    }

    /// Writes it as an object on one line.
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

/// Truncates a text from the input or the catalog to the length that a message quotes.
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
