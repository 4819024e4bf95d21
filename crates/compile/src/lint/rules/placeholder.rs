use super::common::*;

/// The id of the model in the file that `modeldex new provider` writes.
const MODEL: &str = "example-model";

/// The host in the file that `modeldex new provider` writes. It is reserved for documentation (RFC 2606).
const HOST: &str = "https://api.example.com";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let endpoints = doc.value.endpoints.iter().enumerate().filter(|(_, endpoint)| is_placeholder(&endpoint.base_url));
        let models = doc.value.models.iter().enumerate().filter(|(_, model)| model.id == MODEL);
        for (index, _) in endpoints {
            findings
                .add(
                    &codes::PLACEHOLDER,
                    doc.at(pointer!("endpoints", index, "base_url")),
                    "the base URL is still the placeholder that `modeldex new provider` wrote",
                )
                .help("replace the placeholder with the base URL of the provider");
        }
        for (index, _) in models {
            findings
                .add(
                    &codes::PLACEHOLDER,
                    doc.at(pointer!("models", index, "id")),
                    "the model id is still the placeholder that `modeldex new provider` wrote",
                )
                .help("replace the placeholder with the model id that the provider's API expects in requests");
        }
    }
}

/// Returns whether a base URL has exactly the host of the template, and not a host that only begins like it, such as `api.example.com.au`.
fn is_placeholder(base_url: &str) -> bool {
    base_url.strip_prefix(HOST).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn what_the_template_has_is_to_be_replaced() {
        let text = ACME.replace("api.acme.example", "api.example.com") + "models:\n  - id: example-model\n";
        assert_eq!(
            check(&[("providers/acme.yaml", &text)]),
            ["placeholder providers/acme.yaml:4:15", "placeholder providers/acme.yaml:10:9"]
        );
        let text = ACME.replace("api.acme.example", "api.example.com.au");
        assert!(check(&[("providers/acme.yaml", &text)]).is_empty());
    }
}
