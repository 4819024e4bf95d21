//! The formats of other tools: their catalogs are read, and this one is written for them.
//!
//! Reading: a [`Reader`] turns a tool's file into a [`Snapshot`](snapshot::Snapshot) of statements in this catalog's terms. Writing: a
//! [`Selection`] has the models that are written and the moment of their prices; a [`Target`] turns it into [`Document`]s, and notes in
//! [`Lost`] what its format could not take. What a format cannot express is left out; where a format demands a value that nobody knows,
//! what was written instead is noted. The same selection gives the same bytes everywhere.
//!
//! ```
//! use modeldex_formats::{Lost, Selection, target};
//! # let catalog = modeldex_table::Catalog::default();
//! let selection = Selection::all(&catalog, modeldex_table::Moment::from_unix(1_780_000_000));
//! let mut lost = Lost::default();
//! let documents = target("models.dev").unwrap().write(&selection, &mut lost);
//! assert_eq!(documents[0].path, "api.json");
//! for (loss, count) in lost.counts() {
//!     eprintln!("{}", loss.describe(count));
//! }
//! ```

mod bands;
mod exact;
mod fields;
pub mod filter;
pub mod json;
mod loss;
pub mod merge;
mod number;
mod object;
pub mod provider_map;
mod rows;
pub mod schema;
mod selection;
mod service;
pub mod snapshot;
mod sort;
pub mod statement;
mod steps;
mod target;
mod tools;

pub use exact::{Exact, NotExact};
pub use filter::{Filter, parse_rate, parse_tokens};
pub use loss::{ConditionPart, Loss, Lost, Part};
pub use provider_map::ProviderMap;
pub use selection::Selection;
pub use sort::Sort;
pub use target::{Document, Target};
pub use tools::{READERS, Reader, TARGETS, target};
