use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "duplicate-key",
    severity: Severity::Error,
    summary: "A key stands once in its mapping.",
    explanation: "The same key was written twice, and YAML readers differ in which of the two they keep. Both places are shown; remove one.",
    check: None,
};
