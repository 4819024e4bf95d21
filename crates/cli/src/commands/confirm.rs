//! `confirm`: lets keys of imported providers go where sources claim, after a person has looked.

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::files;
use super::import::{EvidenceDir, catalog_folder, changed, claim, decide, open, open_claims, write_all};
use super::out::{Out, printable};
use super::units::today;
use modeldex_compile::FileKind;
use modeldex_compile::authored::held::{HeldFact, Route};
use modeldex_compile::authored::routing::Confirmed;
use modeldex_compile::authored::{Endpoint, PartialDate, Provider};
use modeldex_compile::write::{Step, edit, schema_line};
use modeldex_table::AuthKind;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

/// Confirm where the keys of imported providers go
///
/// Shows what sources claim of the routing of each provider and nobody confirmed, with the sources and since when; writes it into `routing.yaml`
/// of the catalog folder, and decides the imported facts anew. Until then nothing is sent there.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The providers, by id
    #[arg(value_name = "PROVIDER", required_unless_present = "all_new")]
    providers: Vec<String>,
    /// Every provider of which nothing is confirmed yet
    #[arg(long, conflicts_with = "providers")]
    all_new: bool,
    /// Where it was looked up: the documentation of the provider
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Show what would be confirmed, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    evidence: EvidenceDir,
}

const EXAMPLES: &str = "\
Examples:
  modeldex confirm acme --dry-run
  modeldex confirm acme --source https://docs.acme.example/api";

/// The comment at the top of a new `routing.yaml`.
const HEAD: &str = "# Where the keys of imported providers go. Only a person changes this file, or `modeldex confirm`.\n";

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.evidence.of(&catalog);
    let _locks = if args.dry_run { None } else { Some((files::lock(&catalog)?, files::lock(&evidence)?)) };
    let mut store = open(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    let held = open_claims(&outcome.imported.held.held, &store.registry.routing, &catalog);
    let routing = &store.registry.routing.providers;
    let wanted: BTreeSet<&str> = match args.all_new {
        true => held.iter().map(|fact| fact.provider.as_str()).filter(|id| !routing.contains_key(*id)).collect(),
        false => args.providers.iter().map(String::as_str).collect(),
    };
    if wanted.is_empty() {
        return Ok(writeln!(out, "nothing is held of a provider that is new")?);
    }
    let path = catalog.join(FileKind::Routing.path(""));
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut text = if old.is_empty() { format!("{}\n{HEAD}", schema_line(FileKind::Routing)) } else { old };
    for id in wanted {
        let claims: Vec<&HeldFact> = held.iter().copied().filter(|fact| fact.provider == id).collect();
        if claims.is_empty() {
            let why = if outcome.imported.absent.contains_key(id) { "; evidence/absent.yaml has the reason why it is absent" } else { "" };
            return Err(Failure::Unknown(format!("nothing is held of `{}`{why}", printable(id))));
        }
        for fact in &claims {
            writeln!(out, "{}", printable(&claim(fact)))?;
        }
        let before = routing.get(id).cloned().unwrap_or_default();
        let after = with_claims(&before, &claims, &store.stated(id)).map_err(|why| {
            Failure::Failed(format!("{} cannot be confirmed by a command: {why}; edit `{}` by hand", printable(id), shown(&path)))
        })?;
        let after = Confirmed {
            source: args.source.clone().or(after.source),
            checked: args.source.as_ref().and_then(|_| today()).map(PartialDate).or(after.checked),
            ..after
        };
        text = written(&text, id, &before, &after).map_err(|refused| Failure::Failed(format!("`{}`: {refused}", shown(&path))))?;
    }
    if args.dry_run {
        return Ok(());
    }
    files::replace(&path, &text)?;
    let mut store = open(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    let changed = changed(&outcome)?;
    write_all(&outcome, &changed)?;
    Ok(writeln!(out, "confirmed in {}; changed {} other files", shown(&path), changed.len() + outcome.obsolete.len())?)
}

/// The routing of a provider with what is claimed of it.
fn with_claims(before: &Confirmed, claims: &[&HeldFact], stated: &Provider) -> Result<Confirmed, String> {
    let mut after = before.clone();
    if before.endpoints.is_empty() && before.auth.is_empty() {
        after.endpoints.clone_from(&stated.endpoints);
        after.auth.clone_from(&stated.auth);
    }
    for fact in claims.iter().filter(|fact| fact.fact == Route::BaseUrl) {
        if fact.is_allowed_by(&after) {
            continue;
        }
        let claimed = stated.endpoints.iter().find(|endpoint| endpoint.base_url == fact.value);
        let claimed = claimed.ok_or_else(|| "the protocol of its base URL is not known".to_owned())?;
        match &mut after.endpoints[..] {
            [] => after.endpoints.push(claimed.clone()),
            [only] => *only = Endpoint { base_url: claimed.base_url.clone(), api: claimed.api, ..only.clone() },
            several => return Err(format!("it has {} endpoints, and which of them has moved is not known", several.len())),
        }
    }
    let claimed = stated.auth.first();
    for fact in claims.iter().filter(|fact| fact.fact == Route::Env) {
        if fact.is_allowed_by(&after) {
            continue;
        }
        let is_key = claimed.is_some_and(|auth| auth.env.contains(&fact.value));
        let variable = claimed.and_then(|auth| auth.variables.iter().find(|variable| variable.env.contains(&fact.value)));
        let method = after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey);
        match (method, variable) {
            (Some(method), _) if is_key => method.env.push(fact.value.clone()),
            (Some(method), Some(variable)) => method.variables.push(variable.clone()),
            _ => return Err(format!("what the variable `{}` is for is not known", fact.value)),
        }
    }
    // A base URL may name variables that are nothing without it.
    match claims.iter().find(|fact| !fact.is_allowed_by(&after)) {
        Some(fact) => Err(format!("`{}` needs a variable that is not confirmed", fact.value)),
        None => Ok(after),
    }
}

/// The text of `routing.yaml` with the routing of a provider: only what changes is written.
fn written(text: &str, id: &str, before: &Confirmed, after: &Confirmed) -> Result<String, modeldex_compile::write::Refused> {
    let whole = [Step::Key("providers"), Step::Key(id)];
    if *before == Confirmed::default() {
        return edit(text, FileKind::Routing, &whole, Some(&json!(after)));
    }
    let (before, after) = (json!(before), json!(after));
    let mut text = text.to_owned();
    for (key, value) in after.as_object().into_iter().flatten() {
        if before.get(key) != Some(value) {
            let path: Vec<Step<'_>> = whole.iter().copied().chain([Step::Key(key)]).collect();
            text = edit(&text, FileKind::Routing, &path, Some(value))?;
        }
    }
    Ok(text)
}
