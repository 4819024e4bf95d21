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
            None => panic!("{}", self.unknown_provider(provider).as_str()),
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
            None => panic!("{}", self.unknown_model(owner, rest.split_at(1).1).as_str()),
        }
    }

    const fn unknown_provider(&self, id: &[u8]) -> Message {
        let (mut at, mut nearest) = (0, Nearest::to(id));
        while at < self.providers.len() {
            nearest = nearest.or(self.bytes(self.providers[at].id));
            at += 1;
        }
        let message = Message::EMPTY.text(b"the catalog has no provider `").text(id).text(b"`; ").suggestion(nearest);
        message.text(b"`modeldex providers list` lists all providers")
    }

    const fn unknown_model(&self, owner: usize, id: &[u8]) -> Message {
        let provider = &self.providers[owner];
        let mut at = provider.models_start.get() as usize;
        let (end, mut nearest) = (at + provider.models_len.get() as usize, Nearest::to(id));
        while at < end {
            nearest = nearest.or(self.bytes(self.models[at].id));
            at += 1;
        }
        let name = self.bytes(provider.id);
        let message = Message::EMPTY.text(b"provider `").text(name).text(b"` has no model `").text(id).text(b"`; ").suggestion(nearest);
        message.text(b"`modeldex models list --all --provider ").text(name).text(b"` lists all of its models")
    }
}

/// The known id that shares the most bytes with an unknown id, counted from the beginning and from the end. Not an edit distance, since its
/// table is slow in compile-time evaluation.
#[derive(Clone, Copy)]
struct Nearest<'i> {
    unknown: &'i [u8],
    id: &'i [u8],
    common: usize,
}

impl<'i> Nearest<'i> {
    /// Starts without an id. An id is near only if it shares at least half of the bytes of the unknown id.
    const fn to(unknown: &'i [u8]) -> Self {
        Self { unknown, id: &[], common: unknown.len() / 2 }
    }

    /// Returns the nearer of the current id and `id`.
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

/// A text built at compile time, where nothing can allocate. Text beyond the capacity is cut off.
#[derive(Clone, Copy)]
struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
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

    const fn suggestion(self, nearest: Nearest<'_>) -> Self {
        if nearest.id.is_empty() { self } else { self.text(b"did you mean `").text(nearest.id).text(b"`? ") }
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "the catalog has nothing with that reference",
        }
    }
}
