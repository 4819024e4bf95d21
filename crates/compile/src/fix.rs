//! Puts keys and entries in order, and changes nothing else.
//!
//! The text is cut into chunks, one for each entry of a mapping or list: the comments directly above an entry and everything up to the next
//! one. Chunks are put in order and written as they were. Writing the values anew would be simpler and would lose every comment; an editing
//! YAML library would keep them, and there is none in Rust that does so for all of YAML. What is rare in a catalog (a flow collection over
//! several lines, a key written with `?`) is left as it stands, and a text that would come out with other values is not changed at all.
#![cfg(feature = "validate")]

use crate::order::{self, SORTED};
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks::{self, Mark, Marks};
use crate::schema;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The text of a catalog file with its keys and entries in order, every comment kept.
///
/// `None` when it is in order, or when it is not a single YAML document that can be put in order safely. Fixing twice is fixing once.
#[must_use]
pub fn fix_order(text: &str, kind: FileKind) -> Option<String> {
    // Every chunk ends with its line; a last line without an end gets one while chunks are moved.
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let ended = text.ends_with('\n');
    let whole = if ended { text.to_owned() } else { format!("{text}{line_end}") };
    let marks = marks::scan(&whole);
    if !marks.problems.is_empty() {
        return None;
    }
    let value = parse(&whole)?;
    let mut fixed = Fixer { text: &whole, marks: &marks }.node(0, 0..whole.len(), &value, schema_of(kind), "", false).text;
    if fixed == whole || !nothing_is_lost(&whole, &fixed, &value) {
        return None;
    }
    if !ended && fixed.ends_with(line_end) {
        fixed.truncate(fixed.len() - line_end.len());
    }
    Some(fixed)
}

/// The schema of a kind of file, made once.
fn schema_of(kind: FileKind) -> &'static Value {
    static SCHEMAS: OnceLock<HashMap<FileKind, Value>> = OnceLock::new();
    &SCHEMAS.get_or_init(|| FileKind::ALL.iter().map(|kind| (*kind, schema::schema(*kind))).collect())[&kind]
}

fn parse(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

/// Whether `fixed` has the values of `text` and is made of the same letters, comments included.
fn nothing_is_lost(text: &str, fixed: &str, value: &Value) -> bool {
    let letters = |text: &str| {
        let mut count = [0_usize; 256];
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| count[usize::from(byte)] += 1);
        count
    };
    letters(text) == letters(fixed) && parse(fixed).is_some_and(|fixed| sorted(fixed) == sorted(value.clone()))
}

/// A value with its sorted lists in order; the order of keys is no part of a value.
fn sorted(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for (key, below) in object {
                *below = sorted(below.take());
                if let (true, Value::Array(list)) = (SORTED.contains(&key.as_str()), below) {
                    list.sort_by(|one, other| order::id(one).cmp(order::id(other)));
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|below| *below = sorted(below.take())),
        _ => {}
    }
    value
}

struct Fixer<'t> {
    text: &'t str,
    marks: &'t Marks,
}

/// A part of the text in order.
#[derive(Default)]
struct Fixed {
    /// Comments that stood above the key that is now on the line of a dash, and go above that line.
    above: String,
    text: String,
}

/// One entry of a mapping or list: the comments above it and the text from its key or value up to the next entry.
struct Chunk {
    /// Blank lines that divide it from the entry before. They stay at their place, so that the first entry of a list has none.
    gap: String,
    above: String,
    text: String,
}

impl Chunk {
    fn new(above: &str, text: String) -> Self {
        let blank: usize = above.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
        Self { gap: above[..blank].to_owned(), above: above[blank..].to_owned(), text }
    }
}

impl Fixer<'_> {
    /// The text of `range` in order; in it, `value` begins at `start`.
    fn node(&self, start: usize, range: std::ops::Range<usize>, value: &Value, schema: &Value, pointer: &str, by_id: bool) -> Fixed {
        let flow = self.text[start..].starts_with(['{', '[']);
        let fixed = match value {
            Value::Object(object) if !object.is_empty() && !flow => self.mapping(range.clone(), object, schema, pointer),
            Value::Array(list) if !list.is_empty() && !flow => self.list(range.clone(), list, schema, pointer, by_id),
            Value::Object(_) | Value::Array(_) => self.flow(start, range.clone(), value, schema, by_id),
            _ => None,
        };
        fixed.unwrap_or_else(|| Fixed { text: self.text[range].to_owned(), ..Fixed::default() })
    }

    /// A mapping whose keys each begin a line, but for the first one of an entry of a list, which stands behind the dash.
    fn mapping(&self, range: std::ops::Range<usize>, object: &Map<String, Value>, schema: &Value, pointer: &str) -> Option<Fixed> {
        let at = |key: &str| {
            let mut at = pointer.to_owned();
            pointer::push(&mut at, key);
            at
        };
        let keys: Vec<&Mark> = object.keys().map(|key| self.mark(&at(key))).collect::<Option<_>>()?;
        let starts: Vec<usize> = keys.iter().map(|mark| mark.key.as_ref().map(|key| key.start)).collect::<Option<_>>()?;
        let first = *starts.first()?;
        let column = first - self.line_start(first);
        let behind_dash = self.line_start(first) < range.start;
        let on_own_line = |start: usize| {
            start - self.line_start(start) == column && self.text[self.line_start(start)..start].bytes().all(|byte| byte == b' ')
        };
        if !starts.iter().skip(usize::from(behind_dash)).all(|start| on_own_line(*start)) {
            return None;
        }
        let (head, aboves, ends) = self.cut(&range, &starts, column, behind_dash);
        let mut chunks = Vec::with_capacity(keys.len());
        for (index, (key, value)) in object.iter().enumerate() {
            let body = starts[index]..ends[index];
            let from = keys[index].key.as_ref()?.end;
            let below = self.node(
                keys[index].value.start,
                from..body.end,
                value,
                &schema["properties"][key],
                &at(key),
                SORTED.contains(&key.as_str()),
            );
            chunks.push(Chunk::new(&self.text[aboves[index].clone()], format!("{}{}", &self.text[body.start..from], below.text)));
        }
        let mut fixed = Fixed { above: String::new(), text: self.text[head].to_owned() };
        for (place, index) in by_rank(object, schema).into_iter().enumerate() {
            let chunk = &chunks[index];
            if behind_dash && place == 0 {
                fixed.above.push_str(&chunk.above);
            } else {
                fixed.text.push_str(&chunks[place].gap);
                fixed.text.push_str(&chunk.above);
                fixed.text.extend(std::iter::repeat_n(' ', column));
            }
            fixed.text.push_str(&chunk.text);
        }
        fixed.text.push_str(&self.text[*ends.last()?..range.end]);
        Some(fixed)
    }

    /// A list whose dashes each begin a line, with the entry behind the dash.
    fn list(&self, range: std::ops::Range<usize>, list: &[Value], schema: &Value, pointer: &str, by_id: bool) -> Option<Fixed> {
        let at = |index: usize| {
            let mut at = pointer.to_owned();
            pointer::push_index(&mut at, index);
            at
        };
        let starts: Vec<usize> = (0..list.len()).map(|index| Some(self.mark(&at(index))?.value.start)).collect::<Option<_>>()?;
        let before = |start: usize| &self.text[self.line_start(start)..start];
        let column = before(*starts.first()?).find('-')?;
        let behind_dash = |start: usize| {
            before(start).len() > column + 1
                && before(start).bytes().enumerate().all(|(at, byte)| byte == if at == column { b'-' } else { b' ' })
        };
        if !starts.iter().all(|start| self.line_start(*start) >= range.start && behind_dash(*start)) {
            return None;
        }
        let (head, aboves, ends) = self.cut(&range, &starts, column, false);
        let mut chunks = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let start = starts[index];
            let below = self.node(start, start..ends[index], value, &schema["items"], &at(index), false);
            let mut above = self.text[aboves[index].clone()].to_owned();
            for line in below.above.split_inclusive('\n') {
                if !line.trim().is_empty() {
                    above.extend(std::iter::repeat_n(' ', column));
                }
                above.push_str(line.trim_start_matches(' '));
            }
            chunks.push(Chunk::new(&above, format!("{}{}", before(start), below.text)));
        }
        let mut places: Vec<usize> = (0..list.len()).collect();
        if by_id && list.iter().all(|entry| entry["id"].is_string()) {
            places.sort_by_key(|index| order::id(&list[*index]));
        }
        let mut fixed = Fixed { above: String::new(), text: self.text[head].to_owned() };
        for (place, index) in places.into_iter().enumerate() {
            fixed.text.push_str(&chunks[place].gap);
            fixed.text.push_str(&chunks[index].above);
            fixed.text.push_str(&chunks[index].text);
        }
        fixed.text.push_str(&self.text[*ends.last()?..range.end]);
        Some(fixed)
    }

    /// Cuts `range` between entries that begin at `starts` in `column`: what stands before the first entry and its comments, the comments
    /// above each entry, and where each entry ends.
    #[allow(clippy::type_complexity)]
    fn cut(
        &self,
        range: &std::ops::Range<usize>,
        starts: &[usize],
        column: usize,
        behind_dash: bool,
    ) -> (std::ops::Range<usize>, Vec<std::ops::Range<usize>>, Vec<usize>) {
        let mut aboves = Vec::with_capacity(starts.len());
        for (index, start) in starts.iter().enumerate() {
            let line = self.line_start(*start);
            let above = match index.checked_sub(1) {
                None if behind_dash => *start..*start,
                None => {
                    // The line that names the schema is the first of the file, whatever comes after it.
                    let floor = if range.start == 0 && self.text.starts_with("# yaml-language-server") { 1 } else { range.start };
                    self.above(self.next_line(floor), line, column, false)..line
                }
                Some(before) => self.above(self.next_line(starts[before]), line, column, true)..line,
            };
            aboves.push(above);
        }
        let mut ends: Vec<usize> = aboves.iter().skip(1).map(|above| above.start).collect();
        ends.push(self.foot(self.next_line(starts.last().copied().unwrap_or(range.start)), range.end, column));
        let head = range.start..aboves.first().map_or(range.start, |above| above.start);
        (head, aboves, ends)
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

    /// Where the comments at the end of a mapping or list in `column` begin that belong to all of it and not to its last entry.
    fn foot(&self, floor: usize, end: usize, column: usize) -> usize {
        let mut start = end;
        while start > floor {
            let before = self.line_start(start - 1);
            let text = &self.text[before..start];
            if !(text.trim().is_empty() || is_comment(text) && indent(text) <= column) {
                break;
            }
            start = before;
        }
        start
    }

    /// A collection in brackets, where it stands on one line.
    fn flow(&self, start: usize, range: std::ops::Range<usize>, value: &Value, schema: &Value, by_id: bool) -> Option<Fixed> {
        let line = self.text[start..range.end].lines().next()?;
        let (fixed, len) = flow(line, value, schema, by_id)?;
        Some(Fixed {
            above: String::new(),
            text: format!("{}{fixed}{}", &self.text[range.start..start], &self.text[start + len..range.end]),
        })
    }

    fn mark(&self, pointer: &str) -> Option<&Mark> {
        self.marks.nearest(pointer).filter(|(_, exact)| *exact).map(|(mark, _)| mark)
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The first line that begins at `at` or later.
    fn next_line(&self, at: usize) -> usize {
        if at == 0 {
            return 0;
        }
        let behind = self.text.as_bytes()[at - 1..].iter();
        behind.take_while(|byte| **byte != b'\n').count().saturating_add(at).min(self.text.len())
    }
}

/// The places of the keys in the order of the schema. A key that the schema does not know stays behind the one before it.
fn by_rank(object: &Map<String, Value>, schema: &Value) -> Vec<usize> {
    let mut last = 0;
    let ranks: Vec<usize> = object
        .keys()
        .map(|key| {
            let rank = order::rank(schema, key);
            last = if rank == usize::MAX { last } else { rank };
            last
        })
        .collect();
    let mut places: Vec<usize> = (0..ranks.len()).collect();
    places.sort_by_key(|index| ranks[*index]);
    places
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The collection at the beginning of `line` in order, and how long it was. `None` where it does not end on this line.
fn flow(line: &str, value: &Value, schema: &Value, by_id: bool) -> Option<(String, usize)> {
    let (parts, len) = flow_parts(line)?;
    let mut texts: Vec<String> = parts.iter().map(|part| line[part.clone()].to_owned()).collect();
    let places = match value {
        Value::Object(object) if object.len() == parts.len() => {
            for ((text, key), value) in texts.iter_mut().zip(object.keys()).zip(object.values()) {
                let Some(start) = flow_value(text).filter(|_| is_collection(value)) else { continue };
                let (below, _) = flow(&text[start..], value, &schema["properties"][key], SORTED.contains(&key.as_str()))?;
                text.replace_range(start.., &below);
            }
            by_rank(object, schema)
        }
        Value::Array(list) if list.len() == parts.len() => {
            for (text, value) in texts.iter_mut().zip(list).filter(|(_, value)| is_collection(value)) {
                *text = flow(text, value, &schema["items"], false)?.0;
            }
            let mut places: Vec<usize> = (0..list.len()).collect();
            if by_id && list.iter().all(|entry| entry["id"].is_string()) {
                places.sort_by_key(|index| order::id(&list[*index]));
            }
            places
        }
        _ => return None,
    };
    // What stands between two parts stays where it is.
    let mut fixed = String::with_capacity(len);
    let mut from = 0;
    for (part, index) in parts.iter().zip(places) {
        fixed.push_str(&line[from..part.start]);
        fixed.push_str(&texts[index]);
        from = part.end;
    }
    fixed.push_str(&line[from..len]);
    Some((fixed, len))
}

fn is_collection(value: &Value) -> bool {
    value.as_object().is_some_and(|object| !object.is_empty()) || value.as_array().is_some_and(|list| !list.is_empty())
}

/// The parts of the collection at the beginning of `line` that commas divide, and where it ends.
fn flow_parts(line: &str) -> Option<(Vec<std::ops::Range<usize>>, usize)> {
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
fn quoted(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
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
fn flow_value(text: &str) -> Option<usize> {
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
mod tests;
