//! Helpers shared by the crates of modeldex that are not about catalogs: [detection and masking of secrets](secret), [atomic file
//! writes](mod@file), [parallel loops](parallel) and [text for output](text).
//!
//! The crate has no dependencies, because the build script of the crate `modeldex` depends on it. Helpers that need dependencies are in the crates
//! that use them. For example, the type of a secret in memory, which is zeroed on drop, is `modeldex_client::secret::Secret`.

pub mod file;
pub mod parallel;
pub mod secret;
pub mod text;
