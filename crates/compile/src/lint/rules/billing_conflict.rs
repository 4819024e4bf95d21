use super::common::*;
use modeldex_table::{Billing, Fact};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        for (index, own) in doc.value.models.iter().enumerate() {
            let at = |key: &str| doc.at(pointer!("models", index, key));
            let own_billing = own.facts.word::<Billing>(Fact::Billing);
            if let Some(billing) = own_billing.filter(|billing| *billing != Billing::Metered && !own.prices.is_empty()) {
                findings
                    .add(
                        &codes::BILLING_CONFLICT,
                        at("billing"),
                        format!("the model `{model}` has prices, but also `billing: {billing}`", model = own.id),
                    )
                    .also(doc.key(pointer!("models", index, "prices")), "the prices of the model")
                    .help("remove `billing` or `prices`");
            }
            let Some(model) = provider.models.get(&own.id).filter(|model| model.index == Some(index)) else { continue };
            if model.model.facts.word(Fact::Billing) == Some(Billing::Metered) && model.model.prices.is_empty() && !may_lack(context, doc) {
                let place = if own_billing.is_some() { at("billing") } else { at("id") };
                let defaults = doc.value.defaults.as_ref().filter(|defaults| defaults.facts.states(Fact::Billing) && own_billing.is_none());
                findings
                    .add(&codes::BILLING_CONFLICT, place, format!("the model `{model}` is metered but has no prices", model = own.id))
                    .also(defaults.map(|_| doc.at("/defaults/billing")), "`billing: metered` is inherited from here")
                    .help("add `prices` to the model, or state `billing: unpriced`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check, check_acme};

    #[test]
    fn prices_contradict_other_billing() {
        let models = "models:\n  - id: a\n    billing: free\n    prices: [{input: 1}]\n  - id: b\n    billing: metered\n";
        let found = check_acme(models);
        assert_eq!(found, ["billing-conflict providers/acme.yaml:11:14", "billing-conflict providers/acme.yaml:14:14"]);
    }

    #[test]
    fn default_billing_applies_to_models_without_prices() {
        let text =
            |billing: &str| format!("{ACME}defaults: {{billing: {billing}}}\nmodels:\n  - id: a\n  - id: b\n    prices: [{{input: 1}}]\n");
        assert_eq!(check(&[("providers/acme.yaml", &text("metered"))]), ["billing-conflict providers/acme.yaml:11:9"]);
        assert!(check(&[("providers/acme.yaml", &text("plan"))]).is_empty());
    }
}
