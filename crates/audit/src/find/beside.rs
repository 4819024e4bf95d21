//! What stands in the same entry: a provider, a model, the key that a word is below.

use super::Found;
use crate::known::{is_distinctive_provider, is_open};
use modeldex_table::{Model, Provider, ProviderKind};
use std::ops::Range;

/// So many maps, lists and calls around a word are looked at.
const LEVELS: usize = 4;

/// Providers that are also the names of protocols: with them, any base URL and any key may stand.
const PROTOCOLS: &[&str] =
    &["openai", "anthropic", "google", "ollama", "azure-openai", "google-vertex", "amazon-bedrock", "cohere", "mistral"];

/// The provider that an entry is about, and where that is said.
pub(super) fn provider<'c>(found: &Found<'_, 'c>, scope: usize) -> Option<(Provider<'c>, Range<usize>)> {
    let known = found.providers.borrow().get(&scope).cloned();
    let said = known.unwrap_or_else(|| {
        let said = look_for_provider(found, scope).map(|(provider, range)| (provider.index(), range));
        found.providers.borrow_mut().insert(scope, said.clone());
        said
    });
    said.and_then(|(place, range)| Some((found.known.catalog.provider_at(place)?, range)))
}

fn look_for_provider<'c>(found: &Found<'_, 'c>, scope: usize) -> Option<(Provider<'c>, Range<usize>)> {
    let outline = found.page.outline();
    let mut scope = scope;
    for _ in 0..LEVELS {
        if scope == 0 {
            return None;
        }
        for entry in outline.entries(scope) {
            if is_provider_key(found.text(entry.key.clone())) {
                let range = value(found, entry.value);
                return found.known.catalog.provider(found.text(range.clone())).map(|provider| (provider, range));
            }
        }
        let here = outline.scope(scope);
        if let Some(owner) = &here.owner {
            let name = found.text(owner.clone());
            if let Some(provider) = found.known.catalog.provider(name) {
                let above = outline.scope(here.parent).owner.clone().map(|range| found.text(range).to_ascii_lowercase());
                let is_sure = is_distinctive_provider(name) || above.is_some_and(|above| above.contains("provider"));
                return is_sure.then(|| (provider, owner.clone()));
            }
        }
        scope = here.parent;
    }
    None
}

/// Whether what stands beside a provider must be its own.
pub(super) fn is_its_own(provider: Provider<'_>) -> bool {
    !PROTOCOLS.contains(&provider.id()) && provider.kind() != Some(ProviderKind::Local)
}

/// The models that an entry is about, and where that is said. They are one model, as one provider has it or as all that have it do.
pub(super) fn models<'c>(found: &Found<'_, 'c>, scope: usize) -> Option<(Vec<Model<'c>>, Range<usize>)> {
    let outline = found.page.outline();
    let mut scope = scope;
    for _ in 0..2 {
        if scope == 0 {
            return None;
        }
        let mut said: Option<(Vec<Model<'c>>, Range<usize>)> = None;
        for entry in outline.entries(scope).iter().filter(|entry| is_model_key(found.text(entry.key.clone()))) {
            let range = value(found, entry.value);
            let models = called(found, scope, found.text(range.clone()));
            match &said {
                _ if models.is_empty() => {}
                Some((_, other)) if found.text(other.clone()) != found.text(range.clone()) => return None,
                _ => said = Some((models, range)),
            }
        }
        if said.is_some() {
            return said;
        }
        let here = outline.scope(scope);
        let owner = here.owner.clone()?;
        let models = called(found, here.parent, found.text(owner.clone()));
        if !models.is_empty() {
            return Some((models, owner));
        }
        if !is_part_of_a_model(found.text(owner)) {
            return None;
        }
        scope = here.parent;
    }
    None
}

/// The models that a text names, as the provider beside it has them or as all do.
fn called<'c>(found: &Found<'_, 'c>, scope: usize, text: &str) -> Vec<Model<'c>> {
    let catalog = found.known.catalog;
    if text.len() < 4 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    if let Some(resolved) = provider(found, scope).and_then(|(provider, _)| catalog.resolve_in(provider.id(), text)) {
        return vec![resolved.model];
    }
    let mut models = found.known.models(text);
    if let Some(resolved) = text.split_once('/').and_then(|(owner, id)| catalog.resolve_in(owner, id)) {
        models.push(resolved.model);
    } else if models.iter().copied().any(is_open) {
        // Whoever serves published weights sets the limits, and nobody says who does here.
        models.clear();
    }
    models
}

/// The key that a word is below: the nearest before it in its map, seen through lists and calls.
pub(super) fn key<'f>(found: &Found<'f, '_>, place: usize) -> Option<(&'f str, usize)> {
    let outline = found.page.outline();
    let mut scope = outline.scope_at(place);
    for _ in 0..LEVELS {
        let entries = outline.entries(scope);
        let before = entries.partition_point(|entry| entry.value <= place);
        if let Some(entry) = before.checked_sub(1).map(|at| &entries[at]) {
            return Some((found.text(entry.key.clone()), scope));
        }
        if scope == 0 {
            return None;
        }
        scope = outline.scope(scope).parent;
    }
    None
}

/// The value that begins at a place, without its quotes.
pub(super) fn value(found: &Found<'_, '_>, start: usize) -> Range<usize> {
    const LONGEST: usize = 200;
    let bytes = found.page.text.as_bytes();
    let rest = &bytes[start.min(bytes.len())..bytes.len().min(start + LONGEST)];
    match rest.first() {
        Some(quote @ (b'"' | b'\'' | b'`')) => {
            let len = rest[1..].iter().position(|byte| byte == quote || *byte == b'\n').unwrap_or(0);
            start + 1..start + 1 + len
        }
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b')' | b']' | b';' | b'{' | b'(' | b'[');
            start..start + rest.iter().position(ends).unwrap_or(0)
        }
    }
}

/// A key in small letters without what joins its words.
pub(super) fn plain(key: &str) -> String {
    key.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn is_provider_key(key: &str) -> bool {
    matches!(plain(key).as_str(), "provider" | "providerid" | "litellmprovider" | "modelprovider" | "providername")
}

fn is_model_key(key: &str) -> bool {
    matches!(
        plain(key).as_str(),
        "id" | "model" | "modelid" | "modelname" | "modelslug" | "slug" | "name" | "ref" | "reference" | "modelref"
    )
}

/// Whether the value of a key says more of the model that the entry around it is about.
fn is_part_of_a_model(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "limit",
        "limits",
        "topprovider",
        "modelinfo",
        "info",
        "capabilities",
        "params",
        "litellmparams",
        "options",
        "settings",
        "parameters",
    ];
    KEYS.contains(&plain(key).as_str())
}
