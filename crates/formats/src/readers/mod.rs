//! One module for each source: its own shape and units on one side, statements in this catalog's terms on the other.
//!
//! A reader takes the bytes of a source's file and hands every fact to a [`Builder`]. It decides nothing:
//! what a zero means, whom to believe and what to write is for the policy. It fails only when the whole file is not what it should be.

mod aichat;
mod catwalk;
mod json;
mod litellm;
mod model_prices;
mod models_dev;
mod oh_my_pi;
mod openclaw;
mod openrouter;
mod pi_ai;
mod portkey;
mod protocols;
mod rows;

use crate::snapshot::{Builder, Snapshot};
use crate::provider_map::ProviderMap;

/// A source that can be read: its name, and how.
#[derive(Clone, Copy)]
pub struct Reader {
    /// The name, as in `catalog/sources.yaml`.
    pub source: &'static str,
    read: fn(&[u8], &mut Builder<'_>) -> Result<(), String>,
}

/// Every source that can be read.
pub const READERS: &[Reader] = &[
    Reader { source: "aichat", read: aichat::read },
    Reader { source: "catwalk", read: catwalk::read },
    Reader { source: "litellm", read: litellm::read },
    Reader { source: "model-prices", read: model_prices::read },
    Reader { source: "models.dev", read: models_dev::read },
    Reader { source: "oh-my-pi", read: oh_my_pi::read },
    Reader { source: "openclaw", read: openclaw::read },
    Reader { source: "openrouter", read: openrouter::read },
    Reader { source: "pi-ai", read: pi_ai::read },
    Reader { source: "portkey", read: portkey::read },
];

impl Reader {
    /// The reader of a source.
    #[must_use]
    pub fn of(source: &str) -> Option<Self> {
        READERS.iter().copied().find(|reader| reader.source == source)
    }

    /// Reads the files that the source published on one day; mostly there is one.
    ///
    /// # Errors
    /// When a file as a whole is not what the source publishes.
    pub fn read(self, files: &[&[u8]], map: &ProviderMap) -> Result<Snapshot, String> {
        let mut builder = Builder::new(self.source, map);
        files.iter().try_for_each(|bytes| (self.read)(bytes, &mut builder))?;
        Ok(builder.finish())
    }
}
