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
                "`routing.yaml` is missing, so nothing confirms the endpoints and authentication methods of imported providers",
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
                "run `modeldex reconcile` to regenerate this file, or `modeldex confirm {provider}` to confirm the claims of the sources",
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
    // Position by position, because the first endpoint, and the first method whose variables are set, are used.
    for (index, endpoint) in provider.endpoints.iter().enumerate() {
        let known = confirmed.endpoints.get(index);
        let (Endpoint { base_url, api, .. }, at) = (endpoint, |key: &str| pointer!("endpoints", index, key));
        let (place, part) = match known {
            Some(known) if known == endpoint => continue,
            Some(known) if known.base_url == *base_url && known.api != *api => (at("api"), format!("the wire protocol `{api}`")),
            Some(known) if known.base_url == *base_url && known.headers != endpoint.headers => (at("headers"), "a header".to_owned()),
            Some(known) if known.base_url == *base_url => (pointer!("endpoints", index), format!("the endpoint `{base_url}`")),
            _ => (at("base_url"), format!("the base URL `{base_url}`")),
        };
        found.push((place, format!("`routing.yaml` does not confirm {part} of the provider `{id}`")));
    }
    for (index, auth) in provider.auth.iter().enumerate().filter(|(index, auth)| confirmed.auth.get(*index) != Some(auth)) {
        let message =
            format!("`routing.yaml` does not confirm the authentication method `{kind}` of the provider `{id}`", kind = auth.kind);
        found.push((pointer!("auth", index), message));
    }
    for (index, _) in provider.models.iter().enumerate().filter(|(_, model)| !model.endpoints.is_empty()) {
        let message = format!("a model of the provider `{id}` states `endpoints`, but an imported model must not state `endpoints`");
        found.push((pointer!("models", index, "endpoints"), message));
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
        assert_eq!(with(&ACME.replace("/v1", "/v2")), ["unconfirmed-route imported/providers/acme.yaml:4:15"]);
        assert_eq!(with(&ACME.replace("api.acme.example", "evil.example")), ["unconfirmed-route imported/providers/acme.yaml:4:15"]);
        assert_eq!(
            with(&ACME.replace("[ACME_API_KEY]", "[ACME_API_KEY, OPENAI_API_KEY]")),
            ["unconfirmed-route imported/providers/acme.yaml:7:5"]
        );
        for (from, to, place) in [
            ("openai-completions", "anthropic-messages", "5:10"),
            ("    env: [ACME_API_KEY]", "    env: [ACME_API_KEY]\n    header: x-key", "7:5"),
            ("    env: [ACME_API_KEY]", "    env: [ACME_API_KEY]\n    query: key", "7:5"),
            ("    env: [ACME_API_KEY]", "    env: [ACME_API_KEY]\n    header: authorization\n    scheme: Token", "7:5"),
        ] {
            let found = with(&ACME.replace(from, to));
            assert_eq!(
                found.first().map(String::as_str),
                Some(&*format!("unconfirmed-route imported/providers/acme.yaml:{place}")),
                "{to}"
            );
        }
        let inherited = "extends: openai\n";
        assert!(with(&format!("{inherited}{ACME}"))[0].starts_with("unconfirmed-route imported/providers/acme.yaml:2:"));
        let selected = "models:\n  - {id: a, endpoints: [b]}\n";
        assert!(with(&format!("{ACME}{selected}")).contains(&"unconfirmed-route imported/providers/acme.yaml:10:24".to_owned()));
        assert_eq!(
            with(&ACME.replace("    api: openai", "    headers: {X-Key: a}\n    api: openai")),
            ["unconfirmed-route imported/providers/acme.yaml:5:14", "order imported/providers/acme.yaml:6:5"]
        );
        assert_eq!(check(&[("imported/providers/acme.yaml", ACME)]), ["unconfirmed-route imported/providers/acme.yaml:2:1"]);
    }
}
