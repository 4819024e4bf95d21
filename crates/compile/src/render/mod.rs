//! Renders diagnostics as text for terminals, as JSON, as SARIF for code scanning, and as GitHub workflow commands.
//!
//! All formats use the same line tables (`LineTables`), so that the positions are the same in every format. The cost of a report is linear in the
//! size of the files that it names, plus a bounded amount per diagnostic.

mod github;
mod human;
mod json;
mod sarif;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::{fmt, fmt::Write as _};

use crate::codes::{RULES, Rule};
use crate::diagnostic::{Diagnostic, Position, SourceFiles, Span};

/// An output format of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text in the style of rustc: annotated source excerpts, and the number of errors and warnings at the end.
    Human,
    /// A JSON array of objects with stable fields.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// GitHub workflow commands, which GitHub shows as annotations in a pull request.
    Github,
}

/// Renders `diagnostics` in the given order. `sources` contains the files to which the diagnostics refer. If `color` is true, the text of
/// [`Format::Human`] has colors; the other formats ignore `color`. [`Format::Sarif`] includes the descriptions of the violated [`RULES`].
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &SourceFiles, format: Format, color: bool) -> String {
    render_with_rules(diagnostics, sources, format, color, RULES)
}

/// Renders diagnostics like [`render`], but uses `rules` instead of [`RULES`]. [`Format::Sarif`] includes the descriptions of the violated rules.
#[must_use]
pub fn render_with_rules(diagnostics: &[Diagnostic], sources: &SourceFiles, format: Format, color: bool, rules: &[&Rule]) -> String {
    let places = LineTables::new(sources);
    match format {
        Format::Human => human::render(diagnostics, &places, color),
        Format::Json => json::render(diagnostics, &places),
        Format::Sarif => sarif::render(diagnostics, &places, rules),
        Format::Github => github::render(diagnostics, &places),
    }
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Self] = &[Self::Human, Self::Json, Self::Sarif, Self::Github];

    /// Returns the name of the format on the command line.
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

/// The line tables of the files of one report, each computed on first use: calling [`SourceFiles::positions`] for each of 10,000 diagnostics would
/// scan the file 10,000 times.
struct LineTables<'a> {
    source_files: &'a SourceFiles,
    /// One table per file, and a last one for spans whose file does not exist.
    lines: Vec<OnceCell<LineTable<'a>>>,
}

/// The path and the positions of a span.
struct SpanPosition<'a> {
    /// The path for reports; empty if the file does not exist.
    path: &'a str,
    start: Position,
    end: Position,
}

impl<'a> LineTables<'a> {
    fn new(sources: &'a SourceFiles) -> Self {
        Self { source_files: sources, lines: vec![OnceCell::new(); sources.files().len() + 1] }
    }

    fn path(&self, file: usize) -> &'a str {
        &self.source_files.get(file).path
    }

    fn lines(&self, file: usize) -> &LineTable<'a> {
        let file = file.min(self.lines.len() - 1);
        self.lines[file].get_or_init(|| LineTable::new(&self.source_files.get(file).text))
    }

    /// Returns the path and the positions of a span. The positions are equal to those of [`SourceFiles::positions`].
    fn position_of(&self, span: Span) -> SpanPosition<'a> {
        let lines = self.lines(span.file);
        SpanPosition { path: self.path(span.file), start: lines.position(span.start), end: lines.position(span.end.max(span.start)) }
    }
}

/// The positions of the lines of one text.
#[derive(Clone)]
struct LineTable<'a> {
    text: &'a str,
    /// The offset of each line.
    starts: Vec<usize>,
    /// The number of characters before each block of [`BLOCK_BYTES`]. With it, a column is counted from the nearest block instead of from the start
    /// of a line that may be megabytes long.
    characters: Vec<usize>,
}

/// The size of a block in bytes. A block boundary inside a character moves to the start of the character.
const BLOCK_BYTES: usize = 4096;

impl<'a> LineTable<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let mut characters = vec![0];
        let mut count = 0;
        for block in 1..=text.len() / BLOCK_BYTES {
            count += text[floor(text, (block - 1) * BLOCK_BYTES)..floor(text, block * BLOCK_BYTES)].chars().count();
            characters.push(count);
        }
        Self { text, starts, characters }
    }

    /// Returns the position of `offset`. An offset past the end is at the end, and one inside a character is at its start.
    fn position(&self, offset: usize) -> Position {
        let offset = floor(self.text, offset);
        let line = self.line(offset);
        Position { line, column: self.characters_before(offset) - self.characters_before(self.starts[line - 1]) + 1 }
    }

    /// Returns the one-based line of `offset`.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// Returns the byte range of a line without its line break.
    fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line - 1];
        let end = self.starts.get(line).map_or(self.text.len(), |next| next - 1);
        let has_line_break = line < self.starts.len();
        if has_line_break && self.text[start..end].ends_with('\r') { start..end - 1 } else { start..end }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK_BYTES;
        self.characters[block] + self.text[floor(self.text, block * BLOCK_BYTES)..offset].chars().count()
    }
}

/// Returns the last character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Replaces control and bidirectional characters, so that file contents cannot control a terminal or reorder text. Line breaks are kept.
fn printable(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(&replace_controls(text))
}

/// Replaces the control characters that annotate-snippets keeps, in particular U+009B, which starts an escape sequence like ESC [. Replacements
/// have the same number of bytes as the replaced characters, so that spans stay valid.
fn replace_controls(text: &str) -> Cow<'_, str> {
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

/// Formats a JSON value on several lines. Also escapes U+007F to U+009F, which JSON allows in strings but terminals interpret.
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

    /// Difficult texts: empty, without final line break, CRLF, lone CR, tabs, wide and combining characters, control characters.
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

    /// Texts with lines that are long enough to be cut, or far enough apart for separate excerpts.
    pub(super) fn long_texts() -> Vec<String> {
        vec![
            format!("a: {}\nb: 1\n", "x".repeat(700)),
            format!("{}\r\n{}", "漢".repeat(300), "\t".repeat(300)),
            format!("first: 1\n{}last: {}é", "# filler\n".repeat(250), "\u{1b}".repeat(400)),
        ]
    }

    pub(super) fn one(text: &str, start: usize, end: usize) -> (Vec<Diagnostic>, SourceFiles) {
        let mut sources = SourceFiles::default();
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
    fn positions_agree_with_source_files_at_every_byte() {
        let long = long_texts();
        let blocks = "ab漢\n".repeat(2000);
        for text in ODD.iter().copied().chain(long.iter().map(String::as_str)) {
            let mut sources = SourceFiles::default();
            sources.add("a".into(), text.into());
            let places = LineTables::new(&sources);
            for start in 0..=text.len() + 2 {
                for end in [0, start, start + 1, start + 9, usize::MAX] {
                    let span = Span { file: 0, start, end };
                    let place = places.position_of(span);
                    assert_eq!((place.start, place.end), sources.positions(span), "{text:?} {span:?}");
                }
            }
        }
        let mut sources = SourceFiles::default();
        sources.add("a".into(), blocks);
        let places = LineTables::new(&sources);
        for start in (0..12_010).step_by(7) {
            let span = Span { file: 0, start, end: start };
            assert_eq!(places.position_of(span).start, sources.positions(span).0, "{start}");
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
    fn the_cost_per_diagnostic_is_bounded() {
        // One line of 2 MB, followed by 20,000 lines: scanning either for each place of each diagnostic would read 10 GB.
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
