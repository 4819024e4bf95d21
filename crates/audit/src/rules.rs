//! Audit rules: the code, severity, summary and explanation of each kind of finding.

use modeldex_compile::codes::Rule;
use modeldex_compile::diagnostic::Severity;

/// Returns the audit rule with the code `code`. Returns `None` if there is no such rule.
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
        "A model that the repository uses must not be deprecated.",
        "The provider has deprecated the model. Requests to the model still work, but the provider has announced a retirement date, or will probably announce a retirement date.\n\nReplace the model with its successor, if the catalog has one.";
    LEGACY_REFERENCE: "legacy-reference", Error,
        "The repository must not use legacy ids of models.",
        "The id is a legacy alias. The provider rejects requests with this id. The catalog keeps the alias only to recognize the model in old configurations. Replace the id with the id in the help.";
    LIMIT_ABOVE: "limit-above", Error,
        "A configured token limit must not be higher than the limit of the model.",
        "An entry of the scanned file names a model, and sets a context window or a number of output tokens. The number exceeds the limit of the model at every provider, so requests with this number fail.\n\nReplace the number with the number in the help. Some people count 1,024 tokens as a thousand. Such numbers are accepted: for a limit of 128000, the number 131072 (128 × 1,024) is not reported.";
    OTHER_BASE_URL: "other-base-url", Error,
        "The base URL in the entry of a provider must belong to this provider.",
        "The entry names one provider, but the base URL in the entry belongs to a second provider. Or the base URL belongs to a second region, which has its own API keys. The server at the base URL rejects API keys of the named provider.\n\nReplace the base URL with the base URL in the help, or name the provider to which the base URL belongs.";
    OTHER_KEY_VARIABLE: "other-key-variable", Warning,
        "The API key variable in the entry of a provider must not belong to another provider.",
        "The entry names one provider, but the API key variable in the entry belongs to a second provider. The named provider rejects API keys of the second provider.\n\nReplace the variable with the variable in the help.";
    RETIRED_MODEL: "retired-model", Error,
        "A model that the repository uses must not be retired.",
        "The provider has retired the model, or the model's retirement date has passed. An id without a provider is reported only if every provider of the model has retired the model.\n\nReplace the model with its successor, if the catalog has one.";
    UNKNOWN_BASE_URL: "unknown-base-url", Warning,
        "A URL must begin with a base URL of the catalog, if the catalog has a base URL with the same host.",
        "The catalog has base URLs with the host of this URL, but the URL begins with none of these base URLs. Requests to the URL return status 404, or reach the wrong API of the provider.\n\nReplace the URL with the base URL in the help.";
    UNKNOWN_KEY_VARIABLE: "unknown-key-variable", Warning,
        "The API key variable in the entry of a provider must be spelled correctly.",
        "The entry names a provider, but the API key variable in the entry is a misspelling of the provider's variable. Users set the correct variable. A program that reads the misspelled variable therefore finds no API key.\n\nReplace the variable with the variable in the help.";
    UNKNOWN_REFERENCE: "unknown-reference", Error,
        "A reference `provider/model` must name a model of the catalog.",
        "The text is a reference `provider/model`. The catalog has the provider, but the provider has no model with this id. Requests for the model fail at run time.\n\nOnly unambiguous references are checked. A reference is unambiguous if it meets these conditions:\n\n- The reference is an entire quoted string, or the entire value of a key in the file.\n- The reference is not a path, and not the name of a package.\n- The id in the reference is similar to the ids of the provider's models.\n\nReplace the reference with the reference in the help. If the model is newer than the catalog, add the model with an overlay (`--overlay`), or write `modeldex-ignore: unknown-reference` on the line.";
    WINDOW_BELOW: "window-below", Warning,
        "A configured context window must not be smaller than the context window of the model.",
        "With a context window that is too small, requests work, but conversations are truncated or summarized earlier than necessary. Often the number is the context window of an earlier model.\n\nReplace the number with the number in the help, or write `modeldex-ignore: window-below` on the line if the smaller window is intended.";
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
