//! Outlines of texts in any language: the maps, lists, calls and sections, with their keys.
//!
//! An outline is found without a parser. To detect which values belong to the same entry, it suffices to find brackets, indentation, and quotes that
//! are closed on the same line. If the outline of a text is wrong, values that belong together are treated as unrelated, and there are fewer
//! findings.

use crate::scan::{key_before, name_at_end};
use std::ops::Range;

/// Syntax of a text, which determines the scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Scopes are in brackets.
    Brackets,
    /// Scopes are in brackets. A `'` begins a character only if the character is followed by another `'`; otherwise it begins a lifetime.
    Rust,
    /// Scopes are in brackets or, outside of brackets, are lines with equal indentation.
    Yaml,
    /// Scopes are in brackets or, outside of brackets, follow a `[heading]`.
    Toml,
    /// Prose has no scopes. Fenced code blocks have the scopes of their language.
    Markdown,
}

/// Maximum number of scopes and keys of an outline. A text with more of them, such as megabytes of brackets, has no outline: the outline would need
/// a hundred times as much memory as the text.
pub(crate) const MAX_PARTS: usize = 500_000;

/// Scopes and keys of a text.
#[derive(Debug)]
pub(crate) struct Outline {
    scopes: Vec<Scope>,
    /// Keys, sorted by scope and then by position.
    entries: Vec<KeyEntry>,
    /// Positions at which the innermost scope changes, each with the scope from this position on.
    scope_starts: Vec<(usize, usize)>,
    /// Whether the text has more than [`MAX_PARTS`] scopes and keys. The outline then ends before the end of the text.
    pub(crate) is_cut: bool,
}

/// Scope: a map, a list, a call or a section. The first scope is the whole text.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) parent: usize,
    /// Start position of the scope.
    pub(crate) open: usize,
    /// Position of the key whose value is this scope; `None` if the scope has no key.
    pub(crate) owner_key: Option<Range<usize>>,
    /// Bracket with which the scope begins; `y` for a scope by indentation or heading, and 0 for the whole text.
    pub(crate) bracket: u8,
    indent: usize,
    /// Position of the last key in the scope.
    last_key: Option<Range<usize>>,
}

/// Key, with the position at which its value begins.
#[derive(Clone, Debug)]
pub(crate) struct KeyEntry {
    pub(crate) scope: usize,
    pub(crate) key: Range<usize>,
    pub(crate) value: usize,
}

impl Syntax {
    pub(crate) fn of(path: &str) -> Self {
        match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("yaml" | "yml") => Self::Yaml,
            Some("toml" | "ini" | "cfg") => Self::Toml,
            Some("rs") => Self::Rust,
            Some("md" | "mdx" | "markdown") => Self::Markdown,
            _ => Self::Brackets,
        }
    }
}

impl Outline {
    pub(crate) fn of(text: &str, syntax: Syntax) -> Self {
        let mut builder = OutlineBuilder::new(text);
        let mut fenced = Syntax::Markdown;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim();
            let now = match syntax {
                Syntax::Markdown => {
                    if let Some(word) = content.strip_prefix("```") {
                        fenced = match (fenced, word) {
                            (Syntax::Markdown, "yaml" | "yml") => Syntax::Yaml,
                            (Syntax::Markdown, "toml" | "ini") => Syntax::Toml,
                            (Syntax::Markdown, _) => Syntax::Brackets,
                            _ => Syntax::Markdown,
                        };
                        builder.reset(start);
                    }
                    fenced
                }
                other => other,
            };
            builder.add_line(start, line, now);
            start += line.len();
            if builder.outline.is_cut {
                break;
            }
        }
        builder.finish()
    }

    /// Returns the innermost scope at a position.
    pub(crate) fn scope_at(&self, place: usize) -> usize {
        let after = self.scope_starts.partition_point(|(from, _)| *from <= place);
        after.checked_sub(1).map_or(0, |at| self.scope_starts[at].1)
    }

    pub(crate) fn scope(&self, scope: usize) -> &Scope {
        &self.scopes[scope]
    }

    /// Returns the keys of a scope, without the keys of scopes inside it.
    pub(crate) fn entries(&self, scope: usize) -> &[KeyEntry] {
        let start = self.entries.partition_point(|entry| entry.scope < scope);
        let len = self.entries[start..].partition_point(|entry| entry.scope == scope);
        &self.entries[start..start + len]
    }

    /// Returns the keys of all scopes.
    pub(crate) fn all_entries(&self) -> &[KeyEntry] {
        &self.entries
    }

    /// Returns the key of the list that directly contains a position. Returns `None` if there is no such list or the list has no key.
    pub(crate) fn list_key(&self, place: usize) -> Option<Range<usize>> {
        let scope = &self.scopes[self.scope_at(place)];
        if scope.bracket == b'[' { scope.owner_key.clone() } else { None }
    }
}

struct OutlineBuilder<'t> {
    text: &'t str,
    outline: Outline,
    open: Vec<usize>,
    /// Position of the last quoted string, with its quotes.
    quoted: Range<usize>,
}

impl<'t> OutlineBuilder<'t> {
    fn new(text: &'t str) -> Self {
        let root = Scope { parent: 0, open: 0, owner_key: None, bracket: 0, indent: 0, last_key: None };
        let outline = Outline { scopes: vec![root], entries: Vec::new(), scope_starts: vec![(0, 0)], is_cut: false };
        Self { text, outline, open: vec![0], quoted: 0..0 }
    }

    fn finish(mut self) -> Outline {
        self.outline.entries.sort_by_key(|entry| (entry.scope, entry.value));
        self.outline
    }

    fn top(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn bracket(&self) -> u8 {
        self.outline.scopes[self.top()].bracket
    }

    /// Closes all scopes, and starts a new scope.
    fn reset(&mut self, at: usize) {
        self.open.truncate(1);
        self.push(at, 0, 0, None);
    }

    fn push(&mut self, at: usize, bracket: u8, indent: usize, owner_key: Option<Range<usize>>) {
        let parent = self.top();
        self.outline.scopes.push(Scope { parent, open: at, owner_key, bracket, indent, last_key: None });
        self.open.push(self.outline.scopes.len() - 1);
        self.outline.scope_starts.push((at, self.top()));
    }

    fn pop(&mut self, at: usize) {
        if self.open.len() > 1 {
            self.open.pop();
        }
        self.outline.scope_starts.push((at, self.top()));
    }

    fn add_line(&mut self, start: usize, line: &str, syntax: Syntax) {
        let mut from = start;
        if matches!(self.bracket(), 0 | b'y') {
            match syntax {
                Syntax::Yaml => from = self.yaml_line(start, line),
                Syntax::Toml => self.toml_heading(start, line),
                _ => {}
            }
        }
        if syntax != Syntax::Markdown {
            self.scan_brackets(from, start + line.len(), syntax);
        }
    }

    /// Opens and closes the scopes at the start of a line of YAML. Returns the position at which the content of the line begins.
    fn yaml_line(&mut self, start: usize, line: &str) -> usize {
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            return start;
        }
        let mut indent = line.len() - content.len();
        let mut rest = content;
        while let Some(item) = rest.strip_prefix("- ").filter(|_| self.outline.scopes.len() < MAX_PARTS) {
            self.close_deeper(start + indent, indent);
            let inner = item.trim_start_matches(' ');
            indent += rest.len() - inner.len();
            rest = inner;
            let owner_key = self.last_key();
            self.push(start + indent, b'y', indent, owner_key);
        }
        self.close_deeper(start + indent, indent);
        let plain = rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len));
        if plain.is_some() && !rest.starts_with(['{', '[']) {
            let top = &self.outline.scopes[self.top()];
            if top.bracket != b'y' || top.indent < indent {
                let owner_key = self.last_key();
                self.push(start + indent, b'y', indent, owner_key);
            }
        }
        start + indent
    }

    /// Closes the scopes that are indented more than `indent`.
    fn close_deeper(&mut self, at: usize, indent: usize) {
        while self.bracket() == b'y' && self.outline.scopes[self.top()].indent > indent {
            self.pop(at);
        }
    }

    /// Returns the last key in the innermost open scope.
    fn last_key(&self) -> Option<Range<usize>> {
        self.outline.scopes[self.top()].last_key.clone()
    }

    /// Starts a section at a TOML `[heading]`.
    fn toml_heading(&mut self, start: usize, line: &str) {
        let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()) else { return };
        if name.contains(['=', ',']) {
            return;
        }
        self.open.truncate(1);
        let name = name.trim_start_matches('[');
        // The section `[providers.kimi-coding]` is the value of the key `kimi-coding`, the last part of the heading.
        let last = name.rsplit('.').next().unwrap_or(name).trim_matches('"');
        let at = start + line.find(last).unwrap_or(0);
        self.push(start, b'y', 0, Some(at..at + last.len()));
    }

    /// Scans brackets, keys and strings from `at` to the end of a line.
    fn scan_brackets(&mut self, mut at: usize, end: usize, syntax: Syntax) {
        let bytes = self.text.as_bytes();
        let start = at;
        // The quotes that no later quote on the line closes. Without this list, a line of escaped quotes would be searched for each of them.
        let mut unclosed = [0_u8; 3];
        while at < end {
            if self.outline.scopes.len() + self.outline.entries.len() > MAX_PARTS {
                self.outline.is_cut = true;
                return;
            }
            match bytes[at] {
                quote @ (b'"' | b'\'' | b'`') if !unclosed.contains(&quote) && begins_string(bytes, at, syntax) => {
                    if let Some(close) = closing_quote(&bytes[at + 1..end], quote) {
                        self.quoted = at..at + close + 2;
                        at += close + 1;
                    } else if let Some(place) = unclosed.iter_mut().find(|place| **place == 0) {
                        *place = quote;
                    }
                }
                bracket @ (b'{' | b'[' | b'(') => {
                    let owner_key = owner_key_before(self.text, at);
                    self.push(at, bracket, 0, owner_key);
                }
                bracket @ (b'}' | b']' | b')') => self.close(at, bracket),
                b'#' if syntax != Syntax::Rust && begins_comment(bytes, at, start) => return,
                b'/' if bytes.get(at + 1) == Some(&b'/') && (at == start || bytes[at - 1] != b':') => return,
                b':' | b'=' => self.key(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn close(&mut self, at: usize, bracket: u8) {
        let opened = match bracket {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        // Only 64 levels are searched, because searching all levels would take quadratic time. More levels are needed only if brackets are
        // unbalanced.
        let near = self.open.iter().rev().take(64).position(|scope| self.outline.scopes[*scope].bracket == opened);
        let Some(level) = near else { return };
        self.open.truncate(self.open.len() - level);
        self.pop(at);
    }

    /// Adds the name before a `:` or `=` as a key.
    fn key(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let last = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        if matches!(next, b':' | b'=' | b'>' | b'/') || matches!(last, b':' | b'=' | b'<' | b'>' | b'!' | b'+' | b'-') {
            return;
        }
        // Only 120 bytes are searched, because searching back to the start of a long line for each key would take quadratic time. Keys are shorter.
        let mut from = at.saturating_sub(120);
        from += memchr::memrchr(b'\n', &bytes[from..at]).map_or(0, |newline| newline + 1);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let front = self.text[from..at].trim_end_matches([' ', '\t', '?']);
        let key = if !self.quoted.is_empty() && from + front.len() == self.quoted.end {
            Some(self.quoted.start + 1..self.quoted.end - 1)
        } else {
            name_at_end(front).map(|range| from + range.start..from + range.end)
        };
        let value = at + 1 + self.text[at + 1..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if let Some(key) = key {
            let scope = self.top();
            self.outline.scopes[scope].last_key = Some(key.clone());
            self.outline.entries.push(KeyEntry { scope, key, value });
        }
    }
}

/// Returns the key whose value begins with the bracket at `at`, such as `a` in `"a": {`, `a = Model(` and `a: Model {`.
fn owner_key_before(text: &str, at: usize) -> Option<Range<usize>> {
    let name = text[..at].trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
    let name = name.strip_suffix("new ").unwrap_or(name);
    if name.trim_end().ends_with('(') { None } else { key_before(text, name.len()) }
}

/// Returns whether the quote at `at` begins a string, and is neither an apostrophe nor the start of a lifetime.
fn begins_string(bytes: &[u8], at: usize, syntax: Syntax) -> bool {
    if bytes[at] != b'\'' {
        return true;
    }
    let after_word = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let short = bytes.get(at + 2) == Some(&b'\'') || bytes.get(at + 1) == Some(&b'\\');
    !after_word && (syntax != Syntax::Rust || short)
}

/// Returns the offset of the quote that closes a string. Returns `None` if the string is not closed.
fn closing_quote(rest: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn begins_comment(bytes: &[u8], at: usize, start: usize) -> bool {
    (at == start || matches!(bytes[at - 1], b' ' | b'\t' | b'\n')) && matches!(bytes.get(at + 1), Some(b' ' | b'#' | b'!' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the keys in the scope of the word `HERE`, and the owner key of the scope.
    fn scope_keys(path: &str, text: &str) -> (Vec<String>, Option<String>) {
        let outline = Outline::of(text, Syntax::of(path));
        let scope = outline.scope_at(text.find("HERE").unwrap());
        let keys = outline.entries(scope).iter().map(|entry| text[entry.key.clone()].to_owned()).collect();
        (keys, outline.scope(scope).owner_key.clone().map(|range| text[range].to_owned()))
    }

    fn assert_scope(found: (Vec<String>, Option<String>), keys: &[&str], owner_key: Option<&str>) {
        assert_eq!((found.0.iter().map(String::as_str).collect::<Vec<_>>(), found.1.as_deref()), (keys.to_vec(), owner_key));
    }

    #[test]
    fn neighbouring_entries_are_separate() {
        assert_scope(scope_keys("a.json", r#"{"p": {"x": {"id": "HERE", "n": 1}, "y": {"id": "b", "m": 2}}}"#), &["id", "n"], Some("x"));
        assert_scope(
            scope_keys("a.ts", "const a = { id: 'x', n: 1 };\nconst b = { id: 'HERE', m: [1, { z: 2 }], k: f(1) };"),
            &["id", "m", "k"],
            Some("b"),
        );
        assert_scope(scope_keys("a.py", "x(model='a', n=1)\ny(model='HERE', m=2)"), &["model", "m"], None);
        assert_scope(scope_keys("a.rs", "fn f<'a>(x: &'a str) {}\nModel { id: \"HERE\", n: 1 }"), &["id", "n"], None);
    }

    #[test]
    fn yaml_scopes_follow_indentation() {
        let text = "top: 1\nmodels:\n  - id: a\n    n: 1\n  - id: HERE\n    # why\n    m: 2\n    deep:\n      z: 3\nlast: 4\n";
        assert_scope(scope_keys("a.yaml", text), &["id", "m", "deep"], Some("models"));
        assert_scope(scope_keys("a.yaml", "models:\n- id: a\n  n: 1\n- id: HERE\n  m: 2\nlast: 1\n"), &["id", "m"], Some("models"));
        assert_scope(scope_keys("a.yaml", "p:\n  kimi:\n    url: HERE\n    n: 1\n  other:\n    m: 2\n"), &["url", "n"], Some("kimi"));
        assert_scope(scope_keys("a.yaml", "m:\n  - {id: HERE, n: 1}\n  - {id: b, k: 2}\n"), &["id", "n"], None);
    }

    #[test]
    fn toml_scopes_follow_headings() {
        assert_scope(scope_keys("a.toml", "x = 1\n[p.kimi]\nurl = \"HERE\"\nn = 1\n[p.other]\nm = 2\n"), &["url", "n"], Some("kimi"));
    }

    #[test]
    fn markdown_has_entries_only_in_fences() {
        assert_scope(scope_keys("a.md", "note: it's HERE\nmore: 1\n"), &[], None);
        assert_scope(scope_keys("a.md", "note: x\n```yaml\nid: HERE\nn: 1\n```\nmore: 1\n"), &["id", "n"], None);
    }

    #[test]
    fn unbalanced_brackets_have_no_entries() {
        let text = "}])({[\"'`".repeat(2000);
        assert_eq!(Outline::of(&text, Syntax::Brackets).entries.len(), 0);
    }

    #[test]
    fn the_number_of_scopes_and_keys_is_limited() {
        let outline = |brackets: usize| Outline::of(&"[ ".repeat(brackets), Syntax::Brackets);
        assert!(!outline(MAX_PARTS - 1).is_cut);
        let cut = outline(2 * MAX_PARTS);
        assert!(cut.is_cut && cut.scopes.len() <= MAX_PARTS + 1);
        assert!(Outline::of(&"- ".repeat(2 * MAX_PARTS), Syntax::Yaml).scopes.len() <= MAX_PARTS + 1);
    }
}
