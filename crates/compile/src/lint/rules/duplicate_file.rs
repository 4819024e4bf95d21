use super::common::*;
use crate::validate::AuthoredFiles;
use std::collections::HashMap;

pub(super) fn check(layer: &AuthoredFiles, findings: &mut Findings) {
    report_duplicates(&layer.labs, FileKind::Lab, findings);
    report_duplicates(&layer.providers, FileKind::Provider, findings);
    report_duplicates(&layer.views, FileKind::View, findings);
    report_duplicates(&layer.usage, FileKind::Usage, findings);
}

fn report_duplicates<T>(docs: &[Doc<T>], kind: FileKind, findings: &mut Findings) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(docs.len());
    for doc in docs {
        let file = *first.entry(&doc.id).or_insert(doc.file);
        if file != doc.file {
            findings
                .add(
                    &codes::DUPLICATE_FILE,
                    Place::file(doc.file),
                    format!("two files define the {kind} `{id}`", kind = kind.noun(), id = doc.id),
                )
                .also(Place::file(file), "the first of the two files")
                .help("merge the two files, and delete one of them");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn the_same_id_in_two_files() {
        let found = check(&[("providers/acme.yaml", ACME), ("providers/acme.yml", ACME)]);
        assert_eq!(found, ["duplicate-file providers/acme.yml:2:1"]);
        assert!(check(&[("providers/acme.yaml", ACME), ("models/acme.yaml", "name: Acme\n")]).is_empty());
    }
}
