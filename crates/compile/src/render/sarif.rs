//! Renders diagnostics as SARIF 2.1.0, for code scanning and editors.
//!
//! The log is built with `json!`, so that the code resembles the output and serialization cannot fail. Structs for the dozen SARIF objects would
//! only repeat the structure of the output.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{LineTables, SpanPosition, pretty};
use crate::codes::Rule;
use crate::diagnostic::{Diagnostic, Severity, Span};

pub(super) fn render(diagnostics: &[Diagnostic], places: &LineTables<'_>, rules: &[&Rule]) -> String {
    let broken: Vec<&Rule> =
        rules.iter().copied().filter(|rule| diagnostics.iter().any(|diagnostic| diagnostic.code == rule.code)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "modeldex",
                    "version": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": broken.iter().copied().map(descriptor).collect::<Value>(),
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|diagnostic| result(diagnostic, &broken, places)).collect::<Value>(),
        }],
    });
    pretty(&log)
}

fn descriptor(rule: &Rule) -> Value {
    // Code scanning limits the full description to 1,000 characters, but does not limit the help.
    let paragraph = rule.explanation.split("\n\n").next().unwrap_or_default();
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": paragraph },
        "help": { "text": rule.explanation, "markdown": rule.explanation },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "note",
        other => other.as_str(),
    }
}

fn result(diagnostic: &Diagnostic, rules: &[&Rule], places: &LineTables<'_>) -> Value {
    let mut text = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": physical(diagnostic.span, places).map(|physical| json!({ "physicalLocation": physical })).into_iter().collect::<Value>(),
    });
    if let Some(index) = rules.iter().position(|rule| rule.code == diagnostic.code) {
        result["ruleIndex"] = json!(index);
    }
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .enumerate()
        .filter_map(|(id, label)| {
            let physical = physical(label.span, places)?;
            // SARIF requires unique related locations. The id distinguishes equal labels at the same place.
            Some(json!({ "id": id, "physicalLocation": physical, "message": { "text": label.message } }))
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

/// Returns the SARIF physical location of a span. Returns `None` if the file of the span does not exist.
fn physical(span: Span, places: &LineTables<'_>) -> Option<Value> {
    let SpanPosition { path, start, end } = places.position_of(span);
    (!path.is_empty()).then(|| {
        json!({
            "artifactLocation": { "uri": uri(path) },
            "region": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
        })
    })
}

/// Converts a path to a URI. A relative path stays relative, so that tools resolve it against the repository root; an absolute path becomes a file
/// URI.
fn uri(path: &str) -> String {
    let (drive, rest) = match path.as_bytes() {
        [letter, b':', b'/', ..] if letter.is_ascii_alphabetic() => path.split_at(2),
        _ => ("", path),
    };
    let mut uri = match (drive, rest.starts_with('/')) {
        ("", false) => String::new(),
        ("", true) => "file://".to_owned(),
        _ => format!("file:///{drive}"),
    };
    for byte in rest.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;
    use crate::codes::RULES;
    use crate::diagnostic::{Diagnostic, Label, Severity, SourceFiles, Span};
    use crate::render::{Format, render};

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("catalog/providers/a.yaml"), "catalog/providers/a.yaml");
        assert_eq!(uri("../é b#c?d%.yaml"), "../%C3%A9%20b%23c%3Fd%25.yaml");
        assert_eq!(uri("a:b.yaml"), "a%3Ab.yaml");
        assert_eq!(uri("/srv/a b.yaml"), "file:///srv/a%20b.yaml");
        assert_eq!(uri("C:/a/b.yaml"), "file:///C:/a/b.yaml");
    }

    #[test]
    fn results_name_rules_and_places() {
        let mut sources = SourceFiles::default();
        let a = sources.add("a.yaml".into(), "é: x\nb: y\n".into());
        let rule = RULES.last().unwrap();
        let diagnostic = Diagnostic {
            code: rule.code,
            severity: Severity::Warning,
            message: "wrong".into(),
            span: Span { file: a, start: 4, end: 7 },
            label: String::new(),
            labels: vec![
                Label { span: Span { file: a, start: 0, end: 2 }, message: "rule".into() },
                Label { span: Span { file: 9, start: 0, end: 2 }, message: "nowhere".into() },
            ],
            help: Some("right it".into()),
        };
        let unknown = Diagnostic { code: "not-in-the-rules", span: Span { file: 9, start: 0, end: 0 }, ..diagnostic.clone() };
        let log: serde_json::Value =
            serde_json::from_str(&render(&[diagnostic.clone(), diagnostic, unknown], &sources, Format::Sarif, false)).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], rule.code);
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let expected = serde_json::json!({
            "ruleId": rule.code,
            "level": "warning",
            "message": { "text": "wrong\nhelp: right it" },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": "a.yaml" },
                    "region": { "startLine": 1, "startColumn": 4, "endLine": 2, "endColumn": 2 },
                },
            }],
            "ruleIndex": 0,
            "relatedLocations": [{
                "id": 0,
                "physicalLocation": {
                    "artifactLocation": { "uri": "a.yaml" },
                    "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2 },
                },
                "message": { "text": "rule" },
            }],
        });
        assert_eq!(run["results"][0], expected);
        assert_eq!(run["results"][1], expected);
        assert_eq!(run["results"][2].get("ruleIndex"), None);
        assert_eq!(run["results"][2]["locations"], serde_json::json!([]));
    }
}
