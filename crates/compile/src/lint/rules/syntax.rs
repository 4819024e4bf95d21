use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "syntax",
    severity: Severity::Error,
    summary: "A file is one YAML document.",
    explanation: "The file could not be read as YAML, or holds more than one document. The position is where the parser gave up, which is often just after the mistake: look for a missing colon, a quote that is not closed, or a line that is indented with tabs or by the wrong number of spaces.",
    check: None,
};
