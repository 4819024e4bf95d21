use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "limit",
    severity: Severity::Error,
    summary: "A limit is at least one token and fits 32 bits.",
    explanation: "Context windows and maximum outputs are counts of tokens. Zero in other catalogs mostly means that nobody knew; here an unknown limit is left out.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_limit_that_is_none() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - {{id: a, context_window: 0}}\n"))]),
            ["limit providers/acme.yaml:10:29"]
        );
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - {{id: a, max_output_tokens: -5}}\n"))]),
            ["limit providers/acme.yaml:10:32"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - {{id: a, context_window: 4294967295}}\n"))]).is_empty());
    }
}
