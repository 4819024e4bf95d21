//! The description of everything that is answered.

/// An OpenAPI 3.1 document, written by hand; `tests/contract.rs` holds every kind of answer to it.
pub const OPENAPI: &str = include_str!("../openapi.json");
