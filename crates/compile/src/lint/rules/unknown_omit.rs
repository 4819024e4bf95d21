use super::common::*;
use crate::lint::Folder;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in context.shaped.providers.iter().filter(|doc| !doc.value.omit_models.is_empty()) {
        let Some(extends) = doc.value.extends.as_deref() else {
            if may_lack(context, doc) {
                continue;
            }
            findings
                .add(&codes::UNKNOWN_OMIT, doc.key("/omit_models"), "there is nothing to leave out: this provider extends no other")
                .help("remove the list, or name a provider with `extends`");
            continue;
        };
        // What the catalog below had under the same id is no longer known here; and an unknown provider has a rule of its own.
        let Some(extended) = context.resolved.providers.get(extends).filter(|_| extends != doc.id) else { continue };
        for (index, id) in doc.value.omit_models.iter().enumerate() {
            if extended.models.contains_key(id) || may_lack(context, doc) {
                continue;
            }
            findings
                .add(&codes::UNKNOWN_OMIT, doc.at(pointer!("omit_models", index)), format!("`{extends}` has no model `{id}` to leave out"))
                .also(doc.at("/extends"), "the provider whose models are taken over")
                .maybe_help(suggest.help(id, extended.models.keys().map(String::as_str)));
        }
    }
}

/// Entries of `omit_models` that the imported provider does not have.
pub(super) fn check_imported(folder: &Folder<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in folder.own.providers.iter().filter(|doc| doc.value.extends.as_ref() == Some(&doc.id)) {
        let Some(imported) = folder.imported.providers.iter().find(|imported| imported.id == doc.id) else { continue };
        let known = || imported.value.models.iter().map(|model| model.id.as_str());
        for (index, id) in doc.value.omit_models.iter().enumerate() {
            if known().all(|known| known != id) && !folder.imported.is_broken(FileKind::Provider, &doc.id) {
                let message = format!("the imported provider `{}` has no model `{id}` to leave out", doc.id);
                findings.add(&codes::UNKNOWN_OMIT, doc.at(pointer!("omit_models", index)), message).maybe_help(suggest.help(id, known()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_model_that_is_not_there() {
        let whole = format!("{ACME}models:\n  - id: a1\n  - id: b1\n");
        let other = "extends: acme\nomit_models: [a1, b2]\n";
        assert_eq!(check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", other)]), ["unknown-omit providers/other.yaml:3:19"]);
        assert!(check(&[("providers/acme.yaml", &whole), ("providers/other.yaml", &other.replace("b2", "b1"))]).is_empty());
    }

    #[test]
    fn an_imported_model_that_is_not_there() {
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
    fn nothing_to_leave_out() {
        let text = ACME.to_owned() + "omit_models: [a]\n";
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["unknown-omit providers/acme.yaml:9:1"]);
    }
}
