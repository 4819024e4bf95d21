//! The user's configuration: keys, default model, overlays. One JSON file, in the same shape as openclaw's.
//!
//! The library never reads it. JSON and not YAML, because users copy values from and to openclaw's file.

mod document;
mod key;
mod settings;
mod variable_value;

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

/// The variable that names another configuration file.
pub(crate) const PATH_VARIABLE: &str = "MODELDEX_CONFIG";

/// Maximum size of the file in bytes, far above real files. Bounds memory for endless input.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The validated configuration; empty if there is no file.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) settings: Settings,
    /// The folder that relative overlays are resolved against.
    folder: PathBuf,
    /// Warnings: unknown keys, a file that others can read.
    pub(crate) warnings: Vec<String>,
}

/// Why the file cannot be used, with its position. Never contains the value of a key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl Config {
    /// Reads the configuration; once per process.
    pub(crate) fn load() -> Result<&'static Self, ConfigError> {
        static LOADED: OnceLock<Config> = OnceLock::new();
        if let Some(config) = LOADED.get() {
            return Ok(config);
        }
        let config = Self::read(&path()?)?;
        Ok(LOADED.get_or_init(|| config))
    }

    /// Reads the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        match read_text(path)? {
            Some(text) => Self::validate(&parse(path, &text)?, path),
            None => Ok(Self::default()),
        }
    }

    /// Calls `look` with the places that credentials are read from: `argument`, the environment, and this file.
    pub(crate) fn places<T>(&self, argument: Option<&str>, look: impl FnOnce(&CredentialLookup<'_>) -> T) -> T {
        // Invalid UTF-8 counts as set, and fails when it is used.
        let text = |value: std::ffi::OsString| value.into_string().unwrap_or_else(|value| value.to_string_lossy().into_owned());
        let environment = |name: &str| env::var_os(name).map(text);
        let config = |name: &str| self.variable_value(name).map(|value| value.written().to_string());
        look(&CredentialLookup { argument, environment: &environment, config: &config })
    }

    /// The value of a variable, from the environment or the file; references are followed.
    pub(crate) fn variable(&self, name: &str) -> Option<Secret> {
        self.places(None, |places| Some(credential::resolve_variable(name, places).ok()??.secret))
    }

    /// The value of a variable in the file.
    pub(crate) fn variable_value(&self, name: &str) -> Option<&VariableValue> {
        self.settings.env.vars.get(name)
    }

    /// Overlay folders, lowest first.
    pub(crate) fn overlays(&self) -> impl Iterator<Item = PathBuf> {
        self.settings.overlays.iter().map(|folder| self.folder.join(folder))
    }

    /// The configured endpoint of a provider.
    pub(crate) fn endpoint(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.endpoint.as_deref()
    }

    /// The configured region of a provider.
    pub(crate) fn region(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.region.as_deref()
    }

    fn validate(document: &Document, path: &Path) -> Result<Self, ConfigError> {
        let at = |place: &str, what: &str| format!("{}:{place}: {what}", shown(path));
        let mut warnings = Vec::new();
        let validated = document.validate(&schema(), &mut |place, what| warnings.push(at(&place, &what)));
        let settings = validated.and_then(|()| document.read()).map_err(|error| ConfigError(at(&error.place, &error.what)))?;
        warnings.extend(readable_by_others(path));
        Ok(Self { settings, folder: path.parent().map(Path::to_path_buf).unwrap_or_default(), warnings })
    }
}

/// The path of the file: `MODELDEX_CONFIG`, else `modeldex/config.json` in the system's configuration folder.
pub(crate) fn path() -> Result<PathBuf, ConfigError> {
    if let Some(path) = env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        return std::path::absolute(path).map_err(|error| ConfigError(format!("`{PATH_VARIABLE}` is not a path: {error}")));
    }
    let folder = config_folder().ok_or_else(|| {
        ConfigError(format!("there is no home directory to find the configuration in; name the file with `{PATH_VARIABLE}`"))
    })?;
    Ok(folder.join("modeldex").join("config.json"))
}

/// Edits the file at `path` under a lock: reads it, calls `change`, and replaces it as a whole. Concurrent edits wait.
///
/// Returns the configuration before the edit.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Document)) -> Result<Config, ConfigError> {
    let failed = |error: io::Error| ConfigError(format!("cannot change the configuration `{}`: {error}", shown(path)));
    // A device must not get a lock file next to it.
    file::require_regular_file(path).map_err(|error| unreadable(path, &error))?;
    // Released when the file is closed, even if the process is killed.
    let _lock = file::lock(path, Access::OwnerOnly).map_err(failed)?;
    file::remove_leftovers(path).map_err(failed)?;
    let mut document = document(path)?;
    // An invalid file is reported before it is overwritten.
    let before = Config::validate(&document, path)?;
    change(&mut document);
    if document.text().len() as u64 > MAX_FILE_BYTES {
        return Err(ConfigError(format!("the configuration `{}` would be larger than 1 MiB", shown(path))));
    }
    file::write_atomic(path, document.text(), Access::OwnerOnly).map_err(failed)?;
    Ok(before)
}

/// The document at `path`; an empty object if there is no file.
pub(crate) fn document(path: &Path) -> Result<Document, ConfigError> {
    read_text(path)?.map_or_else(|| Ok(Document::default()), |text| parse(path, &text))
}

/// The system's configuration folder. The standard library knows the home directory; a crate for the three lines below would add more code than
/// it saves.
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

/// The text of the file; `None` if it does not exist or is empty.
fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, ConfigError> {
    let Some(bytes) = file::read(path, MAX_FILE_BYTES).map_err(|error| unreadable(path, &error))? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| ConfigError(format!("{}: the configuration is not UTF-8", shown(path))))?;
    let text = text.trim_start_matches('\u{feff}');
    Ok((!text.trim().is_empty()).then(|| Zeroizing::new(text.to_owned())))
}

fn unreadable(path: &Path, why: &io::Error) -> ConfigError {
    ConfigError(format!("cannot read the configuration `{}`: {why}", shown(path)))
}

fn parse(path: &Path, text: &str) -> Result<Document, ConfigError> {
    Document::parse(text).map_err(|error| ConfigError(format!("{}:{}: {}", shown(path), error.place, error.what)))
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).ok().filter(fs::Metadata::is_file)?.permissions());
    (mode & 0o077 != 0).then(|| format!("`{0}` contains keys and is readable by other users; run `chmod 600 {0}`", shown(path)))
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
