//! Parses YAML text into a value.
//!
//! `modeldex_yaml` does the parsing. It resolves anchors, so a text with a character that may begin an anchor, alias or tag is scanned first by
//! the parser with positions, which reports them. Most catalog files have no such character and need only one fast pass.

use super::marks::{self, Problem};
use crate::codes;
use crate::finding::{Findings, Place};
use modeldex_yaml::TOO_LONG;
use serde_json::Value;

/// Parses the text of the file with the index `file`; `None` if it is invalid, with at least one finding.
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
                findings
                    .add(&codes::SYNTAX, Place::bytes(file, *offset, *offset), format!("invalid YAML: {message}"))
                    .label("the parser stopped here");
            }
            Problem::DuplicateKey { key, first, again } => {
                findings
                    .add(&codes::DUPLICATE_KEY, Place::bytes(file, again.start, again.end), format!("duplicate key `{key}`"))
                    .label("second definition")
                    .also(Place::bytes(file, first.start, first.end), "first definition")
                    .help("remove one of them");
            }
            Problem::Anchor(range) | Problem::Alias(range) | Problem::Tag(range) => {
                let what = match problem {
                    Problem::Anchor(_) => "anchors",
                    Problem::Alias(_) => "aliases",
                    _ => "tags",
                };
                findings
                    .add(&codes::ANCHOR, Place::bytes(file, range.start, range.end), format!("YAML {what} are not allowed"))
                    .help("write the value itself; quote a string that begins with `&`, `*` or `!`");
            }
        }
    }
    !marks.problems.is_empty()
}
