//! Renders diagnostics as text in the style of rustc: message, position, annotated source excerpt, help.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{LineTables, floor, printable, replace_controls};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// Maximum length in bytes of a line that is shown whole, with its neighbours. A longer line is shown alone and cut around its mark.
const MAX_LINE_BYTES: usize = 200;
/// Number of characters of a cut line on each side of the mark. Of these, annotate-snippets shows as many as fit, with dots at the cuts.
const CONTEXT_CHARS: usize = 200;
/// Maximum number of marked characters of a cut line, so that mark and label fit into a terminal.
const MAX_MARK_CHARS: usize = 80;
/// Maximum distance in lines between two marks of one excerpt.
const MAX_EXCERPT_LINES: usize = 200;
/// Maximum number of places per diagnostic. More places are not helpful, and the time for the layout of labels grows faster than their number.
const MAX_PLACES: usize = 10;
/// Placeholder for the position of an excerpt until it is rendered. No other text contains it, because all text is made printable.
const POSITION_PLACEHOLDER: &str = "\0";

pub(super) fn render(diagnostics: &[Diagnostic], places: &LineTables<'_>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    let is_notice = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Notice;
    for diagnostic in diagnostics.iter().filter(|diagnostic| !is_notice(diagnostic)) {
        out.push_str(&render_diagnostic(diagnostic, places, &renderer));
        out.push_str("\n\n");
    }
    // Notices come last, on one line each.
    for diagnostic in diagnostics.iter().filter(is_notice) {
        out.push_str(&render_diagnostic(diagnostic, places, &renderer));
        out.push('\n');
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Notice) {
        out.push('\n');
    }
    if !diagnostics.is_empty() {
        out.push_str(&summary(diagnostics));
        out.push('\n');
    }
    out
}

fn render_diagnostic(diagnostic: &Diagnostic, places: &LineTables<'_>, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        // Notices concern generated files, which are not edited, so the source text is not shown.
        Severity::Notice => {
            let level = Level::INFO.with_name("notice");
            let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code);
            return renderer.render(&[Group::with_title(title)]);
        }
    };
    let mut group = Group::with_title(level.primary_title(printable(&diagnostic.message)).id(diagnostic.code));

    let labels = diagnostic.labels.iter().map(|label| (label.span, label.message.as_str()));
    let marks = std::iter::once((diagnostic.span, diagnostic.label.as_str())).chain(labels);
    let (with_file, without_file): (Vec<_>, Vec<_>) = marks.partition(|(span, _)| !places.path(span.file).is_empty());
    let excerpts = excerpts(&with_file[..with_file.len().min(MAX_PLACES)], diagnostic.span, places);
    for excerpt in &excerpts {
        group = if excerpt.is_only_path(places) {
            group.element(Origin::path(POSITION_PLACEHOLDER))
        } else {
            group.element(excerpt.snippet(places))
        };
    }
    for (_, message) in without_file.iter().filter(|(_, message)| !message.is_empty()) {
        group = group.element(Level::NOTE.message(printable(message)));
    }
    if with_file.len() > MAX_PLACES {
        let more = with_file.len() - MAX_PLACES;
        let message = if more == 1 { "1 more place is not shown".to_owned() } else { format!("{more} more places are not shown") };
        group = group.element(Level::NOTE.message(message));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }

    // annotate-snippets computes line and column from the given text. This text is only an excerpt, and the column in a cut line would be wrong, so
    // the position is inserted afterwards.
    let rendered = renderer.render(&[group]);
    let mut parts = rendered.split(POSITION_PLACEHOLDER);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (excerpt, rest) in excerpts.iter().zip(parts) {
        out.push_str(&excerpt.position(places));
        out.push_str(rest.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit()));
    }
    out
}

/// Returns the number of diagnostics of each severity, such as `2 errors, 1 warning`.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let describe = |severity: Severity| {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        match count {
            0 => None,
            1 => Some(format!("1 {severity}")),
            _ => Some(format!("{count} {severity}s")),
        }
    };
    [Severity::Error, Severity::Warning, Severity::Notice].into_iter().filter_map(describe).collect::<Vec<_>>().join(", ")
}

/// An excerpt of a file with its marks.
struct Excerpt<'a> {
    file: usize,
    /// The line of the first mark.
    first: usize,
    /// The line of the last mark.
    last: usize,
    /// Whether the excerpt is one line that must be cut.
    is_cut: bool,
    marks: Vec<LineMark<'a>>,
}

/// A mark on one line.
struct LineMark<'a> {
    line: usize,
    /// The marked byte range of the file: the first line of the span, without its line break.
    range: Range<usize>,
    /// The first byte of the span, which may be an unmarked line break.
    start: usize,
    label: &'a str,
    primary: bool,
}

/// Groups marks that are near each other in the same file into excerpts, the primary mark first.
fn excerpts<'a>(marks: &[(Span, &'a str)], primary: Span, places: &LineTables<'_>) -> Vec<Excerpt<'a>> {
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for (index, (span, label)) in marks.iter().enumerate() {
        let lines = places.lines(span.file);
        let start = floor(lines.text, span.start);
        let line = lines.line(start);
        let bounds = lines.range(line);
        let is_cut = bounds.len() > MAX_LINE_BYTES;
        let range = start.min(bounds.end)..floor(lines.text, span.end).clamp(start.min(bounds.end), bounds.end);
        let mark = LineMark { line, range, start, label, primary: index == 0 && *span == primary };
        let is_near = |excerpt: &&mut Excerpt<'_>| {
            let (first, last) = (excerpt.first.min(line), excerpt.last.max(line));
            excerpt.file == span.file && !excerpt.is_cut && !is_cut && last - first <= MAX_EXCERPT_LINES
        };
        match excerpts.iter_mut().find(is_near) {
            Some(excerpt) => {
                excerpt.first = excerpt.first.min(line);
                excerpt.last = excerpt.last.max(line);
                excerpt.marks.push(mark);
            }
            None => excerpts.push(Excerpt { file: span.file, first: line, last: line, is_cut, marks: vec![mark] }),
        }
    }
    excerpts
}

impl<'a> Excerpt<'a> {
    /// Returns whether the excerpt consists of a path only: for a folder, an unreadable file, or an empty file without labels.
    fn is_only_path(&self, places: &LineTables<'_>) -> bool {
        places.lines(self.file).text.is_empty() && self.marks.iter().all(|mark| mark.label.is_empty())
    }

    fn position(&self, places: &LineTables<'_>) -> String {
        let path = one_line(places.path(self.file));
        match self.marks.first() {
            Some(mark) if !self.is_only_path(places) => {
                let position = places.lines(self.file).position(mark.start);
                format!("{path}:{}:{}", position.line, position.column)
            }
            _ => path,
        }
    }

    fn snippet(&self, places: &LineTables<'_>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let (source, ranges) = self.source(places);
        let annotations = self.marks.iter().zip(ranges).map(|(mark, range)| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!mark.label.is_empty()).then(|| one_line(mark.label));
            kind.span(range).label(label)
        });
        Snippet::source(source).line_start(self.first).path(POSITION_PLACEHOLDER).annotations(annotations)
    }

    /// Returns the text of the excerpt, and the range of each mark in it.
    fn source(&self, places: &LineTables<'_>) -> (String, Vec<Range<usize>>) {
        let lines = places.lines(self.file);
        if let ([mark], true) = (self.marks.as_slice(), self.is_cut) {
            let bounds = lines.range(mark.line);
            let end = forward(&lines.text[..mark.range.end], mark.range.start, MAX_MARK_CHARS);
            let window = back(&lines.text[bounds.start..], mark.range.start - bounds.start, CONTEXT_CHARS) + bounds.start
                ..forward(&lines.text[..bounds.end], end, CONTEXT_CHARS);
            let range = mark.range.start - window.start..end - window.start;
            return (format!("{}\n", replace_controls(&lines.text[window])), vec![range]);
        }
        let mut source = String::new();
        let mut ranges = vec![0..0; self.marks.len()];
        for line in self.first..=self.last {
            // annotate-snippets shows a line without a mark only if it is next to a marked line; otherwise it shows dots.
            if self.marks.iter().any(|mark| mark.line.abs_diff(line) <= 1) {
                let bounds = lines.range(line);
                for (mark, range) in self.marks.iter().zip(&mut ranges).filter(|(mark, _)| mark.line == line) {
                    let shift = |offset: usize| source.len() + offset - bounds.start;
                    *range = shift(mark.range.start)..shift(mark.range.end);
                }
                let text = &lines.text[bounds];
                source.push_str(&replace_controls(&text[..floor(text, MAX_LINE_BYTES)]));
            }
            // The last line needs a line ending too: otherwise annotate-snippets would confuse an empty last line with the line before.
            source.push('\n');
        }
        (source, ranges)
    }
}

/// Returns the offset `characters` characters before `offset`, or the start of the text.
fn back(text: &str, offset: usize, characters: usize) -> usize {
    text[..offset].char_indices().rev().take(characters).last().map_or(offset, |(index, _)| index)
}

/// Returns the offset `characters` characters after `offset`, or the end of the text.
fn forward(text: &str, offset: usize, characters: usize) -> usize {
    text[offset..].char_indices().nth(characters).map_or(text.len(), |(index, _)| offset + index)
}

fn one_line(text: &str) -> String {
    printable(text).replace('\n', "␊")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Label, SourceFiles};
    use crate::render::{Format, render};

    fn span(sources: &SourceFiles, file: usize, text: &str) -> Span {
        let start = sources.get(file).text.find(text).unwrap();
        Span { file, start, end: start + text.len() }
    }

    fn error(span: Span, label: &str) -> Diagnostic {
        Diagnostic {
            code: "unknown-key",
            severity: Severity::Error,
            message: "unknown key `contxt_window`".into(),
            span,
            label: label.into(),
            labels: vec![],
            help: None,
        }
    }

    fn human(diagnostics: &[Diagnostic], sources: &SourceFiles) -> String {
        render(diagnostics, sources, Format::Human, false)
    }

    #[test]
    fn shows_every_place_and_counts() {
        let mut sources = SourceFiles::default();
        let a = sources.add(
            "providers/a.yaml".into(),
            "name: A\nmodels:\n  - id: one\n    contxt_window: 1\n    x: 1\n    y: 1\n    z: 1\n  - id: one\n".into(),
        );
        let b = sources.add("models/b.yaml".into(), "name: B\nmodels:\n  - id: uno\n".into());
        let mut first = error(span(&sources, a, "contxt_window"), "not a key of a model");
        first.help = Some("a key with a similar name exists: `context_window`".into());
        let end = sources.get(a).text.rfind("one").unwrap();
        let second = Diagnostic {
            code: "duplicate-id",
            severity: Severity::Warning,
            message: "duplicate model `one`".into(),
            span: Span { file: a, start: end, end: end + 3 },
            label: "again".into(),
            labels: vec![
                Label { span: span(&sources, a, "one"), message: "first here".into() },
                Label { span: span(&sources, b, "uno"), message: "after this base".into() },
            ],
            help: None,
        };
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
 --> providers/a.yaml:4:5
  |
4 |     contxt_window: 1
  |     ^^^^^^^^^^^^^ not a key of a model
  |
  = help: a key with a similar name exists: `context_window`

warning[duplicate-id]: duplicate model `one`
 --> providers/a.yaml:8:9
  |
3 |   - id: one
  |         --- first here
...
8 |   - id: one
  |         ^^^ again
  |
 ::: models/b.yaml:3:9
  |
3 |   - id: uno
  |         --- after this base

1 error, 1 warning
";
        assert_eq!(human(&[first.clone(), second.clone()], &sources), expected);
        assert!(human(&[first.clone(), first.clone()], &sources).ends_with("\n2 errors\n"));
        assert!(human(&[second], &sources).ends_with("\n1 warning\n"));
        assert_eq!(human(&[], &sources), "");
        let colored = render(&[first], &sources, Format::Human, true);
        assert!(colored.contains("\u{1b}[") && colored.contains("providers/a.yaml:4:5"), "{colored:?}");
    }

    #[test]
    fn cuts_a_long_line_around_the_mark_and_keeps_the_column() {
        let mut sources = SourceFiles::default();
        let text = format!("a: 1\nnote: {}HERE{}\n", "x".repeat(5_000_000), "y".repeat(5_000_000));
        let file = sources.add("a.yaml".into(), text);
        let shown = human(&[error(span(&sources, file, "HERE"), "this")], &sources);
        let expected = format!(
            "\
error[unknown-key]: unknown key `contxt_window`
 --> a.yaml:2:5000007
  |
2 | ...{}HERE{}...
  |    {}^^^^ this

1 error
",
            "x".repeat(60),
            "y".repeat(66),
            " ".repeat(60)
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn shows_the_first_line_of_a_span_of_many() {
        let mut sources = SourceFiles::default();
        let text = format!("name: A\r\nmodels:\r\n{}", "  - id: one\r\n".repeat(1000));
        let file = sources.add("a.yaml".into(), text.clone());
        let start = text.find("models").unwrap();
        let shown = human(&[error(Span { file, start, end: text.len() }, "these")], &sources);
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
 --> a.yaml:2:1
  |
2 | models:
  | ^^^^^^^ these

1 error
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn shows_marks_of_one_file_that_are_far_apart_as_two_places() {
        let mut sources = SourceFiles::default();
        let file = sources.add("a.yaml".into(), format!("first: 1\n{}last: 1\n", "# filler\n".repeat(98_765)));
        let mut diagnostic = error(span(&sources, file, "last"), "again");
        diagnostic.labels.push(Label { span: span(&sources, file, "first"), message: "before".into() });
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
     --> a.yaml:98767:1
      |
98767 | last: 1
      | ^^^^ again
      |
     ::: a.yaml:1:1
      |
    1 | first: 1
      | ----- before

1 error
";
        assert_eq!(human(&[diagnostic], &sources), expected);
    }

    #[test]
    fn points_at_the_end_of_a_file() {
        let mut sources = SourceFiles::default();
        let file = sources.add("a.yaml".into(), "1\n2\n3\n4\n5\n6\n7\n8\n9\n".into());
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
  --> a.yaml:10:1
   |
10 |
   | ^ ends too soon

1 error
";
        assert_eq!(human(&[error(Span { file, start: 999, end: 3 }, "ends too soon")], &sources), expected);
    }

    #[test]
    fn shows_a_path_alone_where_there_is_no_text() {
        let mut sources = SourceFiles::default();
        let file = sources.add("providers/a.yaml".into(), String::new());
        let mut diagnostic = error(Span { file, start: 0, end: 0 }, "");
        diagnostic.help = Some("make it readable".into());
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
--> providers/a.yaml
 = help: make it readable

1 error
";
        assert_eq!(human(&[diagnostic.clone()], &sources), expected);
        diagnostic.span.file = 9;
        diagnostic.label = "shown without a place".into();
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
 |
 = note: shown without a place
 = help: make it readable

1 error
";
        assert_eq!(human(&[diagnostic], &sources), expected);
    }

    #[test]
    fn shows_controls_as_pictures() {
        let mut sources = SourceFiles::default();
        let file = sources.add("a\u{1b}\n.yaml".into(), "\tname: \u{1b}[31m\u{9b}0m\u{202e}x\n".into());
        let mut diagnostic = error(span(&sources, file, "x"), "\u{7}here\nand there");
        diagnostic.message = "no \u{9b}31m\u{1b}\0".into();
        diagnostic.help = Some("not \u{1b}]0;".into());
        let expected = "\
error[unknown-key]: no ¤31m␛␀
 --> a␛␊.yaml:1:17
  |
1 |     name: ␛[31m¤0m�x
  |                    ^ ␇here␊and there
  |
  = help: not ␛]0;

1 error
";
        assert_eq!(human(&[diagnostic], &sources), expected);
    }

    #[test]
    fn shows_some_of_very_many_places() {
        let mut sources = SourceFiles::default();
        let file = sources.add("a.yaml".into(), "x: 1\n".repeat(50));
        let mut diagnostic = error(Span { file, start: 0, end: 1 }, "");
        diagnostic.labels = (1..50).map(|n| Label { span: Span { file, start: n * 5, end: n * 5 + 1 }, message: String::new() }).collect();
        let shown = human(&[diagnostic], &sources);
        assert_eq!(shown.matches("x: 1").count(), MAX_PLACES);
        assert!(shown.contains("= note: 40 more places are not shown\n"), "{shown}");
    }
}
