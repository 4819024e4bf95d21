//! Checks references of models, which have the form `provider/id`.

use super::{FindingCollector, MAX_UNKNOWN_REFERENCES, discontinued};
use crate::catalog_index::{is_closed, is_distinctive_provider, names_model};
use crate::rules::UNKNOWN_REFERENCE;
use crate::scanned_text::WordPosition;
use modeldex_table::nearest::{distance_within, nearest};
use modeldex_table::{AliasKind, Provider, ProviderKind};
use std::ops::Range;

/// Checks a word of the text with a slash, which may be a reference.
pub(super) fn check(collector: &mut FindingCollector<'_, '_>, range: Range<usize>) {
    let text = collector.text(range.clone());
    let Some((owner, id)) = text.split_once('/').filter(|(owner, id)| owner.len() > 1 && id.len() > 1) else { return };
    let Some(provider) = collector.index.catalog.provider(owner) else { return };
    match collector.index.catalog.resolve_in(owner, id) {
        Some(resolved) => discontinued::check_reference(collector, range, &resolved),
        None => unknown(collector, range, provider, id),
    }
}

fn unknown(collector: &mut FindingCollector<'_, '_>, range: Range<usize>, provider: Provider<'_>, id: &str) {
    if collector.unknown_references > MAX_UNKNOWN_REFERENCES {
        return;
    }
    let text = collector.text(range.clone());
    if serves_any_model(provider)
        || is_path(provider, id)
        || is_example(id)
        || is_known(collector, provider, id)
        || collector.index.is_id_or_weights(text)
    {
        return;
    }
    let position = collector.scanned.position(range.clone());
    let key = collector.scanned.key(range.start).unwrap_or_default();
    let is_value = match position {
        WordPosition::Quoted => collector.scanned.is_value_position(range.start),
        WordPosition::InBackticks => collector.scanned.is_markdown(),
        WordPosition::Unquoted | WordPosition::TableCell => true,
        WordPosition::Prose | WordPosition::Fragment => false,
    };
    if !is_value || names_package(key) || collector.scanned.is_compared(range.start) {
        return;
    }
    collector.unknown_references += 1;
    if collector.unknown_references > MAX_UNKNOWN_REFERENCES {
        return;
    }
    let near = near(provider, id);
    if is_model_reference(collector, provider, id, if position == WordPosition::InBackticks { "" } else { key }, near) {
        let help =
            near.or_else(|| nearest(id, ids(provider))).map(|near| format!("did you mean `{provider}/{near}`?", provider = provider.id()));
        let message = format!("`{provider}` has no model `{id}` in the catalog", provider = provider.id());
        collector.add(&UNKNOWN_REFERENCE, range, message, "unknown model", help);
    }
}

/// Returns whether `id`, which the provider does not have, is without doubt meant as the id of a model of the provider.
fn is_model_reference(collector: &FindingCollector<'_, '_>, provider: Provider<'_>, id: &str, key: &str, near: Option<&str>) -> bool {
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    let family = collector.index.has_open_family(provider, id);
    let is_spelling = near.is_some_and(|near| letters(near) == letters(id));
    // Providers that offer models of other labs add models every day, and may accept models that they do not list.
    if !matches!(provider.kind(), Some(ProviderKind::Lab | ProviderKind::Plan)) {
        return is_spelling;
    }
    // If the provider publishes weights, the id may be the name of weights that the catalog does not list.
    if collector.index.owns_weights(provider.id()) && family != Some(false) {
        let names_closed = |near: &str| collector.index.catalog.resolve_in(provider.id(), near).is_some_and(|it| is_closed(it.model));
        return is_spelling || names_model(key) && near.is_some_and(names_closed);
    }
    if near.is_some() {
        return has_digit || is_distinctive_provider(provider.id()) || names_model(key);
    }
    // A provider may have models that the catalog does not list. Their ids consist of words that also occur in ids of listed models.
    let is_like = family.is_some() && has_words(provider, id);
    has_digit && (is_like || is_distinctive_provider(provider.id()) && names_model(key) && !is_version(id))
}

/// Returns the lowercase letters and digits of an id, without separators.
fn letters(id: &str) -> String {
    id.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns whether every word of `id` occurs in an id of the provider's models.
fn has_words(provider: Provider<'_>, id: &str) -> bool {
    let known = |word: &str| provider.models().any(|model| model.id().to_ascii_lowercase().contains(word));
    let small = id.to_ascii_lowercase();
    small.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 1).all(known)
}

/// Returns whether users deploy their own models at a provider, so that no list of the provider's models is complete.
fn serves_any_model(provider: Provider<'_>) -> bool {
    let own_host = provider.endpoints().any(|endpoint| {
        let host = endpoint.base_url().split('/').nth(2).unwrap_or_default();
        host.contains("${") || host.starts_with("localhost") || host.starts_with("127.")
    });
    let kind = provider.kind();
    own_host
        || matches!(kind, Some(ProviderKind::Local | ProviderKind::Cloud))
        || provider.models().len() == 0
        || provider.id() == "huggingface"
}

/// Returns whether an id is probably part of a path, because it looks like the name of a file, or has more segments than the ids of the provider's
/// models.
fn is_path(provider: Provider<'_>, id: &str) -> bool {
    let ending = id.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_file =
        (1..=6).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphabetic()) || matches!(ending, "mp3" | "mp4");
    let deeper = id.contains('/') && !provider.models().any(|model| model.id().contains('/'));
    is_file || deeper || id.starts_with(['.', '/', '-', '@']) || id.ends_with(['/', '-', '_']) || id.contains("//") || id.contains("..")
}

/// Returns whether an id contains a word that occurs in examples and tests, such as `foo`.
fn is_example(id: &str) -> bool {
    const WORDS: &[&str] = &[
        "test",
        "fake",
        "foo",
        "bar",
        "baz",
        "example",
        "mock",
        "dummy",
        "custom",
        "your",
        "nonexist",
        "invalid",
        "unknown",
        "missing",
        "xxx",
        "placeholder",
        "sample",
        "some",
        "does-not",
        "not-a",
        "bogus",
        "stub",
        "old",
        "new",
        "current",
        "future",
    ];
    let small = id.to_ascii_lowercase();
    let parts = || small.split(|letter: char| !letter.is_ascii_alphabetic());
    WORDS.iter().any(|word| {
        parts().any(|part| part == *word || part.len() > 4 && part.starts_with(word)) || word.contains('-') && small.contains(word)
    })
}

/// Returns whether an id differs from an id of the provider only in case, or by a suffix after `:` or `@`.
fn is_known(collector: &FindingCollector<'_, '_>, provider: Provider<'_>, id: &str) -> bool {
    let has = |id: &str| collector.index.models(id).iter().any(|model| model.provider().index() == provider.index());
    let short = id.rfind([':', '@']).map(|at| &id[..at]);
    has(id) || short.is_some_and(|short| has(short) || collector.index.is_id_or_weights(&format!("{}/{short}", provider.id())))
}

/// Returns the id of the provider's model that is so similar to `id` that `id` is probably a misspelling. Returns `None` if no id is.
fn near<'c>(provider: Provider<'c>, id: &str) -> Option<&'c str> {
    let limit = (id.len() / 6).clamp(1, 3);
    nearest(id, ids(provider)).filter(|near| near.len() > 3 && distance_within(id, near, limit) <= limit)
}

fn ids<'c>(provider: Provider<'c>) -> impl Iterator<Item = &'c str> {
    let aliases =
        provider.models().flat_map(|model| model.aliases()).filter(|alias| alias.kind() != AliasKind::Legacy).map(|alias| alias.id());
    provider.models().map(|model| model.id()).chain(aliases)
}

/// Returns whether an id is a version, such as `v1`, `2024-05` or `1.2.3`.
fn is_version(id: &str) -> bool {
    id.trim_start_matches(['v', 'V']).bytes().all(|byte| !byte.is_ascii_alphabetic())
}

/// Returns whether a key with the name `key` probably has a package, a repository, an image or a path as its value.
fn names_package(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "import",
        "require",
        "from",
        "repo",
        "path",
        "file",
        "dir",
        "image",
        "package",
        "module",
        "uses",
        "href",
        "url",
        "src",
        "mock",
        "branch",
        "dataset",
        "tokenizer",
        "pretrained",
        "hf",
        "weights",
    ];
    let small = key.to_ascii_lowercase();
    WORDS.iter().any(|word| small.split(|letter: char| !letter.is_ascii_alphabetic()).any(|part| part.starts_with(word)))
}
