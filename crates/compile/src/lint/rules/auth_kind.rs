use super::common::*;
use modeldex_table::{AuthKind, VariableRole};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        // Invalid names were removed from the value and are already reported.
        let is_valid = !context.files.is_broken(FileKind::Provider, &doc.id);
        for (index, auth) in doc.value.auth.iter().enumerate() {
            let at = |key: &str| pointer!("auth", index, key);
            let kind = doc.at(at("kind"));
            match auth.kind {
                AuthKind::ApiKey if auth.env.is_empty() && is_valid => {
                    findings
                        .add(&codes::AUTH_KIND, kind, "an authentication method of kind `api-key` requires `env`")
                        .help("add `env` with the variable name that the provider documents, such as `env: [ACME_API_KEY]`");
                }
                AuthKind::Aws | AuthKind::Gcp if auth.variables.is_empty() && is_valid => {
                    findings
                        .add(
                            &codes::AUTH_KIND,
                            kind,
                            format!("an authentication method of kind `{kind}` requires `variables`", kind = auth.kind),
                        )
                        .help("list the environment variables under `variables`, each with its `role`");
                }
                AuthKind::None if !auth.env.is_empty() || !auth.variables.is_empty() => {
                    let key = if auth.env.is_empty() { "variables" } else { "env" };
                    findings
                        .add(&codes::AUTH_KIND, doc.key(at(key)), "an authentication method of kind `none` cannot have variables")
                        .also(kind, "the kind is stated here")
                        .help(format!("remove `{key}`, or state another `kind`"));
                }
                _ => {}
            }
            for (nth, variable) in auth.variables.iter().enumerate() {
                if variable.default.is_some() && matches!(variable.role, VariableRole::Secret | VariableRole::SessionToken) {
                    findings
                        .add(
                            &codes::AUTH_KIND,
                            doc.key(pointer!("auth", index, "variables", nth, "default")),
                            "a variable with a secret value cannot have a `default`",
                        )
                        .help("remove `default`; if its value is a real secret, revoke the secret");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    fn acme(auth: &str) -> String {
        format!("name: Acme\nendpoints:\n  - base_url: https://api.acme.example/v1\n    api: openai-completions\nauth:\n{auth}")
    }

    #[test]
    fn methods_without_required_variables() {
        let text = acme("  - kind: api-key\n  - kind: aws\n  - kind: gcp\n    env: [A]\n  - kind: none\n    env: [A]\n");
        let found = check(&[("providers/acme.yaml", &text)]);
        let lines = [(7, 11), (8, 11), (9, 11), (12, 5)];
        assert_eq!(found, lines.map(|(line, column)| format!("auth-kind providers/acme.yaml:{line}:{column}")));
    }

    #[test]
    fn methods_with_required_variables() {
        let text = acme(
            "  - {kind: api-key, env: [A]}\n  - {kind: oauth}\n  - {kind: none}\n  - kind: aws\n    variables:\n      - {env: [B], role: region}\n",
        );
        assert!(check(&[("providers/acme.yaml", &text)]).is_empty());
    }
}
