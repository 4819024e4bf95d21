use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "order",
    severity: Severity::Warning,
    summary: "Keys and entries stand in order.",
    explanation: "Keys stand in the order of the schema, models and aliases in the order of their ids, so that a diff shows what changed and nothing else. Endpoints, authentication and prices keep the order they were written in: it means something. `modeldex check --fix` puts the rest in order and keeps comments.",
    check: None,
};
