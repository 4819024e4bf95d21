use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "environment-name",
    severity: Severity::Error,
    summary: "An environment variable's name is capital letters, digits and underscores.",
    explanation: "`env` holds the names of variables, never their values. A name such as `acme_key` is legal in some shells and unusual in all; a key that was pasted here by mistake is caught by the same rule.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_name_that_is_none() {
        assert_eq!(
            check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", "acme_key"))]),
            ["environment-name providers/acme.yaml:8:11"]
        );
        assert!(check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", "_ACME_2"))]).is_empty());
    }
}
