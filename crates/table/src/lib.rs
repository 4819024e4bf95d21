//! Tables of a catalog of AI providers and models. The crate looks up models and providers, returns their facts, and computes prices.
//!
//! To use the built-in catalog, depend on `modeldex`, which re-exports the types of this crate. To use your own catalog, depend on this crate:
//! compile the catalog with `modeldex-compile` in your build script, and read the catalog through [`Catalog`].
//!
//! This crate does not allocate memory, does not read files, and does not panic, even if the rows of a catalog are corrupt. The crate is `no_std` and
//! has no `unsafe` code.
//!
//! Units: limits are numbers of tokens. A [`Rate`] is in 10<sup>-6</sup> currency units per million units of its meter. An [`Amount`] is in
//! 10<sup>-12</sup> currency units. A [`Date`] is a year, a month of a year, or a day, with the precision of its source. An unknown value is `None`
//! or an empty set, but never 0.

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
