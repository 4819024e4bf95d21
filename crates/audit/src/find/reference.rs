//! References: `provider/id` where a value stands.

use super::{Found, gone};
use crate::known::{is_closed, is_distinctive_provider, says_model};
use crate::page::Standing;
use crate::rules::UNKNOWN_REFERENCE;
use modeldex_table::nearest::{distance_within, nearest};
use modeldex_table::{AliasKind, Provider, ProviderKind};
use std::ops::Range;

/// Judges a word with a slash.
pub(super) fn judge(found: &mut Found<'_, '_>, range: Range<usize>) {
    let text = found.text(range.clone());
    let Some((owner, id)) = text.split_once('/').filter(|(owner, id)| owner.len() > 1 && id.len() > 1) else { return };
    let Some(provider) = found.known.catalog.provider(owner) else { return };
    match found.known.catalog.resolve_in(owner, id) {
        Some(resolved) => gone::judge_reference(found, range, &resolved),
        None => unknown(found, range, provider, id),
    }
}

fn unknown(found: &mut Found<'_, '_>, range: Range<usize>, provider: Provider<'_>, id: &str) {
    let text = found.text(range.clone());
    if takes_any(provider) || is_path(provider, id) || is_example(id) || is_known(found, provider, id) || found.known.is_name(text) {
        return;
    }
    let standing = found.page.standing(range.clone());
    let key = found.page.key(range.start).unwrap_or_default();
    let is_value = match standing {
        Standing::Quoted => found.page.is_placed(range.start),
        Standing::Ticked => found.page.is_prose(),
        Standing::Plain | Standing::Cell => true,
        Standing::Prose | Standing::Part => false,
    };
    if !is_value || says_package(key) || found.page.is_compared(range.start) {
        return;
    }
    let near = near(provider, id);
    if is_meant(found, provider, id, if standing == Standing::Ticked { "" } else { key }, near) {
        let help = near.or_else(|| nearest(id, ids(provider))).map(|near| format!("the nearest is `{}/{near}`", provider.id()));
        let message = format!("`{text}` is no model of `{}` that the catalog knows", provider.id());
        found.add(&UNKNOWN_REFERENCE, range, message, "not known", help);
    }
}

/// Whether there is enough to say that a model is meant.
fn is_meant(found: &Found<'_, '_>, provider: Provider<'_>, id: &str, key: &str, near: Option<&str>) -> bool {
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    let family = found.known.family_of(provider, id);
    let is_spelling = near.is_some_and(|near| letters(near) == letters(id));
    // Whoever serves what others made takes up new models every day and may take more than are listed.
    if !matches!(provider.kind(), Some(ProviderKind::Lab | ProviderKind::Plan)) {
        return is_spelling;
    }
    // What looks like published weights of the provider is perhaps the name of these, which no catalog lists whole.
    if found.known.owns_weights(provider.id()) && family != Some(false) {
        let names_closed = |near: &str| found.known.catalog.resolve_in(provider.id(), near).is_some_and(|it| is_closed(it.model));
        return is_spelling || says_model(key) && near.is_some_and(names_closed);
    }
    if near.is_some() {
        return has_digit || is_distinctive_provider(provider.id()) || says_model(key);
    }
    // A provider may well have kinds of models that no catalog lists; of those that it lists, the words are known.
    let is_like = family.is_some() && has_words(provider, id);
    has_digit && (is_like || is_distinctive_provider(provider.id()) && says_model(key) && !is_version(id))
}

/// What is left of an id without what joins its parts.
fn letters(id: &str) -> String {
    id.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether every word of an id is one of the ids of the provider.
fn has_words(provider: Provider<'_>, id: &str) -> bool {
    let known = |word: &str| provider.models().any(|model| model.id().to_ascii_lowercase().contains(word));
    let small = id.to_ascii_lowercase();
    small.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 1).all(known)
}

/// Whether a provider serves whatever people deploy there, so that no list of its models is whole.
fn takes_any(provider: Provider<'_>) -> bool {
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

/// Whether an id is the rest of a path: of a file, or with more parts than the ids of the provider have.
fn is_path(provider: Provider<'_>, id: &str) -> bool {
    let ending = id.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_file =
        (1..=6).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphabetic()) || matches!(ending, "mp3" | "mp4");
    let deeper = id.contains('/') && !provider.models().any(|model| model.id().contains('/'));
    is_file || deeper || id.starts_with(['.', '/', '-', '@']) || id.ends_with(['/', '-', '_']) || id.contains("//") || id.contains("..")
}

/// Whether an id says itself that there is no such model.
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

/// Whether it is only written otherwise: in other letters, or with a word after it that says how to route.
fn is_known(found: &Found<'_, '_>, provider: Provider<'_>, id: &str) -> bool {
    let has = |id: &str| found.known.models(id).iter().any(|model| model.provider().index() == provider.index());
    let short = id.rfind([':', '@']).map(|at| &id[..at]);
    has(id) || short.is_some_and(|short| has(short) || found.known.is_name(&format!("{}/{short}", provider.id())))
}

/// The id of the provider that `id` nearly is.
fn near<'c>(provider: Provider<'c>, id: &str) -> Option<&'c str> {
    let limit = (id.len() / 6).clamp(1, 3);
    nearest(id, ids(provider)).filter(|near| near.len() > 3 && distance_within(id, near, limit) <= limit)
}

fn ids<'c>(provider: Provider<'c>) -> impl Iterator<Item = &'c str> {
    let aliases =
        provider.models().flat_map(|model| model.aliases()).filter(|alias| alias.kind() != AliasKind::Legacy).map(|alias| alias.id());
    provider.models().map(|model| model.id()).chain(aliases)
}

/// `v1`, `2024-05`, `1.2.3`.
fn is_version(id: &str) -> bool {
    id.trim_start_matches(['v', 'V']).bytes().all(|byte| !byte.is_ascii_alphabetic())
}

/// Whether a key says that a package, a repository, an image or a path is meant.
fn says_package(key: &str) -> bool {
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
