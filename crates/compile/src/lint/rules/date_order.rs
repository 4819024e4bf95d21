use super::common::*;
use crate::authored::{Facts, Model};
use modeldex_table::{Date, Fact};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.labs {
        for (index, base) in doc.value.models.iter().enumerate() {
            for &(first, second, _) in Fact::DATE_ORDER {
                let at = |fact: Fact| doc.at(pointer!("models", index, fact.as_str()));
                if let Some((from, to)) = disordered(&base.facts, first, second) {
                    report(findings, at(second), Some(at(first)), (first, from), (second, to));
                }
            }
        }
    }
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        for (index, own) in doc.value.models.iter().enumerate() {
            prices(doc.file, index, own, findings);
            let Some(model) = provider.models.get(&own.id).filter(|model| model.index == Some(index)) else { continue };
            for &(first, second, _) in Fact::DATE_ORDER {
                let Some((from, to)) = disordered(&model.model.facts, first, second) else { continue };
                let at = |fact: Fact| doc.at(pointer!("models", index, fact.as_str()));
                let elsewhere = |fact: Fact| base_place(context, model.model.base.as_deref().unwrap_or_default(), fact.as_str());
                let stated = (own.facts.states(first), own.facts.states(second));
                if stated != (true, true) && may_lack(context, doc) {
                    // An invalid date was removed, so the value here is an inherited one.
                    continue;
                }
                match stated {
                    (true, true) => report(findings, at(second), Some(at(first)), (first, from), (second, to)),
                    (false, true) => report(findings, at(second), elsewhere(first), (first, from), (second, to)),
                    (true, false) => report(findings, at(first), elsewhere(second), (first, from), (second, to)),
                    // Both dates are inherited, and the finding is reported in the file that states them.
                    (false, false) => {}
                }
            }
        }
    }
}

/// Reports prices that end before they begin.
fn prices(file: usize, model: usize, own: &Model, findings: &mut Findings) {
    for (index, price) in own.prices.iter().enumerate() {
        if let Some((from, until)) = price.condition.from.zip(price.condition.until).filter(|(from, until)| from >= until) {
            let at = |key: &str| Place::value(file, pointer!("models", model, "prices", index, key));
            findings
                .add(&codes::DATE_ORDER, at("until"), format!("the price never applies, because it begins at {from} and ends at {until}"))
                .also(at("from"), "the price begins here")
                .help("`from` is the first moment at which the price applies; `until` is the first moment at which it no longer applies");
        }
    }
}

/// Returns the two dates if they are out of order at their common precision: every possible day of the first date is after every possible day of
/// the second date.
fn disordered(facts: &Facts, first: Fact, second: Fact) -> Option<(Date, Date)> {
    facts.date(first).zip(facts.date(second)).filter(|(from, to)| from.earliest() > to.latest())
}

fn report(findings: &mut Findings, place: Place, other: Option<Place>, first: (Fact, Date), second: (Fact, Date)) {
    let ((first, first_date), (second, second_date)) = (first, second);
    let message = format!("`{first}` ({first_date}) is after `{second}` ({second_date})");
    findings
        .add(&codes::DATE_ORDER, place, message)
        .also(other, "the conflicting date")
        .help("verify both dates, and remove a date that was never published");
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check, check_acme};

    const LAB: &str = "name: Lab\nmodels:\n  - id: model\n    release_date: 2025-10-14\n";

    #[test]
    fn dates_of_a_model() {
        let models = "models:\n  - id: a\n    base: lab/model\n    retirement_date: 2025-09\n  - id: b\n    base: lab/model\n    deprecation_date: 2026-02-01\n    retirement_date: 2026-01\n";
        let found = check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{models}"))]);
        assert_eq!(found, ["date-order providers/acme.yaml:12:22", "date-order providers/acme.yaml:16:22"]);
    }

    #[test]
    fn dates_of_a_base_model() {
        let lab = format!("{LAB}    last_updated: 2025-10-13\n");
        assert_eq!(check(&[("models/lab.yaml", &lab)]), ["date-order models/lab.yaml:6:19"]);
    }

    #[test]
    fn dates_that_may_be_in_order_at_their_precision() {
        let lab = format!("{LAB}    last_updated: 2025-10\n");
        let models = "models:\n  - id: a\n    base: lab/model\n    deprecation_date: 2025\n    retirement_date: 2025-10-14\n";
        assert!(check(&[("models/lab.yaml", &lab), ("providers/acme.yaml", &format!("{ACME}{models}"))]).is_empty());
    }

    #[test]
    fn a_price_that_never_applies() {
        let models = "models:\n  - id: a\n    prices:\n      - {input: 1}\n      - {from: 2026-02-01, until: 2026-02-01, input: 2}\n";
        assert_eq!(check_acme(models), ["date-order providers/acme.yaml:13:35"]);
    }
}
