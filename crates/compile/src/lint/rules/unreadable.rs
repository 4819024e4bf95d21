use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "unreadable",
    severity: Severity::Error,
    summary: "Every file of the catalog can be read.",
    explanation: "The file or folder could not be opened: it does not exist, may not be read, or is larger than any catalog file has reason to be.",
    check: None,
};
