//! One module a tool: its fields as tables that serve reading and writing, its units and its traps.
//!
//! A reader takes the bytes of a tool's catalog and hands every fact to a [`Builder`]. It decides nothing: what a zero means, which source
//! is believed and what is written is the policy's. It fails only when the whole file is not what it should be.

mod aichat;
mod catwalk;
mod continue_dev;
mod csv;
mod goose;
mod litellm;
mod model_prices;
mod models_dev;
mod oh_my_pi;
mod openai_models;
mod openclaw;
mod openrouter;
mod pi;
mod pi_model;
mod portkey;
mod sql;
mod zed;

use crate::provider_map::ProviderMap;
use crate::snapshot::{Builder, Snapshot};
use crate::target::Target;

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
    Reader { source: "pi-ai", read: pi::read },
    Reader { source: "portkey", read: portkey::read },
];

/// Every format that can be written, in the order in which they are listed.
pub static TARGETS: &[Target] = &[
    models_dev::TARGET,
    litellm::TARGET,
    litellm::PROXY,
    catwalk::TARGET,
    aichat::TARGET,
    goose::TARGET,
    continue_dev::TARGET,
    zed::TARGET,
    openclaw::TARGET,
    pi::TARGET,
    openai_models::TARGET,
    csv::TARGET,
    sql::TARGET,
];

/// The format that is called `name`.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

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
