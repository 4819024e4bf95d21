//! `config`: what one person has set, and how it is set, shown and taken out.

use super::catalog_source::{self, CatalogSource, shown, tell_warnings};
use super::failure::Failure;
use super::out::{self, Out, Tone, printable};
use super::table::{Column, Shorten, Step, Table};
use crate::config::{self, Config, Field, Held, Input, Key, OutdatedModels};
use modeldex_client::credential::{Zeroizing, redact_variable_name as shown_name, strip_whitespace_and_quotes};
use modeldex_table::nearest::nearest;
use modeldex_table::{Catalog, Endpoint};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

/// Set keys, the model to use where none is named, and overlays
///
/// The file is `config.json` in the system's folder for configuration, or what MODELDEX_CONFIG names. A variable that the environment
/// has comes before one of the file.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print what is set; a key as ****
    Get {
        /// What to show, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
        /// Print a key itself
        #[arg(long)]
        reveal: bool,
    },
    /// Set something
    ///
    /// The keys are `env.NAME`, `default_model`, `overlays`, `outdated_models` (`warn` or `refuse`), `providers.ID.endpoint`,
    /// `providers.ID.region`, `telegram.api_base` and `telegram.chat_id`. A value of `env` that is the name of another variable, as in
    /// `${KIMI_API_KEY}`, is looked up when it is needed.
    Set {
        /// What to set, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
        /// The value; `-`, or nothing, reads it from standard input, which keeps it out of the shell's history. `overlays` takes several
        #[arg(allow_negative_numbers = true)]
        value: Vec<String>,
    },
    /// Take out what is set
    Unset {
        /// What to take out, such as `env.KIMI_API_KEY` or `default_model`
        key: String,
    },
    /// Show everything that is set; keys as ****
    List,
    /// Print where the file is
    Path,
}

/// What `list` shows on a terminal; a program gets lines.
const COLUMNS: &[Column] = &[Column::text("Key"), Column::shortened("Value", Shorten::Middle)];

/// The most that is read from standard input; no value is as long.
const LONGEST: u64 = 64 * 1024;

pub(crate) fn run(command: &Command, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    match command {
        Command::Get { key, reveal } => get(key, *reveal, source, out),
        Command::Set { key, value } => set(key, value, source),
        Command::Unset { key } => unset(key, source),
        Command::List => list(out),
        Command::Path => Ok(writeln!(out, "{}", shown(&config::path()?))?),
    }
}

fn get(key: &str, reveal: bool, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let key = Key::parse(key, source.built_in.catalog).map_err(Failure::Usage)?;
    let config = read(&config::path()?)?;
    let values = values(&config, &key, reveal);
    if values.is_empty() {
        return Err(Failure::Failed(format!("`{key}` is not set; `modeldex config set {key} …` sets it")));
    }
    values.iter().try_for_each(|value| writeln!(out, "{}", printable(value)))?;
    Ok(())
}

fn list(out: &mut Out) -> Result<(), Failure> {
    let config = read(&config::path()?)?;
    let variables = config.settings.env.vars.keys().map(|name| Key::Variable(name.clone()));
    let providers = config.settings.providers.keys().flat_map(|id| Field::ALL.map(|field| Key::Provider(id.clone(), field)));
    let words = [Key::DefaultModel, Key::Overlays, Key::OutdatedModels];
    let telegram = [Key::TelegramApiBase, Key::TelegramChatId];
    let mut table = Table::new(COLUMNS);
    let mut is_empty = true;
    for key in variables.chain(words).chain(providers).chain(telegram) {
        for value in values(&config, &key, false) {
            if out.width().is_some() {
                is_empty = false;
                table.cells(&[&key, &*value]);
            } else {
                let style = out.style(Tone::Heading);
                writeln!(out, "{style}{}{style:#}={}", printable(&key.to_string()), printable(&value))?;
            }
        }
    }
    if !is_empty {
        table.write(out, &[Step::Shrink("Value", 16), Step::Shrink("Key", 16)])?;
    }
    Ok(())
}

fn set(key: &str, value: &[String], source: &CatalogSource) -> Result<(), Failure> {
    let key = Key::parse(key, source.built_in.catalog).map_err(Failure::Usage)?;
    let path = config::path()?;
    let given = match value {
        [] if io::stdin().is_terminal() => {
            let help = format!(
                "let another program write it, which keeps it out of the shell's history: `pass show … | modeldex config set {key} -`"
            );
            return Err(Failure::Usage(format!("`config set {key}` needs a value; give it, or {help}")));
        }
        [] => vec![standard_input()?],
        [dash] if dash == "-" => vec![standard_input()?],
        values => values.iter().cloned().map(Zeroizing::new).collect(),
    };
    if given.len() > 1 && key != Key::Overlays {
        return Err(Failure::Usage(format!("`{key}` takes one value, and {} were given; put it in quotes", given.len())));
    }
    let (key, value) = judged(key, &given, source)?;
    let before = config::edit(&path, |document| document.set(&key.path(), value))?;
    tell_warnings(&before);
    if let Key::Variable(name) = &key {
        // What should be looked at was told before the change.
        look_at_variable(name, &Config::read(&path)?, source.built_in.catalog);
    }
    out::note(format_args!("`{key}` is set in `{}`", shown(&path)));
    Ok(())
}

fn unset(text: &str, source: &CatalogSource) -> Result<(), Failure> {
    let path = config::path()?;
    let key = Key::parse(text, source.built_in.catalog);
    // What means nothing here can be taken out as well, by its path in the file.
    let place: Vec<&str> = key.as_ref().map_or_else(|_| text.split('.').collect(), Key::path);
    if let (Err(unknown), false) = (&key, config::document(&path)?.has(&place)) {
        return Err(Failure::Usage(unknown.clone()));
    }
    let mut removed = false;
    tell_warnings(&config::edit(&path, |document| removed = document.remove(&place))?);
    let what = if removed { "is taken out of" } else { "was not set in" };
    out::note(format_args!("`{}` {what} `{}`", printable(text), shown(&path)));
    Ok(())
}

/// The key with the id that a provider has itself, and the value as it is written.
fn judged(key: Key, given: &[Zeroizing<String>], source: &CatalogSource) -> Result<(Key, Input), Failure> {
    if let Key::Variable(name) = &key {
        // Its own name is none the less a name for being in lower case.
        let given = if strip_whitespace_and_quotes(&given[0]).0.eq_ignore_ascii_case(name) { name } else { &*given[0] };
        let (held, trimmed) = Held::parse(given).map_err(|error| Failure::Usage(refusal(&key, &error.to_string(), given)))?;
        warn_trimmed(&key, trimmed, if strip_whitespace_and_quotes(given).0 == given.trim() { "white space" } else { "quotes" });
        return Ok((key, held.written().as_str().into()));
    }
    let mut values = Vec::new();
    for value in given {
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return Err(Failure::Usage(refusal(&key, "it is empty", value)));
        }
        if trimmed.chars().any(char::is_control) {
            return Err(Failure::Usage(refusal(&key, "it has a control character inside, such as a line break", value)));
        }
        warn_trimmed(&key, trimmed.len() != value.len(), "white space");
        values.push(trimmed);
    }
    let value = values[0];
    match &key {
        Key::DefaultModel => {
            let loaded = source.load_for_use()?;
            if let Err(unknown) = loaded.catalog().resolve(value) {
                out::warning(&printable(&unknown.to_string()));
            }
        }
        Key::Overlays => {
            let folders: Vec<Input> = values.into_iter().map(|folder| overlay(Path::new(folder))).collect::<Result<_, _>>()?;
            return Ok((key, Input::Array(folders)));
        }
        Key::OutdatedModels if !OutdatedModels::ALL.iter().any(|word| word.as_str() == value) => {
            let words = OutdatedModels::ALL.map(|word| format!("`{}`", word.as_str()));
            return Err(Failure::Usage(format!("`{key}` is {}, not `{value}`", words.join(" or "))));
        }
        Key::Provider(id, field) => {
            let loaded = source.load_for_use()?;
            let catalog = loaded.catalog();
            let provider = catalog_source::provider(&catalog, id)?;
            let known: Vec<&str> = match field {
                Field::Endpoint => provider.endpoints().map(Endpoint::id).filter(|id| !id.is_empty()).collect(),
                Field::Region => provider.endpoints().filter_map(Endpoint::region).collect(),
            };
            if !known.contains(&value) {
                return Err(Failure::Failed(no_such(provider.id(), *field, value, &known)));
            }
            return Ok((Key::Provider(provider.id().to_owned(), *field), value.into()));
        }
        Key::TelegramApiBase => api_base(value)?,
        Key::Variable(_) | Key::OutdatedModels | Key::TelegramChatId => {}
    }
    let value = value.into();
    Ok((key, value))
}

fn refusal(key: &Key, why: &str, value: &str) -> String {
    let hint = if value.trim().is_empty() { format!("; `modeldex config unset {key}` takes it out") } else { String::new() };
    format!("the value of `{key}` was refused: {why}{hint}")
}

fn warn_trimmed(key: &Key, trimmed: bool, what: &str) {
    if trimmed {
        out::warning(&format!("the value of `{key}` had {what} around it, which is left out"));
    }
}

fn no_such(provider: &str, field: Field, value: &str, known: &[&str]) -> String {
    let what = field.as_str();
    let help = match nearest(value, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => {
            format!("; it has only one, which has no {} of its own", if field == Field::Endpoint { "id" } else { what })
        }
        None => format!("; there are {}", known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
    };
    format!("`{provider}` has no {what} `{value}`{help}")
}

/// An overlay as it is written: its whole path, so that it means the same wherever the program is called.
fn overlay(folder: &Path) -> Result<Input, Failure> {
    let whole = std::path::absolute(catalog_source::folder(folder)?);
    let whole: PathBuf = whole.map_err(|error| Failure::Failed(format!("`{}` is no path: {error}", shown(folder))))?;
    whole.to_str().map(Input::from).ok_or_else(|| Failure::Failed(format!("the path `{}` is not UTF-8, and JSON is", shown(folder))))
}

/// The token is part of each URL, so it goes nowhere without TLS but to a server of one's own.
fn api_base(url: &str) -> Result<(), Failure> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).filter(|rest| !rest.is_empty());
    let Some(rest) = rest else {
        return Err(Failure::Usage("`telegram.api_base` is a URL: it begins with `https://`".to_owned()));
    };
    if rest.contains(['@', '?', '#']) || rest.contains(char::is_whitespace) {
        return Err(Failure::Usage("`telegram.api_base` is a host and a path, without credentials, query or fragment".to_owned()));
    }
    if url.starts_with("http://") {
        out::warning("`telegram.api_base` is not encrypted, and the token is sent to it");
    }
    Ok(())
}

/// Looks whether a variable that was just set can mean something.
fn look_at_variable(name: &str, config: &Config, catalog: &Catalog<'_>) {
    if let Some(Held::Reference(other)) = config.held(name) {
        if other == name {
            out::warning(&format!("`{name}` names itself, so it holds what the environment has for it, and nothing where that has none"));
        } else if config.variable(name).is_none() {
            out::warning(&format!("`{name}` names `{}`, which is not set now", shown_name(other)));
        }
    }
    if config.overlays().next().is_some() {
        // It may be a variable of theirs, and to compile them for this remark would take longer than the change.
        return;
    }
    let known = || {
        let ways = catalog.providers().flat_map(modeldex_table::Provider::auth);
        ways.flat_map(|way| way.env().chain(way.variables().flat_map(modeldex_table::Variable::env)))
    };
    if !known().any(|other| other == name)
        && let Some(near) = nearest(name, known())
    {
        out::warning(&format!("no provider reads `{name}`; nearest: `{near}`"));
    }
}

/// What is set, as it is shown: several lines for a list.
fn values(config: &Config, key: &Key, reveal: bool) -> Vec<Zeroizing<String>> {
    let one = |value: Option<&str>| value.map(|value| Zeroizing::new(value.to_owned())).into_iter().collect();
    match key {
        Key::Variable(name) => {
            let shown = |held: &Held| if reveal { held.written() } else { held.shown().into() };
            config.held(name).map(shown).into_iter().collect()
        }
        Key::DefaultModel => one(config.settings.default_model.as_deref()),
        Key::Overlays => config.overlays().map(|folder| shown(&folder).into()).collect(),
        Key::OutdatedModels => one(config.settings.outdated_models.map(OutdatedModels::as_str)),
        Key::Provider(id, Field::Endpoint) => one(config.endpoint(id)),
        Key::Provider(id, Field::Region) => one(config.region(id)),
        Key::TelegramApiBase => one(config.settings.telegram.api_base.as_deref()),
        Key::TelegramChatId => one(config.settings.telegram.chat_id.as_deref()),
    }
}

/// All of standard input, but for the end of its last line: every program that writes a line ends it.
fn standard_input() -> Result<Zeroizing<String>, Failure> {
    let failed = |what: &str| Failure::Failed(format!("standard input {what}"));
    // All the room at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
    io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(&format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(failed("has more than 64 KiB, which no value has"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("is not UTF-8"))?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(text.to_owned()))
}

fn read(path: &Path) -> Result<Config, Failure> {
    let config = Config::read(path)?;
    tell_warnings(&config);
    Ok(config)
}
