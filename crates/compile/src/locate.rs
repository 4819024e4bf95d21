//! Turns findings into diagnostics with byte spans. To find the positions, only the files that have findings are scanned again.

use crate::authored::citation::pointer_in_file;
use crate::diagnostic::{Diagnostic, Label, SourceFiles, Span, unlisted_summary};
use crate::finding::{Finding, Findings, Place, PlaceKind, Unlisted};
use crate::read::TextFile;
use crate::read::marks::{self, Marks};
use crate::validate::Removals;
use modeldex_support::secret;
use std::collections::HashMap;

/// Turns findings into diagnostics, sorted by file and position. If there are more findings than the list contains, the last diagnostic states how
/// many.
pub(crate) fn locate(findings: Findings, files: &[TextFile], sources: &SourceFiles) -> Vec<Diagnostic> {
    let texts: HashMap<usize, &str> = files.iter().map(|file| (file.index, file.text.as_str())).collect();
    let mut marked: HashMap<usize, Marks> = HashMap::new();
    let mut span = |place: &Place| -> Span {
        let text = texts.get(&place.file).copied().unwrap_or_default();
        let range = match &place.kind {
            PlaceKind::Bytes(start, end) => *start..*end,
            PlaceKind::File => first_content(text),
            PlaceKind::Value(pointer) | PlaceKind::Key(pointer) => {
                let marks = marked.entry(place.file).or_insert_with(|| marks::scan(text));
                let exists = |pointer: &str| matches!(marks.nearest(pointer), Some((_, true)));
                // A citation moves the value of a fact one level deeper, but not its key.
                let in_file = matches!(place.kind, PlaceKind::Value(_)).then(|| pointer_in_file(pointer, exists)).flatten();
                let pointer = in_file.as_ref().filter(|pointer| exists(pointer)).unwrap_or(pointer);
                match marks.nearest(pointer) {
                    Some((mark, true)) if matches!(place.kind, PlaceKind::Key(_)) => mark.key.clone().unwrap_or_else(|| mark.value.clone()),
                    Some((mark, _)) => mark.value.clone(),
                    None => first_content(text),
                }
            }
        };
        Span { file: place.file, start: range.start, end: range.end }
    };
    let mut diagnostic = |finding: Finding| Diagnostic {
        code: finding.rule.code,
        severity: finding.rule.severity,
        message: secret::mask(&finding.message),
        span: span(&finding.place),
        label: secret::mask(&finding.label),
        labels: finding.labels.iter().map(|(place, message)| Label { span: span(place), message: secret::mask(message) }).collect(),
        help: finding.help.as_deref().map(secret::mask),
    };
    let (findings, unlisted) = findings.into_parts();
    let mut diagnostics: Vec<Diagnostic> = findings.into_iter().map(&mut diagnostic).collect();
    let last = unlisted.and_then(|Unlisted { first, counts }| unlisted_summary(diagnostic(first), counts));
    let path = |diagnostic: &Diagnostic| sources.get(diagnostic.span.file).path.clone();
    diagnostics.sort_by_cached_key(|found| (path(found), found.span.start, found.span.end, found.code, found.message.clone()));
    diagnostics.dedup();
    diagnostics.extend(last);
    diagnostics
}

/// Invalid list entries are removed before a file is checked, which changes the indices of later entries. Replaces the indices in the places of
/// `findings` by those in the original file.
pub(crate) fn undo_removals(findings: &mut Findings, removals: &HashMap<usize, Removals>) {
    let undo = |place: &mut Place| {
        if let (Some(removals), PlaceKind::Value(pointer) | PlaceKind::Key(pointer)) = (removals.get(&place.file), &mut place.kind) {
            *pointer = removals.original(pointer);
        }
    };
    for finding in findings.iter_mut() {
        undo(&mut finding.place);
        finding.labels.iter_mut().for_each(|(place, _)| undo(place));
    }
}

/// Returns the range of the first line that is not a comment, to which findings about a whole file point.
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
