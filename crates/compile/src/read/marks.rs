//! The positions of keys and values in a YAML text, computed only for files with findings or edits.

use saphyr_parser::{Event, Marker, Parser, Span};
use std::collections::HashMap;
use std::ops::Range;

/// Maximum depth of values with their own positions. A deeper value has the position of its nearest parent that is not deeper. The maximum limits the
/// length of pointers.
const MAX_DEPTH: usize = 64;

/// The positions of keys and values in a YAML text, by JSON pointer, and the problems of the text that are not visible in a parsed value.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    marks: HashMap<String, Mark>,
    pub(crate) problems: Vec<YamlProblem>,
}

/// The byte ranges of the key and the value of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The range of the key; `None` for an entry of a list.
    pub(crate) key: Option<Range<usize>>,
    /// The range of the scalar, or of the first line of the mapping or list.
    pub(crate) value: Range<usize>,
}

/// A problem that is not visible in a parsed value.
#[derive(Debug)]
pub(crate) enum YamlProblem {
    Syntax { at: usize, message: String },
    DuplicateKey { key: String, first: Range<usize>, again: Range<usize> },
    Anchor(Range<usize>),
    Alias(Range<usize>),
    Tag(Range<usize>),
}

/// An open mapping or sequence. `pointer` is the length of its JSON pointer.
enum Frame {
    Mapping { pointer: usize, key: Option<(String, Range<usize>)>, seen: HashMap<String, Range<usize>> },
    Sequence { pointer: usize, next: usize },
}

impl Marks {
    /// Returns the mark at `pointer` or, if the pointer has no mark, the mark of the nearest parent that has one; and whether the mark is at `pointer`
    /// itself.
    pub(crate) fn nearest(&self, pointer: &str) -> Option<(&Mark, bool)> {
        let mut at = pointer;
        loop {
            if let Some(mark) = self.marks.get(at) {
                return Some((mark, at == pointer));
            }
            at = &at[..at.rfind('/')?];
        }
    }
}

/// Parses a YAML text and returns the positions of its keys and values.
pub(crate) fn scan(text: &str) -> Marks {
    let offsets = Offsets::new(text);
    let mut marks = Marks::default();
    let mut stack: Vec<Frame> = Vec::new();
    let mut pointer = String::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = offsets.byte(error.marker()).min(text.len());
                marks.problems.push(YamlProblem::Syntax { at, message: error.info().to_owned() });
                break;
            }
        };
        let range = offsets.range(text, span);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents == 2 {
                    let message = "a second YAML document begins here, but a catalog file contains only one".to_owned();
                    marks.problems.push(YamlProblem::Syntax { at: range.start, message });
                    break;
                }
            }
            Event::Scalar(value, _, anchor, tag) => {
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                if let Some(Frame::Mapping { key: key @ None, seen, .. }) = stack.last_mut() {
                    let name = value.into_owned();
                    if let Some(first) = seen.get(&name) {
                        marks.problems.push(YamlProblem::DuplicateKey { key: name.clone(), first: first.clone(), again: range.clone() });
                    } else {
                        seen.insert(name.clone(), range.clone());
                    }
                    *key = Some((name, range));
                } else {
                    let depth = stack.len();
                    enter(&mut marks, &mut stack, &mut pointer, depth, range);
                    leave(&stack, &mut pointer);
                }
            }
            Event::Alias(_) => {
                marks.problems.push(YamlProblem::Alias(range.clone()));
                if let Some(Frame::Mapping { key: key @ None, .. }) = stack.last_mut() {
                    *key = Some((String::new(), range));
                } else {
                    let depth = stack.len();
                    enter(&mut marks, &mut stack, &mut pointer, depth, range);
                    leave(&stack, &mut pointer);
                }
            }
            Event::MappingStart(anchor, tag) | Event::SequenceStart(anchor, tag) if expects_key(&stack) => {
                // The key is a mapping or list; no catalog file has such a key.
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                marks.problems.push(YamlProblem::Syntax {
                    at: range.start,
                    message: "a key is a list or a mapping, but must be a string".to_owned(),
                });
                break;
            }
            Event::MappingStart(anchor, tag) => {
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                let depth = stack.len();
                enter(&mut marks, &mut stack, &mut pointer, depth, first_line(text, range.start));
                stack.push(Frame::Mapping { pointer: pointer.len(), key: None, seen: HashMap::new() });
            }
            Event::SequenceStart(anchor, tag) => {
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                let depth = stack.len();
                enter(&mut marks, &mut stack, &mut pointer, depth, first_line(text, range.start));
                stack.push(Frame::Sequence { pointer: pointer.len(), next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                stack.pop();
                leave(&stack, &mut pointer);
            }
            _ => {}
        }
    }
    marks
}

fn expects_key(stack: &[Frame]) -> bool {
    matches!(stack.last(), Some(Frame::Mapping { key: None, .. }))
}

/// Enters the next entry of the innermost frame and records its position.
fn enter(marks: &mut Marks, stack: &mut [Frame], pointer: &mut String, depth: usize, value: Range<usize>) {
    let mut key_range = None;
    match stack.last_mut() {
        Some(Frame::Mapping { key, .. }) => {
            if let Some((name, range)) = key.take() {
                if depth <= MAX_DEPTH {
                    crate::pointer::push(pointer, &name);
                }
                key_range = Some(range);
            }
        }
        Some(Frame::Sequence { next, .. }) => {
            if depth <= MAX_DEPTH {
                crate::pointer::push_index(pointer, *next);
            }
            *next += 1;
        }
        None => {}
    }
    if depth <= MAX_DEPTH {
        marks.marks.entry(pointer.clone()).or_insert(Mark { key: key_range, value });
    }
}

/// Leaves an entry and returns to the innermost frame.
fn leave(stack: &[Frame], pointer: &mut String) {
    match stack.last() {
        Some(Frame::Mapping { pointer: len, .. } | Frame::Sequence { pointer: len, .. }) => pointer.truncate(*len),
        None => pointer.clear(),
    }
}

fn note_properties(marks: &mut Marks, text: &str, anchor: usize, tagged: bool, range: &Range<usize>) {
    // The span that the parser reports covers only the value; the anchor or tag precedes it on the same line.
    let line_start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let before = |sign: char| {
        let at = text[line_start..range.start].rfind(sign).map_or(range.start, |at| line_start + at);
        let end = text[at..].find(char::is_whitespace).map_or(text.len(), |len| at + len);
        at..end.max(at)
    };
    if anchor != 0 {
        marks.problems.push(YamlProblem::Anchor(before('&')));
    }
    if tagged {
        marks.problems.push(YamlProblem::Tag(before('!')));
    }
}

fn first_line(text: &str, start: usize) -> Range<usize> {
    let line = text[start..].lines().next().unwrap_or("");
    start..start + line.trim_end().len()
}

/// Converts the character offsets of the parser to byte offsets.
struct Offsets {
    /// The byte offset of each character; empty for ASCII text.
    bytes: Vec<usize>,
    len: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self { bytes, len: text.len() }
    }

    fn byte(&self, marker: &Marker) -> usize {
        if self.bytes.is_empty() { marker.index().min(self.len) } else { self.bytes.get(marker.index()).copied().unwrap_or(self.len) }
    }

    fn range(&self, text: &str, span: Span) -> Range<usize> {
        let start = self.byte(&span.start);
        let end = self.byte(&span.end).max(start);
        start..start + text[start..end].trim_end().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_pointer() {
        let text = "name: é Acme\nmodels:\n  - id: a/b\n    x~y: [1, 22]\n";
        let marks = scan(text);
        let shown = |pointer: &str| {
            let (mark, exact) = marks.nearest(pointer).unwrap();
            assert!(exact, "{pointer}");
            &text[mark.value.clone()]
        };
        assert_eq!(shown("/name"), "é Acme");
        assert_eq!(shown("/models/0/id"), "a/b");
        assert_eq!(shown("/models/0/x~0y/1"), "22");
        assert_eq!(shown("/models/0"), "id: a/b");
        assert!(marks.problems.is_empty());
        let (mark, exact) = marks.nearest("/models/0/none/deeper").unwrap();
        assert!(!exact);
        assert_eq!(&text[mark.value.clone()], "id: a/b");
    }

    #[test]
    fn problems_are_found() {
        let problems = |text: &str| format!("{:?}", scan(text).problems);
        assert_eq!(problems("a: 1\nb: 2\na: 3\n"), "[DuplicateKey { key: \"a\", first: 0..1, again: 10..11 }]");
        assert_eq!(problems("a: &x 1\nb: *x\n"), "[Anchor(3..5), Alias(11..13)]");
        assert_eq!(problems("a: !!str 1\n"), "[Tag(3..8)]");
        assert!(problems("a: [1\n").contains("Syntax"));
        assert!(problems("a: 1\n---\nb: 2\n").contains("second YAML document"));
    }
}
