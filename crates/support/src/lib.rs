//! What several crates of modeldex need and what knows nothing of catalogs: [secrets in texts](secret), [files that are replaced
//! whole](mod@file), [work on all processors](parallel) and [texts as they are shown](text).
//!
//! It has no dependencies, because the build script of the library stands on it. What needs one lives with its user: the type of a key
//! that is in use, which is zeroed, is `modeldex_client::secret::Secret`.

pub mod file;
pub mod parallel;
pub mod secret;
pub mod text;
