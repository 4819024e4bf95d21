//! Imports facts from other AI model catalogs, with evidence for each.
//!
//! A reader of `modeldex_formats` parses a source's file into a [`Snapshot`](modeldex_formats::snapshot::Snapshot). The snapshot is added to
//! the [`evidence`], the dated claims of all sources. The [`policy`] decides each fact, and [`imported`] renders the decisions as the
//! files below `catalog/imported/`. Hand-written files are not read.

pub mod base_models;
mod base_url;
pub mod comparison;
pub mod conflicts;
pub mod decision;
pub mod entries;
pub mod evidence;
pub mod evidence_report;
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
