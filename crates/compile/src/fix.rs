//! Sorts keys and entries of a catalog file, and changes nothing else.
//!
//! The text is cut into chunks, one per entry of a mapping or list. A chunk contains the comments directly above the entry, and everything up to
//! the next entry. Chunks are sorted and written unchanged; see `docs/decisions/0006-text-keeping-edits.md`. Syntax that is rare in a catalog (a
//! flow collection over several lines, a key written with `?`) is left unchanged. If sorting would change the values of a text, the text is not
//! changed at all.
#![cfg(feature = "validate")]

use crate::order::{self, LISTS_SORTED_BY_ID};
use crate::pointer;
use crate::read::FileKind;
use crate::read::marks;
use crate::write::cut::{Cutter, by_rank, flow_parts, flow_value, schema_of, with_final_line_end};
use crate::write::parse;
use serde_json::{Map, Value};
use std::ops::Range;

/// Returns the text of a catalog file with its keys and entries sorted and all comments kept.
///
/// Returns `None` if the text is already sorted, is not a single YAML document, or cannot be sorted safely. The operation is idempotent.
#[must_use]
pub fn fix_order(text: &str, kind: FileKind) -> Option<String> {
    // Each chunk must end with a line ending while chunks are moved. If the last line of the file has none, it is added here.
    let (whole, added) = with_final_line_end(text);
    let marks = marks::scan(&whole);
    if !marks.problems.is_empty() {
        return None;
    }
    let value = parse(&whole).ok()?;
    let fixed = Fixer { text: &whole, cutter: Cutter { text: &whole, marks: &marks } }
        .node(0, 0..whole.len(), &value, schema_of(kind), "", false)
        .text;
    if fixed == whole || !has_same_content(&whole, &fixed, &value) {
        return None;
    }
    Some(fixed.strip_suffix(added).unwrap_or(&fixed).to_owned())
}

/// Returns whether `fixed` has the same values as `text` and the same non-blank bytes, including comments.
fn has_same_content(text: &str, fixed: &str, value: &Value) -> bool {
    let byte_counts = |text: &str| {
        let mut count = [0_usize; 256];
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| count[usize::from(byte)] += 1);
        count
    };
    byte_counts(text) == byte_counts(fixed) && parse(fixed).is_ok_and(|fixed| sorted(fixed) == sorted(value.clone()))
}

/// Returns a value with sorted lists. The order of keys is irrelevant for comparisons.
fn sorted(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for (key, below) in object {
                *below = sorted(below.take());
                if let (true, Value::Array(list)) = (LISTS_SORTED_BY_ID.contains(&key.as_str()), below) {
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
    cutter: Cutter<'t>,
}

/// The sorted text of a part of the file.
#[derive(Default)]
struct Fixed {
    /// Comments above a key that moved to the line of a dash. They are written above this line.
    above: String,
    text: String,
}

/// One entry of a mapping or list: the comments above it, and the text from its key or value up to the next entry.
struct EntryText {
    /// Blank lines before the entry. They stay in place, so that the first entry of a list has none.
    gap: String,
    above: String,
    text: String,
}

impl EntryText {
    fn new(above: &str, text: String) -> Self {
        let blank: usize = above.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
        Self { gap: above[..blank].to_owned(), above: above[blank..].to_owned(), text }
    }
}

impl Fixer<'_> {
    /// Returns the sorted text of `range`, in which `value` begins at `start`.
    fn node(&self, start: usize, range: Range<usize>, value: &Value, schema: &Value, pointer: &str, by_id: bool) -> Fixed {
        let flow = self.text[start..].starts_with(['{', '[']);
        let fixed = match value {
            Value::Object(object) if !object.is_empty() && !flow => self.mapping(range.clone(), object, schema, pointer),
            Value::Array(list) if !list.is_empty() && !flow => self.list(range.clone(), list, schema, pointer, by_id),
            Value::Object(_) | Value::Array(_) => self.flow(start, range.clone(), value, schema, by_id),
            _ => None,
        };
        fixed.unwrap_or_else(|| Fixed { text: self.text[range].to_owned(), ..Fixed::default() })
    }

    fn mapping(&self, range: Range<usize>, object: &Map<String, Value>, schema: &Value, pointer: &str) -> Option<Fixed> {
        let cut = self.cutter.mapping(&range, object, pointer)?;
        let mut chunks = Vec::with_capacity(object.len());
        for (piece, (key, value)) in cut.pieces.iter().zip(object) {
            let at = pointer::key(pointer, key);
            let by_id = LISTS_SORTED_BY_ID.contains(&key.as_str());
            let below = self.node(piece.value, piece.key_end..piece.end, value, &schema["properties"][key], &at, by_id);
            chunks
                .push(EntryText::new(&self.text[piece.above.clone()], format!("{}{}", &self.text[piece.start..piece.key_end], below.text)));
        }
        let mut fixed = Fixed { above: String::new(), text: self.text[cut.head.clone()].to_owned() };
        for (place, index) in by_rank(object, schema).into_iter().enumerate() {
            let chunk = &chunks[index];
            if cut.is_after_dash && place == 0 {
                fixed.above.push_str(&chunk.above);
            } else {
                fixed.text.push_str(&chunks[place].gap);
                fixed.text.push_str(&chunk.above);
                fixed.text.extend(std::iter::repeat_n(' ', cut.column));
            }
            fixed.text.push_str(&chunk.text);
        }
        fixed.text.push_str(&self.text[cut.end()..range.end]);
        Some(fixed)
    }

    fn list(&self, range: Range<usize>, list: &[Value], schema: &Value, pointer: &str, by_id: bool) -> Option<Fixed> {
        let cut = self.cutter.list(&range, list, pointer)?;
        let mut chunks = Vec::with_capacity(list.len());
        for (index, (piece, value)) in cut.pieces.iter().zip(list).enumerate() {
            let at = pointer::entry(pointer, index);
            let below = self.node(piece.start, piece.start..piece.end, value, &schema["items"], &at, false);
            let mut above = self.text[piece.above.clone()].to_owned();
            for line in below.above.split_inclusive('\n') {
                if !line.trim().is_empty() {
                    above.extend(std::iter::repeat_n(' ', cut.column));
                }
                above.push_str(line.trim_start_matches(' '));
            }
            let dash = &self.text[self.cutter.line_start(piece.start)..piece.start];
            chunks.push(EntryText::new(&above, format!("{dash}{}", below.text)));
        }
        let mut fixed = Fixed { above: String::new(), text: self.text[cut.head.clone()].to_owned() };
        for (place, index) in in_order(list, by_id).into_iter().enumerate() {
            fixed.text.push_str(&chunks[place].gap);
            fixed.text.push_str(&chunks[index].above);
            fixed.text.push_str(&chunks[index].text);
        }
        fixed.text.push_str(&self.text[cut.end()..range.end]);
        Some(fixed)
    }

    /// Returns the sorted text of a flow collection. Returns `None` if the collection is not on one line.
    fn flow(&self, start: usize, range: Range<usize>, value: &Value, schema: &Value, by_id: bool) -> Option<Fixed> {
        let line = self.text[start..range.end].lines().next()?;
        let (fixed, len) = flow(line, value, schema, by_id)?;
        Some(Fixed {
            above: String::new(),
            text: format!("{}{fixed}{}", &self.text[range.start..start], &self.text[start + len..range.end]),
        })
    }
}

/// Returns the sorted flow collection at the beginning of `line`, and its length. Returns `None` if the collection does not end on this line.
fn flow(line: &str, value: &Value, schema: &Value, by_id: bool) -> Option<(String, usize)> {
    let (parts, len) = flow_parts(line)?;
    let mut texts: Vec<String> = parts.iter().map(|part| line[part.clone()].to_owned()).collect();
    let places = match value {
        Value::Object(object) if object.len() == parts.len() => {
            for ((text, key), value) in texts.iter_mut().zip(object.keys()).zip(object.values()) {
                let Some(start) = flow_value(text).filter(|_| is_collection(value)) else { continue };
                let (below, _) = flow(&text[start..], value, &schema["properties"][key], LISTS_SORTED_BY_ID.contains(&key.as_str()))?;
                text.replace_range(start.., &below);
            }
            by_rank(object, schema)
        }
        Value::Array(list) if list.len() == parts.len() => {
            for (text, value) in texts.iter_mut().zip(list).filter(|(_, value)| is_collection(value)) {
                *text = flow(text, value, &schema["items"], false)?.0;
            }
            in_order(list, by_id)
        }
        _ => return None,
    };
    // The text between two parts stays in place.
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

/// Returns the indices of the entries of a list in sorted order. The entries are sorted by id if `by_id` is true and every entry has an id.
fn in_order(list: &[Value], by_id: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..list.len()).collect();
    if by_id && list.iter().all(|entry| entry["id"].is_string()) {
        places.sort_by_key(|index| order::id(&list[*index]));
    }
    places
}

fn is_collection(value: &Value) -> bool {
    value.as_object().is_some_and(|object| !object.is_empty()) || value.as_array().is_some_and(|list| !list.is_empty())
}

#[cfg(test)]
mod tests;
