//! Serves a catalog over HTTP, and writes the same answers as static files.
//!
//! The way through: a [`Holder`] keeps a catalog in memory; a [`Site`] is every answer that is made of it; [`answer()`] picks one for a
//! request; [`serve`] does so for sockets, and takes a new site when a [`Watch`] sees that the catalog's folders have changed; [`export`]
//! writes a site to a folder. Nothing here prints: what happens is reported to the caller, as an [`Event`].

mod accept;
mod answer;
mod connection;
mod encode;
mod export;
mod health;
mod index;
mod listing;
mod log;
mod openapi;
mod pace;
mod page;
mod problem;
mod query;
mod route;
mod routes;
mod server;
mod site;
mod watch;

pub use answer::{Asked, answer};
pub use export::{ExportError, Exported, export};
pub use health::{Failed, Health};
pub use log::LogFormat;
pub use openapi::document;
pub use server::{Event, ListenError, Options, Stopped, serve};
pub use site::{Evidence, EvidenceOf, Holder, OPENAPI, Site};
pub use watch::{Load, Watch};
