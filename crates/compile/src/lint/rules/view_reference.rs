use super::common::{Suggest, is_broken_provider, reference_help};
use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in context.views {
        for (export, group) in doc.value.exports.iter().enumerate() {
            for (index, row) in group.models.iter().enumerate() {
                let reference = row.reference.as_str();
                let broken = || reference.split_once('/').is_some_and(|(provider, _)| is_broken_provider(context, provider));
                if context.resolved.model(reference).is_none() && !broken() {
                    findings
                        .add(
                            &codes::VIEW_REFERENCE,
                            Place::value(doc.file, pointer!("exports", export, "models", index, "ref")),
                            format!("there is no model `{reference}`"),
                        )
                        .maybe_help(reference_help(&mut suggest, context.resolved, reference));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn references_that_lead_nowhere() {
        let text = format!("{ACME}model_aliases:\n  - {{id: old, target: model, kind: legacy}}\nmodels:\n  - id: model\n");
        let view = "exports:\n  - array: MODELS\n    models:\n      - ref: acme/model\n      - ref: acme/old\n      - ref: acme/modle\n      - ref: amce/model\n      - ref: model\n";
        let found = check(&[("providers/acme.yaml", &text), ("views/ui.yaml", view)]);
        assert_eq!(found, [7, 8, 9].map(|line| format!("view-reference views/ui.yaml:{line}:14")));
    }

    #[test]
    fn what_a_broken_provider_may_have_held_is_not_missed() {
        let view = "exports:\n  - array: MODELS\n    models:\n      - ref: acme/model\n";
        assert_eq!(check(&[("providers/acme.yaml", "name: [\n"), ("views/ui.yaml", view)]), ["syntax providers/acme.yaml:3:1"]);
    }
}
