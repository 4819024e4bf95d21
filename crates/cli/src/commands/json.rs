//! JSON output of the commands.

use super::failure::Failure;
use super::out::{self, Out};
use modeldex_support::text::is_terminal_control;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// Formats a value as indented JSON. Also escapes the characters that serde does not escape but that control a terminal or reorder text.
pub(crate) fn harmless(value: &Value) -> String {
    let text = format!("{value:#}");
    let is_unsafe = |letter: char| is_terminal_control(letter) && letter != '\n';
    if !text.contains(is_unsafe) {
        return text;
    }
    // All these characters are below U+10000, so that one escape is enough.
    let escaped = |letter: char| if is_unsafe(letter) { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() };
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
