//! Options and helpers shared by the commands that send requests: endpoint selection, credentials, timeouts, Ctrl-C.

use super::failure::Failure;
use super::out;
use crate::config::{Config, OutdatedModels};
use modeldex_client::credential::CredentialLookup;
use modeldex_client::endpoint::EndpointSelector;
use modeldex_client::error::ClientError;
use modeldex_client::http::{CancelToken, HttpLimits};
use modeldex_table::availability::is_non_blank;
use modeldex_table::{Catalog, Model, Resolved, Status};
use serde_json::{Value, json};
use std::time::Duration;

/// Options of commands that send requests to a provider.
#[derive(clap::Args, Default)]
#[command(next_help_heading = "Request options")]
pub(crate) struct RequestArgs {
    /// Id of the endpoint to use
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Use the endpoint of this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// API key for this request. With `NAME` or `${NAME}`, the key is read from the variable NAME, which keeps the key out of the shell history
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Timeout for the whole response, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
}

impl RequestArgs {
    /// Returns which endpoint of `provider` to use: the one that `--endpoint` or `--region` selects, else the one that the configuration selects.
    pub(crate) fn choice<'c>(&'c self, config: &'c Config, provider: &str) -> EndpointSelector<'c> {
        if self.endpoint.is_some() || self.region.is_some() {
            return EndpointSelector { endpoint: self.endpoint.as_deref(), region: self.region.as_deref() };
        }
        EndpointSelector { endpoint: config.endpoint(provider), region: config.region(provider) }
    }

    /// Fails if the key of `--api-key` would be sent to more than one provider: a key is a secret of one provider and must not reach another.
    pub(crate) fn refuse_key_for_several<'p>(&self, mut providers: impl Iterator<Item = &'p str>) -> Result<(), Failure> {
        let first = providers.next();
        if self.api_key().is_none() || first.is_some() && providers.all(|other| Some(other) == first) {
            return Ok(());
        }
        Err(Failure::Usage("`--api-key` applies to a single provider; name one provider, or models of one provider".to_owned()))
    }

    /// Returns the timeouts of a request. `whole` is the timeout for the whole response if `--timeout` is not given.
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

    /// Returns the key of `--api-key`. A blank key counts as not given, like a blank variable.
    fn api_key(&self) -> Option<&str> {
        self.api_key.as_deref().filter(|key| is_non_blank(key))
    }

    /// Calls `look` with the places that credentials are read from: `--api-key`, the environment, the configuration.
    pub(crate) fn places<T>(&self, config: &Config, look: impl FnOnce(&CredentialLookup<'_>) -> T) -> T {
        config.places(self.api_key(), look)
    }
}

/// Returns a token that Ctrl-C cancels. The process exits at once on a second Ctrl-C, or if it does not end within 2 seconds of the first, for
/// example because stdout blocks.
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
        log::debug!("cannot handle Ctrl-C, so Ctrl-C ends the process at once: {error}");
    }
    cancel
}

/// Resolves `reference` to a model. If the reference is a legacy alias, or the model is deprecated or retired, prints a warning that names the
/// replacement; if the configuration sets `outdated_models` to `refuse`, fails instead.
pub(crate) fn model<'a>(catalog: &'a Catalog<'a>, reference: &'a str, config: &Config) -> Result<Model<'a>, Failure> {
    let resolved = catalog.resolve(reference)?;
    let Some(problem) = outdated(reference, &resolved) else { return Ok(resolved.model) };
    match config.settings.outdated_models {
        Some(OutdatedModels::Warn) | None => out::warning(&problem),
        Some(OutdatedModels::Refuse) => {
            return Err(Failure::Failed(format!(
                "{problem}; no request was sent, because the configuration sets `outdated_models` to `refuse`"
            )));
        }
    }
    Ok(resolved.model)
}

/// Describes why a reference is outdated and what replaces it; `None` if it is not outdated.
fn outdated(reference: &str, resolved: &Resolved<'_>) -> Option<String> {
    let model = resolved.model;
    let mut parts = Vec::new();
    if let Some(alias) = resolved.alias.filter(|alias| alias.kind() == modeldex_table::AliasKind::Legacy) {
        let replacement = model.reference();
        parts.push(match alias.reason() {
            Some(reason) => format!("`{reference}` is a legacy id ({reason}); using its replacement `{replacement}`"),
            None => format!("`{reference}` is a legacy id; using its replacement `{replacement}`"),
        });
    }
    if let status @ (Status::Retired | Status::Deprecated) = model.status() {
        let (life, reference) = (model.lifecycle(), model.reference());
        parts.push(match (life.since, life.replacement.map(Model::reference)) {
            (Some(date), Some(replacement)) => format!("`{reference}` has been {status} since {date}; use `{replacement}`"),
            (None, Some(replacement)) => format!("`{reference}` is {status}; use `{replacement}`"),
            (Some(date), None) => format!("`{reference}` has been {status} since {date}, and the catalog states no replacement"),
            (None, None) => format!("`{reference}` is {status}, and the catalog states no replacement"),
        });
    }
    (!parts.is_empty()).then(|| out::printable(&parts.join("; ")).into_owned())
}

/// Converts the error of a request to JSON.
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
