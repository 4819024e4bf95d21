//! What the commands that ask a server have in common: where values are looked up, which endpoint is meant, and Ctrl-C.

use super::failure::Failure;
use super::out;
use super::sections;
use crate::config::{Config, OutdatedModels};
use modeldex_client::credential::CredentialLookup;
use modeldex_client::endpoint::EndpointSelector;
use modeldex_client::error::ClientError;
use modeldex_client::http::{CancelToken, HttpLimits};
use modeldex_table::availability::is_non_blank;
use modeldex_table::{Catalog, Model, Resolved, Status};
use serde_json::{Value, json};
use std::time::Duration;

/// What may be said about how a server is asked.
#[derive(clap::Args, Default)]
#[command(next_help_heading = "Asking")]
pub(crate) struct AskingArgs {
    /// Ask this endpoint of the provider, by its id
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Ask the endpoint that serves this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Use this key; `${NAME}` or `NAME` takes it from that variable, which keeps it out of the shell's history
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Wait no longer than this for a whole answer
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
}

impl AskingArgs {
    /// Which endpoint of `provider` is meant: what was asked for, else what the configuration says.
    pub(crate) fn choice<'c>(&'c self, config: &'c Config, provider: &str) -> EndpointSelector<'c> {
        if self.endpoint.is_some() || self.region.is_some() {
            return EndpointSelector { endpoint: self.endpoint.as_deref(), region: self.region.as_deref() };
        }
        EndpointSelector { endpoint: config.endpoint(provider), region: config.region(provider) }
    }

    /// Fails when a key was given for this one request and it would go to more than one provider: it belongs to one, and the others would
    /// only learn it.
    pub(crate) fn refuse_a_key_for<'p>(&self, mut providers: impl Iterator<Item = &'p str>) -> Result<(), Failure> {
        let first = providers.next();
        if self.api_key().is_none() || first.is_some() && providers.all(|other| Some(other) == first) {
            return Ok(());
        }
        Err(Failure::Usage("`--api-key` is the key of one provider: name models of one provider only, or that provider".to_owned()))
    }

    /// How long may be waited, where it is usually `whole` for an answer.
    pub(crate) fn limits(&self, whole: Duration) -> HttpLimits {
        let whole = self.timeout.map_or(whole, Duration::from_secs);
        let usual = HttpLimits::default();
        HttpLimits {
            connect_timeout: usual.connect_timeout.min(whole),
            idle_timeout: usual.idle_timeout.min(whole),
            total_timeout: whole,
            ..usual
        }
    }

    /// The key that was given for this one request. Empty and white space alone count as not given, as they do of a variable.
    fn api_key(&self) -> Option<&str> {
        self.api_key.as_deref().filter(|key| is_non_blank(key))
    }

    /// Hands `look` the places where values are looked up.
    pub(crate) fn places<T>(&self, config: &Config, look: impl FnOnce(&CredentialLookup<'_>) -> T) -> T {
        config.places(self.api_key(), look)
    }
}

/// Calls things off when Ctrl-C is pressed. A second time, or where that does not end it soon, as when nobody reads what is written, the
/// program ends without ceremony.
pub(crate) fn cancel_on_interrupt() -> CancelToken {
    const GRACE: Duration = Duration::from_secs(2);
    let cancel = CancelToken::default();
    let on_interrupt = cancel.clone();
    let set = ctrlc::set_handler(move || {
        if on_interrupt.is_cancelled() {
            std::process::exit(130);
        }
        on_interrupt.cancel();
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            std::process::exit(130);
        });
    });
    if let Err(error) = set {
        log::debug!("Ctrl-C ends the program without ceremony: {error}");
    }
    cancel
}

/// The model that `reference` names. Of one that is dead on the wire, deprecated or retired it is said what replaced it, and then it is
/// gone on with or not, as the configuration says.
pub(crate) fn model<'a>(catalog: &'a Catalog<'a>, reference: &'a str, config: &Config) -> Result<Model<'a>, Failure> {
    let resolved = catalog.resolve(reference)?;
    let Some(what) = outdated(reference, &resolved) else { return Ok(resolved.model) };
    match config.settings.outdated_models {
        Some(OutdatedModels::Warn) | None => out::warning(&what),
        Some(OutdatedModels::Refuse) => {
            return Err(Failure::Failed(format!("{what}; `outdated_models` in the configuration says to stop here")));
        }
    }
    Ok(resolved.model)
}

/// What is outdated about a reference, when something is, and what replaced it.
fn outdated(reference: &str, resolved: &Resolved<'_>) -> Option<String> {
    let model = resolved.model;
    let mut parts = Vec::new();
    if let Some(alias) = resolved.alias.filter(|alias| alias.kind() == modeldex_table::AliasKind::Legacy) {
        let why = sections::why(alias.reason(), None);
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        parts.push(format!("`{reference}` is a legacy id{why}: `{}` replaced it and is asked", model.reference()));
    }
    if let status @ (Status::Retired | Status::Deprecated) = model.status() {
        let life = model.lifecycle();
        let since = life.since.map(|date| format!(" since {date}")).unwrap_or_default();
        let instead =
            life.replacement.map_or_else(|| "the catalog names no successor".to_owned(), |next| format!("use `{}`", next.reference()));
        parts.push(format!("`{}` is {status}{since}: {instead}", model.reference()));
    }
    (!parts.is_empty()).then(|| out::printable(&parts.join("; ")).into_owned())
}

/// A problem as JSON.
pub(crate) fn problem_json(problem: &ClientError) -> Value {
    json!({
        "kind": problem.kind.as_str(),
        "message": problem.message,
        "next_step": problem.kind.next_step(),
        "temporary": problem.kind.is_temporary(),
        "status": problem.status,
        "retry_after_seconds": problem.retry_after.map(|wait| wait.as_secs_f64()),
    })
}
