//! `models list`: one line a model, with filters and sorting.

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

/// List the models that can be used now, or all
///
/// Auth is `yes` when one of the provider's variables is set, `no` when none is, and `-` when none is needed. Without --all, models with
/// `no` and retired ones are left out.
///
/// Price is that of input and output, per million tokens, for an ordinary request today; `+` says that there is more in the price list.
/// `?` is unknown, which is never zero.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// List all models, usable now or not
    #[arg(long)]
    all: bool,
    /// Write an array of objects
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    /// Write lines with tabs, for scripts
    ///
    /// The fields are, in this order: reference, name, input, output, context window, max output tokens, billing, currency, input rate,
    /// output rate, auth (yes, no, -), status, capabilities, aliases. There is no header, nothing is shortened, unknown is empty, and what
    /// may come later is added at the end.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    filter: Filter,
    /// Sort by this, smallest first; unknown is last
    #[arg(long, value_name = "COLUMN", default_value = "ref", value_parser = words::sort())]
    sort: SortKey,
    /// Sort the other way round; unknown stays last
    #[arg(long)]
    reverse: bool,
}

/// What a model must have to be listed. A fact that is unknown never passes.
#[derive(clap::Args)]
#[command(next_help_heading = "Filters")]
struct Filter {
    /// Of this provider, by id or alias; may be given several times
    #[arg(long, value_name = "ID")]
    provider: Vec<String>,
    /// Has these words in its reference, name, family, aliases or the name of its provider
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Can do this; all, when given several times
    #[arg(long, value_name = "WORD", value_parser = words::capability())]
    capability: Vec<Capability>,
    /// Takes this; all, when given several times
    #[arg(long, value_name = "WORD", value_parser = words::modality())]
    input: Vec<Modality>,
    /// Gives this; all, when given several times
    #[arg(long, value_name = "WORD", value_parser = words::modality())]
    output: Vec<Modality>,
    /// Has at least this context window, such as 262144, 200k or 1M
    #[arg(long, value_name = "TOKENS", value_parser = modeldex_formats::parse_token_count)]
    min_context: Option<u32>,
    /// Costs at most this for a million tokens of input; free ones pass, other currencies do not
    #[arg(long, value_name = "USD", value_parser = modeldex_formats::parse_rate)]
    max_price: Option<Rate>,
    /// Costs at most this for a million tokens of output
    #[arg(long, value_name = "USD", value_parser = modeldex_formats::parse_rate)]
    max_output_price: Option<Rate>,
    /// Stands here in its life; any, when given several times
    #[arg(long, value_name = "WORD", value_parser = words::status())]
    status: Vec<Status>,
    /// Is called for this; any, when given several times
    #[arg(long, value_name = "WORD", value_parser = words::kind())]
    kind: Vec<ModelKind>,
}

/// A model that is listed.
struct Row<'a> {
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
        let rows = rows.iter().map(|&Row { model, today, availability }| ModelRow { model, today, availability: Some(availability) });
        json::array(out, rows)?;
        writeln!(out)?;
    } else if args.plain {
        rows.iter().try_for_each(|row| row.write_plain(out))?;
    } else if !rows.is_empty() {
        table(&rows, now).write(out, NARROWER)?;
    }
    let for_people = !args.json && !args.plain;
    if left_out > 0 && (for_people || rows.is_empty()) {
        out.flush()?;
        let models = if left_out == 1 { "1 more is" } else { &format!("{left_out} more are") };
        out::note(format_args!("{models} not usable now, for want of a key or because they are retired; `--all` lists them"));
    } else if rows.is_empty() && for_people {
        out::note("no model is like that");
    }
    Ok(())
}

impl Args {
    /// The rows to list, and how many that pass the filters are left out because they cannot be used now.
    fn rows<'a>(&self, catalog: &'a Catalog<'a>, now: Moment) -> Result<(Vec<Row<'a>>, usize), Failure> {
        let wanted = self.filter.provider.iter().map(|id| catalog_source::provider(catalog, id).map(modeldex_table::Provider::index));
        let wanted: Vec<usize> = wanted.collect::<Result<_, _>>()?;
        let filter = self.filter.asked();
        let mut rows = Vec::with_capacity(catalog.models().len());
        let mut left_out = 0;
        for provider in catalog.providers().filter(|provider| wanted.is_empty() || wanted.contains(&provider.index())) {
            // The environment is asked once a provider, not once a model.
            let availability = available_when(provider, is_set);
            for model in provider.models() {
                let today = CurrentRates::of(model.prices(), now);
                if !filter.matches(model, today.as_ref()) {
                    continue;
                }
                let is_retired = model.status() == Status::Retired && self.filter.status.is_empty();
                if self.all || availability.is_available() && !is_retired {
                    rows.push(Row { model, today, availability });
                } else {
                    left_out += 1;
                }
            }
        }
        Ok((rows, left_out))
    }
}

impl Filter {
    fn asked(&self) -> modeldex_formats::ModelFilter {
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

impl<'a> Row<'a> {
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

/// What else a table says of a model.
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
        let tags = tags.into_iter().filter(|(is_so, _)| *is_so).map(|(_, tag)| ["", tag]);
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

/// What gives way on a narrow terminal: what is told elsewhere before what a model is known by.
const NARROWER: &[Step] = &[
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

fn table(rows: &[Row<'_>], now: Moment) -> Table {
    let mut table = Table::new(COLUMNS);
    for row in rows {
        let (model, limits) = (row.model, row.model.limits());
        let is_leaving = matches!(model.status(), Status::Deprecated | Status::Retired);
        table.toned_cell(if is_leaving { Tone::Aside } else { Tone::Plain }, model.reference());
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

/// How the word in the column Auth is meant.
pub(crate) fn tone(availability: Availability<'_>) -> Tone {
    match availability {
        Availability::Set(_) => Tone::Good,
        Availability::Missing => Tone::Warning,
        Availability::NotNeeded => Tone::Plain,
    }
}

/// Words with commas between them.
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
        let widths = layout(COLUMNS, &natural, NARROWER, Some(80));
        let shown: Vec<usize> = widths.iter().flatten().copied().collect();
        assert!(shown.iter().sum::<usize>() + 2 * (shown.len() - 1) <= 80, "{widths:?}");
        assert!(widths[0] >= Some(28) && widths[..6].iter().all(Option::is_some), "only the tags are left out: {widths:?}");
        // What fits is left alone.
        assert_eq!(layout(COLUMNS, &[21, 5, 7, 6, 5, 4, 18], NARROWER, Some(80)), [21, 5, 7, 6, 5, 4, 18].map(Some));
        for limit in 1..200 {
            let shown: Vec<usize> = layout(COLUMNS, &natural, NARROWER, Some(limit)).into_iter().flatten().collect();
            assert!(shown.iter().sum::<usize>() + 2 * (shown.len() - 1) <= limit.max(7), "{limit}: {shown:?}");
        }
    }
}
