use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-rate",
    severity: Severity::Error,
    summary: "A rate is a decimal number from 0 to under a billion, with at most six decimals.",
    explanation: "Rates are kept as whole micro-units of their currency per million tokens, so that sums are exact. A seventh decimal would be lost; round it yourself and say so in a comment, or check whether the rate was meant per token rather than per million.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_rate_that_cannot_be_kept() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: -1}}\n"))]),
            ["invalid-rate providers/acme.yaml:12:17"]
        );
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: 0.0000001}}\n"))]),
            ["invalid-rate providers/acme.yaml:12:17"]
        );
        assert!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: 0.000001}}\n"))]).is_empty()
        );
    }
}
