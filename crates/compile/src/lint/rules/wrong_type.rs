use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "wrong-type",
    severity: Severity::Error,
    summary: "A value has the type that its key asks for.",
    explanation: "A text stands where a number is wanted, a single value where a list is, and so on. YAML reads `1.0` as a number and `no` as a text here; put quotes around a text that looks like a number, and write numbers as digits alone, without `_` or `,`.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_value_of_another_type() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    context_window: 1k\n"))]),
            ["wrong-type providers/acme.yaml:11:21"]
        );
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}models: none\n"))]), ["wrong-type providers/acme.yaml:9:9"]);
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: no\n    context_window: 1000\n"))]).is_empty());
    }
}
