use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "unknown-currency",
    severity: Severity::Error,
    summary: "A currency is one that the catalog knows.",
    explanation: "Rates are kept in the currency in which they are published, never converted. The currencies are ISO 4217 codes in capitals; a new one is added to the vocabulary in `crates/table`.",
    check: None,
};
