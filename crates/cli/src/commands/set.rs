//! `set` and `unset`: set or remove one hand-written fact of a model, base model or provider.

use super::catalog_source::{CatalogSource, shown};
use super::evidence;
use super::failure::Failure;
use super::import::catalog_folder;
use super::out::{self, Out, printable};
use super::transaction::Transaction;
use super::units::today;
use super::validation;
use super::{catalog_source, files, words};
use modeldex_compile::authored::citation::Citation;
use modeldex_compile::authored::{self, PartialDate};
use modeldex_compile::diagnostic::{Diagnostic, Severity};
use modeldex_compile::write::{PathSegment, edit, edit_keeping_empty, has_comment, parse, schema_line};
use modeldex_compile::{Compiled, FileChange, FileKind, compile, compile_overlay, compile_with_changes, schema};
use modeldex_import::comparison::{self, CatalogValues};
use modeldex_import::statement::FactKey;
use modeldex_table::{Auth, Catalog, Fact, FactType, Meter, Origin, OriginPart, Rate, nearest};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Set a fact by hand, overriding the imported value
///
/// Writes the fact into `providers/<id>.yaml` or `models/<lab>.yaml` of the catalog folder. The catalog folder is the folder of --overlay or
/// --catalog. Without these options, it is the folder `catalog` in the current folder. Imports do not change a fact that was set by hand. `modeldex
/// unset` removes a fact that was set by hand. If the fact is a single rate, such as `price.input`, the whole current price list is written, with the
/// new rate.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    subject: FactArgs,
    /// The value, as YAML: `200000`, `true`, `[text, image]`
    value: String,
    /// URL of the page that states the value; stored with today's date
    #[arg(long, value_name = "URL", value_parser = words::web_address)]
    source: Option<String>,
    /// Reason why the value is set by hand; stored with the value
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Remove a fact that was set by hand
///
/// Removes the fact from the hand-written file. Entries and files that become empty are removed too. If the fact has an imported value, the imported
/// value applies again.
#[derive(clap::Args)]
pub(crate) struct UnsetArgs {
    #[command(flatten)]
    subject: FactArgs,
}

#[derive(clap::Args)]
struct FactArgs {
    /// A model (`provider/model`), a provider, or a base model (`lab/model`), by id or alias
    #[arg(value_name = "REF")]
    reference: String,
    /// Name of the fact, such as `context_window`, `tool_call`, `price.input` or `status`
    #[arg(value_name = "FACT")]
    fact: String,
    /// Look up REF as a base model, even if a provider has a model with the same reference
    #[arg(long)]
    base: bool,
}

const EXAMPLES: &str = "\
Examples:
  modeldex set openai/gpt-5.5 context_window 400000 --source https://developers.openai.com/api/docs/models
  modeldex set acme/old status retired --reason 'answers 404 since Monday'
  modeldex set acme/one prices '[{input: 2, output: 8}, {tier: batch, input: 1, output: 4}]'
  modeldex unset openai/gpt-5.5 context_window";

/// The file of a fact, and its position in the file.
struct FactLocation {
    /// The reference of the model or base model, or the id of the provider.
    reference: String,
    kind: FileKind,
    path: PathBuf,
    /// The id of the model or base model; `None` for a fact of the provider itself.
    model: Option<String>,
    /// The key that the file uses for the fact, such as `prices` for `price.input`.
    key: String,
}

pub(crate) fn set(args: &SetArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folder = WritableFolder::open(source)?;
    let _transaction = folder.begin()?;
    let before = folder.compile();
    let catalog = before.catalog();
    let place = folder.place(&args.subject, &catalog)?;
    let fact = place.value(args, &catalog)?;
    let citation =
        Citation { source: args.source.clone(), checked: args.source.is_some().then(|| PartialDate(today())), reason: args.reason.clone() };
    if citation != Citation::default() && place.model.is_none() && matches!(place.key.as_str(), "endpoints" | "auth") {
        let key = &place.key;
        return Err(Failure::Usage(format!(
            "`{key}` supports neither `--source` nor `--reason`; add the URL to `sources` in the provider file, and write the reason as a comment"
        )));
    }
    let value = with_citation(fact, &citation);
    let is_cited = |text: &str| at(text, &place.steps()).is_some_and(|known| known.get("value").is_some());
    let old = files::read(&place.path)?;
    let is_new = old.as_ref().is_none_or(|old| old.trim().is_empty());
    let mut text = old.clone().filter(|_| !is_new).unwrap_or_else(|| format!("{}\n", schema_line(place.kind)));
    if is_new && folder.is_overlay && place.kind == FileKind::Provider {
        text = place.edited(&text, &[PathSegment::Key("extends")], Some(&json!(place.owner())))?;
    }
    let loses_citation = citation == Citation::default() && is_cited(&text);
    let new = place.edited(&text, &place.steps(), Some(&value))?;
    let after = folder.write(&place, &before, Some(&new))?;
    if loses_citation {
        out::note("The source and reason of the previous value were removed.");
    }
    place.report(&catalog, &after.catalog(), out)
}

pub(crate) fn unset(args: &UnsetArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let folder = WritableFolder::open(source)?;
    let _transaction = folder.begin()?;
    let before = folder.compile();
    let catalog = before.catalog();
    let place = folder.place(&args.subject, &catalog)?;
    if place.key == "prices" && args.subject.fact != "prices" {
        let reference = printable(&place.reference);
        return Err(Failure::Usage(format!(
            "a single rate cannot be removed; to remove the whole price list, use `modeldex unset {reference} prices`"
        )));
    }
    let nothing = || {
        let (key, reference, file) = (&place.key, printable(&place.reference), shown(&place.path));
        Failure::Failed(format!("`{key}` of `{reference}` is not set by hand: the file `{file}` does not state this fact"))
    };
    let old = files::read(&place.path)?.ok_or_else(nothing)?;
    // An entry that becomes empty is removed, unless the model exists only because of this entry.
    let remove = if folder.has_below(&place, &catalog) { edit } else { edit_keeping_empty };
    let refused = |reason| Failure::Failed(format!("cannot edit `{file}`: {reason}", file = shown(&place.path)));
    let new = remove(&old, place.kind, &place.steps(), None).map_err(refused)?;
    if new == old {
        return Err(nothing());
    }
    let has_comments = new.lines().any(|line| has_comment(line) && !line.starts_with("# yaml-language-server"));
    let states_nothing = parse(&new)
        .is_ok_and(|new| new.as_object().is_none_or(|new| new.iter().all(|(key, value)| key == "extends" && *value == place.owner())));
    if states_nothing && has_comments {
        let file = shown(&place.path);
        return Err(Failure::Failed(format!(
            "nothing was changed: without this fact, the file `{file}` would contain only comments; to remove the fact, delete the file by hand"
        )));
    }
    let after = folder.write(&place, &before, Some(&*new).filter(|_| !states_nothing))?;
    place.report(&catalog, &after.catalog(), out)
}

/// The catalog folder to write to.
struct WritableFolder<'s> {
    source: &'s CatalogSource,
    path: PathBuf,
    is_overlay: bool,
}

impl<'s> WritableFolder<'s> {
    fn open(source: &'s CatalogSource) -> Result<Self, Failure> {
        match (&source.catalog, &source.overlay[..]) {
            (_, []) => Ok(Self { source, path: catalog_folder(source)?, is_overlay: false }),
            (None, [overlay]) => {
                source.refuse_broken()?;
                Ok(Self { source, path: catalog_source::folder(overlay)?.to_path_buf(), is_overlay: true })
            }
            _ => Err(Failure::Usage("expected one folder to write to: pass either `--catalog`, or a single `--overlay`".to_owned())),
        }
    }

    /// Locks the folder against other writers.
    fn begin(&self) -> Result<Transaction, Failure> {
        match self.is_overlay {
            true => Transaction::begin_overlay(&self.path),
            false => Transaction::begin_without_evidence(&self.path),
        }
    }

    /// Compiles the catalog before the change. The result may contain errors.
    fn compile(&self) -> Compiled {
        if self.is_overlay { compile_overlay(self.source.built_in.catalog, &self.path) } else { compile(&self.path) }
    }

    /// Returns whether the model or base model would still exist if this folder had no hand-written file for it.
    fn has_below(&self, place: &FactLocation, catalog: &Catalog<'_>) -> bool {
        let layers = catalog.layers().len();
        let is_below = |origin: Origin| {
            origin.imported || origin.part == OriginPart::Extended || self.is_overlay && usize::from(origin.layer) + 1 < layers
        };
        match (place.kind, &place.model) {
            (_, None) => true,
            (FileKind::Lab, _) => {
                let base = catalog.base_model(&place.reference);
                base.is_some_and(|base| Fact::ALL.iter().filter_map(|fact| base.origin(*fact)).any(is_below))
            }
            _ => {
                let model = catalog.resolve(&place.reference).ok().map(|found| found.model);
                let own = |origin: &Origin| origin.part != OriginPart::Base;
                model.is_some_and(|model| Fact::ALL.iter().filter_map(|fact| model.origin(*fact)).filter(own).any(is_below))
            }
        }
    }

    fn place(&self, subject: &FactArgs, catalog: &Catalog<'_>) -> Result<FactLocation, Failure> {
        let FactArgs { reference, fact, base } = subject;
        // The message of `Unknown` suggests another catalog, but the fact has to be written to this folder.
        let here = |failure| if let Failure::Unknown(text) = failure { Failure::Failed(text) } else { failure };
        let unknown_base_model = || Failure::Failed(format!("unknown base model `{reference}`", reference = printable(reference)));
        let (kind, owner, model) = match (reference.split_once('/'), *base) {
            (None, true) => return Err(unknown_base_model()),
            (None, false) => (FileKind::Provider, catalog_source::provider(catalog, reference).map_err(here)?.id().to_owned(), None),
            (Some(_), false) if catalog.resolve(reference).is_ok() || catalog.base_model(reference).is_none() => {
                let found = catalog.resolve(reference).map_err(|error| {
                    let error = error.to_string();
                    Failure::Failed(format!(
                        "{error}; to add a model, write an entry into the file of its provider",
                        error = printable(&error)
                    ))
                })?;
                (FileKind::Provider, found.model.provider().id().to_owned(), Some(found.model.id().to_owned()))
            }
            (Some((lab, id)), _) => {
                catalog.base_model(reference).ok_or_else(unknown_base_model)?;
                (FileKind::Lab, lab.to_owned(), Some(id.to_owned()))
            }
        };
        let reference = model.as_ref().map_or_else(|| owner.clone(), |model| format!("{owner}/{model}"));
        let key = key(fact, kind, model.is_some())?;
        Ok(FactLocation { path: self.path.join(kind.path(&owner)), reference, kind, model, key })
    }

    /// Writes the new text of the file of `place`, or removes the file if `new` is `None`, and prints new diagnostics. Returns the new catalog. Fails
    /// without writing if the new catalog would have new errors.
    fn write(&self, place: &FactLocation, before: &Compiled, new: Option<&str>) -> Result<Compiled, Failure> {
        let path = shown(&place.path);
        let below = self.is_overlay.then_some(self.source.built_in.catalog);
        let mut after = compile_with_changes(below, &self.path, &[FileChange { path: &place.path, text: new }]);
        let is_own_error = |file: &str, found: &Diagnostic| file == path && found.severity == Severity::Error;
        validation::retain_new(before, &mut after, is_own_error);
        validation::report(&after);
        match (after.has_errors(), new) {
            (false, Some(new)) => files::replace_below(&self.path, &place.path, new).map(|_| after),
            (false, None) => files::remove_below(&self.path, &place.path).map(|()| after),
            (true, _) => {
                Err(Failure::Failed(format!("`{path}` was not changed: with this change, the catalog would have the errors above")))
            }
        }
    }
}

impl FactLocation {
    /// Returns the id of the provider or lab.
    fn owner(&self) -> &str {
        self.reference.split('/').next().unwrap_or_default()
    }

    fn steps(&self) -> Vec<PathSegment<'_>> {
        match &self.model {
            Some(model) => vec![PathSegment::Key("models"), PathSegment::Entry(model), PathSegment::Key(&self.key)],
            None => vec![PathSegment::Key(&self.key)],
        }
    }

    fn edited(&self, text: &str, path: &[PathSegment<'_>], value: Option<&Value>) -> Result<String, Failure> {
        edit(text, self.kind, path, value)
            .map_err(|reason| Failure::Failed(format!("cannot edit `{file}`: {reason}", file = shown(&self.path))))
    }

    /// Parses the argument VALUE. Returns the value to write.
    fn value(&self, args: &SetArgs, catalog: &Catalog<'_>) -> Result<Value, Failure> {
        let text = args.value.as_str();
        if let Some(meter) = args.subject.fact.strip_prefix("price.").and_then(Meter::parse) {
            let rate =
                Rate::parse(text).map_err(|error| Failure::Usage(format!("`{value}` is not a rate: {error}", value = printable(text))))?;
            let model =
                catalog.resolve(&self.reference).map_err(|error| Failure::Failed(printable(&error.to_string()).into_owned()))?.model;
            let mut prices = modeldex_compile::authored_prices(model);
            if prices.len() > 1 {
                out::note(format_args!(
                    "The whole price list of {count} entries is now hand-written; imports no longer update this price list.",
                    count = prices.len()
                ));
            }
            if prices.is_empty() {
                prices.push(authored::Price::default());
            }
            prices[0].rates.0.insert(meter, rate);
            return Ok(json!(prices));
        }
        if self.key == "base" && (args.source.is_some() || args.reason.is_some()) {
            return Err(Failure::Usage("`base` supports neither `--source` nor `--reason`".to_owned()));
        }
        if text.chars().any(char::is_control) {
            return Err(Failure::Usage("the value contains a control character, such as a newline".to_owned()));
        }
        let is_text = matches!(Fact::parse(&self.key).map(Fact::fact_type), Some(FactType::Text | FactType::Reference));
        if is_text || self.key == "base" {
            return Ok(json!(text));
        }
        let value =
            parse(text).map_err(|error| Failure::Usage(format!("`{value}` is not valid YAML: {error}", value = printable(text))))?;
        if value.as_array().is_some_and(Vec::is_empty) || value.is_null() {
            let key = &self.key;
            return Err(Failure::Usage(match self.model {
                Some(_) => format!("the value is empty; to remove an imported fact, write `omit: [{key}]` into the entry of the model"),
                None => "the value is empty".to_owned(),
            }));
        }
        Ok(value)
    }

    /// Prints the old and the new value.
    fn report(&self, before: &Catalog<'_>, after: &Catalog<'_>, out: &mut Out) -> Result<(), Failure> {
        let (file, reference, key) = (shown(&self.path), printable(&self.reference), &self.key);
        let (old_value, new_value) = (self.shown(before), self.shown(after));
        if old_value == new_value {
            writeln!(out, "{file}: {reference} {key} is {new_value}, as before")?;
        } else {
            writeln!(out, "{file}: {reference} {key} is {new_value} (was {old_value})")?;
        }
        // A new value can make other facts unknown: imported limits above a hand-written context window are dropped.
        let (old, new) = (self.holdings(before), self.holdings(after));
        for (key, lost) in old.iter().filter(|(key, _)| !key.is_price() && !new.contains_key(key) && key.to_string() != self.key) {
            writeln!(out, "  {key} is unknown now (was {old_value})", old_value = evidence::format_value(&lost.value))?;
        }
        Ok(())
    }

    /// Returns the values of all facts of the model, base model or provider.
    fn holdings(&self, catalog: &Catalog<'_>) -> CatalogValues {
        match (self.kind, &self.model) {
            (FileKind::Lab, _) => catalog.base_model(&self.reference).map(comparison::base_model_values).unwrap_or_default(),
            (_, Some(_)) => catalog.resolve(&self.reference).map(|found| comparison::model_values(found.model)).unwrap_or_default(),
            (_, None) => catalog.provider(&self.reference).map(comparison::provider_values).unwrap_or_default(),
        }
    }

    /// Formats the value of the fact in `catalog`.
    fn shown(&self, catalog: &Catalog<'_>) -> String {
        let held = self.holdings(catalog);
        if let (FileKind::Provider, None, Some(provider)) = (self.kind, &self.model, catalog.provider(&self.reference)) {
            let own = match self.key.as_str() {
                "kind" => provider.kind().map(|kind| kind.to_string()),
                "default_model" => provider.default_model().map(|model| model.id().to_owned()),
                "endpoints" => Some(provider.endpoints().map(|endpoint| endpoint.base_url().to_owned()).collect::<Vec<_>>().join(", ")),
                "auth" => Some(provider.auth().map(auth).collect::<Vec<_>>().join(", ")),
                _ => None,
            };
            if let Some(own) = own {
                return printable(&own).into_owned();
            }
        }
        if let ("base", Ok(found)) = (self.key.as_str(), catalog.resolve(&self.reference)) {
            return found.model.base().map_or_else(|| "unknown".to_owned(), |base| base.reference().to_string());
        }
        // Of a price list, only the unconditional entry is printed.
        let always = |key: &FactKey| matches!(key, FactKey::Rate(condition, _) if condition.is_always());
        let is_shown = |key: &FactKey| if self.key == "prices" { always(key) } else { key.to_string() == self.key };
        let values: Vec<String> = held
            .iter()
            .filter(|(key, _)| is_shown(key))
            .map(|(key, held)| match key.is_price() {
                true => format!("{} {}", key.to_string().trim_start_matches("price."), evidence::format_value(&held.value)),
                false => evidence::format_value(&held.value),
            })
            .collect();
        if values.is_empty() { "unknown".to_owned() } else { values.join(", ") }
    }
}

/// Formats an authentication method with its variables.
fn auth(auth: Auth<'_>) -> String {
    let names: Vec<&str> = auth.env().chain(auth.variables().flat_map(|variable| variable.env())).collect();
    if names.is_empty() { auth.kind().to_string() } else { format!("{} ({})", auth.kind(), names.join(", ")) }
}

/// Returns the value at a path in the text of a catalog file; `None` if the path has no value.
fn at(text: &str, path: &[PathSegment<'_>]) -> Option<Value> {
    path.iter().try_fold(parse(text).ok()?, |value, step| match step {
        PathSegment::Key(key) => value.get(key).cloned(),
        PathSegment::Entry(id) => value.as_array()?.iter().find(|entry| entry["id"] == **id).cloned(),
    })
}

/// Returns the key that a file uses for a fact, such as `prices` for `price.input`; fails if the fact is unknown.
fn key(fact: &str, kind: FileKind, of_model: bool) -> Result<String, Failure> {
    if of_model && kind == FileKind::Provider && fact.strip_prefix("price.").is_some_and(|meter| Meter::parse(meter).is_some()) {
        return Ok("prices".to_owned());
    }
    let schema = schema::published(kind);
    let entry = if of_model { &schema["properties"]["models"]["items"] } else { &schema };
    let known: Vec<&str> = entry["properties"].as_object().into_iter().flat_map(serde_json::Map::keys).map(String::as_str).collect();
    let not_facts = ["id", "omit", "models", "extends", "sources", "aliases", "model_aliases", "omit_models", "defaults", "reason"];
    let facts = known.into_iter().filter(|key| !not_facts.contains(key));
    if facts.clone().any(|known| known == fact) {
        return Ok(fact.to_owned());
    }
    let unknown = printable(fact);
    Err(Failure::Usage(match nearest::nearest(fact, facts.clone()) {
        Some(known_fact) => format!("unknown fact `{unknown}`; did you mean `{known_fact}`?"),
        None => format!("unknown fact `{unknown}`; known facts: {known_facts}", known_facts = facts.collect::<Vec<_>>().join(", ")),
    }))
}

/// Returns the value together with its citation, or the plain value if the citation is empty.
fn with_citation(value: Value, citation: &Citation) -> Value {
    if *citation == Citation::default() {
        return value;
    }
    let mut cited = json!({"value": value});
    for (key, part) in json!(citation).as_object().into_iter().flatten() {
        cited[key] = part.clone();
    }
    cited
}
