//! Entry points for the fuzz targets in `fuzz/`. Not part of the public API: it changes without notice.

use crate::config::{Config, ConfigKey, Document};
use modeldex_table::Catalog;

/// A configuration file that was parsed.
pub struct ConfigDocument(Document);

impl ConfigDocument {
    /// Parses the text of a configuration file.
    ///
    /// # Errors
    /// The position and description of the problem.
    pub fn parse(text: &str) -> Result<Self, String> {
        Document::parse(text).map(Self).map_err(|error| format!("{}: {}", error.place, error.what))
    }

    /// Validates and reads the settings. Returns the warnings, and the settings in debug format.
    ///
    /// # Errors
    /// The description of the first problem.
    pub fn read(&self) -> Result<(Vec<String>, String), String> {
        let config = Config::validate(&self.0, std::path::Path::new("config.json")).map_err(|error| error.to_string())?;
        let printed = format!("{config:?}");
        Ok((config.warnings, printed))
    }

    /// Sets the value of a key, as `config set` does. Returns `false` if there is no such key.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        let Ok(key) = ConfigKey::parse(key, &Catalog::default()) else { return false };
        self.0.set(&key.path(), value.into());
        true
    }

    /// Removes the value of a key, as `config unset` does. Returns whether there was a value.
    pub fn unset(&mut self, key: &str) -> bool {
        ConfigKey::parse(key, &Catalog::default()).is_ok_and(|key| self.0.remove(&key.path()))
    }

    /// Returns the path of a key in the file; `None` if there is no such key.
    #[must_use]
    pub fn path(key: &str) -> Option<Vec<String>> {
        let key = ConfigKey::parse(key, &Catalog::default()).ok()?;
        Some(key.path().into_iter().map(str::to_owned).collect())
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.text()
    }
}
