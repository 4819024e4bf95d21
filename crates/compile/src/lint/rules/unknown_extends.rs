use super::common::*;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.providers {
        let Some(target) = doc.value.extends.as_deref() else { continue };
        let place = doc.at("/extends");
        if target == doc.id {
            // If a lower catalog has the provider, resolution replaces `extends` with that of the provider in the lower catalog. Therefore a
            // provider still extends itself here only if no lower catalog has it.
            let unresolved =
                context.resolved.providers.get(target).is_some_and(|provider| provider.provider.extends.as_deref() == Some(target));
            if unresolved {
                findings
                    .add(
                        &codes::UNKNOWN_EXTENDS,
                        place,
                        format!("the provider `{target}` extends itself, but there is no other provider `{target}` to inherit from"),
                    )
                    .help("remove `extends`; only a file of an overlay can extend its own id");
            }
        } else if !context.resolved.providers.contains_key(target) && !context.files.is_broken(FileKind::Provider, target) {
            let by_alias =
                context.resolved.providers.iter().find(|(_, provider)| provider.provider.aliases.iter().any(|alias| alias.id == target));
            let others = context.resolved.providers.keys().map(String::as_str).filter(|id| *id != doc.id);
            let help = match by_alias {
                Some((id, _)) => Some(format!("`{target}` is an alias of the provider `{id}`; write `extends: {id}`")),
                None => suggest.help(target, others),
            };
            findings.add(&codes::UNKNOWN_EXTENDS, place, format!("the catalog has no provider `{target}`")).maybe_help(help);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compile_overlay;
    use crate::testing::{ACME, Folder, check, compiled};

    #[test]
    fn unknown_provider() {
        let found = check(&[("providers/acme.yaml", ACME), ("providers/other.yaml", &format!("extends: acmee\n{ACME}"))]);
        assert_eq!(found, ["unknown-extends providers/other.yaml:2:10"]);
        assert_eq!(check(&[("providers/acme.yaml", &format!("extends: acme\n{ACME}"))]), ["unknown-extends providers/acme.yaml:2:10"]);
        assert!(check(&[("providers/acme.yaml", ACME), ("providers/other.yaml", "extends: acme\n")]).is_empty());
    }

    #[test]
    fn an_overlay_changes_a_provider_of_the_catalog_below() {
        let head = "# yaml-language-server: $schema=../../schema/provider.schema.json\n";
        let below = compiled(&[("providers/acme.yaml", &format!("{head}{ACME}models:\n  - id: a\n"))]);
        let over = |id: &str| {
            let folder = Folder::new(&[(&format!("providers/{id}.yaml"), &format!("{head}extends: {id}\ndefault_model: a\n"))]);
            compile_overlay(&below.catalog(), &folder.0).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>()
        };
        assert!(over("acme").is_empty());
        assert!(over("other").contains(&"unknown-extends"));
    }
}
