use super::common::*;

/// The id of the model in the file that `modeldex new provider` writes.
const MODEL: &str = "example-model";

/// The host in the file that `modeldex new provider` writes. It is reserved for documentation (RFC 2606).
const HOST: &str = "https://api.example.com";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let endpoints = doc.value.endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.base_url.starts_with(HOST));
        let models = doc.value.models.iter().enumerate().filter(|(_, model)| model.id == MODEL);
        let endpoints = endpoints
            .map(|(index, _)| (pointer!("endpoints", index, "base_url"), "base URL of the template", "the base URL of the provider"));
        let models =
            models.map(|(index, _)| (pointer!("models", index, "id"), "model of the template", "the id of a model, as requests name it"));
        for (pointer, what, help) in endpoints.chain(models) {
            findings.add(&codes::PLACEHOLDER, doc.at(pointer), format!("this is still the {what}")).help(format!("write {help}"));
        }
    }
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
    }
}
