//! `auth status`: shows, for each provider, which variable has the credential and where the variable is set, or which variables are missing.

use super::catalog_source::{self, CatalogSource};
use super::failure::Failure;
use super::out::{self, Out, Tone, printable};
use super::request::RequestArgs;
use super::table::{Column, Step, Table};
use crate::config::Config;
use modeldex_client::credential::{self, Credential, CredentialError, CredentialLookup, Zeroizing};
use modeldex_table::availability::is_non_blank;
use modeldex_table::{AuthKind, Provider};
use serde_json::{Value, json};
use std::io::Write;

/// Show which providers have credentials, and which variables the other providers require
///
/// For each provider, shows the variable that is used and whether its value comes from the environment or the configuration. Secrets are never
/// printed. Providers that require signed requests or an interactive login are listed too, but modeldex cannot send requests to them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these providers, by id or alias
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    /// Only providers with credentials
    #[arg(long)]
    usable: bool,
    /// Print a JSON array of objects
    #[arg(long)]
    json: bool,
}

const COLUMNS: &[Column] = &[
    Column::text("Provider"),
    Column::text("Auth"),
    Column::text("Kind"),
    Column::text("Variable"),
    Column::text("From"),
    Column::text("Missing"),
];

/// How columns are shortened or dropped on a narrow terminal, in this order.
const NARROWING_STEPS: &[Step] = &[
    Step::Shrink("Missing", 24),
    Step::Drop("Kind"),
    Step::Shrink("Variable", 16),
    Step::Shrink("Missing", 12),
    Step::Shrink("Provider", 1),
];

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let config = Config::load()?;
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let providers = if args.providers.is_empty() {
        catalog.providers().collect()
    } else {
        args.providers.iter().map(|id| catalog_source::provider(&catalog, id)).collect::<Result<Vec<_>, _>>()?
    };
    RequestArgs::default().places(config, |places| {
        let found = providers.into_iter().map(|provider| (provider, Credential::resolve(provider, places)));
        let found = found.filter(|(_, credential)| !args.usable || credential.is_ok()).collect::<Vec<_>>();
        if args.json { write_json(&found, out) } else { write(&found, !args.providers.is_empty(), places, out) }
    })
}

/// A provider with its credential, or with the error that explains why it has none.
type ProviderCredential<'a> = (Provider<'a>, Result<Credential<'a>, CredentialError>);

/// Writes the table. If the providers were named on the command line (`named`), each missing credential is explained below the table.
fn write(found: &[ProviderCredential<'_>], named: bool, places: &CredentialLookup<'_>, out: &mut Out) -> Result<(), Failure> {
    let mut table = Table::new(COLUMNS);
    for (provider, credential) in found {
        table.cell(provider.id());
        match credential {
            Ok(credential) => {
                let word = if kind(credential) == AuthKind::None { "-" } else { "yes" };
                table.toned_cell(if word == "yes" { Tone::Good } else { Tone::Plain }, word);
                let missing = if credential.is_sendable() { "" } else { "modeldex does not support request signing" };
                let place = place(credential).unwrap_or("");
                table.cells(&[&kind(credential), &variables(credential).join(", "), &place, &missing]);
            }
            Err(error) => {
                table.toned_cell(Tone::Warning, "no");
                let kind = provider.auth().next().map_or("?", |auth| auth.kind().as_str());
                table.cells(&[&kind, &"", &"", &missing(error)]);
            }
        }
    }
    table.write(out, NARROWING_STEPS)?;
    let usable = found.iter().filter(|(_, credential)| credential.is_ok()).count();
    out.flush()?;
    out::note(format!("{usable} of {count} providers have credentials", count = found.len()));
    // The table truncates errors on a narrow terminal. Below it, errors are printed in full for named providers and for invalid credentials.
    let is_shown = |error: &CredentialError| named || !matches!(error, CredentialError::Missing(_) | CredentialError::NoAuthMethods);
    for (provider, error) in found.iter().filter_map(|(provider, credential)| Some((provider, credential.as_ref().err()?))) {
        if is_shown(error) {
            out::warning(&printable(&format!("{provider}: {error}", provider = provider.id())));
        }
    }
    for key in found.iter().filter_map(|(_, credential)| credential.as_ref().ok()?.key.as_ref()).filter(|key| key.trimmed) {
        out::warning(&format!("removed white space or quotes around the value of {origin}", origin = key.describe_origin()));
    }
    let both = |name: &str| {
        let holds = |text: Option<String>| text.map(Zeroizing::new).is_some_and(|text| is_non_blank(&text));
        holds((places.environment)(name)) && holds((places.config)(name))
    };
    for (provider, credential) in found {
        if let Some(variable) = credential.as_ref().ok().and_then(|found| found.key.as_ref()?.variable).filter(|name| both(name)) {
            let provider = provider.id();
            out::note(format!(
                "{provider}: {variable} is set in the environment and in the configuration; the value from the environment is used"
            ));
        }
    }
    Ok(())
}

fn write_json(found: &[ProviderCredential<'_>], out: &mut Out) -> Result<(), Failure> {
    let rows = found.iter().map(|(provider, credential)| {
        let mut row = json!({
            "provider": provider.id(),
            "usable": credential.is_ok(),
            "sendable": credential.as_ref().is_ok_and(Credential::is_sendable),
        });
        match credential {
            Ok(credential) => {
                let key = credential.key.as_ref();
                row["kind"] = json!(kind(credential).as_str());
                row["variable"] = json!(key.and_then(|key| key.variable));
                row["variables"] = json!(variables(credential));
                row["from"] = json!(place(credential));
                row["reference"] = json!(key.and_then(|key| key.reference.as_deref()).map(credential::redact_variable_name));
            }
            Err(error) => {
                row["kind"] = json!(provider.auth().next().map(|auth| auth.kind().as_str()));
                // A list per authentication method, with a list per value that the method requires: the variables that may have this value.
                row["missing"] = if let CredentialError::Missing(alternatives) = error { json!(alternatives) } else { json!([]) };
                row["error"] = json!(error.to_string());
            }
        }
        row
    });
    Ok(writeln!(out, "{:#}", rows.collect::<Value>())?)
}

fn kind(credential: &Credential<'_>) -> AuthKind {
    credential.auth.map_or(AuthKind::ApiKey, modeldex_table::Auth::kind)
}

/// Names of the variables from which the credential was read; the first is the variable of the key, if the key was read from a variable.
fn variables<'a>(credential: &Credential<'a>) -> Vec<&'a str> {
    let key = credential.key.as_ref().and_then(|key| key.variable);
    key.into_iter().chain(credential.values.iter().filter(|value| value.origin.is_some()).map(|value| value.name)).collect()
}

/// The place from which the key was read. If the credential has no key, the place from which the first of its values was read; `None` if no value was
/// read.
fn place(credential: &Credential<'_>) -> Option<&'static str> {
    let key = credential.key.as_ref().map(|key| key.origin);
    key.or_else(|| credential.values.iter().find_map(|value| value.origin)).map(modeldex_client::credential::CredentialOrigin::as_str)
}

/// Formats an error for the column Missing. If the error is about missing variables, returns only their names.
fn missing(error: &CredentialError) -> String {
    let message = error.to_string();
    match (error, message.split_once(": set ")) {
        (CredentialError::Missing(_), Some((_, variables))) => variables.to_owned(),
        _ => message,
    }
}
