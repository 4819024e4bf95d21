//! Views of a model: as a provider sells it, and as its lab published it.
//!
//! A model leads to its provider and a provider to its models, so this module and `provider` name each other: the only two files here that
//! do. Both are views of rows that refer to each other by place, and neither can be read without the other.

use crate::price::Prices;
use crate::provider::{Endpoint, Provider, Source};
use crate::rows::*;
use crate::{AliasKind, Billing, Capability, Catalog, Date, Fact, Modality, ModelKind, ReasoningEffort, Set, Status};
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
        let layer = if self.layer < 63 { self.layer } else { 62 };
        1 + self.part as u8 + layer * 4
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
        Some(Self { layer: code / 4, part })
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

            /// The family it belongs to.
            #[must_use]
            pub fn family(self) -> Option<&'a str> {
                self.catalog.optional(self.row.family)
            }

            /// What it is called for.
            #[must_use]
            pub fn kind(self) -> ModelKind {
                ModelKind::from_code(self.row.kind).unwrap_or(ModelKind::Chat)
            }

            /// The most tokens that request and answer may have together.
            #[must_use]
            pub fn context_window(self) -> Option<u32> {
                known(self.row.context_window.get())
            }

            /// The most tokens that a request may have.
            #[must_use]
            pub fn max_input_tokens(self) -> Option<u32> {
                known(self.row.max_input_tokens.get())
            }

            /// The most tokens that an answer may have.
            #[must_use]
            pub fn max_output_tokens(self) -> Option<u32> {
                known(self.row.max_output_tokens.get())
            }

            /// What goes in; empty when unknown.
            #[must_use]
            pub fn input(self) -> Set<Modality> {
                Set::<Modality>::from_bits(self.row.input as u32)
            }

            /// What comes out; empty when unknown.
            #[must_use]
            pub fn output(self) -> Set<Modality> {
                Set::<Modality>::from_bits(self.row.output as u32)
            }

            /// Whether it can do something: `None` when nobody has said.
            #[must_use]
            pub fn can(self, capability: Capability) -> Option<bool> {
                let known = self.row.known.get() >> capability.code() & 1 == 1;
                known.then(|| self.row.able.get() >> capability.code() & 1 == 1)
            }

            /// How hard it may be asked to think; empty when unknown.
            #[must_use]
            pub fn reasoning_efforts(self) -> Set<ReasoningEffort> {
                Set::<ReasoningEffort>::from_bits(self.row.reasoning_efforts as u32)
            }

            /// Whether its weights are published.
            #[must_use]
            pub fn open_weights(self) -> Option<bool> {
                self.row.open_weights.checked_sub(1).map(|yes| yes == 1)
            }

            /// Where its weights are.
            pub fn weights(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
                let catalog = self.catalog;
                let range = self.detail().map(|detail| detail.weights).unwrap_or_default();
                range.of(catalog.texts).iter().map(move |text| catalog.text(*text))
            }

            /// When it was released.
            #[must_use]
            pub fn release_date(self) -> Option<Date> {
                Date::from_packed(self.row.release_date.get())
            }

            /// When it last changed.
            #[must_use]
            pub fn last_updated(self) -> Option<Date> {
                Date::from_packed(self.row.last_updated.get())
            }

            /// The end of what it can know about.
            #[must_use]
            pub fn knowledge_cutoff(self) -> Option<Date> {
                Date::from_packed(self.row.knowledge_cutoff.get())
            }

            /// Where the facts that it states itself come from.
            pub fn sources(self) -> impl ExactSizeIterator<Item = Source<'a>> + Clone {
                let catalog = self.catalog;
                let range = self.detail().map(|detail| detail.sources).unwrap_or_default();
                range.of(catalog.sources).iter().map(move |row| Source { catalog, row })
            }

            /// Where a fact was written; `None` when the fact is not known.
            #[must_use]
            pub fn origin(self, fact: Fact) -> Option<Origin> {
                let origins = self.catalog.origins.get(self.row.origin.get() as usize)?;
                Origin::from_code(origins.facts[fact.code() as usize])
            }

            fn detail(self) -> Option<&'a DetailRow> {
                self.catalog.details.get((self.row.detail.get() as usize).checked_sub(1)?)
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

    /// Where it stands in its life.
    #[must_use]
    pub fn status(self) -> Status {
        Status::from_code(self.row.status).unwrap_or(Status::Active)
    }

    /// How it is paid for.
    #[must_use]
    pub fn billing(self) -> Billing {
        Billing::from_code(self.row.billing).unwrap_or(Billing::Unpriced)
    }

    /// Its price list; empty unless it is metered.
    #[must_use]
    pub fn prices(self) -> Prices<'a> {
        Prices { catalog: self.catalog, rows: self.row.prices.of(self.catalog.prices) }
    }

    /// When leaving it was first advised.
    #[must_use]
    pub fn deprecation_date(self) -> Option<Date> {
        Date::from_packed(self.detail()?.deprecation_date.get())
    }

    /// When it stops answering.
    #[must_use]
    pub fn retirement_date(self) -> Option<Date> {
        Date::from_packed(self.detail()?.retirement_date.get())
    }

    /// What to use instead.
    #[must_use]
    pub fn successor(self) -> Option<Model<'a>> {
        let reference = self.catalog.optional(self.detail()?.successor)?;
        self.catalog.model(reference).ok()
    }

    /// The endpoints that serve it; the first is the default.
    pub fn endpoints(self) -> impl Iterator<Item = Endpoint<'a>> + Clone {
        let mask = match self.detail().map(|detail| detail.endpoints.get()) {
            None | Some(0) => u32::MAX,
            Some(mask) => mask,
        };
        self.provider().endpoints().enumerate().filter(move |(at, _)| *at >= 32 || mask >> at & 1 == 1).map(|(_, endpoint)| endpoint)
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
        write!(f, "{}/{}", self.owner, self.id)
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

fn known(tokens: u32) -> Option<u32> {
    (tokens != 0).then_some(tokens)
}

impl Default for Range {
    fn default() -> Self {
        Self { start: 0.into(), len: 0.into() }
    }
}
