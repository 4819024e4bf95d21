//! Lookups at compile time: an unknown model reference is a compile error.

use crate::catalog::{ModelEntry, ProviderEntry};
use crate::{AliasKind, Catalog};

impl Catalog<'_> {
    /// Returns the index of the model with the reference `reference` in [`Catalog::models`]. The function is `const`, so that the lookup can run at
    /// compile time.
    ///
    /// An alias resolves to its model. A legacy alias is an error, because the provider no longer accepts the legacy id.
    ///
    /// # Panics
    /// Panics if neither a model nor an alias has this reference, or if a legacy alias has this reference. In a `const`, the panic is a compile
    /// error.
    #[must_use]
    pub const fn index_of(&self, reference: &str) -> usize {
        let bytes = reference.as_bytes();
        let mut slash = 0;
        while slash < bytes.len() && bytes[slash] != b'/' {
            slash += 1;
        }
        assert!(slash < bytes.len(), "expected a model reference, such as `openai/gpt-5.5`");
        let (provider, rest) = bytes.split_at(slash);
        let owner = match self.find_provider(provider) {
            Some(ProviderEntry::Provider(at)) => at,
            Some(ProviderEntry::Alias(at)) => self.provider_aliases[at].provider.get() as usize,
            None => panic!("{}", self.unknown_provider(provider).as_str()),
        };
        match self.find_model(owner, rest.split_at(1).1) {
            Some(ModelEntry::Model(at)) => at,
            Some(ModelEntry::Alias(at)) => {
                let alias = &self.aliases[at];
                assert!(
                    alias.kind != AliasKind::Legacy.code(),
                    "the provider no longer accepts this id, which is a legacy alias; `modeldex models show` prints the current id"
                );
                alias.model.get() as usize
            }
            None => panic!("{}", self.unknown_model(owner, rest.split_at(1).1).as_str()),
        }
    }

    const fn unknown_provider(&self, id: &[u8]) -> ConstText {
        let (mut at, mut nearest) = (0, NearestId::to(id));
        while at < self.providers.len() {
            nearest = nearest.or(self.bytes(self.providers[at].id));
            at += 1;
        }
        let message = ConstText::EMPTY.text(b"the catalog has no provider `").text(id).text(b"`; ").suggestion(nearest);
        message.text(b"`modeldex providers list` lists all providers")
    }

    const fn unknown_model(&self, owner: usize, id: &[u8]) -> ConstText {
        let provider = &self.providers[owner];
        let mut at = provider.models_start.get() as usize;
        let (end, mut nearest) = (at + provider.models_len.get() as usize, NearestId::to(id));
        while at < end {
            nearest = nearest.or(self.bytes(self.models[at].id));
            at += 1;
        }
        let name = self.bytes(provider.id);
        let message = ConstText::EMPTY.text(b"provider `").text(name).text(b"` has no model `").text(id).text(b"`; ").suggestion(nearest);
        message.text(b"`modeldex models list --all --provider ").text(name).text(b"` lists all of its models")
    }
}

/// The known id that has the most bytes in common with an unknown id, counted at the beginning and at the end of the two ids. An edit distance would
/// be more accurate, but its computation is slow at compile time.
#[derive(Clone, Copy)]
struct NearestId<'i> {
    unknown: &'i [u8],
    id: &'i [u8],
    common: usize,
}

impl<'i> NearestId<'i> {
    /// Creates a search without a known id. The search ignores an id that has at most half of the bytes of the unknown id in common with it.
    const fn to(unknown: &'i [u8]) -> Self {
        Self { unknown, id: &[], common: unknown.len() / 2 }
    }

    /// Returns the search with `id` as its known id if `id` has more bytes in common with the unknown id.
    const fn or(self, id: &'i [u8]) -> Self {
        let shorter = if id.len() < self.unknown.len() { id.len() } else { self.unknown.len() };
        let mut front = 0;
        while front < shorter && id[front] == self.unknown[front] {
            front += 1;
        }
        let mut back = 0;
        while back < shorter - front && id[id.len() - 1 - back] == self.unknown[self.unknown.len() - 1 - back] {
            back += 1;
        }
        if front + back > self.common { Self { id, common: front + back, ..self } } else { self }
    }
}

/// A text that is built at compile time, where allocation is impossible. Text beyond the capacity is cut off.
#[derive(Clone, Copy)]
struct ConstText {
    bytes: [u8; 512],
    len: usize,
}

impl ConstText {
    const EMPTY: Self = Self { bytes: [0; 512], len: 0 };

    const fn text(mut self, text: &[u8]) -> Self {
        let mut at = 0;
        while at < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn suggestion(self, nearest: NearestId<'_>) -> Self {
        if nearest.id.is_empty() { self } else { self.text(b"did you mean `").text(nearest.id).text(b"`? ") }
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "the catalog has no model with this reference",
        }
    }
}
