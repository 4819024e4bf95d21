//! Checks context windows and token limits that a text configures for a model.

use super::{FindingCollector, entry_context, label};
use crate::rules::{LIMIT_ABOVE, WINDOW_BELOW};
use aho_corasick::AhoCorasick;
use modeldex_table::{BaseModel, Model, ModelKind};
use std::sync::LazyLock;

/// Kind of limit that a key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Window,
    Input,
    Output,
}

/// Parts of keys that set a limit. They do not contain the first letter of a word, because the letter may be small or capital.
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

/// Checks all token limits of the text that are in an entry of a model.
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
            let message = limit_message(limit, key, number, name, max);
            collector
                .add(&LIMIT_ABOVE, range, message, "above the model's limit", Some(format!("set `{key}` to {max}")))
                .labels
                .push(model_label());
        } else if limit == Limit::Window && number < min && !is_rounded(min, number) {
            let message = limit_message(limit, key, number, name, min);
            collector
                .add(&WINDOW_BELOW, range, message, "below the model's context window", Some(format!("set `{key}` to {min}")))
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

/// Returns the message about the key `key`, whose value `number` differs from the limit of the model.
fn limit_message(limit: Limit, key: &str, number: u64, model: &str, tokens: u64) -> String {
    match limit {
        Limit::Window => format!("`{key}` is {number}, but the context window of `{model}` is {tokens} tokens"),
        Limit::Input => format!("`{key}` is {number}, but the input limit of `{model}` is {tokens} tokens"),
        Limit::Output => format!("`{key}` is {number}, but the output limit of `{model}` is {tokens} tokens"),
    }
}

/// Returns the highest value that is valid for a limit of a model. Returns `None` if the catalog does not have the limit.
fn max_limit(model: Model<'_>, limit: Limit) -> Option<u64> {
    let own = model.limits();
    let all = own.max(model.base().map(BaseModel::limits).unwrap_or_default());
    let max = match limit {
        Limit::Window => own.window.or(all.window),
        Limit::Input => all.input.max(all.window),
        Limit::Output => all.output.or(all.window),
    };
    // For a model without text output, limits have different meanings in different programs.
    max.filter(|_| matches!(model.kind(), ModelKind::Chat | ModelKind::Completion)).map(u64::from)
}

/// Parses the value that begins at `start` as an integer, in which `_` is allowed. Returns the integer and its end. Returns `None` for any other
/// value.
fn number(text: &str, start: usize) -> Option<(u64, usize)> {
    let rest = text.get(start..)?;
    let len = rest.bytes().take(20).take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
    let number = rest[..len].replace('_', "").parse().ok().filter(|number| *number > 0)?;
    let after = rest[len..].trim_start_matches([' ', '\t']);
    let ends = after.is_empty() || after.starts_with(['\r', '\n', ',', ';', '}', ')', ']', '#']) || after.starts_with("//");
    ends.then_some((number, start + len))
}

/// Returns whether two numbers may differ only because one number counts in units of 1024, and the other in units of 1000.
fn is_rounded(greater: u64, lesser: u64) -> bool {
    // 1024 * 1024 is five percent more than a million, so differences of up to five percent are ignored.
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
