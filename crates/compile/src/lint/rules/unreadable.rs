use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "unreadable",
    severity: Severity::Error,
    summary: "Every file of the catalog can be read.",
    explanation: "The file or folder could not be opened: it does not exist, may not be read, or is larger than any catalog file has reason to be.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::compile;
    use crate::testing::{Folder, compiled};

    #[test]
    fn a_folder_that_is_not_there_and_a_file_that_is_none() {
        let folder = Folder::new(&[("providers/acme.yaml/keep", "")]);
        let found = compile(&folder.0).diagnostics;
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
        let found = compile(&folder.0.join("none")).diagnostics;
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["unreadable"]);
        assert_eq!(compiled(&[("README.md", "No file of a catalog.\n")]).diagnostics.len(), 1);
    }
}
