//! Fuzz targets of modeldex: each is a function that takes any bytes, and panics if an invariant does not hold.
//!
//! The programs in `fuzz_targets/` run one target each under libFuzzer (`cargo fuzz run TARGET`). The program `run` runs all targets with the corpus
//! and with random mutations of it, on any toolchain. `.ci/fuzz` uses both.

pub mod count;
pub mod fixture;
pub mod mutate;
pub mod seeds;
mod targets;

use targets::*;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the target, of its program and of its folder in the corpus.
    pub name: &'static str,
    run: fn(&[u8]),
}

/// Maximum size of an input in bytes: larger inputs make each run slower and reach no other code.
pub const MAX_INPUT_BYTES: usize = 64 << 10;

/// All targets, sorted by name.
pub const TARGETS: &[Target] = &[
    Target { name: "audit", run: audit::run },
    Target { name: "compile", run: compile::run },
    Target { name: "config", run: config::run },
    Target { name: "edit", run: edit::run },
    Target { name: "emit", run: emit::run },
    Target { name: "evidence", run: evidence::run },
    Target { name: "lookup", run: lookup::run },
    Target { name: "mask", run: mask::run },
    Target { name: "merge", run: merge::run },
    Target { name: "numbers", run: numbers::run },
    Target { name: "reader", run: reader::run },
    Target { name: "registry", run: registry::run },
    Target { name: "serve", run: serve::run },
    Target { name: "shapes", run: shapes::run },
    Target { name: "tables", run: tables::run },
    Target { name: "usage", run: usage::run },
    Target { name: "wire", run: wire::run },
    Target { name: "yaml", run: yaml::run },
];

/// Runs a target with an input, and counts the input. Inputs of more than [`MAX_INPUT_BYTES`] are ignored.
///
/// # Panics
/// If an invariant does not hold, or there is no target with this name.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("the target is in the list");
    target.run(input);
}

impl Target {
    /// Runs the target with an input, and counts the input. Inputs of more than [`MAX_INPUT_BYTES`] are ignored.
    ///
    /// # Panics
    /// If an invariant does not hold.
    pub fn run(self, input: &[u8]) {
        if input.len() <= MAX_INPUT_BYTES {
            (self.run)(input);
            count::add(input.len());
        }
    }
}
