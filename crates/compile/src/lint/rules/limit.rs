use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "limit",
    severity: Severity::Error,
    summary: "A limit is at least one token and fits 32 bits.",
    explanation: "Context windows and maximum outputs are counts of tokens. Zero in other catalogs mostly means that nobody knew; here an unknown limit is left out.",
    check: None,
};
