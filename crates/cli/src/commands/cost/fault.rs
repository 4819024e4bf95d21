//! Why a line has no price, and how that is written in the place of its answer.

use modeldex_table::PriceError;
use modeldex_usage::UsageError;
use std::borrow::Cow;
use std::fmt;

/// Why a line has no price, as it is written in the place of the answer.
#[derive(serde::Serialize)]
pub(super) struct Fault {
    /// The number of the line that it answers, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(rename = "error")]
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// How many bytes are shown of a text from elsewhere.
const SHOWN: usize = 200;

/// How many bytes a message has at most, whatever it shows.
const LONGEST_MESSAGE: usize = 600;

impl Fault {
    pub(super) fn of(code: &'static str, message: impl fmt::Display) -> Self {
        let message = match message.to_string() {
            message if message.len() > LONGEST_MESSAGE => start(&message, LONGEST_MESSAGE).into_owned(),
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

impl From<UsageError> for Fault {
    fn from(error: UsageError) -> Self {
        Self::of(error.code(), error)
    }
}

impl From<PriceError> for Fault {
    fn from(error: PriceError) -> Self {
        Self::of(error.code(), error)
    }
}

/// As much of a text from elsewhere as is shown.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    start(text, SHOWN)
}

fn start(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end]).into()
}
