//! Preparation of text for output: separators of paths, and control characters.

use std::path::Path;

/// Formats a path with `/` as separator on every operating system.
#[must_use]
pub fn with_forward_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Returns whether a character can control a terminal or reorder adjacent text: control characters, and the bidirectional embedding,
/// override and isolate characters.
#[must_use]
pub fn is_terminal_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the text with each control character replaced by a space. Newlines and tabs are control characters.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
