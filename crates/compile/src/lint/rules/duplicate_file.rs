use crate::diagnostic::Severity;
use crate::lint::{Context, Doc, Findings, Place, Rule};
use crate::read::FileKind;
use std::collections::HashMap;

pub(crate) static RULE: Rule = Rule {
    code: "duplicate-file",
    severity: Severity::Error,
    summary: "No two files of a folder have one id.",
    explanation: "The id of a provider, a lab or a view is its file's name without the ending, so `acme.yaml` and `acme.yml` are the same one twice. Only the first is read into the catalog; move what the second one adds into it and delete the second.",
    check: Some(check),
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    twice(context.labs, FileKind::Lab, findings);
    twice(context.providers, FileKind::Provider, findings);
    twice(context.views, FileKind::View, findings);
}

fn twice<T>(docs: &[Doc<T>], kind: FileKind, findings: &mut Findings) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(docs.len());
    for doc in docs {
        let file = *first.entry(&doc.id).or_insert(doc.file);
        if file != doc.file {
            findings
                .add(&RULE, Place::file(doc.file), format!("another file is the {} `{}` already", kind.noun(), doc.id))
                .also(Place::file(file), "the first one")
                .help("keep one of the two files");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn one_id_in_two_files() {
        let found = check(&[("providers/acme.yaml", ACME), ("providers/acme.yml", ACME)]);
        assert_eq!(found, ["duplicate-file providers/acme.yml:2:1"]);
        assert!(check(&[("providers/acme.yaml", ACME), ("models/acme.yaml", "name: Acme\n")]).is_empty());
    }
}
