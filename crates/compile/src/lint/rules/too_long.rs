use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "too-long",
    severity: Severity::Error,
    summary: "Texts and lists stay within what a row can hold.",
    explanation: "A text of more than 65,535 bytes, or a list of more than 65,535 entries, stands in the file. Nothing in a catalog is so long; most likely something else was pasted into it.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_text_that_no_row_holds() {
        let text = |len: usize| format!("{ACME}default_model: {}\n", "x".repeat(len));
        assert_eq!(check(&[("providers/acme.yaml", &text(70_000))]), ["too-long providers/acme.yaml:9:16"]);
        assert_eq!(check(&[("providers/acme.yaml", &text(3_000))]), ["invalid-value providers/acme.yaml:9:16"]);
    }
}
