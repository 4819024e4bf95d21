use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-value",
    severity: Severity::Error,
    summary: "A value is one that its key allows.",
    explanation: "The value has the right type but is not one of the words for it, is empty, too long, or does not have the shape that the key asks for. The help lists what is allowed.",
    check: None,
};
