use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "anchor",
    severity: Severity::Error,
    summary: "Anchors, aliases and tags are not used.",
    explanation: "YAML can name a value with `&` and repeat it with `*`, and change its type with `!`. In a catalog they would hide where a value was written, and a few lines of them can expand to gigabytes. Use `base`, `defaults` or `extends` to write a fact once; put quotes around a value that begins with one of these characters.",
    check: None,
};

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn anchors_aliases_and_tags() {
        assert_eq!(
            check(&[("providers/acme.yaml", "name: &x Acme\ndoc_url: *x\n")]),
            ["anchor providers/acme.yaml:2:7", "anchor providers/acme.yaml:3:10"]
        );
        assert_eq!(check(&[("providers/acme.yaml", "name: !!str Acme\n")]), ["anchor providers/acme.yaml:2:7"]);
        assert!(check(&[("providers/acme.yaml", &ACME.replace("Acme\n", "'&Acme *and* !more'\n"))]).is_empty());
    }
}
