//! `models show`: prints all facts of a model, each with the catalog file that states it.

use super::catalog_source::{CatalogSource, is_set};
use super::evidence::EvidenceSummary;
use super::failure::Failure;
use super::import::EvidenceDir;
use super::origin::{File, Origins};
use super::out::{Out, printable};
use super::sections::{self, parenthesized};
use super::units::{self, Money};
use modeldex_compile::authored::to_owned_value;
use modeldex_formats::json::{self, ModelDetails};
use modeldex_import::comparison;
use modeldex_import::statement::FactKey;
use modeldex_table::availability::available_when;
use modeldex_table::{Capability, Catalog, Fact, FactType, Model, PriceEntry, Resolved};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Show all facts of a model, each with the file that states it
///
/// If a fact has evidence, the value is followed by the policy rule that chose the value, and by the sources that claim the value. `modeldex evidence
/// REF` prints all claims.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`, by id or alias
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    evidence: EvidenceDir,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let resolved = catalog.resolve(&args.reference)?;
    let evidence = EvidenceSummary::read(resolved.model, &args.evidence, source)?;
    if args.json {
        let object = object(Origins { catalog: &catalog, model: resolved.model }, &args.reference, resolved, evidence.as_ref());
        return Ok(writeln!(out, "{object:#}")?);
    }
    write(&catalog, &args.reference, resolved, evidence.as_ref(), out)
}

fn write(
    catalog: &Catalog<'_>,
    reference: &str,
    resolved: Resolved<'_>,
    evidence: Option<&EvidenceSummary>,
    out: &mut Out,
) -> Result<(), Failure> {
    let model = resolved.model;
    for line in alias_lines(reference, resolved) {
        writeln!(out, "{}", printable(&line))?;
    }
    sections::title(out, model.reference(), model.name())?;
    writeln!(out)?;
    let facts = facts(Origins { catalog, model });
    let names = facts.iter().map(|line| line.fact.as_str().len()).max().unwrap_or(0).max(MIN_NAME_WIDTH);
    write_facts(out, &facts, names, evidence)?;
    for (name, text) in rival_lines(model) {
        writeln!(out, "  {name:names$}  {}", printable(&text))?;
    }
    let is_unknown = |fact: &Fact| fact.is_expected() && !facts.iter().any(|known| known.fact == *fact);
    let unknown: Vec<_> = Fact::ALL.iter().copied().filter(is_unknown).map(Fact::as_str).collect();
    if !unknown.is_empty() {
        writeln!(out, "  {:names$}  {}", "unknown", unknown.join(", "))?;
    }
    let prices: Vec<[String; 2]> = model.prices().iter().map(price).collect();
    sections::rows(out, "Prices, per million tokens or per unit", &prices)?;
    sections::endpoints(out, model.endpoints())?;
    sections::auth(out, model.provider().auth())?;
    sections::aliases(out, model.aliases().map(|alias| (alias.id(), alias.kind(), sections::why(alias.reason(), alias.until()))))?;
    let own = model.sources().map(|source| (source, "this model"));
    let provider = model.provider().sources().map(|source| (source, "its provider"));
    let lab = model.base().and_then(modeldex_table::BaseModel::lab).into_iter().flat_map(modeldex_table::Lab::sources);
    sections::sources(out, own.chain(provider).chain(lab.map(|source| (source, "its lab"))))?;
    Ok(())
}

/// Returns a line with the reason for the model's status, and a line for each model of another provider that has the same id and base URL but a
/// different status.
fn rival_lines(model: Model<'_>) -> Vec<(&'static str, String)> {
    let reason = model.reason().map(|reason| ("reason", reason.to_owned()));
    let others = model.models_with_same_id_and_base_url().filter(|rival| rival.status() != model.status());
    let other = |rival: Model<'_>| {
        let (reference, status) = (rival.reference(), rival.status());
        let text = match rival.lifecycle().end {
            Some(date) => format!("{reference}, which has the same base URL, is {status}; its retirement date is {date}"),
            None => format!("{reference}, which has the same base URL, is {status}"),
        };
        ("elsewhere", text)
    };
    reason.into_iter().chain(others.map(other)).collect()
}

/// A printed line with a fact, or with several capabilities.
struct FactLine {
    fact: Fact,
    value: String,
    file: Option<File>,
    /// The keys that the evidence uses for the facts on this line.
    keys: Vec<FactKey>,
}

/// Minimum width of the column of fact names.
const MIN_NAME_WIDTH: usize = 18;

/// Writes one line for each fact: value, file and evidence. On a narrow terminal, files are printed as numbers and listed below the facts, and the
/// evidence is shortened. If the shortened evidence still does not fit, it is printed on a separate line.
fn write_facts(out: &mut Out, facts: &[FactLine], names: usize, evidence: Option<&EvidenceSummary>) -> io::Result<()> {
    // On a narrow terminal, values longer than this push the file and evidence out of their column.
    const MIN_VALUE_WIDTH: usize = 28;
    let chars = |text: &str| text.chars().count();
    let longest = facts.iter().map(|line| chars(&line.value)).max().unwrap_or(0);
    let mut wide = longest.min(40);
    let mut files: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(facts.len());
    for line in facts {
        let file = line.file.as_ref().map_or_else(|| "not stated".to_owned(), ToString::to_string);
        let number = files.iter().position(|known| *known == file).unwrap_or_else(|| {
            files.push(file);
            files.len() - 1
        });
        rows.push((line, number, evidence.and_then(|evidence| evidence.format(&line.keys))));
    }
    // Two spaces before each of the three columns, and parentheses around the file.
    let width_to_file = |line: &FactLine, file: usize, wide: usize| names + chars(&line.value).max(wide) + file + 8;
    let fits = |width: usize| rows.iter().all(|(line, number, _)| width_to_file(line, chars(&files[*number]), wide) <= width);
    let named = out.width().is_none_or(fits);
    let label = |number: usize| if named { files[number].clone() } else { (number + 1).to_string() };
    // Two spaces before the evidence, and parentheses around it.
    let width_to_evidence =
        |line: &FactLine, number: usize, summary: &str, wide: usize| width_to_file(line, chars(&label(number)), wide) + chars(summary) + 4;
    let fits = |width: usize| {
        rows.iter().all(|(line, number, summary)| {
            summary.as_ref().is_none_or(|summary| width_to_evidence(line, *number, &summary[0], wide) <= width)
        })
    };
    let length = usize::from(!out.width().is_none_or(fits));
    if length > 0 {
        wide = longest.min(MIN_VALUE_WIDTH);
    }
    let mut last = None;
    for (line, number, summary) in &rows {
        let name = if last == Some(line.fact) { "" } else { line.fact.as_str() };
        last = Some(line.fact);
        let (value, file) = (printable(&line.value), parenthesized(out, &label(*number)));
        write!(out, "  {name:names$}  {value:wide$}  {file}")?;
        if let Some(summary) = summary.as_ref().map(|summary| &summary[length]) {
            let fits_on_line = out.width().is_none_or(|width| width_to_evidence(line, *number, summary, wide) <= width);
            if !fits_on_line {
                write!(out, "\n  {:names$}", "")?;
            }
            write!(out, "  {}", parenthesized(out, summary))?;
        }
        writeln!(out)?;
    }
    if !named {
        for (at, file) in files.iter().enumerate() {
            let number = parenthesized(out, &(at + 1).to_string());
            writeln!(out, "{}{number} {}", if at == 0 { "\n  " } else { "  " }, printable(file))?;
        }
    }
    Ok(())
}

/// Returns the lines for all known facts. All capabilities that one file states are on one line.
fn facts(origins: Origins<'_>) -> Vec<FactLine> {
    let mut facts = Vec::new();
    for &fact in Fact::ALL {
        if fact == Fact::Capabilities {
            facts.extend(capabilities(origins));
        } else if let Some(value) = value(origins.model, fact) {
            let keys = match fact {
                Fact::Prices => comparison::model_values(origins.model).into_keys().filter(FactKey::is_price).collect(),
                fact => vec![FactKey::Fact(fact)],
            };
            facts.push(FactLine { fact, value, file: origins.fact(fact), keys });
        }
    }
    facts
}

/// Describes the aliases that `reference` contains: the alias of a provider, the alias of a model, or both.
fn alias_lines(reference: &str, resolved: Resolved<'_>) -> Vec<String> {
    let provider = resolved.provider_alias.map(|alias| {
        let why = sections::why(alias.reason(), alias.until());
        let target = alias.provider().map_or("", modeldex_table::Provider::id);
        sections::describe_alias(alias.id(), alias.kind(), &format!("the provider `{target}`"), &why)
    });
    let model = resolved.alias.map(|alias| {
        let why = sections::why(alias.reason(), alias.until());
        sections::describe_alias(reference, alias.kind(), &format!("`{}`", resolved.model.reference()), &why)
    });
    provider.into_iter().chain(model).collect()
}

/// Formats one fact. Returns `None` for facts that have a section of their own: capabilities, prices, endpoints and sources.
fn value(model: Model<'_>, fact: Fact) -> Option<String> {
    match (fact.fact_type(), fact.fact_type().unit()) {
        (FactType::Capabilities, _) => None,
        (FactType::Prices, _) => match model.prices().iter().len() {
            0 => None,
            1 => Some("1 entry, below".to_owned()),
            entries => Some(format!("{entries} entries, below")),
        },
        (_, Some(unit)) => Some(format!("{} {unit}", to_owned_value(model.value(fact)?))),
        (_, None) => Some(to_owned_value(model.value(fact)?).to_string()),
    }
}

fn capabilities(origins: Origins<'_>) -> Vec<FactLine> {
    let mut by_file: Vec<(FactLine, [Vec<&str>; 2])> = Vec::new();
    for &capability in Capability::ALL {
        let Some(can) = origins.model.can(capability) else { continue };
        let file = origins.capability(capability);
        let at = by_file.iter().position(|(line, _)| line.file == file).unwrap_or_else(|| {
            by_file.push((FactLine { fact: Fact::Capabilities, value: String::new(), file, keys: Vec::new() }, Default::default()));
            by_file.len() - 1
        });
        let (line, words) = &mut by_file[at];
        line.keys.push(FactKey::Capability(capability));
        words[usize::from(can)].push(capability.as_str());
    }
    for (line, [no, yes]) in &mut by_file {
        let no = (!no.is_empty()).then(|| format!("not {}", no.join(", ")));
        let yes = (!yes.is_empty()).then(|| yes.join(", "));
        line.value = yes.into_iter().chain(no).collect::<Vec<_>>().join("; ");
    }
    by_file.into_iter().map(|(line, _)| line).collect()
}

/// Formats the condition and the rates of an entry of a price list.
pub(crate) fn price(price: PriceEntry<'_>) -> [String; 2] {
    let when = if price.is_always() { "always".to_owned() } else { price.condition().to_string() };
    let rates: Vec<_> = price.rates().map(|(meter, rate)| format!("{meter} {}", Money(price.currency(), rate.authored(meter)))).collect();
    [when, rates.join("  ")]
}

/// Builds the JSON object that `--json` prints.
fn object(origins: Origins<'_>, reference: &str, resolved: Resolved<'_>, evidence: Option<&EvidenceSummary>) -> Value {
    let model = resolved.model;
    let whole = ModelDetails::new(model, units::now(), Some(available_when(model.provider(), is_set)), Some(&is_set));
    let facts = Fact::ALL.iter().filter(|&&fact| fact != Fact::Capabilities);
    let facts = facts.filter_map(|&fact| Some((fact.to_string(), origins.fact(fact)?.json())));
    let capabilities = Capability::ALL.iter().filter_map(|&word| Some((word.to_string(), origins.capability(word)?.json())));
    let mut object = json!(whole);
    object["asked"] = json!({
        "ref": reference,
        "alias": resolved.alias.map(json::model_alias),
        "provider_alias": resolved.provider_alias.map(json::provider_alias),
    });
    let rivals =
        model.models_with_same_id_and_base_url().map(|rival| json!({"ref": rival.reference().to_string(), "status": rival.status()}));
    object["rivals"] = rivals.collect();
    object["origins"] = facts.chain(capabilities).collect();
    if let Some(evidence) = evidence {
        object["evidence"] = evidence.json();
    }
    object
}
