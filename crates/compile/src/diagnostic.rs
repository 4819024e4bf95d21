//! What is wrong, where, why, and what to do.

use std::fmt;

/// One thing that is wrong with a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable kebab-case name of the rule that was broken; `modeldex explain CODE` tells it at length.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What stands at the place, in a few words; may be empty.
    pub label: String,
    /// Other places that matter: the rule that forbids it, the other of two.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

/// Another place that matters to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What it has to do with it.
    pub message: String,
}

/// A stretch of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file, as a place in [`Sources`].
    pub file: usize,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Needs a decision, but does not fail a check.
    Notice,
    /// The catalog compiles, but something should be looked at.
    Warning,
    /// The catalog does not compile.
    Error,
}

/// The files of a catalog, as they may be shown: what looks like a secret is masked.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One file of a catalog.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path as it is shown, with forward slashes.
    pub path: String,
    /// Its text as it may be shown. Masking keeps every byte offset.
    pub text: String,
}

/// A place in a file as people count: lines and characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Severity {
    /// `error`, `warning` or `notice`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Sources {
    /// Adds a file and returns its place.
    pub fn add(&mut self, path: String, text: String) -> usize {
        self.files.push(SourceFile { path, text });
        self.files.len() - 1
    }

    /// The file at a place; an empty one where there is none.
    #[must_use]
    pub fn get(&self, file: usize) -> &SourceFile {
        static NONE: SourceFile = SourceFile { path: String::new(), text: String::new() };
        self.files.get(file).unwrap_or(&NONE)
    }

    /// All files in order.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Where a span begins and ends, as people count. The end is the position after the last character.
    #[must_use]
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let text = &self.get(span.file).text;
        (position(text, span.start), position(text, span.end.max(span.start)))
    }
}

fn position(text: &str, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position { line: before.bytes().filter(|byte| *byte == b'\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// Whether any of `diagnostics` is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), "name: é\nünit: x\n".into());
        let start = sources.get(file).text.find('x').unwrap();
        let (from, to) = sources.positions(Span { file, start, end: start + 1 });
        assert_eq!(from, Position { line: 2, column: 7 });
        assert_eq!(to, Position { line: 2, column: 8 });
        assert_eq!(sources.positions(Span { file, start: 999, end: 0 }).0, Position { line: 3, column: 1 });
    }
}
