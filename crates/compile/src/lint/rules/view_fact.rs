use super::common::{base_may_lack, is_broken_provider};
use crate::authored::Cost;
use crate::codes;
use crate::finding::{Findings, Place};
use crate::lint::Context;
use crate::pointer::pointer;
use crate::read::FileKind;
use modeldex_table::Billing;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    // What was wrong in the view was taken out, and is reported already.
    for doc in context.views.iter().filter(|doc| !context.is_broken(FileKind::View, &doc.id)) {
        for (index, export) in doc.value.exports.iter().enumerate() {
            let Some((prefix, row)) = export.constants.as_deref().zip(export.models.first()) else { continue };
            let Some((_, model)) = context.resolved.model(&row.reference) else { continue };
            let (model, wanted) = (&model.model, export.overrides.as_ref());
            let provider = row.reference.split_once('/').map_or("", |(provider, _)| provider);
            if is_broken_provider(context, provider) || base_may_lack(context, model.base.as_deref()) {
                continue;
            }
            let row_place = Place::value(doc.file, pointer!("exports", index, "models", 0, "ref"));
            let unknown = [
                (model.facts.context_window.or_else(|| wanted?.context_window).is_none(), "context_window", "_CONTEXT_WINDOW"),
                (model.facts.max_output_tokens.or_else(|| wanted?.max_output_tokens).is_none(), "max_output_tokens", "_MAX_TOKENS"),
                (model.facts.input.is_empty() && wanted.is_none_or(|wanted| wanted.input.is_empty()), "input", "_INPUT"),
            ];
            for (_, key, end) in unknown.into_iter().filter(|(unknown, ..)| *unknown) {
                findings
                    .add(
                        &codes::VIEW_FACT,
                        row_place.clone(),
                        format!("the `{key}` of `{}` is not known, and `{prefix}{end}` needs it", row.reference),
                    )
                    .help(format!("add it to the model, or state `{key}` under `override`"));
            }
            let unpriced = match model.billing {
                Some(Billing::Unpriced | Billing::Plan) => true,
                None => model.prices.is_empty(),
                Some(Billing::Metered | Billing::Free) => false,
            };
            let overridden = wanted.is_some_and(|wanted| wanted.cost == Some(Cost::Unpriced));
            if (unpriced || overridden) && doc.value.unpriced_cost.is_none() {
                let (place, why) = if overridden {
                    (Place::value(doc.file, pointer!("exports", index, "override", "cost")), "the cost is written as unpriced".to_owned())
                } else {
                    (row_place, format!("`{}` has no price", row.reference))
                };
                findings
                    .add(&codes::VIEW_FACT, place, format!("{why}, and the view does not say what `{prefix}_COST` is then"))
                    .help("add `unpriced_cost: 0` to the view, or the number that this UI shows for an unknown cost");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    fn found(model: &str, view: &str) -> Vec<String> {
        check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: model\n{model}")), ("views/ui.yaml", view)])
    }

    const FACTS: &str = "    context_window: 100\n    max_output_tokens: 10\n    input: [text]\n";

    #[test]
    fn facts_that_nobody_knows() {
        let view = "unpriced_cost: 0\nexports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        assert_eq!(found("    context_window: 100\n    input: [text]\n", view), ["view-fact views/ui.yaml:6:14"]);
        assert_eq!(found("", view).len(), 3);
        assert!(found(FACTS, view).is_empty());
        let wanted = format!("{view}    override:\n      reason: This UI wants it so.\n      max_output_tokens: 5\n");
        assert!(found("    context_window: 100\n    input: [text]\n", &wanted).is_empty());
    }

    #[test]
    fn costs_that_nobody_knows() {
        let view = "exports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        assert_eq!(found(FACTS, view), ["view-fact views/ui.yaml:5:14"]);
        let priced = format!("{FACTS}    prices: [{{input: 1}}]\n");
        assert!(found(&priced, view).is_empty());
        let wanted = format!("{view}    override:\n      reason: This UI shows none.\n      cost: unpriced\n");
        assert_eq!(found(&priced, &wanted), ["view-fact views/ui.yaml:8:13"]);
    }
}
