use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "secret",
    severity: Severity::Error,
    summary: "No file holds anything that looks like a secret.",
    explanation: "Something looks like an API key, a token, a private key or a password in a URL. It is masked in every report and must not stay in the file: name an environment variable instead. If the file was ever shared, revoke the key.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        // Put together at run time, so that no scanner takes this file for a leak.
        let key = format!("sk-acme-{}7", "0".repeat(30));
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}# {key}\n"))]), ["secret providers/acme.yaml:9:3"]);
        assert_eq!(
            check(&[("providers/acme.yaml", &ACME.replace("ACME_API_KEY", &key))]),
            ["environment-name providers/acme.yaml:8:11", "secret providers/acme.yaml:8:11"]
        );
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}# sk-acme\n"))]).is_empty());
    }
}
