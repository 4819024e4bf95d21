use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "syntax",
    severity: Severity::Error,
    summary: "A file is one YAML document.",
    explanation: "The file could not be read as YAML, or holds more than one document. The position is where the parser gave up, which is often just after the mistake: look for a missing colon, a quote that is not closed, or a line that is indented with tabs or by the wrong number of spaces.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_text_that_is_not_yaml() {
        assert_eq!(check(&[("providers/acme.yaml", "name: [\n")]), ["syntax providers/acme.yaml:3:1"]);
        assert_eq!(check(&[("providers/acme.yaml", "name: a\nkind: b: c\n")]), ["syntax providers/acme.yaml:3:8"]);
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}---\nname: Other\n"))]), ["syntax providers/acme.yaml:9:1"]);
        assert!(check(&[("providers/acme.yaml", ACME)]).is_empty());
    }
}
