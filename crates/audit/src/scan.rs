//! Splits a text into words, which consist of the characters of ids, references, URLs and variable names. Also finds the key before a value.

use std::ops::Range;

/// Word: a sequence of ASCII letters, digits and the characters `-_.:/@+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Kinds of bytes that occur in the word, as a bit set.
    kinds: u8,
}

pub(crate) const DIGIT: u8 = 1;
pub(crate) const HYPHEN: u8 = 2;
pub(crate) const SLASH: u8 = 4;
pub(crate) const UPPER: u8 = 8;
pub(crate) const UNDERSCORE: u8 = 16;
const OTHER: u8 = 32;

/// Number of bytes before and after a word that are searched for its key and for the syntax around it.
const CONTEXT_BYTES: usize = 200;

/// Kind of each byte; 0 for a byte that is not part of words. With one table lookup per byte, splitting is as fast as reading the file.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'-' => HYPHEN,
            b'/' => SLASH,
            b'A'..=b'Z' => UPPER,
            b'_' => UNDERSCORE,
            b'a'..=b'z' | b'.' | b':' | b'@' | b'+' => OTHER,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// Calls `each` with every word, in the order of the text. A period or colon at the end of a word is not part of the word.
pub(crate) fn words(text: &str, mut each: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if KINDS[bytes[at] as usize] == 0 {
            at += 1;
            continue;
        }
        let (start, mut kinds) = (at, 0);
        while let Some(kind) = bytes.get(at).map(|byte| KINDS[*byte as usize]).filter(|kind| *kind != 0) {
            kinds |= kind;
            at += 1;
        }
        let mut end = at;
        while end > start && matches!(bytes[end - 1], b'.' | b':') {
            end -= 1;
        }
        each(Word { start, end, kinds });
    }
}

impl Word {
    /// Returns whether the word has at least one byte of each kind in the bit set `kinds`.
    pub(crate) const fn has(self, kinds: u8) -> bool {
        self.kinds & kinds == kinds
    }

    pub(crate) const fn len(self) -> usize {
        self.end - self.start
    }
}

/// Returns the position of the key before the value at `at`. Returns `None` if the value has no key.
pub(crate) fn key_before(text: &str, at: usize) -> Option<Range<usize>> {
    let front = tail(&text[..at]);
    let base = at - front.len();
    let trimmed = front.trim_end();
    let sign = trimmed.strip_suffix("=>").or_else(|| trimmed.strip_suffix("??")).or_else(|| trimmed.strip_suffix("||"));
    let Some(rest) = sign.or_else(|| trimmed.strip_suffix([':', '=', '('])) else {
        let flag = trimmed.rfind(|letter: char| letter.is_whitespace()).map_or(0, |space| space + 1);
        return (trimmed[flag..].starts_with("--") && trimmed.len() < front.len()).then(|| base + flag..base + trimmed.len());
    };
    let assigned = trimmed.ends_with('=');
    let rest = rest.trim_end_matches(['=', ':', '?', '!', ' ', '\t']);
    let range = name_at_end(rest)?;
    // In `NAME: &str = ` and `name: string = `, the key is the name before the colon, not the type.
    let typed = rest[..range.start].trim_end_matches(['&', ' ']).trim_end_matches("'static").trim_end_matches(['&', ' ']);
    let range = match typed.strip_suffix(':') {
        Some(typed) if assigned => name_at_end(typed.trim_end()).unwrap_or(range),
        _ => range,
    };
    Some(base + range.start..base + range.end)
}

/// Returns the range of the name at the end of a text, without its quotes. Returns `None` if the text does not end with a name.
pub(crate) fn name_at_end(text: &str) -> Option<Range<usize>> {
    let inner = text.trim_end_matches(['"', '\'', '`', ']']);
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | '@' | ':');
    let start = if inner.len() < text.len() {
        inner.rfind(['"', '\'', '`', '\n']).map_or(0, |quote| quote + 1)
    } else {
        inner.rfind(|letter: char| !is_part(letter)).map_or(0, |at| at + inner[at..].chars().next().map_or(1, char::len_utf8))
    };
    (start < inner.len()).then_some(start..inner.len())
}

/// Returns the last [`CONTEXT_BYTES`] bytes of a text.
pub(crate) fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(CONTEXT_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Returns the first [`CONTEXT_BYTES`] bytes of a text.
pub(crate) fn head(text: &str) -> &str {
    let mut end = text.len().min(CONTEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_exclude_trailing_punctuation() {
        let mut found = Vec::new();
        let text = "use \"kimi-coding/kimi-k2.5\": it is at https://a.example/v1. Or é/x:";
        words(text, |word| found.push(&text[word.start..word.end]));
        assert_eq!(found, ["use", "kimi-coding/kimi-k2.5", "", "it", "is", "at", "https://a.example/v1", "Or", "/x"]);
    }
}
