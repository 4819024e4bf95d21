//! `auth status`: which providers have credentials, in which variable and from which place, and what the others lack.

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

/// Show which providers have credentials, and what is missing for the others
///
/// For each provider, shows the variable that is used and whether its value comes from the environment or the configuration. Secrets are never
/// printed. Requests to clouds that require signing, and interactive logins, are listed but not supported.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these providers, by id or alias
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    /// Only providers with credentials
    #[arg(long)]
    usable: bool,
    /// Print an array of objects
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

/// Columns that shrink or go on a narrow terminal, in this order.
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

/// A provider with its credential, or why it has none.
type ProviderCredential<'a> = (Provider<'a>, Result<Credential<'a>, CredentialError>);

/// Writes the table. `named`: the providers were named on the command line, so every missing credential is explained below it.
fn write(found: &[ProviderCredential<'_>], named: bool, places: &CredentialLookup<'_>, out: &mut Out) -> Result<(), Failure> {
    let mut table = Table::new(COLUMNS);
    for (provider, credential) in found {
        table.cell(provider.id());
        match credential {
            Ok(credential) => {
                let word = if kind(credential) == AuthKind::None { "-" } else { "yes" };
                table.toned_cell(if word == "yes" { Tone::Good } else { Tone::Plain }, word);
                let missing = if credential.is_sendable() { "" } else { "request signing is not supported" };
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
    out::note(format!("{usable} of {} providers have credentials", found.len()));
    // A narrow table truncates errors, so they are repeated in full for named providers and for credentials that are invalid, not only missing.
    let is_shown = |error: &CredentialError| named || !matches!(error, CredentialError::Missing(_) | CredentialError::NoAuthMethods);
    for (provider, error) in found.iter().filter_map(|(provider, credential)| Some((provider, credential.as_ref().err()?))) {
        if is_shown(error) {
            out::warning(&printable(&format!("{}: {error}", provider.id())));
        }
    }
    for key in found.iter().filter_map(|(_, credential)| credential.as_ref().ok()?.key.as_ref()).filter(|key| key.trimmed) {
        out::warning(&format!("removed white space or quotes around {}", key.describe_origin()));
    }
    let both = |name: &str| {
        let holds = |text: Option<String>| text.map(Zeroizing::new).is_some_and(|text| is_non_blank(&text));
        holds((places.environment)(name)) && holds((places.config)(name))
    };
    for (provider, credential) in found {
        if let Some(name) = credential.as_ref().ok().and_then(|found| found.key.as_ref()?.variable).filter(|name| both(name)) {
            out::note(format!(
                "{}: {name} is set in the environment and in the configuration; the environment takes precedence",
                provider.id()
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
                // Alternatives, each a list of required values, each a list of variables of which one is enough.
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

/// Variables that are set, the key's first.
fn variables<'a>(credential: &Credential<'a>) -> Vec<&'a str> {
    let key = credential.key.as_ref().and_then(|key| key.variable);
    key.into_iter().chain(credential.values.iter().filter(|value| value.origin.is_some()).map(|value| value.name)).collect()
}

/// The place that the key, or else another value, was read from.
fn place(credential: &Credential<'_>) -> Option<&'static str> {
    let key = credential.key.as_ref().map(|key| key.origin);
    key.or_else(|| credential.values.iter().find_map(|value| value.origin)).map(modeldex_client::credential::CredentialOrigin::as_str)
}

fn missing(error: &CredentialError) -> String {
    let words = error.to_string();
    words.strip_prefix("no key: set ").map_or(words.clone(), str::to_owned)
}
