//! From text to a value.
//!
//! `modeldex_yaml` makes the value. It follows anchors, so a text with any of the characters that could begin an anchor, alias or tag is
//! looked through by the marked parser first. A catalog file has none of them as a rule, and then one fast pass is all there is.

use super::marks::{self, Problem};
use crate::codes;
use crate::finding::{Findings, Place};
use modeldex_yaml::{TOO_LONG, may_have_anchors};
use serde_json::Value;

/// Parses the text of the file at `at`. Without a value, at least one finding says why.
pub(crate) fn parse(at: usize, text: &str, findings: &mut Findings) -> Option<Value> {
    let suspicious = may_have_anchors(text);
    if suspicious && report(at, text, findings) {
        return None;
    }
    match modeldex_yaml::parse(text) {
        Ok(value) => Some(value),
        Err(error) => {
            if suspicious || !report(at, text, findings) {
                let offset = error.location().map_or(0, |location| location.index().min(text.len()));
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
                let (rule, message) = match message.contains(TOO_LONG) {
                    true => (&codes::TOO_LONG, message),
                    false => (&codes::SYNTAX, format!("this is not one YAML document: {message}")),
                };
                findings.add(rule, Place::bytes(at, offset, offset), message);
            }
            None
        }
    }
}

/// Reports what the marked parser has to say; whether it had anything.
fn report(at: usize, text: &str, findings: &mut Findings) -> bool {
    let marks = marks::scan(text);
    for problem in &marks.problems {
        match problem {
            Problem::Syntax { at: offset, message } => {
                findings
                    .add(&codes::SYNTAX, Place::bytes(at, *offset, *offset), format!("this is not YAML: {message}"))
                    .label("the parser stopped here");
            }
            Problem::DuplicateKey { key, first, again } => {
                findings
                    .add(&codes::DUPLICATE_KEY, Place::bytes(at, again.start, again.end), format!("the key `{key}` stands twice"))
                    .label("the second time")
                    .also(Place::bytes(at, first.start, first.end), "the first time")
                    .help("keep one of them");
            }
            Problem::Anchor(range) | Problem::Alias(range) | Problem::Tag(range) => {
                let what = match problem {
                    Problem::Anchor(_) => "an anchor",
                    Problem::Alias(_) => "an alias",
                    _ => "a tag",
                };
                findings
                    .add(&codes::ANCHOR, Place::bytes(at, range.start, range.end), format!("{what} is not allowed here"))
                    .help("write the value out; a value that begins with `&`, `*` or `!` needs quotes");
            }
        }
    }
    !marks.problems.is_empty()
}
