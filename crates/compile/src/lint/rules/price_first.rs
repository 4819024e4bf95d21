use crate::authored::Price;
use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;
use crate::read::FileKind;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    // An entry that was wrong was taken out, and the next one is no longer the first then.
    for doc in context.providers.iter().filter(|doc| !context.is_broken(FileKind::Provider, &doc.id)) {
        for (index, model) in doc.value.models.iter().enumerate() {
            if let Some(key) = model.prices.first().and_then(condition) {
                findings
                    .add(
                        &codes::PRICE_FIRST,
                        Place::key(doc.file, pointer!("models", index, "prices", 0, key)),
                        format!("the first price of `{}` has a condition", model.id),
                    )
                    .help("put the entry first that always holds");
            }
        }
    }
}

/// The first condition that an entry names.
fn condition(price: &Price) -> Option<&'static str> {
    let named = [
        (price.condition.above.is_some(), "above"),
        (price.condition.tier.is_some(), "tier"),
        (price.condition.from.is_some(), "from"),
        (price.condition.until.is_some(), "until"),
        (price.condition.hours.is_some(), "hours"),
        (price.condition.region.is_some(), "region"),
    ];
    named.into_iter().find(|(named, _)| *named).map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn a_first_entry_with_a_condition() {
        let models = "models:\n  - id: a\n    prices:\n      - {tier: batch, input: 1}\n";
        assert_eq!(check(&[("providers/acme.yaml", &format!("{ACME}{models}"))]), ["price-first providers/acme.yaml:12:10"]);
        assert!(check(&[("providers/acme.yaml", &format!("{ACME}{}", models.replace("tier: batch", "currency: CNY")))]).is_empty());
    }
}
