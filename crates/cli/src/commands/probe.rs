//! `probe`: sends requests to endpoints and reports whether they agree with the catalog.

use super::catalog_source::{self, CatalogSource, shown};
use super::failure::Failure;
use super::import::{EvidenceDir, catalog_folder};
use super::out::{self, Out, Tone, printable};
use super::request::{self, RequestArgs};
use super::table::{Column, Step, Table};
use super::{files, json, transaction, units};
use crate::config::Config;
use modeldex_client::credential::{Credential, CredentialLookup};
use modeldex_client::error::ClientError;
use modeldex_client::generate::Client;
use modeldex_client::http::CancelToken;
use modeldex_client::probe::{ProbeReport, ProbeRequest, ProbeResult, probe};
use modeldex_compile::FileKind;
use modeldex_compile::write;
use modeldex_import::probes::{Probe, Probes};
use modeldex_support::file;
use modeldex_support::parallel::on_threads;
use modeldex_table::{Catalog, Model, ModelKind, Provider};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Check endpoints against the catalog: base URL, key, model
///
/// Requests the list of models of each endpoint. With --live, also sends a minimal request to a model, because the lists are unreliable: some listed
/// models do not respond, and some models respond but are not listed. Without PROVIDER or REF, checks all providers with credentials.
///
/// Each result has one of these verdicts: ok, wrong-base-url, key-rejected, no-key, model-unknown, overloaded, rate-limited, quota, wrong-protocol,
/// tls, dns, unreachable, timeout, refused, server-error, cut-off, bad-answer, unsupported. The page docs/guide/probe-endpoints.md explains the
/// verdicts.
///
/// The exit code is 1 if any verdict is not ok, and 130 after Ctrl-C.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Providers, or models as `provider/model`
    #[arg(value_name = "PROVIDER|REF")]
    subjects: Vec<String>,
    /// Check all providers. If a provider has no credentials, check its base URL without a key
    #[arg(long, conflicts_with = "subjects")]
    all: bool,
    /// Also send a minimal request to each given model, and to the default model of each given provider; each request costs a few tokens
    #[arg(long)]
    live: bool,
    /// Add the verdicts to the evidence of the catalog folder, with today's date
    #[arg(long)]
    record: bool,
    /// Number of endpoints to check in parallel
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Number of retries while a server is overloaded
    #[arg(long, value_name = "N", default_value_t = 1)]
    retries: u32,
    /// Print a JSON object with all verdicts and the totals
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    evidence: EvidenceDir,
}

const COLUMNS: &[Column] =
    &[Column::text("What"), Column::text("Endpoint"), Column::text("Verdict"), Column::text("By"), Column::number("Time")];

/// Columns that shrink or are dropped on a narrow terminal, in this order.
const NARROWING_STEPS: &[Step] =
    &[Step::Shrink("Endpoint", 24), Step::Drop("Time"), Step::Drop("By"), Step::Shrink("Endpoint", 12), Step::Shrink("What", 1)];

/// Default timeout for a whole response.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum number of new models printed on a terminal for each provider. A new model is one that the provider lists but the catalog does not have.
const MAX_NEW_MODELS: usize = 20;

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    // Resolved before the first request, so that verdicts can be recorded.
    let recording = if args.record { Some(args.evidence.of(&catalog_folder(source)?)) } else { None };
    let config = Config::load()?;
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    args.request.places(config, |places| {
        let subjects = subjects(args, &catalog, config, places)?;
        args.request.refuse_key_for_several(subjects.iter().map(|subject| subject.provider.id()))?;
        if subjects.is_empty() {
            let message = "no provider has credentials; name a provider, set the variable of an API key (`modeldex auth status` lists the \
                           variables), or use `--all`";
            return Err(Failure::Failed(message.to_owned()));
        }
        let cancel = request::cancel_on_interrupt();
        let client = Client::new(args.request.limits(REQUEST_TIMEOUT), args.retries, cancel.clone());
        let reports = probe_all(args, &client, &subjects, config, &cancel);
        let totals = VerdictCounts::of(&reports);
        if args.json {
            write_json(&reports, &totals, out)?;
        } else {
            // The models that the catalog does not have are printed first, because there can be many of them, and the verdicts should be last.
            write_new(&reports, out)?;
            write_table(&reports, out)?;
            out.flush()?;
            out::note(totals.summary(subjects.len(), &reports));
        }
        if let Some(dir) = &recording {
            record(dir, &reports)?;
        }
        if cancel.is_cancelled() {
            return Err(Failure::Cancelled("interrupted; the verdicts of the endpoints checked so far are printed above".to_owned()));
        }
        if totals.failed() > 0 { Err(Failure::Reported) } else { Ok(()) }
    })
}

/// Returns the endpoints to check, each with those of its models that the command line names.
fn subjects<'a>(
    args: &Args,
    catalog: &'a Catalog<'a>,
    config: &Config,
    places: &CredentialLookup<'_>,
) -> Result<Vec<ProbeRequest<'a>>, Failure> {
    if args.subjects.is_empty() {
        let is_selected = |provider: &Provider<'_>| {
            // A local service without authentication is only checked if the command line names it, because the service need not be running.
            args.all || Credential::resolve(*provider, places).is_ok_and(|found| found.key.is_some())
        };
        let providers = catalog.providers().filter(is_selected);
        return Ok(providers.filter_map(|provider| subject(args, config, provider, None)).collect());
    }
    let mut subjects: Vec<ProbeRequest<'a>> = Vec::new();
    for word in &args.subjects {
        let new = if word.contains('/') {
            // The error is converted to text, because it borrows from the arguments.
            let resolved = word.split_once('/').and_then(|(provider, id)| catalog.resolve_in(provider, id));
            let Some(resolved) = resolved else {
                let unknown = catalog.resolve(word).err().map(|error| error.to_string()).unwrap_or_default();
                return Err(Failure::Failed(printable(&unknown).into_owned()));
            };
            subject(args, config, resolved.model.provider(), Some(resolved.model))
        } else {
            subject(args, config, catalog_source::provider(catalog, word)?, None)
        };
        let Some(new) = new else {
            let subject = printable(word);
            return Err(Failure::Failed(format!(
                "`{subject}` has no confirmed endpoint; `modeldex providers show` lists the unconfirmed endpoints"
            )));
        };
        let same = |other: &&mut ProbeRequest<'_>| {
            let place =
                |subject: &ProbeRequest<'_>| (subject.provider.index(), subject.endpoint.id().to_owned(), subject.models.is_empty());
            place(other) == place(&new)
        };
        match subjects.iter_mut().find(same) {
            Some(known) => known.models.extend(new.models.into_iter().filter(|model| !known.models.contains(model)).collect::<Vec<_>>()),
            None => subjects.push(new),
        }
    }
    Ok(subjects)
}

/// Returns the endpoint to check for a provider or model; `None` if it has no endpoint. If the options or the configuration select an endpoint that
/// does not exist, the report of the probe contains this error as its result.
fn subject<'a>(args: &Args, config: &Config, provider: Provider<'a>, model: Option<Model<'a>>) -> Option<ProbeRequest<'a>> {
    let choice = args.request.choice(config, provider.id());
    let chosen = model.map_or_else(|| choice.for_provider(provider), |model| choice.for_model(model));
    let first = || model.map_or_else(|| provider.endpoints().next(), |model| model.endpoints().next());
    let (endpoint, selection_error) = match chosen {
        Ok(endpoint) => (endpoint, None),
        Err(problem) => (first()?, Some(problem)),
    };
    Some(ProbeRequest { provider, endpoint, models: model.into_iter().collect(), live: args.live, selection_error })
}

/// Checks all endpoints in parallel and prints the progress. Returns the reports in the order of `subjects`. After an interrupt, endpoints whose
/// check had not started have no report.
fn probe_all<'a>(
    args: &Args,
    client: &Client,
    subjects: &[ProbeRequest<'a>],
    config: &Config,
    cancel: &CancelToken,
) -> Vec<ProbeReport<'a>> {
    let done = AtomicUsize::new(0);
    let visible = std::io::stderr().is_terminal() && subjects.len() > 1;
    let reports = on_threads(usize::from(args.jobs), subjects, |_, subject| {
        if cancel.is_cancelled() {
            return None;
        }
        let report = args.request.places(config, |places| probe(client, subject, places));
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if visible {
            let (total, provider) = (subjects.len(), subject.provider.id());
            let _ = write!(std::io::stderr(), "\r\x1b[Kchecked {done} of {total} endpoints: {provider}");
        }
        Some(report)
    });
    if visible {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    reports.into_iter().flatten().collect()
}

/// Number of results with each verdict.
struct VerdictCounts(BTreeMap<&'static str, usize>);

impl VerdictCounts {
    fn of(reports: &[ProbeReport<'_>]) -> Self {
        let mut counts = BTreeMap::new();
        for finding in reports.iter().flat_map(|report| &report.results) {
            *counts.entry(finding.verdict_code()).or_insert(0) += 1;
        }
        Self(counts)
    }

    fn failed(&self) -> usize {
        self.0.iter().filter(|(word, _)| **word != "ok").map(|(_, count)| count).sum()
    }

    fn summary(&self, subjects: usize, reports: &[ProbeReport<'_>]) -> String {
        let ok = self.0.get("ok").copied().unwrap_or(0);
        let others = self.0.iter().filter(|(word, _)| **word != "ok").map(|(verdict, count)| format!(", {count} {verdict}"));
        let verdicts = format!("{ok} ok{other_verdicts}", other_verdicts = others.collect::<String>());
        match subjects - reports.len() {
            0 => verdicts,
            1 => format!("{verdicts}; 1 endpoint was not checked"),
            count => format!("{verdicts}; {count} endpoints were not checked"),
        }
    }
}

fn write_table(reports: &[ProbeReport<'_>], out: &mut Out) -> Result<(), Failure> {
    let mut table = Table::new(COLUMNS);
    for finding in reports.iter().flat_map(|report| &report.results) {
        table.cells(&[&what(finding), &finding.endpoint.base_url()]);
        let tone = match &finding.verdict {
            Ok(_) => Tone::Good,
            Err(problem) if problem.kind.is_temporary() => Tone::Warning,
            Err(_) => Tone::Error,
        };
        table.toned_cell(tone, finding.verdict_code());
        table.cells(&[&finding.basis.as_str(), &format_args!("{} ms", finding.duration.as_millis())]);
    }
    table.write(out, NARROWING_STEPS)?;
    let dim = out.style(Tone::Dim);
    for finding in reports.iter().flat_map(|report| &report.results) {
        let problem = finding.verdict.as_ref().err();
        let next_step = |problem: &ClientError| problem.to_string().split_off(problem.message.len() + 2);
        let lines =
            [("problem", problem.map(|problem| problem.message.clone())), ("hint", finding.hint.clone()), ("help", problem.map(next_step))];
        if lines.iter().any(|(_, line)| line.is_some()) {
            writeln!(out, "\n{}", printable(&what(finding)))?;
        }
        for (name, line) in lines.into_iter().filter_map(|(name, line)| Some((name, line?))) {
            writeln!(out, "  {dim}{name:7}{dim:#}  {}", printable(&line))?;
        }
    }
    for report in reports.iter().filter(|report| !report.unlisted_models.is_empty()) {
        let Some(finding) = report.results.first().filter(|finding| finding.model.is_none() || report.results.len() == 1) else {
            continue;
        };
        let ids = report.unlisted_models.iter().take(5).map(|model| model.id()).collect::<Vec<_>>().join(", ");
        let more = if report.unlisted_models.len() > 5 { ", ..." } else { "" };
        let (provider, ids) = (finding.provider.id(), printable(&ids));
        match report.unlisted_models.len() {
            1 => writeln!(out, "\n{provider}: 1 model of the catalog is missing from the server's list: {ids}")?,
            count => writeln!(out, "\n{provider}: {count} models of the catalog are missing from the server's list: {ids}{more}")?,
        }
    }
    Ok(())
}

/// Writes the models that a server lists and the catalog does not have, as entries of a catalog file.
fn write_new(reports: &[ProbeReport<'_>], out: &mut Out) -> Result<(), Failure> {
    let mut written = BTreeSet::new();
    for report in reports.iter().filter(|report| !report.new_ids.is_empty()) {
        let Some(finding) = report.results.first() else { continue };
        if !written.insert((finding.provider.id(), finding.endpoint.id())) {
            continue;
        }
        let shown = if out.width().is_some() { report.new_ids.len().min(MAX_NEW_MODELS) } else { report.new_ids.len() };
        let provider = finding.provider.id();
        writeln!(out, "# The server lists these models, but catalog/providers/{provider}.yaml does not have them.")?;
        write!(out, "{}", new_models(&report.new_ids[..shown]))?;
        if shown < report.new_ids.len() {
            let hidden = match report.new_ids.len() - shown {
                1 => "1 more model".to_owned(),
                count => format!("{count} more models"),
            };
            writeln!(out, "# Not printed: {hidden}; to print all models, use `--json` or redirect the output to a file.")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Formats entries of a catalog file for model ids, to paste under `models`.
fn new_models(ids: &[String]) -> String {
    let models = ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>();
    let text = write::render(&json!({"models": models}), FileKind::Provider);
    // Only a whole file starts with a line that names the schema, so that line is removed.
    text.find("models:").map_or(text.clone(), |at| text[at..].to_owned())
}

fn write_json(reports: &[ProbeReport<'_>], totals: &VerdictCounts, out: &mut Out) -> Result<(), Failure> {
    let findings = reports.iter().flat_map(|report| &report.results).map(|finding| {
        json!({
            "provider": finding.provider.id(),
            "model": finding.model.map(Model::id),
            "endpoint": finding.endpoint.id(),
            "base_url": finding.endpoint.base_url(),
            "api": finding.endpoint.api().as_str(),
            "verdict": finding.verdict_code(),
            "by": finding.basis.as_str(),
            "problem": finding.verdict.as_ref().err().map(request::problem_json),
            "hint": finding.hint,
            "milliseconds": u64::try_from(finding.duration.as_millis()).unwrap_or(u64::MAX),
        })
    });
    let lists = reports.iter().filter_map(|report| {
        let finding = report.results.first()?;
        let listed = report.listed_ids.as_ref()?;
        Some(json!({
            "provider": finding.provider.id(),
            "endpoint": finding.endpoint.id(),
            "listed": listed.len(),
            "new": report.new_ids,
            "new_yaml": if report.new_ids.is_empty() { Value::Null } else { new_models(&report.new_ids).into() },
            "unlisted": report.unlisted_models.iter().map(|model| model.id()).collect::<Vec<_>>(),
        }))
    });
    let object = json!({"findings": findings.collect::<Value>(), "lists": lists.collect::<Value>(), "totals": totals.0});
    Ok(writeln!(out, "{}", json::harmless(&object))?)
}

/// Adds verdicts to the evidence, except verdicts about an API key or a temporary failure, which state nothing about the catalog.
fn record(dir: &std::path::Path, reports: &[ProbeReport<'_>]) -> Result<(), Failure> {
    let day = units::now().date();
    let mut by_provider: BTreeMap<&str, Vec<Probe>> = BTreeMap::new();
    for finding in reports.iter().flat_map(|report| &report.results) {
        let lasting = finding.verdict.as_ref().err().is_none_or(|problem| problem.kind.contradicts_catalog());
        if !lasting {
            continue;
        }
        by_provider.entry(finding.provider.id()).or_default().push(Probe {
            model: finding.model.map(|model| model.id().to_owned()),
            base_url: finding.endpoint.base_url().to_owned(),
            api: finding.endpoint.api().as_str().to_owned(),
            method: "probe".to_owned(),
            verdict: finding.verdict_code().to_owned(),
            by: finding.basis.as_str().to_owned(),
            date: day.to_string(),
        });
    }
    // Locked, because two concurrent recordings would overwrite each other's verdicts.
    let _lock = transaction::lock(dir)?;
    let probes_folder = dir.join("probes");
    file::remove_leftovers_in(&probes_folder).map_err(files::cannot(&probes_folder, "cleaned up"))?;
    let (mut count, mut changed) = (0, 0);
    for (provider, found) in by_provider {
        let path = Probes::path(dir, provider);
        let mut probes = Probes::read(dir, provider).map_err(|error| Failure::Failed(error.to_string()))?;
        count += found.len();
        found.into_iter().for_each(|probe| probes.add(probe));
        changed += usize::from(files::replace_below(dir, &path, &probes.render()?)?);
    }
    let folder = shown(&dir.join("probes"));
    out::note(format!("verdicts recorded in the evidence: {count}; files changed in {folder}: {changed}"));
    Ok(())
}

fn what(finding: &ProbeResult<'_>) -> String {
    match finding.model {
        Some(model) if model.kind() == ModelKind::Chat => model.reference().to_string(),
        Some(model) => format!("{} ({})", model.reference(), model.kind()),
        None => finding.provider.id().to_owned(),
    }
}
