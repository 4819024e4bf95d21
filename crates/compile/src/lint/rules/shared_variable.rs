use super::common::*;
use crate::authored::routing::SharedVariables;
use crate::lint::RoutedFolder;
use crate::route::{Conflict, KnownRoutes, SHARED_HELP, VariableOwners, credentials};

/// Overlays are judged by the rule `overlay-route`.
pub(super) fn check(folder: &RoutedFolder<'_>, findings: &mut Findings) {
    if folder.below.is_some() {
        return;
    }
    let no_exceptions = SharedVariables::new();
    let shared = folder.hand_written.routing.as_ref().map_or(&no_exceptions, |doc| &doc.value.shared_variables);
    let known = KnownRoutes::new(VariableOwners::of_resolved(folder.resolved), shared);
    for (id, resolved) in &folder.resolved.providers {
        for (index, auth) in resolved.provider.auth.iter().enumerate() {
            for (name, below) in credentials(auth) {
                let Some(conflict) = known.conflict(id, &resolved.provider.endpoints, &resolved.provider.auth, name) else { continue };
                let Some(place) = folder.auth_place(id, &pointer!("auth", index), &below) else { continue };
                let owner = match &conflict {
                    Conflict::Owner(owner) | Conflict::NamedLike(owner) => folder.auth_place(owner, "/auth", ""),
                    Conflict::NotListed(_) | Conflict::Service => None,
                };
                findings
                    .add(&codes::SHARED_VARIABLE, place, conflict.message(id, name))
                    .also(owner, "the other provider states its variables here")
                    .help(SHARED_HELP);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn other(env: &str) -> String {
        ACME.replace("Acme", "Other").replace("acme", "other").replace("ACME_API_KEY", env)
    }

    fn found(other: &str, routing: &str) -> Vec<String> {
        let mut files = vec![("providers/acme.yaml", ACME), ("providers/other.yaml", other)];
        files.extend((!routing.is_empty()).then_some(("routing.yaml", routing)));
        check(&files)
    }

    #[test]
    fn a_variable_of_another_provider_is_reported_at_both() {
        let both = ["shared-variable providers/acme.yaml:8:11", "shared-variable providers/other.yaml:8:26"];
        assert_eq!(found(&other("OTHER_API_KEY"), ""), [""; 0]);
        assert_eq!(found(&other("OTHER_API_KEY, ACME_API_KEY"), ""), both);
        assert_eq!(found(&other("OTHER_API_KEY, ACME_API_KEY"), "shared_variables: {ACME_API_KEY: [acme, other]}\n"), [""; 0]);
        assert_eq!(found(&other("OTHER_API_KEY, ACME_API_KEY"), "shared_variables: {ACME_API_KEY: [acme]}\n"), both[1..]);
        assert_eq!(
            found(&other("OTHER_API_KEY"), "shared_variables: {OTHER_API_KEY: []}\n"),
            ["shared-variable providers/other.yaml:8:11"]
        );
    }

    #[test]
    fn a_host_that_receives_the_key_already_is_allowed() {
        let same_host = other("ACME_API_KEY").replace("api.other.example/v1", "api.acme.example/v2");
        assert_eq!(found(&same_host, ""), [""; 0]);
        let more = same_host.replace("auth:", "  - base_url: https://api.other.example/v1\n    id: b\n    api: openai-completions\nauth:");
        let more = more.replacen("    api:", "    id: a\n    api:", 1);
        assert!(found(&more, "").iter().any(|found| found.starts_with("shared-variable providers/other.yaml")));
    }

    #[test]
    fn an_inherited_variable_is_reported_at_extends() {
        let text = "extends: acme\nname: Other\nendpoints:\n  - base_url: https://api.other.example/v1\n    api: openai-completions\n";
        assert!(found(text, "").contains(&"shared-variable providers/other.yaml:2:1".to_owned()));
        assert_eq!(found("extends: acme\nname: Other\n", ""), [""; 0]);
    }

    #[test]
    fn imported_providers_are_judged_too() {
        let routing = "providers:\n  evil:\n    endpoints: [{base_url: https://evil.example/v1, api: openai-completions}]\n    auth: [{kind: api-key, env: [ACME_API_KEY]}]\n";
        let evil = ACME.replace("Acme", "Evil").replace("api.acme.example", "evil.example");
        let found = check(&[("providers/acme.yaml", ACME), ("imported/providers/evil.yaml", &evil), ("routing.yaml", routing)]);
        assert_eq!(found, ["shared-variable imported/providers/evil.yaml:8:11", "shared-variable providers/acme.yaml:8:11"]);
    }
}
