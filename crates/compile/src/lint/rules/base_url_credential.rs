use super::base_url::variables;
use super::common::*;
use std::collections::BTreeSet;

/// The URL of each endpoint is judged in the file that states it, with the authentication methods that the provider has after inheritance.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let auth = resolved(context, doc).map_or(&doc.value.auth, |resolved| &resolved.provider.auth);
        for (index, endpoint) in doc.value.endpoints.iter().enumerate() {
            for name in variables(&endpoint.base_url).collect::<BTreeSet<_>>() {
                if let Some((message, help)) = context.owners.credential_in_url(name, auth) {
                    findings.add(&codes::BASE_URL_CREDENTIAL, doc.at(pointer!("endpoints", index, "base_url")), message).help(help);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn credentials_of_every_provider_are_reported() {
        let url = "https://${OTHER_API_KEY}.acme.example/${ACME_API_KEY}/${GITHUB_TOKEN}/${ACME_API_KEY}";
        let acme = ACME.replace("https://api.acme.example/v1", url);
        let other = ACME.replace("Acme", "Other").replace("ACME", "OTHER").replace("acme", "other");
        let found = check(&[("providers/acme.yaml", &acme), ("providers/other.yaml", &other)]);
        assert_eq!(found, ["base-url-credential providers/acme.yaml:4:15"; 3]);
    }

    #[test]
    fn a_role_of_a_credential_is_no_part_of_an_address() {
        let acme = ACME.replace("/v1", "/${ACME_ACCOUNT_ID}");
        let declared = |role: &str| format!("{acme}    variables:\n      - env: [ACME_ACCOUNT_ID]\n        role: {role}\n");
        assert!(check(&[("providers/acme.yaml", &declared("account"))]).is_empty());
        assert_eq!(check(&[("providers/acme.yaml", &declared("key-id"))]), ["base-url-credential providers/acme.yaml:4:15"]);
    }
}
