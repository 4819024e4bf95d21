//! `models list`: prints one line for each model, with filters and sorting.

use super::catalog_source::{self, CatalogSource, is_set};
use super::failure::Failure;
use super::json;
use super::out::{self, Out, Tone, printable};
use super::table::{Column, Shorten, Step, Table};
use super::units::{self, TablePrice, Tokens};
use super::words;
use modeldex_formats::SortKey;
use modeldex_formats::json::ModelRow;
use modeldex_table::availability::{Availability, available_when};
use modeldex_table::{Alias, Billing, Capability, Catalog, CurrentRates, Meter, Modality, Model, ModelKind, Moment, Rate, Status};
use std::fmt::{self, Display};
use std::io::Write;

/// List models of providers with credentials, or all models
///
/// The column Auth states whether a variable with a credential of the provider is set: `yes` or `no`. If the provider needs no credential, the column
/// has `-`. Without --all, two kinds of models are omitted: retired models, and models with `no` in the column Auth. `--status retired` lists the
/// retired models of all providers.
///
/// The column Price has the current input and output rates of a standard request, per million tokens. `+` means that the price list has more rates,
/// which apply to other requests or at other times. `?` means that the price is unknown.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// List all models, including retired models and models of providers without credentials
    #[arg(long)]
    all: bool,
    /// Print a JSON array of objects
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    /// Print tab-separated lines, for scripts
    ///
    /// Columns: reference, name, input, output, context window, max output tokens, billing, currency, input rate, output rate, auth (`yes`, `no` or
    /// `-`, as in the column Auth), status, capabilities, aliases. The output has no header line. Values are not truncated, and unknown values are
    /// empty. Later versions add new columns only at the end.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    filter: FilterArgs,
    /// Sort by this column, ascending; unknown values are last
    #[arg(long, value_name = "COLUMN", default_value = "ref", value_parser = words::sort())]
    sort: SortKey,
    /// Sort in descending order; unknown values stay last
    #[arg(long)]
    reverse: bool,
}

/// Filters of `models list`. A model whose value is unknown does not match.
#[derive(clap::Args)]
#[command(next_help_heading = "Filters")]
struct FilterArgs {
    /// Only models of this provider, by id or alias (repeatable)
    #[arg(long, value_name = "ID")]
    provider: Vec<String>,
    /// Only models with these words in the reference, name, family, aliases or provider name
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only models with this capability (repeatable; all must match)
    #[arg(long, value_name = "WORD", value_parser = words::capability())]
    capability: Vec<Capability>,
    /// Only models that accept this modality (repeatable; all must match)
    #[arg(long, value_name = "WORD", value_parser = words::modality())]
    input: Vec<Modality>,
    /// Only models that produce this modality (repeatable; all must match)
    #[arg(long, value_name = "WORD", value_parser = words::modality())]
    output: Vec<Modality>,
    /// Only models with at least this context window, such as 262144, 200k or 1M
    #[arg(long, value_name = "TOKENS", value_parser = modeldex_formats::parse_token_count)]
    min_context: Option<u32>,
    /// Only models with an input rate of at most this many USD per million tokens; free models match, but models priced in other currencies do not
    #[arg(long, value_name = "USD", value_parser = modeldex_formats::parse_rate)]
    max_price: Option<Rate>,
    /// Only models with an output rate of at most this many USD per million tokens; free models match, but models priced in other currencies do not
    #[arg(long, value_name = "USD", value_parser = modeldex_formats::parse_rate)]
    max_output_price: Option<Rate>,
    /// Only models with this status (repeatable)
    #[arg(long, value_name = "WORD", value_parser = words::status())]
    status: Vec<Status>,
    /// Only models for this task (repeatable)
    #[arg(long, value_name = "WORD", value_parser = words::kind())]
    kind: Vec<ModelKind>,
}

/// A model to list, with its current rates and the availability of its provider.
struct ListedModel<'a> {
    model: Model<'a>,
    today: Option<CurrentRates>,
    availability: Availability<'a>,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let now = units::now();
    let (mut rows, left_out) = args.rows(&catalog, now)?;
    args.sort.sort_rows(&mut rows, args.reverse, |row| (row.model, row.today));
    if args.json {
        let rows =
            rows.iter().map(|&ListedModel { model, today, availability }| ModelRow { model, today, availability: Some(availability) });
        json::array(out, rows)?;
        writeln!(out)?;
    } else if args.plain {
        rows.iter().try_for_each(|row| row.write_plain(out))?;
    } else if !rows.is_empty() {
        table(&rows, now).write(out, NARROWING_STEPS)?;
    }
    let is_table = !args.json && !args.plain;
    if left_out > 0 && (is_table || rows.is_empty()) {
        out.flush()?;
        match left_out {
            1 => out::note("1 more model is retired or belongs to a provider without credentials; `--all` lists all models"),
            count => out::note(format_args!(
                "{count} more models are retired or belong to a provider without credentials; `--all` lists all models"
            )),
        }
    } else if rows.is_empty() && is_table {
        out::note("no models match");
    }
    Ok(())
}

impl Args {
    /// Returns the models to list, and the number of models that match the filters but are omitted because they are retired or their provider has no
    /// credentials.
    fn rows<'a>(&self, catalog: &'a Catalog<'a>, now: Moment) -> Result<(Vec<ListedModel<'a>>, usize), Failure> {
        let providers = self.filter.provider.iter().map(|id| catalog_source::provider(catalog, id).map(modeldex_table::Provider::index));
        let providers: Vec<usize> = providers.collect::<Result<_, _>>()?;
        let filter = self.filter.to_filter();
        let mut rows = Vec::with_capacity(catalog.models().len());
        let mut left_out = 0;
        for provider in catalog.providers().filter(|provider| providers.is_empty() || providers.contains(&provider.index())) {
            // The environment is read once per provider, not once per model.
            let availability = available_when(provider, is_set);
            for model in provider.models() {
                let today = CurrentRates::of(model.prices(), now);
                if !filter.matches(model, today.as_ref()) {
                    continue;
                }
                // A retired model cannot be called, so credentials do not matter if `--status` asks for such models.
                let is_retired = model.status() == Status::Retired;
                let is_wanted = if is_retired { !self.filter.status.is_empty() } else { availability.is_available() };
                if self.all || is_wanted {
                    rows.push(ListedModel { model, today, availability });
                } else {
                    left_out += 1;
                }
            }
        }
        Ok((rows, left_out))
    }
}

impl FilterArgs {
    fn to_filter(&self) -> modeldex_formats::ModelFilter {
        modeldex_formats::ModelFilter {
            capability: self.capability.clone(),
            input: self.input.clone(),
            output: self.output.clone(),
            min_context: self.min_context,
            max_price: self.max_price,
            max_output_price: self.max_output_price,
            status: self.status.clone(),
            kind: self.kind.clone(),
            search: self.search.clone(),
        }
    }
}

impl<'a> ListedModel<'a> {
    fn write_plain(&self, out: &mut Out) -> Result<(), Failure> {
        let (model, limits) = (self.model, self.model.limits());
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let today = self.today.filter(|_| model.billing() == Billing::Metered);
        let rate = |meter| today.and_then(|today| today.get(meter)).map(|rate| rate.to_string()).unwrap_or_default();
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            model.reference(),
            printable(model.name()),
            Commas(|| model.input().iter()),
            Commas(|| model.output().iter()),
            number(limits.window),
            number(limits.output),
            model.billing(),
            today.map_or("", |today| today.currency().as_str()),
            rate(Meter::Input),
            rate(Meter::Output),
            self.availability.as_str(),
            model.status(),
            Commas(|| Capability::ALL.iter().filter(|&&capability| model.can(capability) == Some(true))),
            Commas(|| model.aliases().map(Alias::id)),
        )?;
        Ok(())
    }
}

/// The text of the column Tags: whether a model is the default of its provider, and its status, kind, capabilities and aliases.
struct Tags<'a>(Model<'a>);

impl Display for Tags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(model) = *self;
        let can = |capability| model.can(capability) == Some(true);
        let tags = [
            (model.is_default(), "default"),
            (model.status() != Status::Active, model.status().as_str()),
            (model.kind() != ModelKind::Chat, model.kind().as_str()),
            (can(Capability::Reasoning), "reasoning"),
            (can(Capability::ToolCall), "tools"),
            (model.open_weights() == Some(true), "open"),
        ];
        let tags = tags.into_iter().filter(|(applies, _)| *applies).map(|(_, tag)| ["", tag]);
        let all = tags.chain(model.aliases().map(|alias| ["alias:", alias.id()]));
        all.enumerate().try_for_each(|(at, [kind, tag])| {
            f.write_str(if at == 0 { "" } else { "," })?;
            f.write_str(kind)?;
            f.write_str(tag)
        })
    }
}

const COLUMNS: &[Column] = &[
    Column::shortened("Model", Shorten::Middle),
    Column::shortened("Input", Shorten::List),
    Column::number("Context"),
    Column::number("Output"),
    Column::number("Price"),
    Column::text("Auth"),
    Column::shortened("Tags", Shorten::List),
];

/// Columns that shrink or are dropped on a narrow terminal, in this order. Columns with values that other commands also print come first.
const NARROWING_STEPS: &[Step] = &[
    Step::Shrink("Tags", 14),
    Step::Shrink("Input", 20),
    Step::Shrink("Model", 44),
    Step::Drop("Tags"),
    Step::Shrink("Input", 13),
    Step::Shrink("Model", 40),
    Step::Shrink("Input", 7),
    Step::Shrink("Model", 28),
    Step::Shrink("Price", 14),
    Step::Shrink("Model", 20),
    Step::Drop("Output"),
    Step::Drop("Input"),
    Step::Drop("Context"),
    Step::Shrink("Model", 12),
    Step::Drop("Price"),
    Step::Shrink("Model", 1),
];

fn table(rows: &[ListedModel<'_>], now: Moment) -> Table {
    let mut table = Table::new(COLUMNS);
    for row in rows {
        let (model, limits) = (row.model, row.model.limits());
        let is_outdated = matches!(model.status(), Status::Deprecated | Status::Retired);
        table.toned_cell(if is_outdated { Tone::Dim } else { Tone::Plain }, model.reference());
        if model.input().is_empty() {
            table.cell("?");
        } else {
            table.cell(Commas(|| model.input().iter().map(Modality::as_str)));
        }
        let price = TablePrice { model, today: row.today.as_ref(), now };
        table.cells(&[&Tokens(limits.window), &Tokens(limits.output), &price]);
        table.toned_cell(tone(row.availability), row.availability.as_str());
        table.cell(Tags(model));
    }
    table
}

/// Returns the color of a value of the column Auth.
pub(crate) fn tone(availability: Availability<'_>) -> Tone {
    match availability {
        Availability::Set(_) => Tone::Good,
        Availability::Missing => Tone::Warning,
        Availability::NotNeeded => Tone::Plain,
    }
}

/// The comma-separated values of the iterator that the function returns.
struct Commas<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Display>> Display for Commas<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in (self.0)().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            word.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::layout;
    use super::*;

    #[test]
    fn eighty_columns_are_enough() {
        // The widest cells of a large catalog.
        let natural = [90, 31, 7, 6, 17, 4, 120];
        let widths = layout(COLUMNS, &natural, NARROWING_STEPS, Some(80));
        let shown: Vec<usize> = widths.iter().flatten().copied().collect();
        assert!(shown.iter().sum::<usize>() + 2 * (shown.len() - 1) <= 80, "{widths:?}");
        assert!(widths[0] >= Some(28) && widths[..6].iter().all(Option::is_some), "only the tags are omitted: {widths:?}");
        // Columns that fit keep their width.
        assert_eq!(layout(COLUMNS, &[21, 5, 7, 6, 5, 4, 18], NARROWING_STEPS, Some(80)), [21, 5, 7, 6, 5, 4, 18].map(Some));
        for limit in 1..200 {
            let shown: Vec<usize> = layout(COLUMNS, &natural, NARROWING_STEPS, Some(limit)).into_iter().flatten().collect();
            assert!(shown.iter().sum::<usize>() + 2 * (shown.len() - 1) <= limit.max(7), "{limit}: {shown:?}");
        }
    }
}
