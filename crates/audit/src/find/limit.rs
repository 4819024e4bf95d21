//! Context windows and numbers of output tokens beside a model.

use super::{Found, beside, label};
use crate::rules::{LIMIT_ABOVE, WINDOW_BELOW};
use aho_corasick::AhoCorasick;
use modeldex_table::{BaseModel, Model, ModelKind};
use std::sync::LazyLock;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Window,
    Input,
    Output,
}

/// Parts of the keys that mean a limit, whatever the case of their first letters.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
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

/// Judges every limit of the text that stands beside one model.
pub(super) fn judge(found: &mut Found<'_, '_>) {
    if !WORDS.as_ref().is_some_and(|words| words.is_match(found.page.text)) {
        return;
    }
    let page = found.page;
    for entry in page.outline().all_entries() {
        let Some(limit) = meaning(found.text(entry.key.clone())) else { continue };
        let Some((number, end)) = number(page.text, entry.value) else { continue };
        let Some((models, place)) = beside::models(found, entry.scope) else { continue };
        let key = found.text(entry.key.clone());
        let range = entry.value..end;
        let name = found.text(place.clone());
        let beside = || label(place.clone(), "this model".to_owned());
        let limits = models.iter().filter_map(|model| known(*model, limit));
        let (Some(most), Some(least)) = (limits.clone().max(), limits.min()) else { continue };
        if number > most
            && !is_rounded(number, most)
            && (limit == Limit::Window || models.iter().all(|model| known(*model, limit).is_some()))
        {
            let message = format!("`{key}` is {number}, but {} of `{name}` is {most}", meant(limit));
            found.add(&LIMIT_ABOVE, range, message, "too much", Some(format!("write `{most}`"))).labels.push(beside());
        } else if limit == Limit::Window && number < least && !is_rounded(least, number) {
            let message = format!("`{key}` is {number}, but {} of `{name}` is {least}", meant(limit));
            found.add(&WINDOW_BELOW, range, message, "less than there is", Some(format!("write `{least}`"))).labels.push(beside());
        }
    }
}

fn meaning(key: &str) -> Option<Limit> {
    match beside::plain(key).as_str() {
        "contextwindow" | "contextlength" | "maxcontexttokens" | "maxcontextlength" | "contextwindowtokens" => Some(Limit::Window),
        "maxinputtokens" => Some(Limit::Input),
        "maxtokens" | "maxoutputtokens" | "maxcompletiontokens" => Some(Limit::Output),
        _ => None,
    }
}

const fn meant(limit: Limit) -> &'static str {
    match limit {
        Limit::Window => "the context window",
        Limit::Input => "the most input tokens",
        Limit::Output => "the most output tokens",
    }
}

/// The highest that a limit of a model may be said to be, where anything is known.
fn known(model: Model<'_>, limit: Limit) -> Option<u64> {
    let own = model.limits();
    let all = own.max(model.base().map(BaseModel::limits).unwrap_or_default());
    let most = match limit {
        Limit::Window => own.window.or(all.window),
        Limit::Input => all.input.max(all.window),
        Limit::Output => all.output.or(all.window),
    };
    // Of models that do not answer in text, each program means something else by a limit.
    most.filter(|_| matches!(model.kind(), ModelKind::Chat | ModelKind::Completion)).map(u64::from)
}

/// A whole number, perhaps with `_` in it, that nothing is done with; and where it ends.
fn number(text: &str, start: usize) -> Option<(u64, usize)> {
    let rest = text.get(start..)?;
    let len = rest.bytes().take(20).take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
    let number = rest[..len].replace('_', "").parse().ok().filter(|number| *number > 0)?;
    let after = rest[len..].trim_start_matches([' ', '\t']);
    let ends = after.is_empty() || after.starts_with(['\r', '\n', ',', ';', '}', ')', ']', '#']) || after.starts_with("//");
    ends.then_some((number, start + len))
}

/// Whether the greater is the lesser in units of 1024 where that has 1000.
fn is_rounded(greater: u64, lesser: u64) -> bool {
    // 1024 * 1024 is five in a hundred more than a million; what is nearer than that is taken for the same.
    greater.saturating_mul(100) <= lesser.saturating_mul(105)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_stand_alone() {
        assert_eq!(number("a: 256_000,", 3), Some((256_000, 10)));
        assert_eq!(number("a: 256", 3), Some((256, 6)));
        for text in ["a: 256 * 1024", "a: 256k", "a: 2.5", "a: x", "a: 0", "a: 1e6", "a: 99999999999999999999"] {
            assert_eq!(number(text, 3), None, "{text}");
        }
    }

    #[test]
    fn thousands_of_both_kinds_are_the_same() {
        assert!(is_rounded(131_072, 128_000) && is_rounded(1_048_576, 1_000_000));
        assert!(!is_rounded(262_144, 200_000));
    }
}
