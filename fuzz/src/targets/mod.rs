//! The targets, one file each.

pub(crate) mod audit;
pub(crate) mod compile;
pub(crate) mod config;
pub(crate) mod edit;
pub(crate) mod emit;
pub(crate) mod evidence;
pub(crate) mod lookup;
pub(crate) mod mask;
pub(crate) mod merge;
pub(crate) mod numbers;
pub(crate) mod reader;
pub(crate) mod registry;
pub(crate) mod serve;
pub(crate) mod shapes;
pub(crate) mod tables;
pub(crate) mod usage;
pub(crate) mod wire;
pub(crate) mod yaml;

/// Splits off the first byte, which selects a variant of the target.
fn split(input: &[u8]) -> Option<(usize, &[u8])> {
    input.split_first().map(|(&first, rest)| (usize::from(first), rest))
}

/// Splits off the first byte, and decodes the rest as text.
fn split_text(input: &[u8]) -> Option<(usize, String)> {
    split(input).map(|(first, rest)| (first, String::from_utf8_lossy(rest).into_owned()))
}
