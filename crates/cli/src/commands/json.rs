//! JSON for a terminal.

use serde_json::Value;

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
