//! Parses YAML text into a value.
//!
//! `modeldex_yaml` parses the text and resolves anchors, so anchors are not visible in its result. Therefore a text with a character that may begin
//! an anchor, alias or tag is first scanned by the parser with positions, which reports them. Most catalog files have no such character and need
//! only one fast pass.

use super::marks::{self, Problem};
use crate::codes;
use crate::finding::{Findings, Place};
use modeldex_yaml::TOO_LONG;
use serde_json::Value;

/// Parses `text`, the text of the file with the index `file`. If it is invalid, adds at least one finding and returns `None`.
pub(crate) fn parse(file: usize, text: &str, findings: &mut Findings) -> Option<Value> {
    let may_have_anchors = modeldex_yaml::may_have_anchors(text);
    if may_have_anchors && report(file, text, findings) {
        return None;
    }
    match modeldex_yaml::parse(text) {
        Ok(value) => Some(value),
        Err(error) => {
            if may_have_anchors || !report(file, text, findings) {
                let offset = error.location().map_or(0, |location| location.index().min(text.len()));
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
                let (rule, message) = match message.contains(TOO_LONG) {
                    true => (&codes::TOO_LONG, message),
                    false => (&codes::SYNTAX, format!("invalid YAML: {message}")),
                };
                findings.add(rule, Place::bytes(file, offset, offset), message);
            }
            None
        }
    }
}

/// Reports the problems that the parser with positions finds, and returns whether there are any.
fn report(file: usize, text: &str, findings: &mut Findings) -> bool {
    let marks = marks::scan(text);
    for problem in &marks.problems {
        match problem {
            Problem::Syntax { at: offset, message } => {
                let error = explain(text, *offset, message);
                findings
                    .add(&codes::SYNTAX, Place::bytes(file, error.at, error.at), error.message)
                    .label(error.label)
                    .maybe_help(error.help);
            }
            Problem::DuplicateKey { key, first, again } => {
                findings
                    .add(&codes::DUPLICATE_KEY, Place::bytes(file, again.start, again.end), format!("duplicate key `{key}`"))
                    .label(format!("second definition of `{key}`"))
                    .also(Place::bytes(file, first.start, first.end), format!("first definition of `{key}`"))
                    .help("remove one of the two definitions");
            }
            Problem::Anchor(range) | Problem::Alias(range) | Problem::Tag(range) => {
                let message = match problem {
                    Problem::Anchor(_) => "YAML anchors are not allowed in a catalog file",
                    Problem::Alias(_) => "YAML aliases are not allowed in a catalog file",
                    _ => "YAML tags are not allowed in a catalog file",
                };
                findings
                    .add(&codes::ANCHOR, Place::bytes(file, range.start, range.end), message)
                    .help("write the value itself; quote a string that begins with `&`, `*` or `!`");
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

/// Finds the mistake that caused a syntax error. The parser reports only the place at which it stopped: if a colon is missing, this place is in the
/// next line; if a line is indented with a tab, it is in the previous line.
fn explain(text: &str, at: usize, message: &str) -> SyntaxError {
    if message.contains("found a tab") || message.contains("tabs disallowed") {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        if let Some(tab) = text[line..].find('\t') {
            let (message, help) = ("a tab cannot indent a line of YAML".to_owned(), Some("indent the line with spaces".to_owned()));
            return SyntaxError { at: line + tab, message, label: "tab", help };
        }
    }
    if message.contains("expect ':'") {
        let previous_lines = &text[..text[..at].rfind('\n').map_or(0, |end| end + 1)];
        let has_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let line = previous_lines.lines().rfind(has_content).unwrap_or_default();
        let entry = line.trim().trim_start_matches("- ");
        let key = entry.split_whitespace().next().unwrap_or_default();
        if !key.is_empty() && !entry.contains(':') {
            // `key` is a slice of `text`, so the difference of their addresses is its offset.
            let key_end = key.as_ptr().addr() + key.len() - text.as_ptr().addr();
            let fixed = format!("{key}: {}", entry[key.len()..].trim());
            let help = Some(format!("write `{line}`", line = fixed.trim_end()));
            return SyntaxError { at: key_end, message: format!("expected `:` after `{key}`"), label: "missing colon", help };
        }
    }
    SyntaxError { at, message: format!("invalid YAML: {message}"), label: "the parser stopped here", help: None }
}
