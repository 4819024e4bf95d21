//! Single values as YAML: plain where every reader takes them for what they are, quoted otherwise.

use serde_json::{Number, Value};
use std::fmt::Write;

/// Appends a value that is no collection.
pub(super) fn push(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => push_str(text, value),
        Value::Number(number) => push_number(text, number),
        other => text.push_str(&other.to_string()),
    }
}

/// Appends a text.
pub(super) fn push_str(text: &mut String, value: &str) {
    if is_plain(value) {
        text.push_str(value);
    } else {
        push_quoted(text, value);
    }
}

/// A value as it is read back from what is written for it: whole numbers have no fraction, and a year is a number where a date is wanted.
pub(super) fn as_read(value: &Value, schema: &Value) -> Value {
    match value {
        Value::Object(object) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), as_read(value, &schema["properties"][key]))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(|value| as_read(value, &schema["items"])).collect()),
        Value::Number(number) => whole(number).map_or_else(|| value.clone(), Value::from),
        Value::String(year) if schema["format"] == "partial-date" && year.len() == 4 => {
            let number = year.parse::<u64>().ok().filter(|number| *number >= 1000 && !year.starts_with('+'));
            number.map_or_else(|| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// Numbers below this are whole in both forms; it is the last of which a float knows every digit.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn whole(number: &Number) -> Option<i64> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i64)
}

/// Rust shows a float as the shortest decimal that reads back as it, without an exponent.
fn push_number(text: &mut String, number: &Number) {
    let _ = match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if whole(number).is_none() && float.fract() == 0.0 => write!(text, "{float}.0"),
        Some(float) => write!(text, "{float}"),
        None => write!(text, "{number}"),
    };
}

/// Whether a text needs no quotes, neither on a line of its own nor in brackets. Where a reader could see something else in it, it does.
fn is_plain(value: &str) -> bool {
    let mut before = '\0';
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        let fine = match letter {
            _ if before == '\0' => letter.is_alphanumeric() || matches!(letter, '/' | '_' | '$' | '('),
            ' ' => letters.peek().is_some(),
            '#' => before != ' ',
            // Behind a space and before a bracket, some readers take it for the dash of a list.
            '-' => before != ' ' || letters.peek().is_some(),
            // Behind a colon, readers look for a value, and ours for a quoted text.
            ':' => letters.peek().is_some_and(|next| next.is_alphanumeric() || matches!(next, '/' | '-' | '_' | '.' | '$')),
            // In brackets, some readers take `?` for a key.
            ',' | '[' | ']' | '{' | '}' | '?' => false,
            _ => !is_hidden(letter),
        };
        if !fine {
            return false;
        }
        before = letter;
    }
    before != '\0' && !is_other(value)
}

/// Whether a text would be read as something that is no text. Times such as `10:00` are numbers to readers of YAML 1.1.
fn is_other(value: &str) -> bool {
    let digits = value.starts_with(|first: char| first.is_ascii_digit());
    if !digits {
        return matches!(value, "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    }
    value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'_'))
        || !modeldex_yaml::parse(value).is_ok_and(|read| read.is_string())
}

/// Whether a letter is not to be seen, breaks a line for some reader, or may not stand in YAML at all.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || letter != ' ' && letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(letter, '\u{fff0}'..='\u{ffff}')
}

/// As JSON quotes, with an escape for each letter that cannot be seen. YAML has no pairs of escapes; what would need one stands as it is.
fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if is_hidden(letter) => {
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            _ => text.push(letter),
        }
    }
    text.push('"');
}
