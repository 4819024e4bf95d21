use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.providers {
        for (index, model) in doc.value.models.iter().enumerate() {
            for (at, price) in model.prices.iter().enumerate() {
                let Some(hours) = price.condition.hours else { continue };
                let place = |key: &str| Place::value(doc.file, pointer!("models", index, "prices", at, "hours", key));
                if hours.start() == hours.end() {
                    findings
                        .add(&codes::PRICE_HOURS, place("end"), format!("the hours end at {} and begin then as well", hours.end()))
                        .also(place("start"), "the beginning")
                        .help("for the whole day write `start: \"00:00\", end: \"24:00\"`");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn acme(hours: &str) -> String {
        format!("{ACME}models:\n  - id: a\n    prices:\n      - {{input: 1}}\n      - {{hours: {{{hours}}}, input: 2}}\n")
    }

    #[test]
    fn hours_that_mean_nothing() {
        let found = check(&[("providers/acme.yaml", &acme("start: \"05:00\", end: \"05:00\", time_zone: UTC"))]);
        assert_eq!(found, ["price-hours providers/acme.yaml:13:39"]);
    }

    #[test]
    fn whole_days_and_nights() {
        for hours in [
            "start: \"00:00\", end: \"00:00\", time_zone: UTC, days: [sat]",
            "start: \"00:00\", end: \"24:00\", time_zone: UTC, days: [sat]",
            "start: \"22:00\", end: \"06:00\", time_zone: +08:00",
        ] {
            assert!(check(&[("providers/acme.yaml", &acme(hours))]).is_empty(), "{hours}");
        }
    }
}
