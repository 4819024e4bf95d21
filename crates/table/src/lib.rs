//! Tables of an AI model catalog: vocabularies, rows, views, lookups and prices.
//!
//! Depend on `modeldex` for the built-in catalog; it re-exports all of this. Depend on this crate for a catalog of your own: compile it with
//! `modeldex-compile` in your build script and read it through [`Catalog`].
//!
//! Nothing in this crate allocates, reads files, or panics on the contents of rows; it is `no_std` and has no `unsafe` code.
//!
//! Units: limits are in tokens; a [`Rate`] is in micro-units of its currency per million units; an [`Amount`] is in 10<sup>-12</sup> currency
//! units; dates have the precision of their source. Unknown values are `None` or an empty set, never zero.

#![no_std]

#[cfg(feature = "schemars")]
extern crate alloc;

pub mod availability;
mod catalog;
mod check;
mod consts;
mod date;
mod decimal;
mod error;
mod facts;
pub mod index;
mod lifecycle;
mod limits;
mod model;
mod money;
pub mod nearest;
mod price;
mod provider;
pub mod rows;
mod usage;
mod value;
#[doc(hidden)]
pub use zerocopy;
mod vocabulary;

pub use catalog::{Catalog, Resolved};
pub use check::CorruptTable;
pub use date::{Date, DateError, Moment, TimeOfDay, UtcOffset};
pub use decimal::{Decimal, Remainder};
pub use error::UnknownModel;
pub use facts::{Fact, FactGroup, FactType};
pub use lifecycle::Lifecycle;
pub use limits::Limits;
pub use model::{Alias, BaseModel, Lab, Model, Origin, OriginPart, Reference};
pub use money::{Amount, Digits, Rate, RateError};
pub use price::{
    ALWAYS_ROW, Condition, ConditionKey, Cost, CostLine, CurrentRates, Hours, PriceEntry, PriceError, PriceList, Rates, RequestContext,
};
pub use provider::{Auth, Endpoint, Provider, ProviderAlias, Source, Variable};
pub use usage::{ImpossibleUsage, Usage};
pub use value::{Capabilities, Money, TextList, Value, Word, Words};
pub use vocabulary::{
    AliasKind, Api, AuthKind, Billing, Capability, Coded, Currency, MaxTokensField, Meter, Modality, ModelKind, ProviderKind,
    ReasoningEffort, ServiceTier, Set, Status, VariableRole, Vocabulary, Weekday, WireFeature,
};
