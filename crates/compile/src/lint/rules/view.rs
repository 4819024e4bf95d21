//! Reports the errors in views. The renderer of views finds the errors itself, so every view without findings can be rendered.

use super::common::*;
use crate::authored::View;
use crate::emit::typescript::{ViewError, ViewErrorKind, view_errors};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut suggest = Suggest::new();
    for doc in &context.files.views {
        for error in
            view_errors(&context.catalog, &doc.value).into_iter().filter(|error| !may_be_caused_by_invalid_file(context, doc, error))
        {
            let code = match error.kind {
                ViewErrorKind::UnknownModel => &codes::VIEW_REFERENCE,
                ViewErrorKind::UnknownFact | ViewErrorKind::Unpriced => &codes::VIEW_FACT,
                ViewErrorKind::Currency => &codes::VIEW_CURRENCY,
                ViewErrorKind::Name | ViewErrorKind::Empty => &codes::VIEW_EXPORT,
            };
            let unknown = reference(&doc.value, &error).filter(|_| error.kind == ViewErrorKind::UnknownModel);
            let help = match unknown {
                Some(reference) => reference_help(&mut suggest, context.resolved, reference),
                None => Some(error.help),
            };
            let finding = findings.add(code, doc.at(error.pointer), error.message);
            finding.maybe_help(help);
            if let Some(before) = error.before {
                finding.label("second export of the name").also(doc.at(before), "first export of the name");
            }
        }
    }
}

/// Returns whether the error may be only a consequence of an invalid file. The invalid parts of such a file were removed, and are already reported.
fn may_be_caused_by_invalid_file(context: &Context<'_>, doc: &Doc<View>, error: &ViewError) -> bool {
    // Names and references are reported at a place in the view that was not removed.
    let is_at_kept_value = matches!(error.kind, ViewErrorKind::UnknownModel | ViewErrorKind::Name);
    if !is_at_kept_value && context.files.is_broken(FileKind::View, &doc.id) {
        return true;
    }
    let Some(reference) = reference(&doc.value, error) else { return false };
    let base = context.resolved.model(reference).and_then(|(_, model)| model.model.base.as_deref());
    reference.split_once('/').is_some_and(|(provider, _)| is_broken_provider(context, provider)) || base_may_lack(context, base)
}

/// Returns the reference of the model that the error concerns.
fn reference<'v>(view: &'v View, error: &ViewError) -> Option<&'v str> {
    Some(&view.exports.get(error.export)?.models.get(error.row?)?.reference)
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACME, check};

    #[test]
    fn unknown_references() {
        let text = format!("{ACME}model_aliases:\n  - {{id: old, target: model, kind: legacy}}\nmodels:\n  - id: model\n");
        let view = "exports:\n  - array: MODELS\n    models:\n      - ref: acme/model\n      - ref: acme/old\n      - ref: acme/modle\n      - ref: amce/model\n      - ref: model\n";
        let found = check(&[("providers/acme.yaml", &text), ("views/ui.yaml", view)]);
        assert_eq!(found, [7, 8, 9].map(|line| format!("view-reference views/ui.yaml:{line}:14")));
    }

    #[test]
    fn models_of_invalid_files_are_not_reported_as_missing() {
        let view = "exports:\n  - array: MODELS\n    models:\n      - ref: acme/model\n";
        assert_eq!(check(&[("providers/acme.yaml", "name: [\n"), ("views/ui.yaml", view)]), ["syntax providers/acme.yaml:3:1"]);
    }

    fn exported(view: &str) -> Vec<String> {
        let text = format!("{ACME}models:\n  - id: model\n    context_window: 100\n    max_output_tokens: 10\n    input: [text]\n");
        check(&[("providers/acme.yaml", &text), ("views/ui.yaml", &format!("unpriced_cost: 0\nexports:\n{view}"))])
    }

    #[test]
    fn groups_that_export_nothing() {
        let rows = "    models: [{ref: acme/model}]\n";
        assert_eq!(exported(&format!("  -\n{rows}")), ["view-export views/ui.yaml:5:5"]);
        assert_eq!(exported(&format!("  - constants: A\n    type: Row\n{rows}")), ["view-export views/ui.yaml:5:11"]);
    }

    #[test]
    fn duplicate_names() {
        let rows = "    models: [{ref: acme/model}]\n";
        assert_eq!(exported(&format!("  - constants: A\n{rows}  - constants: A\n{rows}")), ["view-export views/ui.yaml:6:16"]);
        assert_eq!(exported(&format!("  - constants: A\n{rows}  - array: A_COST\n{rows}")), ["view-export views/ui.yaml:6:12"]);
        assert!(exported(&format!("  - constants: A\n    array: AS\n    type: Row\n{rows}")).is_empty());
    }

    fn stated(model: &str, view: &str) -> Vec<String> {
        check(&[("providers/acme.yaml", &format!("{ACME}models:\n  - id: model\n{model}")), ("views/ui.yaml", view)])
    }

    const FACTS: &str = "    context_window: 100\n    max_output_tokens: 10\n    input: [text]\n";

    #[test]
    fn unknown_facts() {
        let view = "unpriced_cost: 0\nexports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        assert_eq!(stated("    context_window: 100\n    input: [text]\n", view), ["view-fact views/ui.yaml:6:14"]);
        assert_eq!(stated("", view).len(), 3);
        assert!(stated(FACTS, view).is_empty());
        let wanted = format!("{view}    override:\n      reason: This UI wants it so.\n      max_output_tokens: 5\n");
        assert!(stated("    context_window: 100\n    input: [text]\n", &wanted).is_empty());
    }

    #[test]
    fn unknown_costs() {
        let view = "exports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        assert_eq!(stated(FACTS, view), ["view-fact views/ui.yaml:5:14"]);
        let priced = format!("{FACTS}    prices: [{{input: 1, output: 1, cache_read: 1, cache_write: 1}}]\n");
        assert!(stated(&priced, view).is_empty());
        let wanted = format!("{view}    override:\n      reason: This UI shows none.\n      cost: unpriced\n");
        assert_eq!(stated(&priced, &wanted), ["view-fact views/ui.yaml:8:13"]);
    }

    #[test]
    fn a_cost_in_another_currency() {
        let view = "unpriced_cost: 0\nexports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        let priced =
            |currency: &str| format!("{FACTS}    prices:\n      - {{{currency}input: 1, output: 1, cache_read: 1, cache_write: 1}}\n");
        assert_eq!(stated(&priced("currency: CNY, "), view), ["view-currency views/ui.yaml:6:14"]);
        assert!(stated(&priced(""), view).is_empty());
        let wanted = format!("{view}    override:\n      reason: This UI shows none.\n      cost: unpriced\n");
        assert!(stated(&priced("currency: CNY, "), &wanted).is_empty());
    }

    #[test]
    fn missing_rates() {
        let view = "exports:\n  - constants: A\n    models:\n      - ref: acme/model\n";
        let priced = |rates: &str| format!("{FACTS}    prices:\n      - {{{rates}}}\n");
        assert_eq!(stated(&priced("input: 1, output: 1, cache_write: 1"), view), ["view-fact views/ui.yaml:5:14"]);
        assert!(stated(&priced("input: 1, output: 1, cache_write: 1"), &format!("unpriced_cost: 0\n{view}")).is_empty());
        assert!(stated(&priced("input: 1, output: 1, cache_read: 1, cache_write: 1"), view).is_empty());
    }
}
