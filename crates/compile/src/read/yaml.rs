//! Parses YAML text into a value.
//!
//! `modeldex_yaml` stops at the first problem. If the text has a problem, it is read once more, to report all anchors, aliases, tags and duplicate
//! keys.

use super::marks::{self, YamlProblem};
use crate::codes;
use crate::finding::{Findings, Place};
use modeldex_support::secret::may_be_secret;
use modeldex_yaml::{Error, ErrorKind};
use serde_json::Value;

/// Parses `text`, the text of the file with the index `file`. If it is invalid, adds at least one finding and returns `None`.
pub(crate) fn parse(file: usize, text: &str, findings: &mut Findings) -> Option<Value> {
    match modeldex_yaml::parse(text) {
        Ok(value) => Some(value),
        Err(error) => {
            if !report(file, text, findings) {
                report_error(file, text, &error, findings);
            }
            None
        }
    }
}

/// Reports one error of the parser.
fn report_error(file: usize, text: &str, error: &Error, findings: &mut Findings) {
    let at = Place::bytes(file, error.offset, error.offset);
    match error.kind {
        ErrorKind::Limit => {
            findings.add(&codes::TOO_LONG, at, error.message.clone());
        }
        ErrorKind::Separator => {
            findings
                .add(&codes::SYNTAX, at, format!("invalid YAML: {message}", message = error.message))
                .help("remove the invisible line separator at this place (U+0085, U+2028 or U+2029), or put the text in double quotes");
        }
        ErrorKind::Syntax | ErrorKind::DuplicateKey | ErrorKind::Anchor => {
            let error = explain(text, error.offset, &error.message);
            findings.add(&codes::SYNTAX, Place::bytes(file, error.at, error.at), error.message).label(error.label).maybe_help(error.help);
        }
    }
}

/// Reports the problems that the parser with positions finds, and returns whether there are any.
fn report(file: usize, text: &str, findings: &mut Findings) -> bool {
    let marks = marks::scan(text);
    for problem in &marks.problems {
        match problem {
            YamlProblem::Invalid(error) => report_error(file, text, error, findings),
            YamlProblem::DuplicateKey { key, first, again } => {
                findings
                    .add(&codes::DUPLICATE_KEY, Place::bytes(file, again.start, again.end), format!("duplicate key `{key}`"))
                    .label(format!("second definition of `{key}`"))
                    .also(Place::bytes(file, first.start, first.end), format!("first definition of `{key}`"))
                    .help("remove one of the two definitions");
            }
            YamlProblem::Anchor(range) | YamlProblem::Alias(range) | YamlProblem::Tag(range) => {
                let message = match problem {
                    YamlProblem::Anchor(_) => "YAML anchors are not allowed in a catalog file",
                    YamlProblem::Alias(_) => "YAML aliases are not allowed in a catalog file",
                    _ => "YAML tags are not allowed in a catalog file",
                };
                findings
                    .add(&codes::ANCHOR, Place::bytes(file, range.start, range.end), message)
                    .help("remove the anchor or tag, or replace the alias by its value; quote a string that begins with `&`, `*` or `!`");
            }
        }
    }
    !marks.problems.is_empty()
}

/// A syntax error with the texts that its diagnostic shows.
struct SyntaxError {
    at: usize,
    message: String,
    label: &'static str,
    help: Option<String>,
}

/// Finds the mistake that caused a syntax error. The parser reports only the place at which it stopped: if a colon is missing, this place is in a
/// later line; if a line is indented with a tab, it may be in the previous line.
fn explain(text: &str, at: usize, message: &str) -> SyntaxError {
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let is_tab = message.contains("found a tab") || message.contains("tabs disallowed");
    if is_tab && let Some(tab) = first_indenting_tab(text, line_start) {
        let (message, help) = ("a tab cannot indent a line of YAML".to_owned(), Some("indent the line with spaces".to_owned()));
        return SyntaxError { at: tab, message, label: "tab", help };
    }
    let in_line = &text[line_start..at];
    let ends_key = match message {
        // `name: Acme: the company`
        _ if message.contains("mapping values are not allowed") && in_line.contains(": ") => {
            let help = Some("put quotes around a text that contains `: `".to_owned());
            return SyntaxError { at, message: format!("invalid YAML: {message}"), label: "the parser stopped here", help };
        }
        _ if message.contains("expect ':'") || message.contains("mapping values are not allowed") => Some(line_start),
        _ if message.contains("<document start>") => Some(line_start),
        // The comment is on the line of the key.
        _ if message.contains("comment intercepting") => Some(at),
        _ => None,
    };
    if let Some(error) = ends_key.and_then(|end| missing_colon(text, end)) {
        return error;
    }
    let line = text[line_start..].lines().next().unwrap_or_default();
    let is_flow_error = message.contains("',' or '}'") || message.contains("',' or ']'");
    let help = (is_flow_error && line.contains("${")).then(|| "put quotes around a text that contains `{` or `}`".to_owned());
    SyntaxError { at, message: format!("invalid YAML: {message}"), label: "the parser stopped here", help }
}

/// Returns the place of the first tab in the indentation of a line, from the line that begins at `line_start`.
fn first_indenting_tab(text: &str, line_start: usize) -> Option<usize> {
    let mut start = line_start;
    for line in text[line_start..].split_inclusive('\n') {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t', '-']).len()];
        if let Some(tab) = indentation.find('\t') {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

/// Explains a missing colon, or a missing space after it, in the last line with content before `end`. Returns `None` if that line has both.
fn missing_colon(text: &str, mut end: usize) -> Option<SyntaxError> {
    let (start, line) = loop {
        let before = text[..end].trim_end_matches(['\r', '\n', ' ', '\t']);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = &before[start..];
        if !line.trim_start().starts_with('#') {
            break (start, line);
        }
        end = start;
        if end == 0 {
            return None;
        }
    };
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let entry = line.trim_start_matches([' ', '-']);
    let entry_at = start + line.len() - entry.len();
    let key = entry.split([' ', ':']).next().filter(|key| !key.is_empty())?;
    let (key_end, value) = (entry_at + key.len(), entry[key.len()..].trim_start());
    let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    // An entry of a list may be a text: one word, or a URL.
    let is_list_text = entry.len() < line.trim_start().len() && (value.is_empty() || value.starts_with("://"));
    if !is_key || is_list_text || entry.ends_with(':') || entry.contains(": ") {
        return None;
    }
    // The help repeats the value only if the value cannot be a secret.
    let is_harmless = |value: &str| !value.contains(['@', '$', '?']) && !may_be_secret(value);
    let fixed = |value: &str| match is_harmless(value) {
        true => Some(format!("write `{line}`", line = format!("{key}: {value}").trim_end())),
        false => Some(format!("write `{key}:`, then a space, then the value")),
    };
    if let Some(value) = value.strip_prefix(':') {
        return Some(SyntaxError {
            at: key_end + 1,
            message: format!("expected a space after `{key}:`"),
            label: "missing space",
            help: fixed(value),
        });
    }
    Some(SyntaxError { at: key_end, message: format!("expected `:` after `{key}`"), label: "missing colon", help: fixed(value) })
}

#[cfg(test)]
mod tests {
    use super::{explain, marks};
    use marks::YamlProblem;

    /// Returns line, column and message of the first syntax error, and its help.
    fn error(text: &str) -> (usize, usize, String, String) {
        let marks = marks::scan(text);
        let Some(YamlProblem::Invalid(error)) = marks.problems.first() else { return (0, 0, String::new(), String::new()) };
        let error = explain(text, error.offset, &error.message);
        let before = &text[..error.at];
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        (before.matches('\n').count() + 1, column, error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn a_missing_colon_is_reported_where_it_is_missing() {
        for (text, line, column, message, help) in [
            ("id: a\nname Acme\nkind: x\n", 2, 5, "expected `:` after `name`", "write `name: Acme`"),
            ("name Acme\nkind: x\n", 1, 5, "expected `:` after `name`", "write `name: Acme`"),
            ("name Acme # as it is: written\nkind: x\n", 1, 5, "expected `:` after `name`", "write `name: Acme`"),
            ("name Acme\n\n# a comment\nkind: x\n", 1, 5, "expected `:` after `name`", "write `name: Acme`"),
            ("name:Acme\nkind: x\n", 1, 6, "expected a space after `name:`", "write `name: Acme`"),
            ("id: a\nname:Acme\nkind: x\n", 2, 6, "expected a space after `name:`", "write `name: Acme`"),
            ("models:\n  - id acme-1\n    kind: x\n", 2, 7, "expected `:` after `id`", "write `id: acme-1`"),
            (
                "endpoints:\n  - base_url https://a.example/v1\n    api: x\n",
                2,
                13,
                "expected `:` after `base_url`",
                "write `base_url: https://a.example/v1`",
            ),
        ] {
            assert_eq!(error(text), (line, column, message.to_owned(), help.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_line_without_a_missing_colon_is_not_blamed() {
        for text in [
            "input:\n  - text\nname: Foo: bar\n",
            "sources:\n  - https://x.example/a\nname: Foo: bar\n",
            "family: long\n  text wrapped\nname: Foo: bar\n",
        ] {
            let (line, _, message, help) = error(text);
            let last = text.lines().count();
            assert_eq!((line, help.as_str()), (last, "put quotes around a text that contains `: `"), "{text}: {message}");
        }
    }

    #[test]
    fn a_secret_is_not_part_of_the_help() {
        for text in [
            "models:\n  - id: a\n    sources\n      - https://user:hunter2pass@h.example/v1\n    name: Foo\n",
            "base_url https://user:hunter2pass@h.example/v1\nname: Foo\n",
            "api_key Zx81kdKDk29dkKD93kdPq0\nname: Foo\n",
        ] {
            let (.., message, help) = error(text);
            assert!(!format!("{message}{help}").contains("hunter2") && !help.contains("Zx81"), "{text}: {message}: {help}");
        }
    }

    #[test]
    fn a_tab_is_reported_where_it_indents() {
        let (line, column, message, _) = error("name: é\tAcme\n\tkind: x\n");
        assert_eq!((line, column, message.as_str()), (2, 1, "a tab cannot indent a line of YAML"));
        let (line, column, ..) = error("models:\n\t- id: a\n");
        assert_eq!((line, column), (2, 1));
    }

    #[test]
    fn braces_have_a_help() {
        let (.., help) = error("endpoints:\n  - {base_url: https://${REGION}.acme.example/v1, api: x}\n");
        assert_eq!(help, "put quotes around a text that contains `{` or `}`");
    }

    #[test]
    fn invisible_characters_are_reported_where_they_are() {
        let found = |text: &str| crate::testing::check(&[("providers/acme.yaml", text)]);
        assert_eq!(found("name: Acme\nkind: \u{7}x\n"), ["syntax providers/acme.yaml:3:7"]);
        assert_eq!(found("name: \"A\u{85}c\"\nkind: \u{7}x\n"), ["syntax providers/acme.yaml:3:7"]);
        assert_eq!(found("name: Ac\u{2028}me\nkind: x\n"), ["syntax providers/acme.yaml:2:9"]);
    }
}
