//! Diagnostics of a compilation, and the source files to which they refer.

use std::fmt;

/// A problem in a catalog file: its description, its position, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code of the violated rule, in kebab case. Codes are stable. `modeldex explain CODE` explains the rule.
    pub code: &'static str,
    /// The severity of the problem.
    pub severity: Severity,
    /// A description of the problem: one sentence without a full stop.
    pub message: String,
    /// The part of a file to which the diagnostic refers.
    pub span: Span,
    /// A short note about the text at `span`. The note may be empty.
    pub label: String,
    /// Related parts of files, such as the first definition of a duplicate id.
    pub labels: Vec<Label>,
    /// How to fix the problem. `None` means that no fix is known.
    pub help: Option<String>,
}

/// A part of a file that is related to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file and byte range of the related part.
    pub span: Span,
    /// How this part is related to the diagnostic, such as `first definition`.
    pub message: String,
}

/// A byte range in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The index of the file in [`SourceFiles`].
    pub file: usize,
    /// The offset of the first byte.
    pub start: usize,
    /// The offset after the last byte.
    pub end: usize,
}

/// The severity of a diagnostic. The variants are in ascending order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A person has to make a decision. A notice does not make `check` fail.
    Notice,
    /// The catalog compiles, but somebody should review the reported part.
    Warning,
    /// The catalog does not compile.
    Error,
}

/// The files of a catalog. Secrets in the texts are masked, so reports can quote the texts.
#[derive(Clone, Debug, Default)]
pub struct SourceFiles {
    files: Vec<SourceFile>,
}

/// One file of a catalog.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path of the file as shown in reports, with forward slashes.
    pub path: String,
    /// The text of the file with secrets masked. Masking does not change byte offsets.
    pub text: String,
}

/// A position in a file: line and column, both beginning at 1.
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
    /// Adds a file and returns its index.
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

    /// Returns two positions: that of the first character of `span`, and that of the first character after `span`.
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

/// Maximum number of diagnostics of one severity that a report lists. A file of a few megabytes can have a million problems. After the listed
/// problems are corrected, the next run lists other problems.
pub const MAX_LISTED: usize = 1_000;

/// Keeps only the first [`MAX_LISTED`] diagnostics of each severity. The order of the diagnostics does not change.
///
/// If diagnostics are left out, one diagnostic is added at the end. It states the number of omitted diagnostics, and has the code and the place of
/// the first omitted diagnostic. `uncollected` has the numbers of notices, warnings and errors that the caller found but did not put into
/// `diagnostics`. These problems count as omitted diagnostics.
#[must_use]
pub fn limited(diagnostics: Vec<Diagnostic>, uncollected: [usize; 3]) -> Vec<Diagnostic> {
    let (mut counts, mut unlisted, mut first) = ([0; 3], uncollected, None);
    let mut listed: Vec<Diagnostic> = Vec::new();
    for diagnostic in diagnostics {
        let severity = diagnostic.severity as usize;
        counts[severity] += 1;
        if counts[severity] <= MAX_LISTED {
            listed.push(diagnostic);
        } else {
            unlisted[severity] += 1;
            first.get_or_insert(diagnostic);
        }
    }
    let last = first.or_else(|| listed.last().cloned()).and_then(|first| unlisted_summary(first, unlisted));
    listed.extend(last);
    listed
}

/// Returns a diagnostic that states how many diagnostics a report does not list. `counts` has the numbers of these notices, warnings and errors. The
/// result has the code and the place of `first`. Returns `None` if the report lists all diagnostics.
pub(crate) fn unlisted_summary(first: Diagnostic, counts: [usize; 3]) -> Option<Diagnostic> {
    let severities = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Notice, "notice")];
    let counted = severities.into_iter().filter_map(|(severity, noun)| match counts[severity as usize] {
        0 => None,
        1 => Some((severity, format!("1 {noun}"))),
        count => Some((severity, format!("{count} {noun}s"))),
    });
    let (severities, texts): (Vec<Severity>, Vec<String>) = counted.unzip();
    Some(Diagnostic {
        severity: severities.first().copied()?,
        message: format!("not listed in this report: {more}", more = texts.join(", ")),
        label: "the first unlisted problem is here".to_owned(),
        labels: Vec::new(),
        help: Some("correct the listed problems, then run the command again to see the other problems".to_owned()),
        ..first
    })
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
    fn a_report_lists_a_limited_number_of_diagnostics() {
        let diagnostic = |severity, start| Diagnostic {
            code: "x",
            severity,
            message: "m".into(),
            span: Span { file: 0, start, end: start },
            label: String::new(),
            labels: Vec::new(),
            help: None,
        };
        let of =
            |count: usize| (0..count).map(|at| diagnostic(if at % 2 == 0 { Severity::Error } else { Severity::Warning }, at)).collect();
        assert_eq!(limited(of(2 * MAX_LISTED), [0; 3]).len(), 2 * MAX_LISTED);
        let cut = limited(of(2 * MAX_LISTED + 3), [1, 0, 0]);
        assert_eq!(cut.len(), 2 * MAX_LISTED + 1);
        let last = cut.last().unwrap();
        assert_eq!(last.message, "not listed in this report: 2 errors, 1 warning, 1 notice");
        assert_eq!((last.severity, last.span.start, last.code), (Severity::Error, 2 * MAX_LISTED, "x"));
    }

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
