//! Catalog of AI providers and models: endpoints, authentication, limits, capabilities, prices and aliases.
//!
//! Facts are compiled into static tables: a lookup does not parse, allocate or read a file.
//!
//! ```
//! use modeldex::{Meter, model};
//!
//! let kimi = model!("moonshotai/kimi-k2.5"); // an unknown reference is a compile error
//! assert_eq!(kimi.context_window(), Some(262_144)); // tokens
//! assert!(kimi.prices().base_rates().unwrap().get(Meter::Input).is_some());
//!
//! let found = modeldex::catalog().resolve("kimi-coding/k2p5").unwrap(); // an alias
//! assert_eq!(found.model.id(), "kimi-k2.5");
//! assert!(found.alias.unwrap().reason().is_some());
//! ```
//!
//! [`Model::price`] returns the exact cost of a request, or an error that states why the cost is unknown:
//!
//! ```
//! use modeldex::{Meter, PriceError, RequestContext, Usage, model};
//!
//! let usage = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 800), (Meter::Output, 50)]); // tokens; input includes cache reads
//! let cost = model!("moonshotai/kimi-k2.5").price(&usage, &RequestContext::default()).unwrap();
//! assert_eq!((cost.amount().to_string().as_str(), cost.currency().as_str()), ("0.00035", "USD"));
//! let input = cost.lines().next().unwrap();
//! assert_eq!((input.meter, input.quantity, input.rate.micros()), (Meter::Input, 200, 600_000)); // micro-dollars per million
//!
//! let unpriced = model!("kimi-coding/kimi-k2.5").price(&usage, &RequestContext::default());
//! assert_eq!(unpriced.unwrap_err(), PriceError::Unpriced);
//! ```
//!
//! Units: limits are in tokens, a [`Rate`] is in micro-units of its currency per million units, dates have the precision of their source.
//! Unknown values are `None` or an empty set, never zero.
//!
//! With `default-features = false`, the crate is `no_std` and contains the tables and lookups. The default feature `cli` adds the command
//! line. `MODELDEX_CATALOG=dir cargo build` compiles another catalog folder instead of the built-in one.

#![no_std]

pub mod auth;
mod builtin;

pub use builtin::{CATALOG, CATALOG_HELD_CLAIMS, CATALOG_USAGE_SHAPES, ProviderId, UnknownProvider, VIEWS};
pub use modeldex_table::{
    Alias, AliasKind, Amount, Api, Auth, AuthKind, BaseModel, Billing, Capabilities, Capability, Catalog, Condition, ConditionKey, Cost,
    CostLine, Currency, CurrentRates, Date, DateError, Decimal, Digits, Endpoint, Fact, FactGroup, FactType, Hours, ImpossibleUsage, Lab,
    Lifecycle, Limits, MaxTokensField, Meter, Modality, Model, ModelKind, Moment, Money, Origin, OriginPart, PriceEntry, PriceError,
    PriceList, Provider, ProviderAlias, ProviderKind, Rate, RateError, Rates, ReasoningEffort, Reference, Remainder, RequestContext,
    Resolved, ServiceTier, Set, Source, Status, TextList, TimeOfDay, UnknownModel, Usage, UtcOffset, Value, Variable, VariableRole,
    Weekday, WireFeature, Word, Words,
};

/// Returns the built-in catalog.
///
/// ```
/// let catalog = modeldex::catalog();
/// let unknown = catalog.model("kimi-coding/kimi-k2.6").unwrap_err();
/// assert!(unknown.to_string().contains("kimi-coding/kimi-k2.5")); // the error suggests similar references
/// ```
#[must_use]
pub const fn catalog() -> &'static Catalog<'static> {
    &CATALOG
}

/// Looks up a model of the built-in catalog at compile time. An unknown reference is a compile error.
///
/// Aliases are followed, except legacy aliases: providers no longer accept a legacy id.
///
/// ```
/// let model = modeldex::model!("kimi-coding/kimi-k2.5");
/// assert_eq!(model.context_window(), Some(256_000));
/// ```
///
/// An unknown model does not compile:
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-coding/k2p6");
/// ```
///
/// Nor does an unknown provider:
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-codng/kimi-k2.5");
/// ```
///
/// Nor a legacy alias:
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-coding/k2p5");
/// ```
#[macro_export]
macro_rules! model {
    ($reference:literal) => {{
        const INDEX: usize = $crate::CATALOG.index_of($reference);
        $crate::builtin_model(INDEX)
    }};
}

/// Returns the model at an index of [`Catalog::models`]. `model!` expands to a call of this function.
#[doc(hidden)]
#[must_use]
pub fn builtin_model(index: usize) -> Model<'static> {
    CATALOG.model_at(index).expect("`index_of` returns an index of the table")
}

/// The Rust code blocks of the documentation, which `cargo test` compiles and runs.
#[cfg(doctest)]
mod documentation {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/guide/use-the-library.md")]
    struct UseTheLibrary;
}
