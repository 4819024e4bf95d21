use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "schema-line",
    severity: Severity::Warning,
    summary: "The first line names the file's schema.",
    explanation: "Editors with a YAML language server read the first line and complete keys, show what they mean and underline mistakes while one types. The help gives the line.",
    check: None,
};
