//! The catalog: tables as slices of rows, with lookups by reference and by id.

use crate::error::UnknownModel;
use crate::index::{self, Probe};
use crate::model::{Alias, BaseModel, Lab, Model};
use crate::provider::{Provider, ProviderAlias};
use crate::rows::*;

/// A catalog: typed rows and one string pool, borrowed from static or owned storage.
///
/// The built-in catalog is `Catalog<'static>` over bytes of the executable; a catalog compiled at run time borrows vectors. Both use the
/// same code. The fields are public so that a catalog compiler can fill them. To read, use the methods: they never panic, even on corrupt
/// rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog<'a> {
    /// String pool: all strings, concatenated without separators.
    pub strings: &'a str,
    /// Providers, sorted by id.
    pub providers: &'a [ProviderRow],
    /// Endpoints, as lists that provider rows refer to.
    pub endpoints: &'a [EndpointRow],
    /// Request headers, as lists that endpoint rows refer to.
    pub headers: &'a [HeaderRow],
    /// Authentication methods, as lists that provider rows refer to.
    pub auths: &'a [AuthRow],
    /// Environment variables, as lists that authentication rows refer to.
    pub variables: &'a [VariableRow],
    /// Models, sorted by provider, then id.
    pub models: &'a [ModelRow],
    /// Labs, sorted by id.
    pub labs: &'a [LabRow],
    /// Base models, sorted by lab, then id.
    pub bases: &'a [ModelRow],
    /// Rarely stated facts, stored outside of model rows.
    pub details: &'a [DetailRow],
    /// Model aliases, sorted by provider, then id.
    pub aliases: &'a [AliasRow],
    /// Provider aliases, sorted by id.
    pub provider_aliases: &'a [ProviderAliasRow],
    /// Price list entries, as lists that model rows refer to.
    pub prices: &'a [PriceRow],
    /// Conditions of price list entries; the first is unconditional.
    pub conditions: &'a [ConditionRow],
    /// Rates, as lists that price list entries refer to.
    pub rates: &'a [RateRow],
    /// Sources, as lists.
    pub sources: &'a [SourceRow],
    /// Lists of texts, as locations in the string pool.
    pub texts: &'a [Text],
    /// Origins of the facts of models.
    pub origins: &'a [OriginRow],
    /// Catalog folders that were compiled, lowest layer first.
    pub layers: &'a [LayerRow],
    /// Hash index of models, then model aliases.
    pub model_slots: &'a [SlotRow],
    /// Hash index of providers, then provider aliases.
    pub provider_slots: &'a [SlotRow],
}

/// A resolved reference: the model and the aliases that were followed.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The model.
    pub model: Model<'a>,
    /// The model alias that the reference used.
    pub alias: Option<Alias<'a>>,
    /// The provider alias that the reference used.
    pub provider_alias: Option<ProviderAlias<'a>>,
}

/// An entry of the provider index.
pub(crate) enum ProviderEntry {
    Provider(usize),
    Alias(usize),
}

/// An entry of the model index.
pub(crate) enum ModelEntry {
    Model(usize),
    Alias(usize),
}

impl<'a> Catalog<'a> {
    /// Returns the model with this reference (`provider/model`), following aliases.
    ///
    /// # Errors
    /// When no model or alias has that reference; the error suggests the nearest references.
    #[inline]
    pub fn model(&'a self, reference: &'a str) -> Result<Model<'a>, UnknownModel<'a>> {
        self.resolve(reference).map(|resolved| resolved.model)
    }

    /// Like [`Catalog::model`], and also returns the aliases that were followed.
    ///
    /// # Errors
    /// When no model or alias has that reference; the error suggests the nearest references.
    #[inline]
    pub fn resolve(&'a self, reference: &'a str) -> Result<Resolved<'a>, UnknownModel<'a>> {
        let found = match self.find_reference(reference.as_bytes()) {
            Some(entry) => self.resolved(entry, None),
            None => self.resolve_provider_alias(reference),
        };
        found.ok_or(UnknownModel { catalog: self, reference })
    }

    /// Resolves a reference that the model index does not have: only its provider part can still be an alias.
    fn resolve_provider_alias(&'a self, reference: &str) -> Option<Resolved<'a>> {
        let (provider, id) = reference.split_once('/')?;
        match self.find_provider(provider.as_bytes())? {
            ProviderEntry::Provider(_) => None,
            ProviderEntry::Alias(_) => self.resolve_in(provider, id),
        }
    }

    /// Returns the model `id` of `provider`; both may be aliases. `None` if there is no such model.
    #[must_use]
    pub fn resolve_in(&'a self, provider: &str, id: &str) -> Option<Resolved<'a>> {
        let (owner, provider_alias) = match self.find_provider(provider.as_bytes())? {
            ProviderEntry::Provider(at) => (at, None),
            ProviderEntry::Alias(at) => {
                let alias = ProviderAlias { catalog: self, row: self.provider_aliases.get(at)? };
                (alias.row.provider.get() as usize, Some(alias))
            }
        };
        self.resolved(self.find_model(owner, id.as_bytes())?, provider_alias)
    }

    #[inline]
    fn resolved(&'a self, entry: ModelEntry, provider_alias: Option<ProviderAlias<'a>>) -> Option<Resolved<'a>> {
        let (at, alias) = match entry {
            ModelEntry::Model(at) => (at, None),
            ModelEntry::Alias(at) => {
                let alias = Alias { catalog: self, row: self.aliases.get(at)? };
                (alias.row.model.get() as usize, Some(alias))
            }
        };
        Some(Resolved { model: Model { catalog: self, row: self.models.get(at)? }, alias, provider_alias })
    }

    /// Returns the provider with this id or alias; `None` if there is no such provider.
    #[must_use]
    pub fn provider(&'a self, id: &str) -> Option<Provider<'a>> {
        let at = match self.find_provider(id.as_bytes())? {
            ProviderEntry::Provider(at) => at,
            ProviderEntry::Alias(at) => self.provider_aliases.get(at)?.provider.get() as usize,
        };
        self.provider_at(at)
    }

    /// Returns the provider at this index of [`Catalog::providers`]; `None` if out of bounds.
    #[must_use]
    pub fn provider_at(&'a self, at: usize) -> Option<Provider<'a>> {
        Some(Provider { catalog: self, row: self.providers.get(at)? })
    }

    /// Returns the model at this index of [`Catalog::models`]; `None` if out of bounds.
    #[must_use]
    pub fn model_at(&'a self, at: usize) -> Option<Model<'a>> {
        Some(Model { catalog: self, row: self.models.get(at)? })
    }

    /// Iterates over all providers, sorted by id.
    pub fn providers(&'a self) -> impl ExactSizeIterator<Item = Provider<'a>> + Clone {
        self.providers.iter().map(move |row| Provider { catalog: self, row })
    }

    /// Iterates over all models, sorted by provider and id. To filter, use the methods of [`Iterator`]:
    ///
    /// ```
    /// # use modeldex_table::{Capability, Catalog};
    /// # let catalog = Catalog::default();
    /// let reasoning = catalog.models().filter(|model| model.can(Capability::Reasoning) == Some(true));
    /// # assert_eq!(reasoning.count(), 0);
    /// ```
    pub fn models(&'a self) -> impl ExactSizeIterator<Item = Model<'a>> + Clone {
        self.models.iter().map(move |row| Model { catalog: self, row })
    }

    /// Iterates over all model aliases, sorted by provider and id.
    pub fn aliases(&'a self) -> impl ExactSizeIterator<Item = Alias<'a>> + Clone {
        self.aliases.iter().map(move |row| Alias { catalog: self, row })
    }

    /// Iterates over all provider aliases, sorted by id.
    pub fn provider_aliases(&'a self) -> impl ExactSizeIterator<Item = ProviderAlias<'a>> + Clone {
        self.provider_aliases.iter().map(move |row| ProviderAlias { catalog: self, row })
    }

    /// Iterates over all labs, sorted by id.
    pub fn labs(&'a self) -> impl ExactSizeIterator<Item = Lab<'a>> + Clone {
        self.labs.iter().map(move |row| Lab { catalog: self, row })
    }

    /// Returns the base model with this reference (`lab/model`); `None` if there is no such base model.
    #[must_use]
    pub fn base_model(&'a self, reference: &str) -> Option<BaseModel<'a>> {
        let (lab, id) = reference.split_once('/')?;
        let lab = self.labs.binary_search_by(|row| self.text(row.id).cmp(lab)).ok()?;
        let lab = Lab { catalog: self, row: &self.labs[lab] };
        let rows = lab.rows();
        let at = rows.binary_search_by(|row| self.text(row.id).cmp(id)).ok()?;
        Some(BaseModel { catalog: self, row: &rows[at] })
    }

    /// Iterates over the names of the compiled catalog folders, lowest layer first.
    pub fn layers(&'a self) -> impl ExactSizeIterator<Item = &'a str> {
        self.layers.iter().map(move |row| self.text(row.name))
    }

    pub(crate) fn text(&self, text: Text) -> &'a str {
        let start = text.start.get() as usize;
        self.strings.get(start..start + text.len.get() as usize).unwrap_or("")
    }

    pub(crate) fn optional(&self, text: Text) -> Option<&'a str> {
        Some(self.text(text)).filter(|text| !text.is_empty())
    }

    /// Returns the index of the provider or provider alias with this id.
    pub(crate) const fn find_provider(&self, id: &[u8]) -> Option<ProviderEntry> {
        let mut probe = Probe::new(self.provider_slots, index::hash(id));
        while let Some((entry, slot)) = probe.next() {
            if self.is(slot.id, id) {
                return Some(if entry < self.providers.len() {
                    ProviderEntry::Provider(entry)
                } else {
                    ProviderEntry::Alias(entry - self.providers.len())
                });
            }
        }
        None
    }

    /// Returns the index of the model or model alias with this reference; the provider part must be an id, not an alias.
    #[inline]
    pub(crate) const fn find_reference(&self, reference: &[u8]) -> Option<ModelEntry> {
        let mut probe = Probe::new(self.model_slots, index::hash(reference));
        while let Some((entry, slot)) = probe.next() {
            let id_len = slot.id.len.get() as usize;
            let owner = slot.owner.get() as usize;
            if reference.len() > id_len && owner < self.providers.len() {
                let (front, id) = reference.split_at(reference.len() - id_len);
                let (provider, slash) = front.split_at(front.len() - 1);
                if self.is(slot.id, id) && slash[0] == b'/' && self.is(self.providers[owner].id, provider) {
                    return Some(self.model_entry(entry));
                }
            }
        }
        None
    }

    /// Returns the index of the model or model alias of provider `owner` with this id.
    pub(crate) const fn find_model(&self, owner: usize, id: &[u8]) -> Option<ModelEntry> {
        if owner >= self.providers.len() {
            return None;
        }
        let provider = self.bytes(self.providers[owner].id);
        let mut probe = Probe::new(self.model_slots, index::hash_halves(provider, id));
        while let Some((entry, slot)) = probe.next() {
            if slot.owner.get() as usize == owner && self.is(slot.id, id) {
                return Some(self.model_entry(entry));
            }
        }
        None
    }

    #[inline]
    const fn model_entry(&self, entry: usize) -> ModelEntry {
        if entry < self.models.len() { ModelEntry::Model(entry) } else { ModelEntry::Alias(entry - self.models.len()) }
    }

    /// Returns whether a string of the pool equals `bytes`.
    #[inline]
    pub(crate) const fn is(&self, text: Text, bytes: &[u8]) -> bool {
        text.len.get() as usize == bytes.len() && index::bytes_equal(self.bytes(text), bytes)
    }

    /// Returns the bytes of a string of the pool; empty when out of bounds.
    #[inline]
    pub(crate) const fn bytes(&self, text: Text) -> &'a [u8] {
        let (start, len) = (text.start.get() as usize, text.len.get() as usize);
        let pool = self.strings.as_bytes();
        if start > pool.len() || len > pool.len() - start {
            return &[];
        }
        pool.split_at(start).1.split_at(len).0
    }
}
