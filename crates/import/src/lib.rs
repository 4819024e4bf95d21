//! Takes facts over from other AI model catalogs, and keeps the evidence.
//!
//! The way through: a reader of `modeldex_formats` turns a source's file into a [`Snapshot`](modeldex_formats::snapshot::Snapshot) of
//! statements; the evidence takes the snapshot in and knows who claims what since when; the policy decides each fact; and what was decided is written as the files below
//! `catalog/imported/`. Hand-written files are not read.

pub mod account;
pub mod author;
mod base_url;
pub mod bases;
pub mod beside;
pub mod conflicts;
pub mod decision;
pub mod evidence;
pub mod imported;
pub mod past;
pub mod policy;
pub mod probes;
pub mod registry;
pub mod routes;
pub mod sources;
pub mod statement;
pub mod stats;
pub mod store;
