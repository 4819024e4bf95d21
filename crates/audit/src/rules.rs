//! Audit rules: code, summary and explanation of each kind of finding.

use modeldex_compile::codes::Rule;
use modeldex_compile::diagnostic::Severity;

/// Returns the audit rule with this code.
#[must_use]
pub fn audit_rule(code: &str) -> Option<&'static Rule> {
    AUDIT_RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(pub(crate) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// All audit rules, sorted by code.
        pub static AUDIT_RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    DEPRECATED_MODEL: "deprecated-model", Warning,
        "Named models are not deprecated.",
        "The provider has deprecated the model. It still works, but a retirement date is set or to be expected.\n\nReplace it with the successor, if the catalog has one.";
    LEGACY_REFERENCE: "legacy-reference", Error,
        "References do not use legacy ids.",
        "The id is a legacy alias: the catalog keeps it to resolve old configurations, but the provider rejects requests with it because the id no longer works. Replace it with the id in the help.";
    LIMIT_ABOVE: "limit-above", Error,
        "A configured limit does not exceed the model's limit.",
        "The entry of a model has a context window or a number of output tokens that exceeds the limit of every provider of the model. Requests that use it fail.\n\nReplace it with the number in the help. A difference of 1000 and 1024 is not reported.";
    OTHER_BASE_URL: "other-base-url", Error,
        "The base URL of a provider's entry belongs to that provider.",
        "The entry names one provider, and its base URL belongs to another provider or region. API keys of one are rejected by the other.\n\nReplace the base URL with the one in the help, or name the provider that the URL belongs to.";
    OTHER_KEY_VARIABLE: "other-key-variable", Warning,
        "The API key variable of a provider's entry does not belong to another provider.",
        "The entry names one provider, and its API key variable belongs to another provider. API keys of one are rejected by the other.\n\nReplace the variable with the one in the help.";
    RETIRED_MODEL: "retired-model", Error,
        "Named models are not retired.",
        "The provider has retired the model, or its retirement date has passed. An id without a provider is only reported if every provider of the model has retired it.\n\nReplace it with the successor, if the catalog has one.";
    UNKNOWN_BASE_URL: "unknown-base-url", Warning,
        "A base URL at a provider's host is in the catalog.",
        "The host is in the catalog, but no base URL in the catalog is a prefix of this URL: requests return 404, or reach another API of the same provider.\n\nReplace it with the base URL in the help.";
    UNKNOWN_KEY_VARIABLE: "unknown-key-variable", Warning,
        "The API key variable of a provider's entry is spelled correctly.",
        "The entry names one provider, and the name of its API key variable is a misspelling of the provider's variable, so it is empty where the right one is set.\n\nReplace the variable with the one in the help.";
    UNKNOWN_REFERENCE: "unknown-reference", Error,
        "References name models of the provider.",
        "A value is a reference `provider/id` to a provider of the catalog that has no model with this id. Requests with it fail at run time.\n\nOnly unambiguous references are checked: the complete text in quotes or after a key, not a path or package, with an id similar to those of the provider. Replace it with the id in the help. If the model is newer than the catalog, add it with an overlay (`--overlay`), or write `modeldex-ignore: unknown-reference` on the line.";
    WINDOW_BELOW: "window-below", Warning,
        "A configured context window is not below the model's.",
        "A context window that is too small works, but conversations are truncated or summarized earlier than necessary. Often the number is from an earlier model.\n\nReplace it with the number in the help, or write `modeldex-ignore: window-below` on the line if the smaller window is intended.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_distinct_from_catalog_codes() {
        assert!(AUDIT_RULES.is_sorted_by(|one, other| one.code < other.code));
        for rule in AUDIT_RULES {
            assert!(modeldex_compile::codes::rule(rule.code).is_none(), "{}", rule.code);
            assert!(!rule.summary.is_empty() && rule.explanation.len() > rule.summary.len(), "{} needs an explanation", rule.code);
        }
    }
}
