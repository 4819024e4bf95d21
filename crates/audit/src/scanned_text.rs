//! Text of a scanned file. For each word, it can be determined whether the word is a value, part of a sentence or part of a path, and which key it
//! has.

use crate::outline::{Outline, Syntax};
use crate::scan::{head, key_before, tail};
use std::cell::OnceCell;
use std::ops::Range;

/// Text with its outline, which is computed on demand.
pub(crate) struct ScannedText<'t> {
    pub(crate) text: &'t str,
    syntax: Syntax,
    outline: OnceCell<Outline>,
}

/// Position of a word in the syntax of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordPosition {
    /// The word is the whole text between two quotes.
    Quoted,
    /// The word is the whole text between two backticks.
    InBackticks,
    /// The word is the whole value of a key, a flag or a list item, without quotes.
    Unquoted,
    /// The word is the whole content of a table cell.
    TableCell,
    /// The word is one of several words, as in a sentence.
    Prose,
    /// The word is part of a longer text without spaces, such as a path or a template.
    Fragment,
}

impl<'t> ScannedText<'t> {
    pub(crate) fn new(path: &str, text: &'t str) -> Self {
        Self { text, syntax: Syntax::of(path), outline: OnceCell::new() }
    }

    /// Returns the outline of the text, which is computed on the first call. Most texts have no word that needs the outline.
    pub(crate) fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(self.text, self.syntax))
    }

    /// Returns whether the outline was computed and does not cover the whole text.
    pub(crate) fn is_outline_cut(&self) -> bool {
        self.outline.get().is_some_and(|outline| outline.is_cut)
    }

    /// Returns whether the text is Markdown, where words in backticks count as values.
    pub(crate) fn is_markdown(&self) -> bool {
        self.syntax == Syntax::Markdown
    }

    /// Returns whether a value can begin at a position. This is not the case in a sentence, in a comment, and in a type such as `Literal["a", "b"]`,
    /// which lists old values too.
    pub(crate) fn is_value_position(&self, start: usize) -> bool {
        let before = tail(&self.text[..start]).trim_end_matches(['"', '\'', '`', '\\']);
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        let is_comment =
            line.starts_with("//") || line.starts_with("* ") || line.starts_with("/*") || line.starts_with("# ") || line == "#";
        let words = ["return", "or", "else", "default", "in", "is", "-", "--model", "=>"];
        let last = line.rsplit(' ').next().unwrap_or_default();
        if line.ends_with("e.g.") || line.ends_with("e.g.,") {
            return false;
        }
        let follows_value_syntax = line.is_empty()
            || line.ends_with([':', '=', '(', '[', ',', '{', '?', '&', '>', '+'])
            || line.ends_with("||")
            || words.contains(&last);
        follows_value_syntax && !is_comment && !self.is_in_type(start)
    }

    fn is_in_type(&self, start: usize) -> bool {
        let scope = self.outline().scope(self.outline().scope_at(start));
        scope.bracket == b'[' && self.text[..scope.open].ends_with("Literal")
    }

    pub(crate) fn position(&self, word: Range<usize>) -> WordPosition {
        let bytes = self.text.as_bytes();
        let before = word.start.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(word.end).copied();
        match (before, after) {
            (Some(quote @ (b'"' | b'\'' | b'`')), Some(other)) => {
                // In a string inside another string, both quotes are escaped.
                let closed = other == quote || (other == b'\\' && bytes.get(word.end + 1) == Some(&quote));
                match (closed, quote) {
                    (false, _) => WordPosition::Fragment,
                    (true, b'`') => WordPosition::InBackticks,
                    (true, _) => WordPosition::Quoted,
                }
            }
            // The target of a Markdown link is a path.
            (Some(b'('), Some(b')')) if word.start > 1 && bytes[word.start - 2] == b']' => WordPosition::Fragment,
            (
                None | Some(b' ' | b'\t' | b'\n' | b'=' | b'|' | b'('),
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b')' | b'|'),
            ) => self.unquoted_position(word),
            _ => WordPosition::Fragment,
        }
    }

    /// Returns the position of a word without quotes.
    fn unquoted_position(&self, word: Range<usize>) -> WordPosition {
        let before = tail(&self.text[..word.start]).rsplit('\n').next().unwrap_or_default().trim_end();
        let after = head(&self.text[word.end..]).split('\n').next().unwrap_or_default().trim();
        // A value is followed by the end of the text, the next value, or a comment.
        let ends = after.is_empty() || after.starts_with(['#', ',', ';']) || after.starts_with("//");
        let flag = before.rsplit(' ').next().is_some_and(|last| last.starts_with("--") && last.len() > 3);
        if before.ends_with('|') && (after.starts_with('|') || after.is_empty()) {
            WordPosition::TableCell
        } else if flag || before.ends_with("--model=") {
            WordPosition::Unquoted
        } else if before.ends_with('=') && !self.text[..word.start].ends_with(' ') {
            // The value in `NAME=value` may be followed by any text.
            WordPosition::Unquoted
        } else if ends && (before.ends_with([':', '=']) && !before.ends_with("==") || matches!(before.trim_start(), "-" | "*")) {
            WordPosition::Unquoted
        } else {
            WordPosition::Prose
        }
    }

    /// Returns whether the word that ends at `end`, with or without quotes, is a key.
    pub(crate) fn is_key(&self, end: usize) -> bool {
        let after = head(&self.text[end..]).trim_start_matches(['\\', '"', '\'', '`']).trim_start_matches([' ', ']']);
        after.starts_with(':') || after.starts_with('=')
    }

    /// Returns whether the word at `start` is only compared with another value. Programs do this to support old models.
    pub(crate) fn is_compared(&self, start: usize) -> bool {
        const CALLS: &[&str] =
            &["startswith", "endswith", "includes", "has", "contains", "starts_with", "ends_with", "match", "test", "in", "eq", "equals"];
        let before = tail(&self.text[..start]).trim_end_matches(['"', '\'', '`', '\\']).trim_end();
        let call = before.strip_suffix('(').and_then(|call| call.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next());
        let word = before.rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
        before.ends_with("==")
            || before.ends_with("!=")
            || before.ends_with("~=")
            || word == "case"
            || call.is_some_and(|call| CALLS.contains(&call.to_ascii_lowercase().as_str()))
    }

    /// Returns the key of a value in a map, an assignment, a flag or a call. A value in a list has the key of the list.
    pub(crate) fn key(&self, value: usize) -> Option<&'t str> {
        let start = value - usize::from(value > 0 && matches!(self.text.as_bytes()[value - 1], b'"' | b'\'' | b'`'));
        let range = key_before(self.text, start).or_else(|| self.outline().list_key(start))?;
        self.text.get(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<&str> {
        let at = text.find("VALUE").unwrap();
        ScannedText::new("a.ts", text).key(at)
    }

    #[test]
    fn keys_of_many_languages() {
        assert_eq!(key("{\"model\": \"VALUE\"}"), Some("model"));
        assert_eq!(key("model: VALUE"), Some("model"));
        assert_eq!(key("const DEFAULT: &'static str = \"VALUE\";"), Some("DEFAULT"));
        assert_eq!(key("let model: string = 'VALUE'"), Some("model"));
        assert_eq!(key("modeldex message send --model VALUE"), Some("--model"));
        assert_eq!(key("setModel(\"VALUE\")"), Some("setModel"));
        assert_eq!(key("process.env.MODEL ?? \"VALUE\""), Some("process.env.MODEL"));
        assert_eq!(key("fallbacks: [\"a\", \"VALUE\"]"), Some("fallbacks"));
        assert_eq!(key("say VALUE"), None);
        assert_eq!(key("VALUE"), None);
    }

    #[test]
    fn positions_of_words() {
        let position = |text: &str| {
            let at = text.find("a/b1").unwrap();
            ScannedText::new("a.md", text).position(at..at + 4)
        };
        for text in ["x: 'a/b1'", "(\"a/b1\")", "\\\"a/b1\\\""] {
            assert_eq!(position(text), WordPosition::Quoted, "{text}");
        }
        assert_eq!(position("use `a/b1` here"), WordPosition::InBackticks);
        for text in ["model: a/b1", "MODEL=a/b1", "x --model a/b1 --more", "- a/b1\n", "model: a/b1 # why"] {
            assert_eq!(position(text), WordPosition::Unquoted, "{text}");
        }
        assert_eq!(position("| a/b1 | 5 |"), WordPosition::TableCell);
        assert_eq!(position("use a/b1 here"), WordPosition::Prose);
        for text in ["x/a/b1", "a/b1${x}", "'a/b1 c'", "[a/b1](c)", "[c](a/b1)", "<a/b1>"] {
            assert_eq!(position(text), WordPosition::Fragment, "{text}");
        }
    }
}
