//! Checks context windows and token limits in entries of models.

use super::{FindingCollector, entry_context, label};
use crate::rules::{LIMIT_ABOVE, WINDOW_BELOW};
use aho_corasick::AhoCorasick;
use modeldex_table::{BaseModel, Model, ModelKind};
use std::sync::LazyLock;

/// The kind of limit that a key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Window,
    Input,
    Output,
}

/// Parts of keys that set a limit. The first letter is left out, because its case varies.
static LIMIT_KEYS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "ontext_window",
        "ontextWindow",
        "ONTEXT_WINDOW",
        "ontext-window",
        "ontext_length",
        "ontextLength",
        "ax_tokens",
        "axTokens",
        "AX_TOKENS",
        "ax-tokens",
        "put_tokens",
        "putTokens",
        "ompletion_tokens",
        "ompletionTokens",
        "ontext_tokens",
        "ontextTokens",
    ];
    AhoCorasick::new(words).ok()
});

/// Checks every limit in the entry of one model.
pub(super) fn check(collector: &mut FindingCollector<'_, '_>) {
    if !LIMIT_KEYS.as_ref().is_some_and(|keys| keys.is_match(collector.scanned.text)) {
        return;
    }
    let scanned = collector.scanned;
    for entry in scanned.outline().all_entries() {
        let Some(limit) = limit_of_key(collector.text(entry.key.clone())) else { continue };
        let Some((number, end)) = number(scanned.text, entry.value) else { continue };
        let Some((models, place)) = entry_context::models(collector, entry.scope) else { continue };
        let key = collector.text(entry.key.clone());
        let range = entry.value..end;
        let name = collector.text(place.clone());
        let model_label = || label(place.clone(), "the model".to_owned());
        let limits = models.iter().filter_map(|model| max_limit(*model, limit));
        let (Some(max), Some(min)) = (limits.clone().max(), limits.min()) else { continue };
        if number > max
            && !is_rounded(number, max)
            && (limit == Limit::Window || models.iter().all(|model| max_limit(*model, limit).is_some()))
        {
            let message = format!("`{key}` is {number}, but {} of `{name}` is {max}", limit_name(limit));
            collector
                .add(&LIMIT_ABOVE, range, message, "above the model's limit", Some(format!("write `{max}`")))
                .labels
                .push(model_label());
        } else if limit == Limit::Window && number < min && !is_rounded(min, number) {
            let message = format!("`{key}` is {number}, but {} of `{name}` is {min}", limit_name(limit));
            collector
                .add(&WINDOW_BELOW, range, message, "below the model's window", Some(format!("write `{min}`")))
                .labels
                .push(model_label());
        }
    }
}

fn limit_of_key(key: &str) -> Option<Limit> {
    match entry_context::normalized_key(key).as_str() {
        "contextwindow" | "contextlength" | "maxcontexttokens" | "maxcontextlength" | "contextwindowtokens" => Some(Limit::Window),
        "maxinputtokens" => Some(Limit::Input),
        "maxtokens" | "maxoutputtokens" | "maxcompletiontokens" => Some(Limit::Output),
        _ => None,
    }
}

const fn limit_name(limit: Limit) -> &'static str {
    match limit {
        Limit::Window => "the context window",
        Limit::Input => "the input limit",
        Limit::Output => "the output limit",
    }
}

/// Returns the highest valid value of a limit of a model; `None` if it is unknown.
fn max_limit(model: Model<'_>, limit: Limit) -> Option<u64> {
    let own = model.limits();
    let all = own.max(model.base().map(BaseModel::limits).unwrap_or_default());
    let max = match limit {
        Limit::Window => own.window.or(all.window),
        Limit::Input => all.input.max(all.window),
        Limit::Output => all.output.or(all.window),
    };
    // Programs differ in the meaning of a limit for a model without text output.
    max.filter(|_| matches!(model.kind(), ModelKind::Chat | ModelKind::Completion)).map(u64::from)
}

/// Parses an integer, with or without `_`, that is the complete value. Returns the integer with its end position; `None` for any other value.
fn number(text: &str, start: usize) -> Option<(u64, usize)> {
    let rest = text.get(start..)?;
    let len = rest.bytes().take(20).take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
    let number = rest[..len].replace('_', "").parse().ok().filter(|number| *number > 0)?;
    let after = rest[len..].trim_start_matches([' ', '\t']);
    let ends = after.is_empty() || after.starts_with(['\r', '\n', ',', ';', '}', ')', ']', '#']) || after.starts_with("//");
    ends.then_some((number, start + len))
}

/// Returns whether two numbers differ only because one is in units of 1024 and the other in units of 1000.
fn is_rounded(greater: u64, lesser: u64) -> bool {
    // 1024 * 1024 is five percent more than a million, so differences up to five percent are ignored.
    greater.saturating_mul(100) <= lesser.saturating_mul(105)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_only_complete_numbers() {
        assert_eq!(number("a: 256_000,", 3), Some((256_000, 10)));
        assert_eq!(number("a: 256", 3), Some((256, 6)));
        for text in ["a: 256 * 1024", "a: 256k", "a: 2.5", "a: x", "a: 0", "a: 1e6", "a: 99999999999999999999"] {
            assert_eq!(number(text, 3), None, "{text}");
        }
    }

    #[test]
    fn units_of_1000_and_1024_are_equal() {
        assert!(is_rounded(131_072, 128_000) && is_rounded(1_048_576, 1_000_000));
        assert!(!is_rounded(262_144, 200_000));
    }
}
