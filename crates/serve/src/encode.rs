//! Compression, and content hashes.

use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use std::io::Write;

/// gzip compression level. The levels were chosen by measurements with models.dev's `api.json` and the list of all models; README.md of
/// `benches/serve` has the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompressionLevel {
    /// For cached bodies, which are sent many times.
    Cached = 6,
    /// For bodies that are sent once.
    Once = 2,
}

/// Compresses with gzip. The output contains no file name and no time, so that equal input has equal output.
pub(crate) fn gzip(bytes: &[u8], level: CompressionLevel) -> Vec<u8> {
    let into = Vec::with_capacity(bytes.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(into, flate2::Compression::new(level as u32));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// Returns the SHA-256 of `bytes` in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
