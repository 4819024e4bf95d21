//! From a catalog to files for other programs.

pub mod rust;
pub mod typescript;

pub use rust::write;
