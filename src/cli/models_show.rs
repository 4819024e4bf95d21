//! `models show`: everything that is known of a model, with the file in which each value was written.

use super::catalog_source::{CatalogArgs, environment};
use super::failure::Failure;
use super::json::{self, ModelRow};
use super::out::{HEADING, Out, printable};
use super::sections::{self, aside, is_set};
use super::units::{self, Today, money};
use modeldex::auth::available;
use modeldex::{Capability, Catalog, Fact, Model, Moment, Origin, OriginPart, Price, Resolved};
use serde_json::{Map, Value, json};
use std::io::Write;

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
    let heading = out.style(HEADING);
    writeln!(out, "{heading}{}{heading:#}  {}\n", model.reference(), printable(model.name()))?;
    let known: Vec<_> = Fact::ALL.iter().filter_map(|&fact| Some((fact, value(model, fact)?))).collect();
    let wide = known.iter().map(|(_, value)| value.chars().count()).max().unwrap_or(0).min(40);
    for (fact, value) in &known {
        let file = origin(catalog, model, *fact).unwrap_or_else(|| "not stated".to_owned());
        let file = if *fact == Fact::Endpoints && model.origin(*fact).is_none() { String::new() } else { aside(out, &file) };
        writeln!(out, "{}", format!("  {:18}  {:wide$}  {file}", fact.as_str(), printable(value)).trim_end())?;
    }
    let unknown: Vec<_> =
        Fact::ALL.iter().filter(|&&fact| may_be_unknown(fact) && !known.iter().any(|(other, _)| *other == fact)).collect();
    if !unknown.is_empty() {
        writeln!(out, "  {:18}  {}", "unknown", unknown.iter().map(|fact| fact.as_str()).collect::<Vec<_>>().join(", "))?;
    }
    if sections::heading(out, "Prices, per million tokens or per unit", model.prices().iter().len())? {
        let rows: Vec<[String; 2]> = model.prices().iter().map(price).collect();
        sections::aligned(out, &rows)?;
    }
    sections::endpoints(out, model.endpoints())?;
    sections::auth(out, model.provider().auth())?;
    sections::aliases(out, model.aliases())?;
    let own = model.sources().map(|source| (source, "for this model"));
    let provider = model.provider().sources().map(|source| (source, "for its provider's file"));
    let lab = model.base().and_then(modeldex::BaseModel::lab).into_iter().flat_map(modeldex::Lab::sources);
    sections::sources(out, own.chain(provider).chain(lab.map(|source| (source, "for its lab's file"))))?;
    Ok(())
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

/// What is known of one fact, in words.
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
        Fact::Capabilities => capabilities(model),
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
        Fact::Endpoints => counted(model.endpoints().count(), "endpoint, below", "endpoints, below"),
        Fact::Sources => counted(model.sources().len(), "source, below", "sources, below"),
    }
}

/// Facts of which it is worth saying that nobody has stated them.
fn may_be_unknown(fact: Fact) -> bool {
    use Fact::{Capabilities, ContextWindow, Family, Input, KnowledgeCutoff, MaxOutputTokens, OpenWeights, Output, ReleaseDate};
    matches!(fact, Family | ContextWindow | MaxOutputTokens | Input | Output | Capabilities | OpenWeights | ReleaseDate | KnowledgeCutoff)
}

fn capabilities(model: Model<'_>) -> Option<String> {
    let known = |is: bool| Capability::ALL.iter().filter(move |&&word| model.can(word) == Some(is)).map(|word| word.as_str());
    let can = known(true).collect::<Vec<_>>().join(", ");
    let cannot = known(false).collect::<Vec<_>>().join(", ");
    match (can.is_empty(), cannot.is_empty()) {
        (true, true) => None,
        (false, true) => Some(can),
        (true, false) => Some(format!("not {cannot}")),
        (false, false) => Some(format!("{can}; not {cannot}")),
    }
}

fn price(price: Price<'_>) -> [String; 2] {
    let when = if price.condition().is_always() { "always".to_owned() } else { price.condition().to_string() };
    let rates: Vec<_> = price.rates().map(|(meter, rate)| format!("{meter} {}", money(price.currency(), rate.authored(meter)))).collect();
    [when, rates.join("  ")]
}

/// The file in which a fact was written.
fn origin(catalog: &Catalog<'_>, model: Model<'_>, fact: Fact) -> Option<String> {
    let Origin { layer, part } = model.origin(fact)?;
    let layer = catalog.layers().nth(usize::from(layer)).unwrap_or("?");
    let provider = model.provider().id();
    Some(match part {
        OriginPart::Own => format!("{layer}/providers/{provider}.yaml"),
        OriginPart::Defaults => format!("{layer}/providers/{provider}.yaml, defaults"),
        OriginPart::Base => format!("{layer}/models/{}.yaml", model.base().map_or("?", |base| base.reference().owner)),
        OriginPart::Extended => format!("{layer}/providers/{}.yaml, extended", model.provider().extends().unwrap_or("?")),
    })
}

fn write_json(catalog: &Catalog<'_>, reference: &str, resolved: Resolved<'_>, now: Moment, out: &mut Out) -> Result<(), Failure> {
    let model = resolved.model;
    let row = ModelRow::new(model, Today::of(model.prices(), now), available(model.provider(), &environment));
    let mut object = match serde_json::to_value(row)? {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    // The ids become the whole story of each alias.
    object.insert("aliases".to_owned(), model.aliases().map(json::alias).collect());
    object.extend(json::details(model, now));
    let auth = model.provider().auth().map(|way| json::auth(way, &is_set));
    object.insert("auth_methods".to_owned(), auth.collect());
    let asked = json!({
        "ref": reference,
        "alias": resolved.alias.map(json::alias),
        "provider_alias": resolved.provider_alias.map(json::provider_alias),
    });
    object.insert("asked".to_owned(), asked);
    let origins = Fact::ALL.iter().filter_map(|&fact| Some((fact.to_string(), origin(catalog, model, fact)?.into())));
    object.insert("origins".to_owned(), Value::Object(origins.collect()));
    Ok(writeln!(out, "{:#}", Value::Object(object))?)
}
