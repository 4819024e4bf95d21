use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "not-utf8",
    severity: Severity::Error,
    summary: "A file is UTF-8 text.",
    explanation: "The file holds bytes that are no UTF-8 character. Save it as UTF-8. The position is the first such byte.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::compile;
    use crate::testing::Folder;
    use std::fs;

    #[test]
    fn the_first_byte_that_is_no_character() {
        let folder = Folder::new(&[("providers/acme.yaml", "")]);
        fs::write(folder.0.join("providers/acme.yaml"), b"name: \xc3\xa9\xe9 Acme\n").unwrap();
        let found = compile(&folder.0);
        let places: Vec<_> = found.diagnostics.iter().map(|each| (each.code, found.sources.positions(each.span).0.column)).collect();
        assert_eq!(places, [("not-utf8", 8)]);
    }
}
