//! Compression by gzip, and SHA-256 hashes.

use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use std::io::Write;

/// Level of gzip compression. The levels were chosen by measurements with models.dev's `api.json` and the list of all models, which are in the
/// README.md of `benches/serve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompressionLevel {
    /// Level for bodies that are cached and sent many times.
    Cached = 6,
    /// Level for bodies that are sent once.
    Once = 2,
}

/// Compresses `bytes` with gzip. The result contains neither a file name nor a time, so that equal input has equal output.
pub(crate) fn gzip(bytes: &[u8], level: CompressionLevel) -> Vec<u8> {
    let into = Vec::with_capacity(bytes.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(into, flate2::Compression::new(level as u32));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// Returns the SHA-256 hash of `bytes` in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
