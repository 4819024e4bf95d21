use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "missing-key",
    severity: Severity::Error,
    summary: "Keys that an entry cannot do without are there.",
    explanation: "An entry lacks a key that it needs, such as a model's `id` or an endpoint's `base_url`. The position is the entry.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_key_that_is_not_there() {
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - name: A\n"))]), ["missing-key providers/acme.yaml:10:5"]);
        assert_eq!(check(&[("models/acme.yaml", "models: []\n")]), ["missing-key models/acme.yaml:2:1"]);
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n"))]).is_empty());
    }
}
