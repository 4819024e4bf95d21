//! Cuts the text of a catalog file into the entries of its mappings and lists.
//!
//! An entry is everything from its key or value up to the next entry, with the comments directly above it as a separate range. Syntax that is rare
//! in a catalog (a key written with `?`, a dash on a line without its entry) is not cut; callers leave such text unchanged.

use crate::order;
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks::{Mark, Marks};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

/// Returns the text with a line ending after its last line, and the added line ending, which is empty if the text already ended with one.
pub(crate) fn with_final_line_end(text: &str) -> (String, &'static str) {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let added = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
    (format!("{text}{added}"), added)
}

/// A text and the positions of its values. The last line has a line ending.
#[derive(Clone, Copy)]
pub(crate) struct Cutter<'t> {
    pub(crate) text: &'t str,
    pub(crate) marks: &'t Marks,
}

/// A mapping or list, cut into entries.
pub(crate) struct Cut {
    /// The text before the first entry and its comments.
    pub(crate) head: Range<usize>,
    pub(crate) pieces: Vec<Piece>,
    /// The column of the keys or dashes.
    pub(crate) column: usize,
    /// Whether the first key is on the line of the dash of a list entry.
    pub(crate) is_after_dash: bool,
}

/// One entry of a mapping or list.
pub(crate) struct Piece {
    /// The comments above the entry, including the blank lines before these comments.
    pub(crate) above: Range<usize>,
    /// The start of the key; in a list, the start of the value.
    pub(crate) start: usize,
    /// The end of the key; in a list, the start of the value.
    pub(crate) key_end: usize,
    /// The start of the value. It has no meaning if the entry has no value.
    pub(crate) value: usize,
    /// The end of the last line, including its line ending.
    pub(crate) end: usize,
}

impl Cut {
    /// Returns the end of the last entry. Text after it belongs to no entry.
    pub(crate) fn end(&self) -> usize {
        self.pieces.last().map_or(self.head.end, |piece| piece.end)
    }
}

impl Cutter<'_> {
    /// Cuts a mapping in block style. The first key may follow the dash of a list entry.
    pub(crate) fn mapping(&self, range: &Range<usize>, object: &Map<String, Value>, pointer: &str) -> Option<Cut> {
        let mark = |key: &String| {
            let mark = self.mark(&pointer::key(pointer, key))?;
            Some((mark.key.clone()?, mark.value.start))
        };
        let marks: Vec<(Range<usize>, usize)> = object.keys().map(mark).collect::<Option<_>>()?;
        let first = marks.first()?.0.start;
        let column = first - self.line_start(first);
        let is_after_dash = self.line_start(first) < range.start;
        let on_own_line = |start: usize| {
            start - self.line_start(start) == column && self.text[self.line_start(start)..start].bytes().all(|byte| byte == b' ')
        };
        if !marks.iter().skip(usize::from(is_after_dash)).all(|(key, _)| on_own_line(key.start)) {
            return None;
        }
        Some(self.cut(range, &marks, column, is_after_dash))
    }

    /// Cuts a list in block style whose entries begin on the lines of their dashes.
    pub(crate) fn list(&self, range: &Range<usize>, list: &[Value], pointer: &str) -> Option<Cut> {
        let mark = |index: usize| {
            let start = self.mark(&pointer::entry(pointer, index))?.value.start;
            Some((start..start, start))
        };
        let marks: Vec<(Range<usize>, usize)> = (0..list.len()).map(mark).collect::<Option<_>>()?;
        let before = |start: usize| &self.text[self.line_start(start)..start];
        let column = before(marks.first()?.1).find('-')?;
        let is_after_dash = |start: usize| {
            before(start).len() > column + 1
                && before(start).bytes().enumerate().all(|(at, byte)| byte == if at == column { b'-' } else { b' ' })
        };
        if !marks.iter().all(|(_, start)| self.line_start(*start) >= range.start && is_after_dash(*start)) {
            return None;
        }
        Some(self.cut(range, &marks, column, false))
    }

    /// Cuts `range` into entries that begin in `column`.
    fn cut(&self, range: &Range<usize>, marks: &[(Range<usize>, usize)], column: usize, is_after_dash: bool) -> Cut {
        let mut pieces: Vec<Piece> = Vec::with_capacity(marks.len());
        for (index, (key, value)) in marks.iter().enumerate() {
            let line = self.line_start(key.start);
            let above = match index.checked_sub(1) {
                None if is_after_dash => key.start..key.start,
                None => {
                    // The schema line always stays first.
                    let floor = if range.start == 0 && self.text.starts_with("# yaml-language-server") { 1 } else { range.start };
                    self.above(self.next_line(floor), line, column, false)..line
                }
                Some(before) => self.above(self.next_line(marks[before].0.start), line, column, true)..line,
            };
            if let Some(before) = pieces.last_mut() {
                before.end = above.start;
            }
            pieces.push(Piece { above, start: key.start, key_end: key.end, value: *value, end: range.end });
        }
        if let Some(last) = pieces.last_mut() {
            // Comments at the end that are not indented further than the entries belong to the whole collection.
            last.end = self.above(self.next_line(last.start), range.end, column, true);
        }
        let head = range.start..pieces.first().map_or(range.start, |piece| piece.above.start);
        Cut { head, pieces, column, is_after_dash }
    }

    /// Returns the start of the comments directly above the line at `line`; blank lines are included if `blanks` is true. Comments that are
    /// indented further than the entry belong to the previous entry.
    fn above(&self, floor: usize, line: usize, column: usize, blanks: bool) -> usize {
        let mut start = line;
        while start > floor {
            let before = self.line_start(start - 1);
            let text = &self.text[before..start];
            let comment = is_comment(text) && indent(text) <= column;
            if !(comment || blanks && text.trim().is_empty()) {
                break;
            }
            start = before;
        }
        start.max(floor.min(line))
    }

    pub(crate) fn mark(&self, pointer: &str) -> Option<&Mark> {
        self.marks.nearest(pointer).filter(|(_, exact)| *exact).map(|(mark, _)| mark)
    }

    pub(crate) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Returns the start of the first line that begins at `at` or later.
    pub(crate) fn next_line(&self, at: usize) -> usize {
        if at == 0 {
            return 0;
        }
        let bytes = self.text.as_bytes()[at - 1..].iter();
        bytes.take_while(|byte| **byte != b'\n').count().saturating_add(at).min(self.text.len())
    }
}

/// Returns the validation schema of a kind of file. Each schema is computed only once.
pub(crate) fn schema_of(kind: FileKind) -> &'static Value {
    static SCHEMAS: OnceLock<HashMap<FileKind, Value>> = OnceLock::new();
    &SCHEMAS.get_or_init(|| FileKind::ALL.iter().map(|kind| (*kind, crate::schema::validation_schema(*kind))).collect())[&kind]
}

/// Returns the indices of the keys in the order of the schema. An unknown key stays after its predecessor.
pub(crate) fn by_rank(object: &Map<String, Value>, schema: &Value) -> Vec<usize> {
    let ranks = ranks(object, schema);
    let mut indices: Vec<usize> = (0..ranks.len()).collect();
    indices.sort_by_key(|index| ranks[*index]);
    indices
}

/// Returns the rank of each key; an unknown key has the rank of its predecessor.
pub(crate) fn ranks(object: &Map<String, Value>, schema: &Value) -> Vec<usize> {
    let mut last = 0;
    object
        .keys()
        .map(|key| {
            let rank = order::rank(schema, key);
            last = if rank == usize::MAX { last } else { rank };
            last
        })
        .collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Returns the start of the comment in a line. In ambiguous cases, such as inside a multi-line string, `#` after a space counts as the start of a
/// comment.
pub(crate) fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    // A quote begins a quoted string only where a value can begin.
    let (mut at, mut depth, mut begins) = (0, 0_usize, true);
    while at < bytes.len() {
        let is_space = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
        match bytes[at] {
            b'#' if at == 0 || is_space(at - 1) => return Some(at),
            quote @ (b'"' | b'\'') if begins => {
                if let Some(end) = quote_end(bytes, at, quote) {
                    at = end;
                }
                begins = false;
            }
            b'{' | b'[' if begins => depth += 1,
            b'}' | b']' => (depth, begins) = (depth.saturating_sub(1), false),
            b',' if depth > 0 => begins = true,
            b':' if is_space(at + 1) => begins = true,
            b'-' if begins && is_space(at + 1) => {}
            b' ' | b'\t' => {}
            _ => begins = false,
        }
        at += 1;
    }
    None
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the comma-separated parts of the flow collection at the beginning of `line`, and its length.
pub(crate) fn flow_parts(line: &str) -> Option<(Vec<Range<usize>>, usize)> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_usize, 1);
    let mut part = |from: usize, to: usize| {
        let text = &line[from..to];
        let start = from + text.len() - text.trim_start().len();
        parts.push(start..start + text.trim().len());
    };
    let bytes = line.as_bytes();
    let mut at = 0;
    // The last non-space byte: a quote begins a quoted string only after certain bytes.
    let mut last = b'{';
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') if matches!(last, b'{' | b'[' | b',' | b':') => at = quote_end(bytes, at, quote)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => {
                part(from, at);
                let whole = parts.iter().all(|part| !part.is_empty());
                return whole.then_some((parts, at + 1));
            }
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 1 => {
                part(from, at);
                from = at + 1;
            }
            _ => {}
        }
        if bytes[at] != b' ' {
            last = bytes[at];
        }
        at += 1;
    }
    None
}

/// Returns the position of the closing quote for the quote at `at`.
pub(crate) fn quote_end(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns the start of the value in `key: value`.
pub(crate) fn flow_value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let from = match bytes.first()? {
        quote @ (b'"' | b'\'') => quote_end(bytes, 0, *quote)? + 1,
        _ => 0,
    };
    let colon = from + text[from..].find(':')?;
    let rest = &text[colon + 1..];
    Some(colon + 1 + rest.len() - rest.trim_start().len())
}

#[cfg(test)]
mod tests {
    use super::comment_start;

    #[test]
    fn comments_are_distinguished_from_strings() {
        for text in [
            "# a",
            "  # a",
            "name: A # a",
            "name: A\t# a",
            "name: 'A # B' # a",
            "name: it's # a",
            "name: x, 'b # a'",
            "name: a - 'b # a'",
            "name: http:'b # a'",
            "name: b {'c # a'}",
            "- {id: a, name: \"b\"}\t# a",
            "--- # a",
            "b' # a",
            "name: 'b # a",
        ] {
            assert_eq!(comment_start(text), text.rfind('#'), "{text}");
        }
        for text in ["name: A#b", "name: 'A # B'", "- {id: a, name: \"b # c\"}", "- [\"b # c\", 'd #']", "name: 'it''s # b'", "- 'a # b'"] {
            assert_eq!(comment_start(text), None, "{text}");
        }
    }
}
