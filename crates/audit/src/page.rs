//! One text, and how a word stands in it: as a value, and beside which key.

use crate::outline::{Outline, Style};
use crate::scan::{head, key_before, tail};
use std::cell::OnceCell;
use std::ops::Range;

/// A text and what is found out about it on demand.
pub(crate) struct Page<'t> {
    pub(crate) text: &'t str,
    style: Style,
    outline: OnceCell<Outline>,
}

/// How a word stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Alone between quotes.
    Quoted,
    /// Alone between backticks.
    Ticked,
    /// Alone behind a key, a flag or the sign of a list.
    Plain,
    /// Alone in the cell of a table.
    Cell,
    /// Among other words.
    Prose,
    /// A part of something larger, such as a path or a template.
    Part,
}

impl<'t> Page<'t> {
    pub(crate) fn new(path: &str, text: &'t str) -> Self {
        Self { text, style: Style::of(path), outline: OnceCell::new() }
    }

    /// What stands together in the text. It is only made for texts in which something was found.
    pub(crate) fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(self.text, self.style))
    }

    /// Whether the text is prose, where what is said in backticks is meant.
    pub(crate) fn is_prose(&self) -> bool {
        self.style == Style::Prose
    }

    /// Whether what begins at a place stands where a value does: not in a sentence, not in what is commented out, not in a type, which
    /// lists whatever was ever allowed.
    pub(crate) fn is_placed(&self, start: usize) -> bool {
        let before = tail(&self.text[..start]).trim_end_matches(['"', '\'', '`', '\\']);
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        let remark = line.starts_with("//") || line.starts_with("* ") || line.starts_with("/*") || line.starts_with("# ") || line == "#";
        let words = ["return", "or", "else", "default", "in", "is", "-", "--model", "=>"];
        let last = line.rsplit(' ').next().unwrap_or_default();
        if line.ends_with("e.g.") || line.ends_with("e.g.,") {
            return false;
        }
        let placed = line.is_empty()
            || line.ends_with([':', '=', '(', '[', ',', '{', '?', '&', '>', '+'])
            || line.ends_with("||")
            || words.contains(&last);
        placed && !remark && !self.is_type(start)
    }

    fn is_type(&self, start: usize) -> bool {
        let scope = self.outline().scope(self.outline().scope_at(start));
        scope.sign == b'[' && self.text[..scope.open].ends_with("Literal")
    }

    pub(crate) fn standing(&self, word: Range<usize>) -> Standing {
        let bytes = self.text.as_bytes();
        let before = word.start.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(word.end).copied();
        match (before, after) {
            (Some(quote @ (b'"' | b'\'' | b'`')), Some(other)) => {
                // In a text within a text the second quote is escaped, as the first is.
                let closed = other == quote || (other == b'\\' && bytes.get(word.end + 1) == Some(&quote));
                match (closed, quote) {
                    (false, _) => Standing::Part,
                    (true, b'`') => Standing::Ticked,
                    (true, _) => Standing::Quoted,
                }
            }
            // The target of a link of Markdown is a path.
            (Some(b'('), Some(b')')) if word.start > 1 && bytes[word.start - 2] == b']' => Standing::Part,
            (
                None | Some(b' ' | b'\t' | b'\n' | b'=' | b'|' | b'('),
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b')' | b'|'),
            ) => self.bare(word),
            _ => Standing::Part,
        }
    }

    /// How a word stands that has no quotes.
    fn bare(&self, word: Range<usize>) -> Standing {
        let before = tail(&self.text[..word.start]).rsplit('\n').next().unwrap_or_default().trim_end();
        let after = head(&self.text[word.end..]).split('\n').next().unwrap_or_default().trim();
        // What follows a value is nothing, the next value, or a remark.
        let ends = after.is_empty() || after.starts_with(['#', ',', ';']) || after.starts_with("//");
        let flag = before.rsplit(' ').next().is_some_and(|last| last.starts_with("--") && last.len() > 3);
        if before.ends_with('|') && (after.starts_with('|') || after.is_empty()) {
            Standing::Cell
        } else if flag || before.ends_with("--model=") {
            Standing::Plain
        } else if before.ends_with('=') && !self.text[..word.start].ends_with(' ') {
            // `NAME=value`, whatever follows.
            Standing::Plain
        } else if ends && (before.ends_with([':', '=']) && !before.ends_with("==") || matches!(before.trim_start(), "-" | "*")) {
            Standing::Plain
        } else {
            Standing::Prose
        }
    }

    /// Whether what ends at a place, perhaps between quotes, is a key and no value.
    pub(crate) fn is_key(&self, end: usize) -> bool {
        let after = head(&self.text[end..]).trim_start_matches(['\\', '"', '\'', '`']).trim_start_matches([' ', ']']);
        after.starts_with(':') || after.starts_with('=')
    }

    /// Whether what begins at a place is only compared with: programs do that to treat old models as these want it.
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

    /// The key that a value stands behind: of a map, an assignment, a flag or a call, or of the list that the value is in.
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
        Page::new("a.ts", text).key(at)
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
    fn a_word_stands_alone_or_is_a_part() {
        let standing = |text: &str| {
            let at = text.find("a/b1").unwrap();
            Page::new("a.md", text).standing(at..at + 4)
        };
        for text in ["x: 'a/b1'", "(\"a/b1\")", "\\\"a/b1\\\""] {
            assert_eq!(standing(text), Standing::Quoted, "{text}");
        }
        assert_eq!(standing("use `a/b1` here"), Standing::Ticked);
        for text in ["model: a/b1", "MODEL=a/b1", "x --model a/b1 --more", "- a/b1\n", "model: a/b1 # why"] {
            assert_eq!(standing(text), Standing::Plain, "{text}");
        }
        assert_eq!(standing("| a/b1 | 5 |"), Standing::Cell);
        assert_eq!(standing("use a/b1 here"), Standing::Prose);
        for text in ["x/a/b1", "a/b1${x}", "'a/b1 c'", "[a/b1](c)", "[c](a/b1)", "<a/b1>"] {
            assert_eq!(standing(text), Standing::Part, "{text}");
        }
    }
}
