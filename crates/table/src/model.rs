//! Views of models, base models, labs and model aliases.
//!
//! A model refers to its provider, and a provider refers to its models. Therefore this module and the module `provider` import each other. No other
//! two modules of this crate import each other.

use crate::price::PriceList;
use crate::provider::{Endpoint, Provider, Source};
use crate::rows::*;
use crate::value::{Capabilities, TextList, Value};
use crate::{AliasKind, Capability, Catalog, Date, Fact};
use core::fmt;

/// A model as one provider offers it, with the id, limits and prices at this provider.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ModelRow,
}

/// A base model: the facts that a lab publishes about a model, without prices. A model of a provider inherits the facts of its base model.
#[derive(Clone, Copy)]
pub struct BaseModel<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ModelRow,
}

/// A lab: an organisation that trains base models.
#[derive(Clone, Copy)]
pub struct Lab<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a LabRow,
}

/// An alias of a model: an alternative id that resolves to the model, at the same provider.
#[derive(Clone, Copy)]
pub struct Alias<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a AliasRow,
}

/// The origin of a fact: the layer (catalog folder) and the part of this folder that states the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer that states the fact, as an index into [`Catalog::layers`]. Rows store every index above 30 as 30.
    pub layer: u8,
    /// Whether the value was imported. Imported values are in the generated folder `imported` of the layer; all other values are in hand-written
    /// files.
    pub imported: bool,
    /// The part of the layer that states the fact, such as the entry of the model.
    pub part: OriginPart,
}

/// The part of a catalog folder, such as the entry of the model, that states a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginPart {
    /// The entry of the model, in the file of its provider.
    Model,
    /// The `defaults` in the file of the provider, which apply to all of its models.
    Defaults,
    /// The entry of the base model, in the file of its lab.
    Base,
    /// The file of the provider that the model's provider extends.
    Extended,
}

impl Origin {
    /// Returns the byte that [`OriginRow`] stores for the origin. The byte is never 0, because 0 stands for a fact that the catalog does not state.
    #[must_use]
    pub const fn code(self) -> u8 {
        let layer = if self.layer < 31 { self.layer } else { 30 };
        1 + self.part as u8 + self.imported as u8 * 4 + layer * 8
    }

    /// Returns the origin for a byte of [`OriginRow`]. Returns `None` if `code` is 0, which stands for a fact that the catalog does not state.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        let Some(code) = code.checked_sub(1) else { return None };
        let part = match code % 4 {
            0 => OriginPart::Model,
            1 => OriginPart::Defaults,
            2 => OriginPart::Base,
            _ => OriginPart::Extended,
        };
        Some(Self { layer: code / 8, imported: code / 4 % 2 == 1, part })
    }
}

/// A reference: `provider/model` for a model, `lab/model` for a base model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference<'a> {
    /// The id of the provider or lab: the part of the reference before the first slash.
    pub owner: &'a str,
    /// The id of the model or base model: the part of the reference after the first slash. The id may contain slashes.
    pub id: &'a str,
}

macro_rules! model_view {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// Returns the id of the model: the part of its reference after the first slash.
            #[must_use]
            pub fn id(self) -> &'a str {
                self.catalog.text(self.row.id)
            }

            /// Returns the display name of the model, or its id if the catalog states no name.
            #[must_use]
            pub fn name(self) -> &'a str {
                self.catalog.optional(self.row.name).unwrap_or_else(|| self.id())
            }

            /// Returns whether the model has `capability`. Returns `None` if the capability is unknown.
            #[must_use]
            pub fn can(self, capability: Capability) -> Option<bool> {
                Capabilities::from_bits(self.row.known.get(), self.row.supported.get()).get(capability)
            }

            /// Returns the value of `fact`. Returns `None` if the value is unknown. Also returns `None` for prices, endpoints and sources, which have
            /// their own methods.
            ///
            /// Name, status, kind and billing have default values. If the catalog does not state one of these facts, this method returns the default
            /// value, and [`origin`](Self::origin) returns `None`.
            #[must_use]
            pub fn value(self, fact: Fact) -> Option<Value<&'a str, TextList<'a>>> {
                match fact {
                    Fact::Name => Some(Value::Text(self.name())),
                    fact => fact.view(self.row, self.detail(), self.catalog),
                }
            }

            /// Iterates over the sources of the facts that the model's own entry states. The sources of inherited facts are not included.
            pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
                let catalog = self.catalog;
                self.detail().sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
            }

            /// Returns the place in the catalog folders that states the value of `fact` for the model. Returns `None` if the catalog does not state
            /// the fact.
            #[must_use]
            pub fn origin(self, fact: Fact) -> Option<Origin> {
                let origins = self.catalog.origins.get(self.row.origin.get() as usize)?;
                Origin::from_code(origins.facts[fact.code() as usize])
            }

            pub(crate) fn detail(self) -> &'a DetailRow {
                const EMPTY: &DetailRow = &zerocopy::transmute!([0_u8; size_of::<DetailRow>()]);
                let index = (self.row.detail.get() as usize).checked_sub(1);
                index.and_then(|index| self.catalog.details.get(index)).unwrap_or(EMPTY)
            }

            /// Returns the reference of the model: `provider/model`, or `lab/model` for a base model.
            #[must_use]
            pub fn reference(self) -> Reference<'a> {
                Reference { owner: self.owner_id(), id: self.id() }
            }
        }

        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.reference())
            }
        }
    };
}

model_view!(Model);
model_view!(BaseModel);

impl<'a> Model<'a> {
    /// Returns the provider that offers the model.
    #[must_use]
    pub fn provider(self) -> Provider<'a> {
        const EMPTY: &ProviderRow = &zerocopy::transmute!([0_u8; size_of::<ProviderRow>()]);
        Provider { catalog: self.catalog, row: self.catalog.providers.get(self.row.owner.get() as usize).unwrap_or(EMPTY) }
    }

    /// Returns the base model from which the model inherits facts. Returns `None` if the model has no base model.
    #[must_use]
    pub fn base(self) -> Option<BaseModel<'a>> {
        let row = self.catalog.bases.get((self.row.base.get() as usize).checked_sub(1)?)?;
        Some(BaseModel { catalog: self.catalog, row })
    }

    /// Returns the price list of the model. The list is empty if [`billing`](Self::billing) is not metered.
    #[must_use]
    pub fn prices(self) -> PriceList<'a> {
        PriceList { catalog: self.catalog, rows: self.row.prices.of(self.catalog.prices) }
    }

    /// Iterates over the endpoints at which the provider serves the model. The first endpoint is the default.
    pub fn endpoints(self) -> impl Iterator<Item = Endpoint<'a>> + Clone {
        let mask = match self.detail().endpoints.get() {
            0 => u32::MAX,
            mask => mask,
        };
        self.provider().endpoints().enumerate().filter(move |(at, _)| *at >= 32 || mask >> at & 1 == 1).map(|(_, endpoint)| endpoint)
    }

    /// Returns the reason why this model has another status than a model of another provider, although both models have the same id and base URL.
    /// [`models_with_same_id_and_base_url`](Self::models_with_same_id_and_base_url) iterates over all models of other providers with this id and base
    /// URL. Returns `None` if the catalog states no reason.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.detail().reason)
    }

    /// Iterates over models of other providers. Each of them has the same id as this model, and at least one endpoint with the same base URL as an
    /// endpoint of this model. A request to this base URL does not show which of the providers the client means.
    pub fn models_with_same_id_and_base_url(self) -> impl Iterator<Item = Model<'a>> {
        let serves = move |provider: Provider<'a>, other: Model<'a>| {
            provider.index() != self.provider().index()
                && other.endpoints().any(|other_endpoint| {
                    self.endpoints().any(|endpoint| endpoint.normalized_base_url() == other_endpoint.normalized_base_url())
                })
        };
        self.catalog.providers().filter_map(move |provider| {
            // Endpoints are compared first: most providers share none, which saves the lookup of the model.
            let shares = provider.endpoints().any(|other_endpoint| {
                self.endpoints().any(|endpoint| endpoint.normalized_base_url() == other_endpoint.normalized_base_url())
            });
            let found = if shares { self.catalog.resolve_in(provider.id(), self.id())? } else { return None };
            Some(found.model).filter(|other| found.alias.is_none() && serves(provider, *other))
        })
    }

    /// Iterates over the aliases of the model, sorted by alias id.
    pub fn aliases(self) -> impl Iterator<Item = Alias<'a>> + Clone {
        let catalog = self.catalog;
        let owner = self.row.owner.get();
        // Aliases are sorted by provider, so the aliases of one provider are contiguous.
        let start = catalog.aliases.partition_point(|row| row.provider.get() < owner);
        let index = self.index();
        catalog.aliases[start..]
            .iter()
            .take_while(move |row| row.provider.get() == owner)
            .filter(move |row| row.model.get() as usize == index)
            .map(move |row| Alias { catalog, row })
    }

    /// Returns whether the model is the default model of its provider.
    #[must_use]
    pub fn is_default(self) -> bool {
        self.provider().row.default_model.get() as usize == self.index() + 1
    }

    /// Returns the index of the model in [`Catalog::models`]. The index can differ in another version of the catalog.
    #[must_use]
    pub fn index(self) -> usize {
        let start = self.catalog.models.as_ptr().addr();
        (core::ptr::from_ref(self.row).addr() - start) / size_of::<ModelRow>()
    }

    fn owner_id(self) -> &'a str {
        self.provider().id()
    }
}

impl<'a> BaseModel<'a> {
    /// Returns the lab that trained the base model. Returns `None` only if the catalog is corrupt.
    #[must_use]
    pub fn lab(self) -> Option<Lab<'a>> {
        Some(Lab { catalog: self.catalog, row: self.catalog.labs.get(self.row.owner.get() as usize)? })
    }

    /// Returns the catalog that contains the base model.
    #[must_use]
    pub const fn catalog(self) -> &'a Catalog<'a> {
        self.catalog
    }

    /// Iterates over the models that inherit facts from this base model, at all providers. The models are sorted by provider and id.
    pub fn models(self) -> impl Iterator<Item = Model<'a>> + Clone {
        self.catalog.models().filter(move |model| model.base().is_some_and(|base| core::ptr::eq(base.row, self.row)))
    }

    fn owner_id(self) -> &'a str {
        self.lab().map_or("", Lab::id)
    }
}

impl<'a> Lab<'a> {
    /// Returns the id of the lab: the part before the first slash in the references of its base models.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the display name of the lab.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.catalog.text(self.row.name)
    }

    /// Iterates over the base models of the lab, sorted by id.
    pub fn models(self) -> impl ExactSizeIterator<Item = BaseModel<'a>> + Clone {
        let catalog = self.catalog;
        self.rows().iter().map(move |row| BaseModel { catalog, row })
    }

    /// Iterates over the sources of the facts about the lab's base models.
    pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
        let catalog = self.catalog;
        self.row.sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
    }

    pub(crate) fn rows(self) -> &'a [ModelRow] {
        let start = self.row.bases_start.get() as usize;
        self.catalog.bases.get(start..start.saturating_add(self.row.bases_len.get() as usize)).unwrap_or(&[])
    }
}

impl<'a> Alias<'a> {
    /// Returns the alternative id of the model: the part of the alias reference after the first slash.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// Returns the reference of the alias: `provider/alias`, where `alias` is the alternative id of the model.
    #[must_use]
    pub fn reference(self) -> Reference<'a> {
        let owner = self.catalog.provider_at(self.row.provider.get() as usize).map_or("", Provider::id);
        Reference { owner, id: self.id() }
    }

    /// Returns the model that the alias resolves to. Returns `None` only if the catalog is corrupt.
    #[must_use]
    pub fn model(self) -> Option<Model<'a>> {
        self.catalog.model_at(self.row.model.get() as usize)
    }

    /// Returns the kind of the alias, such as an old id or the name of a dated version.
    #[must_use]
    pub fn kind(self) -> AliasKind {
        AliasKind::from_code(self.row.kind).unwrap_or(AliasKind::Display)
    }

    /// Returns the reason why the alias exists. Returns `None` if the catalog states no reason.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.row.reason)
    }

    /// Returns the date after which the alias may be removed. Returns `None` if there is no such date.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        Date::from_packed(self.row.until.get())
    }
}

impl PartialEq for Model<'_> {
    /// Returns whether both models are views of the same row of the same catalog.
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.row, other.row)
    }
}

impl Eq for Model<'_> {}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Cheaper than a format string; lists print a reference per row.
        [self.owner, "/", self.id].into_iter().try_for_each(|piece| f.write_str(piece))
    }
}

impl fmt::Debug for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Lab<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lab({})", self.id())
    }
}

impl fmt::Debug for Alias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({})", self.reference())
    }
}

impl Default for Range {
    fn default() -> Self {
        Self { start: 0.into(), len: 0.into() }
    }
}
