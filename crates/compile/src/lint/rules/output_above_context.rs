use super::common::{base_place, may_lack, resolved};
use crate::authored::Facts;
use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in context.labs {
        for (index, base) in doc.value.models.iter().enumerate() {
            for (key, limit, window) in above(&base.facts) {
                findings
                    .add(&codes::OUTPUT_ABOVE_CONTEXT, Place::value(doc.file, pointer!("models", index, key)), message(key, limit, window))
                    .also(Place::value(doc.file, pointer!("models", index, "context_window")), "the context window");
            }
        }
    }
    for doc in context.providers {
        let Some(provider) = resolved(context, doc) else { continue };
        let defaults = doc.value.defaults.as_ref().map(|defaults| &defaults.facts);
        for (index, own) in doc.value.models.iter().enumerate() {
            let Some(model) = provider.models.get(&own.id).filter(|model| model.index == Some(index)) else { continue };
            for (key, limit, window) in above(&model.model.facts) {
                let own_limit = value(&own.facts, key).is_some();
                let own_window = own.facts.context_window.is_some();
                let own_base = own.base.as_deref().unwrap_or_default();
                let inherited = |key: &str| match defaults {
                    Some(facts) if value(facts, key).is_some() => Some(Place::value(doc.file, pointer!("defaults", key))),
                    _ => base_place(context, model.model.base.as_deref().unwrap_or(own_base), key),
                };
                let here = |key: &str| Place::value(doc.file, pointer!("models", index, key));
                if !own_limit && !own_window && !defaults.is_some_and(|facts| value(facts, key).is_some() || facts.context_window.is_some())
                {
                    // Both came from the base model or another provider, and are reported there.
                    continue;
                }
                if !(own_limit && own_window) && may_lack(context, doc) {
                    // What was wrong was taken out, and another value stands in for it here.
                    continue;
                }
                let place = match (own_limit, own_window) {
                    (true, _) => here(key),
                    (false, true) => here("context_window"),
                    (false, false) => here("id"),
                };
                let finding = findings.add(&codes::OUTPUT_ABOVE_CONTEXT, place, message(key, limit, window));
                let window_place = if own_window { Some(here("context_window")) } else { inherited("context_window") };
                let limit_place = if own_limit { None } else { inherited(key) };
                if let Some(place) = window_place.filter(|_| own_limit || !own_window) {
                    finding.also(place, "the context window");
                }
                if let Some(place) = limit_place {
                    finding.also(place, "inherited from here").help(format!("write `{key}` here as well, or `omit: [{key}]`"));
                }
            }
        }
    }
}

/// The limits that are above the context window.
fn above(facts: &Facts) -> impl Iterator<Item = (&'static str, u32, u32)> {
    let window = facts.context_window;
    let limits = [("max_output_tokens", facts.max_output_tokens), ("max_input_tokens", facts.max_input_tokens)];
    limits.into_iter().filter_map(move |(key, limit)| Some((key, limit?, window?))).filter(|(_, limit, window)| limit > window)
}

fn value(facts: &Facts, key: &str) -> Option<u32> {
    match key {
        "max_output_tokens" => facts.max_output_tokens,
        "max_input_tokens" => facts.max_input_tokens,
        _ => facts.context_window,
    }
}

fn message(key: &str, limit: u32, window: u32) -> String {
    let what = if key == "max_input_tokens" { "a request" } else { "an answer" };
    format!("{what} of up to {limit} tokens does not fit a context window of {window}")
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const LAB: &str = "name: Lab\nmodels:\n  - id: model\n    context_window: 1000\n    max_output_tokens: 500\n";

    #[test]
    fn limits_of_a_base_model() {
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
    fn as_long_as_the_window_is_fine() {
        let models = "models:\n  - id: a\n    base: lab/model\n    max_output_tokens: 1000\n  - id: b\n    base: lab/model\n    omit: [max_output_tokens]\n    context_window: 400\n";
        assert!(check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{models}"))]).is_empty());
    }
}
