//! Events of YAML text, with limits on the depth of nesting, the number of values and the number of characters between two events.

use crate::{Error, ErrorKind, MAX_DEPTH, MAX_LENGTH, MAX_LOOKAHEAD, MAX_VALUES};
use saphyr_parser::{BufferedInput, Event, Marker, Parser, ScalarStyle, Span};
use std::cell::Cell;
use std::rc::Rc;
use std::str::Chars;

/// Iterator over the events of a YAML text. The iterator ends after the first error.
///
/// Each item is an event with the byte range of its text. If the text exceeds a limit of this crate or contains a control character, the last item is
/// an error.
pub struct Events<'t> {
    text: &'t str,
    parser: Option<Parser<'t, BufferedInput<Characters<'t>>>>,
    progress: Rc<Progress>,
    offsets: Offsets<'t>,
    depth: usize,
    values: usize,
}

/// What the parser has read since the last event, and the reason why the parser must not read on.
#[derive(Default)]
struct Progress {
    characters: Cell<usize>,
    /// The limit that the text exceeds, or the invalid character, with its byte offset.
    stopped: Cell<Option<(usize, Stop)>>,
}

#[derive(Clone, Copy)]
enum Stop {
    Control,
    Lookahead,
}

/// The characters of the text. After the first problem there are no more characters.
///
/// The parser decides whether an opening bracket begins a key only when it knows what follows the closing bracket. Until then it keeps everything
/// that it has read. Therefore the number of characters between two events is limited.
struct Characters<'t> {
    characters: Chars<'t>,
    len: usize,
    progress: Rc<Progress>,
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if self.progress.stopped.get().is_some() {
            return None;
        }
        let at = self.len - self.characters.as_str().len();
        let character = self.characters.next()?;
        let count = self.progress.characters.get() + 1;
        self.progress.characters.set(count);
        let mut stop = (count > MAX_LOOKAHEAD).then_some(Stop::Lookahead);
        if !is_allowed(character) {
            stop = Some(Stop::Control);
        }
        let Some(stop) = stop else { return Some(character) };
        self.progress.stopped.set(Some((at, stop)));
        None
    }
}

/// Returns whether YAML allows a character.
const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

impl<'t> Events<'t> {
    /// Creates the iterator over the events of `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let progress = Rc::new(Progress::default());
        let characters = Characters { characters: text.chars(), len: text.len(), progress: Rc::clone(&progress) };
        let parser = Some(Parser::new_from_iter(characters));
        Self { text, parser, progress, offsets: Offsets::new(text), depth: 0, values: 0 }
    }

    fn check(&mut self, event: Event<'t>, span: Span) -> Result<(Event<'t>, std::ops::Range<usize>), Error> {
        let start = self.offsets.byte(&span.start);
        let end = self.offsets.byte(&span.end).max(start);
        let range = start..start + self.text[start..end].trim_end().len();
        let error = |kind, message: String| Err(Error::at(self.text, start, kind, message));
        match &event {
            Event::Scalar(value, style, ..) => {
                if value.len() > MAX_LENGTH {
                    return error(
                        ErrorKind::Limit,
                        format!("a text of {length} bytes is longer than the limit of {MAX_LENGTH} bytes", length = value.len()),
                    );
                }
                // Other parsers treat these characters as line breaks.
                if *style != ScalarStyle::DoubleQuoted
                    && !self.offsets.is_ascii
                    && let Some(at) = self.text[start..end].find(['\u{85}', '\u{2028}', '\u{2029}'])
                {
                    return Err(Error::at(self.text, start + at, ErrorKind::Separator, "found an invisible line separator".to_owned()));
                }
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return error(ErrorKind::Limit, too_deep());
                }
            }
            Event::MappingEnd | Event::SequenceEnd => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return error(ErrorKind::Limit, format!("the text has more values than the limit of {MAX_VALUES} values"));
        }
        Ok((event, range))
    }

    /// Returns the error for the place at which the characters were stopped.
    fn stopped(&self, (at, stop): (usize, Stop)) -> Error {
        let (kind, message) = match stop {
            Stop::Control => (ErrorKind::Syntax, "control characters are not allowed".to_owned()),
            Stop::Lookahead => (
                ErrorKind::Limit,
                format!("a text, comment or list before this place is longer than the limit of {MAX_LOOKAHEAD} characters"),
            ),
        };
        Error::at(self.text, at, kind, message)
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Result<(Event<'t>, std::ops::Range<usize>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.progress.characters.set(0);
        let next = self.parser.as_mut()?.next();
        let result = match (self.progress.stopped.get(), next) {
            (Some(stop), _) => Err(self.stopped(stop)),
            (None, None) => return None,
            (None, Some(Ok((event, span)))) => self.check(event, span),
            (None, Some(Err(error))) => {
                let at = self.offsets.byte(error.marker());
                // The limit of the parser for brackets, of which it has read more than events were returned for.
                let (kind, message) = match error.info() {
                    "recursion limit exceeded" => (ErrorKind::Limit, too_deep()),
                    other => (ErrorKind::Syntax, other.to_owned()),
                };
                Err(Error::at(self.text, at, kind, message))
            }
        };
        if result.is_err() {
            self.parser = None;
        }
        Some(result)
    }
}

fn too_deep() -> String {
    format!("the value is nested deeper than the limit of {MAX_DEPTH} levels")
}

/// Converts the character offsets of the parser, which mostly increase, to byte offsets.
struct Offsets<'t> {
    text: &'t str,
    is_ascii: bool,
    /// A character offset and the byte offset of the same place.
    last: (usize, usize),
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, is_ascii: text.is_ascii(), last: (0, 0) }
    }

    fn byte(&mut self, marker: &Marker) -> usize {
        let index = marker.index();
        if self.is_ascii {
            return index.min(self.text.len());
        }
        let (characters, bytes) = self.last;
        let at = if index >= characters {
            self.text[bytes..].char_indices().nth(index - characters).map_or(self.text.len(), |(at, _)| bytes + at)
        } else {
            self.text[..bytes].char_indices().rev().nth(characters - index - 1).map_or(0, |(at, _)| at)
        };
        if at < self.text.len() {
            self.last = (index, at);
        }
        at
    }
}
