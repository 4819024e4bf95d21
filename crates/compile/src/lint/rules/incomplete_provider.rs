use super::common::*;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.shaped.providers {
        let Some(provider) = resolved(context, doc).map(|resolved| &resolved.provider) else { continue };
        // `held-route` reports unconfirmed endpoints and variables of imported providers.
        let is_held = context.shaped.imported.contains(&doc.id);
        let parts = [
            (provider.name.is_none(), "name", "`name: …`"),
            (provider.endpoints.is_empty() && !is_held, "endpoint", "`endpoints: [{base_url: https://…, api: …}]`"),
            (
                provider.auth.is_empty() && !is_held,
                "auth",
                "`auth: [{kind: api-key, env: […]}]`, or `auth: [{kind: none}]` where it takes no key",
            ),
        ];
        let missing: Vec<_> = parts.iter().filter(|(missing, ..)| *missing).collect();
        if missing.is_empty() || may_lack(context, doc) {
            continue;
        }
        let what: Vec<String> = missing.iter().map(|(_, what, _)| format!("no {what}")).collect();
        let help: Vec<&str> = missing.iter().map(|(.., help)| *help).collect();
        let place = if doc.value.name.is_some() { doc.at("/name") } else { Place::file(doc.file) };
        findings
            .add(&codes::INCOMPLETE_PROVIDER, place, format!("the provider `{}` has {}", doc.id, what.join(" and ")))
            .help(format!("add {}", help.join(" and ")));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn what_is_missing_is_reported_where_the_provider_is_named() {
        assert_eq!(check(&[("providers/acme.yaml", "name: Acme\n")]), ["incomplete-provider providers/acme.yaml:2:7"]);
        assert_eq!(check(&[("providers/acme.yaml", "kind: lab\n")]), ["incomplete-provider providers/acme.yaml:2:1"]);
    }

    #[test]
    fn what_is_taken_over_is_there() {
        assert!(check(&[("providers/acme.yaml", ACME), ("providers/other.yaml", "extends: acme\n")]).is_empty());
    }

    #[test]
    fn a_broken_file_may_have_had_it() {
        let broken = ACME.replace("api: openai-completions", "api: openai");
        let found = check(&[("providers/acme.yaml", &broken), ("providers/other.yaml", "extends: acme\n")]);
        assert_eq!(found, ["invalid-value providers/acme.yaml:5:10"]);
    }
}
