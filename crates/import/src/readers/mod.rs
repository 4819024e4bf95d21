//! One module for each source: its own shape and units on one side, statements in this catalog's terms on the other.
//!
//! A reader takes the bytes of a source's file and hands every fact to a [`Builder`](crate::snapshot::Builder). It decides nothing:
//! what a zero means, whom to believe and what to write is for the policy. It fails only when the whole file is not what it should be.

use crate::snapshot::{Builder, Snapshot};
use crate::sources::ProviderMap;

/// A source that can be read: its name, and how.
#[derive(Clone, Copy)]
pub struct Reader {
    /// The name, as in `catalog/sources.yaml`.
    pub source: &'static str,
    read: fn(&[u8], &mut Builder<'_>) -> Result<(), String>,
}

/// Every source that can be read.
pub const READERS: &[Reader] = &[];

impl Reader {
    /// The reader of a source.
    #[must_use]
    pub fn of(source: &str) -> Option<Self> {
        READERS.iter().copied().find(|reader| reader.source == source)
    }

    /// Reads the bytes of a file of the source.
    ///
    /// # Errors
    /// When the file as a whole is not what the source publishes.
    pub fn read(self, bytes: &[u8], map: &ProviderMap) -> Result<Snapshot, String> {
        let mut builder = Builder::new(self.source, map);
        (self.read)(bytes, &mut builder)?;
        Ok(builder.finish())
    }
}
