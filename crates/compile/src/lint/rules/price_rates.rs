use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;
use crate::read::FileKind;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    // A rate that was wrong was taken out, and is reported already.
    for doc in context.providers.iter().filter(|doc| !context.is_broken(FileKind::Provider, &doc.id)) {
        for (index, model) in doc.value.models.iter().enumerate() {
            for (at, _) in model.prices.iter().enumerate().filter(|(_, price)| price.rates.0.is_empty()) {
                findings
                    .add(&codes::PRICE_RATES, Place::value(doc.file, pointer!("models", index, "prices", at)), "this price names no rate")
                    .help("name one, such as `input` or `output`, or remove the entry");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn an_entry_without_rates() {
        let models = "models:\n  - id: a\n    prices:\n      - {input: 1}\n      - {tier: batch}\n";
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}{models}"))]), ["price-rates providers/acme.yaml:13:9"]);
        assert!(
            check(&[("providers/acme.yaml", &format!("{ACME}{}", models.replace("{tier: batch}", "{tier: batch, input: 0}")))]).is_empty()
        );
    }

    #[test]
    fn a_rate_that_was_wrong_was_there() {
        let models = "models:\n  - id: a\n    prices:\n      - {input: much}\n";
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}{models}"))]), ["wrong-type providers/acme.yaml:12:17"]);
    }
}
