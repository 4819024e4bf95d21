//! The map or section around a word of the text: which provider and models the map or section names, and which key the word has.

use super::FindingCollector;
use crate::catalog_index::{is_distinctive_provider, is_open};
use modeldex_table::{Model, Provider, ProviderKind};
use std::ops::Range;

/// Maximum number of maps, lists and calls around a word that are searched.
const MAX_SCOPE_DEPTH: usize = 4;

/// Providers whose ids are also names of wire protocols. An entry with such a name may have the base URL and the API key of any provider.
const PROTOCOLS: &[&str] =
    &["openai", "anthropic", "google", "ollama", "azure-openai", "google-vertex", "amazon-bedrock", "cohere", "mistral"];

/// Returns the provider that an entry names, with the position of the name.
pub(super) fn provider<'c>(collector: &FindingCollector<'_, 'c>, scope: usize) -> Option<(Provider<'c>, Range<usize>)> {
    let cached = collector.providers.borrow().get(&scope).cloned();
    let mention = cached.unwrap_or_else(|| {
        let mention = find_provider(collector, scope).map(|(provider, range)| (provider.index(), range));
        collector.providers.borrow_mut().insert(scope, mention.clone());
        mention
    });
    mention.and_then(|(place, range)| Some((collector.index.catalog.provider_at(place)?, range)))
}

fn find_provider<'c>(collector: &FindingCollector<'_, 'c>, scope: usize) -> Option<(Provider<'c>, Range<usize>)> {
    let outline = collector.scanned.outline();
    let mut scope = scope;
    for _ in 0..MAX_SCOPE_DEPTH {
        if scope == 0 {
            return None;
        }
        for entry in outline.entries(scope) {
            if is_provider_key(collector.text(entry.key.clone())) {
                let range = value(collector, entry.value);
                return collector.index.catalog.provider(collector.text(range.clone())).map(|provider| (provider, range));
            }
        }
        let here = outline.scope(scope);
        if let Some(owner) = &here.owner_key {
            let name = collector.text(owner.clone());
            if let Some(provider) = collector.index.catalog.provider(name) {
                let above = outline.scope(here.parent).owner_key.clone().map(|range| collector.text(range).to_ascii_lowercase());
                let is_sure = is_distinctive_provider(name) || above.is_some_and(|above| above.contains("provider"));
                return is_sure.then(|| (provider, owner.clone()));
            }
        }
        scope = here.parent;
    }
    None
}

/// Returns whether an entry of this provider should only have base URLs and variables of this provider.
pub(super) fn requires_own_values(provider: Provider<'_>) -> bool {
    !PROTOCOLS.contains(&provider.id()) && provider.kind() != Some(ProviderKind::Local)
}

/// Returns the models that an entry names, with the position of the name. If the name does not determine the provider, the result has one model for
/// each provider that offers a model of this name.
pub(super) fn models<'c>(collector: &FindingCollector<'_, 'c>, scope: usize) -> Option<(Vec<Model<'c>>, Range<usize>)> {
    let cached = collector.models.borrow().get(&scope).cloned();
    cached.unwrap_or_else(|| {
        let mention = mentioned_models(collector, scope);
        collector.models.borrow_mut().insert(scope, mention.clone());
        mention
    })
}

fn mentioned_models<'c>(collector: &FindingCollector<'_, 'c>, scope: usize) -> Option<(Vec<Model<'c>>, Range<usize>)> {
    let outline = collector.scanned.outline();
    let mut scope = scope;
    for _ in 0..2 {
        if scope == 0 {
            return None;
        }
        let mut mentioned: Option<(Vec<Model<'c>>, Range<usize>)> = None;
        for entry in outline.entries(scope).iter().filter(|entry| is_model_key(collector.text(entry.key.clone()))) {
            let range = value(collector, entry.value);
            let models = find_models(collector, scope, collector.text(range.clone()));
            match &mentioned {
                _ if models.is_empty() => {}
                Some((_, other)) if collector.text(other.clone()) != collector.text(range.clone()) => return None,
                _ => mentioned = Some((models, range)),
            }
        }
        if mentioned.is_some() {
            return mentioned;
        }
        let here = outline.scope(scope);
        let owner = here.owner_key.clone()?;
        let models = find_models(collector, here.parent, collector.text(owner.clone()));
        if !models.is_empty() {
            return Some((models, owner));
        }
        if !is_part_of_a_model(collector.text(owner)) {
            return None;
        }
        scope = here.parent;
    }
    None
}

/// Returns the models that `text` names: the model of the entry's provider if there is one, else the models of all providers.
fn find_models<'c>(collector: &FindingCollector<'_, 'c>, scope: usize, text: &str) -> Vec<Model<'c>> {
    let catalog = collector.index.catalog;
    if text.len() < 4 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    if let Some(resolved) = provider(collector, scope).and_then(|(provider, _)| catalog.resolve_in(provider.id(), text)) {
        return vec![resolved.model];
    }
    let mut models = collector.index.models(text);
    if let Some(resolved) = text.split_once('/').and_then(|(owner, id)| catalog.resolve_in(owner, id)) {
        models.push(resolved.model);
    } else if models.iter().copied().any(is_open) {
        // Each host of a model with published weights sets its own limits, and the host of this model is unknown.
        models.clear();
    }
    models
}

/// Returns the last key before a word in the map around the word, with the scope of the key. If the word is in a list or a call, the map around the
/// list or the call is searched too.
pub(super) fn key<'f>(collector: &FindingCollector<'f, '_>, place: usize) -> Option<(&'f str, usize)> {
    let outline = collector.scanned.outline();
    let mut scope = outline.scope_at(place);
    for _ in 0..MAX_SCOPE_DEPTH {
        let entries = outline.entries(scope);
        let before = entries.partition_point(|entry| entry.value <= place);
        if let Some(entry) = before.checked_sub(1).map(|at| &entries[at]) {
            return Some((collector.text(entry.key.clone()), scope));
        }
        if scope == 0 {
            return None;
        }
        scope = outline.scope(scope).parent;
    }
    None
}

/// Returns the range of the value that begins at `start`, without quotes.
pub(super) fn value(collector: &FindingCollector<'_, '_>, start: usize) -> Range<usize> {
    const MAX_VALUE_BYTES: usize = 200;
    let bytes = collector.scanned.text.as_bytes();
    let rest = &bytes[start.min(bytes.len())..bytes.len().min(start + MAX_VALUE_BYTES)];
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

/// Returns a key in lowercase and without separators, such as `baseurl` for `base_url`.
pub(super) fn normalized_key(key: &str) -> String {
    key.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn is_provider_key(key: &str) -> bool {
    matches!(normalized_key(key).as_str(), "provider" | "providerid" | "litellmprovider" | "modelprovider" | "providername")
}

fn is_model_key(key: &str) -> bool {
    matches!(
        normalized_key(key).as_str(),
        "id" | "model" | "modelid" | "modelname" | "modelslug" | "slug" | "name" | "ref" | "reference" | "modelref"
    )
}

/// Returns whether the value of a key, such as `limits`, has facts about the model that the map around the key names.
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
    KEYS.contains(&normalized_key(key).as_str())
}
