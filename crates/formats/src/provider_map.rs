//! The provider map: which provider of the catalog a source's id stands for.

use modeldex_compile::authored::provider_map::{self, Service};
use modeldex_table::ProviderKind;
use std::collections::{BTreeMap, HashMap};

/// The provider map: which id of a source is which provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderMap {
    services: BTreeMap<String, Service>,
    by_source: HashMap<(String, String), String>,
    skipped: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a source's id of a provider stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped<'m> {
    /// A provider of this catalog.
    Provider(&'m str),
    /// Nothing that belongs into the catalog, and why.
    Skipped(&'m str),
    /// Nobody has looked at it.
    Unknown,
}

impl ProviderMap {
    /// Reads the text of such a file by its types alone.
    ///
    /// # Errors
    /// The first fault, with its line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        provider_map::ProviderMap::parse(text).map(Self::from)
    }

    /// What a source's id of a provider stands for.
    #[must_use]
    pub fn of(&self, source: &str, id: &str) -> Mapped<'_> {
        // Two lookups by borrowed pairs would need a type of their own; ids of providers are few.
        if let Some(provider) = self.by_source.get(&(source.to_owned(), id.to_owned())) {
            return Mapped::Provider(provider);
        }
        self.skipped.get(source).and_then(|ids| ids.get(id)).map_or(Mapped::Unknown, |why| Mapped::Skipped(why))
    }

    /// The kind of a service.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<ProviderKind> {
        self.services.get(id)?.kind
    }

    /// The services, by id.
    #[must_use]
    pub fn services(&self) -> &BTreeMap<String, Service> {
        &self.services
    }
}

impl From<provider_map::ProviderMap> for ProviderMap {
    fn from(map: provider_map::ProviderMap) -> Self {
        let mut by_source = HashMap::new();
        for (provider, service) in &map.providers {
            for (source, ids) in &service.ids {
                by_source.extend(ids.iter().map(|id| ((source.clone(), id.clone()), provider.clone())));
            }
        }
        Self { services: map.providers, by_source, skipped: map.skip }
    }
}

/// Whether a text can be the id of a provider or lab, and so the name of its file.
#[must_use]
pub fn is_provider_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.bytes().next().is_some_and(is_plain) && id.len() <= 64 && id.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_sources_stand_for_services() {
        let text = "providers:\n  a: {kind: lab, x: [one, two], y: [one]}\n  b: {x: [three]}\nskip:\n  x: {four: no models}\n";
        let map = ProviderMap::parse(text).unwrap();
        assert_eq!(map.of("x", "two"), Mapped::Provider("a"));
        assert_eq!(map.of("y", "one"), Mapped::Provider("a"));
        assert_eq!(map.of("x", "four"), Mapped::Skipped("no models"));
        assert_eq!(map.of("y", "four"), Mapped::Unknown);
        assert_eq!(map.services()["a"].kind, Some(ProviderKind::Lab));
    }
}
