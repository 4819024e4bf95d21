use super::common::*;
use modeldex_table::{Fact, Limits};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.labs {
        for (index, base) in doc.value.models.iter().enumerate() {
            for (limit, count, window) in base.facts.limits().above_window() {
                findings
                    .add(&codes::OUTPUT_ABOVE_CONTEXT, doc.at(pointer!("models", index, limit.as_str())), message(limit, count, window))
                    .also(doc.at(pointer!("models", index, WINDOW.as_str())), "the context window is stated here");
            }
        }
    }
    for doc in &context.files.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        let defaults = doc.value.defaults.as_ref().map(|defaults| &defaults.facts);
        for (index, own) in doc.value.models.iter().enumerate() {
            let Some(model) = provider.models.get(&own.id).filter(|model| model.index == Some(index)) else { continue };
            for (limit, count, window) in model.model.facts.limits().above_window() {
                let (own_limit, own_window) = (own.facts.states(limit), own.facts.states(WINDOW));
                let own_base = own.base.as_deref().unwrap_or_default();
                let inherited = |fact: Fact| match defaults {
                    Some(facts) if facts.states(fact) => Some(doc.at(pointer!("defaults", fact.as_str()))),
                    _ => base_place(context, model.model.base.as_deref().unwrap_or(own_base), fact.as_str()),
                };
                let here = |key: &str| doc.at(pointer!("models", index, key));
                if !own_limit && !own_window && !defaults.is_some_and(|facts| facts.states(limit) || facts.states(WINDOW)) {
                    // Both limits are inherited from the base model or another provider, and the finding is reported there.
                    continue;
                }
                if !(own_limit && own_window) && may_lack(context, doc) {
                    // An invalid value was removed, so the value here is an inherited one.
                    continue;
                }
                let place = match (own_limit, own_window) {
                    (true, _) => here(limit.as_str()),
                    (false, true) => here(WINDOW.as_str()),
                    (false, false) => here("id"),
                };
                let finding = findings.add(&codes::OUTPUT_ABOVE_CONTEXT, place, message(limit, count, window));
                let window_place = if own_window { Some(here(WINDOW.as_str())) } else { inherited(WINDOW) };
                let limit_place = if own_limit { None } else { inherited(limit) };
                finding.also(window_place.filter(|_| own_limit || !own_window), "the context window is stated here");
                if let Some(place) = limit_place {
                    finding
                        .also(place, format!("`{limit}` is inherited from here"))
                        .help(format!("state `{limit}` in this entry too, or write `omit: [{limit}]`"));
                }
            }
        }
    }
}

const WINDOW: Fact = Limits::WINDOW;

fn message(limit: Fact, count: u32, window: u32) -> String {
    format!("`{limit}` is {count} tokens, which exceeds the context window of {window} tokens")
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const LAB: &str = "name: Lab\nmodels:\n  - id: model\n    context_window: 1000\n    max_output_tokens: 500\n";

    #[test]
    fn limits_of_a_base_model_are_reported_once() {
        let lab = "name: Lab\nmodels:\n  - id: model\n    context_window: 1000\n    max_input_tokens: 2000\n    max_output_tokens: 1001\n";
        let text = format!("{ACME}models:\n  - {{id: model, base: lab/model}}\n");
        let found = check(&[("models/lab.yaml", lab), ("providers/acme.yaml", &text)]);
        assert_eq!(found, ["output-above-context models/lab.yaml:6:23", "output-above-context models/lab.yaml:7:24"]);
    }

    #[test]
    fn one_of_the_two_is_inherited() {
        let models = "models:\n  - id: a\n    base: lab/model\n    max_output_tokens: 2000\n  - id: b\n    base: lab/model\n    context_window: 400\n";
        let found = check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{models}"))]);
        assert_eq!(found, ["output-above-context providers/acme.yaml:12:24", "output-above-context providers/acme.yaml:15:21"]);
        let defaults = "defaults: {context_window: 400}\nmodels:\n  - id: a\n    base: lab/model\n";
        let found = check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{defaults}"))]);
        assert_eq!(found, ["output-above-context providers/acme.yaml:11:9"]);
    }

    #[test]
    fn a_limit_may_equal_the_window() {
        let models = "models:\n  - id: a\n    base: lab/model\n    max_output_tokens: 1000\n  - id: b\n    base: lab/model\n    omit: [max_output_tokens]\n    context_window: 400\n";
        assert!(check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{models}"))]).is_empty());
    }
}
