use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "file-id",
    severity: Severity::Error,
    summary: "A file's name is a legal id.",
    explanation: "The name of a file under `providers/` or `models/` is the first half of references that people type and URLs carry: lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit, 64 characters at most.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_name_that_is_no_id() {
        assert_eq!(check(&[("providers/Acme Inc.yaml", ACME)]), ["file-id providers/Acme Inc.yaml:2:1"]);
        assert!(check(&[("providers/acme-2.0.yaml", ACME)]).is_empty());
    }
}
