//! `confirm`: confirms the base URLs, wire protocols and environment variables that sources claim, by writing them into `routing.yaml`.

mod confirmation;
mod refusal;

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::files;
use super::import::{EvidenceDir, begin, catalog_folder, changes, claim, decide, open, open_claims, open_complete};
use super::out::{Out, Tone, printable};
use super::transaction::Change;
use super::units::today;
use super::validation;
use super::words;
use confirmation::RoutingConfirmation;
use modeldex_compile::authored::PartialDate;
use modeldex_compile::authored::held::HeldFact;
use modeldex_compile::authored::routing::{ConfirmedRouting, Routing};
use modeldex_compile::write::{PathSegment, edit, schema_line};
use modeldex_compile::{FileKind, compile};
use modeldex_import::store::Store;
use modeldex_table::Catalog;
use refusal::{Judge, Refusal};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;

/// Confirm the base URLs and environment variables that sources claim for imported providers
///
/// Prints each unconfirmed claim with its sources and the date of its first snapshot, writes the claim into `routing.yaml` of the catalog folder,
/// and recomputes the imported facts. No request is sent to an unconfirmed base URL, and no unconfirmed variable is read.
///
/// A claim that could send an API key to the wrong provider is not confirmed. Such a claim is printed with the reason. A base URL is not confirmed if
/// it is invalid, or if it contains the variable of an API key.
///
/// Sources may claim base URLs with different hosts for one provider. Then only the base URLs that `--only` names are confirmed. `--all-new`
/// compares the base URLs that all sources claim, even if `--source` names one source.
///
/// Another provider may already read a claimed variable. If the two providers have different hosts, the variable is not confirmed. To confirm the
/// variable, first list the variable under `shared_variables` in `routing.yaml`, with the ids of both providers.
///
/// Two kinds of variables are confirmed only if `--only` names them: variables that another provider with the same hosts already reads, and variables
/// that sources claim for several providers. `--all-new` also skips variables whose names begin with the id of
/// another provider.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids of the providers
    #[arg(value_name = "PROVIDER", required_unless_present = "all_new")]
    providers: Vec<String>,
    /// Confirm the claims for all providers that have no endpoint and no authentication method yet
    #[arg(long, conflicts_with = "providers")]
    all_new: bool,
    /// Reject the claims instead of confirming them. Rejected claims are not used, and are not reported again
    #[arg(long, conflicts_with_all = ["all_new", "source"])]
    reject: bool,
    /// Confirm or reject only this base URL or variable (repeatable)
    #[arg(long, value_name = "VALUE")]
    only: Vec<String>,
    /// With the name of a source in `sources.yaml`, confirm only the claims of this source. With a URL, confirm the claims of all sources, and record
    /// the URL in `routing.yaml` as the page on which the provider states the routing
    #[arg(long, value_name = "SOURCE|URL", value_parser = ClaimOrigin::parse)]
    source: Option<ClaimOrigin>,
    /// Print the changes without writing them
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    evidence: EvidenceDir,
}

/// The value of `--source`.
#[derive(Clone)]
enum ClaimOrigin {
    /// URL of a page that states the routing. It is written into `routing.yaml`.
    Page(String),
    /// Name of a source in `sources.yaml`. Only its claims are confirmed.
    Source(String),
}

impl ClaimOrigin {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") { words::web_address(text).map(Self::Page) } else { Ok(Self::Source(text.to_owned())) }
    }
}

const EXAMPLES: &str = "\
Examples:
  modeldex confirm acme --dry-run
  modeldex confirm acme --source https://docs.acme.example/api
  modeldex confirm acme --only ACME_TOKEN
  modeldex confirm --all-new --source models.dev --dry-run
  modeldex confirm acme --reject --only OPENAI_API_KEY";

/// The comment at the top of a new `routing.yaml`.
const HEADER: &str =
    "# Confirmed routing of imported providers: base URLs, variables, headers, authentication. Changed by hand or by `modeldex confirm`.\n";

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.evidence.of(&catalog);
    if !evidence.is_dir() {
        return Err(Failure::Failed(format!("there is no evidence folder `{folder}`", folder = shown(&evidence))));
    }
    let transaction = begin(&catalog, &evidence, args.dry_run)?;
    let mut store = open_complete(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    let all_held = open_claims(&outcome.held.held, &store.registry.routing, &catalog);
    let page = match &args.source {
        Some(ClaimOrigin::Page(url)) => Some(url),
        _ => None,
    };
    let held = of_source(&all_held, args.source.as_ref(), &store)?;
    let routing = &store.registry.routing.providers;
    let compiled = compile(&catalog);
    let compiled = compiled.catalog();
    let judge = Judge::new(&compiled, &store.registry.routing, &all_held, &outcome.held.absent);
    let providers: BTreeSet<&str> = match args.all_new {
        true => {
            let selected = held.iter().filter(|fact| args.only.is_empty() || args.only.contains(&fact.value));
            selected.map(|fact| fact.provider.as_str()).filter(|id| is_new(id, &store.registry.routing, &compiled)).collect()
        }
        false => args.providers.iter().map(String::as_str).collect(),
    };
    if providers.is_empty() {
        return Ok(writeln!(
            out,
            "nothing to confirm: `--all-new` skips providers that already have endpoints or authentication methods, and the other providers \
            have no unconfirmed claims"
        )?);
    }
    let path = catalog.join(FileKind::Routing.path(""));
    let old = files::read(&path)?.unwrap_or_default();
    let mut text = if old.is_empty() { format!("{}\n{HEADER}", schema_line(FileKind::Routing)) } else { old.clone() };
    let mut report = Vec::new();
    let mut unmatched: Vec<&String> = args.only.iter().collect();
    let mut has_changes = false;
    for &id in &providers {
        if !store.evidence.providers.contains_key(id) {
            return Err(Failure::Failed(format!(
                "no source lists the provider `{provider}`; `modeldex conflicts --fact providers` lists the unconfirmed claims",
                provider = printable(id)
            )));
        }
        let all = store.routing_claims(id);
        let is_named = |fact: &&HeldFact| args.only.contains(&fact.value);
        let mut claims: Vec<&HeldFact> =
            held.iter().copied().filter(|fact| fact.provider == id && (args.only.is_empty() || is_named(fact))).collect();
        if args.reject {
            // For claims that are confirmed or rejected already, the report states so.
            claims.extend(all.iter().filter(|fact| is_named(fact) && !held.contains(fact)));
        }
        if outcome.absent.contains_key(id) {
            return Err(Failure::Failed(format!("the provider `{id}` is not in the catalog; evidence/absent.yaml states the reason")));
        }
        if claims.is_empty() {
            let provider = printable(id);
            return Err(Failure::Failed(if args.only.is_empty() {
                format!("the provider `{provider}` has no unconfirmed claims")
            } else {
                format!("`--only` matches no unconfirmed claim about the provider `{provider}`")
            }));
        }
        unmatched.retain(|value| claims.iter().all(|fact| fact.value != **value));
        let stated = store.claimed_provider(id, None);
        // Variables are sorted by the order of preference that the sources state.
        let order: Vec<&String> = stated.auth.iter().flat_map(|auth| &auth.env).collect();
        claims.sort_by_key(|fact| (fact.fact, order.iter().position(|name| **name == fact.value).unwrap_or(usize::MAX)));
        let before = routing.get(id).cloned().unwrap_or_default();
        let mut after = before.clone();
        if args.reject {
            report.extend(claims.into_iter().map(|fact| (claim(fact), reject(&mut after, fact), String::new())));
        } else {
            let mut accepted = Vec::new();
            // A person who names the claims or the provider has seen them.
            let is_unseen = args.all_new && args.only.is_empty();
            for fact in claims {
                let named_after_other = || is_unseen.then(|| judge.named_after_other(fact)).flatten();
                match judge.refusal(fact, &before).or_else(named_after_other) {
                    None => accepted.push((fact, String::new())),
                    Some(Refusal::Shared(readers)) if is_named(&fact) && !args.all_new => accepted.push((fact, readers)),
                    Some(Refusal::Shared(readers)) => {
                        let why = format!("{readers}; to send the value of the variable to {id} too, name the variable with `--only`");
                        report.push((claim(fact), Err(why), String::new()));
                    }
                    Some(Refusal::Forbidden(why)) => report.push((claim(fact), Err(why), String::new())),
                }
            }
            let facts: Vec<&HeldFact> = accepted.iter().map(|(fact, _)| *fact).collect();
            // `--source` limits the claims that are confirmed, but not those that contradict them.
            let contradicts = |fact: &&&HeldFact| is_unseen && fact.provider == id && judge.refusal(fact, &before).is_none();
            let rivals: Vec<&HeldFact> = all_held.iter().filter(contradicts).copied().collect();
            let mut confirmation = RoutingConfirmation::new(id, &before, &facts, &rivals, &store);
            let mut confirmed: Vec<_> = accepted.into_iter().map(|(fact, also)| (claim(fact), confirmation.confirm(fact), also)).collect();
            after = confirmation.after;
            if let Some(missing) = missing(&after).filter(|_| args.all_new) {
                // The provider stays new, so that a later confirmation finds all of its claims.
                after = before.clone();
                let why = || Err(format!("the provider would still have no {missing}"));
                confirmed.iter_mut().filter(|(_, outcome, _)| outcome.is_ok()).for_each(|(_, outcome, _)| *outcome = why());
            }
            // Notes about the readers of a variable are about confirmed claims.
            confirmed.iter_mut().filter(|(_, outcome, _)| outcome.is_err()).for_each(|(.., also)| also.clear());
            report.extend(confirmed);
        }
        if after == before {
            continue;
        }
        has_changes = true;
        let after = ConfirmedRouting {
            source: page.cloned().or(after.source),
            checked: page.map(|_| PartialDate(today())).or(after.checked),
            ..after
        };
        text = written(&text, id, &before, &after).map_err(|error| Failure::Failed(format!("`{path}`: {error}", path = shown(&path))))?;
    }
    if let Some(value) = unmatched.first() {
        return Err(Failure::Failed(format!("`--only {value}` matches no unconfirmed claim", value = printable(value))));
    }
    if has_changes {
        let mut store = open(&catalog, &evidence)?;
        store.registry.routing = Routing::parse(&text)
            .map_err(|error| Failure::Failed(format!("the change would make `{path}` invalid: {error}", path = shown(&path))))?;
        let outcome = decide(&mut store)?;
        let mut changes = changes(&outcome)?;
        changes.push(Change { path: &path, text: Some(&text) });
        validation::changes(&catalog, &changes)?;
        if let Some(transaction) = &transaction {
            transaction.commit("confirm", &changes)?;
        }
    }
    let done = if args.reject { "rejected" } else { "confirmed" };
    let any_skipped = report.iter().any(|(_, outcome, _)| outcome.is_err());
    for (claim, outcome, also) in report {
        let (tone, word) = if outcome.is_ok() { (Tone::Good, done) } else { (Tone::Warning, "skipped") };
        let style = out.style(tone);
        writeln!(out, "{style}{word}{style:#}: {}", printable(&claim))?;
        for note in [outcome.unwrap_or_else(|why| why), also].iter().filter(|note| !note.is_empty()) {
            writeln!(out, "  {}", printable(note))?;
        }
    }
    if any_skipped {
        writeln!(out, "the skipped claims did not change the routing; to change the routing by hand, edit {path}", path = shown(&path))?;
    }
    match (has_changes, args.dry_run) {
        (false, _) if args.reject => Err(Failure::Failed("no claim was rejected".to_owned())),
        (false, _) => Err(Failure::Failed("no claim was confirmed".to_owned())),
        (true, true) => Ok(writeln!(out, "nothing was written, because `--dry-run` is set")?),
        (true, false) => Ok(writeln!(out, "the changes were written to {path}", path = shown(&path))?),
    }
}

/// Returns the claims of the source that `--source` names; all claims if `--source` does not name a source.
fn of_source<'h>(held: &[&'h HeldFact], origin: Option<&ClaimOrigin>, store: &Store) -> Result<Vec<&'h HeldFact>, Failure> {
    let Some(ClaimOrigin::Source(name)) = origin else { return Ok(held.to_vec()) };
    let sources = &store.registry.sources.sources;
    if !sources.contains_key(name) {
        let (name, known) = (printable(name), sources.keys().cloned().collect::<Vec<_>>().join(", "));
        return Err(Failure::Usage(format!("`--source {name}` is neither a URL nor a source of sources.yaml; known sources: {known}")));
    }
    Ok(held.iter().copied().filter(|fact| fact.sources.contains(name)).collect())
}

/// Returns whether a provider has no routing yet, neither in `routing.yaml` nor in a hand-written file.
fn is_new(provider: &str, routing: &Routing, catalog: &Catalog<'_>) -> bool {
    let has_routing = |id| catalog.provider(id).is_some_and(|provider| provider.endpoints().len() + provider.auth().len() > 0);
    routing.providers.get(provider).is_none_or(ConfirmedRouting::is_empty) && !has_routing(provider)
}

/// Returns a part that requests need but the routing does not have; `None` if the routing has all parts.
const fn missing(routing: &ConfirmedRouting) -> Option<&'static str> {
    match (routing.endpoints.is_empty(), routing.auth.is_empty()) {
        (true, _) => Some("base URL"),
        (_, true) => Some("authentication method"),
        (false, false) => None,
    }
}

/// Rejects one claim. Returns an error if the claim cannot be rejected.
fn reject(after: &mut ConfirmedRouting, fact: &HeldFact) -> Result<String, String> {
    let is_stated = after.endpoints.iter().any(|endpoint| endpoint.base_url == fact.value);
    if is_stated || fact.is_confirmed_by(after) {
        return Err("the value is already confirmed".to_owned());
    }
    if after.rejects(&fact.value) {
        return Err("the value is already rejected".to_owned());
    }
    after.rejected.push(fact.value.clone());
    after.rejected.sort();
    Ok(String::new())
}

/// Returns `routing.yaml` with the new routing of a provider. Keys that do not change keep their text.
fn written(
    text: &str,
    id: &str,
    before: &ConfirmedRouting,
    after: &ConfirmedRouting,
) -> Result<String, modeldex_compile::write::EditError> {
    let whole = [PathSegment::Key("providers"), PathSegment::Key(id)];
    if *before == ConfirmedRouting::default() {
        return edit(text, FileKind::Routing, &whole, Some(&json!(after)));
    }
    let (before, after) = (json!(before), json!(after));
    let mut text = text.to_owned();
    for (key, value) in after.as_object().into_iter().flatten() {
        if before.get(key) != Some(value) {
            let path: Vec<PathSegment<'_>> = whole.iter().copied().chain([PathSegment::Key(key)]).collect();
            text = edit(&text, FileKind::Routing, &path, Some(value))?;
        }
    }
    Ok(text)
}
