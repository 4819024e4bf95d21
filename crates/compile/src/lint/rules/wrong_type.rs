use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "wrong-type",
    severity: Severity::Error,
    summary: "A value has the type that its key asks for.",
    explanation: "A text stands where a number is wanted, a single value where a list is, and so on. YAML reads `1.0` as a number and `no` as a text here; put quotes around a text that looks like a number, and write numbers as digits alone, without `_` or `,`.",
    check: None,
};
