//! Errors of usage lines. For a line with an error, the output has the error instead of a cost.

use super::line::{escaped, push_all};
use modeldex_support::secret::mask_certain;
use modeldex_table::PriceError;
use modeldex_usage::UsageError;
use std::borrow::Cow;
use std::fmt;

/// The error of a usage line that has no cost. The output has this object in place of the cost.
pub(super) struct LineError {
    /// The number of the line in the input, from 1; `None` for usage given by options.
    pub(super) line: Option<u64>,
    pub(super) model: Option<String>,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
}

/// Maximum length of a text that a message quotes, in bytes.
const MAX_QUOTED_BYTES: usize = 200;

/// Maximum length of a message, in bytes.
const MAX_MESSAGE_BYTES: usize = 600;

impl LineError {
    pub(super) fn of(code: &'static str, message: impl fmt::Display) -> Self {
        Self::text(code, message.to_string())
    }

    /// Like [`LineError::of`], for a message that is a string already.
    pub(super) fn text(code: &'static str, message: String) -> Self {
        let message = match message {
            message if message.len() > MAX_MESSAGE_BYTES => truncated(&message, MAX_MESSAGE_BYTES).into_owned(),
            message => message,
        };
        Self { line: None, model: None, code, message: message.into() }
    }

    /// An error whose message does not depend on the line. It needs no allocation: a log can have millions of such lines.
    pub(super) const fn fixed(code: &'static str, message: &'static str) -> Self {
        Self { line: None, model: None, code, message: Cow::Borrowed(message) }
    }

    /// Writes the error as a JSON object on one line. Keys in the quoted parts of the usage line are masked.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.push(b'{');
        if let Some(line) = self.line {
            out.extend_from_slice(br#""line":"#);
            serde_json::to_writer(&mut *out, &line)?;
            out.push(b',');
        }
        if let Some(model) = &self.model {
            out.extend_from_slice(br#""model":""#);
            escaped(&mask_certain(model), out)?;
            out.extend_from_slice(br#"","#);
        }
        push_all(out, [r#""error":""#, self.code, r#"","message":""#]);
        escaped(&mask_certain(&self.message), out)?;
        out.extend_from_slice(b"\"}\n");
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
