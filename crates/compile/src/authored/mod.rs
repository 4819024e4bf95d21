//! The authored types: the contents of the YAML files under `catalog/`.
//!
//! The JSON Schemas are generated from these types. The doc comments of the types become the descriptions in the schemas, which editors display.
//! Resolved models use the same types, and also contain the inherited facts.

pub mod citation;
mod facts;
#[cfg(feature = "schemars")]
pub(crate) mod field_schema;
pub mod held;
mod model;
#[cfg(feature = "schemars")]
pub(crate) mod notation;
mod price;
mod provider;
pub mod provider_map;
pub mod routing;
mod scalar;
pub mod sources;
mod view;

pub use facts::{Facts, Value, to_owned_value};
pub use model::{BaseModel, Defaults, Lab, Model, ModelAlias};
pub use price::{Price, Rates};
pub use provider::{Auth, Compat, Endpoint, Provider, ProviderAlias, SourceLink, Variable};
pub use scalar::{Day, PartialDate, UtcMoment};
pub use view::{View, ViewCost, ViewExport, ViewOverrides, ViewRow};
