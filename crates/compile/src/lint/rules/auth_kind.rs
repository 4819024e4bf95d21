use super::common::*;
use modeldex_table::{AuthKind, VariableRole};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.shaped.providers {
        // A name that was wrong was taken out, and is reported already.
        let whole = !context.shaped.is_broken(FileKind::Provider, &doc.id);
        for (index, auth) in doc.value.auth.iter().enumerate() {
            let at = |key: &str| pointer!("auth", index, key);
            let kind = doc.at(at("kind"));
            match auth.kind {
                AuthKind::ApiKey if auth.env.is_empty() && whole => {
                    findings
                        .add(&codes::AUTH_KIND, kind, "an API key is asked for, and no variable that holds it")
                        .help("add `env: [ACME_API_KEY]`, with the service's own name");
                }
                AuthKind::Aws | AuthKind::Gcp if auth.variables.is_empty() && whole => {
                    findings
                        .add(&codes::AUTH_KIND, kind, format!("`{}` credentials are asked for, and no variables that hold them", auth.kind))
                        .help("list them under `variables`, each with its `role`");
                }
                AuthKind::None if !auth.env.is_empty() || !auth.variables.is_empty() => {
                    let key = if auth.env.is_empty() { "variables" } else { "env" };
                    findings
                        .add(&codes::AUTH_KIND, doc.key(at(key)), "nothing is asked for, and still variables are named")
                        .also(kind, "nothing is asked for")
                        .help(format!("remove `{key}`, or say which kind of proof it is"));
                }
                _ => {}
            }
            for (nth, variable) in auth.variables.iter().enumerate() {
                if variable.default.is_some() && matches!(variable.role, VariableRole::Secret | VariableRole::SessionToken) {
                    findings
                        .add(&codes::AUTH_KIND, doc.key(pointer!("auth", index, "variables", nth, "default")), "a secret has no default")
                        .help("remove it; a secret that was written here has to be revoked");
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
    fn kinds_without_what_they_need() {
        let text = acme("  - kind: api-key\n  - kind: aws\n  - kind: gcp\n    env: [A]\n  - kind: none\n    env: [A]\n");
        let found = check(&[("providers/acme.yaml", &text)]);
        let lines = [(7, 11), (8, 11), (9, 11), (12, 5)];
        assert_eq!(found, lines.map(|(line, column)| format!("auth-kind providers/acme.yaml:{line}:{column}")));
    }

    #[test]
    fn kinds_with_what_they_need() {
        let text = acme(
            "  - {kind: api-key, env: [A]}\n  - {kind: oauth}\n  - {kind: none}\n  - kind: aws\n    variables:\n      - {env: [B], role: region}\n",
        );
        assert!(check(&[("providers/acme.yaml", &text)]).is_empty());
    }
}
