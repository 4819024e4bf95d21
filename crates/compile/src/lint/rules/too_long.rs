use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "too-long",
    severity: Severity::Error,
    summary: "Texts and lists stay within what a row can hold.",
    explanation: "A text of more than 65,535 bytes, or a list of more than 65,535 entries, stands in the file. Nothing in a catalog is so long; most likely something else was pasted into it.",
    check: None,
};
