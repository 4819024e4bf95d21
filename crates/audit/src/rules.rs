//! What is found, by code: what each means, and what mends it.

use modeldex_compile::codes::Rule;
use modeldex_compile::diagnostic::Severity;

/// The kind of finding with this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $summary:literal, $explanation:literal;)+) => {
        $(pub(crate) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, summary: $summary, explanation: $explanation };)+

        /// Every kind of finding, by code.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    DEPRECATED_MODEL: "deprecated-model", Warning,
        "A model that is named is not about to go.",
        "The provider advises to leave the model. It still answers, but a day on which it stops is set or to be expected.\n\nWrite the successor, where the catalog names one.";
    LEGACY_REFERENCE: "legacy-reference", Error,
        "A reference does not use an id that no longer works.",
        "The catalog keeps ids that are dead on the wire, so that old configurations can be understood. New requests with them fail. Write the id that the help names.";
    LIMIT_ABOVE: "limit-above", Error,
        "A limit beside a model is not above the model's own.",
        "A context window or a number of output tokens stands in the same entry as a model, and is more than any provider of that model gives. Requests that rely on it fail.\n\nWrite the number that the help names. What differs only as 1000 and 1024 do is let pass.";
    OTHER_BASE_URL: "other-base-url", Error,
        "A base URL beside a provider is that provider's.",
        "The entry is about one provider, and its base URL is that of another or of another region. A key of one region is rejected by the other.\n\nWrite the base URL that the help names, or the provider that the URL belongs to.";
    OTHER_KEY_VARIABLE: "other-key-variable", Warning,
        "A variable for a provider's key is not that of another provider.",
        "The entry is about one provider, and the variable for its key is that of another. Keys of one are rejected by the other.\n\nWrite the name that the help gives.";
    RETIRED_MODEL: "retired-model", Error,
        "A model that is named still answers.",
        "The provider has retired the model, or the day on which it stops answering has passed. An id without a provider is only reported when every provider that had it has retired it.\n\nWrite the successor, where the catalog names one.";
    UNKNOWN_BASE_URL: "unknown-base-url", Warning,
        "A base URL at a provider's host is one that the provider has.",
        "The host serves an API that the catalog knows, but no base URL of the catalog begins so: with this one, every path leads to 404, or to another API of the same provider.\n\nWrite the base URL that the help names.";
    UNKNOWN_KEY_VARIABLE: "unknown-key-variable", Warning,
        "A variable for a provider's key is called as the provider calls it.",
        "The entry is about one provider, and the variable for its key is nearly called as the catalog says, but not quite: it will be empty where the right one is set.\n\nWrite the name that the help gives.";
    UNKNOWN_REFERENCE: "unknown-reference", Error,
        "A reference names a model that its provider has.",
        "`provider/id` is written where a value stands, the catalog knows the provider, and the provider has no model of that id. Requests for it fail, often not before somebody sends one.\n\nOnly what is surely a reference is judged: alone between quotes or behind a key, no path and no package, with an id like those of the provider. Write the id that the help names; where the model is newer than the catalog, lay an overlay over it (`--overlay`) or say `modeldex-ignore: unknown-reference` on the line.";
    WINDOW_BELOW: "window-below", Warning,
        "A context window beside a model is not below the model's own.",
        "A context window that is too small works, but conversations are cut or summed up sooner than they need be. Often the number is from an earlier model.\n\nWrite the number that the help names, or say `modeldex-ignore: window-below` where less is meant.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_no_code_of_a_catalog() {
        assert!(RULES.is_sorted_by(|one, other| one.code < other.code));
        for rule in RULES {
            assert!(modeldex_compile::codes::rule(rule.code).is_none(), "{}", rule.code);
            assert!(!rule.summary.is_empty() && rule.explanation.len() > rule.summary.len(), "{} needs an explanation", rule.code);
        }
    }
}
