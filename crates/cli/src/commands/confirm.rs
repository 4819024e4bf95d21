//! `confirm`: writes claimed base URLs and variables of imported providers into `routing.yaml`.

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::files;
use super::import::{EvidenceDir, RECONCILE, catalog_folder, changed, claim, decide, open, open_claims, refuse_unfinished, write_all};
use super::out::{Out, Tone, printable};
use super::units::today;
use modeldex_compile::authored::Variable;
use modeldex_compile::authored::held::{HeldFact, Route};
use modeldex_compile::authored::routing::Confirmed;
use modeldex_compile::authored::{Endpoint, PartialDate, Provider};
use modeldex_compile::write::{Step, edit, schema_line};
use modeldex_compile::{FileKind, is_base_url};
use modeldex_import::author;
use modeldex_table::{AuthKind, VariableRole};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

/// Confirm the base URLs and variables that sources claim for imported providers
///
/// Prints each unconfirmed claim with its sources and the date it was first seen, writes it into `routing.yaml` of the catalog folder, and
/// recomputes the imported facts. No request is sent to an unconfirmed base URL, and no unconfirmed variable is read.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Provider ids
    #[arg(value_name = "PROVIDER", required_unless_present = "all_new")]
    providers: Vec<String>,
    /// All providers without confirmed routing
    #[arg(long, conflicts_with = "providers")]
    all_new: bool,
    /// Reject the claims instead: they are not used and not reported again
    #[arg(long, conflicts_with_all = ["all_new", "source"])]
    reject: bool,
    /// Confirm or reject only this base URL or variable (repeatable)
    #[arg(long, value_name = "VALUE")]
    only: Vec<String>,
    /// URL of the provider's documentation that states the routing
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Print what would be confirmed, without writing it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    evidence: EvidenceDir,
}

const EXAMPLES: &str = "\
Examples:
  modeldex confirm acme --dry-run
  modeldex confirm acme --source https://docs.acme.example/api
  modeldex confirm acme --only ACME_TOKEN
  modeldex confirm acme --reject --only OPENAI_API_KEY";

/// The comment at the top of a new `routing.yaml`.
const HEAD: &str =
    "# Confirmed routing of imported providers: base URLs, variables, headers, authentication. Changed by hand or by `modeldex confirm`.\n";

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.evidence.of(&catalog);
    let _locks = if args.dry_run { None } else { Some((files::lock(&catalog)?, files::lock(&evidence)?)) };
    let mut store = open(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    refuse_unfinished(store.unfinished().as_deref().filter(|unfinished| *unfinished != RECONCILE))?;
    let held = open_claims(&outcome.imported.held.held, &store.registry.routing, &catalog);
    let routing = &store.registry.routing.providers;
    let wanted: BTreeSet<&str> = match args.all_new {
        true => held.iter().map(|fact| fact.provider.as_str()).filter(|id| routing.get(*id).is_none_or(Confirmed::is_empty)).collect(),
        false => args.providers.iter().map(String::as_str).collect(),
    };
    if wanted.is_empty() {
        return Ok(writeln!(out, "no provider without confirmed routing has unconfirmed claims")?);
    }
    let path = catalog.join(FileKind::Routing.path(""));
    let mut are_left = false;
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut text = if old.is_empty() { format!("{}\n{HEAD}", schema_line(FileKind::Routing)) } else { old.clone() };
    for id in wanted {
        if !store.evidence.providers.contains_key(id) {
            return Err(Failure::Failed(format!(
                "no source lists the provider `{}`; `modeldex conflicts --fact providers` lists the unconfirmed claims",
                printable(id)
            )));
        }
        let is_meant = |fact: &&HeldFact| fact.provider == id && (args.only.is_empty() || args.only.contains(&fact.value));
        let claims: Vec<&HeldFact> = held.iter().copied().filter(is_meant).collect();
        if claims.is_empty() {
            let why = if outcome.imported.absent.contains_key(id) {
                "; evidence/absent.yaml states why the provider is not in the catalog"
            } else {
                ""
            };
            return Err(Failure::Failed(format!("`{}` has no such unconfirmed claims{why}", printable(id))));
        }
        let before = routing.get(id).cloned().unwrap_or_default();
        let mut confirming =
            Confirming { before: &before, after: before.clone(), stated: store.stated(id), still_claimed: store.claims_confirmed_url(id) };
        for fact in claims {
            let outcome = if args.reject { confirming.reject(fact) } else { confirming.confirm(fact) };
            let done = if args.reject { "rejected" } else { "confirmed" };
            let (tone, word) = if outcome.is_ok() { (Tone::Good, done) } else { (Tone::Warning, "left") };
            let style = out.style(tone);
            are_left |= outcome.is_err();
            let note = outcome.unwrap_or_else(|why| why);
            writeln!(out, "{style}{word}{style:#}: {}", printable(&claim(fact)))?;
            if !note.is_empty() {
                writeln!(out, "  {}", printable(&note))?;
            }
        }
        if confirming.after == before {
            continue;
        }
        let after = Confirmed {
            source: args.source.clone().or(confirming.after.source),
            checked: args.source.as_ref().and_then(|_| today()).map(PartialDate).or(confirming.after.checked),
            ..confirming.after
        };
        text = written(&text, id, &before, &after).map_err(|refused| Failure::Failed(format!("`{}`: {refused}", shown(&path))))?;
    }
    if are_left {
        writeln!(out, "to confirm the claims that are left, edit {} by hand", shown(&path))?;
    }
    if text == old || old.is_empty() && text.ends_with(HEAD) {
        return Err(Failure::Failed("nothing could be confirmed".to_owned()));
    }
    if args.dry_run {
        return Ok(writeln!(out, "nothing was written: --dry-run")?);
    }
    files::replace(&path, &text)?;
    let mut store = open(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    let changed = changed(&outcome)?;
    write_all(&store, &outcome, &changed, RECONCILE)?;
    Ok(writeln!(out, "written to {}; changed {} other files", shown(&path), changed.len() + outcome.obsolete.len())?)
}

/// The routing of one provider while claims are confirmed.
struct Confirming<'c> {
    before: &'c Confirmed,
    after: Confirmed,
    /// The endpoint and authentication that sources state, confirmed or not.
    stated: Provider,
    /// Whether a source still claims a base URL that is confirmed.
    still_claimed: bool,
}

impl Confirming<'_> {
    /// Rejects one claim.
    fn reject(&mut self, fact: &HeldFact) -> Result<String, String> {
        self.after.rejected.push(fact.value.clone());
        self.after.rejected.sort();
        Ok(String::new())
    }

    /// Confirms one claim. Returns a note on what it replaces, or why `routing.yaml` has to be edited by hand.
    fn confirm(&mut self, fact: &HeldFact) -> Result<String, String> {
        if self.before.is_empty() && self.after.is_empty() && !self.stated.endpoints.is_empty() {
            // Of a new provider, endpoint and authentication are confirmed together.
            self.after.endpoints.clone_from(&self.stated.endpoints);
            self.after.auth.clone_from(&self.stated.auth);
        }
        if fact.is_allowed_by(&self.after) {
            return Ok(String::new());
        }
        match fact.fact {
            Route::BaseUrl => self.base_url(fact),
            Route::Env => self.variable(fact),
        }
    }

    fn base_url(&mut self, fact: &HeldFact) -> Result<String, String> {
        let claimed = self.stated.endpoints.iter().find(|endpoint| endpoint.base_url == fact.value);
        if !is_base_url(&fact.value) {
            return Err("not a base URL".to_owned());
        }
        if self.still_claimed || self.before.is_empty() {
            return Err("sources still claim another base URL".to_owned());
        }
        let [only] = &mut self.after.endpoints[..] else { return Err("the provider has several endpoints".to_owned()) };
        let moved = Endpoint { base_url: fact.value.clone(), api: claimed.map_or(only.api, |claimed| claimed.api), ..only.clone() };
        let replaced = std::mem::replace(only, moved);
        if fact.is_allowed_by(&self.after) {
            return Ok(format!("replaces {}", replaced.base_url));
        }
        self.after.endpoints = vec![replaced];
        Err("its variables differ from those of the confirmed base URL".to_owned())
    }

    fn variable(&mut self, fact: &HeldFact) -> Result<String, String> {
        let Some(role) = author::role(&fact.value) else { return Err("the role of the variable is unknown".to_owned()) };
        let Some(method) = self.after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey) else {
            return Err("the provider has no API-key authentication".to_owned());
        };
        match role {
            VariableRole::Secret => method.env.push(fact.value.clone()),
            role => method.variables.push(Variable { env: vec![fact.value.clone()], role, optional: true, default: None }),
        }
        Ok(String::new())
    }
}

/// The text of `routing.yaml` with the new routing of a provider. Keys that do not change keep their text.
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
