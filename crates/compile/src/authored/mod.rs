//! The catalog as people write it: what a YAML file under `catalog/` may hold.
//!
//! The JSON Schemas are generated from these types and their comments, so a comment here is what an editor shows. The same types
//! carry a model once inheritance is resolved: every fact is then filled in where it is known.

pub mod cited;
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

pub use facts::{Facts, Value, owned};
pub use model::{BaseModel, Defaults, Lab, Model, ModelAlias};
pub use price::{Price, Rates};
pub use provider::{Auth, Compat, Endpoint, Provider, ProviderAlias, Source, Variable};
pub use scalar::{Day, PartialDate, UtcMoment};
pub use view::{Cost, Export, Overrides, Row, View};
