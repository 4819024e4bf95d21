use super::cut::{by_rank, schema_of};
use super::scalar;
use crate::read::FileKind;
use serde_json::{Map, Value};

/// The text of a whole catalog file, with keys in the order of its schema. Entries of lists stay in the order in which they are given.
///
/// Models are blocks of one key a line. Entries of every other list are one line each: a price or a source is read as a row.
///
/// ```
/// # use modeldex_compile::{FileKind, write::render};
/// let file = serde_json::json!({"models": [{"context_window": 128_000, "id": "a-1"}], "name": "A"});
/// assert_eq!(
///     render(&file, FileKind::Lab),
///     "# yaml-language-server: $schema=../../schema/lab.schema.json\nname: A\nmodels:\n  - id: a-1\n    context_window: 128000\n"
/// );
/// ```
#[must_use]
pub fn render(value: &Value, kind: FileKind) -> String {
    let schema = schema_of(kind);
    let mut text = super::schema_line(kind);
    text.push('\n');
    match scalar::as_read(value, schema) {
        Value::Object(object) if !object.is_empty() => push_fields(&mut text, &object, schema, 0),
        Value::Null => {}
        other => {
            push_inline(&mut text, &other, schema);
            text.push('\n');
        }
    }
    text
}

/// Whether a value takes lines of its own below its key.
pub(super) fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(list) => list.iter().any(|entry| entry.as_object().is_some_and(|object| !object.is_empty())),
        _ => false,
    }
}

/// Appends `key: value` in `column`, in as many lines as it takes.
pub(super) fn push_field(text: &mut String, key: &str, value: &Value, schema: &Value, column: usize) {
    indent(text, column);
    scalar::push_str(text, key);
    text.push(':');
    if is_block(value) {
        text.push('\n');
        push_block(text, key, value, schema, column + 2);
    } else {
        text.push(' ');
        push_inline(text, value, schema);
        text.push('\n');
    }
}

/// Appends the lines of a value that is a block, in `column`.
pub(super) fn push_block(text: &mut String, key: &str, value: &Value, schema: &Value, column: usize) {
    match value {
        Value::Object(object) => push_fields(text, object, schema, column),
        Value::Array(list) => {
            for entry in list {
                match entry {
                    Value::Object(object) if key == "models" && !object.is_empty() => {
                        push_entry(text, object, &schema["items"], column, column + 2);
                    }
                    _ => {
                        indent(text, column);
                        text.push_str("- ");
                        push_inline(text, entry, &schema["items"]);
                        text.push('\n');
                    }
                }
            }
        }
        _ => {}
    }
}

/// Appends an entry of a list as a block: its dash in the column `dash`, its keys in `column`.
pub(super) fn push_entry(text: &mut String, object: &Map<String, Value>, schema: &Value, dash: usize, column: usize) {
    let start = text.len();
    push_fields(text, object, schema, column);
    text.replace_range(start + dash..=start + dash, "-");
}

/// Appends a value on the line that is begun.
pub(super) fn push_inline(text: &mut String, value: &Value, schema: &Value) {
    match value {
        Value::Object(object) => {
            text.push('{');
            for (place, (key, value)) in in_order(object, schema).enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                scalar::push_str(text, key);
                text.push_str(": ");
                push_inline(text, value, &schema["properties"][key]);
            }
            text.push('}');
        }
        Value::Array(list) => {
            text.push('[');
            for (place, value) in list.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                push_inline(text, value, &schema["items"]);
            }
            text.push(']');
        }
        other => scalar::push(text, other),
    }
}

fn push_fields(text: &mut String, object: &Map<String, Value>, schema: &Value, column: usize) {
    for (key, value) in in_order(object, schema) {
        push_field(text, key, value, &schema["properties"][key], column);
    }
}

fn in_order<'v>(object: &'v Map<String, Value>, schema: &Value) -> impl Iterator<Item = (&'v String, &'v Value)> {
    let fields: Vec<_> = object.iter().collect();
    by_rank(object, schema).into_iter().map(move |place| fields[place])
}

fn indent(text: &mut String, column: usize) {
    text.extend(std::iter::repeat_n(' ', column));
}
