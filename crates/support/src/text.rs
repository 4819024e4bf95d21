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

/// Returns whether a character is not displayed, or changes how adjacent text is displayed: control characters, line separators, characters for the
/// direction of text, zero-width characters, fillers, tags and annotations. A text of a catalog does not need any of them.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    is_terminal_control(letter)
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns the text with each control character replaced by a space. Newlines and tabs are control characters.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
