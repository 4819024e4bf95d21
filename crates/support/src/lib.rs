//! Helpers shared by the crates of modeldex, independent of catalogs: [detection and masking of secrets](secret), [atomic file
//! writes](mod@file), [parallel loops](parallel) and [text for output](text).
//!
//! The crate has no dependencies, because the build script of the library depends on it. Helpers with dependencies are in the crates that use
//! them: the type of a secret in memory, which is zeroed on drop, is `modeldex_client::secret::Secret`.

pub mod file;
pub mod parallel;
pub mod secret;
pub mod text;
