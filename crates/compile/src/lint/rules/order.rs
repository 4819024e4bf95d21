use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "order",
    severity: Severity::Warning,
    summary: "Keys and entries stand in order.",
    explanation: "Keys stand in the order of the schema, models and aliases in the order of their ids, so that a diff shows what changed and nothing else. Endpoints, authentication and prices keep the order they were written in: it means something. `modeldex check --fix` puts the rest in order and keeps comments.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn keys_and_entries_out_of_order() {
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}kind: lab\n"))]), ["order providers/acme.yaml:9:1"]);
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: b\n  - id: a\n"))]),
            ["order providers/acme.yaml:11:9"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n  - id: b\n"))]).is_empty());
    }
}
