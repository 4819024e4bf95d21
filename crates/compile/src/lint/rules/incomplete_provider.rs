use super::common::*;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc).map(|resolved| &resolved.provider) else { continue };
        // `held-route` reports unconfirmed endpoints and variables of imported providers.
        let is_imported = context.files.imported.contains(&doc.id);
        let parts = [
            (provider.name.is_none(), "`name`", "`name: …`"),
            (provider.endpoints.is_empty() && !is_imported, "`endpoints`", "`endpoints: [{base_url: https://…, api: …}]`"),
            (
                provider.auth.is_empty() && !is_imported,
                "`auth`",
                "`auth: [{kind: api-key, env: […]}]` (`auth: [{kind: none}]` if the provider requires no key)",
            ),
        ];
        let missing: Vec<_> = parts.iter().filter(|(missing, ..)| *missing).collect();
        if missing.is_empty() || may_lack(context, doc) {
            continue;
        }
        let keys: Vec<&str> = missing.iter().map(|(_, key, _)| *key).collect();
        let help: Vec<&str> = missing.iter().map(|(.., help)| *help).collect();
        let place = if doc.value.name.is_some() { doc.at("/name") } else { Place::file(doc.file) };
        findings
            .add(
                &codes::INCOMPLETE_PROVIDER,
                place,
                format!("the provider `{provider}` lacks {keys}", provider = doc.id, keys = keys.join(" and ")),
            )
            .help(format!("add {keys}", keys = help.join(" and ")));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn missing_parts_are_reported_at_the_name() {
        assert_eq!(check(&[("providers/acme.yaml", "name: Acme\n")]), ["incomplete-provider providers/acme.yaml:2:7"]);
        assert_eq!(check(&[("providers/acme.yaml", "kind: lab\n")]), ["incomplete-provider providers/acme.yaml:2:1"]);
    }

    #[test]
    fn inherited_parts_count() {
        assert!(check(&[("providers/acme.yaml", ACME), ("providers/other.yaml", "extends: acme\n")]).is_empty());
    }

    #[test]
    fn parts_of_invalid_files_are_not_reported_as_missing() {
        let broken = ACME.replace("api: openai-completions", "api: openai");
        let found = check(&[("providers/acme.yaml", &broken), ("providers/other.yaml", "extends: acme\n")]);
        assert_eq!(found, ["invalid-value providers/acme.yaml:5:10"]);
    }
}
