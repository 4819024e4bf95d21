//! Renders diagnostics as GitHub workflow commands, which GitHub shows as annotations in a pull request.

use std::fmt::Write as _;

use super::{LineTables, SpanPosition, printable};
use crate::diagnostic::Diagnostic;

pub(super) fn render(diagnostics: &[Diagnostic], places: &LineTables<'_>) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let _ = command(&mut out, diagnostic, places);
    }
    out
}

/// Writes one line. Writing to a string cannot fail.
fn command(out: &mut String, diagnostic: &Diagnostic, places: &LineTables<'_>) -> std::fmt::Result {
    let SpanPosition { path, start, end } = places.position_of(diagnostic.span);
    write!(out, "::{severity} ", severity = diagnostic.severity)?;
    if !path.is_empty() {
        write!(out, "file={path},line={line}", path = property(path), line = start.line)?;
        // GitHub ignores the columns of an annotation over several lines, so they are left out.
        if start.line == end.line {
            let (column, end_line, end_column) = (start.column, end.line, end.column);
            write!(out, ",col={column},endLine={end_line},endColumn={end_column},")?;
        } else {
            write!(out, ",endLine={end_line},", end_line = end.line)?;
        }
    }
    let (code, message) = (property(diagnostic.code), data(&printable(&diagnostic.message)));
    write!(out, "title={code}::{message}")?;
    if let Some(help) = &diagnostic.help {
        write!(out, "%0Ahelp: {help}", help = data(&printable(help)))?;
    }
    writeln!(out)
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Diagnostic, Severity, SourceFiles, Span};
    use crate::render::{Format, render};

    #[test]
    fn commands_are_escaped() {
        let mut sources = SourceFiles::default();
        let file = sources.add("a,b:c%.yaml".into(), "é: x\nb: y\n".into());
        let mut diagnostic = Diagnostic {
            code: "unknown-key",
            severity: Severity::Error,
            message: "unknown: 100%,\n::error::not a command".into(),
            span: Span { file, start: 4, end: 5 },
            label: "left out".into(),
            labels: vec![],
            help: Some("remove it".into()),
        };
        let many = Diagnostic {
            severity: Severity::Warning,
            message: "wrong".into(),
            span: Span { file, start: 4, end: 7 },
            help: None,
            ..diagnostic.clone()
        };
        let expected = "\
::error file=a%2Cb%3Ac%25.yaml,line=1,col=4,endLine=1,endColumn=5,title=unknown-key::unknown: 100%25,%0A::error::not a command%0Ahelp: remove it
::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=unknown-key::wrong
";
        assert_eq!(render(&[diagnostic.clone(), many], &sources, Format::Github, false), expected);
        diagnostic.span.file = 9;
        assert!(render(&[diagnostic], &sources, Format::Github, false).starts_with("::error title=unknown-key::unknown: "));
        assert_eq!(render(&[], &sources, Format::Github, false), "");
    }
}
