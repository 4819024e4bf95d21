//! modeldex: the catalog of AI providers and models.
//!
//! Facts about providers and models are compiled into static tables: looking one up parses nothing, allocates nothing and reads no file.
//!
//! ```
//! use modeldex::{Meter, model};
//!
//! let kimi = model!("moonshotai/kimi-k2.5"); // a wrong id does not compile
//! assert_eq!(kimi.context_window(), Some(262_144)); // tokens
//! assert!(kimi.prices().base().unwrap().get(Meter::Input).is_some());
//!
//! let found = modeldex::catalog().resolve("kimi-coding/k2p5").unwrap();
//! assert_eq!(found.model.id(), "kimi-k2.5"); // an alias resolves,
//! assert!(found.alias.unwrap().reason().is_some()); // and says that it was one, and why
//! ```
//!
//! What was used has an exact price, or an error that says why not:
//!
//! ```
//! use modeldex::{Circumstances, Meter, PriceError, Usage, model};
//!
//! let usage = Usage::of(&[(Meter::Input, 1_000), (Meter::CacheRead, 800), (Meter::Output, 50)]); // tokens; parts are in their total
//! let cost = model!("moonshotai/kimi-k2.5").price(&usage, &Circumstances::default()).unwrap();
//! assert_eq!((cost.amount().to_string().as_str(), cost.currency().as_str()), ("0.00035", "USD"));
//! let input = cost.lines().next().unwrap();
//! assert_eq!((input.meter, input.quantity, input.rate.micros()), (Meter::Input, 200, 600_000)); // micro-dollars per million
//!
//! let unpriced = model!("kimi-coding/kimi-k2.5").price(&usage, &Circumstances::default());
//! assert_eq!(unpriced.unwrap_err(), PriceError::Unpriced); // which is not 0
//! ```
//!
//! Units: limits are tokens, a [`Rate`] is micro-units of its currency per million units, dates are as precise as their source. Unknown is
//! `None` or an empty set, never zero.
//!
//! With `default-features = false` this is the tables and the lookups, `no_std`. The default feature `cli` is the command line.
//! `MODELDEX_CATALOG=dir cargo build` compiles another catalog in.

#![no_std]

pub mod auth;
mod builtin;

pub use builtin::{CATALOG, CATALOG_HELD, CATALOG_USAGE, ProviderId, UnknownProvider, VIEWS};
pub use modeldex_table::{
    Alias, AliasKind, Amount, Api, Auth, AuthKind, BaseModel, Billing, Capabilities, Capability, Catalog, Circumstances, Condition, Cost,
    Currency, Date, DateError, Decimal, Digits, Endpoint, Fact, FactGroup, FactType, Hours, ImpossibleUsage, Lab, Lifecycle, Limits, Line,
    MaxTokensField, Meter, Modality, Model, ModelKind, Moment, Money, Origin, OriginPart, Price, PriceError, Prices, Provider,
    ProviderAlias, ProviderKind, Rate, RateError, Rates, ReasoningEffort, Reference, Resolved, Rest, ServiceTier, Set, Source, Status,
    Terms, Texts, TimeOfDay, Today, UnknownModel, Usage, UtcOffset, Value, Variable, VariableRole, Weekday, WireFeature, Word, Words,
};

/// The catalog that was compiled in.
///
/// ```
/// let catalog = modeldex::catalog();
/// let unknown = catalog.model("kimi-coding/kimi-k2.6").unwrap_err();
/// assert!(unknown.to_string().contains("kimi-coding/kimi-k2.5"), "an unknown reference names the nearest ones");
/// ```
#[must_use]
pub const fn catalog() -> &'static Catalog<'static> {
    &CATALOG
}

/// A model of the built-in catalog, looked up by the compiler: a reference that names nothing does not compile.
///
/// An alias is followed, unless it is a legacy one: its id is dead on the wire.
///
/// ```
/// let model = modeldex::model!("kimi-coding/kimi-k2.5");
/// assert_eq!(model.context_window(), Some(256_000));
/// ```
///
/// These differ from the one above in nothing but the reference: a model that the provider does not have,
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-coding/k2p6");
/// ```
///
/// a provider that does not exist,
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-codng/kimi-k2.5");
/// ```
///
/// and a legacy alias.
///
/// ```compile_fail
/// let model = modeldex::model!("kimi-coding/k2p5");
/// ```
#[macro_export]
macro_rules! model {
    ($reference:literal) => {{
        const PLACE: usize = $crate::CATALOG.place_of($reference);
        $crate::builtin_model(PLACE)
    }};
}

/// What `model!` expands to; the place was found by the compiler.
#[doc(hidden)]
#[must_use]
pub fn builtin_model(place: usize) -> Model<'static> {
    CATALOG.model_at(place).expect("`place_of` returns a place in the table")
}
