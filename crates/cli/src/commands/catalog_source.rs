//! Which catalog a command reads: the built-in one or a folder, and the folders laid over it.

use super::failure::Failure;
use super::out;
use crate::BuiltIn;
use crate::config::Config;
use clap::Args;
use modeldex_compile::authored::held::{HeldFact, HeldFacts};
use modeldex_compile::diagnostic::Severity;
use modeldex_compile::render::{Format, render};
use modeldex_compile::{Compiled, compile_layers, is_unconfirmed};
pub(crate) use modeldex_support::text::with_forward_slashes as shown;
use modeldex_table::{Catalog, Provider};
use modeldex_usage::Shapes;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The folder that commands which work on a folder use where none is named.
pub(crate) const USUAL_FOLDER: &str = "catalog";

/// The options of every command that reads a catalog.
#[derive(Args)]
#[command(next_help_heading = "Catalog")]
pub(crate) struct CatalogArgs {
    /// Read the catalog folder DIR instead of the built-in catalog
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
    /// Lay the catalog folder DIR over it; of several, the later wins
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) overlay: Vec<PathBuf>,
}

/// Which catalog a command reads.
#[derive(Clone)]
pub(crate) struct CatalogSource {
    /// What is read where no folder is named.
    pub(crate) built_in: &'static LazyLock<BuiltIn>,
    /// The folder to read instead of the built-in catalog.
    pub(crate) catalog: Option<PathBuf>,
    /// The folders to lay over it; of several, the later wins.
    pub(crate) overlay: Vec<PathBuf>,
}

/// A catalog, and what keeps it in memory.
pub(crate) enum Loaded {
    /// The one in this program.
    BuiltIn(BuiltIn),
    /// One that was just compiled.
    Compiled(Box<Compiled>),
}

impl CatalogSource {
    /// The catalog that these options ask for. Its errors are reported; its warnings are only counted, because `check` is there for them.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        // Who works on a folder takes an answer for one from it.
        if out::is_watched() {
            self.note_unread_folder();
        }
        if self.folders().next().is_none() {
            return Ok(Loaded::BuiltIn(**self.built_in));
        }
        self.folders().try_for_each(|dir| folder(dir).map(|_| ()))?;
        usable(self.compile(), self.options().trim_start())
    }

    /// These options as they are written on a command line, each after a space.
    pub(crate) fn options(&self) -> String {
        let option = |name: &str, dir: &Path| format!(" {name} {}", shown(dir));
        let overlays = self.overlay.iter().map(|dir| option("--overlay", dir));
        self.catalog.iter().map(|dir| option("--catalog", dir)).chain(overlays).collect()
    }

    /// The folders that these options name, the lowest first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.catalog.iter().chain(&self.overlay)
    }

    /// Compiles the folders as one catalog, over the built-in one where no other is named.
    pub(crate) fn compile(&self) -> Compiled {
        let dirs: Vec<&PathBuf> = self.folders().collect();
        let mut compiled = compile_layers(self.catalog.is_none().then_some(self.built_in.catalog), &dirs);
        if self.catalog.is_none() {
            compiled.held.held.extend(built_in_held(**self.built_in).held);
            let overlaid = std::mem::replace(&mut compiled.usage, modeldex_usage::parse_shapes(self.built_in.usage));
            compiled.usage.extend(overlaid);
        }
        compiled
    }

    /// The catalog for whoever uses it: the overlays of the configuration lie below those of these options. Commands that speak of the
    /// catalog itself, such as `check`, do not ask for this, so that what they say is the same for everybody.
    pub(crate) fn load_for_use(&self) -> Result<Loaded, Failure> {
        let config = Config::load()?;
        tell_warnings(config);
        for dir in config.overlays() {
            folder(&dir).map_err(|_| {
                let help = "`modeldex config set overlays …` names others, and `modeldex config unset overlays` none";
                Failure::Failed(format!(
                    "the overlay `{}` of your configuration is no catalog folder that can be read; {help}",
                    shown(&dir)
                ))
            })?;
        }
        let mut options = self.clone();
        options.overlay.splice(..0, config.overlays());
        options.load()
    }

    /// Reports what is wrong with the folder that stands for a built-in catalog, and fails where it has errors: its tables lack what was wrong,
    /// so any answer from them may be wrong too.
    pub(crate) fn refuse_broken(&self) -> Result<(), Failure> {
        out::report(self.built_in.report);
        if self.built_in.is_broken { Err(Failure::Reported) } else { Ok(()) }
    }

    /// Notes that the built-in catalog is read although there is a folder here.
    pub(crate) fn note_unread_folder(&self) {
        let usual = Path::new(USUAL_FOLDER);
        let is_unread = self.folders().all(|dir| dir != usual) && self.catalog.is_none() && self.built_in.folder != Some(usual);
        if is_unread && folder(usual).is_ok() {
            out::note(format_args!("The built-in catalog was read; `--catalog {USUAL_FOLDER}` reads the folder `{USUAL_FOLDER}` instead."));
        }
    }

    /// Fails when either option is given to a command that reads no catalog.
    pub(crate) fn refuse(&self, command: &str) -> Result<(), Failure> {
        if self.catalog.is_none() && self.overlay.is_empty() {
            return Ok(());
        }
        Err(Failure::Usage(format!("`{command}` reads no catalog, so `--catalog` and `--overlay` mean nothing to it")))
    }
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

    /// The shapes of usage objects: those of the catalog over those of `modeldex_usage`, which are what a catalog without any has.
    pub(crate) fn shapes(&self) -> Result<Shapes, Failure> {
        let shapes = match self {
            Self::BuiltIn(built_in) => modeldex_usage::parse_shapes(built_in.usage),
            Self::Compiled(compiled) => compiled.usage.clone(),
        };
        Shapes::new(shapes).map_err(|fault| Failure::Failed(format!("usage objects cannot be read: {fault}")))
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> Catalog<'_> {
        match self {
            Self::BuiltIn(built_in) => *built_in.catalog,
            Self::Compiled(compiled) => compiled.catalog(),
        }
    }
}

/// `dir`, when it is a folder that can be listed and looks like a catalog.
pub(crate) fn folder(dir: &Path) -> Result<&Path, Failure> {
    let shown = shown(dir);
    let entries = fs::read_dir(dir).map_err(|error| Failure::Usage(format!("the catalog folder `{shown}` cannot be read: {error}")))?;
    let folders = || modeldex_compile::FileKind::ALL.iter().filter_map(|kind| kind.folder()).chain([modeldex_compile::IMPORTED_FOLDER]);
    let is_catalog = entries.flatten().any(|entry| folders().any(|folder| entry.file_name() == folder));
    if is_catalog {
        return Ok(dir);
    }
    Err(no_catalog(&shown))
}

/// Says that a folder has nothing of a catalog in it.
pub(crate) fn no_catalog(shown: &str) -> Failure {
    Failure::Usage(format!("`{shown}` is no catalog folder: it has neither `providers/` nor `models/` nor `views/` in it"))
}

/// The provider that is called `id` or has that alias, or an error that names the nearest.
pub(crate) fn provider<'a>(catalog: &'a Catalog<'a>, id: &str) -> Result<Provider<'a>, Failure> {
    catalog.provider(id).ok_or_else(|| {
        let ids = catalog.providers().map(Provider::id).chain(catalog.provider_aliases().map(modeldex_table::ProviderAlias::id));
        let holds = || ids.clone().find(|other| !id.is_empty() && other.contains(id));
        let meant = match modeldex_table::nearest::nearest(id, ids.clone()).or_else(holds) {
            Some(near) => format!("; nearest: `{near}`"),
            None => "; `modeldex providers list` shows them all".to_owned(),
        };
        Failure::Unknown(format!("unknown provider `{id}`{meant}"))
    })
}

/// Tells once what should be looked at in the configuration, however often it is read.
pub(crate) fn tell_warnings(config: &Config) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        config.warnings.iter().for_each(|warning| out::warning(&out::printable(warning)));
    }
}

/// Whether the environment, or else the configuration, holds something for a variable that can be sent. The name of a variable that is not set
/// is nothing.
pub(crate) fn is_set(name: &str) -> bool {
    // A configuration that cannot be read has ended the command before it asks.
    Config::load().is_ok_and(|config| config.variable(name).is_some())
}

/// A catalog without errors; its warnings are counted. `options` name its folders.
pub(crate) fn usable(compiled: Compiled, options: &str) -> Result<Loaded, Failure> {
    let compiled = without_errors(compiled)?;
    let count = compiled.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    if count > 0 {
        let warnings = if count == 1 { "warning" } else { "warnings" };
        out::warning(&format!("{count} {warnings}; `modeldex check {options}` shows what to look at"));
    }
    Ok(Loaded::Compiled(Box::new(compiled)))
}

/// Reports the errors of a catalog, when it has some.
pub(crate) fn without_errors(compiled: Compiled) -> Result<Compiled, Failure> {
    if compiled.has_errors() {
        out::report(&render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color()));
        return Err(Failure::Reported);
    }
    Ok(compiled)
}
