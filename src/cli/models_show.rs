//! `models show`: everything that is known of a model, with the file in which each value was written.

use super::catalog_source::{CatalogArgs, environment};
use super::failure::Failure;
use super::json::{self, ModelRow};
use super::origin::{File, Origins};
use super::out::{Out, Tone, printable};
use super::sections::{self, aside, is_set};
use super::units::{self, Money, Today};
use modeldex::auth::available;
use modeldex::{Capability, Catalog, Fact, Model, Moment, Price, Resolved};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Show everything that is known of a model, and where it was written
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`; either may be an alias
    #[arg(value_name = "REF")]
    reference: String,
    /// Write an object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogArgs, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load()?;
    let catalog = loaded.catalog();
    let resolved = catalog.resolve(&args.reference).map_err(|unknown| Failure::Failed(printable(&unknown.to_string()).into_owned()))?;
    let now = units::now();
    if args.json { write_json(&catalog, &args.reference, resolved, now, out) } else { write(&catalog, &args.reference, resolved, out) }
}

fn write(catalog: &Catalog<'_>, reference: &str, resolved: Resolved<'_>, out: &mut Out) -> Result<(), Failure> {
    let model = resolved.model;
    for line in detours(reference, resolved) {
        writeln!(out, "{}", printable(&line))?;
    }
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{}{heading:#}  {}\n", model.reference(), printable(model.name()))?;
    let facts = facts(Origins { catalog, model });
    write_facts(out, &facts)?;
    let unknown: Vec<_> =
        WORTH_KNOWING.iter().filter(|&fact| !facts.iter().any(|(known, _, _)| known == fact)).map(|fact| fact.as_str()).collect();
    if !unknown.is_empty() {
        writeln!(out, "  {:18}  {}", "unknown", unknown.join(", "))?;
    }
    if sections::heading(out, "Prices, per million tokens or per unit", model.prices().iter().len())? {
        let rows: Vec<[String; 2]> = model.prices().iter().map(price).collect();
        sections::aligned(out, &rows)?;
    }
    sections::endpoints(out, model.endpoints())?;
    sections::auth(out, model.provider().auth())?;
    sections::aliases(out, model.aliases())?;
    let own = model.sources().map(|source| (source, "this model"));
    let provider = model.provider().sources().map(|source| (source, "its provider"));
    let lab = model.base().and_then(modeldex::BaseModel::lab).into_iter().flat_map(modeldex::Lab::sources);
    sections::sources(out, own.chain(provider).chain(lab.map(|source| (source, "its lab"))))?;
    Ok(())
}

/// Writes a line for each fact, with the file it was written in. Where a terminal is too narrow for that, the files get numbers and are told
/// below.
fn write_facts(out: &mut Out, facts: &[(Fact, String, Option<File>)]) -> io::Result<()> {
    const NAMES: usize = 18;
    let wide = facts.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0).min(40);
    let mut files: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(facts.len());
    for (fact, value, file) in facts {
        let file = file.as_ref().map_or_else(|| "not stated".to_owned(), ToString::to_string);
        let number = files.iter().position(|known| *known == file).unwrap_or_else(|| {
            files.push(file);
            files.len() - 1
        });
        rows.push((*fact, value, number));
    }
    let widest = |(_, value, number): &(Fact, &String, usize)| {
        let value = value.chars().count().max(wide);
        // Two spaces before each of the three, and the brackets around the last.
        NAMES + value + files[*number].chars().count() + 8
    };
    let fits = out.width().is_none_or(|width| rows.iter().map(widest).max().unwrap_or(0) <= width);
    let mut last = None;
    for (fact, value, number) in rows {
        let name = if last == Some(fact) { "" } else { fact.as_str() };
        last = Some(fact);
        let file = if fits { aside(out, &files[number]) } else { aside(out, &(number + 1).to_string()) };
        writeln!(out, "  {name:NAMES$}  {:wide$}  {file}", printable(value))?;
    }
    if !fits {
        for (at, file) in files.iter().enumerate() {
            let number = aside(out, &(at + 1).to_string());
            writeln!(out, "{}{number} {}", if at == 0 { "\n  " } else { "  " }, printable(file))?;
        }
    }
    Ok(())
}

/// Facts of which it is worth saying that nobody has stated them.
const WORTH_KNOWING: &[Fact] = &[
    Fact::Family,
    Fact::ContextWindow,
    Fact::MaxOutputTokens,
    Fact::Input,
    Fact::Output,
    Fact::Capabilities,
    Fact::OpenWeights,
    Fact::ReleaseDate,
    Fact::KnowledgeCutoff,
];

/// What is known, and the file in which it was written. Capabilities take a line for each file that states some of them.
fn facts(origins: Origins<'_>) -> Vec<(Fact, String, Option<File>)> {
    let mut facts = Vec::new();
    for &fact in Fact::ALL {
        if fact == Fact::Capabilities {
            facts.extend(capabilities(origins).into_iter().map(|(value, file)| (fact, value, file)));
        } else if let Some(value) = value(origins.model, fact) {
            facts.push((fact, value, origins.fact(fact)));
        }
    }
    facts
}

/// Says of each alias that the reference went through that it was one, and why it exists.
fn detours(reference: &str, resolved: Resolved<'_>) -> Vec<String> {
    let provider = resolved.provider_alias.map(|alias| {
        let why = sections::why(alias.reason(), alias.until());
        let target = alias.provider().map_or("", modeldex::Provider::id);
        format!(
            "`{}` is {} the provider `{target}`{}{why}",
            alias.id(),
            sections::kind(alias.kind()),
            if why.is_empty() { "" } else { ": " }
        )
    });
    let model = resolved.alias.map(|alias| {
        let why = sections::why(alias.reason(), alias.until());
        let target = resolved.model.reference();
        format!("`{reference}` is {} `{target}`{}{why}", sections::kind(alias.kind()), if why.is_empty() { "" } else { ": " })
    });
    provider.into_iter().chain(model).collect()
}

/// What is known of one fact, in words. Capabilities, prices, endpoints and sources are told at length elsewhere.
fn value(model: Model<'_>, fact: Fact) -> Option<String> {
    let words = |words: Vec<&str>| (!words.is_empty()).then(|| words.join(", "));
    let tokens = |count: Option<u32>| count.map(|count| format!("{count} tokens"));
    let counted = |count: usize, one: &str, many: &str| (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }));
    match fact {
        Fact::Name => Some(model.name().to_owned()),
        Fact::Family => model.family().map(str::to_owned),
        Fact::Kind => Some(model.kind().to_string()),
        Fact::ContextWindow => tokens(model.context_window()),
        Fact::MaxInputTokens => tokens(model.max_input_tokens()),
        Fact::MaxOutputTokens => tokens(model.max_output_tokens()),
        Fact::Input => words(model.input().iter().map(modeldex::Modality::as_str).collect()),
        Fact::Output => words(model.output().iter().map(modeldex::Modality::as_str).collect()),
        Fact::ReasoningEfforts => words(model.reasoning_efforts().iter().map(modeldex::ReasoningEffort::as_str).collect()),
        Fact::OpenWeights => model.open_weights().map(|open| if open { "yes" } else { "no" }.to_owned()),
        Fact::Weights => words(model.weights().collect()),
        Fact::ReleaseDate => model.release_date().map(|date| date.to_string()),
        Fact::LastUpdated => model.last_updated().map(|date| date.to_string()),
        Fact::KnowledgeCutoff => model.knowledge_cutoff().map(|date| date.to_string()),
        Fact::Status => Some(model.status().to_string()),
        Fact::DeprecationDate => model.deprecation_date().map(|date| date.to_string()),
        Fact::RetirementDate => model.retirement_date().map(|date| date.to_string()),
        Fact::Successor => model.successor().map(|successor| successor.reference().to_string()),
        Fact::Billing => Some(model.billing().to_string()),
        Fact::Prices => counted(model.prices().iter().len(), "entry, below", "entries, below"),
        Fact::Capabilities | Fact::Endpoints | Fact::Sources => None,
    }
}

fn capabilities(origins: Origins<'_>) -> Vec<(String, Option<File>)> {
    let mut by_file: Vec<(Option<File>, Vec<&str>, Vec<&str>)> = Vec::new();
    for &capability in Capability::ALL {
        let Some(can) = origins.model.can(capability) else { continue };
        let file = origins.capability(capability);
        let at = by_file.iter().position(|(other, _, _)| *other == file).unwrap_or_else(|| {
            by_file.push((file, Vec::new(), Vec::new()));
            by_file.len() - 1
        });
        let (_, yes, no) = &mut by_file[at];
        if can { yes.push(capability.as_str()) } else { no.push(capability.as_str()) }
    }
    let told = |yes: &[&str], no: &[&str]| match (yes, no) {
        (yes, []) => yes.join(", "),
        ([], no) => format!("not {}", no.join(", ")),
        (yes, no) => format!("{}; not {}", yes.join(", "), no.join(", ")),
    };
    by_file.into_iter().map(|(file, yes, no)| (told(&yes, &no), file)).collect()
}

/// When an entry of a price list holds, and its rates.
pub(crate) fn price(price: Price<'_>) -> [String; 2] {
    let when = if price.condition().is_always() { "always".to_owned() } else { price.condition().to_string() };
    let rates: Vec<_> = price.rates().map(|(meter, rate)| format!("{meter} {}", Money(price.currency(), rate.authored(meter)))).collect();
    [when, rates.join("  ")]
}

fn write_json(catalog: &Catalog<'_>, reference: &str, resolved: Resolved<'_>, now: Moment, out: &mut Out) -> Result<(), Failure> {
    let model = resolved.model;
    let row = ModelRow { model, today: Today::of(model.prices(), now), availability: available(model.provider(), &environment) };
    let origins = Origins { catalog, model };
    let facts = Fact::ALL.iter().filter(|&&fact| fact != Fact::Capabilities);
    let facts = facts.filter_map(|&fact| Some((fact.to_string(), origins.fact(fact)?.json())));
    let capabilities = Capability::ALL.iter().filter_map(|&word| Some((word.to_string(), origins.capability(word)?.json())));
    let more = json!({
        "asked": {
            "ref": reference,
            "alias": resolved.alias.map(json::alias),
            "provider_alias": resolved.provider_alias.map(json::provider_alias),
        },
        "origins": facts.chain(capabilities).collect::<Map<_, _>>(),
    });
    let parts = [serde_json::to_value(row)?, json::details(model, now, &is_set), more];
    let object: Map<String, Value> = parts.into_iter().filter_map(into_object).flatten().collect();
    Ok(writeln!(out, "{:#}", Value::Object(object))?)
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
