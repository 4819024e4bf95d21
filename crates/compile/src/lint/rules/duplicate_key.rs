use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "duplicate-key",
    severity: Severity::Error,
    summary: "A key stands once in its mapping.",
    explanation: "The same key was written twice, and YAML readers differ in which of the two they keep. Both places are shown; remove one.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn the_same_key_twice() {
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}name: Again\n"))]), ["duplicate-key providers/acme.yaml:9:1"]);
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - {{id: a, id: b}}\n"))]),
            ["duplicate-key providers/acme.yaml:10:13"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - {{id: a}}\n  - {{id: b}}\n"))]).is_empty());
    }
}
