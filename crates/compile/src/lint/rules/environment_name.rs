use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "environment-name",
    severity: Severity::Error,
    summary: "An environment variable's name is capital letters, digits and underscores.",
    explanation: "`env` holds the names of variables, never their values. A name such as `acme_key` is legal in some shells and unusual in all; a key that was pasted here by mistake is caught by the same rule.",
    check: None,
};
