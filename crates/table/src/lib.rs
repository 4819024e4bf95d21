//! The tables of an AI model catalog: vocabularies, rows, views, lookups and prices.
//!
//! You need this crate directly when you ship a catalog of your own: compile it with `modeldex-compile` in your build script and read
//! it through [`Catalog`] here. If you want the built-in catalog, depend on `modeldex`, which re-exports all of this.
//!
//! Nothing here allocates, reads a file or panics on what the rows hold; the crate is `no_std` and has no `unsafe`.
//!
//! Units: limits are tokens; a [`Rate`] is micro-units of its currency per million units, an [`Amount`] is 10<sup>-12</sup> units; dates
//! are as precise as their source. Unknown is always `None` or an empty set, never zero.

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
pub use check::Fault;
pub use date::{Date, DateError, Moment, TimeOfDay, UtcOffset};
pub use decimal::{Decimal, Rest};
pub use error::UnknownModel;
pub use facts::{Fact, FactGroup, FactType};
pub use lifecycle::Lifecycle;
pub use limits::Limits;
pub use model::{Alias, BaseModel, Lab, Model, Origin, OriginPart, Reference};
pub use money::{Amount, Digits, Rate, RateError};
pub use price::{ALWAYS_ROW, Circumstances, Condition, Cost, Hours, Line, Price, PriceError, Prices, Rates, Terms, Today};
pub use provider::{Auth, Endpoint, Provider, ProviderAlias, Source, Variable};
pub use usage::{ImpossibleUsage, Usage};
pub use value::{Capabilities, Money, Texts, Value, Word, Words};
pub use vocabulary::{
    AliasKind, Api, AuthKind, Billing, Capability, Coded, Currency, MaxTokensField, Meter, Modality, ModelKind, ProviderKind,
    ReasoningEffort, ServiceTier, Set, Status, VariableRole, Vocabulary, Weekday, WireFeature,
};
