use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "unknown-currency",
    severity: Severity::Error,
    summary: "A currency is one that the catalog knows.",
    explanation: "Rates are kept in the currency in which they are published, never converted. The currencies are ISO 4217 codes in capitals; a new one is added to the vocabulary in `crates/table`.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_currency_that_is_not_known() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{currency: RMB, input: 1}}\n"))]),
            ["unknown-currency providers/acme.yaml:12:20"]
        );
        assert!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{currency: CNY, input: 1}}\n"))])
                .is_empty()
        );
    }
}
