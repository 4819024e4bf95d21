use super::common::*;
use std::collections::{HashMap, HashSet};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    model_aliases(context, findings);
    provider_aliases(context, findings);
}

fn model_aliases(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.files.providers.iter().filter(|doc| !doc.value.model_aliases.is_empty()) {
        let models: HashMap<&str, usize> =
            doc.value.models.iter().enumerate().rev().map(|(index, model)| (model.id.as_str(), index)).collect();
        let inherited = resolved(context, doc).map(|provider| &provider.models);
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (index, alias) in doc.value.model_aliases.iter().enumerate() {
            let id = alias.id.as_str();
            let place = doc.at(pointer!("model_aliases", index, "id"));
            if let Some(model) = models.get(id) {
                findings
                    .add(&codes::ALIAS_COLLISION, place, format!("the alias `{id}` is also the id of a model of the same provider"))
                    .also(doc.at(pointer!("models", model, "id")), format!("the model with the id `{id}`"))
                    .help("remove the alias, or remove the model if the provider no longer serves it");
            } else if inherited.is_some_and(|inherited| inherited.contains_key(id)) {
                let extends = doc.value.extends.as_deref().unwrap_or_default();
                let message = format!("the alias `{id}` is also the id of a model that the provider inherits from `{extends}`");
                findings.add(&codes::ALIAS_COLLISION, place, message).help("remove the alias, or list the model under `omit_models`");
            } else if let Some(before) = first.insert(id, index) {
                findings
                    .add(&codes::ALIAS_COLLISION, place, format!("the provider lists the model alias `{id}` twice"))
                    .label(format!("second definition of `{id}`"))
                    .also(doc.at(pointer!("model_aliases", before, "id")), format!("first definition of `{id}`"))
                    .help("remove one of the two definitions of the alias");
            }
        }
    }
}

fn provider_aliases(context: &Context<'_>, findings: &mut Findings) {
    let resolved = context.resolved;
    let mut owners: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, provider) in &resolved.providers {
        for alias in &provider.provider.aliases {
            owners.entry(&alias.id).or_default().push(id);
        }
    }
    let docs: HashMap<&str, usize> = context.files.providers.iter().enumerate().rev().map(|(at, doc)| (doc.id.as_str(), at)).collect();
    let states = |owner: &str, alias: &str| {
        docs.get(owner).is_some_and(|at| context.files.providers[*at].value.aliases.iter().any(|stated| stated.id == alias))
    };
    // The file of a new provider is reported if no file states the alias, because the other provider is in a catalog below.
    for (owner, provider) in &resolved.providers {
        for id in provider.provider.aliases.iter().map(|alias| alias.id.as_str()).filter(|id| *id != owner && !states(owner, id)) {
            let Some(at) = docs.get(id).filter(|_| resolved.providers.contains_key(id)) else { continue };
            findings
                .add(
                    &codes::ALIAS_COLLISION,
                    Place::file(context.files.providers[*at].file),
                    format!("the id `{id}` is also an alias of the provider `{owner}`"),
                )
                .help("rename the file of the provider, because the file name is the id");
        }
    }
    for doc in &context.files.providers {
        let mut seen = HashSet::new();
        for (index, alias) in doc.value.aliases.iter().enumerate() {
            let id = alias.id.as_str();
            let place = doc.at(pointer!("aliases", index, "id"));
            if resolved.providers.contains_key(id) || context.files.is_broken(FileKind::Provider, id) {
                let other = docs.get(id).filter(|_| id != doc.id).map(|other| Place::file(context.files.providers[*other].file));
                findings
                    .add(&codes::ALIAS_COLLISION, place, format!("the alias `{id}` is also the id of a provider"))
                    .also(other, format!("the provider with the id `{id}`"))
                    .help("remove the alias");
                continue;
            }
            if !seen.insert(id) {
                findings
                    .add(&codes::ALIAS_COLLISION, place, format!("the provider lists its alias `{id}` twice"))
                    .help("remove one of the two entries");
                continue;
            }
            // Of two files, the later one is reported. A provider that has the alias from a catalog below has no file to report.
            let other =
                owners.get(id).into_iter().flatten().find(|other| **other != doc.id && (!states(other, id) || **other < doc.id.as_str()));
            if let Some(other) = other {
                let first = docs.get(*other).map(|at| &context.files.providers[*at]);
                let index = |doc: &Doc<Provider>| doc.value.aliases.iter().position(|alias| alias.id == id);
                findings
                    .add(
                        &codes::ALIAS_COLLISION,
                        place,
                        format!("the alias `{id}` belongs to two providers, `{provider}` and `{other}`", provider = doc.id),
                    )
                    .also(
                        first.and_then(|first| Some(first.at(pointer!("aliases", index(first)?, "id")))),
                        format!("the alias `{id}` of `{other}`"),
                    )
                    .help("remove the alias from one of the two providers");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, Folder, check};
    use crate::{compile, compile_overlay};

    #[test]
    fn model_alias_collides_with_a_model_or_another_alias() {
        let aliases = "model_aliases:\n  - {id: a, target: b, kind: legacy}\n  - {id: c, target: b, kind: legacy}\n  - {id: c, target: b, kind: legacy}\n";
        let text = format!("{ACME}{aliases}models:\n  - id: a\n  - id: b\n");
        let found = check(&[("providers/acme.yaml", &text)]);
        assert_eq!(found, ["alias-collision providers/acme.yaml:10:10", "alias-collision providers/acme.yaml:12:10"]);
    }

    #[test]
    fn model_alias_collides_with_an_inherited_model() {
        let whole = format!("{ACME}models:\n  - id: a\n  - id: b\n");
        let other = "extends: acme\nname: Other\nmodel_aliases:\n  - {id: a, target: b, kind: legacy}\n";
        let found = check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", other)]);
        assert_eq!(found, ["alias-collision providers/other.yaml:5:10"]);
    }

    #[test]
    fn provider_alias_collides_with_a_provider_or_its_alias() {
        let with = |aliases: &str| ACME.replace("name: Acme\n", &format!("name: Acme\naliases:\n{aliases}"));
        let acme = with("  - {id: other, kind: display}\n  - {id: same, kind: display}\n");
        let other = with("  - {id: same, kind: display}\n");
        let found = check(&[("providers/acme.yaml", &acme), ("providers/other.yaml", &other)]);
        assert_eq!(found, ["alias-collision providers/acme.yaml:4:10", "alias-collision providers/other.yaml:4:10"]);
        assert!(check(&[("providers/acme.yaml", &with("  - {id: same, kind: display}\n"))]).is_empty());
    }

    #[test]
    fn an_overlay_takes_no_alias_of_a_provider_in_tables() {
        let line = crate::FileKind::Provider.schema_line();
        let acme = format!("{line}\n{ACME}").replace("name: Acme\n", "name: Acme\naliases:\n  - {id: taken, kind: display}\n");
        let other = format!("{line}\n{ACME}").replace("Acme", "Other").replace("acme", "other").replace("ACME", "OTHER");
        let extends = format!("{line}\nextends: acme\nname: Renamed\n");
        let alias = other.replace("name: Other\n", "name: Other\naliases:\n  - {id: taken, kind: display}\n");
        for files in [
            &[("over/providers/taken.yaml", &*other)][..],
            &[("over/providers/taken.yaml", &*other), ("over/providers/acme.yaml", &*extends)],
            &[("over/providers/aaa.yaml", &*alias), ("over/providers/acme.yaml", &*extends)],
            &[("over/providers/other.yaml", &*alias)],
        ] {
            let folder = Folder::new(&[&[("base/providers/acme.yaml", &*acme)], files].concat());
            let base = compile(&folder.0.join("base"));
            let compiled = compile_overlay(&base.catalog(), &folder.0.join("over"));
            let found = compiled.diagnostics.iter().filter(|found| found.code == "alias-collision");
            let found: Vec<_> = found.map(|found| &*compiled.source_files.get(found.span.file).path).collect();
            assert!(matches!(&found[..], [path] if path.ends_with(files[0].0)), "{files:?}: {found:?}");
        }
    }
}
