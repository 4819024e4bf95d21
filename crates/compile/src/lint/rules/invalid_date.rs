use crate::diagnostic::Severity;
use crate::lint::Rule;

pub(crate) static RULE: Rule = Rule {
    code: "invalid-date",
    severity: Severity::Error,
    summary: "A date is one that existed.",
    explanation: "Dates are YYYY, YYYY-MM or YYYY-MM-DD, as precise as their source. Moments are YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, always in UTC. Hours are HH:MM, and their zone is `UTC` or a distance such as `+08:00`. The 30th of February is none of these.",
    check: None,
};
