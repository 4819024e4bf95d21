//! Serves a catalog over HTTP, and writes the same responses as static files.
//!
//! A [`CatalogOwner`] keeps a catalog in memory. A [`Site`] renders every response for this catalog. [`respond()`] answers one request without a
//! socket. [`serve`] runs the server, and switches to a new site when a [`CatalogWatcher`] detects a change of the catalog's folders. [`export`]
//! writes a site to a folder. Nothing in this crate prints: the caller receives each [`ServerEvent`].

mod accept;
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
mod problem;
mod query;
mod respond;
mod route;
mod routes;
mod server;
mod site;
mod watch;

pub use export::{ExportError, ExportSummary, export};
pub use health::{Health, LoadFailure};
pub use log::LogFormat;
pub use openapi::openapi_document;
pub use respond::{RequestHead, respond};
pub use server::{ListenError, ServerEvent, ServerOptions, ShutdownOutcome, serve};
pub use site::{CatalogOwner, EvidenceLookup, ModelEvidence, OPENAPI_JSON, Site};
pub use watch::{CatalogWatcher, LoadCatalog};
