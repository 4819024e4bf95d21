//! Bytes as gzip, and the names that their content gives them.

use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use std::io::Write;

/// How much is spent on making bytes small. Measured over models.dev's `api.json` and the list of all models; README.md of
/// `benches/serve` has the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// They are sent a great many times.
    Kept = 6,
    /// They are sent once.
    Once = 2,
}

/// gzip without a name or a time, so that the same bytes are the same bytes everywhere.
pub(crate) fn gzip(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let into = Vec::with_capacity(bytes.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(into, flate2::Compression::new(effort as u32));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written to")
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
