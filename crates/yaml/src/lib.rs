//! Parses YAML text as a JSON value. Duplicate keys, anchors, aliases and tags are errors.
//!
//! Parsing needs time and memory that are at most proportional to the size of the text. A text that exceeds one of the limits below is an error. The
//! message of the error states the limit, and the position of the error is the position of the value that exceeds the limit. The limits are far above
//! the sizes in any catalog.
//!
//! The build script of modeldex spends most of its time in this code. The code is a separate crate, so that development builds can optimize this code
//! without optimizing all of `modeldex-compile`; see `[profile.dev.package]` in `Cargo.toml`.

mod events;

pub use events::Events;
pub use saphyr_parser::Event;

use saphyr_parser::ScalarStyle;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::fmt;
use std::ops::Range;

/// Maximum depth of nesting: the number of mappings and lists around a value.
pub const MAX_DEPTH: usize = 64;

/// Maximum length of a scalar in bytes, and maximum number of entries of a list.
pub const MAX_LENGTH: usize = u16::MAX as usize;

/// Maximum number of parser events in a text. Each key, each scalar value, and the start and the end of each list and mapping is an event.
pub const MAX_VALUES: usize = 500_000;

/// Maximum number of characters that the parser may read from one event to the next. This limits the length of each of the following texts:
///
/// - a scalar
/// - all comments between two values together
/// - a list or mapping in brackets at the beginning of a line; such a list or mapping may be a key, so the parser reads all of it before it returns
///   the first event
pub const MAX_LOOKAHEAD: usize = 1 << 20;

/// The reason why a text is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not exactly one YAML document.
    Syntax,
    /// A scalar without double quotes contains a character that other parsers treat as a line break: U+0085, U+2028 or U+2029.
    Separator,
    /// The text exceeds a limit of this crate.
    Limit,
    /// A key occurs twice in one mapping.
    DuplicateKey,
    /// The text has an anchor, an alias or a tag.
    Anchor,
}

/// An error in YAML text, with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The reason why the text is rejected.
    pub kind: ErrorKind,
    /// The byte offset of the error in the text.
    pub offset: usize,
    /// The number of the line, beginning at 1.
    pub line: usize,
    /// The number of the column in characters, beginning at 1.
    pub column: usize,
    /// The error message, without the position.
    pub message: String,
}

impl Error {
    /// Creates an error at the byte `offset` of `text`.
    #[must_use]
    pub fn at(text: &str, offset: usize, kind: ErrorKind, message: String) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { kind, offset, line, column: before[line_start..].chars().count() + 1, message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message, .. } = self;
        write!(f, "{message} at line {line} column {column}")
    }
}

impl std::error::Error for Error {}

/// Parses a text that contains one YAML document. Returns the content of the document as a JSON value.
///
/// A number that JSON cannot express, such as infinity, becomes a string. A key that is not a string becomes a string that contains the JSON text of
/// the key.
///
/// ```
/// let value = modeldex_yaml::parse("a: 1\nb: [no, 0x10, ~]\n").unwrap();
/// assert_eq!(value.to_string(), r#"{"a":1,"b":["no",16,null]}"#);
/// let error = modeldex_yaml::parse("a: 1\na: 2\n").unwrap_err();
/// assert_eq!(error.to_string(), "duplicate key `a` at line 2 column 1");
/// ```
///
/// # Errors
/// Fails if the text is not exactly one YAML document, contains a duplicate key, an anchor, an alias or a tag, or exceeds a limit: [`MAX_DEPTH`],
/// [`MAX_LENGTH`], [`MAX_VALUES`] or [`MAX_LOOKAHEAD`].
pub fn parse(text: &str) -> Result<Value, Error> {
    let mut builder = Builder { text, open: Vec::new(), root: None, documents: 0 };
    for event in Events::new(text) {
        let (event, range) = event?;
        builder.add(event, range)?;
    }
    // An empty text is an empty document.
    Ok(builder.root.unwrap_or_default())
}

/// A value that is being built from events.
struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    root: Option<Value>,
    documents: usize,
}

/// A list or mapping whose end has not been reached.
enum Open {
    List(Vec<Value>),
    /// The last key has no value yet.
    Mapping(Map<String, Value>, Option<(String, usize)>),
}

impl Builder<'_> {
    fn add(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), Error> {
        let start = range.start;
        let error = |kind, message: &str| Err(Error::at(self.text, start, kind, message.to_owned()));
        let expects_key = matches!(self.open.last(), Some(Open::Mapping(_, None)));
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return error(ErrorKind::Syntax, "a second YAML document begins here, but only one document is allowed");
                }
            }
            Event::Alias(_) => return error(ErrorKind::Anchor, "YAML aliases are not allowed"),
            Event::Scalar(_, _, 1.., _) | Event::MappingStart(1.., _) | Event::SequenceStart(1.., _) => {
                return error(ErrorKind::Anchor, "YAML anchors are not allowed");
            }
            Event::Scalar(_, _, _, Some(_)) | Event::MappingStart(_, Some(_)) | Event::SequenceStart(_, Some(_)) => {
                return error(ErrorKind::Anchor, "YAML tags are not allowed");
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if expects_key => {
                return error(ErrorKind::Syntax, "a key is a list or a mapping, but must be a string");
            }
            Event::MappingStart(..) => self.open.push(Open::Mapping(Map::new(), None)),
            Event::SequenceStart(..) => self.open.push(Open::List(Vec::new())),
            Event::Scalar(text, style, ..) => {
                let value = if style == ScalarStyle::Plain { plain(&text) } else { Value::String(text.into_owned()) };
                return self.push(value, start);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let value = match self.open.pop() {
                    Some(Open::List(list)) => Value::Array(list),
                    Some(Open::Mapping(mapping, _)) => Value::Object(mapping),
                    None => Value::Null,
                };
                return self.push(value, start);
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// Adds a key or a complete value to the innermost open list or mapping.
    fn push(&mut self, value: Value, at: usize) -> Result<(), Error> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::List(list)) => {
                if list.len() == MAX_LENGTH {
                    let message = format!("the list has more entries than the limit of {MAX_LENGTH} entries");
                    return Err(Error::at(self.text, at, ErrorKind::Limit, message));
                }
                list.push(value);
            }
            Some(Open::Mapping(mapping, key)) => match key.take() {
                None => {
                    *key = Some((
                        match value {
                            Value::String(text) => text,
                            other => other.to_string(),
                        },
                        at,
                    ));
                }
                Some((name, at)) => match mapping.entry(name) {
                    Entry::Vacant(entry) => drop(entry.insert(value)),
                    Entry::Occupied(entry) => {
                        let message = format!("duplicate key `{key}`", key = entry.key());
                        return Err(Error::at(self.text, at, ErrorKind::DuplicateKey, message));
                    }
                },
            },
        }
        Ok(())
    }
}

/// Returns the value of a scalar without quotes, by the core schema of YAML 1.2. A number that JSON cannot express is a string.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    // Most scalars are texts that begin with a letter.
    let number =
        if text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) { number(text) } else { None };
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// Returns a scalar as a number. Returns `None` if the scalar is a text, or if JSON cannot express the number.
fn number(text: &str) -> Option<Number> {
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix)
            && !digits.starts_with(['+', '-'])
            && let Ok(size) = u64::from_str_radix(digits, radix)
        {
            return integer(is_negative, size);
        }
    }
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_integer {
        // A number with a leading zero, such as `007`, is a text.
        let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
        return if has_leading_zero { None } else { integer(is_negative, digits.parse().ok()?) };
    }
    // Rust also accepts `inf` and `nan`, which are texts in YAML; as numbers they are written `.inf` and `.nan`, which JSON cannot express.
    let is_float = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if is_float { Number::from_f64(text.parse().ok()?) } else { None }
}

/// Returns an integer as a number. Returns `None` if the integer has more than 64 bits.
fn integer(is_negative: bool, size: u64) -> Option<Number> {
    if is_negative { 0_i64.checked_sub_unsigned(size).map(Number::from) } else { Some(size.into()) }
}

#[cfg(test)]
mod tests;
