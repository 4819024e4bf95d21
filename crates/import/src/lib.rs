//! Import of facts from other AI model catalogs, with evidence for each fact.
//!
//! A reader of `modeldex_formats` parses the file of a source into a [`Snapshot`](modeldex_formats::snapshot::Snapshot). The snapshot is added to the
//! [`evidence`], which contains the claims of all sources, with dates. The [`policy`] chooses a value for each fact, and [`imported`] renders the
//! chosen values as the files in `catalog/imported/`. Hand-written files have no influence on imported files.

pub mod base_models;
mod base_url;
pub mod comparison;
pub mod conflicts;
pub mod decision;
pub mod entries;
pub mod evidence;
pub mod evidence_report;
pub mod guard;
pub mod imported;
pub mod policy;
pub mod probes;
pub mod registry;
pub mod routing_check;
pub mod snapshot_catalog;
pub mod sources;
pub mod statement;
pub mod stats;
pub mod store;
