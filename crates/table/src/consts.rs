//! Lookups that the compiler itself runs, for references that must exist.

use crate::catalog::{ModelEntry, ProviderEntry};
use crate::index::same;
use crate::{AliasKind, Catalog};

impl Catalog<'_> {
    /// The place of the model that `reference` names, at compile time.
    ///
    /// An alias is followed unless it is a legacy one, since a legacy id is dead on the wire.
    ///
    /// # Panics
    /// When nothing has that reference. In a `const` that is a compile error, which is the point.
    #[must_use]
    pub const fn place_of(&self, reference: &str) -> usize {
        let bytes = reference.as_bytes();
        let mut slash = 0;
        while slash < bytes.len() && bytes[slash] != b'/' {
            slash += 1;
        }
        assert!(slash < bytes.len(), "a model reference is `provider/model`");
        let (provider, rest) = bytes.split_at(slash);
        let (_, id) = rest.split_at(1);
        let owner = match self.find_provider(provider) {
            Some(ProviderEntry::Provider(at)) => at,
            Some(ProviderEntry::Alias(at)) => self.provider_aliases[at].provider.get() as usize,
            None => panic!("the catalog has no such provider; `modeldex providers list` shows them all"),
        };
        match self.find_model(owner, id) {
            Some(ModelEntry::Model(at)) => at,
            Some(ModelEntry::Alias(at)) => {
                let alias = &self.aliases[at];
                assert!(
                    alias.kind != AliasKind::Legacy.code(),
                    "this id is dead on the wire and kept only so that old references resolve; `modeldex models show` tells the new one"
                );
                alias.model.get() as usize
            }
            None => panic!("the provider has no such model; `modeldex models list --all --provider` shows them all"),
        }
    }

    /// The place of the provider with this id, at compile time.
    ///
    /// # Panics
    /// When there is none. In a `const` that is a compile error.
    #[must_use]
    pub const fn provider_place_of(&self, id: &str) -> usize {
        let mut at = 0;
        while at < self.providers.len() {
            let row = &self.providers[at];
            let (start, len) = (row.id.start.get() as usize, row.id.len.get() as usize);
            let (_, tail) = self.strings.as_bytes().split_at(start);
            if same(tail.split_at(len).0, id.as_bytes()) {
                return at;
            }
            at += 1;
        }
        panic!("the catalog has no such provider; `modeldex providers list` shows them all")
    }
}
