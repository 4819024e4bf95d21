//! HTTP server for a catalog, and export of the server's responses as static files.
//!
//! A [`CatalogOwner`] keeps a catalog in memory. A [`Site`] renders all responses for this catalog. [`respond()`] returns the response to one request
//! without a network connection. [`serve`] runs the server, and replaces the site when a [`CatalogWatcher`] detects a change of the catalog's
//! folders. [`export`] writes all responses of a site to a folder. This crate prints nothing: the caller receives a [`ServerEvent`] for each event.

mod accept;
mod access;
mod connection;
mod deadline;
mod encode;
mod export;
mod health;
mod index;
mod listing;
mod log;
mod openapi;
mod page;
mod places;
mod problem;
mod query;
mod respond;
mod route;
mod routes;
mod server;
mod site;
mod watch;

pub use access::{AllowedHost, CorsOrigins};
pub use export::{ExportError, ExportSummary, export};
pub use health::{Health, LoadFailure};
pub use log::LogFormat;
pub use openapi::openapi_document;
pub use respond::{RequestHead, respond};
pub use server::{ListenError, ServerEvent, ServerOptions, ShutdownOutcome, serve};
pub use site::{CatalogOwner, EvidenceLookup, ModelEvidence, OPENAPI_JSON, Site};
pub use watch::{CatalogWatcher, ListFiles, LoadCatalog};
