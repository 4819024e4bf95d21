//! JSON as commands write it.

use super::failure::Failure;
use super::out::{self, Out};
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// A value as JSON over several lines that cannot steer a terminal: what serde leaves as it is of control characters is escaped, too.
pub(crate) fn harmless(value: &Value) -> String {
    let text = format!("{value:#}");
    if !text.contains(|letter: char| letter.is_control() && letter != '\n') {
        return text;
    }
    let escaped = |letter: char| {
        if letter.is_control() && letter != '\n' { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() }
    };
    text.chars().map(escaped).collect()
}

/// Writes an array with an object a line, so that a difference of two lists can be read.
pub(crate) fn array(out: &mut Out, rows: impl Iterator<Item: Serialize>) -> Result<(), Failure> {
    out.write_all(b"[")?;
    // A row is some hundred small writes, which cost less here than in the stream.
    let mut text = Vec::new();
    let mut end: &[u8] = b"]";
    for row in rows {
        text.extend_from_slice(if end == b"]" { b"\n" } else { b",\n" });
        end = b"\n]";
        serde_json::to_writer(&mut text, &row)?;
        if text.len() >= out::BUFFER {
            out.write_all(&text)?;
            text.clear();
        }
    }
    text.extend_from_slice(end);
    Ok(out.write_all(&text)?)
}
