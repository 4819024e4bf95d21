use super::common::*;
use crate::shape::Shaped;
use std::collections::HashMap;

pub(super) fn check(layer: &Shaped, findings: &mut Findings) {
    twice(&layer.labs, FileKind::Lab, findings);
    twice(&layer.providers, FileKind::Provider, findings);
    twice(&layer.views, FileKind::View, findings);
    twice(&layer.usage, FileKind::Usage, findings);
}

fn twice<T>(docs: &[Doc<T>], kind: FileKind, findings: &mut Findings) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(docs.len());
    for doc in docs {
        let file = *first.entry(&doc.id).or_insert(doc.file);
        if file != doc.file {
            findings
                .add(&codes::DUPLICATE_FILE, Place::file(doc.file), format!("another file is the {} `{}` already", kind.noun(), doc.id))
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
