//! The text as it may be shown. Whatever somebody wrote into it may be a secret, so only what is known to be none is shown.

use super::syntax;
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};

/// `text` with as many `*` in place of each text value that may be a secret, so that lines and columns stay.
///
/// What models are made of is shown, and so are references to variables; that and keys go through `mask` first, which takes out what looks
/// like a secret. Of comments and of other numbers only that they are there is shown. A text that is not JSON5 is hidden whole.
#[must_use]
pub fn hide(text: &str, mask: &dyn Fn(&str) -> String) -> String {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let (parsed, start) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, text.len() - rest.len()),
        None => (text, 0),
    };
    let Ok(found) = parse_to_ast(parsed, &collect, &syntax()) else { return stars(text) };
    let mut hidden = Hidden { spans: Vec::new() };
    if let Some(value) = &found.value {
        hidden.value(value, &mut Vec::new());
    }
    let mut comments: Vec<Range> =
        found.comments.iter().flat_map(|map| map.values()).flat_map(|list| list.iter()).map(Ranged::range).collect();
    comments.sort_by_key(|range| range.start);
    comments.dedup_by_key(|range| range.start);
    hidden.spans.extend(comments.into_iter().map(|range| (range, Shown::Comment)));
    hidden.spans.sort_by_key(|(range, _)| range.start);
    let mut shown = text[..start].to_owned();
    let mut from = 0;
    for (range, how) in hidden.spans {
        shown.push_str(&parsed[from..range.start]);
        let piece = &parsed[range.start..range.end];
        match how {
            Shown::Masked => shown.push_str(&mask(piece)),
            Shown::Not => shown.push_str(&inside_stars(piece)),
            Shown::Comment => shown.push_str(&comment(piece)),
            Shown::Number => shown.push_str(&stars(piece)),
        }
        from = range.end;
    }
    shown.push_str(&parsed[from..]);
    shown
}

/// How a stretch of the text is shown.
#[derive(Clone, Copy)]
enum Shown {
    /// But for what looks like a secret.
    Masked,
    /// Not at all.
    Not,
    /// That it is there: what somebody noted may be a key.
    Comment,
    /// As many stars.
    Number,
}

struct Hidden {
    spans: Vec<(Range, Shown)>,
}

impl Hidden {
    fn value<'v>(&mut self, value: &'v Value<'_>, path: &mut Vec<&'v str>) {
        match value {
            Value::Object(object) => object.properties.iter().for_each(|entry| self.entry(entry, path)),
            Value::Array(list) => {
                path.push("[]");
                list.elements.iter().for_each(|value| self.value(value, path));
                path.pop();
            }
            Value::StringLit(text) if is_reference(&text.value) => {}
            Value::StringLit(text) => {
                self.spans.push((text.range, if is_known(path) { Shown::Masked } else { Shown::Not }));
            }
            Value::NumberLit(number) if !is_counted(path) => self.spans.push((number.range, Shown::Number)),
            Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
        }
    }

    fn entry<'v>(&mut self, entry: &'v ObjectProp<'_>, path: &mut Vec<&'v str>) {
        self.spans.push((entry.name.range(), Shown::Masked));
        path.push(entry.name.as_str());
        self.value(&entry.value, path);
        path.pop();
    }
}

/// Whether what stands at a path is what models are made of.
fn is_known(path: &[&str]) -> bool {
    match path {
        ["models", "mode"] | ["models", "providers", _, "baseUrl" | "api" | "auth"] => true,
        ["models", "providers", _, "models", "[]", "id" | "name" | "api" | "baseUrl"] => true,
        ["models", "providers", _, "models", "[]", "input", "[]"] => true,
        ["models", "providers", _, "models", "[]", "compat", rest @ ..] => rest.len() == 1,
        _ => false,
    }
}

/// Whether a number at a path is one of a model's.
fn is_counted(path: &[&str]) -> bool {
    matches!(path, ["models", "providers", _, "models", "[]", ..])
}

/// A comment, without what it says.
fn comment(piece: &str) -> String {
    let (start, rest) = piece.split_at(piece.len().min(2));
    match rest.strip_suffix("*/").filter(|_| start == "/*") {
        Some(inside) => format!("{start}{}*/", stars(inside)),
        None => format!("{start}{}", stars(rest)),
    }
}

fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| name.len() <= 64 && name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')))
}

/// A text in quotes, without what is in them.
fn inside_stars(piece: &str) -> String {
    match piece.get(1..piece.len().saturating_sub(1)) {
        Some(inside) => format!("{}{}{}", &piece[..1], stars(inside), &piece[piece.len() - 1..]),
        None => stars(piece),
    }
}

fn stars(text: &str) -> String {
    text.chars().map(|letter| if matches!(letter, '\n' | '\r') { letter } else { '*' }).collect()
}
