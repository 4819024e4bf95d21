//! `confirm`: writes the base URLs and environment variables that sources claim for imported providers into `routing.yaml`.

use super::catalog_source::{CatalogSource, shown};
use super::failure::Failure;
use super::import::{EvidenceDir, begin, catalog_folder, changes, claim, decide, open, open_claims};
use super::out::{Out, Tone, printable};
use super::transaction::Change;
use super::units::today;
use super::validation;
use super::words;
use modeldex_compile::authored::held::{HeldFact, RoutingFact};
use modeldex_compile::authored::routing::{ConfirmedRouting, Routing, variables_in};
use modeldex_compile::authored::{Auth, Endpoint, PartialDate, Provider, Variable};
use modeldex_compile::write::{PathSegment, edit, schema_line};
use modeldex_compile::{FileKind, is_valid_base_url};
use modeldex_import::entries;
use modeldex_table::{Api, AuthKind, VariableRole};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;

/// Confirm the base URLs and environment variables that sources claim for imported providers
///
/// Prints each unconfirmed claim with its sources and the date of its first snapshot, writes it into `routing.yaml` of the catalog folder, and
/// recomputes the imported facts. No request is sent to an unconfirmed base URL, and no unconfirmed variable is read.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids of the providers
    #[arg(value_name = "PROVIDER", required_unless_present = "all_new")]
    providers: Vec<String>,
    /// Confirm the claims for all providers that have no confirmed routing yet
    #[arg(long, conflicts_with = "providers")]
    all_new: bool,
    /// Reject the claims instead of confirming them; rejected claims are not used and not reported again
    #[arg(long, conflicts_with_all = ["all_new", "source"])]
    reject: bool,
    /// Confirm or reject only this base URL or variable (repeatable)
    #[arg(long, value_name = "VALUE")]
    only: Vec<String>,
    /// URL of the provider's documentation that states the routing
    #[arg(long, value_name = "URL", value_parser = words::web_address)]
    source: Option<String>,
    /// Print the changes without writing them
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
const HEADER: &str =
    "# Confirmed routing of imported providers: base URLs, variables, headers, authentication. Changed by hand or by `modeldex confirm`.\n";

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let catalog = catalog_folder(source)?;
    let evidence = args.evidence.of(&catalog);
    if !evidence.is_dir() {
        return Err(Failure::Failed(format!("there is no evidence folder `{folder}`", folder = shown(&evidence))));
    }
    let transaction = begin(&catalog, &evidence, args.dry_run)?;
    let mut store = open(&catalog, &evidence)?;
    let outcome = decide(&mut store)?;
    let held = open_claims(&outcome.imported.held.held, &store.registry.routing, &catalog);
    let routing = &store.registry.routing.providers;
    let providers: BTreeSet<&str> = match args.all_new {
        true => {
            held.iter().map(|fact| fact.provider.as_str()).filter(|id| routing.get(*id).is_none_or(ConfirmedRouting::is_empty)).collect()
        }
        false => args.providers.iter().map(String::as_str).collect(),
    };
    if providers.is_empty() {
        return Ok(writeln!(
            out,
            "nothing to confirm: `--all-new` skips providers that already have confirmed routing, and no other provider has \
            unconfirmed claims"
        )?);
    }
    let path = catalog.join(FileKind::Routing.path(""));
    let old = fs::read_to_string(&path).unwrap_or_default();
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
            // A claim that changes only the path of a confirmed base URL is not held back, but can be rejected too.
            claims.extend(all.iter().filter(|fact| is_named(fact) && !held.contains(fact)));
        }
        if outcome.imported.absent.contains_key(id) {
            return Err(Failure::Failed(format!("the provider `{id}` is not in the catalog; evidence/absent.yaml states the reason")));
        }
        if claims.is_empty() {
            let provider = printable(id);
            return Err(Failure::Failed(if args.only.is_empty() {
                format!("the provider `{provider}` has no unconfirmed claims")
            } else {
                format!("no unconfirmed claim of the provider `{provider}` has a value that `--only` names")
            }));
        }
        unmatched.retain(|value| claims.iter().all(|fact| fact.value != **value));
        let stated = store.claimed_provider(id);
        // Variables are sorted by the order of preference that the sources state.
        let order: Vec<&String> = stated.auth.iter().flat_map(|auth| &auth.env).collect();
        claims.sort_by_key(|fact| (fact.fact, order.iter().position(|name| **name == fact.value).unwrap_or(usize::MAX)));
        let before = routing.get(id).cloned().unwrap_or_default();
        let mut after = before.clone();
        if args.reject {
            for fact in claims {
                report.push((claim(fact), reject(&mut after, fact), String::new()));
            }
        } else {
            let mut confirmation = RoutingConfirmation::new(&before, &claims, &all, stated);
            for fact in claims {
                let outcome = confirmation.confirm(fact);
                let also = if outcome.is_ok() { shared_with(fact, routing) } else { String::new() };
                report.push((claim(fact), outcome, also));
            }
            after = confirmation.after;
        }
        if after == before {
            continue;
        }
        has_changes = true;
        let after = ConfirmedRouting {
            source: args.source.clone().or(after.source),
            checked: args.source.as_ref().map(|_| PartialDate(today())).or(after.checked),
            ..after
        };
        text = written(&text, id, &before, &after).map_err(|error| Failure::Failed(format!("`{path}`: {error}", path = shown(&path))))?;
    }
    if let Some(value) = unmatched.first() {
        return Err(Failure::Failed(format!(
            "no unconfirmed claim has the value `{value}`, which `--only` names",
            value = printable(value)
        )));
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
        writeln!(out, "to change the routing for skipped claims, edit {path} by hand", path = shown(&path))?;
    }
    match (has_changes, args.dry_run) {
        (false, _) if args.reject => Err(Failure::Failed("no claim was rejected".to_owned())),
        (false, _) => Err(Failure::Failed("no claim was confirmed".to_owned())),
        (true, true) => Ok(writeln!(out, "nothing was written, because of --dry-run")?),
        (true, false) => Ok(writeln!(out, "the changes were written to {path}", path = shown(&path))?),
    }
}

/// Rejects one claim. Returns an error if the claim cannot be rejected.
fn reject(after: &mut ConfirmedRouting, fact: &HeldFact) -> Result<String, String> {
    let is_stated = after.endpoints.iter().any(|endpoint| endpoint.base_url == fact.value);
    if is_stated || fact.fact == RoutingFact::Env && fact.is_confirmed_by(after) {
        return Err("the value is already confirmed".to_owned());
    }
    if after.rejects(&fact.value) {
        return Err("the value is already rejected".to_owned());
    }
    after.rejected.push(fact.value.clone());
    after.rejected.sort();
    Ok(String::new())
}

/// Lists other providers that read the claimed variable: after the confirmation, their API key is also sent to the provider of the claim.
fn shared_with(fact: &HeldFact, routing: &BTreeMap<String, ConfirmedRouting>) -> String {
    const MAX_NAMED: usize = 3;
    if fact.fact != RoutingFact::Env {
        return String::new();
    }
    let others: Vec<&str> = routing
        .iter()
        .filter(|(id, confirmed)| **id != fact.provider && confirmed.allows_variable(&fact.value))
        .map(|(id, _)| id.as_str())
        .collect();
    match &others[..] {
        [] => String::new(),
        [provider] => format!("the provider {provider} also reads this variable"),
        others if others.len() > MAX_NAMED => {
            let (providers, count) = (others[..MAX_NAMED].join(", "), others.len() - MAX_NAMED);
            format!("other providers also read this variable: {providers} and {count} more")
        }
        others => format!("other providers also read this variable: {providers}", providers = others.join(", ")),
    }
}

/// The routing of one provider while its claims are confirmed. Only values of these claims are added to the routing.
struct RoutingConfirmation<'c> {
    after: ConfirmedRouting,
    /// The wire protocol that sources state, for a new endpoint.
    api: Option<Api>,
    /// The base URL to confirm if several are claimed: the base URL that the sources prefer, or the only base URL that was selected.
    first_url: Option<&'c str>,
    /// Whether a source currently claims a base URL that is confirmed.
    still_claimed: bool,
}

impl<'c> RoutingConfirmation<'c> {
    fn new(before: &ConfirmedRouting, claims: &[&'c HeldFact], all: &[HeldFact], stated: Provider) -> Self {
        let of = |route: RoutingFact| move |fact: &&&HeldFact| fact.fact == route;
        let urls: Vec<&str> = claims.iter().filter(of(RoutingFact::BaseUrl)).map(|fact| fact.value.as_str()).collect();
        let chosen = stated.endpoints.first();
        let is_chosen = |url: &&str| chosen.is_some_and(|endpoint| endpoint.base_url == **url);
        let first_url = urls.iter().copied().find(|url| is_chosen(url)).or(if let [only] = urls[..] { Some(only) } else { None });
        let mut after = before.clone();
        if after.auth.is_empty() {
            let names: Vec<String> = claims.iter().filter(of(RoutingFact::Env)).map(|fact| fact.value.clone()).collect();
            let is_usable = |url: &&str| chosen.is_some() && is_valid_base_url(url);
            let url = first_url.filter(is_usable).or(before.endpoints.first().map(|endpoint| endpoint.base_url.as_str()));
            after.auth.extend(entries::infer_auth(&names, url.unwrap_or_default()).or_else(|| entries::infer_auth(&names, "")));
        }
        let still_claimed = all.iter().any(|fact| fact.fact == RoutingFact::BaseUrl && fact.is_confirmed_by(before));
        Self { after, api: chosen.map(|endpoint| endpoint.api), first_url, still_claimed }
    }

    /// Confirms one claim. Returns a note if the claim replaces a value, or as an error the reason why `routing.yaml` has to be edited by hand.
    fn confirm(&mut self, fact: &HeldFact) -> Result<String, String> {
        match fact.fact {
            _ if fact.is_confirmed_by(&self.after) => Ok(String::new()),
            RoutingFact::BaseUrl => self.base_url(&fact.value),
            RoutingFact::Env => self.variable(&fact.value),
        }
    }

    fn base_url(&mut self, url: &str) -> Result<String, String> {
        if !is_valid_base_url(url) {
            return Err("the value is not a base URL".to_owned());
        }
        let endpoint = match &self.after.endpoints[..] {
            [] if self.first_url != Some(url) => return Err("sources claim several base URLs; choose one with `--only`".to_owned()),
            [] => new_endpoint(url, self.api.ok_or("the wire protocol of the base URL is unknown")?),
            [_] if self.still_claimed => return Err("the provider has a confirmed base URL, which sources still claim".to_owned()),
            [_] if self.first_url != Some(url) => return Err("sources claim several base URLs; choose one with `--only`".to_owned()),
            [only] => Endpoint { base_url: url.to_owned(), ..only.clone() },
            _ => return Err("the provider has several endpoints, and it is unknown to which of them the base URL belongs".to_owned()),
        };
        let mut after = ConfirmedRouting { endpoints: vec![endpoint], ..self.after.clone() };
        for name in variables_in(url) {
            let declares = |auth: &Auth| auth.variables.iter().any(|variable| variable.env.iter().any(|known| known == name));
            if after.auth.iter().any(declares) {
                continue;
            }
            let role = entries::variable_role(name).filter(|role| *role != VariableRole::Secret);
            let (Some(role), Some(auth)) = (role, after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey)) else {
                return Err(format!("the base URL contains the variable {name}, which has an unknown role or is an API key"));
            };
            auth.variables.push(Variable { env: vec![name.to_owned()], role, optional: false, default: None });
        }
        if !after.allows_url(url) {
            return Err("the value is not a plain base URL, or contains an API key".to_owned());
        }
        let replaced = std::mem::replace(&mut self.after, after).endpoints;
        Ok(replaced.first().map_or_else(String::new, |replaced| format!("this base URL replaces {old}", old = replaced.base_url)))
    }

    fn variable(&mut self, name: &str) -> Result<String, String> {
        let Some(role) = entries::variable_role(name) else { return Err("the role of the variable is unknown".to_owned()) };
        let Some(method) = self.after.auth.iter_mut().find(|auth| auth.kind == AuthKind::ApiKey) else {
            return Err("the provider has no authentication method with an API key".to_owned());
        };
        match role {
            VariableRole::Secret => method.env.push(name.to_owned()),
            role => method.variables.push(Variable { env: vec![name.to_owned()], role, optional: true, default: None }),
        }
        Ok(String::new())
    }
}

/// An endpoint with a base URL and a protocol, and no other fields.
fn new_endpoint(base_url: &str, api: Api) -> Endpoint {
    let base_url = base_url.to_owned();
    Endpoint { id: None, base_url, api, region: None, plan: None, headers: BTreeMap::new(), compat: None }
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
