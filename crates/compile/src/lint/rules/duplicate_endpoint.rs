use super::common::*;
use std::collections::HashMap;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let endpoints = &doc.value.endpoints;
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (index, endpoint) in endpoints.iter().enumerate().filter(|_| endpoints.len() > 1) {
            let Some(id) = endpoint.id.as_deref() else {
                if context.files.is_broken(FileKind::Provider, &doc.id) {
                    continue;
                }
                findings
                    .add(
                        &codes::DUPLICATE_ENDPOINT,
                        doc.at(pointer!("endpoints", index)),
                        "the endpoint has no `id`, but the provider has several endpoints",
                    )
                    .help("add an `id` to the endpoint, such as its region or protocol");
                continue;
            };
            let before = *first.entry(id).or_insert(index);
            if before != index {
                let message = format!("two endpoints of the provider have the id `{id}`");
                findings
                    .add(&codes::DUPLICATE_ENDPOINT, doc.at(pointer!("endpoints", index, "id")), message)
                    .label(format!("second endpoint with the id `{id}`"))
                    .also(doc.at(pointer!("endpoints", before, "id")), format!("first endpoint with the id `{id}`"))
                    .help("change the id of one of the two endpoints");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    fn acme(endpoints: &str) -> String {
        format!("name: Acme\nendpoints:\n{endpoints}auth:\n  - kind: none\n")
    }

    #[test]
    fn several_endpoints_need_unique_ids() {
        let text = acme(
            "  - {id: a, base_url: https://a.example, api: ollama}\n  - {id: a, base_url: https://b.example, api: ollama}\n  - {base_url: https://c.example, api: ollama}\n",
        );
        let found = check(&[("providers/acme.yaml", &text)]);
        assert_eq!(found, ["duplicate-endpoint providers/acme.yaml:5:10", "duplicate-endpoint providers/acme.yaml:6:5"]);
    }

    #[test]
    fn one_endpoint_needs_no_id() {
        assert!(check(&[("providers/acme.yaml", &acme("  - {base_url: https://a.example, api: ollama}\n"))]).is_empty());
    }
}
