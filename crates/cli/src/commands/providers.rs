//! `providers list` and `providers show`: print one line for each provider, or the facts of one provider.

use super::catalog_source::{self, CatalogSource, is_set};
use super::failure::Failure;
use super::json;
use super::models_list::tone;
use super::out::{Out, printable};
use super::sections;
use super::table::{Column, Step, Table};
use modeldex_formats::json::{ProviderDetails, ProviderRow};
use modeldex_table::Status;
use modeldex_table::availability::available_when;
use serde_json::json;
use std::io::Write;

/// List providers
#[derive(clap::Args)]
pub(crate) struct ListArgs {
    /// Print a JSON array of objects
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    /// Print tab-separated lines, for scripts
    ///
    /// Columns: id, name, kind, number of models, auth, protocol, base URL. The column auth states whether a variable with a credential of the
    /// provider is set: `yes` or `no`. If the provider needs no credential, the column has `-`. The output has no header line, and unknown values are
    /// empty. Later versions add new columns only at the end.
    #[arg(long)]
    plain: bool,
}

/// Show a provider: endpoints, authentication methods, aliases, sources
#[derive(clap::Args)]
pub(crate) struct ShowArgs {
    /// The provider, by id or alias
    id: String,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

const COLUMNS: &[Column] = &[
    Column::text("Provider"),
    Column::text("Name"),
    Column::text("Kind"),
    Column::number("Models"),
    Column::text("Auth"),
    Column::text("Base URL"),
];

/// Columns that shrink or are dropped on a narrow terminal, in this order.
const NARROWING_STEPS: &[Step] = &[
    Step::Shrink("Base URL", 36),
    Step::Drop("Name"),
    Step::Shrink("Base URL", 20),
    Step::Drop("Kind"),
    Step::Drop("Base URL"),
    Step::Drop("Models"),
    Step::Shrink("Provider", 1),
];

pub(crate) fn list(args: &ListArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    if args.json {
        json::array(out, catalog.providers().map(|provider| ProviderRow::new(provider, Some(available_when(provider, is_set)))))?;
        return Ok(writeln!(out)?);
    }
    let mut table = Table::new(COLUMNS);
    for provider in catalog.providers() {
        let availability = available_when(provider, is_set);
        let kind = provider.kind().map(modeldex_table::ProviderKind::as_str);
        let endpoint = provider.endpoints().next();
        let base_url = endpoint.map_or("", modeldex_table::Endpoint::base_url);
        if args.plain {
            let (name, models) = (printable(provider.name()), provider.models().len());
            let (kind, api) = (kind.unwrap_or_default(), endpoint.map_or("", |endpoint| endpoint.api().as_str()));
            let (id, auth) = (provider.id(), availability.as_str());
            writeln!(out, "{id}\t{name}\t{kind}\t{models}\t{auth}\t{api}\t{base_url}")?;
            continue;
        }
        table.cells(&[&provider.id(), &provider.name(), &kind.unwrap_or("?"), &provider.models().len()]);
        table.toned_cell(tone(availability), availability.as_str());
        table.cell(base_url);
    }
    if !args.plain {
        table.write(out, NARROWING_STEPS)?;
    }
    Ok(())
}

pub(crate) fn show(args: &ShowArgs, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let provider = catalog_source::provider(&catalog, &args.id)?;
    let alias = provider.aliases().find(|alias| alias.id() == args.id);
    let mut held = loaded.held();
    held.retain(|fact| fact.provider == provider.id());
    if args.json {
        let whole = ProviderDetails::new(provider, Some(available_when(provider, is_set)), Some(&is_set));
        let mut whole = json!(whole);
        if let (Some(object), false) = (whole.as_object_mut(), held.is_empty()) {
            object.insert("held".to_owned(), json!(held));
        }
        return Ok(writeln!(out, "{whole:#}")?);
    }
    if let Some(alias) = alias {
        let why = sections::why(alias.reason(), alias.until());
        let line = sections::describe_alias(alias.id(), alias.kind(), &format!("`{}`", provider.id()), &why);
        writeln!(out, "{}", printable(&line))?;
    }
    sections::title(out, provider.id(), provider.name())?;
    writeln!(out)?;
    let retired = provider.models().filter(|model| model.status() == Status::Retired).count();
    let models = provider.models().len();
    let models = if retired == 0 { models.to_string() } else { format!("{models}, {retired} of them retired") };
    let facts = [
        ("kind", provider.kind().map(|kind| kind.to_string())),
        ("documentation", provider.doc_url().map(str::to_owned)),
        ("models", Some(models)),
        ("default_model", provider.default_model().map(|model| model.id().to_owned())),
    ];
    let rows: Vec<_> = facts.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?])).collect();
    sections::aligned(out, &rows)?;
    sections::endpoints(out, provider.endpoints())?;
    sections::auth(out, provider.auth())?;
    sections::held(out, &held)?;
    sections::aliases(out, provider.aliases().map(|alias| (alias.id(), alias.kind(), sections::why(alias.reason(), alias.until()))))?;
    sections::sources(out, provider.sources().map(|source| (source, "")))?;
    Ok(())
}
