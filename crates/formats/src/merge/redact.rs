//! Redacts an `openclaw.json` for display. Any string may be a secret, so only values at known paths are shown.

use super::syntax;
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};

/// Masks a configuration file: returns `text` with each value and each comment replaced by `*`. Two kinds of values are kept: the values of fields in
/// model entries, and references to variables. A text that is not JSON5 is replaced completely. Each character is replaced by one `*`, so lines and
/// columns stay the same.
///
/// `mask` is a function that masks the secrets in a text. The function is applied to the names of fields, and to the values that are not replaced.
#[must_use]
pub fn redact_config(text: &str, mask: &dyn Fn(&str) -> String) -> String {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let (parsed, start) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, text.len() - rest.len()),
        None => (text, 0),
    };
    let Ok(found) = parse_to_ast(parsed, &collect, &syntax()) else { return redact_all(text) };
    let mut redactor = Redactor { spans: Vec::new() };
    if let Some(value) = &found.value {
        redactor.value(value, &mut Vec::new());
    }
    let mut comments: Vec<Range> =
        found.comments.iter().flat_map(|map| map.values()).flat_map(|list| list.iter()).map(Ranged::range).collect();
    comments.sort_by_key(|range| range.start);
    comments.dedup_by_key(|range| range.start);
    redactor.spans.extend(comments.into_iter().map(|range| (range, Redaction::Comment)));
    redactor.spans.sort_by_key(|(range, _)| range.start);
    let mut output = text[..start].to_owned();
    let mut from = 0;
    for (range, how) in redactor.spans {
        output.push_str(&parsed[from..range.start]);
        let piece = &parsed[range.start..range.end];
        match how {
            Redaction::Secrets => output.push_str(&mask(piece)),
            Redaction::QuotedString => output.push_str(&redact_quoted(piece)),
            Redaction::Comment => output.push_str(&redact_comment(piece)),
            Redaction::Number => output.push_str(&redact_all(piece)),
        }
        from = range.end;
    }
    output.push_str(&parsed[from..]);
    output
}

/// How a span of the text is displayed.
#[derive(Clone, Copy)]
enum Redaction {
    /// Only secrets are replaced.
    Secrets,
    /// Everything between the quotes is replaced.
    QuotedString,
    /// Everything after the comment mark is replaced: notes may contain keys.
    Comment,
    /// All digits are replaced.
    Number,
}

struct Redactor {
    spans: Vec<(Range, Redaction)>,
}

impl Redactor {
    fn value<'v>(&mut self, value: &'v Value<'_>, path: &mut Vec<&'v str>) {
        match value {
            Value::Object(object) => object.properties.iter().for_each(|entry| self.entry(entry, path)),
            Value::Array(list) => {
                path.push("[]");
                list.elements.iter().for_each(|value| self.value(value, path));
                path.pop();
            }
            Value::StringLit(text) if is_variable_reference(&text.value) => {}
            Value::StringLit(text) => {
                self.spans.push((text.range, if is_model_field(path) { Redaction::Secrets } else { Redaction::QuotedString }));
            }
            Value::NumberLit(number) if !is_model_number(path) => self.spans.push((number.range, Redaction::Number)),
            Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
        }
    }

    fn entry<'v>(&mut self, entry: &'v ObjectProp<'_>, path: &mut Vec<&'v str>) {
        self.spans.push((entry.name.range(), Redaction::Secrets));
        path.push(entry.name.as_str());
        self.value(&entry.value, path);
        path.pop();
    }
}

/// Returns whether the value at a path is a field of a provider or model that is never a secret.
fn is_model_field(path: &[&str]) -> bool {
    match path {
        ["models", "mode"] | ["models", "providers", _, "baseUrl" | "api" | "auth"] => true,
        ["models", "providers", _, "models", "[]", "id" | "name" | "api" | "baseUrl"] => true,
        ["models", "providers", _, "models", "[]", "input", "[]"] => true,
        ["models", "providers", _, "models", "[]", "compat", rest @ ..] => rest.len() == 1,
        _ => false,
    }
}

/// Returns whether a number at a path belongs to a model.
fn is_model_number(path: &[&str]) -> bool {
    matches!(path, ["models", "providers", _, "models", "[]", ..])
}

/// Returns a comment with its text replaced.
fn redact_comment(piece: &str) -> String {
    let (start, rest) = piece.split_at(piece.len().min(2));
    match rest.strip_suffix("*/").filter(|_| start == "/*") {
        Some(inside) => format!("{start}{}*/", redact_all(inside)),
        None => format!("{start}{}", redact_all(rest)),
    }
}

fn is_variable_reference(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| name.len() <= 64 && name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')))
}

/// Returns a quoted string with its contents replaced.
fn redact_quoted(piece: &str) -> String {
    match piece.get(1..piece.len().saturating_sub(1)) {
        Some(inside) => format!("{}{}{}", &piece[..1], redact_all(inside), &piece[piece.len() - 1..]),
        None => redact_all(piece),
    }
}

fn redact_all(text: &str) -> String {
    text.chars().map(|letter| if matches!(letter, '\n' | '\r') { letter } else { '*' }).collect()
}
