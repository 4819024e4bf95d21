use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-date",
    severity: Severity::Error,
    summary: "A date is one that existed.",
    explanation: "Dates are YYYY, YYYY-MM or YYYY-MM-DD, as precise as their source. Moments are YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. Hours are HH:MM, and their zone is `UTC` or a distance such as `+08:00`. The 30th of February is none of these.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_day_that_never_was() {
        assert_eq!(
            check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    release_date: 2025-02-30\n"))]),
            ["invalid-date providers/acme.yaml:11:19"]
        );
        assert_eq!(
            check(&[(
                "providers/acme.yaml",
                &format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: 1}}\n      - {{from: 2025-02, input: 2}}\n")
            )]),
            ["invalid-date providers/acme.yaml:13:16"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a\n    release_date: 2025\n"))]).is_empty());
    }
}
