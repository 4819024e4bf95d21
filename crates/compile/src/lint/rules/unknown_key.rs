use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "unknown-key",
    severity: Severity::Error,
    summary: "Every key is one that the schema knows.",
    explanation: "A key that nobody reads is a fact that gets lost, so it is an error rather than ignored. The help names the nearest key that is known, or all of them. `catalog/README.md` has the tables of keys.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_key_that_nobody_reads() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    contxt_window: 1\n"))]),
            ["unknown-key providers/acme.yaml:11:5"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    context_window: 1\n"))]).is_empty());
    }
}
