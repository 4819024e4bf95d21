use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-rate",
    severity: Severity::Error,
    summary: "A rate is a decimal number from 0 to under a billion, with at most six decimals.",
    explanation: "Rates are kept as whole micro-units of their currency per million tokens, so that sums are exact. A seventh decimal would be lost; round it yourself and say so in a comment, or check whether the rate was meant per token rather than per million.",
    check: None,
};
