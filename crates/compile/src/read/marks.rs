//! The positions of keys and values in a YAML text, computed only for files with findings or edits.

use modeldex_yaml::{Error, Event, Events};
use std::collections::HashMap;
use std::ops::Range;

/// Maximum length of the text that stands for a list or a mapping, in bytes: the beginning of its first line.
const MAX_FIRST_LINE: usize = 1_024;

/// Maximum number of problems that are collected. More problems would not be read, and a file of a few megabytes can have a million.
const MAX_PROBLEMS: usize = 1_000;

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
    /// The text is not valid, or exceeds a limit.
    Invalid(Error),
    DuplicateKey {
        key: String,
        first: Range<usize>,
        again: Range<usize>,
    },
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
    /// Returns the mark at `pointer`, and `true`. If there is no mark at `pointer`, returns the mark of the nearest parent that has a mark, and
    /// `false`.
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
    let mut marks = Marks::default();
    let mut stack: Vec<Frame> = Vec::new();
    let mut pointer = String::new();
    let mut documents = 0;
    for event in Events::new(text) {
        let (event, range) = match event {
            Ok(event) => event,
            Err(error) => {
                marks.problems.push(YamlProblem::Invalid(error));
                break;
            }
        };
        if marks.problems.len() >= MAX_PROBLEMS {
            break;
        }
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents == 2 {
                    // `modeldex_yaml::parse` returns this error.
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
                    enter(&mut marks, &mut stack, &mut pointer, range);
                    leave(&stack, &mut pointer);
                }
            }
            Event::Alias(_) => {
                marks.problems.push(YamlProblem::Alias(range.clone()));
                if let Some(Frame::Mapping { key: key @ None, .. }) = stack.last_mut() {
                    *key = Some((String::new(), range));
                } else {
                    enter(&mut marks, &mut stack, &mut pointer, range);
                    leave(&stack, &mut pointer);
                }
            }
            Event::MappingStart(anchor, tag) | Event::SequenceStart(anchor, tag) if expects_key(&stack) => {
                // The key is a mapping or list; `modeldex_yaml::parse` returns this error.
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                break;
            }
            Event::MappingStart(anchor, tag) => {
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                enter(&mut marks, &mut stack, &mut pointer, first_line(text, range.start));
                stack.push(Frame::Mapping { pointer: pointer.len(), key: None, seen: HashMap::new() });
            }
            Event::SequenceStart(anchor, tag) => {
                note_properties(&mut marks, text, anchor, tag.is_some(), &range);
                enter(&mut marks, &mut stack, &mut pointer, first_line(text, range.start));
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
fn enter(marks: &mut Marks, stack: &mut [Frame], pointer: &mut String, value: Range<usize>) {
    let mut key_range = None;
    match stack.last_mut() {
        Some(Frame::Mapping { key, .. }) => {
            if let Some((name, range)) = key.take() {
                crate::pointer::push(pointer, &name);
                key_range = Some(range);
            }
        }
        Some(Frame::Sequence { next, .. }) => {
            crate::pointer::push_index(pointer, *next);
            *next += 1;
        }
        None => {}
    }
    marks.marks.entry(pointer.clone()).or_insert(Mark { key: key_range, value });
}

/// Leaves an entry and returns to the innermost frame.
fn leave(stack: &[Frame], pointer: &mut String) {
    match stack.last() {
        Some(Frame::Mapping { pointer: len, .. } | Frame::Sequence { pointer: len, .. }) => pointer.truncate(*len),
        None => pointer.clear(),
    }
}

fn note_properties(marks: &mut Marks, text: &str, anchor: usize, tagged: bool, range: &Range<usize>) {
    if anchor == 0 && !tagged {
        return;
    }
    // The span that the parser reports may cover only the value; the anchor or tag precedes it on the same line.
    let mut from = range.start.saturating_sub(MAX_FIRST_LINE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let line_start = text[from..range.start].rfind('\n').map_or(from, |newline| from + newline + 1);
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
    let mut end = text.len().min(start + MAX_FIRST_LINE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text[start..end].lines().next().unwrap_or("");
    start..start + line.trim_end().len()
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
        assert_eq!(scan(&"- *a\n".repeat(10_000)).problems.len(), 1);
        assert_eq!(scan(&"- &a 1\n".repeat(10_000)).problems.len(), MAX_PROBLEMS);
        assert_eq!(problems("a: 1\n---\nb: 2\nb: 3\n"), "[]", "the parser reports a second document");
    }
}
