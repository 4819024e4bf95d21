use super::base_url::variables;
use super::common::*;
use crate::route::{DEFAULT_HELP, declared_variables, is_address_default};
use std::collections::HashSet;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        check_defaults(doc, findings);
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

/// Reports defaults that would end the host or add a segment to the path.
fn check_defaults(doc: &Doc<Provider>, findings: &mut Findings) {
    for (index, auth) in doc.value.auth.iter().enumerate() {
        for (at, variable) in auth.variables.iter().enumerate().filter(|(_, variable)| !is_address_default(variable)) {
            let name = variable.env.first().map_or("", String::as_str);
            let message = format!("the default of the variable `{name}` is not a part of an address");
            let place = doc.at(pointer!("auth", index, "variables", at, "default"));
            findings.add(&codes::BASE_URL_VARIABLE, place, message).help(DEFAULT_HELP);
        }
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
}
