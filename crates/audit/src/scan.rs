//! The words of a text: runs of what ids, references, URLs and names of variables are made of.

/// A run of letters, digits and `-_.:/@+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The kinds of bytes that it has.
    kinds: u8,
}

pub(crate) const DIGIT: u8 = 1;
pub(crate) const HYPHEN: u8 = 2;
pub(crate) const SLASH: u8 = 4;
pub(crate) const UPPER: u8 = 8;
pub(crate) const UNDERSCORE: u8 = 16;
const OTHER: u8 = 32;

/// What each byte is; 0 ends a word. One look at a table a byte is what makes this as fast as reading.
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

/// Calls `each` with every word, in order. What ends a sentence is no part of a word.
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
    /// Whether it has bytes of all these kinds.
    pub(crate) const fn has(self, kinds: u8) -> bool {
        self.kinds & kinds == kinds
    }

    pub(crate) const fn len(self) -> usize {
        self.end - self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_before_its_stop() {
        let mut found = Vec::new();
        let text = "use \"kimi-coding/kimi-k2.5\": it is at https://a.example/v1. Or é/x:";
        words(text, |word| found.push(&text[word.start..word.end]));
        assert_eq!(found, ["use", "kimi-coding/kimi-k2.5", "", "it", "is", "at", "https://a.example/v1", "Or", "/x"]);
    }
}
