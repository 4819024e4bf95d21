//! Emits a catalog as source code for other programs.

pub mod rust;
pub mod typescript;

pub use rust::write_rust;
