use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "missing-key",
    severity: Severity::Error,
    summary: "Keys that an entry cannot do without are there.",
    explanation: "An entry lacks a key that it needs, such as a model's `id` or an endpoint's `base_url`. The position is the entry.",
    check: None,
};
