//! JSON output of the commands.

use super::failure::Failure;
use super::out::{self, Out};
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// Formats a value as indented JSON. Also escapes the control characters that serde does not escape, so that the text cannot control a terminal.
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

/// Writes an array with one object per line, so that two lists can be compared with `diff`.
pub(crate) fn array(out: &mut Out, rows: impl Iterator<Item: Serialize>) -> Result<(), Failure> {
    out.write_all(b"[")?;
    // A row takes hundreds of small writes, which are faster to memory than to the stream.
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
