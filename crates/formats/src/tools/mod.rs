//! The formats of tools. Each tool has a module with the field tables for reading and writing, the units of rates, and the pitfalls of the format.
//!
//! A reader parses the bytes of a tool's catalog and adds every fact to a [`SnapshotBuilder`]. A reader makes no decisions: the import policy decides
//! what a zero means, which source is right and which value is written. A reader fails only if a file cannot be parsed at all.

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

use crate::provider_map::ProviderIdMap;
use crate::snapshot::{Snapshot, SnapshotBuilder};
use crate::target::EmitTarget;

/// A reader for the files of one source.
#[derive(Clone, Copy)]
pub struct SourceReader {
    /// Name of the source in `catalog/sources.yaml`.
    pub source: &'static str,
    read: fn(&[u8], &mut SnapshotBuilder<'_>) -> Result<(), String>,
}

/// The readers of all supported sources.
pub const SOURCE_READERS: &[SourceReader] = &[
    SourceReader { source: "aichat", read: aichat::read },
    SourceReader { source: "catwalk", read: catwalk::read },
    SourceReader { source: "litellm", read: litellm::read },
    SourceReader { source: "model-prices", read: model_prices::read },
    SourceReader { source: "models.dev", read: models_dev::read },
    SourceReader { source: "oh-my-pi", read: oh_my_pi::read },
    SourceReader { source: "openclaw", read: openclaw::read },
    SourceReader { source: "openrouter", read: openrouter::read },
    SourceReader { source: "pi-ai", read: pi::read },
    SourceReader { source: "portkey", read: portkey::read },
];

/// All output formats of `emit`, in the order of `emit --list`.
pub static EMIT_TARGETS: &[EmitTarget] = &[
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

/// Returns the output format with this name. Returns `None` if no format has the name.
#[must_use]
pub fn emit_target(name: &str) -> Option<&'static EmitTarget> {
    EMIT_TARGETS.iter().find(|target| target.name == name)
}

impl SourceReader {
    /// Returns the reader for the source with this name. Returns `None` if the source has no reader.
    #[must_use]
    pub fn for_source(source: &str) -> Option<Self> {
        SOURCE_READERS.iter().copied().find(|reader| reader.source == source)
    }

    /// Reads the files that the source published on one day. Usually, this is one file. `map` maps the provider ids of the source to those of this
    /// catalog.
    ///
    /// # Errors
    /// Fails if a file cannot be parsed at all, or if the snapshot exceeds a limit of the module [`snapshot`](crate::snapshot). An invalid row or
    /// value is not an error: the snapshot lists the row or value as rejected.
    pub fn read(self, files: &[&[u8]], map: &ProviderIdMap) -> Result<Snapshot, String> {
        let mut builder = SnapshotBuilder::new(self.source, map);
        files.iter().try_for_each(|bytes| (self.read)(bytes, &mut builder))?;
        builder.finish()
    }
}
