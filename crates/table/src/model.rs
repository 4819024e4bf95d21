//! Views of a model: as a provider sells it, and as its lab published it.
//!
//! A model leads to its provider and a provider to its models, so this module and `provider` name each other: the only two files here that
//! do. Both are views of rows that refer to each other by place, and neither can be read without the other.

use crate::price::Prices;
use crate::provider::{Endpoint, Provider, Source};
use crate::rows::*;
use crate::value::{Capabilities, Texts, Value};
use crate::{AliasKind, Capability, Catalog, Date, Fact};
use core::fmt;

/// A model as one provider sells it.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ModelRow,
}

/// What a lab published about a model once, whoever sells it.
#[derive(Clone, Copy)]
pub struct BaseModel<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a ModelRow,
}

/// A maker of models.
#[derive(Clone, Copy)]
pub struct Lab<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a LabRow,
}

/// Another id of a model.
#[derive(Clone, Copy)]
pub struct Alias<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) row: &'a AliasRow,
}

/// Where a fact of a model was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which folder, as a place in [`Catalog::layers`].
    pub layer: u8,
    /// Whether it is in the generated folder `imported` of that folder.
    pub imported: bool,
    /// Which part of which file.
    pub part: OriginPart,
}

/// The part of a catalog folder that a fact was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginPart {
    /// The model's own entry in its provider's file.
    Own,
    /// What the provider's file says of all its models.
    Defaults,
    /// The base model's entry in its lab's file.
    Base,
    /// An entry that the provider's `extends` took over.
    Extended,
}

impl Origin {
    /// The byte that stands for the origin in a row; 0 is kept for a fact that is not known.
    #[must_use]
    pub const fn code(self) -> u8 {
        let layer = if self.layer < 31 { self.layer } else { 30 };
        1 + self.part as u8 + self.imported as u8 * 4 + layer * 8
    }

    /// The origin behind a byte of a row.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        let Some(code) = code.checked_sub(1) else { return None };
        let part = match code % 4 {
            0 => OriginPart::Own,
            1 => OriginPart::Defaults,
            2 => OriginPart::Base,
            _ => OriginPart::Extended,
        };
        Some(Self { layer: code / 8, imported: code / 4 % 2 == 1, part })
    }
}

/// A model's reference, `provider/model`, for display.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference<'a> {
    /// The part before the first slash.
    pub owner: &'a str,
    /// The part after it.
    pub id: &'a str,
}

macro_rules! facts_of_a_model {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// The id: the part of a reference after the first slash.
            #[must_use]
            pub fn id(self) -> &'a str {
                self.catalog.text(self.row.id)
            }

            /// The name on screen; the id where nobody gave one.
            #[must_use]
            pub fn name(self) -> &'a str {
                self.catalog.optional(self.row.name).unwrap_or_else(|| self.id())
            }

            /// Whether it has a capability; `None` when unknown.
            #[must_use]
            pub fn can(self, capability: Capability) -> Option<bool> {
                Capabilities::from_bits(self.row.known.get(), self.row.able.get()).get(capability)
            }

            /// The value of a fact; `None` when it is unknown, and for prices, endpoints and sources, which have accessors of their own.
            ///
            /// A name is the id where nobody gave one; status, kind and billing are what they are taken for where nothing is stated:
            /// [`origin`](Self::origin) is `None` then.
            #[must_use]
            pub fn value(self, fact: Fact) -> Option<Value<&'a str, Texts<'a>>> {
                match fact {
                    Fact::Name => Some(Value::Text(self.name())),
                    fact => fact.view(self.row, self.detail(), self.catalog),
                }
            }

            /// Where the facts that it states itself come from.
            pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
                let catalog = self.catalog;
                self.detail().sources.of(catalog.sources).iter().map(move |row| Source { catalog, row })
            }

            /// Where a fact was written; `None` when the fact is not known.
            #[must_use]
            pub fn origin(self, fact: Fact) -> Option<Origin> {
                let origins = self.catalog.origins.get(self.row.origin.get() as usize)?;
                Origin::from_code(origins.facts[fact.code() as usize])
            }

            pub(crate) fn detail(self) -> &'a DetailRow {
                const NONE: &DetailRow = &zerocopy::transmute!([0_u8; size_of::<DetailRow>()]);
                let place = (self.row.detail.get() as usize).checked_sub(1);
                place.and_then(|place| self.catalog.details.get(place)).unwrap_or(NONE)
            }

            /// The whole reference.
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

facts_of_a_model!(Model);
facts_of_a_model!(BaseModel);

impl<'a> Model<'a> {
    /// The provider that sells it.
    #[must_use]
    pub fn provider(self) -> Provider<'a> {
        const NOWHERE: &ProviderRow = &zerocopy::transmute!([0_u8; size_of::<ProviderRow>()]);
        Provider { catalog: self.catalog, row: self.catalog.providers.get(self.row.owner.get() as usize).unwrap_or(NOWHERE) }
    }

    /// The base model it inherits from.
    #[must_use]
    pub fn base(self) -> Option<BaseModel<'a>> {
        let row = self.catalog.bases.get((self.row.base.get() as usize).checked_sub(1)?)?;
        Some(BaseModel { catalog: self.catalog, row })
    }

    /// Its price list; empty unless it is metered.
    #[must_use]
    pub fn prices(self) -> Prices<'a> {
        Prices { catalog: self.catalog, rows: self.row.prices.of(self.catalog.prices) }
    }

    /// The endpoints that serve it; the first is the default.
    pub fn endpoints(self) -> impl Iterator<Item = Endpoint<'a>> + Clone {
        let mask = match self.detail().endpoints.get() {
            0 => u32::MAX,
            mask => mask,
        };
        self.provider().endpoints().enumerate().filter(move |(at, _)| *at >= 32 || mask >> at & 1 == 1).map(|(_, endpoint)| endpoint)
    }

    /// Why its status is another than that of the same model elsewhere: see [`rivals`](Self::rivals).
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.detail().reason)
    }

    /// Models of other providers that a request to the same base URL names by the same id: the same model on the wire.
    pub fn rivals(self) -> impl Iterator<Item = Model<'a>> {
        let serves = move |provider: Provider<'a>, other: Model<'a>| {
            provider.place() != self.provider().place()
                && other.endpoints().any(|theirs| self.endpoints().any(|own| own.place_url() == theirs.place_url()))
        };
        self.catalog.providers().filter_map(move |provider| {
            // The endpoints of the provider are asked first: most have none in common, and no model is looked up then.
            let shares = provider.endpoints().any(|theirs| self.endpoints().any(|own| own.place_url() == theirs.place_url()));
            let found = if shares { self.catalog.resolve_in(provider.id(), self.id())? } else { return None };
            Some(found.model).filter(|other| found.alias.is_none() && serves(provider, *other))
        })
    }

    /// Its other ids.
    pub fn aliases(self) -> impl Iterator<Item = Alias<'a>> + Clone {
        let catalog = self.catalog;
        let owner = self.row.owner.get();
        // Aliases are sorted by provider, so those of one provider stand together.
        let start = catalog.aliases.partition_point(|row| row.provider.get() < owner);
        let place = self.place();
        catalog.aliases[start..]
            .iter()
            .take_while(move |row| row.provider.get() == owner)
            .filter(move |row| row.model.get() as usize == place)
            .map(move |row| Alias { catalog, row })
    }

    /// Whether its provider would pick it.
    #[must_use]
    pub fn is_default(self) -> bool {
        self.provider().row.default_model.get() as usize == self.place() + 1
    }

    /// Its place in [`Catalog::models`], stable for one build of the catalog.
    #[must_use]
    pub fn place(self) -> usize {
        let start = self.catalog.models.as_ptr().addr();
        (core::ptr::from_ref(self.row).addr() - start) / size_of::<ModelRow>()
    }

    fn owner_id(self) -> &'a str {
        self.provider().id()
    }
}

impl<'a> BaseModel<'a> {
    /// The lab that made it.
    #[must_use]
    pub fn lab(self) -> Option<Lab<'a>> {
        Some(Lab { catalog: self.catalog, row: self.catalog.labs.get(self.row.owner.get() as usize)? })
    }

    /// The catalog that it is of.
    #[must_use]
    pub const fn catalog(self) -> &'a Catalog<'a> {
        self.catalog
    }

    /// The models that inherit from it, by provider and id.
    pub fn models(self) -> impl Iterator<Item = Model<'a>> + Clone {
        self.catalog.models().filter(move |model| model.base().is_some_and(|base| core::ptr::eq(base.row, self.row)))
    }

    fn owner_id(self) -> &'a str {
        self.lab().map_or("", Lab::id)
    }
}

impl<'a> Lab<'a> {
    /// The id: the part of a base model's reference before the first slash.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// The name on screen.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.catalog.text(self.row.name)
    }

    /// Its base models, by id.
    pub fn models(self) -> impl ExactSizeIterator<Item = BaseModel<'a>> + Clone {
        let catalog = self.catalog;
        self.rows().iter().map(move |row| BaseModel { catalog, row })
    }

    /// Where the facts come from.
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
    /// The other id: the part of a reference after the first slash.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.catalog.text(self.row.id)
    }

    /// The whole reference that it answers to.
    #[must_use]
    pub fn reference(self) -> Reference<'a> {
        let owner = self.catalog.provider_at(self.row.provider.get() as usize).map_or("", Provider::id);
        Reference { owner, id: self.id() }
    }

    /// The model it stands for.
    #[must_use]
    pub fn model(self) -> Option<Model<'a>> {
        self.catalog.model_at(self.row.model.get() as usize)
    }

    /// What kind of alias it is.
    #[must_use]
    pub fn kind(self) -> AliasKind {
        AliasKind::from_code(self.row.kind).unwrap_or(AliasKind::Display)
    }

    /// Why it exists.
    #[must_use]
    pub fn reason(self) -> Option<&'a str> {
        self.catalog.optional(self.row.reason)
    }

    /// The day after which it may go.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        Date::from_packed(self.row.until.get())
    }
}

impl PartialEq for Model<'_> {
    /// Two views are equal when they show the same row.
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.row, other.row)
    }
}

impl Eq for Model<'_> {}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A format string would cost more, and each row of a list has a reference.
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
