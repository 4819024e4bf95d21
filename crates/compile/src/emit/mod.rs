//! From a catalog to files for other programs.

pub mod rust;

pub use rust::write;
