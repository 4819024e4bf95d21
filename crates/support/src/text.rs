//! Texts as they are shown.

use std::path::Path;

/// A path with `/` between its parts, so that it is the same on every system.
#[must_use]
pub fn with_forward_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Whether a character can steer a terminal or reorder what stands beside it: control characters, and those that embed, override or isolate
/// the direction of a text.
#[must_use]
pub fn is_terminal_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` with a space in place of each control character.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
