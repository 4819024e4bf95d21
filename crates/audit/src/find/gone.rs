//! Models and ids that are gone or going, and what is used instead.

use super::Found;
use crate::known::{Gone, says_model};
use crate::page::Standing;
use crate::rules::{DEPRECATED_MODEL, LEGACY_REFERENCE, RETIRED_MODEL};
use modeldex_table::{AliasKind, Model, Resolved};
use std::ops::Range;

/// Judges a word that may be the id of a model, without a provider.
pub(super) fn judge(found: &mut Found<'_, '_>, range: Range<usize>) {
    let Some(gone) = found.known.gone_id(found.text(range.clone())) else { return };
    let is_value = match found.page.standing(range.clone()) {
        Standing::Quoted => found.page.is_placed(range.start),
        Standing::Ticked => found.page.is_prose(),
        Standing::Cell => true,
        Standing::Plain => found.page.key(range.start).is_some_and(says_model),
        Standing::Prose | Standing::Part => false,
    };
    // Tables of what models could and cost need rows of those that are gone, too.
    if is_value && !found.page.is_key(range.end) && !found.page.is_compared(range.start) {
        report(found, range, gone, |model| model.id().to_owned());
    }
}

/// Judges a reference that the catalog knows.
pub(super) fn judge_reference<'c>(found: &mut Found<'_, 'c>, range: Range<usize>, resolved: &Resolved<'c>) {
    let legacy = resolved.alias.filter(|alias| alias.kind() == AliasKind::Legacy);
    let gone = match legacy {
        Some(alias) => Some(Gone::Legacy { model: resolved.model, reason: alias.reason() }),
        None => found.known.gone_model(resolved.model),
    };
    let Some(gone) = gone else { return };
    let standing = found.page.standing(range.clone());
    let is_value = match standing {
        Standing::Part => false,
        Standing::Prose => legacy.is_some(),
        Standing::Quoted => legacy.is_some() || found.page.is_placed(range.start),
        Standing::Ticked | Standing::Plain | Standing::Cell => true,
    };
    // Another provider may have a model of that whole name, and offer it still.
    let text = found.text(range.clone());
    let alive_elsewhere = found.known.models(text).iter().any(|model| found.known.gone_model(*model).is_none());
    let is_row = legacy.is_none() && found.page.is_key(range.end);
    if is_value && !is_row && !alive_elsewhere && !found.page.is_compared(range.start) {
        report(found, range, gone, |model| model.reference().to_string());
    }
}

fn report(found: &mut Found<'_, '_>, range: Range<usize>, gone: Gone<'_>, written: impl Fn(Model<'_>) -> String) {
    let text = found.text(range.clone());
    let (rule, model, message, label) = match gone {
        Gone::Legacy { model, reason } => {
            let why = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            (&LEGACY_REFERENCE, model, format!("`{text}` no longer works{why}"), "legacy")
        }
        Gone::Retired(model) => {
            let since = model.lifecycle().end.map(|date| format!(" since {date}")).unwrap_or_default();
            (&RETIRED_MODEL, model, format!("`{text}` is retired{since}"), "retired")
        }
        Gone::Deprecated(model) => {
            let until = model.lifecycle().end.map(|date| format!(", and retired on {date}")).unwrap_or_default();
            (&DEPRECATED_MODEL, model, format!("`{text}` is deprecated{until}"), "deprecated")
        }
    };
    let instead = match gone {
        Gone::Legacy { .. } => alive(found, model),
        Gone::Retired(_) | Gone::Deprecated(_) => model.lifecycle().replacement.and_then(|model| alive(found, model)),
    };
    let help = match instead {
        Some(model) => format!("write `{}`", written(model)),
        None => format!("the catalog names no successor; `modeldex models list --provider {}` shows what there is", model.provider().id()),
    };
    found.add(rule, range, message, label, Some(help));
}

/// The model, or the first of its successors that still answers.
fn alive<'c>(found: &Found<'_, '_>, model: Model<'c>) -> Option<Model<'c>> {
    let retired = |model: &Model<'c>| matches!(found.known.gone_model(*model), Some(Gone::Retired(_)));
    // A circle of successors ends, too.
    std::iter::successors(Some(model), |model| model.lifecycle().replacement).take(8).find(|model| !retired(model))
}
