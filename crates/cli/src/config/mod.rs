//! What one person has set: keys, the model to use where none is named, overlays. One JSON file, in the shape that openclaw's has.
//!
//! Programs that only look up the catalog never read it. JSON and not YAML, because people copy it from and to openclaw's.

mod document;
mod held;
mod key;
mod settings;

pub(crate) use document::{Document, Input};
pub(crate) use held::Held;
pub(crate) use key::{Field, Key};
pub(crate) use settings::{OutdatedModels, SCHEMA_FILE, published_schema, schema};

use modeldex_client::credential::{self, CredentialLookup, Zeroizing};
use modeldex_client::secret::Secret;
use modeldex_support::file::{self, Access};
use settings::Settings;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

/// The variable that names another file.
pub(crate) const PATH_VARIABLE: &str = "MODELDEX_CONFIG";

/// The most that the file may have. Nobody's is as long, and what never ends is not to fill the memory.
const LONGEST: u64 = 1 << 20;

/// What the file says, judged. A file that is not there says nothing.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) settings: Settings,
    /// Where relative overlays are.
    folder: PathBuf,
    /// What should be looked at, and keeps nothing from working: unknown keys, a file that others can read.
    pub(crate) warnings: Vec<String>,
}

/// Why the file cannot be used. It names the place, and never says what a key holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl Config {
    /// What the file says. It is read once, whoever asks.
    pub(crate) fn load() -> Result<&'static Self, ConfigError> {
        static LOADED: OnceLock<Config> = OnceLock::new();
        if let Some(config) = LOADED.get() {
            return Ok(config);
        }
        let config = Self::read(&path()?)?;
        Ok(LOADED.get_or_init(|| config))
    }

    /// What the file at `path` says now.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        match read_text(path)? {
            Some(text) => Self::judge(&parse(path, &text)?, path),
            None => Ok(Self::default()),
        }
    }

    /// Hands `look` the places where values are looked up: `argument`, the environment, and this file.
    pub(crate) fn places<T>(&self, argument: Option<&str>, look: impl FnOnce(&CredentialLookup<'_>) -> T) -> T {
        // Bytes that are no text are something, which then cannot be used.
        let text = |value: std::ffi::OsString| value.into_string().unwrap_or_else(|value| value.to_string_lossy().into_owned());
        let environment = |name: &str| env::var_os(name).map(text);
        let config = |name: &str| self.held(name).map(|held| held.written().to_string());
        look(&CredentialLookup { argument, environment: &environment, config: &config })
    }

    /// The key or token that a variable holds, in the environment or by the file; a reference is followed.
    pub(crate) fn variable(&self, name: &str) -> Option<Secret> {
        self.places(None, |places| Some(credential::resolve_variable(name, places).ok()??.secret))
    }

    /// What the file has for a variable.
    pub(crate) fn held(&self, name: &str) -> Option<&Held> {
        self.settings.env.vars.get(name)
    }

    /// Catalog folders to lay over the catalog; of several, the later wins.
    pub(crate) fn overlays(&self) -> impl Iterator<Item = PathBuf> {
        self.settings.overlays.iter().map(|folder| self.folder.join(folder))
    }

    /// The endpoint to use of a provider.
    pub(crate) fn endpoint(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.endpoint.as_deref()
    }

    /// The region whose endpoint to use of a provider.
    pub(crate) fn region(&self, provider: &str) -> Option<&str> {
        self.settings.providers.get(provider)?.region.as_deref()
    }

    fn judge(document: &Document, path: &Path) -> Result<Self, ConfigError> {
        let at = |place: &str, what: &str| format!("{}:{place}: {what}", shown(path));
        let mut warnings = Vec::new();
        let judged = document.judge(&schema(), &mut |place, what| warnings.push(at(&place, &what)));
        let settings = judged.and_then(|()| document.read()).map_err(|fault| ConfigError(at(&fault.place, &fault.what)))?;
        warnings.extend(readable_by_others(path));
        Ok(Self { settings, folder: path.parent().map(Path::to_path_buf).unwrap_or_default(), warnings })
    }
}

/// Where the file is: what the environment says, else `modeldex/config.json` where the system keeps configuration.
pub(crate) fn path() -> Result<PathBuf, ConfigError> {
    if let Some(path) = env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        return std::path::absolute(path).map_err(|error| ConfigError(format!("`{PATH_VARIABLE}` names no path: {error}")));
    }
    let folder = config_folder().ok_or_else(|| {
        ConfigError(format!(
            "nobody knows where your configuration is, because you have no home folder; name a file with `{PATH_VARIABLE}`"
        ))
    })?;
    Ok(folder.join("modeldex").join("config.json"))
}

/// Changes the file at `path`: reads it, lets `change` edit it and replaces it whole. Whoever else changes it meanwhile waits.
///
/// Returns what the file said before.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Document)) -> Result<Config, ConfigError> {
    let failed = |error: io::Error| ConfigError(format!("the configuration `{}` cannot be changed: {error}", shown(path)));
    // What is no file of ours gets no lock beside it either.
    file::require_regular_file(path).map_err(|error| unreadable(path, &error))?;
    // It is let go when the file is closed, and so also when this program is killed.
    let _lock = file::lock(path, Access::OwnerOnly).map_err(failed)?;
    file::remove_leftovers(path).map_err(failed)?;
    let mut document = document(path)?;
    // What is wrong already is told before anything is written over it.
    let before = Config::judge(&document, path)?;
    change(&mut document);
    if document.text().len() as u64 > LONGEST {
        return Err(ConfigError(format!("the configuration `{}` would be longer than 1 MiB", shown(path))));
    }
    file::write_atomic(path, document.text(), Access::OwnerOnly).map_err(failed)?;
    Ok(before)
}

/// The text of the file at `path`, an empty mapping where it is not there.
pub(crate) fn document(path: &Path) -> Result<Document, ConfigError> {
    read_text(path)?.map_or_else(|| Ok(Document::default()), |text| parse(path, &text))
}

/// The system's folder for configuration. The standard library knows the home folder; a crate for the three lines below would bring more
/// code than it saves.
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

/// The text of the file; none where it is not there or empty.
fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, ConfigError> {
    let Some(bytes) = file::read(path, LONGEST).map_err(|error| unreadable(path, &error))? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| ConfigError(format!("{}: the configuration is not UTF-8", shown(path))))?;
    let text = text.trim_start_matches('\u{feff}');
    Ok((!text.trim().is_empty()).then(|| Zeroizing::new(text.to_owned())))
}

fn unreadable(path: &Path, why: &io::Error) -> ConfigError {
    ConfigError(format!("the configuration `{}` cannot be read: {why}", shown(path)))
}

fn parse(path: &Path, text: &str) -> Result<Document, ConfigError> {
    Document::parse(text).map_err(|fault| ConfigError(format!("{}:{}: {}", shown(path), fault.place, fault.what)))
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).ok().filter(fs::Metadata::is_file)?.permissions());
    (mode & 0o077 != 0).then(|| format!("others on this machine can read `{0}`, where keys are: `chmod 600 {0}`", shown(path)))
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
        Config::judge(&parse(path, text)?, path)
    }

    #[test]
    fn a_secret_is_in_no_debug_print_and_in_no_error() {
        let held = config(r#"{"env": {"vars": {"A": "hunter2", "B": "${HOME_OF_B}"}}}"#).unwrap();
        let printed = format!("{held:?}");
        assert!(!printed.contains("hunter2") && printed.contains("HOME_OF_B"), "{printed}");
        assert_eq!(held.variable("A").unwrap().expose(), "hunter2");
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
    fn a_reference_is_followed_and_a_circle_ends() {
        let held = config(r#"{"env": {"vars": {"A": "${B}", "B": "${C}", "C": "x", "D": "${E}", "E": "${D}", "F": "${F}"}}}"#).unwrap();
        assert_eq!(held.variable("A").unwrap().expose(), "x");
        assert!(held.variable("D").is_none() && held.variable("F").is_none() && held.variable("G").is_none());
    }
}
