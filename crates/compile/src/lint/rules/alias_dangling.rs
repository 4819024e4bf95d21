use super::common::*;
use std::collections::HashSet;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in context.files.providers.iter().filter(|doc| !doc.value.model_aliases.is_empty()) {
        let Some(provider) = resolved(context, doc) else { continue };
        let aliases: HashSet<&str> = doc.value.model_aliases.iter().map(|alias| alias.id.as_str()).collect();
        for (index, alias) in doc.value.model_aliases.iter().enumerate() {
            let target = alias.target.as_str();
            if provider.model(target).is_some() || aliases.contains(target) || may_lack(context, doc) {
                continue;
            }
            let known = names(provider).filter(|name| *name != alias.id);
            let message = format!("the alias `{alias}` does not resolve to a model", alias = alias.id);
            findings
                .add(&codes::ALIAS_DANGLING, doc.at(pointer!("model_aliases", index, "target")), message)
                .label(format!("the provider `{provider}` has no model or alias `{target}`", provider = doc.id))
                .maybe_help(suggest.help(target, known));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn unknown_targets_are_reported() {
        let aliases = "model_aliases:\n  - {id: old, target: modell, kind: legacy}\n  - {id: older, target: old, kind: legacy}\n";
        let text = format!("{ACME}{aliases}models:\n  - id: model\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["alias-dangling providers/acme.yaml:10:23"]);
        assert!(check(&[("providers/acme.yaml", &text.replace("modell", "model"))]).is_empty());
    }

    #[test]
    fn models_of_invalid_files_are_not_reported_as_missing() {
        let text = format!("{ACME}model_aliases:\n  - {{id: old, target: model, kind: legacy}}\nmodels:\n  - id: 7\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["wrong-type providers/acme.yaml:12:9"]);
    }
}
