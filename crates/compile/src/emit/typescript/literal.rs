//! Formats data as TypeScript source. No other module quotes strings for TypeScript.
//!
//! The strings of a catalog come from contributors and from other catalogs. They must not end a string or a comment, must not end a `<script>`
//! element that contains the bundle, and must not contain characters that disguise the source.

use modeldex_support::text::is_hidden;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An object whose properties keep the order in which they were added.
#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// Adds a property.
    pub(super) fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.0.insert(key.to_owned(), json!(value));
        self
    }

    /// Adds a property if its value is known. Null, empty lists and empty objects count as unknown.
    pub(super) fn known(self, key: &str, value: impl Serialize) -> Self {
        match json!(value) {
            Value::Null => self,
            Value::Array(list) if list.is_empty() => self,
            Value::Object(object) if object.is_empty() => self,
            value => self.with(key, value),
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// Formats a value as an expression at `depth` levels of indentation. A list of scalars is on one line, other collections have one item per line.
pub(super) fn expression(value: &Value, depth: usize) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(items) if !items.iter().any(|item| item.is_array() || item.is_object()) => {
            let items: Vec<String> = items.iter().map(|item| expression(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(items) => block('[', ']', depth, items.iter().map(|item| expression(item, depth + 1))),
        Value::Object(properties) => {
            block('{', '}', depth, properties.iter().map(|(name, value)| format!("{}: {}", key(name), expression(value, depth + 1))))
        }
        // Rust formats a float as the shortest decimal that parses to the same value, without an exponent.
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        Value::Number(_) | Value::Bool(_) | Value::Null => value.to_string(),
    }
}

/// Formats a string literal in double quotes.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // `</script>` and `<!--` would end or change a script that is inlined in a page.
            '<' if matches!(rest.peek(), Some('/' | '!')) => literal.push_str("\\u003c"),
            hidden if is_hidden(hidden) && hidden > '\u{ffff}' => literal.push_str(&format!("\\u{{{:x}}}", u32::from(hidden))),
            hidden if is_hidden(hidden) => literal.push_str(&format!("\\u{:04x}", u32::from(hidden))),
            shown => literal.push(shown),
        }
    }
    literal.push('"');
    literal
}

/// Formats a property key, quoted if necessary.
pub(super) fn key(name: &str) -> String {
    match name {
        // As a plain key, quoted or not, `__proto__` would set the prototype of the object.
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_identifier(name) => name.to_owned(),
        name => string(name),
    }
}

/// Returns whether `name` is an ASCII identifier. This is stricter than TypeScript, which also allows other letters.
pub(super) fn is_identifier(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(part)
}

/// Converts an id to a name that can be exported: `kimi-coding` to `kimiCoding`. Two ids may give the same name; [`identifiers`] returns unique
/// names.
pub(super) fn identifier(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    let mut upper = false;
    for character in id.chars() {
        match character {
            character if character.is_ascii_alphanumeric() => {
                name.push(if upper && !name.is_empty() { character.to_ascii_uppercase() } else { character });
                upper = false;
            }
            _ => upper = true,
        }
    }
    match name.as_bytes().first() {
        None => "_".to_owned(),
        Some(digit) if digit.is_ascii_digit() => format!("_{name}"),
        Some(_) if RESERVED.split(' ').any(|word| word == name) => format!("{name}_"),
        Some(_) => name,
    }
}

/// Returns a unique name for each id; duplicate names are numbered from 2.
pub(super) fn identifiers<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    ids.map(|id| {
        let name = identifier(id);
        let numbered = (2_u32..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        free.unwrap_or(name)
    })
    .collect()
}

/// Formats a documentation comment with its line break at `depth` levels of indentation.
pub(super) fn comment(depth: usize, text: &str) -> String {
    format!("{}/** {} */\n", indent(depth), on_one_line(text).replace("*/", "*\\/"))
}

/// Formats a line comment with its line break.
pub(super) fn line_comment(text: &str) -> String {
    format!("// {}\n", on_one_line(text))
}

/// Formats a union of string literals; `never` if there are none.
pub(super) fn union<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(string).collect();
    match words.as_slice() {
        [] => "never".to_owned(),
        [only] => only.clone(),
        many => many.iter().map(|word| format!("\n  | {word}")).collect(),
    }
}

/// Words that are reserved in JavaScript modules.
const RESERVED: &str = "arguments await break case catch class const continue debugger default delete do else enum eval export extends \
    false finally for function if implements import in instanceof interface let new null package private protected public return static \
    super switch this throw true try typeof var void while with yield";

fn block(open: char, close: char, depth: usize, items: impl Iterator<Item = String>) -> String {
    let inner = indent(depth + 1);
    let lines: String = items.map(|item| format!("{inner}{item},\n")).collect();
    if lines.is_empty() { format!("{open}{close}") } else { format!("{open}\n{lines}{}{close}", indent(depth)) }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// Replaces characters that would break a one-line comment by spaces.
fn on_one_line(text: &str) -> String {
    text.chars().map(|character| if is_hidden(character) { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use modeldex_table::Rate;

    #[test]
    fn strings_are_escaped() {
        for (text, literal) in [
            ("plain", r#""plain""#),
            ("", r#""""#),
            ("a \"b\" \\ c", r#""a \"b\" \\ c""#),
            ("two\nlines\r\t", r#""two\nlines\r\t""#),
            ("\u{2028}\u{2029}\0\u{7f}", r#""\u2028\u2029\u0000\u007f""#),
            ("</script><!-- a < b", r#""\u003c/script>\u003c!-- a < b""#),
            ("${x} `y`", r#""${x} `y`""#),
            ("user\u{202e}nimda", r#""user\u202enimda""#),
            ("a\u{e0041}\u{ad}b", r#""a\u{e0041}\u00adb""#),
            ("通义千问 é", "\"通义千问 é\""),
        ] {
            assert_eq!(string(text), literal);
        }
    }

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        for (name, written) in [
            ("cacheRead", "cacheRead"),
            ("default", "default"),
            ("kimi-k2.5", "\"kimi-k2.5\""),
            ("4o", "\"4o\""),
            ("", "\"\""),
            ("é", "\"é\""),
            ("__proto__", "[\"__proto__\"]"),
        ] {
            assert_eq!(key(name), written);
        }
    }

    #[test]
    fn ids_become_identifiers() {
        for (id, name) in [
            ("kimi-coding", "kimiCoding"),
            ("302ai", "_302ai"),
            ("default", "default_"),
            ("z.ai", "zAi"),
            ("a--b-", "aB"),
            ("-a", "a"),
            ("通", "_"),
        ] {
            assert_eq!(identifier(id), name);
            assert!(is_identifier(&identifier(id)));
        }
        assert_eq!(identifier("do"), "do_");
        assert_eq!(identifier("yield"), "yield_");
    }

    #[test]
    fn identifiers_are_unique() {
        assert_eq!(identifiers(["a-b", "a.b", "a_b", "ab"].into_iter()), ["aB", "aB_2", "aB_3", "ab"]);
        assert_eq!(identifiers(["通", "问"].into_iter()), ["_", "__2"]);
    }

    #[test]
    fn comments_are_escaped() {
        assert_eq!(comment(1, "a */ b\nc"), "  /** a *\\/ b c */\n");
        assert_eq!(line_comment("a\u{2028}b"), "// a b\n");
    }

    #[test]
    fn values_are_formatted() {
        let row = Object::default().with("id", "kimi-k2.5").with("reasoning", false).known("family", None::<&str>);
        let value = json!([Value::from(row.known("input", ["text", "image"]).known("output", [""; 0]))]);
        let expected = "[\n  {\n    id: \"kimi-k2.5\",\n    reasoning: false,\n    input: [\"text\", \"image\"],\n  },\n]";
        assert_eq!(expression(&value, 0), expected);
        assert_eq!(expression(&json!({}), 3), "{}");
        for (micros, written) in [(150_000, "0.15"), (1, "0.000001"), (3_000_000, "3"), (999_999_999_999_999, "999999999.999999")] {
            assert_eq!(expression(&json!(Rate::from_micros(micros)), 0), written);
        }
    }

    #[test]
    fn unions_of_any_size() {
        assert_eq!(union([].into_iter()), "never");
        assert_eq!(union(["a"].into_iter()), "\"a\"");
        assert_eq!(union(["a", "b"].into_iter()), "\n  | \"a\"\n  | \"b\"");
    }
}
