//! The catalog: tables, which are slices of rows, and lookups of models and providers by reference or id.

use crate::error::UnknownModel;
use crate::index::{self, SlotProbe};
use crate::model::{Alias, BaseModel, Lab, Model};
use crate::provider::{Provider, ProviderAlias};
use crate::rows::*;

/// A catalog of providers and models. The catalog consists of tables of rows and a string pool, all of which are borrowed.
///
/// The built-in catalog is a `Catalog<'static>`, which borrows bytes of the executable. A catalog that is compiled at run time borrows vectors. The
/// fields are public so that a catalog compiler can fill them. To read a catalog, use its methods. They do not panic, even if rows are corrupt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog<'a> {
    /// The string pool: all strings of the catalog, concatenated without separators. Rows refer to parts of this string.
    pub strings: &'a str,
    /// The rows of all providers, sorted by id.
    pub providers: &'a [ProviderRow],
    /// The endpoints of all providers. The row of a provider refers to a range of this table.
    pub endpoints: &'a [EndpointRow],
    /// The additional request headers of all endpoints. The row of an endpoint refers to a range of this table.
    pub headers: &'a [HeaderRow],
    /// The authentication methods of all providers. The row of a provider refers to a range of this table.
    pub auths: &'a [AuthRow],
    /// The environment variables of all authentication methods, except the variables for API keys. The row of a method refers to a range of this
    /// table.
    pub variables: &'a [VariableRow],
    /// The rows of all models, sorted by provider, then by id.
    pub models: &'a [ModelRow],
    /// The rows of all labs, sorted by id.
    pub labs: &'a [LabRow],
    /// The rows of all base models, sorted by lab, then by id.
    pub bases: &'a [ModelRow],
    /// The facts that only few models state, such as the retirement date. The row of a model refers to a row of this table if the model has such a
    /// fact.
    pub details: &'a [DetailRow],
    /// The rows of all model aliases, sorted by provider, then by alias id.
    pub aliases: &'a [AliasRow],
    /// The rows of all provider aliases, sorted by alias id.
    pub provider_aliases: &'a [ProviderAliasRow],
    /// The entries of all price lists. The row of a model refers to a range of this table.
    pub prices: &'a [PriceRow],
    /// The conditions of price list entries, each stored once. The first condition always applies.
    pub conditions: &'a [ConditionRow],
    /// The rates of all price list entries. The row of an entry refers to a range of this table.
    pub rates: &'a [RateRow],
    /// The sources of facts. The rows of providers, labs and models refer to ranges of this table.
    pub sources: &'a [SourceRow],
    /// The elements of all lists of texts, such as names of environment variables. Rows refer to ranges of this table.
    pub texts: &'a [Text],
    /// The origins of the facts of models. The row of a model refers to a row of this table.
    pub origins: &'a [OriginRow],
    /// The catalog folders that the catalog was compiled from. Each folder is a layer that overrides the layers before it.
    pub layers: &'a [LayerRow],
    /// The hash index in which lookups find a model or a model alias by its reference.
    pub model_slots: &'a [SlotRow],
    /// The hash index in which lookups find a provider or a provider alias by its id.
    pub provider_slots: &'a [SlotRow],
}

/// The result of resolving a model reference: the model, and the aliases that the reference contains.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The model that the reference resolves to.
    pub model: Model<'a>,
    /// The model alias in the reference; `None` if the reference has the model's own id.
    pub alias: Option<Alias<'a>>,
    /// The provider alias in the reference; `None` if the reference has the provider's own id.
    pub provider_alias: Option<ProviderAlias<'a>>,
}

/// An entry of the hash index of providers, with the index of its row in the table of providers or provider aliases.
pub(crate) enum ProviderEntry {
    Provider(usize),
    Alias(usize),
}

/// An entry of the hash index of models, with the index of its row in the table of models or model aliases.
pub(crate) enum ModelEntry {
    Model(usize),
    Alias(usize),
}

impl<'a> Catalog<'a> {
    /// Returns the model with the reference `reference`, such as `openai/gpt-5.5`. The reference may contain aliases instead of the ids of the
    /// provider and the model.
    ///
    /// # Errors
    /// Fails if no model or alias has this reference. The error suggests similar references.
    #[inline]
    pub fn model(&'a self, reference: &'a str) -> Result<Model<'a>, UnknownModel<'a>> {
        self.resolve(reference).map(|resolved| resolved.model)
    }

    /// Returns the model that [`Catalog::model`] returns for `reference`, together with the aliases that the reference contains.
    ///
    /// # Errors
    /// Fails if no model or alias has this reference. The error suggests similar references.
    #[inline]
    pub fn resolve(&'a self, reference: &'a str) -> Result<Resolved<'a>, UnknownModel<'a>> {
        let found = match self.find_reference(reference.as_bytes()) {
            Some(entry) => self.resolved(entry, None),
            None => self.resolve_provider_alias(reference),
        };
        found.ok_or(UnknownModel { catalog: self, reference })
    }

    /// Resolves a reference that the hash index of models does not have. Such a reference is only valid if it begins with a provider alias.
    fn resolve_provider_alias(&'a self, reference: &str) -> Option<Resolved<'a>> {
        let (provider, id) = reference.split_once('/')?;
        match self.find_provider(provider.as_bytes())? {
            ProviderEntry::Provider(_) => None,
            ProviderEntry::Alias(_) => self.resolve_in(provider, id),
        }
    }

    /// Returns the model `id` of the provider `provider`. Each argument is an id or an alias. If an argument is an alias, the result contains this
    /// alias. Returns `None` if there is no such model.
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

    /// Returns the provider with the id or alias `id`. Returns `None` if there is no such provider.
    #[must_use]
    pub fn provider(&'a self, id: &str) -> Option<Provider<'a>> {
        let at = match self.find_provider(id.as_bytes())? {
            ProviderEntry::Provider(at) => at,
            ProviderEntry::Alias(at) => self.provider_aliases.get(at)?.provider.get() as usize,
        };
        self.provider_at(at)
    }

    /// Returns the provider with the index `at` in [`Catalog::providers`]. Returns `None` if no provider has this index.
    #[must_use]
    pub fn provider_at(&'a self, at: usize) -> Option<Provider<'a>> {
        Some(Provider { catalog: self, row: self.providers.get(at)? })
    }

    /// Returns the model with the index `at` in [`Catalog::models`]. Returns `None` if no model has this index.
    #[must_use]
    pub fn model_at(&'a self, at: usize) -> Option<Model<'a>> {
        Some(Model { catalog: self, row: self.models.get(at)? })
    }

    /// Iterates over all providers of the catalog, sorted by id.
    pub fn providers(&'a self) -> impl ExactSizeIterator<Item = Provider<'a>> + Clone {
        self.providers.iter().map(move |row| Provider { catalog: self, row })
    }

    /// Iterates over all models of the catalog, sorted by provider and id.
    ///
    /// To filter the models, use the methods of [`Iterator`]:
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

    /// Iterates over all model aliases of the catalog, sorted by provider and alias id.
    pub fn aliases(&'a self) -> impl ExactSizeIterator<Item = Alias<'a>> + Clone {
        self.aliases.iter().map(move |row| Alias { catalog: self, row })
    }

    /// Iterates over all provider aliases of the catalog, sorted by alias id.
    pub fn provider_aliases(&'a self) -> impl ExactSizeIterator<Item = ProviderAlias<'a>> + Clone {
        self.provider_aliases.iter().map(move |row| ProviderAlias { catalog: self, row })
    }

    /// Iterates over all labs of the catalog, sorted by id.
    pub fn labs(&'a self) -> impl ExactSizeIterator<Item = Lab<'a>> + Clone {
        self.labs.iter().map(move |row| Lab { catalog: self, row })
    }

    /// Returns the base model with the reference `reference`, which has the form `lab/model`. Returns `None` if there is no such base model.
    #[must_use]
    pub fn base_model(&'a self, reference: &str) -> Option<BaseModel<'a>> {
        let (lab, id) = reference.split_once('/')?;
        let lab = self.labs.binary_search_by(|row| self.text(row.id).cmp(lab)).ok()?;
        let lab = Lab { catalog: self, row: &self.labs[lab] };
        let rows = lab.rows();
        let at = rows.binary_search_by(|row| self.text(row.id).cmp(id)).ok()?;
        Some(BaseModel { catalog: self, row: &rows[at] })
    }

    /// Iterates over the names of the catalog folders that the catalog was compiled from. Each folder is a layer that overrides the layers before it.
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

    /// Returns the index of the provider with this id, or of the provider alias with this alias id.
    pub(crate) const fn find_provider(&self, id: &[u8]) -> Option<ProviderEntry> {
        let mut probe = SlotProbe::new(self.provider_slots, index::hash(id));
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

    /// Returns the index of the model or model alias with this reference. The reference must begin with the id of a provider, not with an alias.
    #[inline]
    pub(crate) const fn find_reference(&self, reference: &[u8]) -> Option<ModelEntry> {
        let mut probe = SlotProbe::new(self.model_slots, index::hash(reference));
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

    /// Returns the index of the model or model alias with this id, at the provider with the index `owner`.
    pub(crate) const fn find_model(&self, owner: usize, id: &[u8]) -> Option<ModelEntry> {
        if owner >= self.providers.len() {
            return None;
        }
        let provider = self.bytes(self.providers[owner].id);
        let mut probe = SlotProbe::new(self.model_slots, index::hash_halves(provider, id));
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

    /// Returns whether a string of the string pool equals `bytes`.
    #[inline]
    pub(crate) const fn is(&self, text: Text, bytes: &[u8]) -> bool {
        text.len.get() as usize == bytes.len() && index::bytes_equal(self.bytes(text), bytes)
    }

    /// Returns the bytes of a string of the string pool; empty if the location is outside of the string pool.
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
