//! Formats of other tools: reads the catalogs of these tools, and writes this catalog in their formats.
//!
//! Reading: a [`SourceReader`] parses the file of a tool into a [`Snapshot`](snapshot::Snapshot), which has the ids and vocabularies of this catalog.
//!
//! Writing: a [`ModelSelection`] has the models to write, and the moment for which their prices are written. An [`EmitTarget`] writes the selection
//! as [`OutputFile`]s, and records the losses of its format in a [`LossReport`]. Facts that a format cannot express are left out. If a format
//! requires a value that is unknown, a substitute is written and recorded as a loss. Output is deterministic: the same selection produces the same
//! bytes on every machine.
//!
//! ```
//! use modeldex_formats::{LossReport, ModelSelection, emit_target};
//! # let catalog = modeldex_table::Catalog::default();
//! let selection = ModelSelection::all(&catalog, modeldex_table::Moment::from_unix(1_780_000_000));
//! let mut losses = LossReport::default();
//! let files = emit_target("models.dev").unwrap().write(&selection, &mut losses);
//! assert_eq!(files[0].path, "api.json");
//! for (_, text) in losses.descriptions() {
//!     eprintln!("{text}");
//! }
//! ```

mod bands;
mod exact_decimal;
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

pub use exact_decimal::{ExactDecimal, ExactDecimalError};
pub use filter::{ModelFilter, parse_rate, parse_token_count};
pub use loss::{CatalogPart, ConditionKind, Loss, LossReport};
pub use provider_map::ProviderIdMap;
pub use selection::ModelSelection;
pub use sort::SortKey;
pub use target::{EmitTarget, OutputFile};
pub use tools::{EMIT_TARGETS, SOURCE_READERS, SourceReader, emit_target};
