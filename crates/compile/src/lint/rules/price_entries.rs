//! Checks each entry of a price list separately.

use super::common::*;
use crate::authored::Price;
use crate::per_token::{is_per_token, rate_per_million};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        // Some checks skip a file with removed parts: after the removal of an invalid entry the next one would count as the first, and an entry may
        // have lost its only rate.
        let is_valid = !context.files.is_broken(FileKind::Provider, &doc.id);
        for (index, model) in doc.value.models.iter().enumerate() {
            for (entry, price) in model.prices.iter().enumerate() {
                let at = |keys: &str| format!("{}{keys}", pointer!("models", index, "prices", entry));
                if entry == 0
                    && is_valid
                    && let Some(key) = first_condition(price)
                {
                    findings
                        .add(
                            &codes::PRICE_FIRST,
                            doc.key(at(&pointer!(key))),
                            format!("the first entry of the price list of `{model}` has a condition", model = model.id),
                        )
                        .help("put the entry without conditions first");
                }
                if price.rates.0.is_empty() && is_valid {
                    findings
                        .add(&codes::PRICE_RATES, doc.at(at("")), "the entry of the price list has no rate")
                        .help("add a rate, such as `input` or `output`, or remove the entry");
                }
                for (&meter, rate) in price.rates.0.iter().filter(|(meter, rate)| is_per_token(**meter, **rate)) {
                    let message = format!("a rate of {rate} per million {meter} tokens is probably a rate per token");
                    let per_million = rate.to_string().parse().ok().and_then(|rate| rate_per_million(rate, Some(meter.as_str())));
                    findings
                        .add(&codes::PRICE_PER_TOKEN, doc.at(at(&pointer!(meter))), message)
                        .maybe_help(per_million.map(|rate| format!("write the rate per million tokens: `{rate}`")));
                }
                if let Some(hours) = price.condition.hours.filter(|hours| hours.start() == hours.end()) {
                    let message = format!("the hours of the price begin and end at the same time, {time}", time = hours.end());
                    findings
                        .add(&codes::PRICE_HOURS, doc.at(at("/hours/end")), message)
                        .also(doc.at(at("/hours/start")), "the hours begin here")
                        .help("for the whole day, write `start: \"00:00\", end: \"24:00\"`");
                }
            }
        }
    }
}

/// Returns the key of the first condition of an entry. Conditions are serialized before all other keys, so the first key of an entry with conditions
/// is a condition. Returns `None` if the entry has no conditions.
fn first_condition(price: &Price) -> Option<String> {
    if price.condition.is_always() {
        return None;
    }
    serde_json::to_value(price).ok()?.as_object()?.keys().next().cloned()
}

#[cfg(test)]
mod tests {
    use crate::testing::check_acme;

    /// Returns the findings for a model with these price entries, which begin on line 12.
    fn found(entries: &[&str]) -> Vec<String> {
        let entries: String = entries.iter().map(|entry| format!("      - {{{entry}}}\n")).collect();
        check_acme(&format!("models:\n  - id: a\n    prices:\n{entries}"))
    }

    #[test]
    fn a_first_entry_with_a_condition() {
        assert_eq!(found(&["tier: batch, input: 1"]), ["price-first providers/acme.yaml:12:10"]);
        assert!(found(&["currency: CNY, input: 1"]).is_empty());
    }

    #[test]
    fn an_entry_without_rates() {
        assert_eq!(found(&["input: 1", "tier: batch"]), ["price-rates providers/acme.yaml:13:9"]);
        assert!(found(&["input: 1", "tier: batch, input: 0"]).is_empty());
        // An invalid rate is not reported as missing.
        assert_eq!(found(&["input: much"]), ["wrong-type providers/acme.yaml:12:17"]);
    }

    #[test]
    fn rates_per_token() {
        assert_eq!(
            found(&["input: 0.000003, output: 0.000015"]),
            ["price-per-token providers/acme.yaml:12:17", "price-per-token providers/acme.yaml:12:35"]
        );
        assert!(found(&["input: 0, output: 0.0001, request: 0.000001, image: 0.00003"]).is_empty());
    }

    #[test]
    fn hours_with_equal_start_and_end() {
        let with = |hours: &str| found(&["input: 1", &format!("hours: {{{hours}}}, input: 2")]);
        assert_eq!(with("start: \"05:00\", end: \"05:00\", time_zone: UTC"), ["price-hours providers/acme.yaml:13:39"]);
        for hours in [
            "start: \"00:00\", end: \"00:00\", time_zone: UTC, days: [sat]",
            "start: \"00:00\", end: \"24:00\", time_zone: UTC, days: [sat]",
            "start: \"22:00\", end: \"06:00\", time_zone: +08:00",
        ] {
            assert!(with(hours).is_empty(), "{hours}");
        }
    }
}
