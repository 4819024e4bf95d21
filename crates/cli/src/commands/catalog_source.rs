//! Selection of the catalog that a command reads: the built-in catalog or a catalog folder, with overlays.

use super::failure::Failure;
use super::{log_output, out};
use crate::BuiltIn;
use crate::config::Config;
use clap::Args;
use modeldex_client::credential;
use modeldex_compile::authored::held::{HeldFact, HeldFacts};
use modeldex_compile::diagnostic::{Diagnostic, Severity};
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, UserRoutes, codes, compile_layers, is_unconfirmed};
pub(crate) use modeldex_support::text::with_forward_slashes as shown;
use modeldex_table::{Catalog, Provider};
use modeldex_usage::Shapes;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The default catalog folder, in the current folder.
pub(crate) const USUAL_FOLDER: &str = "catalog";

/// The options of every command that reads a catalog.
#[derive(Args)]
#[command(next_help_heading = "Catalog")]
pub(crate) struct CatalogArgs {
    /// Use the catalog folder DIR instead of the built-in catalog
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
    /// Apply the catalog folder DIR as an overlay (repeatable; later overlays take precedence)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) overlay: Vec<PathBuf>,
    /// Fail if an overlay causes a warning `overlay-route`, for example because the overlay sends an API key to a new host. Without this option, modeldex only
    /// prints the warning
    #[arg(long, global = true)]
    pub(crate) strict: bool,
}

/// The catalog that a command reads.
#[derive(Clone)]
pub(crate) struct CatalogSource {
    /// The built-in catalog, which is used without `--catalog`.
    pub(crate) built_in: &'static LazyLock<BuiltIn>,
    /// The folder that replaces the built-in catalog.
    pub(crate) catalog: Option<PathBuf>,
    /// The overlay folders, lowest precedence first.
    pub(crate) overlay: Vec<PathBuf>,
    /// Hosts to which overlays may send the keys of known providers. They are read only from the configuration of the user: an overlay of somebody
    /// else must not be able to trust its own hosts.
    pub(crate) trusted_hosts: Vec<String>,
    /// Returns the variables that the value of a variable refers to, as the configuration and the environment state them.
    pub(crate) references: fn(&str) -> Vec<String>,
    /// Whether warnings about the routes of overlays are treated as errors.
    pub(crate) strict: bool,
}

/// A loaded catalog, which owns its tables.
pub(crate) enum Loaded {
    /// The built-in catalog.
    BuiltIn(BuiltIn),
    /// A catalog compiled from folders.
    Compiled(Box<Compiled>),
}

impl CatalogSource {
    /// Loads the catalog that these options select. Prints all errors, but only the number of warnings, because `check` prints the warnings.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        // In a folder that contains a catalog, users may expect that this catalog is read.
        if out::stderr_is_terminal() {
            self.note_unread_folder();
        }
        let loaded = if self.folders().next().is_none() {
            Loaded::BuiltIn(**self.built_in)
        } else {
            self.folders().try_for_each(|dir| folder(dir).map(|_| ()))?;
            usable(self.compile(), self.options().trim_start())?
        };
        log_output::mask_variables(&loaded.catalog());
        Ok(loaded)
    }

    /// Returns these options. If no option selects a folder, and the current folder has a catalog folder `catalog`, the returned options have this
    /// folder as `--catalog`.
    pub(crate) fn or_usual_folder(&self) -> Self {
        let usual = Path::new(USUAL_FOLDER);
        let is_built_in = self.built_in.folder == Some(usual);
        let is_usual = self.folders().next().is_none() && !is_built_in && folder(usual).is_ok();
        Self { catalog: if is_usual { Some(usual.to_path_buf()) } else { self.catalog.clone() }, ..self.clone() }
    }

    /// Formats these options as on a command line, each after a space.
    pub(crate) fn options(&self) -> String {
        let option = |name: &str, dir: &Path| format!(" {name} {}", shown(dir));
        let overlays = self.overlay.iter().map(|dir| option("--overlay", dir));
        self.catalog.iter().map(|dir| option("--catalog", dir)).chain(overlays).collect()
    }

    /// The folders of these options, lowest precedence first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.catalog.iter().chain(&self.overlay)
    }

    /// Compiles the folders as one catalog. Without `--catalog`, the overlays are applied to the built-in catalog.
    pub(crate) fn compile(&self) -> Compiled {
        let dirs: Vec<&PathBuf> = self.folders().collect();
        let is_built_in = self.catalog.is_none();
        let held = if is_built_in { built_in_held(**self.built_in) } else { HeldFacts::default() };
        let below = is_built_in.then_some((self.built_in.catalog, &held));
        let mut compiled = compile_layers(below, &dirs, &UserRoutes { trusted_hosts: &self.trusted_hosts, references: self.references });
        if self.strict {
            let found = compiled.diagnostics.iter_mut().filter(|found| found.code == codes::OVERLAY_ROUTE.code);
            found.for_each(|found| found.severity = Severity::Error);
        }
        if self.catalog.is_none() {
            compiled.held.held.extend(held.held);
            let overlaid = std::mem::replace(&mut compiled.usage, modeldex_usage::parse_shapes(self.built_in.usage));
            compiled.usage.extend(overlaid);
        }
        compiled
    }

    /// Loads the catalog with the overlays of the configuration and the overlays of these options. The overlays of these options take precedence.
    /// `check`, `audit` and other commands about the catalog itself call `load` instead: they ignore the configuration, so that their output is the
    /// same on every machine.
    pub(crate) fn load_for_use(&self) -> Result<Loaded, Failure> {
        let config = Config::load()?;
        print_warnings(config);
        for dir in config.overlays() {
            folder(&dir).map_err(|_| {
                Failure::Failed(format!(
                    "the overlay `{folder}` of the configuration is not a readable catalog folder; to replace the list of overlays, run \
                     `modeldex config set overlays DIR...`; to remove all overlays, run `modeldex config unset overlays`",
                    folder = shown(&dir)
                ))
            })?;
        }
        self.with_config(config).load()
    }

    /// Returns these options with the overlays, the trusted hosts and the references of the configuration.
    pub(crate) fn with_config(&self, config: &Config) -> Self {
        let mut options = self.clone();
        options.overlay.splice(..0, config.overlays());
        options.trusted_hosts.clone_from(&config.settings.trusted_hosts);
        options.references = referenced_variables;
        options
    }

    /// Prints the diagnostics of the built-in catalog, if it was compiled from a folder at program start. Fails if they include errors: entries
    /// with errors are missing from the tables, so the output of the command could be wrong.
    pub(crate) fn refuse_broken(&self) -> Result<(), Failure> {
        out::report(self.built_in.report);
        if self.built_in.is_broken { Err(Failure::Reported) } else { Ok(()) }
    }

    /// Prints a note if the built-in catalog is read although the current folder contains a catalog folder.
    pub(crate) fn note_unread_folder(&self) {
        let usual = Path::new(USUAL_FOLDER);
        let is_unread = self.folders().all(|dir| dir != usual) && self.catalog.is_none() && self.built_in.folder != Some(usual);
        if is_unread && folder(usual).is_ok() {
            out::note(format_args!("note: using the built-in catalog; to use the folder `{USUAL_FOLDER}`, add `--catalog {USUAL_FOLDER}`"));
        }
    }

    /// Fails if `--catalog` or `--overlay` is given to a command that reads no catalog.
    pub(crate) fn refuse(&self, command: &str) -> Result<(), Failure> {
        if self.catalog.is_none() && self.overlay.is_empty() {
            return Ok(());
        }
        Err(Failure::Usage(format!("`{command}` does not read a catalog; remove `--catalog` and `--overlay`")))
    }
}

/// Returns the variables that the value of the variable `name` refers to.
fn referenced_variables(name: &str) -> Vec<String> {
    let Ok(config) = Config::load() else { return Vec::new() };
    config.places(None, |places| credential::referenced_variables(name, places))
}

/// Unconfirmed routing claims of the built-in catalog.
fn built_in_held(built_in: BuiltIn) -> HeldFacts {
    serde_json::from_str(built_in.held).unwrap_or_default()
}

impl Loaded {
    /// Unconfirmed routing claims.
    pub(crate) fn held(&self) -> Vec<HeldFact> {
        let mut held = match self {
            Self::BuiltIn(built_in) => built_in_held(*built_in),
            Self::Compiled(compiled) => compiled.held.clone(),
        };
        held.held.retain(|fact| is_unconfirmed(fact, &self.catalog()));
        held.held
    }

    /// The usage shapes of `modeldex_usage`, replaced or extended by those of the catalog.
    pub(crate) fn shapes(&self) -> Result<Shapes, Failure> {
        let shapes = match self {
            Self::BuiltIn(built_in) => modeldex_usage::parse_shapes(built_in.usage),
            Self::Compiled(compiled) => compiled.usage.clone(),
        };
        Shapes::new(shapes).map_err(|error| Failure::Failed(format!("the catalog has invalid usage shapes: {error}")))
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> Catalog<'_> {
        match self {
            Self::BuiltIn(built_in) => *built_in.catalog,
            Self::Compiled(compiled) => compiled.catalog(),
        }
    }
}

/// Returns `dir` if it can be listed and looks like a catalog folder.
pub(crate) fn folder(dir: &Path) -> Result<&Path, Failure> {
    let name = shown(dir);
    let entries = fs::read_dir(dir).map_err(|error| Failure::Usage(format!("cannot read the catalog folder `{name}`: {error}")))?;
    let folders = || modeldex_compile::FileKind::ALL.iter().filter_map(|kind| kind.folder()).chain([modeldex_compile::IMPORTED_FOLDER]);
    let is_catalog = entries.flatten().any(|entry| folders().any(|folder| entry.file_name() == folder));
    if is_catalog {
        return Ok(dir);
    }
    Err(no_catalog(&name))
}

/// The error for a folder that is not a catalog.
pub(crate) fn no_catalog(name: &str) -> Failure {
    Failure::Usage(format!("`{name}` is not a catalog folder: the folder contains none of `providers/`, `models/` and `views/`"))
}

/// Finds a provider by id or alias; the error suggests the nearest id.
pub(crate) fn provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Failure> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        let containing = || ids.clone().find(|other| !id.is_empty() && other.contains(id));
        Failure::Unknown(match modeldex_table::nearest::nearest(id, ids.clone()).or_else(containing) {
            Some(near) => format!("unknown provider `{id}`; nearest: `{near}`"),
            None => format!("unknown provider `{id}`; `modeldex providers list` lists all providers"),
        })
    })
}

/// Prints the warnings of the configuration, once per process.
pub(crate) fn print_warnings(config: &Config) {
    static PRINTED: AtomicBool = AtomicBool::new(false);
    if !PRINTED.swap(true, Ordering::Relaxed) {
        config.warnings.iter().for_each(|warning| out::warning(&out::printable(warning)));
    }
}

/// Whether a variable has a usable value in the environment or the configuration. A reference to a variable that is not set is not usable.
pub(crate) fn is_set(name: &str) -> bool {
    // If the configuration cannot be read, the command has failed before this call.
    Config::load().is_ok_and(|config| config.variable(name).is_some())
}

/// Prints a warning for each host to which an overlay sends the API keys of known providers.
pub(crate) fn warn_about_routes(compiled: &Compiled) {
    for found in compiled.diagnostics.iter().filter(|found| found.code == codes::OVERLAY_ROUTE.code) {
        let (from, _) = compiled.source_files.positions(found.span);
        let path = &compiled.source_files.get(found.span.file).path;
        let help = found.help.as_deref().unwrap_or_default();
        let text = format!("{path}:{line}:{column}: {message}; {help}", line = from.line, column = from.column, message = found.message);
        out::warning(&out::printable(&text));
    }
}

/// Fails if the catalog has errors, and prints the number of its warnings. `options` are the command-line options that select its folders.
pub(crate) fn usable(compiled: Compiled, options: &str) -> Result<Loaded, Failure> {
    let compiled = without_errors(compiled)?;
    warn_about_routes(&compiled);
    let is_counted = |found: &&Diagnostic| found.severity == Severity::Warning && found.code != codes::OVERLAY_ROUTE.code;
    let count = compiled.diagnostics.iter().filter(is_counted).count();
    match count {
        0 => {}
        1 => out::warning(&format!("the catalog has 1 warning; `modeldex check {options}` prints the warning")),
        _ => out::warning(&format!("the catalog has {count} warnings; `modeldex check {options}` prints the warnings")),
    }
    Ok(Loaded::Compiled(Box::new(compiled)))
}

/// Returns the catalog if it has no errors. Otherwise, prints its diagnostics and fails.
pub(crate) fn without_errors(compiled: Compiled) -> Result<Compiled, Failure> {
    if compiled.has_errors() {
        out::report(&render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color()));
        return Err(Failure::Reported);
    }
    Ok(compiled)
}
