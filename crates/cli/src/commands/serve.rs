//! `serve`: the catalog over HTTP, for whoever fetches it today from elsewhere.

use super::catalog_source::{CatalogSource, Loaded, folder};
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
    CatalogOwner, CatalogWatcher, EvidenceLookup, LogFormat, ModelEvidence, ServerEvent, ServerOptions, ShutdownOutcome, Site, serve,
};
use modeldex_table::{Catalog, Model};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Serve the catalog over HTTP
///
/// What other tools fetch is under the paths that they ask for: /api.json of models.dev, /v2/providers of Catwalk, /v1/models of OpenAI,
/// LiteLLM's map of prices. Beside it are /models with the filters of `models list`, /models/REF with its evidence, /providers, /health and
/// /openapi.json, which describes all of it.
///
/// The folders of --catalog and --overlay are watched: an edit is served within a second or two, and one with an error is reported while
/// what was served before still is. SIGTERM or Ctrl-C lets the answers finish that are on their way.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Listen here; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    listen: SocketAddr,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// How requests are told on stderr
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words::log())]
    log: LogFormat,
    #[command(flatten)]
    limits: Limits,
}

/// What one client may take from the others.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
struct Limits {
    /// As many connections at once; one more is told to come back later
    #[arg(long, value_name = "COUNT", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    max_connections: u32,
    /// How long answers may still take once it is stopped
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    grace: u32,
    /// How long the headers of a request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    header_timeout: u32,
    /// How long a connection may stay without a request
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    idle_timeout: u32,
    /// How long an answer may take, and a second more for each 8 KiB of it
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    answer_timeout: u32,
}

pub(crate) fn run(args: &Args, source: &CatalogSource) -> Result<(), Failure> {
    let serving = Serving::new(source, &args.evidence)?;
    // Before anything is read, so that no edit falls in between.
    let watch = {
        let serving = serving.clone();
        CatalogWatcher::new(serving.watched(), Box::new(move || serving.reload()))
    };
    let site = Site::new(serving.load()?, units::now());
    let limits = &args.limits;
    let seconds = |count: u32| Duration::from_secs(count.into());
    let options = ServerOptions {
        listen: args.listen,
        max_connections: limits.max_connections,
        grace_period: seconds(limits.grace),
        header_timeout: seconds(limits.header_timeout),
        idle_timeout: seconds(limits.idle_timeout),
        response_timeout: seconds(limits.answer_timeout),
        log: args.log,
    };
    match serve(site, Some(watch), &options, Box::new(io::stderr()), Arc::new(tell)) {
        Ok(ShutdownOutcome::Completed) => Ok(()),
        Ok(ShutdownOutcome::GracePeriodExpired(count)) => {
            let connections = if count == 1 { "1 connection was" } else { &format!("{count} connections were") };
            out::note(format_args!("{connections} cut off: the {} seconds of --grace are over", limits.grace));
            Ok(())
        }
        Ok(ShutdownOutcome::Forced) => Err(Failure::Cancelled("stopped at once".to_owned())),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

fn tell(event: ServerEvent) {
    match event {
        ServerEvent::Listening(address) => {
            if !address.ip().is_loopback() {
                out::warning("this is open to the network, without TLS; docs/serving.md shows how to put a proxy before it");
            }
            out::note(format_args!("listening on http://{address}"));
        }
        ServerEvent::Reloaded { models } => out::note(format_args!("the catalog has changed: {models} models are served now")),
        ServerEvent::ReloadFailed(report) => {
            out::report(&report);
            out::warning("the catalog has changed and cannot be served; what was served before still is");
        }
        ServerEvent::Stopping { connections: 0 } => out::note("stopping"),
        ServerEvent::Stopping { connections } => out::note(format_args!("stopping; {connections} connections are being finished")),
        ServerEvent::AcceptFailed(error) => out::warning(&format!("no connection can be taken for now: {error}")),
    }
}

/// Which catalog is served, and how it is read.
#[derive(Clone)]
pub(crate) struct Serving {
    /// Its overlays are those of the configuration, and above them those of the options.
    source: CatalogSource,
    /// The catalog folder that the evidence belongs to, and its own.
    evidence: Result<(PathBuf, PathBuf), String>,
}

/// A catalog that is served, with the evidence beside it.
struct Held {
    loaded: Loaded,
    evidence: Result<EvidenceReader, String>,
}

impl Serving {
    /// The folders that these options and the configuration name.
    pub(crate) fn new(source: &CatalogSource, dir: &EvidenceDir) -> Result<Self, Failure> {
        let evidence = match evidence::folders(dir, source) {
            Ok(folders) => Ok(folders),
            Err(failure) if dir.is_asked_for() => return Err(failure),
            Err(Failure::Failed(_)) => Err("there is no evidence beside this catalog".to_owned()),
            Err(failure) => return Err(failure),
        };
        let overlay = Config::load()?.overlays().chain(source.overlay.iter().cloned()).collect();
        Ok(Self { source: CatalogSource { overlay, ..source.clone() }, evidence })
    }

    /// The catalog as a command reads it; its errors are reported.
    pub(crate) fn load(&self) -> Result<Arc<dyn CatalogOwner>, Failure> {
        // Checks the overlays of the configuration, too, and counts warnings.
        Ok(self.held(self.source.load()?))
    }

    fn held(&self, loaded: Loaded) -> Arc<dyn CatalogOwner> {
        let open = |(catalog, dir)| EvidenceReader::open(catalog, dir).map_err(|error| printable(&error.to_string()).into_owned());
        Arc::new(Held { loaded, evidence: self.evidence.clone().and_then(open) })
    }

    /// Every folder whose change is a change of what is served.
    fn watched(&self) -> Vec<PathBuf> {
        self.source.catalog.iter().chain(&self.source.overlay).chain(self.evidence.as_ref().ok().map(|(_, dir)| dir)).cloned().collect()
    }

    /// The catalog once more; or why there is none, as a report and in a line. Nothing is printed.
    fn reload(&self) -> Result<Arc<dyn CatalogOwner>, (String, String)> {
        if self.source.folders().next().is_none() {
            return Ok(self.held(Loaded::BuiltIn(**self.source.built_in)));
        }
        let unreadable = |failure: Failure| (format!("{}\n", printable(&failure.to_string())), failure.to_string());
        self.source.folders().try_for_each(|dir| folder(dir).map(|_| ())).map_err(unreadable)?;
        let loaded = sound(self.source.compile())?;
        Ok(self.held(loaded))
    }
}

impl CatalogOwner for Held {
    fn catalog(&self) -> Catalog<'_> {
        self.loaded.catalog()
    }

    fn evidence(&self, model: Model<'_>) -> ModelEvidence {
        match &self.evidence {
            Err(why) => ModelEvidence::Absent(why.clone()),
            Ok(reader) => found(model, reader.with_model(model, |report| serde_json::to_string(report))),
        }
    }

    fn with_evidence(&self, tell: &mut dyn FnMut(EvidenceLookup<'_>)) {
        let read = match &self.evidence {
            Err(why) => return tell(&|_| ModelEvidence::Absent(why.clone())),
            Ok(reader) => reader.with_catalog(&self.catalog(), |all| {
                tell(&|model| found(model, Ok(all.with_model(model, |report| serde_json::to_string(report)))));
            }),
        };
        if let Err(error) = read {
            let why = printable(&error.to_string()).into_owned();
            tell(&|_| ModelEvidence::Unreadable(why.clone()));
        }
    }
}

/// The evidence report of a model as an answer.
fn found(model: Model<'_>, report: Result<serde_json::Result<String>, EvidenceReportError>) -> ModelEvidence {
    match report {
        Ok(Ok(json)) => ModelEvidence::Found(json + "\n"),
        // Clients elsewhere do not see the folders of this machine.
        _ => ModelEvidence::Unreadable(format!("the evidence of `{}` cannot be read", model.reference())),
    }
}

/// A catalog without errors.
fn sound(compiled: Compiled) -> Result<Loaded, (String, String)> {
    if !compiled.has_errors() {
        return Ok(Loaded::Compiled(Box::new(compiled)));
    }
    let report = render(&compiled.diagnostics, &compiled.source_files, Format::Human, out::stderr_color());
    let mut errors = compiled.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let Some(first) = errors.next() else { return Err((report, "the catalog has errors".to_owned())) };
    let count = match errors.count() {
        0 => "1 error".to_owned(),
        others => format!("{} errors, the first is", others + 1),
    };
    // Whoever asks from elsewhere is not told where the folders of this machine are: the file in its folder is enough.
    let path = &compiled.source_files.get(first.span.file).path;
    let file = path.rmatch_indices('/').nth(1).map_or(path.as_str(), |(at, _)| &path[at + 1..]);
    let (start, _) = compiled.source_files.positions(first.span);
    let reason = format!("{count}: {file}:{}:{}: {} ({})", start.line, start.column, first.message, first.code);
    Err((report, reason))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let said = "it is an address with a port, such as 127.0.0.1:8787, [::1]:8787 or 0.0.0.0:80";
    local.as_deref().unwrap_or(text).parse().map_err(|_| said.to_owned())
}
