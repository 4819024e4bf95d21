//! Formats scalars as YAML: without quotes if every parser reads the same value, otherwise with quotes.

use modeldex_support::text::is_hidden;
use serde_json::{Number, Value};
use std::fmt::Write;

/// Appends a scalar.
pub(super) fn push(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => push_str(text, value),
        Value::Number(number) => push_number(text, number),
        other => text.push_str(&other.to_string()),
    }
}

/// Appends a string.
pub(super) fn push_str(text: &mut String, value: &str) {
    if is_plain(value) {
        text.push_str(value);
    } else {
        push_quoted(text, value);
    }
}

/// Returns a value as the parser reads it from its formatted text: integers have no fraction, and a year in a date field is a number.
pub(super) fn as_read(value: &Value, schema: &Value) -> Value {
    match value {
        Value::Object(object) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), as_read(value, &schema["properties"][key]))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(|value| as_read(value, &schema["items"])).collect()),
        Value::Number(number) => as_integer(number).map_or_else(|| value.clone(), Value::from),
        Value::String(year) if schema["format"] == "partial-date" && year.len() == 4 => {
            let number = year.parse::<u64>().ok().filter(|number| *number >= 1000 && !year.starts_with('+'));
            number.map_or_else(|| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// The limit 2^53: integers with a smaller magnitude are exact as `f64`.
const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

fn as_integer(number: &Number) -> Option<i64> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    #[allow(clippy::cast_possible_truncation, reason = "it is an integer and small enough")]
    (float.fract() == 0.0 && float.abs() < MAX_EXACT_INTEGER).then_some(float as i64)
}

/// Appends a number. Rust formats a float as the shortest decimal that parses to the same value, without an exponent.
fn push_number(text: &mut String, number: &Number) {
    let _ = match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if as_integer(number).is_none() && float.fract() == 0.0 => write!(text, "{float}.0"),
        Some(float) => write!(text, "{float}"),
        None => write!(text, "{number}"),
    };
}

/// Returns whether a string needs no quotes, neither on its own line nor in a flow collection. A string needs quotes if some parser may read it
/// differently.
fn is_plain(value: &str) -> bool {
    let mut before = '\0';
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_allowed = match letter {
            _ if before == '\0' => letter.is_alphanumeric() || matches!(letter, '/' | '_' | '$' | '('),
            ' ' => letters.peek().is_some(),
            '#' => before != ' ',
            // Some parsers read a `-` after a space and before a bracket as the dash of a list.
            '-' => before != ' ' || letters.peek().is_some(),
            // Parsers expect a value after a colon; `modeldex_yaml` expects a quoted string in this place.
            ':' => letters.peek().is_some_and(|next| next.is_alphanumeric() || matches!(next, '/' | '-' | '_' | '.' | '$')),
            // Some parsers read `?` in a flow collection as the start of a key.
            ',' | '[' | ']' | '{' | '}' | '?' => false,
            _ => !is_escaped(letter),
        };
        if !is_allowed {
            return false;
        }
        before = letter;
    }
    before != '\0' && !is_read_as_non_string(value)
}

/// Returns whether an unquoted string would be read as another type, such as `10:00`, which YAML 1.1 parsers read as a number.
fn is_read_as_non_string(value: &str) -> bool {
    let starts_with_digit = value.starts_with(|first: char| first.is_ascii_digit());
    if !starts_with_digit {
        return matches!(value, "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    }
    value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'_'))
        || !modeldex_yaml::parse(value).is_ok_and(|read| read.is_string())
}

/// Returns whether a character is invisible, is a line break for some parser, or is not allowed in YAML. Characters beyond the BMP are not, because
/// they cannot be escaped.
fn is_escaped(letter: char) -> bool {
    letter <= '\u{ffff}' && is_hidden(letter) || letter != ' ' && letter.is_whitespace() || matches!(letter, '\u{fffc}'..='\u{ffff}')
}

/// Appends a string with JSON quoting and escapes for invisible characters. YAML has no surrogate pairs, so characters beyond the BMP are not
/// escaped.
fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if is_escaped(letter) => {
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            _ => text.push(letter),
        }
    }
    text.push('"');
}
