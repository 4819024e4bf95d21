//! The SARIF output of `render` is valid by the schema of the standard (`data/README.md` names its source).

use modeldex_compile::codes::RULES;
use modeldex_compile::diagnostic::{Diagnostic, Label, Severity, SourceFiles, Span};
use modeldex_compile::render::{Format, render};
use serde_json::Value;

#[test]
fn sarif_output_is_valid() {
    let mut schema: Value = serde_json::from_str(include_str!("../data/sarif-2.1.0.schema.json")).unwrap();
    // These patterns have a stray bracket, which strict regular expression parsers reject. The output has no `language`.
    for definition in ["run", "toolComponent"] {
        schema["definitions"][definition]["properties"]["language"].as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors =
        |log: &Value| -> Vec<String> { validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect() };

    let mut sources = SourceFiles::default();
    let files = ["catalog/providers/a.yaml", "/srv/é b%.yaml", "C:/c.yaml", "../d:1.yaml", "e?#[].yaml"]
        .map(|path| sources.add(path.into(), "name: é\r\nmodels:\r\n  - id: x".into()));
    let spans = [(0, 4), (6, 7), (4, 2), (10, 99), (99, 100)];
    let mut diagnostics = Vec::new();
    for code in RULES.iter().map(|rule| rule.code).chain(["not-in-the-rules"]) {
        // The last file does not exist.
        for file in files.into_iter().chain([files.len()]) {
            for (start, end) in spans {
                let span = Span { file, start, end };
                diagnostics.push(Diagnostic {
                    code,
                    severity: if start == 0 { Severity::Error } else { Severity::Warning },
                    message: "wrong: \u{1b}\u{9b} {0} [link](1)".into(),
                    span,
                    label: String::new(),
                    labels: vec![Label { span: Span { file: 0, ..span }, message: "rule".into() }; start / 5],
                    help: (start == 4).then(|| "right it".into()),
                });
            }
        }
    }
    for diagnostics in [diagnostics.as_slice(), &[]] {
        let log: Value = serde_json::from_str(&render(diagnostics, &sources, Format::Sarif, false)).unwrap();
        assert_eq!(errors(&log), Vec::<String>::new());
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), diagnostics.len());
    }

    // The schema rejects invalid output, including invalid formats.
    let mut log: Value = serde_json::from_str(&render(&diagnostics, &sources, Format::Sarif, false)).unwrap();
    let place = &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    place["region"]["startLine"] = 0.into();
    place["artifactLocation"]["uri"] = "a b".into();
    assert_eq!(errors(&log).len(), 2);
}
