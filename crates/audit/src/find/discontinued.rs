//! Finds ids of retired and deprecated models, and legacy ids. The help of a finding names a successor.

use super::FindingCollector;
use crate::catalog_index::{Discontinued, names_model};
use crate::rules::{DEPRECATED_MODEL, LEGACY_REFERENCE, RETIRED_MODEL};
use crate::scanned_text::WordPosition;
use modeldex_table::{AliasKind, Model, Resolved};
use std::ops::Range;

/// Checks a word of the text that may be a model id without a provider.
pub(super) fn check(collector: &mut FindingCollector<'_, '_>, range: Range<usize>) {
    let Some(discontinued) = collector.index.discontinued_id(collector.text(range.clone())) else { return };
    let is_value = match collector.scanned.position(range.clone()) {
        WordPosition::Quoted => collector.scanned.is_value_position(range.start),
        WordPosition::InBackticks => collector.scanned.is_markdown(),
        WordPosition::TableCell => true,
        WordPosition::Unquoted => collector.scanned.key(range.start).is_some_and(names_model),
        WordPosition::Prose | WordPosition::Fragment => false,
    };
    // Tables of limits and prices also have rows of discontinued models.
    if is_value && !collector.scanned.is_key(range.end) && !collector.scanned.is_compared(range.start) {
        report(collector, range, discontinued, |model| model.id().to_owned());
    }
}

/// Checks a reference that the catalog resolves to a model.
pub(super) fn check_reference<'c>(collector: &mut FindingCollector<'_, 'c>, range: Range<usize>, resolved: &Resolved<'c>) {
    let legacy = resolved.alias.filter(|alias| alias.kind() == AliasKind::Legacy);
    let discontinued = match legacy {
        Some(alias) => Some(Discontinued::Legacy { model: resolved.model, reason: alias.reason() }),
        None => collector.index.discontinued_model(resolved.model),
    };
    let Some(discontinued) = discontinued else { return };
    let position = collector.scanned.position(range.clone());
    let is_value = match position {
        WordPosition::Fragment => false,
        WordPosition::Prose => legacy.is_some(),
        WordPosition::Quoted => legacy.is_some() || collector.scanned.is_value_position(range.start),
        WordPosition::InBackticks | WordPosition::Unquoted | WordPosition::TableCell => true,
    };
    // The whole text, with the slash, may also be the id of a model that another provider still offers.
    let text = collector.text(range.clone());
    let is_offered_elsewhere = collector.index.models(text).iter().any(|model| collector.index.discontinued_model(*model).is_none());
    let is_row = legacy.is_none() && collector.scanned.is_key(range.end);
    if is_value && !is_row && !is_offered_elsewhere && !collector.scanned.is_compared(range.start) {
        report(collector, range, discontinued, |model| model.reference().to_string());
    }
}

fn report(
    collector: &mut FindingCollector<'_, '_>,
    range: Range<usize>,
    discontinued: Discontinued<'_>,
    written: impl Fn(Model<'_>) -> String,
) {
    let text = collector.text(range.clone());
    let (rule, model, message, label) = match discontinued {
        Discontinued::Legacy { model, reason } => {
            let message = match reason {
                Some(reason) => format!("`{text}` no longer works: {reason}"),
                None => format!("`{text}` no longer works"),
            };
            (&LEGACY_REFERENCE, model, message, "legacy")
        }
        Discontinued::Retired(model) => {
            let message = match model.lifecycle().end {
                Some(date) => format!("the model `{text}` was retired on {date}"),
                None => format!("the model `{text}` is retired"),
            };
            (&RETIRED_MODEL, model, message, "retired")
        }
        Discontinued::Deprecated(model) => {
            let message = match model.lifecycle().end {
                Some(date) => format!("the model `{text}` is deprecated and will be retired on {date}"),
                None => format!("the model `{text}` is deprecated"),
            };
            (&DEPRECATED_MODEL, model, message, "deprecated")
        }
    };
    let instead = match discontinued {
        Discontinued::Legacy { .. } => find_successor(collector, model),
        Discontinued::Retired(_) | Discontinued::Deprecated(_) => {
            model.lifecycle().replacement.and_then(|model| find_successor(collector, model))
        }
    };
    let help = match instead {
        Some(model) => format!("write `{successor}`", successor = written(model)),
        None => format!(
            "the catalog has no successor of this model; `modeldex models list --provider {provider}` lists other models of the provider",
            provider = model.provider().id()
        ),
    };
    collector.add(rule, range, message, label, Some(help));
}

/// Returns `model` if it is not retired, else the first of its successors that is not retired. Returns `None` if all are retired.
fn find_successor<'c>(collector: &FindingCollector<'_, '_>, model: Model<'c>) -> Option<Model<'c>> {
    let retired = |model: &Model<'c>| matches!(collector.index.discontinued_model(*model), Some(Discontinued::Retired(_)));
    // The limit of 8 models ends the search if the successors form a cycle.
    std::iter::successors(Some(model), |model| model.lifecycle().replacement).take(8).find(|model| !retired(model))
}
