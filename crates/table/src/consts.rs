//! Lookups at compile time, for references that must exist.

use crate::catalog::{ModelEntry, ProviderEntry};
use crate::{AliasKind, Catalog};

impl Catalog<'_> {
    /// Returns the index of the model with this reference. A `const fn`, so that it can run at compile time.
    ///
    /// Aliases are followed, except legacy aliases: providers no longer accept a legacy id.
    ///
    /// # Panics
    /// When no model or non-legacy alias has that reference. In a `const`, the panic is a compile error.
    #[must_use]
    pub const fn index_of(&self, reference: &str) -> usize {
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
            None => panic!("unknown provider; `modeldex providers list` lists all providers"),
        };
        match self.find_model(owner, rest.split_at(1).1) {
            Some(ModelEntry::Model(at)) => at,
            Some(ModelEntry::Alias(at)) => {
                let alias = &self.aliases[at];
                assert!(
                    alias.kind != AliasKind::Legacy.code(),
                    "legacy alias: its provider no longer accepts this id; `modeldex models show` prints the current id"
                );
                alias.model.get() as usize
            }
            None => panic!("unknown model; `modeldex models list --all --provider` lists all models of the provider"),
        }
    }
}
