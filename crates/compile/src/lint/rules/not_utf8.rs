use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "not-utf8",
    severity: Severity::Error,
    summary: "A file is UTF-8 text.",
    explanation: "The file holds bytes that are no UTF-8 character. Save it as UTF-8. The position is the first such byte.",
    check: None,
};
