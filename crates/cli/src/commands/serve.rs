//! `serve`: serves the catalog over HTTP. The server also has the routes of other catalogs, for the tools that use these catalogs.

use super::catalog_source::{CatalogSource, Loaded, folder, shown, warn_about_routes};
use super::evidence;
use super::failure::Failure;
use super::import::EvidenceDir;
use super::out::{self, printable};
use super::{units, words};
use crate::config::Config;
use modeldex_compile::Compiled;
use modeldex_compile::diagnostic::Severity;
use modeldex_compile::render::{Format, render};
use modeldex_import::evidence_report::{EvidenceReader, EvidenceReportError};
use modeldex_serve::{
    AllowedHost, CatalogOwner, CatalogWatcher, CorsOrigins, EvidenceLookup, LogFormat, ModelEvidence, ServerEvent, ServerOptions,
    ShutdownOutcome, Site, serve,
};
use modeldex_table::{Catalog, Model};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

/// Serve the catalog over HTTP
///
/// The server has these routes of modeldex: /models, /models/REF, /models/REF/evidence, /providers, /providers/ID, /health and /openapi.json. /models
/// accepts the filters of `models list`. /openapi.json describes all routes.
///
/// The server also has routes of four services, so that tools that are made for these services can use modeldex: /api.json of models.dev,
/// /v2/providers of Catwalk, /v1/models of OpenAI and /model_prices_and_context_window.json of LiteLLM.
///
/// The folders of --catalog and --overlay are watched. A change is served within two seconds. If the changed catalog has an error, the error is
/// reported, and the previous catalog is still served. After SIGTERM or Ctrl-C, the server completes the responses in progress and then stops.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Address and port to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    listen: SocketAddr,
    /// Also accept requests for the host NAME (repeatable); NAME may include a port (`name:port`), and `*` accepts every host
    ///
    /// Without this option, the accepted hosts depend on the address of --listen. On a loopback address, such as 127.0.0.1, the server accepts only
    /// `localhost` and loopback addresses, with the port of the server. This rule prevents web pages from reading the catalog by DNS rebinding. On
    /// any other address, the server accepts every host.
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<AllowedHost>,
    /// Allow web pages of this origin to read the responses; `*` allows every origin (repeatable) [default: `*` without overlays, no origin with
    /// overlays]
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<String>,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Format of the request log on stderr
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words::log())]
    log: LogFormat,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Limits of a connection, and of the number of connections.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Maximum number of open connections. At the maximum, a new connection replaces an idle connection. If no connection is idle, the new connection
    /// gets the response 503
    #[arg(long, value_name = "COUNT", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    max_connections: u32,
    /// Maximum time that responses in progress may take to finish after the server has received a stop signal
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    grace: u32,
    /// Timeout for receiving the headers of a request
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    header_timeout: u32,
    /// Timeout after which an idle connection is closed
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    idle_timeout: u32,
    /// Timeout for sending a response; one second is added for each 8 KiB of the response
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    answer_timeout: u32,
}

pub(crate) fn run(args: &Args, source: &CatalogSource) -> Result<(), Failure> {
    let cors = CorsOrigins::parse(&args.cors).map_err(|error| Failure::Usage(format!("invalid value for `--cors`: {error}")))?;
    let serve_source = ServeSource::new(source, &args.evidence)?;
    // The built-in catalog and a catalog folder are meant for everybody. Overlays have private facts.
    let is_public = cors == CorsOrigins::None && serve_source.source.overlay.is_empty();
    let cors = if is_public { CorsOrigins::Any } else { cors };
    // Starts to watch the folders before reading them, so that no change is missed.
    let watch = {
        let (listed, loaded) = (serve_source.clone(), serve_source.clone());
        CatalogWatcher::new(Box::new(move || listed.files()), Box::new(move || loaded.reload()))
    };
    let site = Site::new(serve_source.load()?, units::now());
    let limits = &args.limits;
    let seconds = |count: u32| Duration::from_secs(count.into());
    let options = ServerOptions {
        listen: args.listen,
        allowed_hosts: args.allow_host.clone(),
        cors,
        max_connections: limits.max_connections,
        grace_period: seconds(limits.grace),
        header_timeout: seconds(limits.header_timeout),
        idle_timeout: seconds(limits.idle_timeout),
        response_timeout: seconds(limits.answer_timeout),
        log: args.log,
    };
    match serve(site, Some(watch), &options, Box::new(io::stderr()), Arc::new(print_event)) {
        Ok(ShutdownOutcome::Completed) => Ok(()),
        Ok(ShutdownOutcome::GracePeriodExpired(count)) => {
            let seconds = limits.grace;
            match count {
                1 => out::note(format_args!(
                    "1 connection was closed during its response, because the {seconds} seconds of `--grace` had passed"
                )),
                count => out::note(format_args!(
                    "{count} connections were closed during their responses, because the {seconds} seconds of `--grace` had passed"
                )),
            }
            Ok(())
        }
        Ok(ShutdownOutcome::Forced) => Err(Failure::Cancelled("the server stopped without waiting for running responses".to_owned())),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

fn print_event(event: ServerEvent) {
    match event {
        ServerEvent::Listening(address) => {
            if !address.ip().is_loopback() {
                out::warning(
                    "the server is reachable from the network without TLS; docs/serving.md shows how to put a TLS proxy in front of it",
                );
            }
            out::note(format_args!("listening on http://{address}"));
        }
        ServerEvent::Reloaded { models } => out::note(format_args!("catalog reloaded: {models} models")),
        ServerEvent::ReloadFailed(report) => {
            out::report(&report);
            out::warning("the changed catalog has errors; the previous catalog is still served");
        }
        ServerEvent::Stopping { connections: 0 } => out::note("stopping"),
        ServerEvent::Stopping { connections } => out::note(format_args!("stopping; waiting for {connections} connections")),
        ServerEvent::AcceptFailed(error) => out::warning(&format!("cannot accept connections: {error}")),
    }
}

/// The folders of the catalog and the evidence to serve.
#[derive(Clone)]
pub(crate) struct ServeSource {
    /// The options that select the catalog. In the list of overlays, those of the configuration come first, so those of `--overlay` take precedence.
    source: CatalogSource,
    /// The catalog folder and the evidence folder, or the reason why there is no evidence.
    evidence: Result<(PathBuf, PathBuf), String>,
}

/// A loaded catalog with its evidence.
struct LoadedCatalog {
    loaded: Loaded,
    /// The evidence, or the reason why it is missing.
    evidence: Result<EvidenceReader, String>,
}

impl ServeSource {
    /// Finds the folders that the options and the configuration select.
    pub(crate) fn new(source: &CatalogSource, dir: &EvidenceDir) -> Result<Self, Failure> {
        let evidence = match evidence::folders(dir, source) {
            Ok(folders) => Ok(folders),
            Err(failure) if dir.is_given() => return Err(failure),
            Err(Failure::Failed(_)) => Err("there is no evidence for this catalog".to_owned()),
            Err(failure) => return Err(failure),
        };
        Ok(Self { source: source.with_config(Config::load()?), evidence })
    }

    /// Loads the catalog. Prints the errors of its files.
    pub(crate) fn load(&self) -> Result<Arc<dyn CatalogOwner>, Failure> {
        self.refuse_links().map_err(|file| Failure::Failed(outside_link(&file)))?;
        // This call also checks the overlays of the configuration, and prints the number of warnings.
        Ok(self.open(self.source.load()?))
    }

    fn open(&self, loaded: Loaded) -> Arc<dyn CatalogOwner> {
        let open = |(catalog, dir)| {
            EvidenceReader::open(catalog, dir).map_err(|error| {
                // The error may quote a file. Clients only learn that there is one.
                out::warning(&printable(&error.to_string()));
                "the evidence of this catalog cannot be read; the log of the server states the reason".to_owned()
            })
        };
        Arc::new(LoadedCatalog { loaded, evidence: self.evidence.clone().and_then(open) })
    }

    /// Lists the files from which the catalog and the evidence are loaded.
    fn files(&self) -> Vec<PathBuf> {
        let catalog = self.source.folders().filter_map(|dir| modeldex_compile::catalog_files(dir).ok()).flatten().map(|file| file.path);
        let evidence = self.evidence.iter().filter_map(|(_, dir)| fs::read_dir(dir).ok()).flatten().flatten().map(|entry| entry.path());
        let is_evidence = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl" || extension == "json");
        let mut evidence: Vec<PathBuf> = evidence.filter(is_evidence).collect();
        evidence.sort();
        catalog.chain(evidence).collect()
    }

    /// Fails if a file of the catalog is a link to a file elsewhere: everybody who can reach the server could then read the linked file. The error is
    /// the path of the link.
    fn refuse_links(&self) -> Result<(), PathBuf> {
        let links = self.source.folders().filter_map(|dir| modeldex_compile::links_outside(dir).ok()).flatten();
        links.into_iter().next().map_or(Ok(()), Err)
    }

    /// Loads the catalog again. Does not print errors, but returns them, first as a whole report and second as the code of each error.
    fn reload(&self) -> Result<Arc<dyn CatalogOwner>, (String, Vec<&'static str>)> {
        if self.source.folders().next().is_none() {
            return Ok(self.open(Loaded::BuiltIn(**self.source.built_in)));
        }
        let unreadable = |reason: &str| (format!("{}\n", printable(reason)), vec![UNREADABLE]);
        self.source.folders().try_for_each(|dir| folder(dir).map(|_| ())).map_err(|failure| unreadable(&failure.to_string()))?;
        self.refuse_links().map_err(|file| unreadable(&outside_link(&file)))?;
        let loaded = without_errors(self.source.compile())?;
        Ok(self.open(loaded))
    }
}

impl CatalogOwner for LoadedCatalog {
    fn catalog(&self) -> Catalog<'_> {
        self.loaded.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> ModelEvidence {
        match &self.evidence {
            Err(why) => ModelEvidence::Absent(why.clone()),
            Ok(reader) => found(model, reader.with_model(model, |report| serde_json::to_string(report))),
        }
    }

    fn with_evidence(&self, receive: &mut dyn FnMut(EvidenceLookup<'_>)) {
        let read = match &self.evidence {
            Err(why) => return receive(&|_| ModelEvidence::Absent(why.clone())),
            Ok(reader) => reader.with_catalog(&self.catalog(), |all| {
                receive(&|model| found(model, Ok(all.with_model(model, |report| serde_json::to_string(report)))));
            }),
        };
        if let Err(error) = read {
            let why = printable(&error.to_string()).into_owned();
            receive(&|_| ModelEvidence::Unreadable(why.clone()));
        }
    }
}

/// Converts the evidence of a model to a response.
fn found(model: Model<'_>, report: Result<serde_json::Result<String>, EvidenceReportError>) -> ModelEvidence {
    match report {
        Ok(Ok(json)) => ModelEvidence::Found(json + "\n"),
        // Clients must not learn paths of this machine.
        _ => ModelEvidence::Unreadable(format!("the evidence of `{reference}` cannot be read", reference = model.reference())),
    }
}

/// Code of the error of a folder or file that cannot be read.
const UNREADABLE: &str = "unreadable";

fn outside_link(file: &Path) -> String {
    let file = shown(file);
    format!(
        "`{file}` is a link to a file outside of the catalog folder, and such a file is not served; copy the file into the folder, or link the whole \
         folder"
    )
}

/// Fails if a catalog has errors. Returns them first as a whole report and second as the code of each error. Clients learn only the codes: the report
/// has text of the catalog's files.
fn without_errors(compiled: Compiled) -> Result<Loaded, (String, Vec<&'static str>)> {
    if !compiled.has_errors() {
        warn_about_routes(&compiled);
        return Ok(Loaded::Compiled(Box::new(compiled)));
    }
    let report = render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color());
    let errors = compiled.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    Err((report, errors.map(|error| error.code).collect()))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let expected = "expected an address with a port, such as 127.0.0.1:8787, [::1]:8787 or 0.0.0.0:80";
    local.as_deref().unwrap_or(text).parse().map_err(|_| expected.to_owned())
}
