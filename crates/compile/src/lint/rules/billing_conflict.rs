use super::common::{may_lack, resolved};
use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;
use modeldex_table::{Billing, Fact};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        for (index, own) in doc.value.models.iter().enumerate() {
            let at = |key: &str| Place::value(doc.file, pointer!("models", index, key));
            let own_billing = own.facts.word::<Billing>(Fact::Billing);
            match own_billing {
                Some(billing) if billing != Billing::Metered && !own.prices.is_empty() => {
                    findings
                        .add(&codes::BILLING_CONFLICT, at("billing"), format!("the model is `{billing}`, and has prices"))
                        .also(Place::key(doc.file, pointer!("models", index, "prices")), "the prices")
                        .help("keep one of the two");
                }
                _ => {}
            }
            let Some(model) = provider.models.get(&own.id).filter(|model| model.index == Some(index)) else { continue };
            if model.model.facts.word(Fact::Billing) == Some(Billing::Metered) && model.model.prices.is_empty() && !may_lack(context, doc) {
                let place = if own_billing.is_some() { at("billing") } else { at("id") };
                let finding =
                    findings.add(&codes::BILLING_CONFLICT, place, format!("the model `{}` is metered, and has no prices", own.id));
                finding.help("list its `prices`, or say `billing: unpriced`");
                if own_billing.is_none() && doc.value.defaults.as_ref().is_some_and(|defaults| defaults.facts.states(Fact::Billing)) {
                    finding.also(Place::value(doc.file, "/defaults/billing"), "inherited from here");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn prices_of_what_is_not_metered() {
        let models = "models:\n  - id: a\n    billing: free\n    prices: [{input: 1}]\n  - id: b\n    billing: metered\n";
        let found = check(&[("providers/acme.yaml", &format!("{ACME}{models}"))]);
        assert_eq!(found, ["billing-conflict providers/acme.yaml:11:14", "billing-conflict providers/acme.yaml:14:14"]);
    }

    #[test]
    fn defaults_hold_for_models_without_prices() {
        let text =
            |billing: &str| format!("{ACME}defaults: {{billing: {billing}}}\nmodels:\n  - id: a\n  - id: b\n    prices: [{{input: 1}}]\n");
        assert_eq!(check(&[("providers/acme.yaml", &text("metered"))]), ["billing-conflict providers/acme.yaml:11:9"]);
        assert!(check(&[("providers/acme.yaml", &text("plan"))]).is_empty());
    }
}
