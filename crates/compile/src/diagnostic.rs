//! Diagnostics, which report the problems of a catalog, and the source files to which diagnostics refer.

use std::fmt;

/// A problem in a catalog: what is wrong, where it is and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable kebab-case code of the violated rule; `modeldex explain CODE` explains it.
    pub code: &'static str,
    /// The severity of the violation.
    pub severity: Severity,
    /// The problem, as one sentence without a full stop.
    pub message: String,
    /// The byte range of the text to which the diagnostic refers.
    pub span: Span,
    /// A short description of the text at `span`; may be empty.
    pub label: String,
    /// Related places, such as the first of two definitions with the same id.
    pub labels: Vec<Label>,
    /// How to fix the problem; `None` if no fix is known.
    pub help: Option<String>,
}

/// A place that is related to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The byte range of the related text.
    pub span: Span,
    /// How the text is related to the diagnostic; may be empty.
    pub message: String,
}

/// A byte range in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The index of the file in [`SourceFiles`].
    pub file: usize,
    /// The offset of the first byte.
    pub start: usize,
    /// The offset of the byte after the last byte.
    pub end: usize,
}

/// The severity of a diagnostic. A notice is less than a warning, and a warning is less than an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The problem needs a decision, but does not make a check fail.
    Notice,
    /// The catalog compiles, but the problem should be reviewed.
    Warning,
    /// The catalog does not compile.
    Error,
}

/// The files of a catalog. Secrets in their texts are masked, so that reports can quote the texts.
#[derive(Clone, Debug, Default)]
pub struct SourceFiles {
    files: Vec<SourceFile>,
}

/// One file of a catalog.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path of the file as reports show it, with forward slashes.
    pub path: String,
    /// The text of the file with masked secrets. Masking preserves byte offsets.
    pub text: String,
}

/// A position in a file, as one-based line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, beginning at 1.
    pub line: usize,
    /// The column in characters, beginning at 1.
    pub column: usize,
}

impl Severity {
    /// Returns `error`, `warning` or `notice`.
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

impl SourceFiles {
    /// Adds a file and returns its index. Secrets in `text` must be masked.
    pub fn add(&mut self, path: String, text: String) -> usize {
        self.files.push(SourceFile { path, text });
        self.files.len() - 1
    }

    /// Returns the file with the index `file`, or an empty file if there is no such index.
    #[must_use]
    pub fn get(&self, file: usize) -> &SourceFile {
        static NONE: SourceFile = SourceFile { path: String::new(), text: String::new() };
        self.files.get(file).unwrap_or(&NONE)
    }

    /// Returns all files, in the order of their indices.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Returns two positions: that of the first character of a span, and that after its last character.
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

/// Returns whether any of `diagnostics` is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut files = SourceFiles::default();
        let file = files.add("a.yaml".into(), "name: é\nünit: x\n".into());
        let start = files.get(file).text.find('x').unwrap();
        let (from, to) = files.positions(Span { file, start, end: start + 1 });
        assert_eq!(from, Position { line: 2, column: 7 });
        assert_eq!(to, Position { line: 2, column: 8 });
        assert_eq!(files.positions(Span { file, start: 999, end: 0 }).0, Position { line: 3, column: 1 });
    }
}
