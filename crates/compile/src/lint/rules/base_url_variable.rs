use super::base_url::variables;
use super::common::*;
use crate::route::{
    CONFLICTING_DEFAULTS_HELP, DEFAULT_HELP, conflicting_defaults, conflicting_defaults_message, declared_variables, is_address_default,
};
use std::collections::HashSet;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        check_defaults(context, doc, findings);
        let Some(provider) = resolved(context, doc).map(|resolved| &resolved.provider) else { continue };
        let used = provider
            .endpoints
            .iter()
            .enumerate()
            .flat_map(|(index, endpoint)| variables(&endpoint.base_url).map(move |name| (index, name)));
        let declared: HashSet<&str> = declared_variables(&provider.auth).collect();
        // The rule `base-url-credential` reports credentials.
        let is_credential = |name: &str| context.owners.credential_in_url(name, &provider.auth).is_some();
        let mut missing = used.filter(|(_, name)| !declared.contains(name) && !is_credential(name)).peekable();
        if missing.peek().is_none() || may_lack(context, doc) {
            continue;
        }
        let mut seen = HashSet::new();
        for (index, name) in missing {
            if !seen.insert((index, name)) {
                continue;
            }
            let help = match suggest.nearest(name, declared_variables(&provider.auth)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare the variable in `auth`: `variables: [{{env: [{name}], role: …}}]`"),
            };
            let auth = doc.key("/auth");
            // Endpoints and authentication methods may each be inherited from another provider. The part that this file states has to change.
            match (doc.value.endpoints.is_empty(), doc.value.auth.is_empty()) {
                (false, inherits_auth) => {
                    let place = doc.at(pointer!("endpoints", index, "base_url"));
                    findings
                        .add(
                            &codes::BASE_URL_VARIABLE,
                            place,
                            format!("the base URL contains the variable `${{{name}}}`, which `auth` does not declare"),
                        )
                        .label(format!("no authentication method declares `{name}`"))
                        .also((!inherits_auth).then_some(auth), "`auth` declares the variables here")
                        .help(help);
                }
                (true, false) => {
                    let message = format!("an inherited base URL contains the variable `{name}`, which `auth` does not declare");
                    findings.add(&codes::BASE_URL_VARIABLE, auth, message).help(help);
                }
                // Both parts are inherited, and the finding is reported in the file that states them.
                (true, true) => {}
            }
        }
    }
}

/// Reports defaults that would end or replace the host or add a segment to the path, and defaults that depend on the authentication method.
fn check_defaults(context: &Context<'_>, doc: &Doc<Provider>, findings: &mut Findings) {
    let provider = resolved(context, doc).map(|resolved| &resolved.provider);
    let endpoints = provider.map_or(&doc.value.endpoints, |provider| &provider.endpoints);
    // Endpoints and authentication methods may each be inherited. The part that this file states is reported.
    let inherits_auth = doc.value.auth.is_empty();
    let auth = provider.filter(|_| inherits_auth && !doc.value.endpoints.is_empty()).map_or(&doc.value.auth, |provider| &provider.auth);
    for (index, method) in auth.iter().enumerate() {
        for (at, variable) in method.variables.iter().enumerate().filter(|(_, variable)| !is_address_default(variable, endpoints)) {
            let name = variable.env.first().map_or("", String::as_str);
            let (subject, place) = match inherits_auth {
                false => ("the default", doc.at(pointer!("auth", index, "variables", at, "default"))),
                true => ("the inherited default", doc.key("/endpoints")),
            };
            let message = format!("{subject} of the variable `{name}` is not a valid part of a base URL");
            findings.add(&codes::BASE_URL_VARIABLE, place, message).help(DEFAULT_HELP);
        }
    }
    for (name, index, at) in conflicting_defaults(&doc.value.auth) {
        let place = doc.at(pointer!("auth", index, "variables", at));
        findings.add(&codes::BASE_URL_VARIABLE, place, conflicting_defaults_message(name)).help(CONFLICTING_DEFAULTS_HELP);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const HEAD: &str = "name: Acme\nendpoints:\n  - base_url: https://${ACME_REGION}.acme.example/${ACME_REGION}\n    api: openai-completions\nauth:\n  - kind: api-key\n    env: [ACME_API_KEY]\n";

    #[test]
    fn an_undeclared_variable_is_reported_once_per_url() {
        assert_eq!(check(&[("providers/acme.yaml", HEAD)]), ["base-url-variable providers/acme.yaml:4:15"]);
    }

    #[test]
    fn declared_variables_are_accepted() {
        let text = format!("{HEAD}    variables:\n      - env: [ACME_REGION]\n        role: region\n");
        assert!(check(&[("providers/acme.yaml", &text)]).is_empty());
    }

    #[test]
    fn a_default_stays_in_its_place() {
        let text = format!("{HEAD}    variables:\n      - env: [ACME_REGION]\n        role: region\n        default: evil.example/\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["base-url-variable providers/acme.yaml:12:18"]);
    }

    #[test]
    fn an_inherited_url_requires_the_variable() {
        let whole = format!("{HEAD}    variables:\n      - env: [ACME_REGION]\n        role: region\n");
        let other = "extends: acme\nname: Other\nauth:\n  - kind: api-key\n    env: [OTHER_API_KEY]\n";
        let found = check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", other)]);
        assert_eq!(found, ["base-url-variable providers/other.yaml:4:1"]);
    }

    #[test]
    fn a_default_does_not_depend_on_the_method() {
        let with = |first: &str, second: &str| {
            format!(
                "{HEAD}    variables:\n      - {{env: [ACME_REGION], role: region{first}}}\n  - kind: api-key\n    env: [ACME_TOKEN]\n    variables:\n      - {{env: [ACME_REGION], role: region{second}}}\n"
            )
        };
        let (eu, us) = (", default: eu-1", ", default: us-1");
        for (first, second) in [(eu, us), (eu, ""), ("", us)] {
            assert_eq!(check(&[("providers/acme.yaml", &with(first, second))]), ["base-url-variable providers/acme.yaml:14:9"]);
        }
        assert!(check(&[("providers/acme.yaml", &with(eu, eu))]).is_empty());
    }

    #[test]
    fn an_inherited_default_stays_in_its_place() {
        let whole = HEAD.replace("${ACME_REGION}.acme.example/${ACME_REGION}", "${ACME_HOST}");
        let whole = format!("{whole}    variables:\n      - {{env: [ACME_HOST], role: host, default: 'api.acme.example:443'}}\n");
        let other =
            "extends: acme\nname: Other\nendpoints:\n  - base_url: https://${ACME_HOST}.acme.example\n    api: openai-completions\n";
        let found = check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", other)]);
        assert!(found.contains(&"base-url-variable providers/other.yaml:4:1".to_owned()), "{found:?}");
    }
}
