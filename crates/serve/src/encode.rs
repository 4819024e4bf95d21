//! Bytes in their encodings, and the names that their content gives them.

use crate::accept::Encoding;
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use std::io::{self, Write};

/// How much is spent on making bytes small. Measured over models.dev's `api.json` and the list of all models; README.md of
/// `benches/serve` has the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// They are sent a great many times.
    Kept,
    /// They are sent once.
    Once,
}

/// `bytes` in an encoding.
pub(crate) fn encode(bytes: &[u8], encoding: Encoding, effort: Effort) -> Vec<u8> {
    match encoding {
        Encoding::Identity => bytes.to_vec(),
        Encoding::Gzip => in_memory(gzip(bytes, if effort == Effort::Kept { 6 } else { 2 })),
        Encoding::Zstd => in_memory(zstd::bulk::compress(bytes, if effort == Effort::Kept { 9 } else { 1 })),
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// gzip without a name or a time, so that the same bytes are the same bytes everywhere.
fn gzip(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 4), flate2::Compression::new(level));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Nothing that only writes to memory fails.
fn in_memory(written: io::Result<Vec<u8>>) -> Vec<u8> {
    written.unwrap_or_else(|error| unreachable!("memory can be written to: {error}"))
}
