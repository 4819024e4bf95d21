//! Lookups that the compiler itself runs, for references that must exist.

use crate::catalog::{ModelEntry, ProviderEntry};
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
        let owner = match self.find_provider(provider) {
            Some(ProviderEntry::Provider(at)) => at,
            Some(ProviderEntry::Alias(at)) => self.provider_aliases[at].provider.get() as usize,
            None => panic!("the catalog has no such provider; `modeldex providers list` shows them all"),
        };
        match self.find_model(owner, rest.split_at(1).1) {
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
}
