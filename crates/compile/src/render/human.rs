//! As rustc writes: what is wrong, where, the text with a mark under it, what to do.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Places, floor, keep_length, printable};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// A line longer than this, in bytes, is shown alone and cut around its mark.
const LONG_LINE: usize = 200;
/// How many characters of a cut line are given on each side of the mark; annotate-snippets shows what fits and puts dots at the cuts.
const AROUND: usize = 200;
/// How many characters of a cut line are marked at most, so that mark and label fit a terminal.
const MARKED: usize = 80;
/// Marks of one file that are further apart, in lines, are shown in two excerpts, as those of two files are.
const APART: usize = 200;
/// How many places are shown for one diagnostic: past it a reader is not helped, and laying labels out costs more than linear time.
const SHOWN: usize = 10;
/// Stands for an excerpt's place until it is rendered; no other text holds it, since all of it is made printable.
const PLACE: &str = "\0";

pub(super) fn render(diagnostics: &[Diagnostic], places: &Places<'_>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    let is_notice = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Notice;
    for diagnostic in diagnostics.iter().filter(|diagnostic| !is_notice(diagnostic)) {
        out.push_str(&one(diagnostic, places, &renderer));
        out.push_str("\n\n");
    }
    // Notices come last, one line each.
    for diagnostic in diagnostics.iter().filter(is_notice) {
        out.push_str(&one(diagnostic, places, &renderer));
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

fn one(diagnostic: &Diagnostic, places: &Places<'_>, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        // A generated file is not edited, so one line without the source text is enough.
        Severity::Notice => {
            let level = Level::INFO.with_name("notice");
            let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code);
            return renderer.render(&[Group::with_title(title)]);
        }
    };
    let mut group = Group::with_title(level.primary_title(printable(&diagnostic.message)).id(diagnostic.code));

    let labels = diagnostic.labels.iter().map(|label| (label.span, label.message.as_str()));
    let spots = std::iter::once((diagnostic.span, diagnostic.label.as_str())).chain(labels);
    let (placed, placeless): (Vec<_>, Vec<_>) = spots.partition(|(span, _)| !places.path(span.file).is_empty());
    let excerpts = excerpts(&placed[..placed.len().min(SHOWN)], diagnostic.span, places);
    for excerpt in &excerpts {
        group = if excerpt.nothing_to_show(places) { group.element(Origin::path(PLACE)) } else { group.element(excerpt.snippet(places)) };
    }
    for (_, message) in placeless.iter().filter(|(_, message)| !message.is_empty()) {
        group = group.element(Level::NOTE.message(printable(message)));
    }
    if placed.len() > SHOWN {
        let more = placed.len() - SHOWN;
        group = group.element(Level::NOTE.message(format!("and {more} more {}", if more == 1 { "place" } else { "places" })));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }

    // annotate-snippets writes the line and column that it finds in the text it was given. That text is a piece of the file, and of a
    // cut line the column would be wrong, so the place is put in afterwards.
    let rendered = renderer.render(&[group]);
    let mut parts = rendered.split(PLACE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (excerpt, rest) in excerpts.iter().zip(parts) {
        out.push_str(&excerpt.place(places));
        out.push_str(rest.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit()));
    }
    out
}

/// `2 errors, 1 warning`.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        if count > 0 {
            let comma = if out.is_empty() { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{comma}{count} {severity}{plural}");
        }
    }
    out
}

/// A piece of a file with what is marked in it.
struct Excerpt<'a> {
    file: usize,
    /// The lines from the first mark to the last.
    first: usize,
    last: usize,
    /// A line to be cut.
    long: bool,
    spots: Vec<Spot<'a>>,
}

/// A mark on one line.
struct Spot<'a> {
    line: usize,
    /// The marked bytes of the file: the first line of the span, without its line break.
    range: Range<usize>,
    /// The span's first byte, which may be the line break that is not marked.
    start: usize,
    label: &'a str,
    primary: bool,
}

/// Puts the marks that lie near each other in one file into one excerpt, the primary one first.
fn excerpts<'a>(spots: &[(Span, &'a str)], primary: Span, places: &Places<'_>) -> Vec<Excerpt<'a>> {
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for (index, (span, label)) in spots.iter().enumerate() {
        let lines = places.lines(span.file);
        let start = floor(lines.text, span.start);
        let line = lines.line(start);
        let bounds = lines.range(line);
        let long = bounds.len() > LONG_LINE;
        let marked = start.min(bounds.end)..floor(lines.text, span.end).clamp(start.min(bounds.end), bounds.end);
        let spot = Spot { line, range: marked, start, label, primary: index == 0 && *span == primary };
        let near = |excerpt: &&mut Excerpt<'_>| {
            let (first, last) = (excerpt.first.min(line), excerpt.last.max(line));
            excerpt.file == span.file && !excerpt.long && !long && last - first <= APART
        };
        match excerpts.iter_mut().find(near) {
            Some(excerpt) => {
                excerpt.first = excerpt.first.min(line);
                excerpt.last = excerpt.last.max(line);
                excerpt.spots.push(spot);
            }
            None => excerpts.push(Excerpt { file: span.file, first: line, last: line, long, spots: vec![spot] }),
        }
    }
    excerpts
}

impl<'a> Excerpt<'a> {
    /// Whether there is only a path to show: a folder, a file that could not be read, an empty file that nothing is said about.
    fn nothing_to_show(&self, places: &Places<'_>) -> bool {
        places.lines(self.file).text.is_empty() && self.spots.iter().all(|spot| spot.label.is_empty())
    }

    fn place(&self, places: &Places<'_>) -> String {
        let path = one_line(places.path(self.file));
        match self.spots.first() {
            Some(spot) if !self.nothing_to_show(places) => {
                let position = places.lines(self.file).position(spot.start);
                format!("{path}:{}:{}", position.line, position.column)
            }
            _ => path,
        }
    }

    fn snippet(&self, places: &Places<'_>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let (source, marks) = self.source(places);
        let annotations = self.spots.iter().zip(marks).map(|(spot, mark)| {
            let kind = if spot.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!spot.label.is_empty()).then(|| one_line(spot.label));
            kind.span(mark).label(label)
        });
        Snippet::source(source).line_start(self.first).path(PLACE).annotations(annotations)
    }

    /// The text of the excerpt, with where each spot's mark is in it.
    fn source(&self, places: &Places<'_>) -> (String, Vec<Range<usize>>) {
        let lines = places.lines(self.file);
        if let ([spot], true) = (self.spots.as_slice(), self.long) {
            let bounds = lines.range(spot.line);
            let end = forward(&lines.text[..spot.range.end], spot.range.start, MARKED);
            let window = back(&lines.text[bounds.start..], spot.range.start - bounds.start, AROUND) + bounds.start
                ..forward(&lines.text[..bounds.end], end, AROUND);
            let mark = spot.range.start - window.start..end - window.start;
            return (format!("{}\n", keep_length(&lines.text[window])), vec![mark]);
        }
        let mut source = String::new();
        let mut marks = vec![0..0; self.spots.len()];
        for line in self.first..=self.last {
            // Of the lines without a mark, annotate-snippets shows at most the neighbour of one, and dots for the others.
            if self.spots.iter().any(|spot| spot.line.abs_diff(line) <= 1) {
                let bounds = lines.range(line);
                for (spot, mark) in self.spots.iter().zip(&mut marks).filter(|(spot, _)| spot.line == line) {
                    let shift = |offset: usize| source.len() + offset - bounds.start;
                    *mark = shift(spot.range.start)..shift(spot.range.end);
                }
                let text = &lines.text[bounds];
                source.push_str(&keep_length(&text[..floor(text, LONG_LINE)]));
            }
            // The last line is ended too: without it annotate-snippets would take an empty last line for the one before.
            source.push('\n');
        }
        (source, marks)
    }
}

/// `characters` characters before `offset`, or the start of the text.
fn back(text: &str, offset: usize, characters: usize) -> usize {
    text[..offset].char_indices().rev().take(characters).last().map_or(offset, |(index, _)| index)
}

/// `characters` characters after `offset`, or the end of the text.
fn forward(text: &str, offset: usize, characters: usize) -> usize {
    text[offset..].char_indices().nth(characters).map_or(text.len(), |(index, _)| offset + index)
}

fn one_line(text: &str) -> String {
    printable(text).replace('\n', "␊")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Label, Sources};
    use crate::render::{Format, render};

    fn span(sources: &Sources, file: usize, text: &str) -> Span {
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

    fn human(diagnostics: &[Diagnostic], sources: &Sources) -> String {
        render(diagnostics, sources, Format::Human, false)
    }

    #[test]
    fn shows_every_place_and_counts() {
        let mut sources = Sources::default();
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
            message: "two models are called `one`".into(),
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

warning[duplicate-id]: two models are called `one`
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
        let mut sources = Sources::default();
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
        let mut sources = Sources::default();
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
        let mut sources = Sources::default();
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
        let mut sources = Sources::default();
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
        let mut sources = Sources::default();
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
        diagnostic.label = "said all the same".into();
        let expected = "\
error[unknown-key]: unknown key `contxt_window`
 |
 = note: said all the same
 = help: make it readable

1 error
";
        assert_eq!(human(&[diagnostic], &sources), expected);
    }

    #[test]
    fn shows_controls_as_pictures() {
        let mut sources = Sources::default();
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
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), "x: 1\n".repeat(50));
        let mut diagnostic = error(Span { file, start: 0, end: 1 }, "");
        diagnostic.labels = (1..50).map(|n| Label { span: Span { file, start: n * 5, end: n * 5 + 1 }, message: String::new() }).collect();
        let shown = human(&[diagnostic], &sources);
        assert_eq!(shown.matches("x: 1").count(), SHOWN);
        assert!(shown.contains("= note: and 40 more places\n"), "{shown}");
    }
}
