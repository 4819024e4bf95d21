use super::common::*;
use crate::lint::Folder;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in context.files.providers.iter().filter(|doc| !doc.value.omit_models.is_empty()) {
        let Some(extends) = doc.value.extends.as_deref() else {
            if may_lack(context, doc) {
                continue;
            }
            findings
                .add(&codes::UNKNOWN_OMIT, doc.key("/omit_models"), "`omit_models` has no effect: the provider inherits no models")
                .help("remove `omit_models`, or add `extends`");
            continue;
        };
        // The models of a provider with the same id in the catalog below are not known here. An unknown provider is reported by `unknown-extends`.
        let Some(extended) = context.resolved.providers.get(extends).filter(|_| extends != doc.id) else { continue };
        for (index, id) in doc.value.omit_models.iter().enumerate() {
            if extended.models.contains_key(id) || may_lack(context, doc) {
                continue;
            }
            findings
                .add(
                    &codes::UNKNOWN_OMIT,
                    doc.at(pointer!("omit_models", index)),
                    format!("the provider `{extends}` has no model `{id}` to omit"),
                )
                .also(doc.at("/extends"), "models are inherited from this provider")
                .maybe_help(suggest.help(id, extended.models.keys().map(String::as_str)));
        }
    }
}

/// Reports entries of `omit_models` that the imported provider does not have.
pub(super) fn check_imported(folder: &Folder<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in folder.hand_written.providers.iter().filter(|doc| doc.value.extends.as_ref() == Some(&doc.id)) {
        let Some(imported) = folder.imported.providers.iter().find(|imported| imported.id == doc.id) else { continue };
        let known = || imported.value.models.iter().map(|model| model.id.as_str());
        for (index, id) in doc.value.omit_models.iter().enumerate() {
            if known().all(|known| known != id) && !folder.imported.is_broken(FileKind::Provider, &doc.id) {
                let message = format!("the imported provider `{provider}` has no model `{id}` to omit", provider = doc.id);
                findings.add(&codes::UNKNOWN_OMIT, doc.at(pointer!("omit_models", index)), message).maybe_help(suggest.help(id, known()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn unknown_model() {
        let whole = format!("{ACME}models:\n  - id: a1\n  - id: b1\n");
        let other = "extends: acme\nomit_models: [a1, b2]\n";
        assert_eq!(check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", other)]), ["unknown-omit providers/other.yaml:3:19"]);
        assert!(check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", &other.replace("b2", "b1"))]).is_empty());
    }

    #[test]
    fn unknown_imported_model() {
        let imported = "name: Acme\nmodels:\n  - {id: a1}\n  - {id: b1}\n";
        let with = |own: &str| {
            let mut found = check(&[("imported/providers/acme.yaml", imported), ("providers/acme.yaml", own)]);
            found.retain(|found| !found.starts_with("incomplete-provider"));
            found
        };
        assert_eq!(with("omit_models: [a1, b2]\n"), ["unknown-omit providers/acme.yaml:2:19"]);
        assert_eq!(with("omit_models: [a1]\n"), Vec::<String>::new());
    }

    #[test]
    fn nothing_to_omit() {
        let text = ACME.to_owned() + "omit_models: [a]\n";
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["unknown-omit providers/acme.yaml:9:1"]);
    }
}
