use super::common::*;
use std::collections::HashMap;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.labs {
        report_duplicates(doc.file, doc.value.models.iter().map(|model| model.id.as_str()), findings);
    }
    for doc in &context.files.providers {
        report_duplicates(doc.file, doc.value.models.iter().map(|model| model.id.as_str()), findings);
    }
}

fn report_duplicates<'m>(file: usize, ids: impl ExactSizeIterator<Item = &'m str>, findings: &mut Findings) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(ids.len());
    for (index, id) in ids.enumerate() {
        let before = *first.entry(id).or_insert(index);
        if before != index {
            findings
                .add(
                    &codes::DUPLICATE_MODEL,
                    Place::value(file, pointer!("models", index, "id")),
                    format!("two models of the file have the id `{id}`"),
                )
                .label(format!("second model with the id `{id}`"))
                .also(Place::value(file, pointer!("models", before, "id")), format!("first model with the id `{id}`"))
                .help("remove one of the two entries, or merge them");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn the_same_id_twice() {
        let text = format!("{ACME}models:\n  - id: a\n  - id: b\n  - id: b\n");
        assert_eq!(check(&[("providers/acme.yaml", &text)]), ["duplicate-model providers/acme.yaml:12:9"]);
        let lab = "name: Acme\nmodels:\n  - id: a\n  - id: a\n";
        assert_eq!(check(&[("models/acme.yaml", lab)]), ["duplicate-model models/acme.yaml:5:9"]);
    }

    #[test]
    fn two_providers_may_have_the_same_model_id() {
        let text = format!("{ACME}models:\n  - id: a\n");
        assert!(check(&[("providers/acme.yaml", &text), ("providers/other.yaml", &text)]).is_empty());
    }
}
