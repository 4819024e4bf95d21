use super::common::*;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        let known: BTreeSet<&str> = provider.provider.endpoints.iter().filter_map(|endpoint| endpoint.id.as_deref()).collect();
        for (index, model) in doc.value.models.iter().enumerate() {
            for (at, endpoint) in model.endpoints.iter().enumerate() {
                if known.contains(endpoint.as_str()) || may_lack(context, doc) {
                    continue;
                }
                let place = doc.at(pointer!("models", index, "endpoints", at));
                findings
                    .add(
                        &codes::UNKNOWN_ENDPOINT,
                        place,
                        format!("the provider `{provider}` has no endpoint `{endpoint}`", provider = doc.id),
                    )
                    .also(
                        (!doc.value.endpoints.is_empty()).then(|| doc.key("/endpoints")),
                        "the endpoints of the provider are defined here",
                    )
                    .maybe_help(suggest.help(endpoint, known.iter().copied()));
            }
        }
        // Inherited models may list endpoints that this provider has replaced by its own.
        if doc.value.extends.is_some() && !doc.value.endpoints.is_empty() {
            let inherited = provider.models.values().filter(|model| model.index.is_none());
            let listed =
                inherited.flat_map(|model| model.model.endpoints.iter().map(move |endpoint| (endpoint.as_str(), model.model.id.as_str())));
            let mut seen = BTreeSet::new();
            for (endpoint, model) in listed.filter(|(endpoint, _)| !known.contains(endpoint)) {
                if seen.insert(endpoint) && !may_lack(context, doc) {
                    let message =
                        format!("the inherited model `{model}` lists the endpoint `{endpoint}`, which the provider does not have");
                    findings
                        .add(&codes::UNKNOWN_ENDPOINT, doc.key("/endpoints"), message)
                        .help("for the endpoints of this provider, use the endpoint ids of the provider that `extends` names");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const ACME: &str = "name: Acme\nendpoints:\n  - {id: eu, base_url: https://eu.acme.example, api: ollama}\n  - {id: us, base_url: https://us.acme.example, api: ollama}\nauth:\n  - kind: none\nmodels:\n  - id: model\n    endpoints: [eu, uk]\n";

    #[test]
    fn unknown_endpoint() {
        assert_eq!(check(&[("providers/acme.yaml", ACME)]), ["unknown-endpoint providers/acme.yaml:10:21"]);
        assert!(check(&[("providers/acme.yaml", &ACME.replace("uk", "us"))]).is_empty());
    }

    #[test]
    fn replaced_endpoints_of_inherited_models() {
        let other = "extends: acme\nendpoints:\n  - {id: eu, base_url: https://eu.other.example, api: ollama}\n";
        let found = check(&[("providers/acme.yaml", &ACME.replace("uk", "us")), ("providers/other.yaml", other)]);
        assert_eq!(found, ["unknown-endpoint providers/other.yaml:3:1"]);
    }
}
