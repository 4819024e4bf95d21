//! Writes diagnostics: for people at a terminal, for programs, for code scanning, for a pull request.
//!
//! Every format takes its lines and columns from one table (`Places`), so that they never disagree, and the cost of a report is
//! linear in the files it names plus a bounded amount for each diagnostic, whatever the files hold.

mod github;
mod human;
mod json;
mod sarif;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::{fmt, fmt::Write as _};

use crate::codes::{RULES, Rule};
use crate::diagnostic::{Diagnostic, Position, Sources, Span};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As rustc does: the offending text with what is wrong under it, and the counts at the end.
    Human,
    /// An array of objects with a stable shape.
    Json,
    /// SARIF 2.1.0, which code scanning and editors read.
    Sarif,
    /// GitHub's workflow commands, which become annotations in a pull request.
    Github,
}

/// Writes `diagnostics` in their order. `color` is for [`Format::Human`] alone; the other formats are the same either way.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, format: Format, color: bool) -> String {
    render_with(diagnostics, sources, format, color, RULES)
}

/// Like [`render`], for diagnostics of other rules than those of catalogs.
#[must_use]
pub fn render_with(diagnostics: &[Diagnostic], sources: &Sources, format: Format, color: bool, rules: &[&Rule]) -> String {
    let places = Places::new(sources);
    match format {
        Format::Human => human::render(diagnostics, &places, color),
        Format::Json => json::render(diagnostics, &places),
        Format::Sarif => sarif::render(diagnostics, &places, rules),
        Format::Github => github::render(diagnostics, &places),
    }
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Human, Self::Json, Self::Sarif, Self::Github];

    /// The format as the command line spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where the spans of one report are. The lines of a file are looked for once, when a diagnostic first names it: asking
/// [`Sources::positions`] for each of 10,000 diagnostics would read the file 10,000 times.
struct Places<'a> {
    sources: &'a Sources,
    /// One a file, and a last one for spans whose file does not exist.
    lines: Vec<OnceCell<Lines<'a>>>,
}

/// A span as people count.
struct Place<'a> {
    /// The path as it is shown; empty for what has no place at all.
    path: &'a str,
    start: Position,
    end: Position,
}

impl<'a> Places<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self { sources, lines: vec![OnceCell::new(); sources.files().len() + 1] }
    }

    fn path(&self, file: usize) -> &'a str {
        &self.sources.get(file).path
    }

    fn lines(&self, file: usize) -> &Lines<'a> {
        let file = file.min(self.lines.len() - 1);
        self.lines[file].get_or_init(|| Lines::new(&self.sources.get(file).text))
    }

    /// Where a span is; it says the same as [`Sources::positions`].
    fn place(&self, span: Span) -> Place<'a> {
        let lines = self.lines(span.file);
        Place { path: self.path(span.file), start: lines.position(span.start), end: lines.position(span.end.max(span.start)) }
    }
}

/// The lines of one text, found once.
#[derive(Clone)]
struct Lines<'a> {
    text: &'a str,
    /// Where each line starts.
    starts: Vec<usize>,
    /// How many characters come before each [`BLOCK`] of bytes, so that a column is counted from the nearest block and not from the
    /// start of a line that may be megabytes long.
    characters: Vec<usize>,
}

/// A block lies at every multiple of so many bytes, or just before where that falls inside a character.
const BLOCK: usize = 4096;

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let mut characters = vec![0];
        let mut count = 0;
        for block in 1..=text.len() / BLOCK {
            count += text[floor(text, (block - 1) * BLOCK)..floor(text, block * BLOCK)].chars().count();
            characters.push(count);
        }
        Self { text, starts, characters }
    }

    /// Where `offset` is; past the end is at the end, inside a character is at its start.
    fn position(&self, offset: usize) -> Position {
        let offset = floor(self.text, offset);
        let line = self.line(offset);
        Position { line, column: self.characters_before(offset) - self.characters_before(self.starts[line - 1]) + 1 }
    }

    /// The number of the line, from 1, that `offset` is on.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The bytes of a line without its line break.
    fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line - 1];
        let end = self.starts.get(line).map_or(self.text.len(), |next| next - 1);
        let broken = line < self.starts.len();
        if broken && self.text[start..end].ends_with('\r') { start..end - 1 } else { start..end }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + self.text[floor(self.text, block * BLOCK)..offset].chars().count()
    }
}

/// The last place at or before `offset` where a character starts or the text ends.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Replaces what would steer a terminal or turn text around, so that nothing in a file can. Line breaks stay.
fn printable(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(&keep_length(text))
}

/// The part of [`printable`] that annotate-snippets leaves out: the other control characters, chiefly U+009B, which starts an escape
/// sequence as ESC [ does. A replacement has as many bytes as what it replaces, so spans still fit.
fn keep_length(text: &str) -> Cow<'_, str> {
    let replace = |character| match character {
        '\u{80}'..='\u{9f}' | '\u{61c}' => '¤',
        '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
        other => other,
    };
    if text.chars().any(|character| replace(character) != character) {
        Cow::Owned(text.chars().map(replace).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes a JSON value over many lines. What JSON allows in a string and a terminal obeys (U+007F to U+009F) is escaped as well.
fn pretty(value: &serde_json::Value) -> String {
    let mut out = String::new();
    for character in format!("{value:#}\n").chars() {
        match character {
            // Writing to a string cannot fail.
            '\u{7f}'..='\u{9f}' => drop(write!(out, "\\u{:04x}", u32::from(character))),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Label, Severity};

    /// Texts that have broken tools: no text, no last line break, CRLF, lone CR, tabs, wide and combining characters, controls.
    pub(super) const ODD: &[&str] = &[
        "",
        "\n",
        "\r\n",
        "\r",
        "a",
        "a\nb",
        "a\r\nb\r\n",
        "\t\tkey:\tvalue\t\n",
        "né: 漢字 👩‍👩‍👧 e\u{301}\u{200b}\u{feff}\n\u{1b}[31mred\u{9b}0m\u{202e}\0\u{7f}\n",
        "\n\n\n\n\n\n\n\n\nx\n",
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        "                                                                  deep: x\n  shallow: y\n",
    ];

    /// Texts with lines long enough to be cut, and lines far enough apart to be shown apart.
    pub(super) fn long_texts() -> Vec<String> {
        vec![
            format!("a: {}\nb: 1\n", "x".repeat(700)),
            format!("{}\r\n{}", "漢".repeat(300), "\t".repeat(300)),
            format!("first: 1\n{}last: {}é", "# filler\n".repeat(250), "\u{1b}".repeat(400)),
        ]
    }

    pub(super) fn one(text: &str, start: usize, end: usize) -> (Vec<Diagnostic>, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), text.into());
        let other = sources.add("b.yaml".into(), text.into());
        let diagnostic = Diagnostic {
            code: "unknown-key",
            severity: Severity::Error,
            message: "unknown key `x`".into(),
            span: Span { file, start, end },
            label: "not a key".into(),
            labels: vec![
                Label { span: Span { file, start: end, end: start }, message: "here too".into() },
                Label { span: Span { file, start: text.len(), end: text.len() + 1 }, message: "at the end".into() },
                Label { span: Span { file: other, start, end }, message: "and there".into() },
                Label { span: Span { file: 7, start, end }, message: "and nowhere".into() },
            ],
            help: Some("remove it".into()),
        };
        (vec![diagnostic], sources)
    }

    #[test]
    fn places_agree_with_sources_at_every_byte() {
        let long = long_texts();
        let blocks = "ab漢\n".repeat(2000);
        for text in ODD.iter().copied().chain(long.iter().map(String::as_str)) {
            let mut sources = Sources::default();
            sources.add("a".into(), text.into());
            let places = Places::new(&sources);
            for start in 0..=text.len() + 2 {
                for end in [0, start, start + 1, start + 9, usize::MAX] {
                    let span = Span { file: 0, start, end };
                    let place = places.place(span);
                    assert_eq!((place.start, place.end), sources.positions(span), "{text:?} {span:?}");
                }
            }
        }
        let mut sources = Sources::default();
        sources.add("a".into(), blocks);
        let places = Places::new(&sources);
        for start in (0..12_010).step_by(7) {
            let span = Span { file: 0, start, end: start };
            assert_eq!(places.place(span).start, sources.positions(span).0, "{start}");
        }
    }

    #[test]
    fn any_span_of_any_text_renders_in_every_format() {
        let long = long_texts();
        for text in ODD.iter().copied().chain(long.iter().map(String::as_str)) {
            let step = if text.len() > 200 { 53 } else { 1 };
            for start in (0..=text.len() + 2).step_by(step) {
                for end in [0, start, start + 1, start + 2, start + 9, text.len(), usize::MAX] {
                    let (diagnostics, sources) = one(text, start, end);
                    for format in Format::ALL {
                        let shown = render(&diagnostics, &sources, *format, false);
                        let steers = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
                        assert!(!shown.contains(steers), "{format} {text:?} {start}..{end}: {shown:?}");
                        assert!(shown.len() < 20_000, "{format} {start}..{end}: {}", shown.len());
                    }
                }
            }
        }
    }

    #[test]
    fn a_report_costs_a_bounded_amount_for_each_diagnostic() {
        // One line of 2 MB and 20,000 lines after it: reading either again for each place of each diagnostic would be 10 GB.
        let text = format!("{}\n{}", "é".repeat(1 << 20), "- id: model\n".repeat(20_000));
        let (mut diagnostics, sources) = one(&text, 0, 0);
        let step = text.len() / 500;
        for n in 0..500 {
            let mut diagnostic = diagnostics[0].clone();
            diagnostic.span = Span { file: 0, start: n * step, end: text.len() - n };
            diagnostics.push(diagnostic);
        }
        for format in Format::ALL {
            assert!(render(&diagnostics, &sources, *format, false).len() < 500 * 5_000);
        }
    }
}
