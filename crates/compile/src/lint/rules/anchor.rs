use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "anchor",
    severity: Severity::Error,
    summary: "Anchors, aliases and tags are not used.",
    explanation: "YAML can name a value with `&` and repeat it with `*`, and change its type with `!`. In a catalog they would hide where a value was written, and a few lines of them can expand to gigabytes. Use `base`, `defaults` or `extends` to write a fact once; put quotes around a value that begins with one of these characters.",
    check: None,
};
