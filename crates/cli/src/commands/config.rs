//! `config`: prints and edits the configuration.

use super::catalog_source::{self, CatalogSource, print_warnings, shown};
use super::failure::Failure;
use super::out::{self, Out, Tone, printable};
use super::table::{Column, Shorten, Step, Table};
use crate::config::{self, Config, ConfigKey, JsonInput, OutdatedModels, ProviderField, VariableValue};
use modeldex_client::credential::{Zeroizing, redact_variable_name as shown_name, strip_whitespace_and_quotes};
use modeldex_support::secret::mask_certain;
use modeldex_table::nearest::nearest;
use modeldex_table::{Catalog, Endpoint};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

/// Manage API keys, the default model and overlays
///
/// The configuration is the file `modeldex/config.json` in the system's configuration folder, or the file that the environment variable
/// MODELDEX_CONFIG names. Environment variables take precedence over the variables in the configuration.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the value of a configuration key; API keys are masked
    Get {
        /// The configuration key, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
        /// Print API keys in full, not masked
        #[arg(long)]
        reveal: bool,
    },
    /// Set the value of a configuration key
    ///
    /// Keys: `env.NAME`, `default_model`, `overlays`, `trusted_hosts`, `outdated_models` (`warn` or `refuse`), `providers.ID.endpoint`,
    /// `providers.ID.region`, `telegram.api_base`, `telegram.chat_id`. The value of `env.NAME` may be a reference to a second variable, such as
    /// `${KIMI_API_KEY}`. modeldex resolves the reference each time it uses the value. Relative paths in `overlays` are stored as absolute paths.
    Set {
        /// The configuration key, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
        /// The value; `overlays` and `trusted_hosts` take several values. With `-`, the value is read from stdin, which keeps API keys out of the
        /// shell history. If stdin is not a terminal, `-` can be omitted
        #[arg(allow_negative_numbers = true)]
        value: Vec<String>,
    },
    /// Remove the value of a configuration key
    Unset {
        /// The configuration key, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
        /// Required if KEY is a group of keys, such as `env`; all values of the group are removed
        #[arg(long)]
        yes: bool,
    },
    /// Print all configuration keys with their values; API keys are masked
    List,
    /// Print the path of the configuration file
    Path,
}

/// Columns of `config list` on a terminal. If stdout is not a terminal, `config list` prints `KEY=VALUE` lines.
const COLUMNS: &[Column] = &[Column::text("Key"), Column::shortened("Value", Shorten::Middle)];

/// Maximum length of a value read from stdin, in bytes.
const MAX_STDIN_BYTES: u64 = 64 * 1024;

pub(crate) fn run(command: &Command, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    match command {
        Command::Get { key, reveal } => get(key, *reveal, source, out),
        Command::Set { key, value } => set(key, value, source),
        Command::Unset { key, yes } => unset(key, *yes, source),
        Command::List => list(out),
        Command::Path => Ok(writeln!(out, "{}", shown(&config::path()?))?),
    }
}

fn get(key: &str, reveal: bool, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let key = ConfigKey::parse(key, source.built_in.catalog).map_err(Failure::Usage)?;
    let config = read(&config::path()?)?;
    let values = values(&config, &key, reveal);
    if values.is_empty() {
        return Err(Failure::Failed(format!("`{key}` is not set; set it with `modeldex config set {key} VALUE`")));
    }
    values.iter().try_for_each(|value| writeln!(out, "{}", printable(value)))?;
    Ok(())
}

fn list(out: &mut Out) -> Result<(), Failure> {
    let config = read(&config::path()?)?;
    let variables = config.settings.env.vars.keys().map(|name| ConfigKey::Variable(name.clone()));
    let providers = config.settings.providers.keys().flat_map(|id| ProviderField::ALL.map(|field| ConfigKey::Provider(id.clone(), field)));
    let top_level = [ConfigKey::DefaultModel, ConfigKey::Overlays, ConfigKey::TrustedHosts, ConfigKey::OutdatedModels];
    let telegram = [ConfigKey::TelegramApiBase, ConfigKey::TelegramChatId];
    let mut table = Table::new(COLUMNS);
    let mut is_empty = true;
    for key in variables.chain(top_level).chain(providers).chain(telegram) {
        let name = mask_certain(&key.to_string());
        for value in values(&config, &key, false) {
            if out.width().is_some() {
                is_empty = false;
                table.cells(&[&name, &*value]);
            } else {
                let style = out.style(Tone::Heading);
                writeln!(out, "{style}{}{style:#}={}", printable(&name), printable(&value))?;
            }
        }
    }
    if !is_empty {
        table.write(out, &[Step::Shrink("Value", 16), Step::Shrink("Key", 16)])?;
    }
    Ok(())
}

fn set(key: &str, value: &[String], source: &CatalogSource) -> Result<(), Failure> {
    let key = ConfigKey::parse(key, source.built_in.catalog).map_err(Failure::Usage)?;
    let path = config::path()?;
    let given = match value {
        [] if io::stdin().is_terminal() => {
            return Err(Failure::Usage(format!(
                "`config set {key}` requires a value; add the value as an argument; to keep an API key out of the shell history, pipe the key to \
                 stdin instead: `pass show NAME | modeldex config set {key} -`"
            )));
        }
        [] => vec![standard_input()?],
        [dash] if dash == "-" => vec![standard_input()?],
        values => values.iter().cloned().map(Zeroizing::new).collect(),
    };
    if given.len() > 1 && !matches!(key, ConfigKey::Overlays | ConfigKey::TrustedHosts) {
        let count = given.len();
        return Err(Failure::Usage(format!(
            "`{key}` takes one value, but {count} values were given; put quotes around a value with spaces"
        )));
    }
    let (key, value) = validated(key, &given, source)?;
    let before = config::edit(&path, |document| document.set(&key.path(), value))?;
    print_warnings(&before);
    if let ConfigKey::Variable(name) = &key {
        // The warnings about the file itself were printed above.
        warn_about_variable(name, &Config::read(&path)?, source.built_in.catalog);
    }
    out::note(format_args!("`{key}` is set in `{path}`", path = shown(&path)));
    Ok(())
}

fn unset(text: &str, all: bool, source: &CatalogSource) -> Result<(), Failure> {
    let path = config::path()?;
    let key = ConfigKey::parse(text, source.built_in.catalog);
    let document = config::document(&path)?;
    // Unknown keys can be removed too: the path in the file is found by its keys, which may contain dots.
    let place: Vec<String> = match &key {
        Ok(key) => key.path().into_iter().map(str::to_owned).collect(),
        Err(unknown) => document.find(text).ok_or_else(|| Failure::Usage(unknown.clone()))?,
    };
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let count = document.values_below(&place);
    let shown = printable(text);
    if count > 0 && !all {
        let values = if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
        return Err(Failure::Usage(format!(
            "`{shown}` is a group of keys with {values}; to remove one value, name its key, such as `{shown}.NAME`; to remove the whole group, \
             run `modeldex config unset {shown} --yes`"
        )));
    }
    let mut removed = false;
    print_warnings(&config::edit(&path, |document| removed = document.remove(&place))?);
    let path = catalog_source::shown(&path);
    if removed {
        out::note(format_args!("`{shown}` was removed from `{path}`"));
    } else {
        out::note(format_args!("`{shown}` was not set in `{path}`"));
    }
    Ok(())
}

/// Validates the values `given` for a key. Returns the key, with a provider alias replaced by the provider's id, and the JSON value to write.
fn validated(key: ConfigKey, given: &[Zeroizing<String>], source: &CatalogSource) -> Result<(ConfigKey, JsonInput), Failure> {
    if let ConfigKey::Variable(name) = &key {
        // The variable's own name, in upper or lower case, counts as a reference to itself.
        let given = if strip_whitespace_and_quotes(&given[0]).0.eq_ignore_ascii_case(name) { name } else { &*given[0] };
        let (variable_value, trimmed) =
            VariableValue::parse(given).map_err(|error| Failure::Usage(refusal(&key, &error.to_string(), given)))?;
        warn_trimmed(&key, trimmed, if strip_whitespace_and_quotes(given).0 == given.trim() { "white space" } else { "quotes" });
        return Ok((key, variable_value.written().as_str().into()));
    }
    let mut values = Vec::new();
    for value in given {
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return Err(Failure::Usage(refusal(&key, "the value is empty", value)));
        }
        if trimmed.chars().any(char::is_control) {
            return Err(Failure::Usage(refusal(&key, "the value contains a control character, such as a newline", value)));
        }
        warn_trimmed(&key, trimmed.len() != value.len(), "white space");
        values.push(trimmed);
    }
    let value = values[0];
    match &key {
        ConfigKey::DefaultModel => {
            let is_key = |text: &str| text.split('/').chain([text]).any(out::is_key_shaped);
            let loaded = source.load_for_use()?;
            if is_key(value) && loaded.catalog().resolve(value).is_err() {
                let message = "the value looks like an API key, not like a model; to store an API key, run `modeldex config set env.NAME -`, where \
                               NAME is the API-key variable of the provider";
                return Err(Failure::Usage(refusal(&key, message, value)));
            }
            if let Err(unknown) = loaded.catalog().resolve(value) {
                out::warning(&printable(&unknown.to_string()));
            }
        }
        ConfigKey::Overlays => {
            let folders: Vec<JsonInput> = values.into_iter().map(|folder| overlay(Path::new(folder))).collect::<Result<_, _>>()?;
            return Ok((key, JsonInput::Array(folders)));
        }
        ConfigKey::TrustedHosts => {
            let hosts: Vec<JsonInput> = values.into_iter().map(trusted_host).collect::<Result<_, _>>()?;
            return Ok((key, JsonInput::Array(hosts)));
        }
        ConfigKey::OutdatedModels if !OutdatedModels::ALL.iter().any(|word| word.as_str() == value) => {
            let expected = OutdatedModels::ALL.map(|word| format!("`{}`", word.as_str())).join(" or ");
            return Err(Failure::Usage(format!("invalid value `{value}` for `{key}`; expected {expected}")));
        }
        ConfigKey::Provider(id, field) => {
            let loaded = source.load_for_use()?;
            let catalog = loaded.catalog();
            let provider = catalog_source::provider(&catalog, id)?;
            let known: Vec<&str> = match field {
                ProviderField::Endpoint => provider.endpoints().map(Endpoint::id).filter(|id| !id.is_empty()).collect(),
                ProviderField::Region => provider.endpoints().filter_map(Endpoint::region).collect(),
            };
            if !known.contains(&value) {
                return Err(Failure::Failed(no_such(provider.id(), *field, value, &known)));
            }
            return Ok((ConfigKey::Provider(provider.id().to_owned(), *field), value.into()));
        }
        ConfigKey::TelegramApiBase => api_base(value)?,
        ConfigKey::Variable(_) | ConfigKey::OutdatedModels | ConfigKey::TelegramChatId => {}
    }
    let value = value.into();
    Ok((key, value))
}

fn refusal(key: &ConfigKey, reason: &str, value: &str) -> String {
    if value.trim().is_empty() {
        return format!("invalid value for `{key}`: {reason}; to remove `{key}`, run `modeldex config unset {key}`");
    }
    format!("invalid value for `{key}`: {reason}")
}

/// Warns if quotes or white space were removed.
fn warn_trimmed(key: &ConfigKey, trimmed: bool, quotes_or_space: &str) {
    if trimmed {
        out::warning(&format!("removed {quotes_or_space} around the value of `{key}`"));
    }
}

fn no_such(provider: &str, field: ProviderField, value: &str, known: &[&str]) -> String {
    let nearest = nearest(value, known.iter().copied());
    let known = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match (field, nearest) {
        (ProviderField::Endpoint, Some(near)) => format!("the provider `{provider}` has no endpoint `{value}`; did you mean `{near}`?"),
        (ProviderField::Region, Some(near)) => format!("the provider `{provider}` has no region `{value}`; did you mean `{near}`?"),
        (ProviderField::Endpoint, None) if known.is_empty() => {
            format!("the provider `{provider}` has no endpoint `{value}`; its only endpoint has no id")
        }
        (ProviderField::Region, None) if known.is_empty() => {
            format!("the provider `{provider}` has no region `{value}`; none of its endpoints has a region")
        }
        (ProviderField::Endpoint, None) => format!("the provider `{provider}` has no endpoint `{value}`; known endpoints: {known}"),
        (ProviderField::Region, None) => format!("the provider `{provider}` has no region `{value}`; known regions: {known}"),
    }
}

/// Returns the absolute path of an overlay, so that the configuration does not depend on the current folder.
fn overlay(folder: &Path) -> Result<JsonInput, Failure> {
    let whole = std::path::absolute(catalog_source::folder(folder)?);
    let whole: PathBuf =
        whole.map_err(|error| Failure::Failed(format!("cannot make the path `{folder}` absolute: {error}", folder = shown(folder))))?;
    whole.to_str().map(JsonInput::from).ok_or_else(|| {
        Failure::Failed(format!("the path `{folder}` is not UTF-8, so the JSON configuration cannot store it", folder = shown(folder)))
    })
}

/// Validates a trusted host, such as `gateway.corp.example` or `gateway.corp.example:8443`.
fn trusted_host(host: &str) -> Result<JsonInput, Failure> {
    let is_host = !host.contains('/') && modeldex_compile::is_valid_base_url(&format!("https://{host}"));
    if is_host {
        return Ok(host.into());
    }
    let expected = "expected only the host of a base URL, such as `gateway.example.com`, without `https://` and without a path";
    Err(Failure::Usage(format!("invalid value for `trusted_hosts`: {expected}")))
}

/// Validates the base URL of the Telegram API. Warns about http, because the URL of each request contains the token of the bot.
fn api_base(url: &str) -> Result<(), Failure> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).filter(|rest| !rest.is_empty());
    let Some(rest) = rest else {
        return Err(Failure::Usage("invalid value for `telegram.api_base`: expected a URL that starts with `https://`".to_owned()));
    };
    if rest.contains(['@', '?', '#']) || rest.contains(char::is_whitespace) {
        return Err(Failure::Usage(
            "invalid value for `telegram.api_base`: expected a host and a path, without credentials, query or fragment".to_owned(),
        ));
    }
    if url.starts_with("http://") {
        out::warning("`telegram.api_base` begins with `http://`: the token of the bot is sent unencrypted");
    }
    Ok(())
}

/// Warns about a reference that does not resolve, and about a variable that no provider reads.
fn warn_about_variable(name: &str, config: &Config, catalog: &Catalog<'_>) {
    if let Some(VariableValue::Reference(other)) = config.variable_value(name) {
        if other == name {
            out::warning(&format!("the variable `{name}` refers to itself, so `{name}` has to be set in the environment"));
        } else if config.variable(name).is_none() {
            out::warning(&format!(
                "the value of `{name}` refers to the variable `{variable}`, which is not set",
                variable = shown_name(other)
            ));
        }
    }
    if config.overlays().next().is_some() {
        // A provider of an overlay may read the variable. Compiling the overlays for this warning would take longer than the edit.
        return;
    }
    let known = || {
        let methods = catalog.providers().flat_map(modeldex_table::Provider::auth);
        methods.flat_map(|method| method.env().chain(method.variables().flat_map(modeldex_table::Variable::env)))
    };
    if !known().any(|other| other == name)
        && let Some(near) = nearest(name, known())
    {
        out::warning(&format!("no provider reads the variable `{name}`; did you mean `{near}`?"));
    }
}

/// Returns the values of a key for printing: several if the key is a list, none if the key is not set.
fn values(config: &Config, key: &ConfigKey, reveal: bool) -> Vec<Zeroizing<String>> {
    let one = |value: Option<&str>| value.map(|value| Zeroizing::new(value.to_owned())).into_iter().collect();
    let values: Vec<Zeroizing<String>> = match key {
        ConfigKey::Variable(name) => {
            let shown = |variable_value: &VariableValue| if reveal { variable_value.written() } else { variable_value.shown().into() };
            return config.variable_value(name).map(shown).into_iter().collect();
        }
        ConfigKey::DefaultModel => one(config.settings.default_model.as_deref()),
        ConfigKey::Overlays => config.overlays().map(|folder| shown(&folder).into()).collect(),
        ConfigKey::TrustedHosts => config.settings.trusted_hosts.iter().map(|host| host.clone().into()).collect(),
        ConfigKey::OutdatedModels => one(config.settings.outdated_models.map(OutdatedModels::as_str)),
        ConfigKey::Provider(id, ProviderField::Endpoint) => one(config.endpoint(id)),
        ConfigKey::Provider(id, ProviderField::Region) => one(config.region(id)),
        ConfigKey::TelegramApiBase => one(config.settings.telegram.api_base.as_deref()),
        ConfigKey::TelegramChatId => one(config.settings.telegram.chat_id.as_deref()),
    };
    // A key may stand in the wrong place.
    if reveal { values } else { values.iter().map(|value| mask_certain(value).into()).collect() }
}

/// Reads stdin without the final line end.
fn standard_input() -> Result<Zeroizing<String>, Failure> {
    // The buffer has its full size from the start: a growing vector would leave copies of the secret in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_STDIN_BYTES as usize + 1));
    io::stdin()
        .lock()
        .take(MAX_STDIN_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Failed(format!("cannot read stdin: {error}")))?;
    if bytes.len() as u64 > MAX_STDIN_BYTES {
        return Err(Failure::Failed("the value from stdin is longer than 64 KiB, the maximum length of a value".to_owned()));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::Failed("the value from stdin is not UTF-8".to_owned()))?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(text.to_owned()))
}

fn read(path: &Path) -> Result<Config, Failure> {
    let config = Config::read(path)?;
    print_warnings(&config);
    Ok(config)
}
