//! From places to positions: only the files in which something was found are read again with positions.

use crate::authored::cited::pointer_in_file;
use crate::diagnostic::{Diagnostic, Label, Sources, Span};
use crate::finding::{At, Findings, Place};
use crate::read::File;
use crate::read::marks::{self, Marks};
use crate::shape::Removals;
use modeldex_support::secret;
use std::collections::HashMap;

/// The diagnostics of what was found, by file and position.
pub(crate) fn locate(findings: Findings, files: &[File], sources: &Sources) -> Vec<Diagnostic> {
    let texts: HashMap<usize, &str> = files.iter().map(|file| (file.at, file.text.as_str())).collect();
    let mut marked: HashMap<usize, Marks> = HashMap::new();
    let mut span = |place: &Place| -> Span {
        let text = texts.get(&place.file).copied().unwrap_or_default();
        let range = match &place.at {
            At::Bytes(start, end) => *start..*end,
            At::File => first_content(text),
            At::Value(pointer) | At::Key(pointer) => {
                let marks = marked.entry(place.file).or_insert_with(|| marks::scan(text));
                let is_there = |pointer: &str| matches!(marks.nearest(pointer), Some((_, true)));
                // The key of a fact with a citation is where it was, and its value a level deeper.
                let in_file = matches!(place.at, At::Value(_)).then(|| pointer_in_file(pointer, is_there)).flatten();
                let pointer = in_file.as_ref().filter(|pointer| is_there(pointer)).unwrap_or(pointer);
                match marks.nearest(pointer) {
                    Some((mark, true)) if matches!(place.at, At::Key(_)) => mark.key.clone().unwrap_or_else(|| mark.value.clone()),
                    Some((mark, _)) => mark.value.clone(),
                    None => first_content(text),
                }
            }
        };
        Span { file: place.file, start: range.start, end: range.end }
    };
    let mut diagnostics: Vec<Diagnostic> = findings
        .into_iter()
        .map(|finding| Diagnostic {
            code: finding.rule.code,
            severity: finding.rule.severity,
            message: secret::mask(&finding.message),
            span: span(&finding.place),
            label: secret::mask(&finding.label),
            labels: finding.labels.iter().map(|(place, message)| Label { span: span(place), message: secret::mask(message) }).collect(),
            help: finding.help.as_deref().map(secret::mask),
        })
        .collect();
    let path = |diagnostic: &Diagnostic| sources.get(diagnostic.span.file).path.clone();
    diagnostics.sort_by_cached_key(|found| (path(found), found.span.start, found.span.end, found.code, found.message.clone()));
    diagnostics.dedup();
    diagnostics
}

/// Rewrites places in what was left of a file to places in the file itself.
pub(crate) fn undo_removals(findings: &mut Findings, removals: &HashMap<usize, Removals>) {
    let undo = |place: &mut Place| {
        if let (Some(removals), At::Value(pointer) | At::Key(pointer)) = (removals.get(&place.file), &mut place.at) {
            *pointer = removals.original(pointer);
        }
    };
    for finding in findings.iter_mut() {
        undo(&mut finding.place);
        finding.labels.iter_mut().for_each(|(place, _)| undo(place));
    }
}

/// The first line that is not a comment: where a complaint about a whole file points.
fn first_content(text: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if !content.trim_start().is_empty() && !content.starts_with('#') && content != "---" {
            return start..start + content.len();
        }
        start += line.len();
    }
    0..0
}
