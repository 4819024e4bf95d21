//! Helpers that several crates of modeldex use and that do not depend on catalogs: [detection and masking of secrets](secret), [atomic file
//! writes](mod@file), [parallel loops](parallel) and [text for output](text).
//!
//! The crate has no dependencies, because the build script of the crate `modeldex` depends on it. Helpers that need dependencies are in the crates
//! that use them. An example is `modeldex_client::secret::Secret`, the type of a secret in memory that is zeroed when it is dropped.

pub mod file;
pub mod parallel;
pub mod secret;
pub mod text;
