//! The catalog as a struct of slices, and the ways into it.

use crate::error::UnknownModel;
use crate::index::{self, Probe};
use crate::model::{Alias, BaseModel, Lab, Model};
use crate::provider::{Provider, ProviderAlias};
use crate::rows::*;

/// A whole catalog: typed rows and one pool of strings, borrowed from wherever they are.
///
/// The built-in catalog is `Catalog<'static>` over bytes of the executable; one that was compiled at run time borrows vectors.
/// Both take the same path. The fields are public so that a compiler of catalogs can fill them; read through the methods, which
/// never panic, whatever the rows hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog<'a> {
    /// Every text, without separators.
    pub strings: &'a str,
    /// Sorted by id.
    pub providers: &'a [ProviderRow],
    /// Lists of endpoints.
    pub endpoints: &'a [EndpointRow],
    /// Lists of headers.
    pub headers: &'a [HeaderRow],
    /// Lists of ways to authenticate.
    pub auths: &'a [AuthRow],
    /// Lists of variables.
    pub variables: &'a [VariableRow],
    /// Sorted by provider, then id.
    pub models: &'a [ModelRow],
    /// Sorted by id.
    pub labs: &'a [LabRow],
    /// Sorted by lab, then id.
    pub bases: &'a [ModelRow],
    /// Facts that few models have.
    pub details: &'a [DetailRow],
    /// Sorted by provider, then id.
    pub aliases: &'a [AliasRow],
    /// Sorted by id.
    pub provider_aliases: &'a [ProviderAliasRow],
    /// Lists of price entries.
    pub prices: &'a [PriceRow],
    /// What price entries ask for.
    pub conditions: &'a [ConditionRow],
    /// Lists of rates.
    pub rates: &'a [RateRow],
    /// Lists of sources.
    pub sources: &'a [SourceRow],
    /// Lists of texts.
    pub texts: &'a [Text],
    /// Where facts came from.
    pub origins: &'a [OriginRow],
    /// The folders that went in.
    pub layers: &'a [LayerRow],
    /// Index over models, then aliases.
    pub model_slots: &'a [SlotRow],
    /// Index over providers, then their aliases.
    pub provider_slots: &'a [SlotRow],
}

/// A reference that resolved, and the aliases it went through, if any.
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
    /// The model that `reference` (`provider/model`) names by its own id or by an alias.
    ///
    /// # Errors
    /// When nothing has that reference; the error names the nearest ones.
    #[inline]
    pub fn model(&'a self, reference: &'a str) -> Result<Model<'a>, UnknownModel<'a>> {
        self.resolve(reference).map(|resolved| resolved.model)
    }

    /// Like [`Catalog::model`], and says which aliases the reference went through.
    ///
    /// # Errors
    /// When nothing has that reference; the error names the nearest ones.
    #[inline]
    pub fn resolve(&'a self, reference: &'a str) -> Result<Resolved<'a>, UnknownModel<'a>> {
        let found = match self.find_reference(reference.as_bytes()) {
            Some(entry) => self.resolved(entry, None),
            None => self.resolve_provider_alias(reference),
        };
        found.ok_or(UnknownModel { catalog: self, reference })
    }

    /// What a reference names that is in no index as it stands: only its provider's half can still be an alias.
    fn resolve_provider_alias(&'a self, reference: &str) -> Option<Resolved<'a>> {
        let (provider, id) = reference.split_once('/')?;
        match self.find_provider(provider.as_bytes())? {
            ProviderEntry::Provider(_) => None,
            ProviderEntry::Alias(_) => self.resolve_in(provider, id),
        }
    }

    /// The model that provider `provider` calls `id`, where either may be an alias.
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

    /// The provider with this id or alias.
    #[must_use]
    pub fn provider(&'a self, id: &str) -> Option<Provider<'a>> {
        let at = match self.find_provider(id.as_bytes())? {
            ProviderEntry::Provider(at) => at,
            ProviderEntry::Alias(at) => self.provider_aliases.get(at)?.provider.get() as usize,
        };
        self.provider_at(at)
    }

    /// The provider at a place in the table.
    #[must_use]
    pub fn provider_at(&'a self, at: usize) -> Option<Provider<'a>> {
        Some(Provider { catalog: self, row: self.providers.get(at)? })
    }

    /// The model at a place in the table.
    #[must_use]
    pub fn model_at(&'a self, at: usize) -> Option<Model<'a>> {
        Some(Model { catalog: self, row: self.models.get(at)? })
    }

    /// Every provider, by id.
    pub fn providers(&'a self) -> impl ExactSizeIterator<Item = Provider<'a>> + Clone {
        self.providers.iter().map(move |row| Provider { catalog: self, row })
    }

    /// Every model, by provider and id. Filters are the iterator's own:
    ///
    /// ```
    /// # use modeldex_table::{Capability, Catalog};
    /// # let catalog = Catalog::default();
    /// let thinking = catalog.models().filter(|model| model.can(Capability::Reasoning) == Some(true));
    /// # assert_eq!(thinking.count(), 0);
    /// ```
    pub fn models(&'a self) -> impl ExactSizeIterator<Item = Model<'a>> + Clone {
        self.models.iter().map(move |row| Model { catalog: self, row })
    }

    /// Every other id of a model, by provider and id.
    pub fn aliases(&'a self) -> impl ExactSizeIterator<Item = Alias<'a>> + Clone {
        self.aliases.iter().map(move |row| Alias { catalog: self, row })
    }

    /// Every other id of a provider.
    pub fn provider_aliases(&'a self) -> impl ExactSizeIterator<Item = ProviderAlias<'a>> + Clone {
        self.provider_aliases.iter().map(move |row| ProviderAlias { catalog: self, row })
    }

    /// Every lab, by id.
    pub fn labs(&'a self) -> impl ExactSizeIterator<Item = Lab<'a>> + Clone {
        self.labs.iter().map(move |row| Lab { catalog: self, row })
    }

    /// The base model with this `lab/model` reference.
    #[must_use]
    pub fn base_model(&'a self, reference: &str) -> Option<BaseModel<'a>> {
        let (lab, id) = reference.split_once('/')?;
        let lab = self.labs.binary_search_by(|row| self.text(row.id).cmp(lab)).ok()?;
        let lab = Lab { catalog: self, row: &self.labs[lab] };
        let rows = lab.rows();
        let at = rows.binary_search_by(|row| self.text(row.id).cmp(id)).ok()?;
        Some(BaseModel { catalog: self, row: &rows[at] })
    }

    /// The names of the folders that went in, the lowest first.
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

    /// The place of a provider or provider alias with this id.
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

    /// The place of the model or alias with this reference, whose provider is called by its own id.
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

    /// The place of a model or alias of provider `owner` with this id.
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

    /// Whether a text of the pool is `bytes`.
    #[inline]
    pub(crate) const fn is(&self, text: Text, bytes: &[u8]) -> bool {
        text.len.get() as usize == bytes.len() && index::same(self.bytes(text), bytes)
    }

    /// The bytes of a text of the pool; none when it is out of bounds.
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
