//! Finds retired and deprecated models and legacy ids, and their successors.

use super::FindingCollector;
use crate::catalog_index::{Discontinued, names_model};
use crate::rules::{DEPRECATED_MODEL, LEGACY_REFERENCE, RETIRED_MODEL};
use crate::scanned_text::WordPosition;
use modeldex_table::{AliasKind, Model, Resolved};
use std::ops::Range;

/// Checks a word that may be a model id without a provider.
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
    // Another provider may still offer a model whose id is the whole text.
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
            let why = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            (&LEGACY_REFERENCE, model, format!("`{text}` no longer works{why}"), "legacy")
        }
        Discontinued::Retired(model) => {
            let since = model.lifecycle().end.map(|date| format!(" since {date}")).unwrap_or_default();
            (&RETIRED_MODEL, model, format!("`{text}` is retired{since}"), "retired")
        }
        Discontinued::Deprecated(model) => {
            let until = model.lifecycle().end.map(|date| format!(", and retired on {date}")).unwrap_or_default();
            (&DEPRECATED_MODEL, model, format!("`{text}` is deprecated{until}"), "deprecated")
        }
    };
    let instead = match discontinued {
        Discontinued::Legacy { .. } => find_successor(collector, model),
        Discontinued::Retired(_) | Discontinued::Deprecated(_) => {
            model.lifecycle().replacement.and_then(|model| find_successor(collector, model))
        }
    };
    let help = match instead {
        Some(model) => format!("write `{}`", written(model)),
        None => {
            format!("the catalog has no successor; `modeldex models list --provider {}` lists the provider's models", model.provider().id())
        }
    };
    collector.add(rule, range, message, label, Some(help));
}

/// Returns the model itself or the first of its successors that is not retired; `None` if all are retired.
fn find_successor<'c>(collector: &FindingCollector<'_, '_>, model: Model<'c>) -> Option<Model<'c>> {
    let retired = |model: &Model<'c>| matches!(collector.index.discontinued_model(*model), Some(Discontinued::Retired(_)));
    // The limit of 8 models ends cycles of successors.
    std::iter::successors(Some(model), |model| model.lifecycle().replacement).take(8).find(|model| !retired(model))
}
