//! Finds the aliases of models and providers: other ids under which sources list them.

use crate::evidence::ProviderEvidence;
use crate::policy::Policy;
use crate::statement::FactKey;
use modeldex_compile::authored::ProviderAlias;
use modeldex_formats::ProviderIdMap;
use modeldex_table::AliasKind;
use std::collections::{BTreeMap, BTreeSet};

/// Groups the model ids of a provider, so that each group has the ids of one model: ids that differ only in case, and ids that a source declares to
/// be aliases. Returns a map from the primary id of each group to the other ids of the group.
pub(super) fn groups(policy: &Policy<'_>, provider: &str, evidence: &ProviderEvidence) -> BTreeMap<String, Vec<String>> {
    let mut by_name: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (id, line) in &evidence.models {
        let is_introduced = line.claims(&FactKey::Listed).iter().any(|claim| policy.can_introduce_models(&claim.source, provider));
        if !is_introduced {
            continue;
        }
        let target = line.claims(&FactKey::AliasOf).iter().filter(|claim| claim.is_current()).find_map(|claim| claim.value.text());
        // An id for which sources claim facts is a model of its own, even if a source declares the id to be an alias.
        let is_bare = line.facts.keys().all(|key| matches!(key, FactKey::Listed | FactKey::AliasOf));
        let name = target.filter(|target| is_bare && evidence.models.contains_key(*target)).unwrap_or(id);
        by_name.entry(name.to_ascii_lowercase()).or_default().push(id);
    }
    let rank = |id: &String| {
        let claims = evidence.models.get(id).map_or(&[][..], |line| line.claims(&FactKey::Listed));
        let current = claims.iter().filter(|claim| claim.is_current()).count();
        let bare =
            evidence.models.get(id).is_none_or(|line| line.facts.keys().all(|key| matches!(key, FactKey::Listed | FactKey::AliasOf)));
        let in_models_dev = claims.iter().any(|claim| claim.is_current() && claim.source.as_str() == "models.dev");
        (bare, !in_models_dev, std::cmp::Reverse(current), id.clone())
    };
    let mut groups = BTreeMap::new();
    for mut ids in by_name.into_values() {
        ids.sort_by_key(|id| rank(id));
        let mut ids = ids.into_iter().cloned();
        if let Some(primary) = ids.next() {
            groups.insert(primary, ids.collect());
        }
    }
    groups
}

/// Returns the aliases of each provider, which are the ids that sources use for the provider. Ids of other providers, and ids that sources use for
/// more than one provider, are omitted.
pub(super) fn provider_aliases(map: &ProviderIdMap, is_provider: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<ProviderAlias>> {
    let mut providers_by_id: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (provider, service) in map.providers() {
        for id in service.ids.values().flatten() {
            providers_by_id.entry(id).or_default().insert(provider);
        }
    }
    let mut aliases: BTreeMap<String, Vec<ProviderAlias>> = BTreeMap::new();
    for (id, providers) in providers_by_id {
        let is_unused = !is_provider(id) && !map.providers().contains_key(id);
        let is_id = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-'))
            && id.starts_with(|first: char| first.is_ascii_alphanumeric());
        if let (true, true, Some(provider), 1) = (is_unused, is_id, providers.first(), providers.len()) {
            let alias = ProviderAlias { id: id.to_owned(), kind: AliasKind::Display, reason: None, until: None };
            aliases.entry((*provider).to_owned()).or_default().push(alias);
        }
    }
    aliases
}
