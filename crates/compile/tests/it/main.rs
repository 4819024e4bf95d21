//! Tests from YAML to diagnostics, tables and generated files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod folder;
mod hostile;
mod layers;
mod overlay;
mod sarif;
mod typescript;

use modeldex_compile::{Compiled, compile};
use std::path::Path;
use std::sync::LazyLock;

/// The catalog of this repository, compiled once for all tests.
static BUILT_IN: LazyLock<Compiled> = LazyLock::new(|| compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog")));
