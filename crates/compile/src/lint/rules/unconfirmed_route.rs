use super::common::*;
use crate::authored::Endpoint;
use crate::authored::routing::ConfirmedRouting;
use crate::lint::Folder;

pub(super) fn check(folder: &Folder<'_>, findings: &mut Findings) {
    if folder.hand_written.broken.iter().any(|(kind, _)| *kind == FileKind::Routing) {
        return;
    }
    let has_routing = |provider: &Provider| !provider.endpoints.is_empty() || !provider.auth.is_empty();
    if folder.hand_written.routing.is_none()
        && let Some(doc) = folder.imported.providers.iter().find(|doc| has_routing(&doc.value))
    {
        findings
            .add(
                &codes::UNCONFIRMED_ROUTE,
                Place::file(doc.file),
                "imported providers have endpoints, but `routing.yaml`, which must confirm them, is missing",
            )
            .help("restore `routing.yaml`");
        return;
    }
    let nothing = ConfirmedRouting::default();
    let routing = folder.hand_written.routing.as_ref().map(|doc| &doc.value.providers);
    for doc in &folder.imported.providers {
        let confirmed = routing.and_then(|routing| routing.get(&doc.id)).unwrap_or(&nothing);
        for (pointer, message) in unconfirmed(&doc.id, &doc.value, confirmed) {
            let help = format!(
                "run `modeldex reconcile` to regenerate this file, or `modeldex confirm {provider}` to confirm what sources claim",
                provider = doc.id
            );
            findings.add(&codes::UNCONFIRMED_ROUTE, doc.at(pointer), message).help(help);
        }
    }
}

/// Returns the pointer to each unconfirmed part of the routing of the provider with the id `id`, and a message.
fn unconfirmed(id: &str, provider: &Provider, confirmed: &ConfirmedRouting) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if provider.extends.is_some() {
        found.push(("/extends".to_owned(), format!("the provider `{id}` inherits routing that `routing.yaml` does not confirm")));
    }
    for (index, endpoint) in provider.endpoints.iter().enumerate() {
        if !confirmed.allows_url(&endpoint.base_url) {
            let message =
                format!("`routing.yaml` does not confirm the base URL `{base_url}` of the provider `{id}`", base_url = endpoint.base_url);
            found.push((pointer!("endpoints", index, "base_url"), message));
        }
        let headers = |endpoint: &Endpoint| endpoint.headers.clone();
        if !endpoint.headers.is_empty() && !confirmed.endpoints.iter().any(|known| headers(known) == endpoint.headers) {
            found.push((
                pointer!("endpoints", index, "headers"),
                format!("`routing.yaml` does not confirm a header of the provider `{id}`"),
            ));
        }
    }
    for (index, auth) in provider.auth.iter().enumerate().filter(|(_, auth)| !confirmed.auth.contains(auth)) {
        let message =
            format!("`routing.yaml` does not confirm the authentication method `{kind}` of the provider `{id}`", kind = auth.kind);
        found.push((pointer!("auth", index), message));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const ROUTING: &str = "providers:\n  acme:\n    endpoints:\n      - {base_url: https://api.acme.example/v1, api: openai-completions}\n    auth:\n      - {kind: api-key, env: [ACME_API_KEY]}\n";

    #[test]
    fn imported_routing_must_be_confirmed() {
        let with = |imported: &str| check(&[("imported/providers/acme.yaml", imported), ("routing.yaml", ROUTING)]);
        assert_eq!(with(ACME), Vec::<String>::new());
        assert_eq!(with(&ACME.replace("/v1", "/v2")), Vec::<String>::new());
        assert_eq!(with(&ACME.replace("api.acme.example", "evil.example")), ["unconfirmed-route imported/providers/acme.yaml:4:15"]);
        assert_eq!(
            with(&ACME.replace("[ACME_API_KEY]", "[ACME_API_KEY, OPENAI_API_KEY]")),
            ["unconfirmed-route imported/providers/acme.yaml:7:5"]
        );
        assert_eq!(
            with(&ACME.replace("    api: openai", "    headers: {X-Key: a}\n    api: openai")),
            ["unconfirmed-route imported/providers/acme.yaml:5:14", "order imported/providers/acme.yaml:6:5"]
        );
        assert_eq!(check(&[("imported/providers/acme.yaml", ACME)]), ["unconfirmed-route imported/providers/acme.yaml:2:1"]);
    }
}
