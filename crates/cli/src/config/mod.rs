//! The user's configuration: API keys, default model, overlays. It is one JSON file, structured like the configuration file of openclaw.
//!
//! Only the command line reads this file; the library does not. The format is JSON and not YAML, because users copy values between this
//! file and the file of openclaw.

mod document;
mod key;
mod settings;
mod variable_value;

use crate::commands::note_wait;
use document::DocumentError;
pub(crate) use document::{Document, JsonInput};
pub(crate) use key::{ConfigKey, ProviderField};
pub(crate) use settings::{OutdatedModels, SCHEMA_FILE, published_schema, schema};
pub(crate) use variable_value::VariableValue;

use modeldex_client::credential::{self, CredentialLookup, Zeroizing};
use modeldex_client::secret::Secret;
use modeldex_support::file::{self, Access};
use settings::Settings;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

/// The environment variable with the path of the configuration file. If it is not set, the file has a default path.
pub(crate) const PATH_VARIABLE: &str = "MODELDEX_CONFIG";

/// Maximum size of the configuration file in bytes, far above the size of real files. Bounds the memory that an endless file takes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Maximum number of unknown keys of the configuration file that each get a warning.
const MAX_WARNINGS: usize = 20;

/// The validated configuration; empty if there is no file.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) settings: Settings,
    /// The folder of the configuration file. Relative paths of overlays start here.
    folder: PathBuf,
    /// Warnings about the configuration file: unknown keys, and read access for other users.
    pub(crate) warnings: Vec<String>,
}

/// A message that states why the configuration file cannot be read or written, with the position of the error. It never contains an API key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl Config {
    /// Returns the configuration. The first call reads the file; later calls return the same value.
    pub(crate) fn load() -> Result<&'static Self, ConfigError> {
        static LOADED: OnceLock<Config> = OnceLock::new();
        if let Some(config) = LOADED.get() {
            return Ok(config);
        }
        let config = Self::read(&path()?)?;
        Ok(LOADED.get_or_init(|| config))
    }

    /// Reads the configuration file at `path`; returns an empty configuration if the file does not exist.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        match read_text(path)? {
            Some(text) => Self::validate(&parse(path, &text)?, path),
            None => Ok(Self::default()),
        }
    }

    /// Calls `look` with the places that credentials are read from: `argument` (the value of `--api-key`), the environment, and this configuration.
    pub(crate) fn places<T>(&self, argument: Option<&str>, look: impl FnOnce(&CredentialLookup<'_>) -> T) -> T {
        // A value that is not UTF-8 counts as set; its use fails later.
        let text = |value: std::ffi::OsString| value.into_string().unwrap_or_else(|value| value.to_string_lossy().into_owned());
        let environment = |name: &str| env::var_os(name).map(text);
        let config = |name: &str| self.variable_value(name).map(|value| value.written().to_string());
        look(&CredentialLookup { argument, environment: &environment, config: &config })
    }

    /// Returns the value of a variable from the environment, else from the configuration. If the value names another variable, returns the value of
    /// that variable. `None` if a variable is not set or its value is not valid.
    pub(crate) fn variable(&self, name: &str) -> Option<Secret> {
        self.places(None, |places| Some(credential::resolve_variable(name, places).ok()??.secret))
    }

    /// Returns the value of a variable that the configuration file states; `None` if the file does not state the variable.
    pub(crate) fn variable_value(&self, name: &str) -> Option<&VariableValue> {
        self.settings.env.vars.get(name)
    }

    /// Iterates over the overlay folders, the lowest layer first.
    pub(crate) fn overlays(&self) -> impl Iterator<Item = PathBuf> {
        self.settings.overlays.iter().map(|folder| self.folder.join(folder))
    }

    /// Returns the id of the endpoint that the configuration selects for a provider.
    pub(crate) fn endpoint(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.endpoint.as_deref()
    }

    /// Returns the region that the configuration selects for a provider.
    pub(crate) fn region(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.region.as_deref()
    }

    pub(crate) fn validate(document: &Document, path: &Path) -> Result<Self, ConfigError> {
        let file = shown(path);
        let at = |position: &str, problem: &str| format!("{file}:{position}: {problem}");
        let (mut warnings, mut unlisted) = (Vec::new(), 0_usize);
        let validated = document.validate(&schema(), &mut |describe| match warnings.len() {
            MAX_WARNINGS => unlisted += 1,
            _ => {
                let (place, what) = describe();
                warnings.push(at(&place, &what));
            }
        });
        match unlisted {
            0 => {}
            1 => warnings.push(format!("{file}: 1 more key is unknown")),
            count => warnings.push(format!("{file}: {count} more keys are unknown")),
        }
        let settings = validated.and_then(|()| document.read()).map_err(|error| ConfigError(at(&error.place, &error.what)))?;
        warnings.extend(readable_by_others(path));
        Ok(Self { settings, folder: path.parent().map(Path::to_path_buf).unwrap_or_default(), warnings })
    }
}

/// Returns the path of the configuration file: the value of `MODELDEX_CONFIG`, else `modeldex/config.json` in the system's configuration folder.
pub(crate) fn path() -> Result<PathBuf, ConfigError> {
    if let Some(path) = env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        return std::path::absolute(path).map_err(|error| ConfigError(format!("the value of `{PATH_VARIABLE}` is not a path: {error}")));
    }
    let folder = config_folder().ok_or_else(|| {
        ConfigError(format!(
            "cannot find the configuration file, because the home directory is unknown; set the path of the file with `{PATH_VARIABLE}`"
        ))
    })?;
    Ok(folder.join("modeldex").join("config.json"))
}

/// Edits the configuration file at `path`: locks the file, reads it, calls `change`, and replaces the whole file. Concurrent edits wait for the lock.
///
/// Returns the configuration before the edit.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Document)) -> Result<Config, ConfigError> {
    let file = shown(path);
    let failed = |error: io::Error| ConfigError(format!("cannot change the configuration file `{file}`: {error}"));
    // Checked first, so that no lock file is created next to a device.
    file::require_regular_file(path).map_err(|error| unreadable(path, &error))?;
    // Released when the file is closed, even if the process is killed.
    let _lock = file::lock(path, Access::OwnerOnly, note_wait).map_err(failed)?;
    file::remove_leftovers(path).map_err(failed)?;
    let mut document = document(path)?;
    // An invalid file is reported before it is overwritten.
    let before = Config::validate(&document, path)?;
    change(&mut document);
    if document.text().len() as u64 > MAX_FILE_BYTES {
        return Err(ConfigError(format!("cannot change the configuration file `{file}`: it would be larger than 1 MiB")));
    }
    file::write_atomic(path, document.text(), Access::OwnerOnly).map_err(failed)?;
    Ok(before)
}

/// Reads the text of the configuration file at `path`; returns an empty JSON object if the file does not exist.
pub(crate) fn document(path: &Path) -> Result<Document, ConfigError> {
    read_text(path)?.map_or_else(|| Ok(Document::default()), |text| parse(path, &text))
}

/// Returns the folder in which the system keeps configuration files; `None` if the home directory is unknown. The standard library finds the home
/// directory, so a crate for the remaining lines would add more code than it saves.
fn config_folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        absolute("APPDATA").or_else(|| Some(env::home_dir()?.join("AppData").join("Roaming")))
    } else if cfg!(target_os = "macos") {
        Some(env::home_dir()?.join("Library").join("Application Support"))
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| Some(env::home_dir().filter(|home| home.is_absolute())?.join(".config")))
    }
}

/// Returns the text of the configuration file; `None` if the file does not exist or is empty.
fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, ConfigError> {
    let Some(bytes) = file::read(path, MAX_FILE_BYTES).map_err(|error| unreadable(path, &error))? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| ConfigError(format!("the configuration file `{file}` is not UTF-8 text", file = shown(path))))?;
    let text = text.trim_start_matches('\u{feff}');
    Ok((!text.trim().is_empty()).then(|| Zeroizing::new(text.to_owned())))
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    ConfigError(format!("cannot read the configuration file `{file}`: {error}", file = shown(path)))
}

fn parse(path: &Path, text: &str) -> Result<Document, ConfigError> {
    Document::parse(text).map_err(|DocumentError { place, what }| ConfigError(format!("{file}:{place}: {what}", file = shown(path))))
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).ok().filter(fs::Metadata::is_file)?.permissions());
    let file = shown(path);
    (mode & 0o077 != 0)
        .then(|| format!("other users can read the configuration file `{file}`, which may contain API keys; run `chmod 600 {file}`"))
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> Option<String> {
    None
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, ConfigError> {
        let path = Path::new("/no/config.json");
        Config::validate(&parse(path, text)?, path)
    }

    #[test]
    fn secrets_are_neither_in_debug_output_nor_in_errors() {
        let config_with_key = config(r#"{"env": {"vars": {"A": "hunter2", "B": "${HOME_OF_B}"}}}"#).unwrap();
        let printed = format!("{config_with_key:?}");
        assert!(!printed.contains("hunter2") && printed.contains("HOME_OF_B"), "{printed}");
        assert_eq!(config_with_key.variable("A").unwrap().expose(), "hunter2");
        for text in [
            r#"{"env": "hunter2"}"#,
            r#"{"env": {"vars": "hunter2"}}"#,
            r#"{"env": {"vars": {"A": ["hunter2"]}}}"#,
            r#"{"env": {"vars": {"A": "hunter2\u0007x"}}}"#,
            r#"{"env": {"vars": {"A": "hunter2"}"#,
            r#"{"env": {"vars": {"A": "hunter2", "A": "hunter2"}}}"#,
        ] {
            let error = config(text).unwrap_err().to_string();
            assert!(error.starts_with("/no/config.json:1:") && !error.contains("hunter2"), "{error}");
        }
        assert!(!format!("{:?}", config(r#"{"env": {"A": "hunter2"}}"#).unwrap()).contains("hunter2"));
    }

    #[test]
    fn references_are_followed_and_cycles_end() {
        let config = config(r#"{"env": {"vars": {"A": "${B}", "B": "${C}", "C": "x", "D": "${E}", "E": "${D}", "F": "${F}"}}}"#).unwrap();
        assert_eq!(config.variable("A").unwrap().expose(), "x");
        assert!(config.variable("D").is_none() && config.variable("F").is_none() && config.variable("G").is_none());
    }
}
