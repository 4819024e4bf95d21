//! What stands together in a text: maps, lists, calls and sections, whatever the language.
//!
//! This is no parser. Brackets, indentation and quotes on one line are enough to say that two values belong to one entry, and where a text
//! is not what it seems, two values that do belong together are only taken for strangers.

use crate::scan::{key_before, name_at_end};
use std::ops::Range;

/// How a text says what stands together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// By brackets alone.
    Brackets,
    /// By brackets, and a quote is no text but a lifetime unless it is closed at once.
    Rust,
    /// By brackets, and outside of them by indentation.
    Indents,
    /// By brackets, and outside of them by `[headings]`.
    Sections,
    /// As prose, which has texts of the other kinds between fences.
    Prose,
}

/// What stands together.
#[derive(Debug)]
pub(crate) struct Outline {
    scopes: Vec<Scope>,
    /// By scope, then place.
    entries: Vec<Entry>,
    /// From which place on which scope holds.
    marks: Vec<(usize, usize)>,
}

/// A map, a list, a call, a section; the first is the whole text.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) parent: usize,
    /// Where it opens.
    pub(crate) open: usize,
    /// The key that it is the value of.
    pub(crate) owner: Option<Range<usize>>,
    /// The bracket that opens it; `y` for one by indentation or heading, 0 for the whole text.
    pub(crate) sign: u8,
    indent: usize,
    /// The key that was read last in it.
    last_key: Option<Range<usize>>,
}

/// A key and where its value begins.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) scope: usize,
    pub(crate) key: Range<usize>,
    pub(crate) value: usize,
}

impl Style {
    pub(crate) fn of(path: &str) -> Self {
        match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("yaml" | "yml") => Self::Indents,
            Some("toml" | "ini" | "cfg") => Self::Sections,
            Some("rs") => Self::Rust,
            Some("md" | "mdx" | "markdown") => Self::Prose,
            _ => Self::Brackets,
        }
    }
}

impl Outline {
    pub(crate) fn of(text: &str, style: Style) -> Self {
        let mut builder = Builder::new(text);
        let mut fenced = Style::Prose;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim();
            let now = match style {
                Style::Prose => {
                    if let Some(word) = content.strip_prefix("```") {
                        fenced = match (fenced, word) {
                            (Style::Prose, "yaml" | "yml") => Style::Indents,
                            (Style::Prose, "toml" | "ini") => Style::Sections,
                            (Style::Prose, _) => Style::Brackets,
                            _ => Style::Prose,
                        };
                        builder.reset(start);
                    }
                    fenced
                }
                other => other,
            };
            builder.line(start, line, now);
            start += line.len();
        }
        builder.finish()
    }

    /// The scope that a place is in.
    pub(crate) fn scope_at(&self, place: usize) -> usize {
        let after = self.marks.partition_point(|(from, _)| *from <= place);
        after.checked_sub(1).map_or(0, |at| self.marks[at].1)
    }

    pub(crate) fn scope(&self, scope: usize) -> &Scope {
        &self.scopes[scope]
    }

    /// The entries that stand directly in a scope.
    pub(crate) fn entries(&self, scope: usize) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.scope < scope);
        let len = self.entries[start..].partition_point(|entry| entry.scope == scope);
        &self.entries[start..start + len]
    }

    /// Every entry.
    pub(crate) fn all_entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The key of the list that a place is directly in.
    pub(crate) fn list_key(&self, place: usize) -> Option<Range<usize>> {
        let scope = &self.scopes[self.scope_at(place)];
        if scope.sign == b'[' { scope.owner.clone() } else { None }
    }
}

struct Builder<'t> {
    text: &'t str,
    outline: Outline,
    open: Vec<usize>,
    /// The last text between quotes.
    quoted: Range<usize>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        let root = Scope { parent: 0, open: 0, owner: None, sign: 0, indent: 0, last_key: None };
        let outline = Outline { scopes: vec![root], entries: Vec::new(), marks: vec![(0, 0)] };
        Self { text, outline, open: vec![0], quoted: 0..0 }
    }

    fn finish(mut self) -> Outline {
        self.outline.entries.sort_by_key(|entry| (entry.scope, entry.value));
        self.outline
    }

    fn top(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn sign(&self) -> u8 {
        self.outline.scopes[self.top()].sign
    }

    /// What follows stands with nothing before it.
    fn reset(&mut self, at: usize) {
        self.open.truncate(1);
        self.push(at, 0, 0, None);
    }

    fn push(&mut self, at: usize, sign: u8, indent: usize, owner: Option<Range<usize>>) {
        let parent = self.top();
        self.outline.scopes.push(Scope { parent, open: at, owner, sign, indent, last_key: None });
        self.open.push(self.outline.scopes.len() - 1);
        self.outline.marks.push((at, self.top()));
    }

    fn pop(&mut self, at: usize) {
        if self.open.len() > 1 {
            self.open.pop();
        }
        self.outline.marks.push((at, self.top()));
    }

    fn line(&mut self, start: usize, line: &str, style: Style) {
        let mut from = start;
        if matches!(self.sign(), 0 | b'y') {
            match style {
                Style::Indents => from = self.indented(start, line),
                Style::Sections => self.heading(start, line),
                _ => {}
            }
        }
        if style != Style::Prose {
            self.brackets(from, start + line.len(), style);
        }
    }

    /// Puts a line of YAML below the entry that it belongs to; returns where its value may begin.
    fn indented(&mut self, start: usize, line: &str) -> usize {
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            return start;
        }
        let mut indent = line.len() - content.len();
        let mut rest = content;
        while let Some(item) = rest.strip_prefix("- ") {
            self.close_deeper(start + indent, indent);
            let inner = item.trim_start_matches(' ');
            indent += rest.len() - inner.len();
            rest = inner;
            let owner = self.last_key();
            self.push(start + indent, b'y', indent, owner);
        }
        self.close_deeper(start + indent, indent);
        let plain = rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len));
        if plain.is_some() && !rest.starts_with(['{', '[']) {
            let top = &self.outline.scopes[self.top()];
            if top.sign != b'y' || top.indent < indent {
                let owner = self.last_key();
                self.push(start + indent, b'y', indent, owner);
            }
        }
        start + indent
    }

    /// Closes what a line at `indent` is no part of.
    fn close_deeper(&mut self, at: usize, indent: usize) {
        while self.sign() == b'y' && self.outline.scopes[self.top()].indent > indent {
            self.pop(at);
        }
    }

    /// The key that was last read in the scope that is open.
    fn last_key(&self) -> Option<Range<usize>> {
        self.outline.scopes[self.top()].last_key.clone()
    }

    /// A `[heading]` of TOML begins a section.
    fn heading(&mut self, start: usize, line: &str) {
        let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()) else { return };
        if name.contains(['=', ',']) {
            return;
        }
        self.open.truncate(1);
        let name = name.trim_start_matches('[');
        // Of `[providers.kimi-coding]` the last part is what the section is the value of.
        let last = name.rsplit('.').next().unwrap_or(name).trim_matches('"');
        let at = start + line.find(last).unwrap_or(0);
        self.push(start, b'y', 0, Some(at..at + last.len()));
    }

    /// Reads brackets, keys and texts from `at` to the end of a line.
    fn brackets(&mut self, mut at: usize, end: usize, style: Style) {
        let bytes = self.text.as_bytes();
        let start = at;
        while at < end {
            match bytes[at] {
                quote @ (b'"' | b'\'' | b'`') if opens(bytes, at, style) => {
                    if let Some(close) = closing(&bytes[at + 1..end], quote) {
                        self.quoted = at..at + close + 2;
                        at += close + 1;
                    }
                }
                sign @ (b'{' | b'[' | b'(') => {
                    let owner = owner_before(self.text, at);
                    self.push(at, sign, 0, owner);
                }
                sign @ (b'}' | b']' | b')') => self.close(at, sign),
                b'#' if style != Style::Rust && begins_remark(bytes, at, start) => return,
                b'/' if bytes.get(at + 1) == Some(&b'/') && (at == start || bytes[at - 1] != b':') => return,
                b':' | b'=' => self.key(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn close(&mut self, at: usize, sign: u8) {
        let opened = match sign {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        // Further up is only looked where brackets do not fit, and then a look at all of them for each would take quadratic time.
        let near = self.open.iter().rev().take(64).position(|scope| self.outline.scopes[*scope].sign == opened);
        let Some(level) = near else { return };
        self.open.truncate(self.open.len() - level);
        self.pop(at);
    }

    /// Takes what stands before a `:` or `=` for a key.
    fn key(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let last = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        if matches!(next, b':' | b'=' | b'>' | b'/') || matches!(last, b':' | b'=' | b'<' | b'>' | b'!' | b'+' | b'-') {
            return;
        }
        // No key is longer, and a line may be: to look back to its start for each key would take quadratic time.
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
            self.outline.entries.push(Entry { scope, key, value });
        }
    }
}

/// The key whose value a bracket opens: `"a": {`, `a = Model(`, `a: Model {`.
fn owner_before(text: &str, at: usize) -> Option<Range<usize>> {
    let name = text[..at].trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
    let name = name.strip_suffix("new ").unwrap_or(name);
    if name.trim_end().ends_with('(') { None } else { key_before(text, name.len()) }
}

/// Whether a quote begins a text: not the apostrophe of a word, not a lifetime.
fn opens(bytes: &[u8], at: usize, style: Style) -> bool {
    if bytes[at] != b'\'' {
        return true;
    }
    let after_word = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let short = bytes.get(at + 2) == Some(&b'\'') || bytes.get(at + 1) == Some(&b'\\');
    !after_word && (style != Style::Rust || short)
}

/// How far the closing quote is.
fn closing(rest: &[u8], quote: u8) -> Option<usize> {
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

fn begins_remark(bytes: &[u8], at: usize, start: usize) -> bool {
    (at == start || matches!(bytes[at - 1], b' ' | b'\t' | b'\n')) && matches!(bytes.get(at + 1), Some(b' ' | b'#' | b'!' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys that stand with the word `HERE`, and whose value they are.
    fn beside(path: &str, text: &str) -> (Vec<String>, Option<String>) {
        let outline = Outline::of(text, Style::of(path));
        let scope = outline.scope_at(text.find("HERE").unwrap());
        let keys = outline.entries(scope).iter().map(|entry| text[entry.key.clone()].to_owned()).collect();
        (keys, outline.scope(scope).owner.clone().map(|range| text[range].to_owned()))
    }

    fn is(found: (Vec<String>, Option<String>), keys: &[&str], owner: Option<&str>) {
        assert_eq!((found.0.iter().map(String::as_str).collect::<Vec<_>>(), found.1.as_deref()), (keys.to_vec(), owner));
    }

    #[test]
    fn neighbours_are_strangers() {
        is(beside("a.json", r#"{"p": {"x": {"id": "HERE", "n": 1}, "y": {"id": "b", "m": 2}}}"#), &["id", "n"], Some("x"));
        is(
            beside("a.ts", "const a = { id: 'x', n: 1 };\nconst b = { id: 'HERE', m: [1, { z: 2 }], k: f(1) };"),
            &["id", "m", "k"],
            Some("b"),
        );
        is(beside("a.py", "x(model='a', n=1)\ny(model='HERE', m=2)"), &["model", "m"], None);
        is(beside("a.rs", "fn f<'a>(x: &'a str) {}\nModel { id: \"HERE\", n: 1 }"), &["id", "n"], None);
    }

    #[test]
    fn yaml_by_indentation() {
        let text = "top: 1\nmodels:\n  - id: a\n    n: 1\n  - id: HERE\n    # why\n    m: 2\n    deep:\n      z: 3\nlast: 4\n";
        is(beside("a.yaml", text), &["id", "m", "deep"], Some("models"));
        is(beside("a.yaml", "models:\n- id: a\n  n: 1\n- id: HERE\n  m: 2\nlast: 1\n"), &["id", "m"], Some("models"));
        is(beside("a.yaml", "p:\n  kimi:\n    url: HERE\n    n: 1\n  other:\n    m: 2\n"), &["url", "n"], Some("kimi"));
        is(beside("a.yaml", "m:\n  - {id: HERE, n: 1}\n  - {id: b, k: 2}\n"), &["id", "n"], None);
    }

    #[test]
    fn toml_by_heading() {
        is(beside("a.toml", "x = 1\n[p.kimi]\nurl = \"HERE\"\nn = 1\n[p.other]\nm = 2\n"), &["url", "n"], Some("kimi"));
    }

    #[test]
    fn prose_has_no_entries_outside_of_fences() {
        is(beside("a.md", "note: it's HERE\nmore: 1\n"), &[], None);
        is(beside("a.md", "note: x\n```yaml\nid: HERE\nn: 1\n```\nmore: 1\n"), &["id", "n"], None);
    }

    #[test]
    fn broken_brackets_end_nowhere() {
        let text = "}])({[\"'`".repeat(2000);
        assert_eq!(Outline::of(&text, Style::Brackets).entries.len(), 0);
    }
}
