//! The provider map: maps the provider ids of sources to the provider ids of this catalog.

use modeldex_compile::authored::provider_map::{self, MappedProvider};
use modeldex_table::ProviderKind;
use std::collections::{BTreeMap, HashMap};

/// Lookup tables from the provider ids of sources to the provider ids of this catalog. They contain the data of `catalog/provider-map.yaml`.
#[derive(Clone, Debug, Default)]
pub struct ProviderIdMap {
    providers: BTreeMap<String, MappedProvider>,
    by_source: HashMap<(String, String), String>,
    skipped: BTreeMap<String, BTreeMap<String, String>>,
}

/// What the provider map states about an id that a source uses for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderMapping<'m> {
    /// The id of a provider in this catalog.
    Provider(&'m str),
    /// The provider map skips the provider. The text is the reason.
    Skipped(&'m str),
    /// The provider map does not have the id.
    Unmapped,
}

impl ProviderIdMap {
    /// Parses the text of a provider map. Checks only the types of the values, not the rules for catalog files.
    ///
    /// # Errors
    /// Returns the first error with its line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        provider_map::ProviderMap::parse(text).map(Self::from)
    }

    /// Looks up the provider id `id` of the source with the name `source`.
    #[must_use]
    pub fn lookup(&self, source: &str, id: &str) -> ProviderMapping<'_> {
        // Allocates, because a lookup by a borrowed pair would require a special key type. Provider ids are few.
        if let Some(provider) = self.by_source.get(&(source.to_owned(), id.to_owned())) {
            return ProviderMapping::Provider(provider);
        }
        self.skipped.get(source).and_then(|ids| ids.get(id)).map_or(ProviderMapping::Unmapped, |why| ProviderMapping::Skipped(why))
    }

    /// Returns the kind of the provider whose id in the catalog is `id`. Returns `None` if the map states no kind for the provider.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<ProviderKind> {
        self.providers.get(id)?.kind
    }

    /// Returns all providers of the map, by their ids in this catalog.
    #[must_use]
    pub fn providers(&self) -> &BTreeMap<String, MappedProvider> {
        &self.providers
    }
}

impl From<provider_map::ProviderMap> for ProviderIdMap {
    fn from(map: provider_map::ProviderMap) -> Self {
        let mut by_source = HashMap::new();
        for (provider, service) in &map.providers {
            for (source, ids) in &service.ids {
                by_source.extend(ids.iter().map(|id| ((source.clone(), id.clone()), provider.clone())));
            }
        }
        Self { providers: map.providers, by_source, skipped: map.skip }
    }
}

/// Returns whether `id` is valid as the id of a provider or lab. A valid id is also a valid file name.
#[must_use]
pub fn is_provider_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.bytes().next().is_some_and(is_plain) && id.len() <= 64 && id.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_ids_map_to_providers() {
        let text = "providers:\n  a: {kind: lab, x: [one, two], y: [one]}\n  b: {x: [three]}\nskip:\n  x: {four: no models}\n";
        let map = ProviderIdMap::parse(text).unwrap();
        assert_eq!(map.lookup("x", "two"), ProviderMapping::Provider("a"));
        assert_eq!(map.lookup("y", "one"), ProviderMapping::Provider("a"));
        assert_eq!(map.lookup("x", "four"), ProviderMapping::Skipped("no models"));
        assert_eq!(map.lookup("y", "four"), ProviderMapping::Unmapped);
        assert_eq!(map.providers()["a"].kind, Some(ProviderKind::Lab));
    }
}
