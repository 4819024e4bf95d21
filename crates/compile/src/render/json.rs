//! Renders diagnostics as a JSON array of objects, for programs.

use serde_json::{Value, json};

use super::{LineTables, pretty};
use crate::diagnostic::Diagnostic;

pub(super) fn render(diagnostics: &[Diagnostic], places: &LineTables<'_>) -> String {
    pretty(&diagnostics.iter().map(|diagnostic| object(diagnostic, places)).collect())
}

fn object(diagnostic: &Diagnostic, places: &LineTables<'_>) -> Value {
    let place = places.position_of(diagnostic.span);
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let place = places.position_of(label.span);
            json!({ "file": place.path, "line": place.start.line, "column": place.start.column, "message": label.message })
        })
        .collect();
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "file": place.path,
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
        "labels": labels,
        "help": diagnostic.help,
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Diagnostic, Label, Severity, SourceFiles, Span};
    use crate::render::{Format, render};

    #[test]
    fn fields_are_stable() {
        let mut sources = SourceFiles::default();
        let a = sources.add("a.yaml".into(), "é: x\nb: y\n".into());
        let b = sources.add("b.yaml".into(), "c: z\n".into());
        let mut diagnostic = Diagnostic {
            code: "unknown-key",
            severity: Severity::Error,
            message: "unknown key \"é\u{9b}\"".into(),
            span: Span { file: a, start: 4, end: 7 },
            label: "left out".into(),
            labels: vec![Label { span: Span { file: b, start: 3, end: 4 }, message: "rule".into() }],
            help: Some("remove it".into()),
        };
        let expected = r#"[
  {
    "code": "unknown-key",
    "severity": "error",
    "message": "unknown key \"é\u009b\"",
    "file": "a.yaml",
    "line": 1,
    "column": 4,
    "end_line": 2,
    "end_column": 2,
    "labels": [
      {
        "file": "b.yaml",
        "line": 1,
        "column": 4,
        "message": "rule"
      }
    ],
    "help": "remove it"
  }
]
"#;
        assert_eq!(render(&[diagnostic.clone()], &sources, Format::Json, true), expected);
        diagnostic.help = None;
        diagnostic.labels.clear();
        assert!(render(&[diagnostic], &sources, Format::Json, false).contains("\"labels\": [],\n    \"help\": null\n"));
        assert_eq!(render(&[], &sources, Format::Json, false), "[]\n");
    }
}
