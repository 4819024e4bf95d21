//! From a model reference to an answer.
//!
//! The catalog says where a model is asked and how; this crate finds the [`credential`], speaks the wire protocol, tells what is wrong in words
//! that name the next step, and reads what was [used](usage) so that it can be priced.
//!
//! It is a crate of its own so that an edit of the catalog, after which `modeldex` is compiled again, does not compile it again.

pub mod ask;
pub mod credential;
pub mod http;
pub mod limits;
pub mod probe;
pub mod problem;
pub mod secret;
pub mod target;
pub mod telegram;
pub mod usage;
pub mod wire;
