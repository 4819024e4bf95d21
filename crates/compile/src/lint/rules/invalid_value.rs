use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-value",
    severity: Severity::Error,
    summary: "A value is one that its key allows.",
    explanation: "The value has the right type but is not one of the words for it, is empty, too long, or does not have the shape that the key asks for. The help lists what is allowed.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_value_that_is_not_one_of_the_words() {
        assert_eq!(
            check(&[("providers/acme.yaml", &ACME.replace("openai-completions", "openai"))]),
            ["invalid-value providers/acme.yaml:5:10"]
        );
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: a b\n"))]), ["invalid-value providers/acme.yaml:10:9"]);
        assert!(check(&[("providers/acme.yaml", ACME)]).is_empty());
    }
}
