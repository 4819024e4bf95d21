//! Cuts the text of a catalog file into the entries of its mappings and lists.
//!
//! An entry is everything from its key or value up to the next one; the comments directly above it are known apart. What is rare in a
//! catalog (a key written with `?`, a dash on a line without its entry) is not cut, and whoever asked leaves it as it stands.

use crate::order;
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks::{Mark, Marks};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

/// The text with an end to its last line, and the end that was added.
pub(crate) fn ended(text: &str) -> (String, &'static str) {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let added = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
    (format!("{text}{added}"), added)
}

/// A text with the positions in it. Its last line has an end.
#[derive(Clone, Copy)]
pub(crate) struct Cutter<'t> {
    pub(crate) text: &'t str,
    pub(crate) marks: &'t Marks,
}

/// A mapping or list that is cut.
pub(crate) struct Cut {
    /// What stands before the first entry and its comments.
    pub(crate) head: Range<usize>,
    pub(crate) pieces: Vec<Piece>,
    /// In which its keys or dashes stand.
    pub(crate) column: usize,
    /// Whether the first key stands behind the dash of an entry.
    pub(crate) behind_dash: bool,
}

/// One entry of a mapping or list.
pub(crate) struct Piece {
    /// The comments above it, with the blank lines that divide it from the entry before.
    pub(crate) above: Range<usize>,
    /// Where its key begins, in a list its value.
    pub(crate) start: usize,
    /// Where its key ends, in a list where its value begins.
    pub(crate) key_end: usize,
    /// Where its value begins; of no use where it has none.
    pub(crate) value: usize,
    /// Where it ends: behind the end of its last line.
    pub(crate) end: usize,
}

impl Cut {
    /// Where the last entry ends. What follows up to the end of the range belongs to no entry.
    pub(crate) fn end(&self) -> usize {
        self.pieces.last().map_or(self.head.end, |piece| piece.end)
    }
}

impl Cutter<'_> {
    /// Cuts a mapping whose keys each begin a line, but for the first one of an entry of a list, which stands behind the dash.
    pub(crate) fn mapping(&self, range: &Range<usize>, object: &Map<String, Value>, pointer: &str) -> Option<Cut> {
        let mark = |key: &String| {
            let mark = self.mark(&pointer::key(pointer, key))?;
            Some((mark.key.clone()?, mark.value.start))
        };
        let marks: Vec<(Range<usize>, usize)> = object.keys().map(mark).collect::<Option<_>>()?;
        let first = marks.first()?.0.start;
        let column = first - self.line_start(first);
        let behind_dash = self.line_start(first) < range.start;
        let on_own_line = |start: usize| {
            start - self.line_start(start) == column && self.text[self.line_start(start)..start].bytes().all(|byte| byte == b' ')
        };
        if !marks.iter().skip(usize::from(behind_dash)).all(|(key, _)| on_own_line(key.start)) {
            return None;
        }
        Some(self.cut(range, &marks, column, behind_dash))
    }

    /// Cuts a list whose dashes each begin a line, with the entry behind the dash.
    pub(crate) fn list(&self, range: &Range<usize>, list: &[Value], pointer: &str) -> Option<Cut> {
        let mark = |index: usize| {
            let start = self.mark(&pointer::entry(pointer, index))?.value.start;
            Some((start..start, start))
        };
        let marks: Vec<(Range<usize>, usize)> = (0..list.len()).map(mark).collect::<Option<_>>()?;
        let before = |start: usize| &self.text[self.line_start(start)..start];
        let column = before(marks.first()?.1).find('-')?;
        let behind_dash = |start: usize| {
            before(start).len() > column + 1
                && before(start).bytes().enumerate().all(|(at, byte)| byte == if at == column { b'-' } else { b' ' })
        };
        if !marks.iter().all(|(_, start)| self.line_start(*start) >= range.start && behind_dash(*start)) {
            return None;
        }
        Some(self.cut(range, &marks, column, false))
    }

    /// Cuts `range` between entries that begin in `column`.
    fn cut(&self, range: &Range<usize>, marks: &[(Range<usize>, usize)], column: usize, behind_dash: bool) -> Cut {
        let mut pieces: Vec<Piece> = Vec::with_capacity(marks.len());
        for (index, (key, value)) in marks.iter().enumerate() {
            let line = self.line_start(key.start);
            let above = match index.checked_sub(1) {
                None if behind_dash => key.start..key.start,
                None => {
                    // The line that names the schema is the first of the file, whatever comes after it.
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
            // Comments at the end that are not indented more belong to all of it.
            last.end = self.above(self.next_line(last.start), range.end, column, true);
        }
        let head = range.start..pieces.first().map_or(range.start, |piece| piece.above.start);
        Cut { head, pieces, column, behind_dash }
    }

    /// Where the comments directly above the line at `line` begin; with `blanks`, blank lines belong to them as well. Comments that are
    /// indented more than the entry belong to the one before.
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

    /// The first line that begins at `at` or later.
    pub(crate) fn next_line(&self, at: usize) -> usize {
        if at == 0 {
            return 0;
        }
        let behind = self.text.as_bytes()[at - 1..].iter();
        behind.take_while(|byte| **byte != b'\n').count().saturating_add(at).min(self.text.len())
    }
}

/// The schema of a kind of file, made once.
pub(crate) fn schema_of(kind: FileKind) -> &'static Value {
    static SCHEMAS: OnceLock<HashMap<FileKind, Value>> = OnceLock::new();
    &SCHEMAS.get_or_init(|| FileKind::ALL.iter().map(|kind| (*kind, crate::schema::judged(*kind))).collect())[&kind]
}

/// The places of the keys in the order of the schema. A key that the schema does not know stays behind the one before it.
pub(crate) fn by_rank(object: &Map<String, Value>, schema: &Value) -> Vec<usize> {
    let ranks = ranks(object, schema);
    let mut places: Vec<usize> = (0..ranks.len()).collect();
    places.sort_by_key(|index| ranks[*index]);
    places
}

/// The rank of each key as it stands; one that the schema does not know has that of the key before it.
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

/// Where a comment begins in a line. In doubt, as in a quoted text over several lines, `#` behind a space begins one.
pub(crate) fn comment(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    // A quote begins a quoted text only where a value can begin.
    let (mut at, mut depth, mut begins) = (0, 0_usize, true);
    while at < bytes.len() {
        let is_space = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t'));
        match bytes[at] {
            b'#' if at == 0 || is_space(at - 1) => return Some(at),
            quote @ (b'"' | b'\'') if begins => {
                if let Some(end) = quoted(bytes, at, quote) {
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

/// The parts of the collection at the beginning of `line` that commas divide, and where it ends.
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
    // The last byte that was no space: a quote begins a quoted text only behind one of these.
    let mut last = b'{';
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') if matches!(last, b'{' | b'[' | b',' | b':') => at = quoted(bytes, at, quote)?,
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

/// Where the quote that begins at `at` ends.
pub(crate) fn quoted(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
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

/// Where the value in `key: value` begins.
pub(crate) fn flow_value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let from = match bytes.first()? {
        quote @ (b'"' | b'\'') => quoted(bytes, 0, *quote)? + 1,
        _ => 0,
    };
    let colon = from + text[from..].find(':')?;
    let behind = &text[colon + 1..];
    Some(colon + 1 + behind.len() - behind.trim_start().len())
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn comments_are_told_from_texts() {
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
            assert_eq!(comment(text), text.rfind('#'), "{text}");
        }
        for text in ["name: A#b", "name: 'A # B'", "- {id: a, name: \"b # c\"}", "- [\"b # c\", 'd #']", "name: 'it''s # b'", "- 'a # b'"] {
            assert_eq!(comment(text), None, "{text}");
        }
    }
}
