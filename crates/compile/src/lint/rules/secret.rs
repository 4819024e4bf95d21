use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "secret",
    severity: Severity::Error,
    summary: "No file holds anything that looks like a secret.",
    explanation: "Something looks like an API key, a token, a private key or a password in a URL. It is masked in every report and must not stay in the file: name an environment variable instead. If the file was ever shared, revoke the key.",
    check: None,
};
