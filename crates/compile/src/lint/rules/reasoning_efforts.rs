use super::common::*;
use crate::authored::Facts;
use modeldex_table::{Capability, Fact};

const REASONING: &str = Capability::Reasoning.as_str();
const EFFORTS: Fact = Fact::ReasoningEfforts;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for doc in &context.files.labs {
        for (index, base) in doc.value.models.iter().enumerate() {
            if contradicts(&base.facts) {
                let at = |key: &str| doc.at(pointer!("models", index, key));
                report(findings, at(EFFORTS.as_str()), Some(at(REASONING)));
            }
        }
    }
    for doc in &context.files.providers {
        let defaults = doc.value.defaults.as_ref().map(|defaults| &defaults.facts);
        if defaults.is_some_and(contradicts) {
            let at = |key: &str| doc.at(pointer!("defaults", key));
            report(findings, at(EFFORTS.as_str()), Some(at(REASONING)));
        }
        for (index, own) in doc.value.models.iter().enumerate().filter(|(_, own)| own.facts.states(EFFORTS)) {
            let at = |key: &str| doc.at(pointer!("models", index, key));
            let model = resolved(context, doc).and_then(|provider| provider.models.get(&own.id));
            let Some(model) = model.filter(|model| model.index == Some(index) && model.model.facts.is_impossible(EFFORTS)) else {
                continue;
            };
            let other = match defaults {
                _ if own.facts.is_impossible(EFFORTS) => Some(at(REASONING)),
                Some(facts) if facts.is_impossible(EFFORTS) => Some(doc.at(pointer!("defaults", REASONING))),
                _ => base_place(context, model.model.base.as_deref().unwrap_or_default(), REASONING),
            };
            report(findings, at(EFFORTS.as_str()), other);
        }
    }
}

fn contradicts(facts: &Facts) -> bool {
    facts.states(EFFORTS) && facts.is_impossible(EFFORTS)
}

fn report(findings: &mut Findings, place: Place, reasoning: Option<Place>) {
    findings
        .add(&codes::REASONING_EFFORTS, place, "the model has reasoning-effort levels, but also `reasoning: false`")
        .also(reasoning, "`reasoning: false` is stated here")
        .help("remove `reasoning_efforts` or `reasoning: false`");
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    const LAB: &str = "name: Lab\nmodels:\n  - id: model\n    reasoning: true\n    reasoning_efforts: [low, high]\n";

    #[test]
    fn levels_without_reasoning() {
        let lab =
            "name: Lab\nmodels:\n  - id: plain\n    reasoning: false\n  - id: torn\n    reasoning: false\n    reasoning_efforts: [low]\n";
        let models = "models:\n  - id: a\n    reasoning: false\n    reasoning_efforts: [low]\n  - id: b\n    base: lab/plain\n    reasoning_efforts: [low]\n";
        let found = check(&[("models/lab.yaml", lab), ("providers/acme.yaml", &format!("{ACME}{models}"))]);
        assert_eq!(
            found,
            [
                "reasoning-efforts models/lab.yaml:8:24",
                "reasoning-efforts providers/acme.yaml:12:24",
                "reasoning-efforts providers/acme.yaml:15:24"
            ]
        );
    }

    #[test]
    fn levels_for_an_inherited_model_without_reasoning() {
        let acme = format!("{ACME}models:\n  - {{id: m1, reasoning: false}}\n");
        let other = "# yaml-language-server: $schema=../../schema/provider.schema.json\nextends: acme\nname: Other\nmodels:\n  - id: m1\n    reasoning_efforts: [low]\n";
        assert_eq!(
            check(&[("providers/acme.yaml", &acme), ("providers/other.yaml", other)]),
            ["reasoning-efforts providers/other.yaml:7:24"]
        );
    }

    #[test]
    fn a_model_without_reasoning_inherits_no_levels() {
        let models = "models:\n  - id: a\n    base: lab/model\n    reasoning: false\n  - id: b\n    base: lab/model\n";
        assert!(check(&[("models/lab.yaml", LAB), ("providers/acme.yaml", &format!("{ACME}{models}"))]).is_empty());
    }
}
