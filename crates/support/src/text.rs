//! Preparation of text for output: separators of paths, control characters and invisible characters.

use std::borrow::Cow;
use std::path::Path;

/// Formats a path with `/` as separator on every operating system.
#[must_use]
pub fn with_forward_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Returns whether a character can control a terminal, end a line or reorder adjacent text: control characters (C0 and C1), the line and paragraph
/// separators, and the bidirectional embedding, override and isolate characters.
#[must_use]
pub fn is_terminal_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character is not displayed, or changes how adjacent text is displayed. This is the case if [`is_terminal_control`] or
/// [`is_invisible`] returns true for the character. Texts in a catalog need no such character.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    is_terminal_control(letter) || is_invisible(letter)
}

/// Returns whether a character has no width, so that two names look the same if they differ only in such characters. These characters are soft
/// hyphens, joiners, spaces without width, directional marks, fillers, variation selectors, tags, annotations and deprecated format characters. In
/// prose, some of these characters are needed, for example in emoji and in Persian.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0e}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns whether a name or message can be printed in one line without hidden effects. This is the case if [`is_hidden`] returns false for all its
/// characters.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    !text.contains(is_hidden)
}

/// Returns a name or message for output in one line. Each character for which [`is_hidden`] returns true is replaced by a space. Newlines and tabs
/// are such characters.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_printable(text) {
        return text.into();
    }
    text.chars().map(|letter| if is_hidden(letter) { ' ' } else { letter }).collect::<String>().into()
}

/// Returns prose for output on a terminal. Each character for which [`is_terminal_control`] returns true is replaced by a space, except newlines and
/// tabs.
#[must_use]
pub fn printable_prose(text: &str) -> String {
    let is_unsafe = |letter: char| is_terminal_control(letter) && !matches!(letter, '\n' | '\t');
    text.chars().map(|letter| if is_unsafe(letter) { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_with_hidden_effects_are_replaced() {
        let controls = "\0\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let invisible = "\u{ad}\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{2063}\u{206f}\u{3164}\u{feff}\u{e0041}";
        for letter in controls.chars().chain(invisible.chars()) {
            let text = format!("a{letter}b");
            assert!(!is_printable(&text) && printable(&text) == "a b", "{letter:?}");
        }
        assert!(controls.chars().all(is_terminal_control) && !invisible.chars().any(is_terminal_control));
        assert_eq!(printable_prose("a\u{1b}b\n\tc\u{202e}\r"), "a b\n\tc  ");
        for text in ["", "GPT-5.5 (high)", "\u{1f469}\u{1f680}", "\u{645}\u{62f}\u{644}", "\u{e9}t\u{e9} e\u{301}", "\u{a0}"] {
            assert!(is_printable(text) && matches!(printable(text), Cow::Borrowed(_)) && printable_prose(text) == text, "{text}");
        }
        // Prose keeps what emoji and right-to-left text need.
        let family = "\u{1f469}\u{200d}\u{1f680} \u{200f}";
        assert_eq!(printable_prose(family), family);
    }
}
