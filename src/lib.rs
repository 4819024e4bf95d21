//! A catalog of AI providers and models: endpoints, authentication, limits, capabilities, prices and aliases.
//!
//! The catalog is compiled into static tables, so a lookup does not parse, allocate or read a file.
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
//! [`Model::price`] returns the exact cost of a request. If the cost is unknown, it returns an error with the reason:
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
//! Units: limits are in tokens. A [`Rate`] is in micro-units of its currency (such as micro-dollars) per million tokens or other counted units. A
//! [`Date`] is a year, a month or a day, as precise as its source. Unknown values are `None` or an empty set, never zero.
//!
//! With `default-features = false`, the crate is `no_std` and contains only the tables and lookups. The default feature `cli` adds the command
//! line. `MODELDEX_CATALOG=dir cargo build` compiles the catalog folder `dir` instead of the folder `catalog` of the crate.

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
/// assert!(unknown.to_string().contains("kimi-coding/kimi-k2.5")); // the error suggests a similar reference
/// ```
#[must_use]
pub const fn catalog() -> &'static Catalog<'static> {
    &CATALOG
}

/// Looks up a model of the built-in catalog at compile time. An unknown reference is a compile error.
///
/// The reference may contain aliases, except legacy aliases, which providers no longer accept in requests.
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
/// An unknown provider does not compile:
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-codng/kimi-k2.5");
/// ```
///
/// A legacy alias does not compile:
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

/// Returns the model at an index of [`Catalog::models`] of the built-in catalog. The macro `model!` expands to a call of this function.
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
