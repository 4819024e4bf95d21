use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "schema-line",
    severity: Severity::Warning,
    summary: "The first line names the file's schema.",
    explanation: "Editors with a YAML language server read the first line and complete keys, show what they mean and underline mistakes while one types. The help gives the line.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check, compiled};

    #[test]
    fn a_first_line_that_names_no_schema() {
        let found = compiled(&[("providers/acme.yaml", ACME), ("providers/other.yaml", "# Other\nextends: acme\n")]);
        let places: Vec<_> = found.diagnostics.iter().map(|found| (found.code, found.span.start, found.span.end)).collect();
        assert_eq!(places, [("schema-line", 0, "name: Acme".len()), ("schema-line", 0, "# Other".len())]);
        assert!(check(&[("providers/acme.yaml", ACME)]).is_empty());
    }
}
