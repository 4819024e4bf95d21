//! Finds the catalog file that states a fact of a model.

use modeldex_compile::IMPORTED_FOLDER;
use modeldex_table::{Capability, Catalog, Fact, Model, Origin, OriginPart};
use serde_json::{Value, json};
use std::fmt;

/// The catalog file that states a fact, and the part of the file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct File {
    path: String,
    part: OriginPart,
}

/// Finds the origins of the facts of a model.
#[derive(Clone, Copy)]
pub(crate) struct Origins<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) model: Model<'a>,
}

impl Origins<'_> {
    /// Returns the file that states a fact; `None` if no file states it.
    pub(crate) fn fact(self, fact: Fact) -> Option<File> {
        self.model.origin(fact).map(|origin| self.file(origin))
    }

    /// Returns the file that states a capability; `None` if no file states it. The tables store a single origin for all capabilities of a model, so
    /// the result is a guess: a capability that the base model has too is attributed to the file of the base model.
    pub(crate) fn capability(self, capability: Capability) -> Option<File> {
        let model = self.model;
        let can = model.can(capability)?;
        let inherited = || Fact::ALL.iter().filter_map(|&fact| model.origin(fact)).find(|origin| origin.part == OriginPart::Base);
        let base = model.base().filter(|base| base.can(capability) == Some(can)).and_then(|_| inherited());
        base.or_else(|| model.origin(Fact::Capabilities)).map(|origin| self.file(origin))
    }

    fn file(self, Origin { layer, imported, part }: Origin) -> File {
        let layer = self.catalog.layers().nth(usize::from(layer)).unwrap_or("?");
        let layer = if imported { format!("{layer}/{IMPORTED_FOLDER}") } else { layer.to_owned() };
        let provider = self.model.provider();
        let path = match part {
            OriginPart::Model | OriginPart::Defaults => format!("{layer}/providers/{}.yaml", provider.id()),
            OriginPart::Extended => format!("{layer}/providers/{}.yaml", provider.extends().unwrap_or("?")),
            OriginPart::Base => format!("{layer}/models/{}.yaml", self.model.base().map_or("?", |base| base.reference().owner)),
        };
        File { path, part }
    }
}

impl File {
    pub(crate) fn json(&self) -> Value {
        let part = match self.part {
            OriginPart::Model => "own",
            OriginPart::Defaults => "defaults",
            OriginPart::Base => "base",
            OriginPart::Extended => "extended",
        };
        json!({"file": self.path, "part": part})
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.part {
            OriginPart::Defaults => write!(f, "{path}, under `defaults`"),
            OriginPart::Extended => write!(f, "{path}, inherited by `extends`"),
            OriginPart::Model | OriginPart::Base => f.write_str(path),
        }
    }
}
